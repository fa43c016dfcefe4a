"""The rows of a dossier's steps, kept in line with the progression of its procedure."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.incidents.case import Case
from veilleur.features.incidents.points import is_open, points_of
from veilleur.features.incidents.procedure import RETURN, corroborates, snapshot_steps
from veilleur.features.incidents.tables import Incident, Step
from veilleur.features.procedures.queries import Answer, Progress, progress

DONE, SKIPPED = "done", "skipped"

#: To look or to listen is to verify (L613-6): the levée de doute is begun, whatever is seen or heard.
LOOKING = frozenset({"view_clip", "listen"})
#: What looking ends in when there was nothing to look at.
NOT_LOOKED = "unavailable"

#: What an operator may bring a point back by: an agent's finding, an identified contact's word.
BY_PEOPLE = ("agent", "contact")


def rows_of(session: ReadSession, incident_id: int) -> Sequence[Step]:
    """A dossier's steps in their order, absent ones included."""
    return session.scalars(
        select(Step).where(Step.incident_id == incident_id).order_by(Step.position, Step.id)
    ).all()


def answers_of(rows: Sequence[Step]) -> dict[str, Answer]:
    """What became of each step that was done or skipped."""
    return {
        row.key: Answer(row.result if row.state == DONE else None)
        for row in rows
        if row.state in (DONE, SKIPPED)
    }


def stand_of(incident: Incident, rows: Sequence[Step]) -> Progress:
    """Where the dossier's procedure stands."""
    return progress(
        snapshot_steps(incident.procedure), answers_of(rows), corroborate=corroborates(incident.procedure)
    )


def lay_steps(case: Case, entry_id: int) -> None:
    """Adds a row for each step of the dossier's procedure that has none yet, after those there are."""
    session, incident = case.act.session, case.incident
    rows = rows_of(session, incident.id)
    known = {row.key for row in rows}
    fresh = [step for step in snapshot_steps(incident.procedure) if step.key not in known]
    session.add_all(
        Step(incident_id=incident.id, key=step.key, position=place, state="pending", entry_id=entry_id)
        for place, step in enumerate(fresh, len(rows))
    )
    session.flush()
    refresh_steps(case, entry_id)


def refresh_steps(case: Case, entry_id: int) -> None:
    """Says of every open step whether it is current, waits, or belongs to a branch not taken.

    A step's clock runs from the moment it is current and the dossier is held by somebody. The return to normal
    follows the points by itself: done when each is back or in somebody's charge, open again when one speaks.
    """
    session, incident, now = case.act.session, case.incident, case.act.now
    rows = rows_of(session, incident.id)
    steps = snapshot_steps(incident.procedure)
    _follow_points(case, rows, {step.key for step in steps if step.act == RETURN}, entry_id)
    stand = stand_of(incident, rows)
    for row in rows:
        if row.state in (DONE, SKIPPED):
            continue
        state = "current" if row.key in stand.current else "pending" if row.key in stand.waiting else "absent"
        if state != row.state:
            row.state, row.current_since, row.entry_id = state, None, entry_id
        if state == "current" and row.current_since is None and incident.owner_id is not None:
            row.current_since, row.entry_id = now, entry_id
    session.flush()


def _follow_points(case: Case, rows: Sequence[Step], returns: set[str], entry_id: int) -> None:
    incident = case.incident
    points = points_of(case.act.session, incident.id)
    incident.normal = bool(points) and all(point.normal_at is not None for point in points)
    if not points:  # nothing to follow: the step is done by hand
        return
    result = None if any(is_open(point) for point in points) else "normal" if incident.normal else "deferred"
    told = any(point.normal_by in BY_PEOPLE or point.deferral_id is not None for point in points)
    if result and incident.duress_locked and not told:
        return  # P1: a detector that restores says nothing of who is threatened
    for row in rows:
        if row.key in returns and row.state != SKIPPED and row.result != result:
            row.state, row.result = (DONE if result else "pending"), result
            row.done_at = case.act.now if result else None
            row.done_by = case.act.actor.id if result and case.act.actor.kind == "user" else None
            row.entry_id = entry_id
