"""Repeated faults: one line a period, that says since when what it counts came."""

from __future__ import annotations

import structlog

from veilleur.kernel.clock import ManualClock
from veilleur.reception.faults import PERIOD_SECONDS, FaultLog


def test_a_line_told_late_says_when_what_it_counts_began(clock: ManualClock) -> None:
    faults = FaultLog(clock)
    with structlog.testing.capture_logs() as told:
        faults.tell("flood", peer="203.0.113.7")
        clock.advance(1)
        began = clock.now()
        for _ in range(40):
            faults.tell("flood", peer="203.0.113.7")
        clock.advance(PERIOD_SECONDS + 300)
        faults.tell("flood", peer="203.0.113.8")
    assert [line["count"] for line in told] == [1, 41]
    assert told[1]["since"] == f"{began:%Y-%m-%dT%H:%M:%SZ}"
    assert told[1]["peer"] == "203.0.113.8"
