"""Return to normal and deferrals (practice P5, duty S12): what is not back has a name and an hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from veilleur.features.deadlines.commands import cancel, schedule
from veilleur.features.incidents.case import Case, lock_incident, mark_act, require_holder
from veilleur.features.incidents.errors import (
    BadTimeError,
    IncidentClosedError,
    NoEvidenceError,
    StepStateError,
    UnknownChoiceError,
)
from veilleur.features.incidents.evidence import supports_normal
from veilleur.features.incidents.lifecycle import State
from veilleur.features.incidents.points import is_open, points_of
from veilleur.features.incidents.stepping import BY_PEOPLE, refresh_steps
from veilleur.features.incidents.tables import Deferral, IncidentPoint
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.logbook.act import Act

#: What is written in a deferral is at most this long.
MAX_TEXT = 300


def _open_case(act: Act, incident_id: int) -> Case:
    case = lock_incident(act, incident_id)
    if case.incident.state == State.CLOSED:
        raise IncidentClosedError
    require_holder(case)
    return case


def point_normal(act: Act, incident_id: int, point_id: int, by: str, note: str | None = None) -> int:
    """A point is back to normal by an agent's finding or an identified contact's word; returns the entry.

    Raises NoEvidenceError when the dossier holds no such finding or call, StepStateError when the point is back
    already, UnknownChoiceError when the house does not accept this way.
    """
    case = _open_case(act, incident_id)
    accepted = [each for each in BY_PEOPLE if each in case.limits.normal_by]
    if by not in accepted:
        raise UnknownChoiceError(f"«{by}» brings no point back.", field="by", value=by, known=accepted)
    point = act.session.get(IncidentPoint, point_id)
    if point is None or point.incident_id != incident_id:
        raise NotFoundError("No such point in this dossier.", what="point", id=point_id)
    if point.normal_at is not None:
        raise StepStateError("The point is back already.", step=point.key, state="normal")
    if not supports_normal(act.session, incident_id, by):
        raise NoEvidenceError(by=by, point=point.label)
    entry_id = case.record("incident.point_normal", {"point": point.label, "by": by, "note": note})
    point.normal_at, point.normal_by, point.entry_id = act.now, by, entry_id
    mark_act(case)
    refresh_steps(case, entry_id)
    return entry_id


def defer(
    act: Act,
    incident_id: int,
    what: str,
    who: str,
    until: datetime,
    *,
    point_ids: Sequence[int] | None = None,
) -> int:
    """Somebody sees to what is not back, until an hour (UTC); returns the deferral's id.

    `point_ids`: the points in his charge; None: every one still open. Raises InvalidError, BadTimeError.
    """
    what, who = what.strip(), who.strip()
    for name, words in (("what", what), ("who", who)):
        if not 0 < len(words) <= MAX_TEXT:
            raise InvalidError(
                f"«{name}» is a text of 1 to {MAX_TEXT} characters.", field=name, most=MAX_TEXT
            )
    case = _open_case(act, incident_id)
    latest = act.now + timedelta(seconds=case.limits.deferral)
    if not act.now < until <= latest:
        raise BadTimeError(field="until", earliest=act.now.isoformat(), latest=latest.isoformat())
    points = points_of(act.session, incident_id)
    wanted = {point.id for point in points if is_open(point)} if point_ids is None else set(point_ids)
    if wanted - {point.id for point in points}:
        raise NotFoundError("No such point in this dossier.", what="point", id=min(wanted))
    chosen = [point for point in points if point.id in wanted]
    entry_id = case.record(
        "deferral.added",
        {"what": what, "who": who, "until": until.isoformat(), "points": [point.label for point in chosen]},
        touched={"site": [case.site.id]},
    )
    row = Deferral(
        incident_id=incident_id, site_id=case.site.id, what=what, who=who, until=until, entry_id=entry_id
    )
    act.session.add(row)
    act.session.flush()
    for point in chosen:
        point.deferral_id, point.entry_id = row.id, entry_id
    schedule(act, "deferral", until, site_id=case.site.id, incident_id=incident_id, subject_id=row.id)
    mark_act(case)
    refresh_steps(case, entry_id)
    return row.id


def deferral_done(act: Act, incident_id: int, deferral_id: int, note: str | None = None) -> int:
    """What was deferred is done, even after the dossier was closed; returns the entry."""
    case = lock_incident(act, incident_id)
    row = act.session.get(Deferral, deferral_id, populate_existing=True)
    if row is None or row.incident_id != incident_id:
        raise NotFoundError("No such deferral in this dossier.", what="deferral", id=deferral_id)
    if row.done_at is not None:
        raise StepStateError("It is done already.", step="deferral", state="done")
    entry_id = case.record(
        "deferral.done", {"what": row.what, "who": row.who, "note": note}, touched={"site": [case.site.id]}
    )
    row.done_at, row.entry_id = act.now, entry_id
    cancel(act, "deferral", subject_id=deferral_id)
    return entry_id
