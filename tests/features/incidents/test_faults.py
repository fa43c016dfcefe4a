"""Faults (priorities 5 and beyond): a repair owed to somebody, no act owed at once (practice P8)."""

from __future__ import annotations

from datetime import timedelta

from tests.features.incidents.conftest import Room
from veilleur.features.incidents import commands as c
from veilleur.features.incidents.model import PointRef


def test_a_fault_rings_no_post_before_an_hour(room: Room) -> None:
    """P8: 5 and 6 are faults, a repair owed to somebody, no act owed at once: no rush, no figure."""
    incident_id = room.open(priority=5)
    start = room.clock.now()
    assert room.incident(incident_id).limits == {"take": 900, "take_max": 3600, "act": 1800, "act_max": 7200}
    assert room.due(incident_id)["untaken"] == start + timedelta(hours=1)
    room.clock.current = start + timedelta(minutes=59)
    assert room.do("watch", c.untaken, incident_id) is False
    assert room.incident(incident_id).escalation == 0
    room.clock.current = start + timedelta(hours=1)
    assert room.do("watch", c.untaken, incident_id) is True
    assert room.incident(incident_id).escalation == 1, "every post, and nobody is fetched from bed"
    assert room.due(incident_id) == {}


def test_a_fault_of_the_hold_up_button_is_a_fault(room: Room) -> None:
    incident_id = room.open(priority=5, family="person", category="hold_up")
    assert room.incident(incident_id).limits["take"] == 900


def test_who_takes_a_fault_has_a_quarter_of_an_hour(room: Room) -> None:
    incident_id = room.open(priority=6)
    start = room.clock.now()
    room.do("Ana", c.take, incident_id)
    assert room.due(incident_id) == {
        "no_act": start + timedelta(minutes=15),
        "back_to_queue": start + timedelta(minutes=30),
    }
    room.clock.current = start + timedelta(minutes=14)
    assert room.do("watch", c.no_act, incident_id) is False
    room.clock.current = start + timedelta(minutes=15)
    assert room.do("watch", c.no_act, incident_id) is True
    room.clock.current = start + timedelta(minutes=30)
    assert room.do("watch", c.back_to_queue, incident_id) is True


def test_an_alarm_that_joins_a_fault_brings_its_own_haste(room: Room) -> None:
    incident_id = room.open(priority=6, family="technical", category="power")
    room.do(
        "watch",
        c.join_signal,
        incident_id,
        room.signal("new_point"),
        PointRef("zone:1:9", "Chambre froide", "environment", "1", None),
        ring="higher",
        priority=3,
        limits={"take": 90, "act": 120},
    )
    assert room.incident(incident_id).limits == {"take": 90, "take_max": 180, "act": 120, "act_max": 240}
    assert room.due(incident_id)["untaken"] == room.clock.now() + timedelta(seconds=90)
