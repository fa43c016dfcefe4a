"""When the levée de doute ended: as its result was set, which the logbook tells (L613-6). What comes later is no check."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text

from veilleur.db.engine import ReadSession
from veilleur.features.handling.doors import POLICE
from veilleur.features.handling.tables import Call, ServiceCall
from veilleur.features.incidents.tables import Incident
from veilleur.logbook.lines import lines_by_id

#: No result yet.
GOING_ON = frozenset({"not_done", "running"})

# Entries that give a verification its result; a cancelled alarm is negative.
SET = text("""
SELECT id FROM entry WHERE incident_id = :incident AND kind IN ('verification.set', 'incident.cancelled_by_contact')
ORDER BY id""")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A result and when it was set."""

    at: datetime
    result: str


def verdicts(session: ReadSession, incident_id: int) -> list[Verdict]:
    """Every result that was set, the oldest first; one set twice is the first."""
    lines = lines_by_id(session, session.scalars(SET, {"incident": incident_id}).all())
    found: list[Verdict] = []
    for line in (scoped.line for scoped in lines):
        result = str(line.params.get("result", "negative"))
        if not found or found[-1].result != result:
            found.append(Verdict(line.happened_at, result))
    return found


def ended(told: Sequence[Verdict], police_at: datetime | None) -> Verdict | None:
    """The result that the police call rested on; without a call, or without a result before it, the last one."""
    results = [each for each in told if each.result not in GOING_ON]
    before = [each for each in results if police_at is None or each.at <= police_at]
    standing = before or results
    return standing[-1] if standing else None


def police_called_at(session: ReadSession, incident_id: int) -> datetime | None:
    """When the police were first called."""
    return session.scalar(
        select(ServiceCall.asked_at)
        .where(ServiceCall.incident_id == incident_id, ServiceCall.service.in_(POLICE))
        .order_by(ServiceCall.asked_at)
        .limit(1)
    )


def is_check(session: ReadSession, incident: Incident, call: Call) -> bool:
    """Whether a call was part of the levée de doute: begun before its result was set and before the police were called.
    What is done afterwards informs, and reaching nobody by it is no clue."""
    police = police_called_at(session, incident.id)
    if police is not None and police <= call.started_at:
        return False
    if incident.verification in GOING_ON:
        return True
    return not any(
        each.at <= call.started_at for each in verdicts(session, incident.id) if each.result not in GOING_ON
    )
