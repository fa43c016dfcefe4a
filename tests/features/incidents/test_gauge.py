"""The response-time gauge: which alarms it counts, which figure it gives, when (practice V5, P8; operator.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.features.incidents.conftest import NEW_POINT, Room
from veilleur.desk.gauge import Gauge, read_gauge
from veilleur.features.incidents import commands as c


@pytest.fixture
def gauge(room: Room) -> Any:
    def read() -> Gauge:
        with room.database.read() as session:
            return read_gauge(session, room.clock.now())

    return read


def test_nothing_was_due_yet(room: Room, gauge: Any) -> None:
    room.open()
    assert gauge() == Gauge(measure="taken", seconds=30, share=None, target=0.8, count=0)


def test_taken_in_time_and_acted_in_time(room: Room, gauge: Any) -> None:
    incident_id = room.open(priority=3)
    room.clock.advance(90)
    room.do("Ana", c.take, incident_id)
    assert (gauge().measure, gauge().seconds, gauge().share, gauge().count) == ("taken", 90, 1.0, 1)
    room.clock.advance(30)
    room.do("Ana", c.step_done, incident_id, "clip", "nothing")
    assert (gauge().share, gauge().count) == (1.0, 1), "the first act is due at 120 s, and done"


def test_the_worse_of_the_two_measures_is_shown(room: Room, gauge: Any) -> None:
    incident_id = room.open(priority=3)
    room.do("Ana", c.take, incident_id)
    room.clock.advance(121)
    assert (gauge().measure, gauge().seconds, gauge().share) == ("first_act", 120, 0.0), (
        "taken at once, never touched"
    )


def test_one_that_still_waits_counts_once_its_limit_has_passed(room: Room, gauge: Any) -> None:
    room.open(priority=3)
    room.clock.advance(90)
    assert gauge().count == 0
    room.clock.advance(1)
    assert (gauge().measure, gauge().share, gauge().count) == ("taken", 0.0, 1)


def test_the_worse_of_the_two_families_is_shown(room: Room, gauge: Any) -> None:
    quick = room.open(priority=3)
    room.do("Ana", c.take, quick)
    room.do("Ana", c.step_done, quick, "clip", "nothing")
    room.open(priority=1, family="person", category="hold_up")
    room.clock.advance(31)
    assert (gauge().measure, gauge().seconds, gauge().share, gauge().count) == ("taken", 30, 0.0, 1)


@pytest.mark.parametrize("priority", [5, 6, 7])
def test_a_fault_is_no_part_of_the_figures(room: Room, gauge: Any, priority: int) -> None:
    room.open(priority=priority)
    room.clock.advance(8 * 3600)
    assert gauge().count == 0


def test_what_asks_for_nobody_and_yesterday_count_for_nothing(room: Room, gauge: Any) -> None:
    room.open(needs_operator=False)
    room.open(priority=3)
    room.clock.advance(600)
    assert gauge().count == 1
    room.clock.current += timedelta(days=1)
    assert gauge().count == 0


def test_a_dossier_closed_by_itself_before_anybody_came_is_no_failure(room: Room, gauge: Any) -> None:
    incident_id = room.open(priority=4)
    room.clock.advance(20)
    room.do("watch", c.close_by_itself, incident_id, "restored", None)
    room.clock.advance(600)
    assert gauge().count == 0


def test_a_raise_does_not_condemn_what_was_taken_in_its_time(room: Room, gauge: Any) -> None:
    """Taken at 80 s of 90: a hold-up that joins ten minutes later changes nothing of that taking."""
    incident_id = room.open(priority=3)
    room.clock.advance(80)
    room.do("Ana", c.take, incident_id)
    room.do("Ana", c.step_done, incident_id, "clip", "nothing")
    room.clock.advance(600)
    room.do("watch", c.join_signal, incident_id, room.signal(), NEW_POINT, ring="higher", priority=1)
    assert (gauge().share, gauge().count) == (1.0, 1)
    assert gauge().seconds == 90, "by the limits of its moment, not by those of P1"
    room.do("Ana", c.take, incident_id)
    room.clock.advance(600)
    assert gauge().share == 1.0


def test_a_raise_gives_what_nobody_took_a_fresh_limit(room: Room, gauge: Any) -> None:
    incident_id = room.open(priority=3)
    room.clock.advance(80)
    room.do("watch", c.join_signal, incident_id, room.signal(), NEW_POINT, ring="higher", priority=1)
    room.clock.advance(29)
    assert gauge().count == 0, "30 s run from the raise"
    room.do("Ana", c.take, incident_id)
    assert (gauge().measure, gauge().seconds, gauge().share) == ("taken", 30, 1.0)
    room.clock.advance(32)
    assert (gauge().measure, gauge().seconds, gauge().share) == ("first_act", 60, 0.0)


def test_what_is_raised_and_stays_untaken_counts(room: Room, gauge: Any) -> None:
    incident_id = room.open(priority=3)
    room.clock.advance(20)
    room.do("watch", c.join_signal, incident_id, room.signal(), NEW_POINT, ring="higher", priority=1)
    room.clock.advance(31)
    assert (gauge().measure, gauge().seconds, gauge().share) == ("taken", 30, 0.0)
