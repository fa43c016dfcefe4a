"""What a later signal does to an open dossier: joins it, wakes it, or is only shown (practice P3, need 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from veilleur.features.deadlines.commands import cancel
from veilleur.features.incidents.case import HOLDER_DEADLINES, Case, lock_incident
from veilleur.features.incidents.errors import IncidentClosedError, UnknownChoiceError
from veilleur.features.incidents.lifecycle import Event, State, move
from veilleur.features.incidents.limits import FAULT_PRIORITY, complete
from veilleur.features.incidents.model import PointRef, SignalRef
from veilleur.features.incidents.naming import names_category
from veilleur.features.incidents.opening import watch_untaken
from veilleur.features.incidents.pointless import reopen_pointless
from veilleur.features.incidents.points import count_signal, note_alarm
from veilleur.features.incidents.procedure import RETURN, snapshot_steps, with_duress
from veilleur.features.incidents.stepping import DONE, lay_steps, refresh_steps, rows_of
from veilleur.features.incidents.tables import IncidentPoint
from veilleur.kernel.errors import NotFoundError
from veilleur.logbook.act import Act

#: Deadlines of a state that a réveil ends.
STATE_DEADLINES = (*HOLDER_DEADLINES, "parked", "offer")
#: The role of a signal that only joins: its entry says so already.
PLAIN = "joined"


def join_signal(
    act: Act,
    incident_id: int,
    signal: SignalRef,
    point: PointRef | None,
    *,
    ring: str | None = None,
    priority: int | None = None,
    limits: Mapping[str, int] | None = None,
    marks: Sequence[str] = (),
    warn_agent: bool = False,
    duress: bool = False,
) -> int:
    """A signal joins the dossier; returns its entry.

    `ring`: why it wakes (new_point | higher | parked | agent | closing): back to «new», to be taken again on its
    own clock, its holder still named. `priority`: only ever higher (a smaller number). `warn_agent`: «prévenir
    l'agent» becomes the first act. `duress`: turns the dossier to «contrainte» (P1). Raises IncidentClosedError.
    """
    case = lock_incident(act, incident_id)
    incident = case.incident
    if incident.state == State.CLOSED:
        raise IncidentClosedError
    before = incident.priority
    higher = priority is not None and priority < incident.priority
    nature = point.category if point else incident.category
    entry_id = case.record(
        "incident.woken" if ring else "incident.signal_joined",
        {
            "point": point.label if point else None,
            "category": None if point and names_category(point.label, point.category) else nature,
            "reason": ring,
            "role": None if signal.role == PLAIN else signal.role,
            "from_priority": before if higher else None,
            "priority": priority if higher else None,
            "warn_agent": "warn_agent" if warn_agent else None,
        },
        happened_at=signal.at,
        version=1 if ring else 2,
    )
    if higher and priority is not None:
        _raise_priority(case, priority, limits or {}, signal.at)
    if marks:
        kept = list(incident.headline.get("marks", []))
        added = [each for each in marks if each not in kept]
        incident.headline = {**incident.headline, "marks": kept + added}
    incident.warn_agent = incident.warn_agent or warn_agent
    count_signal(case, signal, entry_id)
    if point is not None:
        note_alarm(case, point, signal.at, entry_id)
    if ring:
        reopen_pointless(case, entry_id)
        _wake(case, ring)
    elif higher:
        watch_untaken(case)
    if duress and not incident.duress:
        _turn_to_duress(case, entry_id)
    else:
        refresh_steps(case, entry_id)
    return entry_id


def _raise_priority(case: Case, priority: int, limits: Mapping[str, int], at: datetime) -> None:
    incident = case.incident
    if not priority < FAULT_PRIORITY <= incident.priority:
        case.reprioritise(priority, limits, at)
        return
    # A fault's dossier becomes an alarm's: its age and its two times run from the first alarm signal (P8).
    incident.opened_at = at
    incident.taken_at = incident.first_act_at = None
    incident.limits = complete(case.limits, incident.family, priority, limits)
    incident.priority = priority


def _wake(case: Case, reason: str) -> None:
    incident = case.incident
    incident.needs_operator = True
    move(incident, Event.WAKE, case.act.now, reason=reason)
    cancel(case.act, *STATE_DEADLINES, incident_id=incident.id)
    watch_untaken(case)


def ring_again(act: Act, incident_id: int, reason: str, *, warn_agent: bool = False) -> int:
    """Wakes the dossier without a signal of its own; returns the entry. Raises IncidentClosedError."""
    case = lock_incident(act, incident_id)
    if case.incident.state == State.CLOSED:
        raise IncidentClosedError
    entry_id = case.record(
        "incident.rung", {"reason": reason, "warn_agent": "warn_agent" if warn_agent else None}
    )
    case.incident.warn_agent = case.incident.warn_agent or warn_agent
    _wake(case, reason)
    return entry_id


def warn_agent(act: Act, incident_id: int, signal: SignalRef) -> int:
    """A signal of another dossier concerns the agent of this one: «prévenir l'agent» is its first act."""
    case = lock_incident(act, incident_id)
    if case.incident.state == State.CLOSED:
        raise IncidentClosedError
    entry_id = case.record("incident.agent_to_warn", {}, happened_at=signal.at)
    case.incident.warn_agent = True
    return entry_id


def agent_to_hold(act: Act, incident_id: int) -> int:
    """A person of the site is under threat: the agent of this dossier is told before anything else (P1)."""
    case = lock_incident(act, incident_id)
    entry_id = case.record("incident.agent_to_hold", {})
    case.incident.warn_agent = True
    return entry_id


def attach(act: Act, incident_id: int, signal: SignalRef) -> int:
    """A restore, an arming or an information is shown and counted; nothing rings. Returns the entry."""
    case = lock_incident(act, incident_id)
    entry_id = case.record("incident.signal_shown", {"role": signal.role}, happened_at=signal.at)
    count_signal(case, signal, entry_id)
    return entry_id


def mark_point_normal(  # noqa: PLR0917  # the form that docs/design/decide.md promises
    act: Act, incident_id: int, point_key: str, by: str, at: datetime, signal: SignalRef | None = None
) -> int:
    """A point is back by its restore, an arming or a disarming, where the contract accepts it (P2, P5).

    A way that the house does not accept (`normal_by` of the centre's settings) is noted and clears nothing.
    Returns the entry. Raises NotFoundError, UnknownChoiceError.
    """
    if by not in ("restore", "arming", "disarming"):
        raise UnknownChoiceError(field="by", value=by, known=["restore", "arming", "disarming"])
    case = lock_incident(act, incident_id)
    point = act.session.scalar(
        select(IncidentPoint).where(IncidentPoint.incident_id == incident_id, IncidentPoint.key == point_key)
    )
    if point is None:
        raise NotFoundError("No such point in this dossier.", what="point", id=point_key)
    accepted = by in case.limits.normal_by
    entry_id = case.record(
        "incident.point_normal" if accepted else "incident.point_restored",
        {"point": point.label, "by": by},
        happened_at=at,
    )
    if signal is not None:
        count_signal(case, signal, entry_id)
    if by == "restore":
        point.restored_at = at
    if accepted:
        point.normal_at, point.normal_by = at, by
    point.entry_id = entry_id
    refresh_steps(case, entry_id)
    return entry_id


def turn_to_duress(act: Act, incident_id: int, entry_id: int) -> None:
    """The customer is under threat (P1): silently, same operator, priority 1, the FO step first.

    `entry_id`: the entry that told it (a duress word). What the customer could notice is no longer proposed, and
    «alarme injustifiée» is locked until `release_duress`. Repeating it changes nothing.
    """
    case = lock_incident(act, incident_id)
    case.incident.entry_id = entry_id
    if not case.incident.duress:
        _turn_to_duress(case, entry_id)


def _turn_to_duress(case: Case, entry_id: int) -> None:
    incident, session = case.incident, case.act.session
    incident.duress = incident.duress_locked = True
    if incident.priority > 1:
        _raise_priority(case, 1, {}, case.act.now)
    returns = {step.key for step in snapshot_steps(incident.procedure) if step.act == RETURN}
    for row in rows_of(session, incident.id):
        # The return to normal is that of the new procedure: what was said of it before the duress is to be said again.
        if row.state in ("pending", "current") or (row.state == DONE and row.key in returns):
            row.state, row.current_since, row.entry_id = "absent", None, entry_id
    incident.procedure = with_duress(session, case.site, incident.procedure)
    lay_steps(case, entry_id)
    if incident.ringing_since is not None:
        watch_untaken(case)
