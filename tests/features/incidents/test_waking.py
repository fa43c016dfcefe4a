"""Réveil at the level of commands (practice P3, need 1): twelve cases, then what joins without waking."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.features.incidents.conftest import NEW_POINT, POINT, Room
from veilleur.features.incidents import commands as c
from veilleur.features.incidents.errors import IncidentClosedError
from veilleur.features.incidents.model import SignalRef
from veilleur.kernel.errors import NotFoundError


@dataclass(frozen=True)
class Case:
    """Une ligne du tableau : dans quel état est le dossier, ce qui arrive, ce qu’on doit voir."""

    quand: str
    etat: str
    ring: str
    join: dict[str, Any] = field(default_factory=dict)
    owner: str | None = "Ana"


CASES = [
    Case("nouveau point sur un dossier pris", "taken", "new_point"),
    Case("priorité plus haute sur un dossier pris", "taken", "higher", {"priority": 1}),
    Case("nouveau point sur un dossier en attente", "parked", "new_point"),
    Case("même point sur un dossier en attente", "parked", "parked", {"point": POINT}),
    Case("nouveau point, agent engagé", "taken", "agent", {"warn_agent": True}),
    Case(
        "priorité plus haute, agent engagé, dossier en attente",
        "parked",
        "higher",
        {"priority": 2, "warn_agent": True},
    ),
    Case("nouveau point pendant la clôture", "closing", "closing"),
    Case("priorité plus haute pendant la clôture", "closing", "higher", {"priority": 1}),
    Case("nouveau point sur un dossier proposé à un collègue", "transferred", "new_point"),
    Case("nouveau point sur un dossier remis au chef", "handed_up", "new_point", owner=None),
    Case("nouveau point sur un dossier que personne n’a pris", "new", "new_point", owner=None),
    Case("contrainte sur un dossier pris", "taken", "higher", {"priority": 1, "duress": True}),
]


def bring(room: Room, state: str) -> int:
    incident_id = room.open()
    if state == "new":
        return incident_id
    room.do("Ana", c.take, incident_id)
    room.do("Ana", c.step_done, incident_id, "clip", "nothing")
    match state:
        case "parked":
            room.do("Ana", c.park, incident_id, room.clock.now() + timedelta(minutes=10), "waiting_agent")
        case "closing":
            room.do("Ana", c.begin_closing, incident_id, "unjustified_user")
        case "transferred":
            room.do("Ana", c.offer, incident_id, room.users["Bruno"])
        case "handed_up":
            room.do("Ana", c.hand_up, incident_id, "decision")
    return incident_id


@pytest.mark.parametrize("case", CASES, ids=[case.quand for case in CASES])
def test_need_1_reveil(room: Room, case: Case) -> None:
    """THEN it rings, needs a new prise en compte with its own clock, «Prévenir l’agent» first."""
    incident_id = bring(room, case.etat)
    waiting_since = room.incident(incident_id).ringing_since
    rings = room.incident(incident_id).rings
    first_taken = room.incident(incident_id).taken_at
    room.clock.advance(20)
    join = dict(case.join)
    point = join.pop("point", NEW_POINT)
    room.do("watch", c.join_signal, incident_id, room.signal("new_point"), point, ring=case.ring, **join)

    woken = room.incident(incident_id)
    assert woken.state == "new"
    assert woken.owner_id == (room.users[case.owner] if case.owner else None)
    assert woken.ringing_since == (waiting_since or room.clock.now()), "its own clock; one that ran goes on"
    assert (woken.ring_reason, woken.rings) == (case.ring, rings + 1)
    assert woken.warn_agent == bool(join.get("warn_agent"))
    assert woken.priority == join.get("priority", 3)
    assert woken.parked_until is woken.offered_to_id is woken.outcome is None
    assert set(room.due(incident_id)) == {"untaken"}

    room.clock.advance(7)
    room.do("Bruno", c.take, incident_id)
    taken = room.incident(incident_id)
    assert (taken.state, taken.owner_id, taken.ringing_since) == ("taken", room.users["Bruno"], None)
    assert taken.taken_at == (first_taken or room.clock.now())
    assert taken.retaken_at == room.clock.now()
    assert set(room.due(incident_id)) == {"no_act", "back_to_queue"}


def test_twelve_cases_prove_it() -> None:
    assert len(CASES) == 12


def test_a_higher_priority_tightens_the_limits_of_a_dossier_nobody_took(room: Room) -> None:
    incident_id = room.open(priority=3)
    opened = room.clock.now()
    room.clock.advance(20)
    room.do("watch", c.join_signal, incident_id, room.signal(), NEW_POINT, ring="higher", priority=1)
    assert room.due(incident_id)["untaken"] == opened + timedelta(seconds=30)
    assert room.incident(incident_id).limits["take"] == 30


def test_a_lower_priority_changes_nothing(room: Room) -> None:
    incident_id = room.open(priority=2)
    room.do("watch", c.join_signal, incident_id, room.signal(), POINT, priority=4)
    assert room.incident(incident_id).priority == 2


def test_a_same_point_joins_without_waking(room: Room) -> None:
    incident_id = bring(room, "taken")
    room.clock.advance(3)
    room.do("watch", c.join_signal, incident_id, room.signal(), POINT, marks=("confirmed",))
    incident = room.incident(incident_id)
    assert (incident.state, incident.ringing_since, incident.signal_count) == ("taken", None, 2)
    assert incident.last_signal_at == room.clock.now()
    assert incident.headline["marks"] == ["confirmed"]
    assert [(p.label, p.alarms) for p in room.points(incident_id)] == [(POINT.label, 2)]
    assert room.entries(incident_id)[-1] == "incident.signal_joined"
    assert room.sentences(incident_id)[-1] == (
        f"Signal joint au dossier {incident.reference} – Intrusion – {POINT.label}"
    )


def test_two_events_of_one_signal_count_once(room: Room) -> None:
    incident_id = room.open()
    signal = room.signal()
    room.do("watch", c.join_signal, incident_id, signal, POINT)
    again = SignalRef(signal.signal_id, 1, signal.at, "joined")
    room.do("watch", c.join_signal, incident_id, again, NEW_POINT)
    assert room.incident(incident_id).signal_count == 2


def test_age_runs_from_the_first_signal(room: Room) -> None:
    """P8: «alarme 2:59 · dernier signal 2:18»."""
    first = room.clock.now()
    room.clock.advance(4)
    with room.act() as act:
        from tests.features.incidents.conftest import OPENING
        from veilleur.features.incidents.model import Opening

        opening = Opening(site_id=room.site_id, **OPENING)
        incident_id = c.open_incident(act, opening, room.signal("opened", first), POINT)
    incident = room.incident(incident_id)
    assert incident.opened_at == first
    assert incident.ringing_since == room.clock.now()


def test_a_fault_that_becomes_an_alarm_ages_from_the_alarm(room: Room) -> None:
    """P8: a line down since an hour, then an intrusion: «alarme 0:00», taken and acted on anew."""
    incident_id = room.open(priority=6)
    room.do("Ana", c.take, incident_id)
    assert room.incident(incident_id).taken_at == room.clock.now()
    room.clock.advance(3_600)
    room.do("watch", c.join_signal, incident_id, room.signal(), NEW_POINT, ring="higher", priority=3)
    incident = room.incident(incident_id)
    assert incident.opened_at == room.clock.now()
    assert (incident.taken_at, incident.first_act_at) == (None, None)
    room.clock.advance(20)
    room.do("Ana", c.take, incident_id)
    assert room.incident(incident_id).taken_at == room.clock.now()
    # Higher still is no other alarm: the age goes on.
    room.do("watch", c.join_signal, incident_id, room.signal(), NEW_POINT, ring="higher", priority=2)
    assert room.incident(incident_id).opened_at == incident.opened_at


def test_an_alarm_on_a_point_back_to_normal_opens_it_again(room: Room) -> None:
    incident_id = room.open()
    room.do("watch", c.mark_point_normal, incident_id, POINT.key, "restore", room.clock.now())
    assert room.incident(incident_id).normal
    room.do("watch", c.join_signal, incident_id, room.signal(), POINT)
    (point,) = room.points(incident_id)
    assert (point.normal_at, point.normal_by) == (None, None)
    assert not room.incident(incident_id).normal
    assert room.steps(incident_id)["normal"].state == "pending"


def test_a_restore_is_shown_and_rings_nothing(room: Room) -> None:
    """P2: a restore updates the state of the point and nothing else."""
    incident_id = bring(room, "parked")
    room.do("watch", c.attach, incident_id, room.signal("restore"))
    incident = room.incident(incident_id)
    assert (incident.state, incident.ringing_since, incident.signal_count) == ("parked", None, 2)
    assert not incident.normal


def test_a_way_that_the_house_refuses_clears_nothing(room: Room) -> None:
    """P5: whichever the setting accepts."""
    with room.act() as act:
        from veilleur.features.sites.tables import Centre

        entry_id = act.record("test.settings")
        centre = act.session.get_one(Centre, 1)
        centre.settings, centre.entry_id = {"normal_by": ["agent", "contact"]}, entry_id
    incident_id = room.open()
    room.do("watch", c.mark_point_normal, incident_id, POINT.key, "restore", room.clock.now())
    (point,) = room.points(incident_id)
    assert (point.normal_at, point.restored_at) == (None, room.clock.now())
    assert room.entries(incident_id)[-1] == "incident.point_restored"


def test_an_unknown_point_is_told(room: Room) -> None:
    incident_id = room.open()
    with pytest.raises(NotFoundError):
        room.do("watch", c.mark_point_normal, incident_id, "zone:9:99", "restore", room.clock.now())


def test_a_closed_dossier_wakes_no_more(room: Room) -> None:
    incident_id = room.open()
    room.do("watch", c.close_by_itself, incident_id, "restored", room.signal("restore"))
    with pytest.raises(IncidentClosedError):
        room.do("watch", c.join_signal, incident_id, room.signal(), POINT, ring="new_point")
    with pytest.raises(IncidentClosedError):
        room.do("watch", c.ring_again, incident_id, "higher")


def test_the_agent_of_a_linked_dossier_is_told(room: Room) -> None:
    incident_id = bring(room, "parked")
    room.do("watch", c.warn_agent, incident_id, room.signal("info"))
    incident = room.incident(incident_id)
    assert (incident.state, incident.warn_agent) == ("parked", True)
