"""What was received. Not traced row by row: each intake batch writes one entry with its Merkle root (law 1)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, Identity, Index, LargeBinary, SmallInteger, Text, func, select
from sqlalchemy.orm import Mapped, column_property, mapped_column

from veilleur.db.base import Base, Json


class IntakeBatch(Base):
    """One group commit of the intake: its entry names count, id range and the root of the raw frames."""

    __tablename__ = "intake_batch"
    __table_args__ = ({"info": {"untraced": True}},)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    batch_entry_id: Mapped[int] = mapped_column("entry_id")
    count: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary)


class Signal(Base):
    """One received frame that said something. Columns follow the contract of `signals --json`."""

    __tablename__ = "signal"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    position: Mapped[int | None] = mapped_column(unique=True, doc="given after commit, by the sealer alone")
    batch_id: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(index=True)
    line: Mapped[str]
    transport: Mapped[str] = mapped_column(Text, doc="tcp | udp | internal")
    peer: Mapped[str]
    protocol: Mapped[str]
    token: Mapped[str]
    sequence: Mapped[str | None]
    receiver: Mapped[str | None]
    prefix: Mapped[str | None]
    account: Mapped[str | None]
    canonical: Mapped[str | None]
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    verdict: Mapped[str]
    panel_id: Mapped[int | None]
    path_id: Mapped[int | None]
    site_id: Mapped[int | None]
    events: Mapped[list[Json]] = mapped_column(
        doc="[{category, code, qualifier, area, zone, user, text, extended}]"
    )
    encrypted: Mapped[bool]
    panel_time: Mapped[datetime | None]
    drift: Mapped[float | None] = mapped_column(doc="seconds, panel minus us")
    decided_at: Mapped[datetime | None]
    events_decided: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    if TYPE_CHECKING:
        copies: Mapped[int]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")


# Each index is paid by every alarm before its acknowledgement: these, and no more.
Index("ix_signal_undecided", Signal.id, postgresql_where=Signal.decided_at.is_(None))
Index("ix_signal_unpositioned", Signal.id, postgresql_where=Signal.position.is_(None))
Index("ix_signal_site", Signal.site_id, Signal.id)
Index("ix_signal_account", Signal.canonical, Signal.id)


class SignalCopy(Base):
    """A retransmission of a signal that is already stored (protocols.md rule 4), one row each.

    Rows of their own and not a counter on the signal: the intake must never wait for a row that a deciding
    transaction holds (law 3; hence no foreign key either, whose check takes a lock on the signal), and when and
    from where a copy came says which path is slow.
    """

    __tablename__ = "signal_copy"

    copy_id: Mapped[int] = mapped_column("id", BigInteger, Identity(), primary_key=True)
    signal_id: Mapped[int] = mapped_column(index=True)
    received_at: Mapped[datetime]
    transport: Mapped[str]
    peer: Mapped[str]


Signal.copies = column_property(
    select(func.count(SignalCopy.copy_id))
    .where(SignalCopy.signal_id == Signal.id)
    .correlate_except(SignalCopy)
    .scalar_subquery()
)


class FrameWindow(Base):
    """The duplicate window (protocols.md rule 4): written by the same statement as the signal."""

    __tablename__ = "frame_window"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    signal_id: Mapped[int]
    seen_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(doc="a copy is a copy until then, by its panel's setting")


class Ghost(Base):
    """An account nobody knows, per line: counted, never dropped, adopted into a site in two keys."""

    __tablename__ = "ghost"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    line: Mapped[str]
    canonical: Mapped[str]
    account: Mapped[str]
    peer: Mapped[str]
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    count: Mapped[int]
    last_signal_id: Mapped[int]
    adopted_at: Mapped[datetime | None]


Index("uq_ghost_line_canonical", Ghost.line, Ghost.canonical, unique=True)


class Trouble(Base):
    """Security troubles and refused bytes, counted per line, peer, kind and minute (house rule 22)."""

    __tablename__ = "reception_trouble"

    line: Mapped[str] = mapped_column(Text, primary_key=True)
    peer: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    account: Mapped[str | None]
    count: Mapped[int]
    sample: Mapped[bytes | None] = mapped_column(LargeBinary)
    detail: Mapped[Json]
