"""Agents sent to a site: each stage timed, the next in line when nobody answers (duties S6, S11; practice P3, P5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.deadlines.commands import cancel, schedule
from veilleur.features.handling.clues import insert_clue, start_verification
from veilleur.features.handling.corroboration import follow_door
from veilleur.features.handling.duress import refuse_under_duress
from veilleur.features.handling.errors import (
    InterventionStateError,
    NoWarningError,
    ResponderBusyError,
    ResponderCardError,
)
from veilleur.features.handling.place import Place, answer_step, place_of_incident
from veilleur.features.handling.stages import (
    ENGAGED,
    FINDINGS,
    HELD,
    NOT_LEFT,
    PROVING,
    Agent,
    card_expired,
    may_become,
    next_agent,
)
from veilleur.features.handling.tables import Intervention
from veilleur.features.handling.telling import still_to_tell, to_tell, under_threat
from veilleur.features.incidents.case import require_holder
from veilleur.features.incidents.commands import point_normal, ring_again
from veilleur.features.incidents.errors import DuressLockedError, IncidentClosedError
from veilleur.features.incidents.points import is_open, points_of
from veilleur.features.sites.tables import Responder, Site, SiteResponder
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.logbook.act import Act

#: Setting `agent_answer` of the centre: seconds after which an agent who does not answer is passed over.
ANSWER_SECONDS = 120
MAX_MINUTES = 600
MAX_TEXT = 1000


def agents_of(session: ReadSession, site: Site, incident_id: int) -> list[Agent]:
    """Everybody who may be sent: the site's agents, then those of its commune."""
    asked = {
        row.responder_id: row.state
        for row in session.scalars(
            select(Intervention).where(Intervention.incident_id == incident_id).order_by(Intervention.id)
        )
    }
    links = {
        row.responder_id: row
        for row in session.scalars(
            select(SiteResponder).where(SiteResponder.site_id == site.id, SiteResponder.removed_at.is_(None))
        )
    }
    rows = session.scalars(select(Responder).where(Responder.removed_at.is_(None)).order_by(Responder.name))
    agents: list[Agent] = []
    for row in rows:
        link = links.get(row.id)
        if link is None and site.commune not in row.communes:
            continue
        agents.append(
            Agent(
                id=row.id,
                name=row.name,
                firm=row.firm,
                phone=row.phone,
                rank=link.rank if link else None,
                keys=link.keys if link else None,
                minutes=link.minutes if link else None,
                card_expires=row.card_expires_on,
                asked=asked.get(row.id),
            )
        )
    return agents


def ask_agent(
    act: Act, incident_id: int, responder_id: int, *, step_key: str | None = None, basis: str | None = None
) -> int:
    """Asks an agent to go; the intervention's id. Under a locked duress only with a basis (P1).

    Raises NotFoundError, NotYoursError, DuressLockedError, ResponderBusyError, ResponderCardError.
    """
    place = place_of_incident(act, incident_id)
    require_holder(place.case)
    refuse_under_duress(place.case, "send_agent", basis)
    agent = next(
        (row for row in agents_of(act.session, place.site, incident_id) if row.id == responder_id), None
    )
    if agent is None:
        raise NotFoundError("No such agent for this site.", what="responder", id=responder_id)
    if agent.asked in ENGAGED:
        raise ResponderBusyError(name=agent.name, state=agent.asked)
    if card_expired(agent, act.now):
        raise ResponderCardError(name=agent.name)
    entry = place.record(
        "intervention.asked", {"name": agent.name, "firm": agent.firm, "basis": basis}, acted=True
    )
    row = Intervention(
        incident_id=incident_id,
        responder_id=responder_id,
        state="asked",
        asked_at=act.now,
        step_key=step_key,
        # Asked with a basis, he is told of the duress as he is asked.
        warned_at=act.now if basis else None,
        entry_id=entry,
    )
    act.session.add(row)
    act.session.flush()
    said = place.settings.get("agent_answer")
    seconds = said if isinstance(said, int) and said > 0 else ANSWER_SECONDS
    _deadline(place, row, "agent_answer", act.now + timedelta(seconds=seconds))
    return row.id


def _deadline(place: Place, row: Intervention, kind: str, due_at: datetime) -> None:
    schedule(
        place.act,
        kind,
        due_at,
        site_id=place.site.id,
        incident_id=row.incident_id,
        subject_id=row.id,
    )


def _moving(act: Act, incident_id: int, intervention_id: int, wanted: str) -> tuple[Place, Intervention, str]:
    """The intervention that may take this stage, and the agent's name."""
    place = place_of_incident(act, incident_id)
    require_holder(place.case)
    row = act.session.get(Intervention, intervention_id, populate_existing=True)
    if row is None or row.incident_id != incident_id:
        raise NotFoundError("No such intervention in this dossier.", what="intervention", id=intervention_id)
    if not may_become(row.state, wanted):
        raise InterventionStateError(state=row.state, wanted=wanted)
    return place, row, name_of(act.session, row)


def name_of(session: ReadSession, row: Intervention) -> str:
    """The agent's name."""
    return session.get_one(Responder, row.responder_id).name


def _minutes(place: Place, row: Intervention, minutes: int | None) -> datetime | None:
    """When the agent is expected: as he says, else as the contract says, else unknown."""
    if minutes is not None and not 0 <= minutes <= MAX_MINUTES:
        raise InvalidError(
            f"Minutes run from 0 to {MAX_MINUTES}.", field="minutes", value=minutes, most=MAX_MINUTES
        )
    if minutes is None:
        link = place.act.session.get(SiteResponder, (place.site.id, row.responder_id))
        minutes = link.minutes if link else None
    return place.act.now + timedelta(minutes=minutes) if minutes is not None else None


def agent_accepted(act: Act, incident_id: int, intervention_id: int, minutes: int | None = None) -> None:
    """He goes. `minutes`: as he says; else the contract's. The step «send agent» is done."""
    place, row, name = _moving(act, incident_id, intervention_id, "accepted")
    expected = _minutes(place, row, minutes)
    entry = place.record("intervention.accepted", {"name": name, "expected": expected}, acted=True)
    row.state, row.answered_at, row.expected_at, row.entry_id = "accepted", act.now, expected, entry
    act.session.flush()
    _expect(place, row)
    if row.warned_at is None and under_threat(act.session, place.site.id):
        place.case.incident.warn_agent = True
    answer_step(place, row.step_key, "engaged", entry)


def agent_on_the_way(
    act: Act, incident_id: int, intervention_id: int, minutes: int | None = None, basis: str | None = None
) -> None:
    """He has left. `minutes` moves the expected arrival; without, the one promised stands. One who was held goes on
    under a locked duress only with a basis (P1)."""
    place, row, name = _moving(act, incident_id, intervention_id, "on_the_way")
    if row.state == HELD:
        _refuse_going(place, basis)
    expected = (
        _minutes(place, row, minutes) if minutes is not None or row.expected_at is None else row.expected_at
    )
    entry = place.record(
        "intervention.on_the_way", {"name": name, "expected": expected, "basis": basis}, acted=True
    )
    row.state, row.left_at, row.expected_at, row.entry_id = "on_the_way", act.now, expected, entry
    act.session.flush()
    _expect(place, row)


def _expect(place: Place, row: Intervention) -> None:
    cancel(place.act, "agent_answer", "agent_late", subject_id=row.id)
    if row.expected_at is not None:
        _deadline(place, row, "agent_late", row.expected_at)


def agent_refused(act: Act, incident_id: int, intervention_id: int, reason: str | None = None) -> None:
    """He does not go; the next in line is suggested."""
    place, row, name = _moving(act, incident_id, intervention_id, "refused")
    text = _text(reason)
    entry = place.record("intervention.refused", {"name": name, "reason": text}, acted=True)
    cancel(act, "agent_answer", "agent_late", subject_id=row.id)
    row.state, row.answered_at, row.refused_reason, row.entry_id = "refused", act.now, text, entry
    act.session.flush()
    still_to_tell(place)
    _nobody_left(place, row, entry)


def agent_no_answer(act: Act, incident_id: int, intervention_id: int) -> None:
    """The operator says that he does not answer; the next in line is suggested."""
    place, row, name = _moving(act, incident_id, intervention_id, "no_answer")
    _unanswered(place, row, name)


def agent_unanswered(act: Act, intervention_id: int) -> bool:
    """The delay to answer is over; the next in line is suggested. False when he answered meanwhile.

    A deadline's effect (`agent_answer`), run by the watch.
    """
    found = _due(act, intervention_id)
    if found is None or found[1].state != "asked":
        return False
    place, row = found
    _unanswered(place, row, name_of(act.session, row))
    return True


def _unanswered(place: Place, row: Intervention, name: str) -> None:
    agents = agents_of(place.act.session, place.site, row.incident_id)
    following = next_agent(agents, place.act.now)
    entry = place.record(
        "intervention.no_answer", {"name": name, "next": following.name if following else None}, acted=True
    )
    cancel(place.act, "agent_answer", "agent_late", subject_id=row.id)
    row.state, row.entry_id = "no_answer", entry
    place.act.session.flush()
    still_to_tell(place)
    _nobody_left(place, row, entry)


def _nobody_left(place: Place, row: Intervention, entry: int) -> None:
    """When nobody is left to ask and nobody goes, the step says so."""
    agents = agents_of(place.act.session, place.site, row.incident_id)
    if next_agent(agents, place.act.now) is None and not any(agent.asked in ENGAGED for agent in agents):
        answer_step(place, row.step_key, "none_available", entry)


def _due(act: Act, intervention_id: int) -> tuple[Place, Intervention] | None:
    row = act.session.get(Intervention, intervention_id)
    if row is None:
        return None
    try:
        place = place_of_incident(act, row.incident_id)
    except IncidentClosedError:
        return None
    act.session.refresh(row)
    return place, row


def agent_late(act: Act, intervention_id: int) -> bool:
    """Expected and not there: the dossier rings. False when he is there, recalled, or expected later.

    A deadline's effect (`agent_late`), run by the watch.
    """
    found = _due(act, intervention_id)
    if found is None:
        return False
    place, row = found
    if (
        row.state not in ("accepted", "on_the_way")
        or row.expected_at is None
        or act.now < row.expected_at
        or row.late_at is not None
    ):
        return False
    entry = place.record(
        "intervention.late", {"name": name_of(act.session, row), "expected": row.expected_at}, acted=False
    )
    row.late_at, row.entry_id = act.now, entry
    act.session.flush()
    if place.case.incident.state == "parked":
        ring_again(act, row.incident_id, "agent_late")
    return True


def agent_on_site(act: Act, incident_id: int, intervention_id: int) -> None:
    """He is there: his declared presence begins (P3)."""
    place, row, name = _moving(act, incident_id, intervention_id, "on_site")
    entry = place.record("intervention.on_site", {"name": name}, acted=True)
    cancel(act, "agent_answer", "agent_late", subject_id=row.id)
    row.state, row.arrived_at, row.entry_id = "on_site", act.now, entry


def agent_found(
    act: Act,
    incident_id: int,
    intervention_id: int,
    finding: str,
    note: str | None = None,
    *,
    normal_points: Sequence[int] = (),
) -> None:
    """What he found. A break-in or a person is a proof (P4); the points he names are back by his finding (P5).

    Raises InvalidError, InterventionStateError, NotYoursError.
    """
    if finding not in FINDINGS:
        raise InvalidError(
            f"«{finding}» is no finding.", field="finding", value=finding, known=list(FINDINGS)
        )
    place, row, name = _moving(act, incident_id, intervention_id, "finding")
    text = _text(note)
    entry = place.record("intervention.finding", {"name": name, "finding": finding, "note": text}, acted=True)
    row.state, row.finding, row.finding_note, row.found_at = "finding", finding, text, act.now
    row.entry_id = entry
    act.session.flush()
    start_verification(place)
    if finding in PROVING:
        insert_clue(place, "agent", text or "", entry, by_machine=True, intervention_id=row.id)
        follow_door(place, entry)
    still = {point.id for point in points_of(act.session, incident_id) if is_open(point)}
    for point_id in normal_points:
        if point_id in still:
            point_normal(act, incident_id, point_id, "agent", text)


def agent_done(act: Act, incident_id: int, intervention_id: int, note: str | None = None) -> None:
    """He has left the site: his presence ends."""
    place, row, name = _moving(act, incident_id, intervention_id, "done")
    entry = place.record("intervention.done", {"name": name, "note": _text(note)}, acted=True)
    row.state, row.done_at, row.entry_id = "done", act.now, entry
    act.session.flush()
    still_to_tell(place)


def recall_agent(act: Act, incident_id: int, intervention_id: int, reason: str) -> None:
    """He is called off, with a reason; refused while a duress is locked (P1) once he has answered that he comes: he is
    held instead. A request that nobody took may be withdrawn."""
    text = _text(reason)
    if text is None:
        raise InvalidError("Say why.", field="reason")
    place, row, name = _moving(act, incident_id, intervention_id, "cancelled")
    if row.state not in NOT_LEFT:
        refuse_under_duress(place.case, "recall_agent")
    entry = place.record("intervention.cancelled", {"name": name, "reason": text}, acted=True)
    cancel(act, "agent_answer", "agent_late", subject_id=row.id)
    row.state, row.done_at, row.refused_reason, row.entry_id = "cancelled", act.now, text, entry
    act.session.flush()
    still_to_tell(place)


def agent_warned(act: Act, incident_id: int, intervention_id: int, basis: str | None = None) -> None:
    """«Prévenir l'agent»: he was told of what is new; the dossier no longer asks for it once each was.

    Under a locked duress telling him to go on needs a basis (P1); else `hold_agent`.
    """
    place = place_of_incident(act, incident_id)
    require_holder(place.case)
    row = act.session.get(Intervention, intervention_id, populate_existing=True)
    if row is None or row.incident_id != incident_id:
        raise NotFoundError("No such intervention in this dossier.", what="intervention", id=intervention_id)
    if row.state not in to_tell(act.session, place.site.id):
        raise NoWarningError(state=row.state)
    if row.state != HELD:
        _refuse_going(place, basis)
    entry = place.record(
        "intervention.warned", {"name": name_of(act.session, row), "basis": basis}, acted=True
    )
    row.warned_at, row.entry_id = act.now, entry
    act.session.flush()
    still_to_tell(place)


def hold_agent(act: Act, incident_id: int, intervention_id: int) -> None:
    """He is told, and waits at a distance: he neither shows himself nor goes in (P1). Nothing of the site notices it."""
    place, row, name = _moving(act, incident_id, intervention_id, HELD)
    entry = place.record("intervention.held", {"name": name}, acted=True)
    cancel(act, "agent_answer", "agent_late", subject_id=row.id)
    row.state, row.warned_at, row.entry_id = HELD, act.now, entry
    row.answered_at = row.answered_at or act.now
    act.session.flush()
    still_to_tell(place)


def _refuse_going(place: Place, basis: str | None) -> None:
    """Raises DuressLockedError when he is told to go on while a duress of the site is locked, without a basis (P1)."""
    refuse_under_duress(place.case, "send_agent", basis)
    if basis is None and under_threat(place.act.session, place.site.id):
        raise DuressLockedError(what="send_agent")


def _text(value: str | None) -> str | None:
    return (value or "").strip()[:MAX_TEXT] or None
