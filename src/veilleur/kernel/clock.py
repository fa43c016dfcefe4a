"""The only module that knows what time it is.

Wall-clock times are timezone-aware UTC datetimes; intervals are measured on the monotonic clock, in seconds.
The demonstration town and the tests inject a clock of their own; nothing else may call `datetime.now`.
"""

from __future__ import annotations

import threading
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


STEP_SECONDS = 2.0
"""A jump of the wall clock beyond this is a step, and a difference from the database's hour a fault."""
SLOW_SECONDS = 0.5
"""An hour told by the database in a longer time says too little."""


class GuardedClock:
    """A role's clock: the machine's, held when it is stepped until the database has been asked which hour is right.

    Roles of one centre must have one hour: their common reference is the database's clock, as for leases. When the
    machine's wall clock jumps against its own monotonic one, the old hour goes on; `compare` then believes the
    machine if the database agrees with it, and follows the database if not. `shift`: what the town's clock is ahead
    on purpose. Safe between threads.
    """

    def __init__(self, machine: Clock, shift: timedelta = timedelta(0)) -> None:
        self._machine, self._shift = machine, shift
        self._lock = threading.Lock()
        self._wall, self._ticks = self.reading()
        self._correction = timedelta(0)
        self.ahead: float | None = None
        """Seconds that the machine's own hour is ahead of the database's; None: not compared yet."""

    def now(self) -> datetime:
        """The wall clock, in UTC, without the machine's unconfirmed steps."""
        with self._lock:
            wall, ticks = self.reading()
            step = _step((self._wall, self._ticks), (wall, ticks))
            self._wall, self._ticks = wall, ticks
            if abs(step) > STEP_SECONDS:
                self._correction -= timedelta(seconds=step)
            return wall + self._correction

    def monotonic(self) -> float:
        """Seconds on a clock that never jumps."""
        return self._machine.monotonic()

    def reading(self) -> tuple[datetime, float]:
        """The machine's own hour, right or wrong, and the monotonic time at which it was read."""
        while True:
            before = self._machine.monotonic()
            wall = self._machine.now()
            after = self._machine.monotonic()
            if (
                after - before < SLOW_SECONDS
            ):  # else this process slept in between, and the pair would show a step
                return wall, after

    def compare(self, asked: tuple[datetime, float], reference: datetime) -> None:
        """The database's hour, told just now to a question sent at `asked`."""
        here = self.reading()
        if here[1] - asked[1] > SLOW_SECONDS or abs(_step(asked, here)) > SLOW_SECONDS:
            return  # a slow answer, or a step meanwhile: the next one will tell
        ahead = asked[0] - self._shift - reference
        self.ahead = ahead.total_seconds()
        with self._lock:
            if abs(self.ahead) <= STEP_SECONDS:
                self._correction = timedelta(0)
            elif abs((self._correction + ahead).total_seconds()) > STEP_SECONDS / 2:
                self._correction = -ahead


def _step(before: tuple[datetime, float], after: tuple[datetime, float]) -> float:
    """Seconds by which the wall clock moved more than the monotonic one."""
    return (after[0] - before[0]).total_seconds() - (after[1] - before[1])


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
