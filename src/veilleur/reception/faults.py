"""Repeated faults are told once per period, with their count and the last one (house rule 22)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from veilleur.kernel.clock import Clock

PERIOD_SECONDS = 10.0

log = structlog.get_logger()


@dataclass
class FaultLog:
    """Tells the first fault of a kind at once, then at most one line per period."""

    clock: Clock
    period: float = PERIOD_SECONDS
    _told: dict[str, float] = field(default_factory=dict)
    _count: dict[str, int] = field(default_factory=dict)
    _since: dict[str, datetime] = field(default_factory=dict)

    def tell(self, event: str, **last: object) -> None:
        """Counts a fault; `last` describes it and must hold no secret.

        What is told stands for every fault since the line before, perhaps long before this one: `since` says when the
        first of them came (UTC, whole seconds).
        """
        now = self.clock.monotonic()
        self._count[event] = self._count.get(event, 0) + 1
        since = self._since.setdefault(event, self.clock.now())
        told = self._told.get(event)
        if told is None or now - told >= self.period:
            log.warning(event, count=self._count[event], since=f"{since:%Y-%m-%dT%H:%M:%SZ}", **last)
            del self._since[event]
            self._told[event], self._count[event] = now, 0
