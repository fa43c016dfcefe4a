"""Telephone calls out of a dossier: started, identified, ended, undone, settled (practice P6 and P1).

Nothing follows from a result before it settles: no step, no clue, no next number. What is heard of a duress word
does not wait: the dossier turns at once, without a sound and without a sign for the customer's side.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from veilleur.features.deadlines.commands import cancel, schedule
from veilleur.features.handling.conversation import (
    ASKED_FOR_A_WORD,
    CallState,
    Heard,
    Result,
    refuses_result,
    refuses_word,
)
from veilleur.features.handling.duress import refuse_under_duress, turn_duress
from veilleur.features.handling.errors import (
    OF_CALL,
    CallEndedError,
    CallRunningError,
    CallSettledError,
    CallUnsettledError,
    NoNumberError,
)
from veilleur.features.handling.offence import place_of_offence
from veilleur.features.handling.place import Place, place_of_call, place_of_incident
from veilleur.features.handling.tables import Call
from veilleur.features.incidents.case import require_holder
from veilleur.features.sites.queries import (
    WordVerdict,
    check_contact_word,
    contact_words,
)
from veilleur.features.sites.tables import Contact, DirectoryEntry, Responder
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.kernel.sealing import KeyRing
from veilleur.logbook.act import Act

#: P6 says five seconds to undo; the centre's setting `undo` may say up to ten.
UNDO_SECONDS = (5, 10)
MAX_NOTE = 2000
#: The word is right, its person may no longer identify: as a wrong one in what it grants, said as what it is.
NOT_AUTHORISED = "not_authorised"


@dataclass(frozen=True, slots=True)
class Callee:
    """Who is called. `number` None: reserved, held by the directory."""

    label: str
    number: str | None
    contact_id: int | None = None
    responder_id: int | None = None
    directory_id: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Revealed:
    """A contact's words, for the operator's eyes, once. Never stored, never logged."""

    contact_id: int
    name: str
    code_word: str | None
    duress_word: str | None

    def __repr__(self) -> str:
        return f"Revealed(contact_id={self.contact_id})"


def state_of(call: Call) -> CallState:
    """The call as the table of conversation.py reads it."""
    return CallState(
        target=call.target,
        direction=call.direction,
        word=call.word,
        result=call.result,
        abandoned=call.undone_at is not None,
        tries=call.tries,
        revealed=call.revealed_at is not None,
        verifies=call.direction == "out" and call.incident_id is None,
    )


def start_call(
    act: Act,
    incident_id: int,
    *,
    target: str,
    contact_id: int | None = None,
    responder_id: int | None = None,
    directory_id: int | None = None,
    number: str | None = None,
    step_key: str | None = None,
    basis: str | None = None,
) -> int:
    """Begins a call from a dossier; its id. Only numbers of the file are called.

    `basis` (consigne | police): what allows a call to the customer's side while a duress is locked (P1).
    Raises NotFoundError, InvalidError, NotYoursError, IncidentClosedError, NoNumberError, CallRunningError,
    CallUnsettledError, DuressLockedError.
    """
    place = place_of_incident(act, incident_id)
    case = place.case
    require_holder(case)
    if target in ("site", "contact"):
        refuse_under_duress(case, "call", basis)
    wanted = {"contact": contact_id, "responder": responder_id, "directory": directory_id}
    callee = find_callee(place, target, wanted.get(target), number)
    _refuse_second(act, incident_id, target, callee)
    entry = place.record(
        "call.started",
        {"label": callee.label, "number": callee.number, "target": target, "step": step_key, "basis": basis},
        acted=True,
    )
    row = Call(
        incident_id=incident_id,
        site_id=place.site.id,
        direction="out",
        target=target,
        contact_id=callee.contact_id,
        responder_id=callee.responder_id,
        directory_id=callee.directory_id,
        label=callee.label,
        number=callee.number,
        step_key=step_key,
        started_at=act.now,
        made_by=act.actor.id if act.actor.kind == "user" else None,
        tries=0,
        entry_id=entry,
    )
    act.session.add(row)
    if target in ("site", "contact") and case.incident.verification == "not_done":
        case.incident.verification = "running"
    act.session.flush()
    return row.id


def find_callee(place: Place, target: str, row_id: int | None, number: str | None) -> Callee:
    """Who answers at a number of the file. Raises NotFoundError, NoNumberError, InvalidError."""
    session = place.act.session
    match target:
        case "site":
            if not place.site.phone or number not in (None, place.site.phone):
                raise NoNumberError(target=target)
            return Callee(place.site.name, place.site.phone)
        case "contact":
            contact = next((row for row in place.contacts() if row.id == row_id), None)
            if contact is None:
                raise NotFoundError("No such contact.", what="contact", id=row_id)
            numbers = [str(phone["number"]) for phone in contact.phones]
            chosen = number or next(iter(numbers), None)
            if chosen not in numbers:
                raise NoNumberError(target=target)
            return Callee(contact.name, chosen, contact_id=contact.id)
        case "responder":
            responder = session.get(Responder, row_id) if row_id else None
            if responder is None or responder.removed_at is not None:
                raise NotFoundError("No such agent.", what="responder", id=row_id)
            return Callee(responder.name, responder.phone, responder_id=responder.id)
        case "directory":
            row = session.get(DirectoryEntry, row_id) if row_id else None
            if row is None or row.removed_at is not None:
                raise NotFoundError("No such line of the directory.", what="directory", id=row_id)
            return Callee(row.name, None, directory_id=row.id)
    raise InvalidError(f"Nobody is called by «{target}».", field="target", value=target)


def _refuse_second(act: Act, incident_id: int, target: str, callee: Callee) -> None:
    """One call a number at a time, and none to the same number while a result of it may still be undone: after a wrong
    word a second try would be a second chance at the facts (P6, the next *other* number)."""
    rows = act.session.scalars(
        select(Call)
        .where(
            Call.incident_id == incident_id,
            Call.direction == "out",
            Call.settled.is_(False),
            Call.undone_at.is_(None),
        )
        .order_by(Call.id)
    )
    for other in rows:
        same = (other.number, other.directory_id) == (callee.number, callee.directory_id)
        if other.result is None and same and other.target == target:
            raise CallRunningError(call=other.id, label=other.label)
        if other.result is not None and same:
            raise CallUnsettledError(call=other.id, label=other.label)


def check_word(act: Act, ring: KeyRing, call_id: int, typed: str) -> WordVerdict:
    """Compares what the operator typed with the words of the site's contacts: right, wrong, duress or near.

    The typed word is written nowhere. Duress turns the dossier at once (P1). Raises NotFoundError, NotYoursError,
    and the errors of the order (CallOrderError, CallEndedError).
    """
    place, call = place_of_call(act, call_id)
    verdict = check_contact_word(act.session, ring, place.site.id, typed, now=act.now, called=call.contact_id)
    _refuse_word(call, Heard(verdict.result), typed=True)
    _hear(place, call, verdict, typed=True)
    return verdict


def declare_word(act: Act, call_id: int, word: str) -> None:
    """The operator's own judgement: wrong, duress, not_obtained; right only once the word was revealed.

    Raises InvalidError, NotFoundError, NotYoursError and the errors of the order.
    """
    if word not in (Heard.RIGHT, Heard.WRONG, Heard.DURESS, Heard.NOT_OBTAINED):
        raise InvalidError(f"«{word}» is no judgement of a word.", field="verdict", value=word)
    place, call = place_of_call(act, call_id)
    _refuse_word(call, Heard(word), typed=False)
    _hear(place, call, _declared(place, call, word), typed=False)


def _declared(place: Place, call: Call, word: str) -> WordVerdict:
    """The judgement by ear; a right word of a person who may no longer identify grants no more than one that is typed."""
    if word != Heard.RIGHT:
        return WordVerdict(word)
    known = next((row for row in place.contacts() if row.id == call.contact_id), None)
    if known is None or not known.authorised:
        return WordVerdict(Heard.WRONG, call.contact_id, reason=NOT_AUTHORISED)
    return WordVerdict(word, call.contact_id)


def _refuse_word(call: Call, heard: Heard, *, typed: bool) -> None:
    if code := refuses_word(state_of(call), heard, typed=typed):
        raise OF_CALL[code](call=call.id, word=call.word)


def _hear(place: Place, call: Call, verdict: WordVerdict, *, typed: bool) -> None:
    """Writes what was heard, never the word; turns the dossier when it was the duress word."""
    heard = Heard(verdict.result)
    whose, since = _whose(place, verdict)
    said = whose if whose != call.label else None  # «Gérante – Gérante» tells nothing
    kind = "call.duress_heard" if heard is Heard.DURESS else "call.word_checked"
    entry = place.record(
        kind,
        {
            "label": call.label,
            "word": verdict.reason if verdict.reason == NOT_AUTHORISED else heard.value,
            "by": "typed" if typed else "declared",
            "person": said,
            "since": since,
        },
        acted=True,
    )
    call.entry_id = entry
    call.tries += 1 if typed else 0
    call.heard = {
        "result": heard.value,
        "near_of": verdict.near_of,
        "reason": verdict.reason,
        "contact_id": verdict.contact_id,
        "typed": typed,
        **({"person": whose, "since": since} if verdict.reason == NOT_AUTHORISED else {}),
    }
    if heard is Heard.NEAR:
        return
    call.word = heard.value
    call.identified = heard is Heard.RIGHT
    call.person_id = verdict.contact_id if heard is Heard.RIGHT else None
    if heard is Heard.DURESS:
        call.incident_id = turn_duress(place, call.label, call.id)
        call.entry_id = place.act.entries[-1]


def _whose(place: Place, verdict: WordVerdict) -> tuple[str | None, str | None]:
    """Whose word it is, by name; and of a person who may no longer identify, since when, where the file says it."""
    if verdict.reason != NOT_AUTHORISED:
        return place.contact_name(verdict.contact_id), None
    row = place.act.session.get_one(Contact, verdict.contact_id)
    ended = (
        row.provisional_until if row.provisional_until and row.provisional_until <= place.act.now else None
    )
    return row.name, ended.isoformat() if ended else None


def word_told(call: Call) -> str | None:
    """The word as entries and reports tell it: right, wrong, duress, not_obtained, or right of a person who may no longer
    identify, which grants nothing more than a wrong one."""
    if call.word == Heard.WRONG and call.heard and call.heard.get("reason") == NOT_AUTHORISED:
        return NOT_AUTHORISED
    return call.word


def reveal_word(act: Act, ring: KeyRing, call_id: int, contact_id: int | None = None) -> Revealed:
    """Shows the words of the person on the line: the traced second choice of P6.

    `contact_id` names the person when the call is to the site or from a caller. Raises NotFoundError,
    NotYoursError, CallAsksNoWordError, CallEndedError.
    """
    place, call = place_of_call(act, call_id)
    if call.target not in ASKED_FOR_A_WORD:
        raise OF_CALL["call_asks_no_word"](call=call.id)
    if call.result is not None or call.undone_at is not None:
        raise CallEndedError(call=call.id)
    wanted = call.contact_id or contact_id
    name = place.contact_name(wanted)
    if wanted is None or name is None:
        raise NotFoundError("No such contact.", what="contact", id=wanted)
    words = contact_words(act.session, ring, wanted)
    entry = place.record("call.word_revealed", {"label": call.label, "person": name}, acted=True)
    call.revealed_at, call.entry_id = act.now, entry
    if call.contact_id is None:
        call.contact_id = wanted
    return Revealed(wanted, name, words.code_word, words.duress_word)


def end_call(
    act: Act, call_id: int, result: str, *, understood: str | None = None, note: str | None = None
) -> None:
    """Says how the call ended; it can be undone until it settles (5–10 s), and nothing follows before.

    `understood` (offence | mistake | nothing | unknown) is asked when the person was identified, and only then.
    Raises InvalidError, NotFoundError, NotYoursError and the errors of the order.
    """
    place, call = place_of_call(act, call_id)
    if result not in set(Result):
        raise InvalidError(f"A call does not end by «{result}».", field="result", value=result)
    if code := refuses_result(state_of(call), Result(result), understood):
        raise OF_CALL[code](call=call.id, result=result, word=call.word)
    check_understood(call, understood)
    text = (note or "").strip()[:MAX_NOTE] or None
    place = place_of_offence(place, call, understood)
    entry = place.record(
        "call.ended",
        {
            "label": call.label,
            "target": call.target,
            "result": result,
            "word": word_told(call),
            "understood": understood,
            "note": text,
        },
        acted=True,
    )
    call.ended_at, call.result, call.understood, call.note = act.now, result, understood, text
    call.entry_id = entry
    settle_later(act, call, place)


def check_understood(call: Call, understood: str | None) -> None:
    """Raises InvalidError on what this call cannot teach."""
    known = state_of(call).meanings
    if understood is not None and understood not in known:
        raise InvalidError(
            f"«{understood}» is not understood from this call.",
            field="understood",
            value=understood,
            known=list(known),
        )


def settle_later(act: Act, call: Call, place: Place) -> None:
    """Gives the result its delay to be undone."""
    shortest, longest = UNDO_SECONDS
    seconds = min(max(place.undo_seconds, shortest), longest)
    call.settles_at = act.now + timedelta(seconds=seconds)
    call.settled = False
    schedule(
        act,
        "settle_call",
        call.settles_at,
        site_id=call.site_id,
        incident_id=call.incident_id,
        subject_id=call.id,
    )


def undo_call(act: Act, call_id: int) -> None:
    """Takes back the result while it can be; a call that has neither result nor word is abandoned.

    A word already heard stays heard. Raises NotFoundError, NotYoursError, CallSettledError.
    """
    place, call = place_of_call(act, call_id)
    if call.undone_at is not None:
        raise CallEndedError(call=call.id)
    if call.result is None:
        if call.word is not None:
            raise OF_CALL["call_word_known"](call=call.id)
        entry = place.record("call.abandoned", {"label": call.label}, acted=True)
        call.undone_at, call.ended_at, call.entry_id = act.now, act.now, entry
        return
    if call.settled or call.settles_at is None or act.now >= call.settles_at:
        raise CallSettledError(call=call.id)
    entry = place.record("call.result_undone", {"label": call.label, "result": call.result}, acted=True)
    cancel(act, "settle_call", subject_id=call.id)
    cleared: dict[str, Any] = {"result": None, "understood": None, "settles_at": None, "ended_at": None}
    for name, value in cleared.items():
        setattr(call, name, value)
    call.asked, call.entry_id = None, entry
