"""Calls to police, fire and medical services: opened by a door, recorded, reviewed (practice P4; D613-17 to D613-22).

The reserved number stays in the directory: no entry and no row of ours holds it (D613-18, confidential).
"""

from __future__ import annotations

from sqlalchemy import select

from veilleur.features.handling.clues import start_verification
from veilleur.features.handling.corroboration import follow_door
from veilleur.features.handling.doors import GOODS, PERSONS, POLICE, SERVICES, Passage, pass_door
from veilleur.features.handling.duress import release_by_outcome
from veilleur.features.handling.errors import ServiceCallStateError, ToJustifyError
from veilleur.features.handling.evidence import both_doors, rule_of
from veilleur.features.handling.place import Place, answer_step, open_step, place_of_incident
from veilleur.features.handling.scripts import OUTCOMES, door_of, next_outcomes
from veilleur.features.handling.tables import ServiceCall
from veilleur.features.incidents.case import lock_incident, require_holder
from veilleur.features.incidents.naming import own_name
from veilleur.features.sites.queries import centre
from veilleur.features.sites.tables import DirectoryEntry
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.logbook.act import Act

MAX_TEXT = 1000

#: Service → the act of the step that its call fills.
STEPS = {**dict.fromkeys(POLICE, "call_police"), "fire": "call_fire", "medical": "call_medical"}


def start_service_call(
    act: Act,
    incident_id: int,
    service: str,
    door: str,
    *,
    directory_id: int | None = None,
    motif: str | None = None,
    step_key: str | None = None,
) -> int:
    """Begins a call to a public service; its id. `door`: goods | persons; anything for fire and medical, which have
    none. `directory_id` None: the directory has no number, the short number is dialled.

    Goods need a proof or a motif of the rule (ToJustifyError tells which); persons open at once (CP 223-6). Raises
    InvalidError, NotFoundError, NotYoursError, ServiceCallStateError when this service is already being called.
    """
    chosen = door_of(service, door) if service in SERVICES else None
    if chosen is None:
        raise InvalidError(f"No call to «{service}» by «{door}».", field="service", value=service)
    place = place_of_incident(act, incident_id)
    require_holder(place.case)
    name = _name_of(place, service, directory_id)
    _refuse_second(act, incident_id, service)
    passage = _pass(place, service, chosen, motif)
    bare = chosen == PERSONS and passage is not None and not passage.concrete
    entry = place.record(
        "service_call.started",
        {
            "service": service,
            "name": own_name("public_service", service, name),
            "door": chosen,
            "clues": list(passage.kinds) if passage else [],
            "bare": "none" if bare else None,
            "motif": motif if passage else None,
            "rule": passage.rule if passage else None,
            "review": bool(passage and passage.review),
        },
        acted=True,
    )
    row = ServiceCall(
        incident_id=incident_id,
        service=service,
        directory_id=directory_id,
        door=chosen,
        justification=passage.as_json() if passage else {},
        override_motif=motif if passage else None,
        review_needed=bool(passage and passage.review),
        asked_at=act.now,
        asked_by=act.actor.name or None,
        step_key=step_key or open_step(place, STEPS[service]),
        entry_id=entry,
    )
    act.session.add(row)
    act.session.flush()
    if service in POLICE:
        start_verification(place)
        follow_door(place, entry)
    return row.id


def _pass(place: Place, service: str, door: str, motif: str | None) -> Passage | None:
    """How the call passes its door; None for fire and medical, which have none. Raises ToJustifyError."""
    if service not in POLICE:
        return None
    session, incident = place.act.session, place.case.incident
    rule = rule_of(session, place.site, incident)
    goods, persons = both_doors(session, place.site, incident)
    passage = pass_door(goods if door == GOODS else persons, incident.category, motif)
    if passage is None:
        raise ToJustifyError(proofs=list(rule.proofs), motifs=list(rule.override_motifs), rule=rule.reference)
    return passage


def _name_of(place: Place, service: str, directory_id: int | None) -> str | None:
    if directory_id is None:
        return None
    row = place.act.session.get(DirectoryEntry, directory_id)
    if row is None or row.removed_at is not None or row.service != service:
        raise NotFoundError("No such line of the directory.", what="directory", id=directory_id)
    return row.name


def _refuse_second(act: Act, incident_id: int, service: str) -> None:
    running = act.session.scalar(
        select(ServiceCall.id).where(
            ServiceCall.incident_id == incident_id,
            ServiceCall.service == service,
            ServiceCall.ended_at.is_(None),
        )
    )
    if running is not None:
        raise ServiceCallStateError(call=running, state="running")


def _service_call(act: Act, incident_id: int, service_call_id: int) -> tuple[Place, ServiceCall]:
    place = place_of_incident(act, incident_id)
    return place, _row_of(act, incident_id, service_call_id)


def _row_of(act: Act, incident_id: int, service_call_id: int) -> ServiceCall:
    row = act.session.get(ServiceCall, service_call_id, populate_existing=True)
    if row is None or row.incident_id != incident_id:
        raise NotFoundError("No such call in this dossier.", what="service_call", id=service_call_id)
    return row


def end_service_call(
    act: Act,
    incident_id: int,
    service_call_id: int,
    *,
    outcome: str,
    reached: str | None = None,
    call_back_given: bool = False,
    note: str | None = None,
) -> None:
    """The call is over: whom we reached, whether our number was given, what they said.

    Told again later when the outcome moves on («se déplacent» → «rien constaté»). An outcome of the persons' door
    that ends the threat releases a duress (P1). Raises InvalidError, NotFoundError, NotYoursError,
    ServiceCallStateError.
    """
    place, row = _service_call(act, incident_id, service_call_id)
    require_holder(place.case)
    known = list(OUTCOMES[row.service])
    if outcome not in known:
        raise InvalidError(f"«{outcome}» is no outcome.", field="outcome", value=outcome, known=known)
    first = row.ended_at is None
    if outcome not in next_outcomes(row.service, row.outcome):
        raise ServiceCallStateError(call=row.id, state=row.outcome)
    house = centre(act.session)
    directory = act.session.get(DirectoryEntry, row.directory_id) if row.directory_id else None
    given = (directory.call_back if directory else None) or (house.call_back if house else None)
    text = (note or "").strip()[:MAX_TEXT] or None
    who = (reached or "").strip()[:MAX_TEXT] or None
    params = {"service": row.service, "outcome": outcome, "note": text}
    if first:
        params |= {"reached": who, "call_back": given if call_back_given else None}
        entry = place.record("service_call.done", params, acted=True)
        row.ended_at, row.reached = act.now, who
        row.call_back_given = given if call_back_given else None
    else:
        entry = place.record("service_call.outcome", params, acted=True)
    row.outcome, row.outcome_at, row.outcome_note = outcome, act.now, text
    row.entry_id = entry
    act.session.flush()
    if row.service in POLICE:
        release_by_outcome(place.case, row.door, outcome, entry)
        follow_door(place, entry)
    if first:
        answer_step(place, row.step_key, outcome, entry, text)


def review_service_call(
    act: Act, incident_id: int, service_call_id: int, note: str | None = None, *, own: bool = False
) -> None:
    """The responsable has read an override or a bare call by the persons' door. Works on a closed dossier.

    `own`: it was his own call; the entry says so. Raises NotFoundError, ServiceCallStateError when nothing is to be
    reviewed.
    """
    case = lock_incident(act, incident_id)
    row = _row_of(act, incident_id, service_call_id)
    if not row.review_needed or row.reviewed_at is not None:
        raise ServiceCallStateError(call=row.id, state="reviewed")
    text = (note or "").strip()[:MAX_TEXT] or None
    params = {"service": row.service, "own": "own" if own else None, "note": text}
    entry = case.record("service_call.reviewed", params)
    row.reviewed_at, row.entry_id = act.now, entry


def undo_service_call_review(act: Act, incident_id: int, service_call_id: int) -> None:
    """Takes a review back: the call waits for it again. Raises NotFoundError, ServiceCallStateError."""
    case = lock_incident(act, incident_id)
    row = _row_of(act, incident_id, service_call_id)
    if row.reviewed_at is None:
        raise ServiceCallStateError(call=row.id, state="reviewed")
    entry = case.record("service_call.review_undone", {"service": row.service})
    row.reviewed_at, row.entry_id = None, entry
