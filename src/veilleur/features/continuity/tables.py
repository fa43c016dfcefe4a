"""The station's own state: whether it is held, who is called when it is not, and the last proof of the chain."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base, Traced


class StationState(Base):
    """One row, written at each look of the watch: who could take an alarm, and whether panels are answered.

    Not traced: it changes each second. What it turns to (held, not held, acknowledging or not) is an entry each time.
    """

    __tablename__ = "station_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    judged_at: Mapped[datetime]
    held_at: Mapped[datetime | None] = mapped_column(
        doc="last look that found somebody; null: not in service"
    )
    unheld_since: Mapped[datetime | None] = mapped_column(doc="null while the station is held")
    withheld: Mapped[bool] = mapped_column(default=False, doc="receptions acknowledge nothing")
    awake_seconds: Mapped[int] = mapped_column(default=0, doc="a key or an answer within; 0: not asked")


#: The reason of a call that only tries the list: it is no alarm, and nobody takes it up.
TRIAL = "trial"


class Escalation(Traced, Base):
    """Somebody outside the room is called until a person takes it up: the station is not held, or nobody takes."""

    __tablename__ = "escalation"

    id: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(Text, doc="unheld | untaken | trial: why it began")
    opened_at: Mapped[datetime]
    incidents: Mapped[list[str]] = mapped_column(doc="references of the dossiers that nobody took")
    station: Mapped[bool] = mapped_column(default=False, doc="backup centres are called too")
    step: Mapped[int] = mapped_column(default=0, doc="how many persons were called so far, over all rounds")
    step_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    taken_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Text, doc="held | taken | answered | again")


Index("ix_escalation_open", Escalation.opened_at, postgresql_where=Escalation.ended_at.is_(None))


class CallOut(Base):
    """One call by one channel. Not traced: each result is an entry."""

    __tablename__ = "call_out"

    id: Mapped[int] = mapped_column(primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalation.id"), index=True)
    on_call_id: Mapped[int] = mapped_column(ForeignKey("on_call.id"))
    channel: Mapped[str]
    step: Mapped[int]
    state: Mapped[str] = mapped_column(Text, doc="waiting | sending | sent | failed | answered")
    asked_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    told_at: Mapped[datetime | None] = mapped_column(doc="when its last result was known")
    fault: Mapped[str | None]
    token_hash: Mapped[bytes | None] = mapped_column(
        LargeBinary, unique=True, doc="SHA-256 of the link's token; the token itself is in the message only"
    )
    answered_at: Mapped[datetime | None]


class ChainState(Base):
    """One row: the built-in dialler's last round, and the last one that came through whole. Not traced."""

    __tablename__ = "chain_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    round: Mapped[int]
    sent_at: Mapped[datetime]
    verified_round: Mapped[int | None]
    verified_at: Mapped[datetime | None]


class ChainLine(Base):
    """Where the last round stands on one reception line. `nonce` is known to the dialler and its frame alone."""

    __tablename__ = "chain_line"

    line: Mapped[str] = mapped_column(Text, primary_key=True)
    round: Mapped[int]
    nonce: Mapped[str]
    sent_at: Mapped[datetime]
    received_at: Mapped[datetime | None] = mapped_column(doc="committed by the reception's intake")
    decided_at: Mapped[datetime | None] = mapped_column(doc="seen by the watch")
    acknowledged: Mapped[bool | None]
    fault: Mapped[str | None] = mapped_column(doc="why the dialler was not answered")
    heard_at: Mapped[datetime | None] = mapped_column(doc="last time that a frame came through")


class ChainHeard(Base):
    """A frame of the built-in dialler, committed by the intake with its batch; emptied by the next round."""

    __tablename__ = "chain_heard"

    id: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[str]
    nonce: Mapped[str]
    heard_at: Mapped[datetime]
