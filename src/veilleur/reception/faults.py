"""Repeated faults are told once per period, with their count and the last one (house rule 22)."""

from __future__ import annotations

from dataclasses import dataclass, field

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

    def tell(self, event: str, **last: object) -> None:
        """Counts a fault; `last` describes it and must hold no secret."""
        now = self.clock.monotonic()
        self._count[event] = self._count.get(event, 0) + 1
        told = self._told.get(event)
        if told is None or now - told >= self.period:
            log.warning(event, count=self._count[event], **last)
            self._told[event], self._count[event] = now, 0
