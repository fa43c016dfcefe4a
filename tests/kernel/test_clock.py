"""A role's clock when its machine's is stepped: held, then the database's hour or the machine's, whichever is right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from veilleur.kernel.clock import GuardedClock, ManualClock

START = datetime(2026, 11, 23, 2, 14, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def machine() -> ManualClock:
    return ManualClock(START)


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_a_step_is_held_until_the_database_is_asked(machine: ManualClock, step: timedelta) -> None:
    clock = GuardedClock(machine)
    machine.advance(10)
    assert clock.now() == START + timedelta(seconds=10)
    machine.current += step
    assert clock.now() == START + timedelta(seconds=10)
    machine.advance(5)
    assert clock.now() == START + timedelta(seconds=15)
    # The database did not jump: the machine is wrong, and said to be.
    clock.compare(clock.reading(), START + timedelta(seconds=15))
    assert clock.ahead == step.total_seconds()
    assert clock.now() == START + timedelta(seconds=15)
    # Somebody sets it right again.
    machine.current -= step
    assert clock.now() == START + timedelta(seconds=15)
    clock.compare(clock.reading(), START + timedelta(seconds=15))
    assert clock.ahead == 0
    machine.advance(1)
    assert clock.now() == START + timedelta(seconds=16)


def test_a_step_that_the_database_made_too_is_followed(machine: ManualClock) -> None:
    """A machine that wakes up, or starts with a wrong hour and is set right."""
    clock = GuardedClock(machine)
    machine.current += HOUR
    assert clock.now() == START
    clock.compare(clock.reading(), START + HOUR)
    assert clock.now() == START + HOUR


def test_a_machine_that_was_wrong_from_the_start(machine: ManualClock) -> None:
    clock = GuardedClock(machine)
    clock.compare(clock.reading(), START - HOUR)
    assert (clock.now(), clock.ahead) == (START - HOUR, 3600)


def test_a_slow_drift_is_followed_then_told(machine: ManualClock) -> None:
    clock = GuardedClock(machine)
    for _ in range(30):
        machine.advance(60)
        machine.current += timedelta(seconds=0.1)
        clock.now()
    assert clock.now() == machine.now()
    clock.compare(clock.reading(), machine.now() - timedelta(seconds=3))
    assert clock.ahead == 3
    assert clock.now() == machine.now() - timedelta(seconds=3)


def test_the_hour_of_the_town_is_no_fault(machine: ManualClock) -> None:
    clock = GuardedClock(machine, shift=7 * HOUR)
    clock.compare(clock.reading(), START - 7 * HOUR)
    assert (clock.now(), clock.ahead) == (START, 0)


def test_what_says_too_little_is_not_believed(machine: ManualClock) -> None:
    clock = GuardedClock(machine)
    asked = clock.reading()
    machine.advance(60)  # the database slept, or we did
    clock.compare(asked, START + timedelta(seconds=60))
    assert clock.ahead is None
    asked = clock.reading()
    machine.current += HOUR  # between the question and its answer
    clock.compare(asked, START + timedelta(seconds=60))
    assert clock.ahead is None
    assert clock.now() == START + timedelta(seconds=60)
