"""Recorded, due, missing and why: pure."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from veilleur.features.availability.model import (
    Measured,
    bounds_of,
    day_of,
    explained,
    missing,
    outside,
    share,
    together,
    within,
)
from veilleur.features.availability.paths import path_share
from veilleur.video.model import Gap

S = 1_000_000
PARIS = ZoneInfo("Europe/Paris")


def test_holes_are_what_no_stretch_holds_and_short_ones_are_none() -> None:
    assert outside([(2, 4), (3, 6)], 0, 10) == [(0, 2), (6, 10)]
    assert outside([(0, 5 * S), (5 * S + 400_000, 9 * S)], 0, 9 * S, shortest=S) == []
    assert outside([], 0, 10) == [(0, 10)]
    assert outside([(0, 10)], 0, 10) == []


def test_a_hole_is_cut_where_its_reason_changes() -> None:
    said = [Gap(10, 20, "unreachable"), Gap(20, 40, "stopped")]
    assert explained([(10, 50)], said) == [
        Gap(10, 20, "unreachable"),
        Gap(20, 40, "stopped"),
        Gap(40, 50, "unknown"),
    ]


def test_a_gap_that_has_not_ended_lasts_until_the_next_one() -> None:
    gaps = [Gap(10 * S, 0, "unreachable"), Gap(30 * S, 0, "stopped")]
    assert missing([(0, 10 * S)], gaps, 0, 60 * S) == [
        Gap(10 * S, 30 * S, "unreachable"),
        Gap(30 * S, 60 * S, "stopped"),
    ]


def test_what_one_machine_lacks_another_may_have_and_nobody_measured_is_a_gap() -> None:
    one = Measured(0, 60, (Gap(20, 60, "unreachable"),))
    two = Measured(30, 80, (Gap(70, 80, "disk"),))
    assert together([one, two], 0, 100) == [
        Gap(20, 30, "unreachable"),
        Gap(70, 80, "disk"),
        Gap(80, 100, "unmeasured"),
    ]


def test_what_was_forbidden_is_not_due() -> None:
    gaps = [Gap(0, 40, "forbidden"), Gap(50, 60, "unreachable")]
    whole = share(gaps, 0, 100)
    assert (whole.due, whole.recorded, whole.excused) == (60, 50, 40)
    assert share([Gap(0, 100, "suspended")], 0, 100).rate is None
    assert within(gaps, 30, 55) == [Gap(30, 40, "forbidden"), Gap(50, 55, "unreachable")]


def test_a_day_of_the_centre_has_23_hours_when_the_clocks_go_forward() -> None:
    start, end = bounds_of(date(2026, 3, 29), date(2026, 3, 29), PARIS)
    assert (end - start) // (3600 * S) == 23
    assert day_of(start, PARIS) == day_of(end - 1, PARIS) == date(2026, 3, 29)


def test_a_path_is_known_from_its_first_word_on() -> None:
    one = path_share([(20, True), (50, False), (60, False), (70, True), (90, False)], 0, 100)
    assert (one.known, one.up, one.losses, one.longest) == (80, 50, 2, 20)
    before = path_share([(-30, False)], 0, 100)
    assert (before.known, before.up, before.losses, before.longest) == (100, 0, 1, 100)
    assert path_share([], 0, 100).known == 0
