"""Who holds a dossier: taking, parking, giving back, handing over (practice P3, P7, need 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from veilleur.features.deadlines.commands import cancel, schedule
from veilleur.features.incidents.case import (
    HOLDER_DEADLINES,
    Case,
    acting_user,
    lock_incident,
    mark_act,
    person,
    require_holder,
    user_names,
)
from veilleur.features.incidents.errors import BadTimeError, NotOfferedError, UnknownChoiceError
from veilleur.features.incidents.lifecycle import ORPHAN, Event, State
from veilleur.features.incidents.limits import idle, kept_within, longest_park
from veilleur.features.incidents.opening import watch_untaken
from veilleur.features.incidents.stepping import refresh_steps
from veilleur.features.incidents.tables import Incident
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.logbook.act import Act
from veilleur.logbook.commands import captured

#: Another alarm is taken instead: one of a higher priority, or not.
HIGHER, OTHER = "other_priority", "other_alarm"

#: Reasons offered by the desk; their words are in the catalogue (vocabularies of these names).
PARK_REASONS = (
    "call_back",
    "waiting_agent",
    "waiting_contact",
    "waiting_services",
    "waiting_restore",
    "waiting_technician",
    HIGHER,
    OTHER,
    "stepping_away",
)
TAKE_OVER_REASONS = ("absent", "relief", "lead_order", "urgent", "orphan", "agreed")
RELEASE_REASONS = ("wrong_post", "overloaded", "leaving", "mistaken")
HAND_UP_REASONS = ("decision", "violence", "unclear_order", "technical", "overloaded")


def _one_of(field: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UnknownChoiceError(
            f"«{value}» is not a {field} of the list.", field=field, value=value, known=list(known)
        )


def _hold(case: Case, user_id: int, entry_id: int) -> None:
    """The dossier is this person's from now; he has 60 s to show a first act."""
    incident, act = case.incident, case.act
    incident.owner_id = user_id
    incident.retaken_at = act.now
    if incident.taken_at is None:
        incident.taken_at = act.now
        incident.limits = kept_within(incident.limits, "taken")
    cancel(act, *HOLDER_DEADLINES, "untaken", "parked", "offer", incident_id=incident.id)
    if incident.needs_operator:
        for kind, seconds in zip(HOLDER_DEADLINES, idle(case.limits, incident.priority), strict=True):
            due_at = act.now + timedelta(seconds=seconds)
            schedule(act, kind, due_at, site_id=incident.site_id, incident_id=incident.id)
    refresh_steps(case, entry_id)


def take(act: Act, incident_id: int) -> int:
    """Prise en compte: of two who try, one gets it; the other AlreadyTakenError with who. Returns the entry.

    A dossier woken by a signal may be taken by anybody; its entry names who had it. An orphan, whose holder's screen
    is silent, is taken over by the same key: its motif is known (need 2).
    """
    user_id = acting_user(act)
    case = lock_incident(act, incident_id)
    incident = case.incident
    if incident.ring_reason == ORPHAN and incident.owner_id != user_id:
        return take_over(act, incident_id, ORPHAN)
    owner = person(act.session, incident.owner_id)
    rang = incident.ringing_since or incident.opened_at
    again = incident.taken_at is not None

    delay = max(0, int((act.now - (rang if again else incident.opened_at)).total_seconds()))
    from_other = owner["name"] if owner and owner["id"] != user_id else None
    entry_id = case.move(
        Event.TAKE,
        "incident.retaken" if again else "incident.taken",
        {"delay": delay, "from": from_other},
        owner=owner,
    )
    incident.returned_from_id = None
    _hold(case, user_id, entry_id)
    return entry_id


def take_over(act: Act, incident_id: int, reason: str) -> int:
    """Takes a dossier that another person holds, with a reason; returns the entry.

    One that rings goes on ringing under the new holder's name: only a prise en compte silences it.
    """
    user_id = acting_user(act)
    _one_of("take_over_reason", reason, TAKE_OVER_REASONS)
    case = lock_incident(act, incident_id)
    incident = case.incident
    if incident.owner_id == user_id:
        raise InvalidError("You hold this dossier already.", field="incident")
    owner = person(act.session, incident.owner_id)
    ringing = incident.state == State.NEW
    entry_id = case.move(
        Event.TAKE_OVER, "incident.taken_over", {"from": owner["name"] if owner else None, "reason": reason}
    )
    if ringing:
        incident.owner_id = user_id
    else:
        _hold(case, user_id, entry_id)
    return entry_id


def release(act: Act, incident_id: int, reason: str | None = None) -> int:
    """Puts the dossier back in the queue, ringing, with its own clock; returns the entry."""
    if reason is not None:
        _one_of("release_reason", reason, RELEASE_REASONS)
    case = lock_incident(act, incident_id)
    require_holder(case)
    entry_id = case.move(Event.RELEASE, "incident.released", {"reason": reason}, reason="released")
    _let_go(case)
    return entry_id


def _let_go(case: Case) -> None:
    cancel(case.act, *HOLDER_DEADLINES, "parked", "offer", incident_id=case.incident.id)
    watch_untaken(case)


def park(act: Act, incident_id: int, until: datetime, reason: str) -> int:
    """Mise en attente until an hour (UTC), with a reason; it rings then. Returns the entry. Raises BadTimeError.

    «Alarme plus prioritaire» is written when there is one; else the alarm that is taken instead is just another.
    """
    _one_of("park_reason", reason, PARK_REASONS)
    case = lock_incident(act, incident_id)
    require_holder(case)
    return _park(case, until, OTHER if reason == HIGHER and not _higher_waits(case) else reason)


def _higher_waits(case: Case) -> bool:
    """Whether a dossier of a higher priority waits for its operator, or is in the hands of the same one."""
    incident = case.incident
    higher = select(Incident.id).where(
        Incident.id != incident.id,
        Incident.closed_at.is_(None),
        Incident.priority < incident.priority,
        Incident.needs_operator,
        or_(
            Incident.owner_id.is_(None),
            Incident.ringing_since.is_not(None),
            Incident.owner_id == incident.owner_id,
        ),
    )
    return case.act.session.scalar(higher.limit(1)) is not None


def _park(case: Case, until: datetime, reason: str) -> int:
    act, incident = case.act, case.incident
    latest = act.now + timedelta(seconds=longest_park(case.limits, incident.priority))
    if not act.now < until <= latest:
        raise BadTimeError(
            "The hour of the call-back is in the future, and not too far.",
            field="until",
            earliest=act.now.isoformat(),
            latest=latest.isoformat(),
        )
    entry_id = case.move(Event.PARK, "incident.parked", {"until": until.isoformat(), "reason": reason})
    incident.parked_until, incident.parked_reason = until, reason
    mark_act(case)
    cancel(act, "parked", "offer", incident_id=incident.id)
    schedule(act, "parked", until, site_id=incident.site_id, incident_id=incident.id)
    return entry_id


def resume(act: Act, incident_id: int) -> int:
    """Takes up a parked dossier before its hour; returns the entry."""
    user_id = acting_user(act)
    case = lock_incident(act, incident_id)
    require_holder(case)
    entry_id = case.move(Event.RESUME, "incident.resumed")
    _hold(case, user_id, entry_id)
    return entry_id


def offer(act: Act, incident_id: int, to_user_id: int) -> int:
    """Hands the dossier to a named colleague, who accepts or not; meanwhile it stays with who offers it."""
    case = lock_incident(act, incident_id)
    require_holder(case)
    return _offer(case, to_user_id)


def _offer(case: Case, to_user_id: int) -> int:
    act, incident = case.act, case.incident
    if to_user_id == incident.owner_id:
        raise InvalidError("Name a colleague.", field="user_id")
    name = user_names(act.session, [to_user_id]).get(to_user_id)
    if name is None:
        raise NotFoundError("No such user.", what="user", id=to_user_id)
    entry_id = case.move(Event.OFFER, "incident.offered", {"to": name, "to_id": to_user_id})
    incident.offered_to_id, incident.offered_at = to_user_id, act.now
    cancel(act, *HOLDER_DEADLINES, "parked", incident_id=incident.id)
    due_at = act.now + timedelta(seconds=case.limits.offer)
    schedule(act, "offer", due_at, site_id=incident.site_id, incident_id=incident.id)
    return entry_id


def accept(act: Act, incident_id: int) -> int:
    """The colleague takes what was offered to him; returns the entry. Raises NotOfferedError."""
    user_id = acting_user(act)
    case = lock_incident(act, incident_id)
    incident = case.incident
    if incident.state == State.TRANSFERRED and incident.offered_to_id != user_id:
        raise NotOfferedError(to=person(act.session, incident.offered_to_id))
    giver = person(act.session, incident.owner_id)
    entry_id = case.move(Event.ACCEPT, "incident.accepted", {"from": giver["name"] if giver else None})
    _hold(case, user_id, entry_id)
    return entry_id


def decline(act: Act, incident_id: int) -> int:
    """The colleague refuses, or the giver takes his offer back; returns the entry."""
    user_id = acting_user(act)
    case = lock_incident(act, incident_id)
    incident = case.incident
    if incident.state == State.TRANSFERRED and user_id not in (incident.offered_to_id, incident.owner_id):
        raise NotOfferedError(to=person(act.session, incident.offered_to_id))
    entry_id = case.move(Event.DECLINE, "incident.declined")
    if incident.owner_id is not None:
        _hold(case, incident.owner_id, entry_id)
    return entry_id


def hand_up(act: Act, incident_id: int, reason: str) -> int:
    """Hands the dossier to the chef de salle; it rings until a chef takes it. Returns the entry."""
    _one_of("hand_up_reason", reason, HAND_UP_REASONS)
    case = lock_incident(act, incident_id)
    require_holder(case)
    entry_id = case.move(Event.HAND_UP, "incident.handed_up", {"reason": reason}, reason="handed_up")
    _let_go(case)
    return entry_id


def note(act: Act, incident_id: int, words: str, *, age_ms: int = 0, offline: bool = False) -> int:
    """A free note in the dossier, by anybody who may read it; happened when its first key was pressed.

    `offline`: it waited in the browser while the server did not answer (U15).
    """
    words = words.strip()
    if not words:
        raise InvalidError("Write something.", field="text")
    case = lock_incident(act, incident_id)
    happened_at = act.now - timedelta(milliseconds=max(0, age_ms))
    entry_id = case.record("incident.note", {"text": words} | captured(offline), happened_at=happened_at)
    if case.incident.owner_id == act.actor.id and case.incident.state != State.CLOSED:
        mark_act(case, measured=False)
    return entry_id


def step_away(
    act: Act, *, to_user_id: int | None = None, until: datetime | None = None, session_user: int | None = None
) -> list[int]:
    """«Je m'absente» (need 8): each dossier held by the actor is offered to a colleague, or left with a clock.

    Exactly one of `to_user_id` and `until` (UTC). `session_user`: whose dossiers, when a chef acts for him.
    Returns the ids of the dossiers; one entry per dossier and one for the act.
    """
    if (to_user_id is None) == (until is None):
        raise InvalidError("Name a colleague or an hour.", field="user_id")
    holder = session_user if session_user is not None else acting_user(act)
    states = (State.TAKEN, State.PARKED, State.CLOSING)
    ids = act.session.scalars(
        select(Incident.id)
        .where(Incident.owner_id == holder, Incident.state.in_(states))
        .order_by(Incident.site_id, Incident.id)  # one order of locks for everybody
    ).all()
    done: list[int] = []
    for incident_id in ids:
        case = lock_incident(act, incident_id)
        if case.incident.owner_id != holder or case.incident.state not in states:
            continue  # somebody was quicker
        if to_user_id is not None:
            _offer(case, to_user_id)
        elif until is not None:
            latest = act.now + timedelta(seconds=longest_park(case.limits, case.incident.priority))
            _park(case, min(until, latest), "stepping_away")
        done.append(incident_id)
    names = user_names(act.session, [to_user_id])
    act.record(
        "room.stepped_away",
        {
            "count": len(done),
            "to": names.get(to_user_id or 0),
            "until": until.isoformat() if until else None,
        },
        touched={"post": [act.actor.post_id]} if act.actor.post_id is not None else None,
    )
    return done
