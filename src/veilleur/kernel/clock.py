"""The only module that knows what time it is.

Wall-clock times are timezone-aware UTC datetimes; intervals are measured on the monotonic clock, in seconds.
The demonstration town and the tests inject a clock of their own; nothing else may call `datetime.now`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What tells the time."""

    def now(self) -> datetime:
        """The wall clock, timezone-aware, in UTC."""

    def monotonic(self) -> float:
        """Seconds on a clock that never jumps; only differences mean something."""


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The wall clock, timezone-aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds on a clock that never jumps."""
        return time.monotonic()


@dataclass(frozen=True)
class ShiftedClock:
    """The machine's clock moved by a constant: the demonstration town lives on its own Monday night."""

    offset: timedelta

    def now(self) -> datetime:
        """The shifted wall clock, in UTC."""
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        """Seconds on a clock that never jumps."""
        return time.monotonic()


@dataclass
class ManualClock:
    """A clock that moves only when told to; for tests."""

    current: datetime
    elapsed: float = field(default=0.0)

    def now(self) -> datetime:
        """The time last set, in UTC."""
        return self.current

    def monotonic(self) -> float:
        """Seconds advanced so far."""
        return self.elapsed

    def advance(self, seconds: float) -> None:
        """Moves both clocks forward."""
        self.current += timedelta(seconds=seconds)
        self.elapsed += seconds
