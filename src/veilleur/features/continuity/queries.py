"""Reads: who could take an alarm now, who may be called, where an escalation and the chain stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from veilleur.db.engine import ReadSession
from veilleur.features.continuity.model import Called, Person, Progress, Staffed, StationRules
from veilleur.features.continuity.tables import (
    TRIAL,
    CallOut,
    ChainLine,
    ChainState,
    Escalation,
    StationState,
)
from veilleur.features.sites.queries import centre
from veilleur.features.sites.tables import OnCall
from veilleur.kernel.errors import InvalidError

#: A screen whose session was seen within this is alive (practice P7).
ALIVE_WITHIN = timedelta(seconds=10)

#: Posts where alarms are taken; a video post takes none.
KINDS = ("remote_monitoring", "both")

# Held posts where alarms are taken and whose screen is alive, with the last key or answer of each.
STAFFED = text("""
SELECT p.id, p.name, u.name AS holder, max(w.last_act) AS acted_at FROM post p
JOIN user_account u ON u.id = p.holder_id
JOIN web_session w ON w.post_id = p.id AND w.last_seen >= :alive
WHERE p.kind = ANY(:kinds) AND p.removed_at IS NULL
GROUP BY p.id, p.name, u.name ORDER BY p.id""")

# Alarms of priority 1 and 2 that nobody took although the chef was called (level 2) or the station is silent (3).
UNTAKEN = text("""
SELECT reference, escalation FROM incident
WHERE closed_at IS NULL AND ringing_since IS NOT NULL AND state IN ('new', 'handed_up') AND priority <= 2
  AND escalation >= 2 ORDER BY priority, opened_at, id""")

# The room in one row, for screens and `/healthz`.
STATION = text("""
SELECT s.held_at, s.judged_at, s.unheld_since, s.withheld, s.awake_seconds, e.reason, e.opened_at, e.taken_by,
       e.taken_at,
       (SELECT count(*) FROM call_out c WHERE c.escalation_id = e.id AND c.state IN ('sent', 'answered')) AS told,
       (SELECT count(*) FROM call_out c WHERE c.escalation_id = e.id AND c.state = 'failed') AS failed,
       (SELECT count(*) FROM on_call o WHERE o.removed_at IS NULL AND o.ways <> '[]') AS on_call
FROM station_state s LEFT JOIN LATERAL (
  SELECT * FROM escalation WHERE ended_at IS NULL AND reason <> 'trial' ORDER BY opened_at DESC LIMIT 1
) e ON true WHERE s.id = 1""")


@dataclass(frozen=True)
class StationView:
    """What screens say of the station. `held` None: it was never held, so that nobody is missed yet.

    `withheld`: receptions acknowledge nothing. `calling`: why somebody outside is called, `told` and `failed` calls.
    `on_call`: how many may be called; 0: a call leaves for nobody.
    """

    held: bool | None
    unheld_since: datetime | None
    withheld: bool
    awake_seconds: int
    calling: str | None
    calling_since: datetime | None
    taken_by: str | None
    told: int
    failed: int
    on_call: int


def station_rules(session: ReadSession) -> StationRules:
    """The house's rules; the defaults where its setting cannot be read: the room is watched in any case."""
    house = centre(session)
    try:
        return StationRules.read(house.settings if house else {})
    except InvalidError:
        return StationRules()


def staffed(session: ReadSession, now: datetime, rules: StationRules) -> list[Staffed]:
    """Posts where alarms are taken, held, with a live screen (P7)."""
    rows = session.execute(STAFFED, {"alive": now - ALIVE_WITHIN, "kinds": list(KINDS)})
    awake = timedelta(seconds=rules.awake_within)
    return [
        Staffed(row.id, row.name, row.holder, row.acted_at, not awake or now - row.acted_at <= awake)
        for row in rows
    ]


def untaken(session: ReadSession) -> tuple[list[str], int]:
    """References of urgent dossiers that nobody took, and the highest level reached (2 chef, 3 station)."""
    rows = session.execute(UNTAKEN).all()
    return [row.reference for row in rows], max((row.escalation for row in rows), default=0)


def on_call(session: ReadSession) -> list[Person]:
    """Who may be called, in order."""
    rows = session.scalars(select(OnCall).where(OnCall.removed_at.is_(None)).order_by(OnCall.rank, OnCall.id))
    return [person_of(row) for row in rows]


def person_of(row: OnCall) -> Person:
    """Somebody of the list, with each of his channels once."""
    return Person(row.id, row.name, row.kind, tuple(dict.fromkeys(way["channel"] for way in row.ways)))


def open_escalation(session: ReadSession) -> Escalation | None:
    """The one that runs; a trial is none."""
    query = select(Escalation).where(Escalation.ended_at.is_(None), Escalation.reason != TRIAL)
    query = query.order_by(Escalation.opened_at.desc())
    return session.scalars(query.execution_options(populate_existing=True)).first()


def progress_of(session: ReadSession, row: Escalation) -> Progress:
    """Where it stands."""
    calls = session.scalars(select(CallOut).where(CallOut.escalation_id == row.id).order_by(CallOut.id))
    told = [Called(call.on_call_id, call.step, call.state) for call in calls]
    return Progress(row.station, row.step, row.step_at, row.taken_at, told)


def station_view(session: ReadSession) -> StationView | None:
    """The station as screens show it; None before the watch's first look."""
    row = session.execute(STATION).first()
    if row is None:
        return None
    return StationView(
        held=None if row.held_at is None else row.unheld_since is None,
        unheld_since=row.unheld_since,
        withheld=row.withheld,
        awake_seconds=row.awake_seconds,
        calling=row.reason,
        calling_since=row.opened_at,
        taken_by=row.taken_by,
        told=row.told,
        failed=row.failed,
        on_call=row.on_call,
    )


def station_state(session: ReadSession) -> StationState | None:
    """The watch's own row."""
    return session.get(StationState, 1)


@dataclass(frozen=True)
class ChainView:
    """The last round of the built-in dialler that came through whole; `round` null: none has yet."""

    round: int | None
    verified_at: datetime | None
    sent_at: datetime


def chain_view(session: ReadSession) -> ChainView | None:
    """What the desk paints and answers; None before the first round."""
    row = chain_state(session)
    return None if row is None else ChainView(row.verified_round, row.verified_at, row.sent_at)


def chain_state(session: ReadSession) -> ChainState | None:
    """The built-in dialler's row."""
    return session.get(ChainState, 1)


def chain_lines(session: ReadSession) -> Sequence[ChainLine]:
    """Where the last round stands, line by line."""
    return session.scalars(select(ChainLine).order_by(ChainLine.line)).all()


def address_of(session: ReadSession, on_call_id: int, channel: str) -> tuple[str, list[str]]:
    """The name of somebody on call, and his addresses by a channel."""
    row: Any = session.get_one(OnCall, on_call_id)
    return row.name, [way["to"] for way in row.ways if way["channel"] == channel]


def call_by_token(session: ReadSession, token_hash: bytes) -> Escalation | None:
    """The escalation that a link is about, while it can still be taken up by it."""
    query = select(Escalation).join(CallOut, CallOut.escalation_id == Escalation.id)
    query = query.where(CallOut.token_hash == token_hash, CallOut.answered_at.is_(None))
    return session.scalars(query.where(Escalation.ended_at.is_(None))).one_or_none()
