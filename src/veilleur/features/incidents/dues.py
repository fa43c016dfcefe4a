"""Deadlines whose hour has come: each judged again under the lock; «no longer applies» is a normal answer (P7).

Each returns True when it applied, False when it no longer does.
"""

from __future__ import annotations

from datetime import timedelta

from veilleur.features.incidents.case import Case, lock_incident, person
from veilleur.features.incidents.lifecycle import ORPHAN, Event, State
from veilleur.features.incidents.limits import escalation, idle, limits_for
from veilleur.features.incidents.model import Opening
from veilleur.features.incidents.opening import open_incident, watch_untaken
from veilleur.features.incidents.stepping import refresh_steps
from veilleur.features.incidents.tables import Deferral
from veilleur.logbook.act import Act

#: Who is warned at each level of an untaken dossier.
LEVELS = ("room", "lead", "station")

#: States in which somebody works on a dossier, or means to.
HELD = (State.TAKEN, State.CLOSING, State.PARKED)


def untaken(act: Act, incident_id: int) -> bool:
    """Nobody took it: every post rings, then the chef or astreinte, then «station non tenue», level after level."""
    case = lock_incident(act, incident_id)
    incident = case.incident
    if incident.state not in (State.NEW, State.HANDED_UP) or incident.ringing_since is None:
        return False
    waited = (act.now - incident.ringing_since).total_seconds()
    levels = escalation(case.limits, incident.priority, incident.limits)
    reached = sum(waited >= seconds for seconds in levels)
    if reached <= incident.escalation:
        watch_untaken(case)
        return False
    level = LEVELS[min(reached, len(LEVELS)) - 1]
    case.move(Event.UNTAKEN, "incident.untaken", {"delay": int(waited), "level": level}, reason="overdue")
    incident.escalation = reached
    watch_untaken(case)
    return True


def _idle(case: Case, seconds: int) -> bool:
    """Held, without any act since it was taken, for that long."""
    incident = case.incident
    if incident.state != State.TAKEN or incident.retaken_at is None:
        return False
    if incident.last_act_at is not None and incident.last_act_at >= incident.retaken_at:
        return False
    return case.act.now - incident.retaken_at >= timedelta(seconds=seconds)


def no_act(act: Act, incident_id: int) -> bool:
    """Taken, and no act for 60 s (a fault: 15 min): rings again, for who holds it and for the room."""
    case = lock_incident(act, incident_id)
    seconds, _ = idle(case.limits, case.incident.priority)
    if not _idle(case, seconds):
        return False
    owner = person(act.session, case.incident.owner_id)
    words = {"owner": owner["name"] if owner else None, "delay": seconds}
    case.move(Event.NO_ACT, "incident.no_act", words, reason="no_act")
    return True


def back_to_queue(act: Act, incident_id: int) -> bool:
    """Taken, and no act for 120 s (a fault: 30 min): goes back to the queue, by name."""
    case = lock_incident(act, incident_id)
    _, seconds = idle(case.limits, case.incident.priority)
    if not _idle(case, seconds):
        return False
    owner = person(act.session, case.incident.owner_id)
    words = {"owner": owner["name"] if owner else None, "delay": seconds}
    case.move(Event.BACK_TO_QUEUE, "incident.back_to_queue", words, reason="no_act")
    watch_untaken(case)
    return True


def parked_due(act: Act, incident_id: int) -> bool:
    """The hour of the call-back: it rings and must be taken again, by who parked it or another."""
    case = lock_incident(act, incident_id)
    incident = case.incident
    if incident.state != State.PARKED or incident.parked_until is None or incident.parked_until > act.now:
        return False
    reason = incident.parked_reason
    case.move(Event.PARK_DUE, "incident.park_due", {"reason": reason}, reason="due")
    watch_untaken(case)
    return True


def offer_due(act: Act, incident_id: int) -> bool:
    """The colleague did not answer: the dossier goes back to the queue."""
    case = lock_incident(act, incident_id)
    incident = case.incident
    waited = timedelta(seconds=case.limits.offer)
    if (
        incident.state != State.TRANSFERRED
        or incident.offered_at is None
        or act.now - incident.offered_at < waited
    ):
        return False
    to = person(act.session, incident.offered_to_id)
    owner = person(act.session, incident.owner_id)
    entry_id = case.move(
        Event.OFFER_DUE,
        "incident.offer_unanswered",
        {"to": to["name"] if to else None, "owner": owner["name"] if owner else None},
        reason="offer_unanswered",
    )
    refresh_steps(case, entry_id)
    watch_untaken(case)
    return True


def deferral_due(act: Act, deferral_id: int) -> bool:
    """What was deferred is not done at its hour: a technical item of its own, never a lock (P5)."""
    row = act.session.get(Deferral, deferral_id)
    if row is None:
        return False
    case = lock_incident(act, row.incident_id)
    act.session.refresh(row)
    if row.done_at is not None or row.until > act.now:
        return False
    row.entry_id = case.record(
        "deferral.overdue", {"what": row.what, "who": row.who}, touched={"site": [row.site_id]}
    )
    limits = limits_for(case.limits, "service", 4)
    open_incident(
        act,
        Opening(
            site_id=row.site_id,
            group=case.incident.group,
            family="service",
            category="technical",
            priority=4,
            needs_operator=True,
            procedure_event="follow_up",
            limits={"take": limits["take"], "act": limits["act"]},
            headline={
                "code": "DEFERRAL",
                "dialect": "internal",
                "category": "technical",
                "qualifier": "new",
                "zone": None,
                "zone_name": None,
                "area": None,
                "user": None,
                "text": f"{row.what} – {row.who}",
                "marks": [],
            },
            linked_id=row.incident_id,
        ),
        None,
        None,
    )
    return True


def orphaned(act: Act, incident_id: int, owner_id: int) -> bool:
    """The screen of who holds it is silent: it rings on the other posts until it is taken or the screen is back."""
    case = lock_incident(act, incident_id)
    incident = case.incident
    if incident.owner_id != owner_id or incident.state not in HELD or incident.ring_reason == ORPHAN:
        return False
    owner = person(act.session, owner_id)
    case.move(Event.ORPHANED, "incident.orphaned", {"owner": owner["name"] if owner else None}, reason=ORPHAN)
    return True


def found(act: Act, incident_id: int) -> bool:
    """The screen of who holds it is back before anybody took it: it is silent again."""
    case = lock_incident(act, incident_id)
    incident = case.incident
    if incident.ring_reason != ORPHAN or incident.state not in HELD:
        return False
    owner = person(act.session, incident.owner_id)
    case.move(Event.FOUND, "incident.found", {"owner": owner["name"] if owner else None})
    return True
