"""The on-call list as a screen shows it: who is called in which order, and what became of the last call of each way."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import select, text

from veilleur.db.engine import ReadSession
from veilleur.features.continuity.queries import station_rules
from veilleur.features.sites.tables import OnCall

# The last call of each way of each person.
LAST = text("""
SELECT DISTINCT ON (c.on_call_id, c.channel) c.on_call_id, c.channel, e.reason, c.state, c.asked_at, c.told_at,
       c.fault, c.answered_at
FROM call_out c JOIN escalation e ON e.id = c.escalation_id
ORDER BY c.on_call_id, c.channel, c.asked_at DESC, c.id DESC""")


class LastCall(BaseModel):
    """UTC. `reason`: unheld | untaken | trial; `state`: waiting | sending | sent | failed | answered; `fault`: a code."""

    reason: str
    state: str
    asked_at: datetime
    told_at: datetime | None
    answered_at: datetime | None
    fault: str | None


class WayView(BaseModel):
    """An address by a channel of the settings."""

    channel: str
    to: str
    last: LastCall | None


class OnCallView(BaseModel):
    """Somebody outside the room, or a backup centre. `kind`: person | centre."""

    id: int
    name: str
    kind: str
    rank: int
    ways: list[WayView]


class OnCallList(BaseModel):
    """Seconds; `rounds`: how often the whole list is called."""

    unheld_after: int
    answer_within: int
    rounds: int
    people: list[OnCallView]


def on_call_list(session: ReadSession) -> OnCallList:
    """Everybody on the list, in the order of calls; backup centres last."""
    rules = station_rules(session)
    last = {
        (row.on_call_id, row.channel): LastCall.model_validate(row, from_attributes=True)
        for row in session.execute(LAST)
    }
    query = select(OnCall).where(OnCall.removed_at.is_(None))
    rows = session.scalars(query.order_by(OnCall.kind.desc(), OnCall.rank, OnCall.id))
    people = [
        OnCallView(
            id=row.id,
            name=row.name,
            kind=row.kind,
            rank=row.rank,
            ways=[
                WayView(channel=way["channel"], to=way["to"], last=last.get((row.id, way["channel"])))
                for way in row.ways
            ],
        )
        for row in rows
    ]
    return OnCallList(
        unheld_after=rules.unheld_after,
        answer_within=rules.answer_within,
        rounds=rules.rounds,
        people=people,
    )
