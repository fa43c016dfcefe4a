"""Return to normal, deferrals, closing and what duress locks (duty S12; practice P1, P5, P10)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.features.incidents.conftest import NEW_POINT, POINT, Room
from veilleur.features.handling.tables import Call, Intervention, ServiceCall
from veilleur.features.incidents import commands as c
from veilleur.features.incidents.closing import OUTCOMES, UNJUSTIFIED
from veilleur.features.incidents.errors import (
    BadTimeError,
    ClosingBlockedError,
    DuressLockedError,
    IncidentStateError,
    NoEvidenceError,
    NotYoursError,
    PointsOpenError,
    StepStateError,
    UnknownChoiceError,
)
from veilleur.features.incidents.queries import closing_of
from veilleur.features.incidents.tables import Deferral, Incident
from veilleur.features.sites.tables import Responder
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.locale.render import catalogue


@pytest.fixture
def held(room: Room) -> int:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    return incident_id


def add(room: Room, row: Any) -> int:
    """A row of another feature, with its entry."""
    with room.act("Ana") as act:
        row.entry_id = act.record("test.row")
        act.session.add(row)
        act.session.flush()
        return int(row.id)


def change(room: Room, kind: type, row_id: int, **values: Any) -> None:
    with room.act("Ana") as act:
        entry_id = act.record("test.change")
        row = act.session.get_one(kind, row_id)
        for name, value in values.items():
            setattr(row, name, value)
        row.entry_id = entry_id


def call(incident_id: int, room: Room, **values: Any) -> Call:
    given: dict[str, Any] = {
        "direction": "out",
        "target": "contact",
        "label": "Gérante",
        "started_at": room.clock.now(),
        "settled": True,
        "tries": 0,
        "identified": False,
    }
    return Call(incident_id=incident_id, site_id=room.site_id, **(given | values))


def agent(incident_id: int, room: Room, **values: Any) -> Intervention:
    responder = add(room, Responder(reference="R1", name="Rondier 7", phone="+33 6 39 98 00 07", communes=[]))
    given: dict[str, Any] = {"state": "asked", "asked_at": room.clock.now()}
    return Intervention(incident_id=incident_id, responder_id=responder, **(given | values))


def blockers(room: Room, incident_id: int) -> list[str]:
    with pytest.raises(ClosingBlockedError) as caught:
        room.do("Ana", c.close, incident_id, "unjustified_user")
    found: Any = caught.value.params["blockers"]
    return [each["code"] for each in found]


@pytest.mark.parametrize("called", [True, False])
def test_a_levee_de_doute_that_was_begun_closes_with_its_result(
    room: Room, held: int, *, called: bool
) -> None:
    """What the préfet reads must not be «en cours»: once the police were called, or for a cause that is real."""
    change(room, Incident, held, verification="running")
    if called:
        now = room.clock.now()
        row = ServiceCall(
            incident_id=held,
            service="gendarmerie",
            door="goods",
            justification={},
            asked_at=now,
            ended_at=now,
        )
        add(room, row)
    all_done(room, held)
    if called:
        assert blockers(room, held) == ["verification_open"]
        assert shown(room, held) == (["blocker.verification_open"], set())
    else:
        assert shown(room, held) == ([], {"real_intrusion", "real_attempt", "real_damage"})
    with pytest.raises(ClosingBlockedError):
        room.do("Ana", c.close, held, "real_intrusion")
    room.do("Ana", c.begin_closing, held, "real_intrusion")
    assert shown(room, held) == (["blocker.verification_open"], set())
    change(room, Incident, held, verification="goods")
    assert shown(room, held) == ([], set())
    room.do("Ana", c.close, held, "real_intrusion")


def test_an_unjustified_alarm_without_police_closes_without_a_result(room: Room, held: int) -> None:
    """Closing what was nothing must stay the fastest path."""
    change(room, Incident, held, verification="running")
    all_done(room, held)
    room.do("Ana", c.close, held, "unjustified_user")


def all_done(room: Room, incident_id: int) -> None:
    """Every step is answered, the point is back by an agent's finding."""
    room.finish_steps(incident_id, "Ana")
    add(room, agent(incident_id, room, state="done", found_at=room.clock.now()))
    (point,) = room.points(incident_id)
    room.do("Ana", c.point_normal, incident_id, point.id, "agent", None)


def shown(room: Room, incident_id: int) -> tuple[list[str], set[str]]:
    """What the closing card lists, and the causes that ask for something first."""
    with room.database.read() as session:
        closing = closing_of(session, session.get_one(Incident, incident_id))
    needing = {each.key for each in closing.outcomes if each.needs is not None}
    return [each.code for each in closing.blockers], needing


def test_each_blocker_keeps_the_dossier_open_until_it_is_seen_to(room: Room, held: int) -> None:
    """One after the other: a call, a service call, an intervention, steps, points. Then it closes."""
    running_call = add(room, call(held, room, settled=False))
    service = add(
        room,
        ServiceCall(
            incident_id=held, service="police", door="goods", justification={}, asked_at=room.clock.now()
        ),
    )
    intervention = add(room, agent(held, room))
    wanted = [
        "calls_unsettled",
        "service_calls_running",
        "interventions_running",
        "steps_open",
        "points_open",
    ]
    assert blockers(room, held) == wanted
    change(room, Call, running_call, undone_at=room.clock.now())
    assert blockers(room, held) == wanted[1:]
    change(room, ServiceCall, service, ended_at=room.clock.now())
    assert blockers(room, held) == wanted[2:]
    change(room, Intervention, intervention, state="done", found_at=room.clock.now())
    assert blockers(room, held) == wanted[3:]
    room.finish_steps(held, "Ana")
    assert blockers(room, held) == wanted[4:]
    (point,) = room.points(held)
    room.do("Ana", c.point_normal, held, point.id, "agent", "porte refermée")
    room.clock.advance(30)
    room.do("Ana", c.close, held, "unjustified_user", "livreur")
    incident = room.incident(held)
    assert (incident.state, incident.closed_at, incident.outcome) == (
        "closed",
        room.clock.now(),
        "unjustified_user",
    )
    assert (incident.outcome_note, incident.owner_id, incident.normal) == ("livreur", room.users["Ana"], True)
    assert room.due(held) == {}


def test_a_refused_closing_changes_nothing(room: Room, held: int) -> None:
    before = room.incident(held).entry_id
    blockers(room, held)
    incident = room.incident(held)
    assert (incident.state, incident.closed_at, incident.entry_id) == ("taken", None, before)


def test_a_prepared_closing_keeps_its_cause_and_still_waits(room: Room, held: int) -> None:
    room.do("Ana", c.begin_closing, held, "real_attempt", "serrure forcée")
    incident = room.incident(held)
    assert (incident.state, incident.outcome, incident.outcome_note) == (
        "closing",
        "real_attempt",
        "serrure forcée",
    )
    assert blockers(room, held) == ["steps_open", "points_open"]
    room.do("Ana", c.keep_open, held)
    assert (room.incident(held).state, room.incident(held).outcome) == ("taken", None)


def test_only_the_holder_closes_and_only_from_a_held_state(room: Room, held: int) -> None:
    with pytest.raises(NotYoursError):
        room.do("Bruno", c.close, held, "unjustified_user")
    room.do("Ana", c.park, held, room.clock.now() + timedelta(minutes=5), "call_back")
    with pytest.raises(IncidentStateError):
        room.do("Ana", c.close, held, "unjustified_user")


def test_the_cause_belongs_to_the_family(room: Room, held: int) -> None:
    with pytest.raises(UnknownChoiceError) as caught:
        room.do("Ana", c.close, held, "real_fire")
    assert caught.value.params["known"] == list(OUTCOMES["intrusion"])
    with pytest.raises(InvalidError):
        room.do("Ana", c.begin_closing, held, "real_attempt", "x" * 2_001)


def test_every_cause_has_its_words_in_both_languages() -> None:
    for language in ("fr", "en"):
        words = catalogue(language, "vocabulary")["outcome"]
        assert {each for listed in OUTCOMES.values() for each in listed} <= set(words)
    french = catalogue("fr", "vocabulary")["outcome"]
    assert all(french[each].startswith("Alarme injustifiée – cause : ") for each in UNJUSTIFIED)


@pytest.mark.parametrize("by", ["agent", "contact"])
def test_a_point_comes_back_by_a_finding_or_a_word_and_only_then(room: Room, held: int, by: str) -> None:
    """P5: the dossier says by which."""
    (point,) = room.points(held)
    with pytest.raises(NoEvidenceError):
        room.do("Ana", c.point_normal, held, point.id, by)
    if by == "agent":
        add(room, agent(held, room, state="finding", found_at=room.clock.now()))
    else:
        add(room, call(held, room, word="right", identified=True, undone_at=room.clock.now()))
        with pytest.raises(NoEvidenceError):
            room.do("Ana", c.point_normal, held, point.id, by)
        add(room, call(held, room, word="right", identified=True))
    room.do("Ana", c.point_normal, held, point.id, by)
    (point,) = room.points(held)
    assert (point.normal_by, point.normal_at) == (by, room.clock.now())
    assert room.incident(held).normal
    assert (room.steps(held)["normal"].state, room.steps(held)["normal"].result) == ("done", "normal")
    with pytest.raises(StepStateError):
        room.do("Ana", c.point_normal, held, point.id, by)


def test_an_operator_brings_no_point_back_by_himself(room: Room, held: int) -> None:
    (point,) = room.points(held)
    for by in ("restore", "arming", "me"):
        with pytest.raises(UnknownChoiceError):
            room.do("Ana", c.point_normal, held, point.id, by)
    with pytest.raises(PointsOpenError) as refused:
        room.do("Ana", c.step_done, held, "normal", "normal")
    assert refused.value.params == {"points": [point.label]}, "the message names what is still open"
    with pytest.raises(NotFoundError):
        room.do("Ana", c.point_normal, held, 999, "agent")


def test_a_deferral_has_a_name_and_an_hour(room: Room, held: int) -> None:
    """S12: what is not back is in somebody's charge; the dossier may then be closed."""
    room.do("watch", c.join_signal, held, room.signal(), NEW_POINT)
    until = room.clock.now() + timedelta(hours=8)
    first, second = room.points(held)
    deferral = room.do("Ana", c.defer, held, "vitre brisée", "vitrier", until, point_ids=[first.id])
    assert [point.deferral_id for point in room.points(held)] == [deferral, None]
    assert room.steps(held)["normal"].state == "pending"
    other = room.do("Ana", c.defer, held, "site laissé hors service", "gérante", until)
    assert [point.deferral_id for point in room.points(held)] == [deferral, other]
    assert (room.steps(held)["normal"].state, room.steps(held)["normal"].result) == ("done", "deferred")
    assert not room.incident(held).normal
    room.finish_steps(held, "Ana")
    room.do("Ana", c.close, held, "real_damage")
    assert second.label == NEW_POINT.label
    with room.read() as session:
        row = session.get_one(Deferral, deferral)
        assert (row.what, row.who, row.until, row.done_at) == ("vitre brisée", "vitrier", until, None)


def test_an_alarm_on_a_deferred_point_opens_it_again(room: Room, held: int) -> None:
    room.do("Ana", c.defer, held, "vitre", "vitrier", room.clock.now() + timedelta(hours=1))
    room.do("watch", c.join_signal, held, room.signal(), POINT)
    assert room.points(held)[0].deferral_id is None
    assert room.steps(held)["normal"].state == "pending"


@pytest.mark.parametrize(
    ("what", "who", "hours", "error"),
    [
        ("", "vitrier", 1, InvalidError),
        ("vitre", "  ", 1, InvalidError),
        ("vitre", "vitrier", 0, BadTimeError),
        ("vitre", "vitrier", 24 * 32, BadTimeError),
    ],
)
def test_a_deferral_without_name_or_hour_is_refused(
    room: Room, held: int, what: str, who: str, hours: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        room.do("Ana", c.defer, held, what, who, room.clock.now() + timedelta(hours=hours))


def test_an_overdue_deferral_is_a_technical_item_of_its_own(room: Room, held: int) -> None:
    """P5: a technical item, not a lock."""
    deferral = room.do("Ana", c.defer, held, "vitre", "vitrier", room.clock.now() + timedelta(hours=1))
    room.finish_steps(held, "Ana")
    room.do("Ana", c.close, held, "real_damage")
    room.clock.advance(3_599)
    assert room.do("watch", c.deferral_due, deferral) is False
    room.clock.advance(1)
    assert room.do("watch", c.deferral_due, deferral) is True
    with room.read() as session:
        fresh = session.query(Incident).where(Incident.linked_id == held).one()
    assert (fresh.family, fresh.priority, fresh.state) == ("service", 4, "new")
    assert fresh.headline["text"] == "vitre – vitrier"
    assert room.incident(held).state == "closed"


def test_a_deferral_is_done_even_after_the_closing(room: Room, held: int) -> None:
    deferral = room.do("Ana", c.defer, held, "vitre", "vitrier", room.clock.now() + timedelta(hours=1))
    room.finish_steps(held, "Ana")
    room.do("Ana", c.close, held, "real_damage")
    room.do("Bruno", c.deferral_done, held, deferral, "posée")
    room.clock.advance(3_600)
    assert room.do("watch", c.deferral_due, deferral) is False
    with pytest.raises(StepStateError):
        room.do("Bruno", c.deferral_done, held, deferral)


def test_a_fault_that_nobody_took_closes_by_itself(room: Room, held: int) -> None:
    fault = room.open(family="technical", category="power", priority=6, procedure_event="power")
    room.do("watch", c.close_by_itself, fault, "restored", room.signal("restore"))
    incident = room.incident(fault)
    assert (incident.state, incident.outcome, incident.normal, incident.ringing_since) == (
        "closed",
        "restored",
        True,
        None,
    )
    assert room.due(fault) == {}
    with pytest.raises(IncidentStateError):
        room.do("watch", c.close_by_itself, held, "restored", None)
    with pytest.raises(UnknownChoiceError):
        room.do("watch", c.close_by_itself, held, "bored", None)


def test_duress_locks_the_unjustified_until_it_is_released(room: Room, held: int) -> None:
    """P1: «alarme injustifiée» is locked until the chef or the FO outcome releases it."""
    with room.act("Ana") as act:
        c.turn_to_duress(act, held, act.record("test.duress_word"))
    room.finish_steps(held, "Ana")
    room.do("Ana", c.defer, held, "site", "gérante", room.clock.now() + timedelta(hours=1))
    for command in (c.close, c.begin_closing):
        with pytest.raises(DuressLockedError):
            room.do("Ana", command, held, "unjustified_user")
    room.do("Chef", c.release_duress, held, "lead_decision")
    room.do("Ana", c.close, held, "unjustified_user", "vu avec la police")
    assert room.incident(held).duress, "it stays marked"
    with pytest.raises(InvalidError):
        room.do("Chef", c.release_duress, held, "lead_decision")


def test_duress_never_locks_a_real_outcome(room: Room, held: int) -> None:
    with room.act("Ana") as act:
        c.turn_to_duress(act, held, act.record("test.duress_word"))
    room.finish_steps(held, "Ana")
    room.do("Ana", c.defer, held, "site", "gérante", room.clock.now() + timedelta(hours=1))
    room.do("Ana", c.close, held, "real_intrusion")
    assert room.incident(held).state == "closed"
