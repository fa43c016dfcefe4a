"""A customer telephones (practice need 4): identified by his word, then answered, heard, cancelled or put on test.

Works with or without an open dossier. Putting on test is the site's own command, with this call as its evidence.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from veilleur.features.handling.calling import (
    check_understood,
    find_callee,
    settle_later,
    state_of,
    word_told,
)
from veilleur.features.handling.conversation import Result, refuses_result
from veilleur.features.handling.doors import refuses_verification
from veilleur.features.handling.duress import refuse_under_duress
from veilleur.features.handling.errors import OF_CALL, CancelRefusedError
from veilleur.features.handling.evidence import both_doors
from veilleur.features.handling.offence import place_of_offence
from veilleur.features.handling.place import Place, place_of_call, place_of_incident
from veilleur.features.handling.tables import Call
from veilleur.features.incidents.case import mark_act, require_holder
from veilleur.features.incidents.commands import point_normal
from veilleur.features.incidents.errors import DuressLockedError, StepStateError, UnknownChoiceError
from veilleur.features.incidents.pointless import pointless_steps, settle_pointless
from veilleur.features.incidents.points import is_open, points_of
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.phones import parse_phone
from veilleur.features.sites.queries import lock_site
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.logbook.act import Act

#: What a caller may have asked for; «on_test» is noted here and done by the site's command.
ASKED = ("answer", "cancel", "on_test", "note")
#: Families whose alarms no telephone call cancels: the customer may be under threat, or wrong about a fire.
NEVER_CANCELLED = frozenset({"person", "fire"})
#: Words that callers of a site got wrong count for the next one this long: a quarter of an hour is more than a burglar
#: has, and a customer who finds his word meanwhile is called back on a number of his file.
TRIES_KEPT = timedelta(minutes=15)
MAX_CALLER = 200
MAX_NOTE = 2000


def start_incoming(
    act: Act,
    site_id: int,
    *,
    caller: str,
    contact_id: int | None = None,
    number: str | None = None,
    incident_id: int | None = None,
) -> int:
    """Somebody telephones about a site; the call's id. `caller`: who he says he is. Nothing is told before his word.

    Raises NotFoundError, InvalidError, IncidentClosedError, NotYoursError when the dossier is another person's.
    """
    said = caller.strip()
    if not 0 < len(said) <= MAX_CALLER:
        raise InvalidError(
            f"«caller» holds 1 to {MAX_CALLER} characters.", field="caller", longest=MAX_CALLER
        )
    shown = parse_phone(number, field="number") if number else None
    if incident_id is None:
        place = Place(act, lock_site(act.session, site_id), None)
    else:
        place = place_of_incident(act, incident_id)
        if place.site.id != site_id:
            raise NotFoundError("No such dossier on this site.", what="incident", id=incident_id)
    if contact_id is not None and place.contact_name(contact_id) is None:
        raise NotFoundError("No such contact.", what="contact", id=contact_id)
    entry = place.record(
        "call.received",
        {"label": said, "contact": place.contact_name(contact_id), "number": shown},
        acted=True,
    )
    row = Call(
        incident_id=incident_id,
        site_id=site_id,
        direction="in",
        target="caller",
        contact_id=contact_id,
        label=said,
        number=shown,
        started_at=act.now,
        made_by=act.actor.id if act.actor.kind == "user" else None,
        tries=_tries_before(act, site_id),
        entry_id=entry,
    )
    act.session.add(row)
    act.session.flush()
    return row.id


def _tries_before(act: Act, site_id: int) -> int:
    """Words typed of late for callers of this site whom none identified: who calls again does not begin again."""
    spent = select(func.max(Call.tries)).where(
        Call.site_id == site_id,
        Call.direction == "in",
        Call.word.in_(("wrong", "not_obtained")),
        Call.started_at > act.now - TRIES_KEPT,
    )
    return act.session.scalar(spent) or 0


def start_call_back(
    act: Act, site_id: int, *, target: str, contact_id: int | None = None, number: str | None = None
) -> int:
    """We call a number of the site's file outside any dossier, to be sure who asks (P10, night changes); the call's id.

    `target`: site | contact. Raises NotFoundError, NoNumberError, InvalidError; DuressLockedError while a duress of
    this site is locked: nobody of the customer's side is called then (P1).
    """
    if target not in ("site", "contact"):
        raise InvalidError("A call-back goes to the site or a contact.", field="target", value=target)
    place = Place(act, lock_site(act.session, site_id), None)
    under_threat = select(Incident.id).where(
        Incident.site_id == site_id, Incident.closed_at.is_(None), Incident.duress_locked
    )
    if act.session.scalars(under_threat).first() is not None:
        raise DuressLockedError(what="call")
    callee = find_callee(place, target, contact_id, number)
    entry = place.record(
        "call.started",
        {"label": callee.label, "number": callee.number, "target": target, "step": None, "basis": None},
        acted=True,
    )
    row = Call(
        incident_id=None,
        site_id=site_id,
        direction="out",
        target=target,
        contact_id=callee.contact_id,
        label=callee.label,
        number=callee.number,
        started_at=act.now,
        made_by=act.actor.id if act.actor.kind == "user" else None,
        tries=0,
        entry_id=entry,
    )
    act.session.add(row)
    act.session.flush()
    return row.id


def act_on_call(
    act: Act, call_id: int, asked: str, *, understood: str | None = None, note: str | None = None
) -> None:
    """Ends an incoming call with what the caller asked; it can be undone until it settles.

    `cancel` takes effect when it settles: the points are back by the contact's word, the verification is negative.
    `understood`: what he says of the alarm itself, None when he says nothing of it, or was not asked.
    Raises InvalidError, NotFoundError, CancelRefusedError, NotYoursError, DuressLockedError, and the errors of the
    order: whoever did not give the right word is answered nothing.
    """
    if asked not in ASKED:
        raise InvalidError(f"A caller does not ask «{asked}».", field="act", value=asked, known=list(ASKED))
    place, call = place_of_call(act, call_id)
    if call.direction != "in":
        raise InvalidError("This call is ours: say how it ended.", field="call")
    said = understood if call.word == "right" else None
    if code := refuses_result(state_of(call), Result.ANSWERED, said):
        raise OF_CALL[code](call=call.id, word=call.word)
    if asked == "cancel":
        refuse_cancel(place, call)
    check_understood(call, said)
    text = (note or "").strip()[:MAX_NOTE] or None
    place = place_of_offence(place, call, said)
    entry = place.record(
        "call.answered",
        {"label": call.label, "asked": asked, "word": word_told(call), "understood": said, "note": text},
        acted=True,
    )
    call.result, call.understood, call.note, call.asked = Result.ANSWERED.value, said, text, asked
    call.ended_at, call.entry_id = act.now, entry
    settle_later(act, call, place)


def refuse_cancel(place: Place, call: Call) -> None:
    """Raises what forbids cancelling: no dossier, no right word of an authorised contact, a person or fire alarm, a
    proof of an offence."""
    if place.dossier is None:
        raise CancelRefusedError(reason="no_incident")
    incident = place.dossier.incident
    require_holder(place.dossier)
    refuse_under_duress(place.dossier, "cancel")
    if incident.family in NEVER_CANCELLED or incident.duress:
        raise CancelRefusedError(reason="family", family=incident.family)
    contact = next((row for row in place.contacts() if row.id == call.person_id), None)
    if call.word != "right" or contact is None or not contact.authorised:
        raise CancelRefusedError(reason="word")
    if _proven(place):
        raise CancelRefusedError(reason="proof")


def cancel_alarm(place: Place, call: Call) -> bool:
    """What a settled «annuler» does, judged again: the points that had spoken are back by the contact's word (P5), the
    verification is negative, what verified is without an object (`settle_pointless`). Closing is left to a person.

    False when something happened meanwhile that forbids it: a fire, a duress, a proof, the dossier taken over. A point
    that spoke after the call was no part of it: nothing of the verification is settled then. At priority 1 the steps stay.
    """
    case = place.case
    incident, session = case.incident, place.act.session
    if incident.family in NEVER_CANCELLED or incident.duress or call.word != "right" or _proven(place):
        return False
    spoken = [point for point in points_of(session, incident.id) if is_open(point)]
    known = [point for point in spoken if call.ended_at is None or point.last_at <= call.ended_at]
    whole = len(known) == len(spoken)
    steps = pointless_steps(case) if whole and incident.priority > 1 else []
    who = place.contact_name(call.person_id) or call.label
    entry = place.record(
        "incident.cancelled_by_contact",
        {
            "label": who,
            "steps": list(dict.fromkeys(step.wording or step.label or step.key for step in steps)),
        },
        acted=False,
    )
    mark_act(case)
    if whole:
        incident.verification = "negative"
    settle_pointless(case, steps, entry, by=call.made_by, note=who)
    for point in known:
        try:
            point_normal(place.act, incident.id, point.id, "contact", who)
        except (StepStateError, UnknownChoiceError):
            continue
    return True


def _proven(place: Place) -> bool:
    """Whether a proof of an offence stands: a word of the customer does not undo what was seen (P4)."""
    goods, _ = both_doors(place.act.session, place.site, place.case.incident)
    return refuses_verification("negative", goods) is not None
