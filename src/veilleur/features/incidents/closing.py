"""Closing: its cause, what still keeps the dossier open, and what duress locks (duty S12, practice P1, P5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from veilleur.db.engine import ReadSession
from veilleur.features.deadlines.commands import cancel
from veilleur.features.incidents import evidence
from veilleur.features.incidents.case import HOLDER_DEADLINES, Case, lock_incident, mark_act, require_holder
from veilleur.features.incidents.errors import (
    ClosingBlockedError,
    ClosingToJustifyError,
    DuressLockedError,
    IncidentStateError,
    UnknownChoiceError,
)
from veilleur.features.incidents.lifecycle import Event, State, next_state
from veilleur.features.incidents.model import SignalRef
from veilleur.features.incidents.points import count_signal, is_open, points_of
from veilleur.features.incidents.procedure import RETURN, snapshot_steps
from veilleur.features.incidents.stepping import (
    DONE,
    LOOKING,
    NOT_LOOKED,
    refresh_steps,
    rows_of,
    stand_of,
)
from veilleur.features.incidents.tables import Incident
from veilleur.kernel.errors import InvalidError
from veilleur.logbook.act import Act

#: «Alarme injustifiée – cause : …»: locked under duress.
UNJUSTIFIED = (
    "unjustified_user",
    "unjustified_equipment",
    "unjustified_weather",
    "unjustified_animal",
    "unjustified_works",
    "unjustified_test",
    "unjustified_unknown",
)

#: The causes a closing may have, by family of the dossier (peers.md, action plan 8).
OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "intrusion": (
        "real_intrusion",
        "real_attempt",
        "real_damage",
        *UNJUSTIFIED,
        "technical_done",
        "information",
    ),
    "fire": ("real_fire", "real_gas", *UNJUSTIFIED, "technical_done", "information"),
    "person": ("real_hold_up", "real_person", "real_medical", *UNJUSTIFIED, "information"),
    "technical": (
        "technical_done",
        "technical_ticket",
        "technical_back",
        "technical_network",
        *UNJUSTIFIED,
        "information",
    ),
    "service": ("service_done", "information", "technical_done", *UNJUSTIFIED),
    "event": (
        "event_police",
        "event_rescue",
        "event_arrest",
        "event_over",
        "event_nothing",
        "event_transmitted",
    ),
}

#: Causes given by the watch when a fault nobody took is over (P2).
BY_ITSELF = ("restored", "disarmed_in_time", "path_back")

#: Blocker: the levée de doute was begun and has no result.
VERIFICATION_OPEN = "verification_open"

#: Families whose alarms are verified before anybody says that they were nothing (L613-6).
VERIFIED_FAMILIES = frozenset({"intrusion", "fire", "person"})

MAX_NOTE = 2_000


@dataclass(frozen=True)
class Blocker:
    """Something that keeps a dossier open: a code and its parameters."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def outcomes_of(incident: Incident) -> tuple[str, ...]:
    """The causes proposed for this dossier; duress leaves no «alarme injustifiée» until it is released."""
    listed = OUTCOMES.get(incident.family, OUTCOMES["service"])
    return tuple(each for each in listed if not (incident.duress_locked and each in UNJUSTIFIED))


def is_real(outcome: str | None) -> bool:
    """Whether a cause says that something did happen."""
    return outcome is not None and outcome.startswith("real_")


def needs_result(session: ReadSession, incident: Incident, outcome: str | None) -> bool:
    """Whether a levée de doute that was begun still owes its result: the police were called, or the cause is real.

    The préfet reads that result (L613-6). An événement seen on a camera has no levée de doute.
    """
    if incident.verification != "running" or incident.family == "event":
        return False
    return is_real(outcome) or evidence.police_called(session, incident.id)


def needs_reason(session: ReadSession, incident: Incident, outcome: str) -> bool:
    """Whether «alarme injustifiée» stands on nothing: nobody identified, no finding, nothing looked at or listened to."""
    if outcome not in UNJUSTIFIED or incident.family not in VERIFIED_FAMILIES:
        return False
    acts = {step.key: step.act for step in snapshot_steps(incident.procedure)}
    looked = any(
        acts.get(row.key) in LOOKING and row.state == DONE and row.result != NOT_LOOKED
        for row in rows_of(session, incident.id)
    )
    return not looked and not evidence.verified(session, incident.id)


def blockers_of(session: ReadSession, incident: Incident, outcome: str | None = None) -> list[Blocker]:
    """What still keeps this dossier open, in the order in which one sees to it. `outcome`: the cause that is asked for;
    else the one prepared."""
    found: list[Blocker] = []
    if calls := evidence.unsettled_calls(session, incident.id):
        found.append(Blocker("calls_unsettled", {"count": len(calls), "calls": calls}))
    if calls := evidence.running_service_calls(session, incident.id):
        found.append(Blocker("service_calls_running", {"count": len(calls), "calls": calls}))
    if running := evidence.running_interventions(session, incident.id):
        found.append(Blocker("interventions_running", {"count": len(running), "interventions": running}))
    steps = snapshot_steps(incident.procedure)
    returns = {step.key for step in steps if step.act == RETURN}
    stand = stand_of(incident, rows_of(session, incident.id))
    if still := [key for key in stand.open_mandatory(steps) if key not in returns]:
        labels = {step.key: step.wording or step.label or step.key for step in steps}
        found.append(
            Blocker(
                "steps_open", {"count": len(still), "steps": still, "labels": [labels[key] for key in still]}
            )
        )
    if points := [point for point in points_of(session, incident.id) if is_open(point)]:
        names = [point.label for point in points]
        found.append(
            Blocker("points_open", {"count": len(points), "points": [p.id for p in points], "labels": names})
        )
    if needs_result(session, incident, outcome or incident.outcome):
        found.append(Blocker(VERIFICATION_OPEN))
    return found


def _judge_outcome(case: Case, outcome: str, note: str | None) -> None:
    incident = case.incident
    if incident.duress_locked and outcome in UNJUSTIFIED:
        raise DuressLockedError(what="outcome")
    known = outcomes_of(incident)
    if outcome not in known:
        raise UnknownChoiceError(
            f"«{outcome}» is no cause.", field="outcome", value=outcome, known=list(known)
        )
    if note is not None and len(note) > MAX_NOTE:
        raise InvalidError("The note is too long.", field="note", most=MAX_NOTE)


def begin_closing(act: Act, incident_id: int, outcome: str, note: str | None = None) -> int:
    """Says the cause while something still keeps the dossier open; returns the entry."""
    case = lock_incident(act, incident_id)
    require_holder(case)
    _judge_outcome(case, outcome, note)
    entry_id = case.move(Event.BEGIN_CLOSING, "incident.closing", {"outcome": outcome, "note": note})
    case.incident.outcome, case.incident.outcome_note = outcome, note
    mark_act(case)
    return entry_id


def keep_open(act: Act, incident_id: int) -> int:
    """Gives up the closing; returns the entry."""
    case = lock_incident(act, incident_id)
    require_holder(case)
    entry_id = case.move(Event.KEEP_OPEN, "incident.kept_open")
    mark_act(case)
    return entry_id


def close(act: Act, incident_id: int, outcome: str, note: str | None = None) -> int:
    """Closes one dossier with its cause; returns the entry. There is no bulk closing (P10).

    An alarm that nobody verified is closed as «injustifiée» with a reason, which the review reads (P4).
    Raises ClosingBlockedError with every blocker, ClosingToJustifyError, DuressLockedError, UnknownChoiceError,
    NotYoursError.
    """
    case = lock_incident(act, incident_id)
    require_holder(case)
    incident = case.incident
    next_state(incident.state, Event.CLOSE)
    _judge_outcome(case, outcome, note)
    if blockers := blockers_of(act.session, incident, outcome):
        raise ClosingBlockedError(blockers=[{"code": each.code, **each.params} for each in blockers])
    note = (note or "").strip() or None
    unverified = needs_reason(act.session, incident, outcome)
    if unverified and note is None:
        raise ClosingToJustifyError(outcome=outcome)
    seconds = int((act.now - incident.opened_at).total_seconds())
    said = {"outcome": outcome, "note": note, "duration": seconds}
    entry_id = case.move(
        Event.CLOSE, "incident.closed", {**said, "unverified": "unverified"} if unverified else said
    )
    incident.outcome, incident.outcome_note = outcome, note
    incident.closing_review = unverified
    mark_act(case)
    _forget_deadlines(case)
    return entry_id


def close_by_itself(act: Act, incident_id: int, outcome: str, signal: SignalRef | None) -> int:
    """A fault that nobody took is over; only from «new» (P2). Returns the entry."""
    if outcome not in BY_ITSELF:
        raise UnknownChoiceError(field="outcome", value=outcome, known=list(BY_ITSELF))
    case = lock_incident(act, incident_id)
    incident = case.incident
    entry_id = case.move(
        Event.CLOSE_BY_ITSELF,
        "incident.closed_by_itself",
        {"outcome": outcome},
        happened_at=signal.at if signal else None,
    )
    if signal is not None:
        count_signal(case, signal, entry_id)
    for point in points_of(act.session, incident.id):
        if point.normal_at is None:
            point.normal_at = signal.at if signal else act.now
            point.normal_by = "disarming" if outcome == "disarmed_in_time" else "restore"
            point.entry_id = entry_id
    incident.normal = True
    incident.outcome = outcome
    _forget_deadlines(case)
    return entry_id


def closing_reviewed(act: Act, incident_id: int, note: str | None = None) -> int:
    """Somebody answerable has read why an unverified alarm was closed as «injustifiée». Returns the entry."""
    case = lock_incident(act, incident_id)
    incident = case.incident
    if not incident.closing_review or incident.closing_reviewed_at is not None:
        raise IncidentStateError("Nothing to review here.", state=incident.state, event="closing_reviewed")
    own = "own" if act.actor.kind == "user" and incident.owner_id == act.actor.id else None
    entry_id = case.record(
        "incident.closing_reviewed", {"outcome": incident.outcome, "own": own, "note": note}
    )
    incident.closing_reviewed_at = act.now
    return entry_id


def closing_review_undone(act: Act, incident_id: int) -> int:
    """Takes that review back: the closing waits for it again. Returns the entry."""
    case = lock_incident(act, incident_id)
    incident = case.incident
    if incident.closing_reviewed_at is None:
        raise IncidentStateError("It was not reviewed.", state=incident.state, event="closing_review_undone")
    entry_id = case.record("incident.closing_review_undone", {"outcome": incident.outcome})
    incident.closing_reviewed_at = None
    return entry_id


def _forget_deadlines(case: Case) -> None:
    """Whatever waited for a person in this dossier; deferrals outlive it."""
    cancel(case.act, *HOLDER_DEADLINES, "untaken", "parked", "offer", incident_id=case.incident.id)


def release_duress(act: Act, incident_id: int, reason: str, *, entry_id: int | None = None) -> int:
    """The chef de salle, or the outcome of the police call, releases what duress locked (P1). Returns the entry.

    `reason`: lead_decision | police_outcome. `entry_id`: the entry that already tells it. The dossier stays
    marked «contrainte».
    """
    if reason not in ("lead_decision", "police_outcome"):
        raise UnknownChoiceError(field="reason", value=reason, known=["lead_decision", "police_outcome"])
    case = lock_incident(act, incident_id)
    if case.incident.state == State.CLOSED or not case.incident.duress_locked:
        raise InvalidError("Nothing is locked by duress in this dossier.", field="incident")
    if entry_id is None:
        entry_id = case.record("incident.duress_released", {"reason": reason})
    case.incident.entry_id = entry_id
    case.incident.duress_locked = False
    refresh_steps(case, entry_id)
    return entry_id
