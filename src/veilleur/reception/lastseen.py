"""Last signs of life: gathered in memory, written once a second with how far they are written (the watermark).

The watch expires a path only up to the oldest watermark of the live receptions (ARCHITECTURE.md §5, «Paths»).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from veilleur.kernel.clock import Clock
from veilleur.reception.connection import FAULTS, Backoff, Connection, connected, cut, pause
from veilleur.reception.faults import FaultLog
from veilleur.reception.limits import FLUSH_SECONDS, FRESH_SECONDS
from veilleur.reception.queries import query
from veilleur.reception.troubles import Troubles


@dataclass
class LastSeen:
    """Signs of life of this process (`holder`) and its counters of troubles, flushed over one connection."""

    dsn: str
    clock: Clock
    faults: FaultLog
    troubles: Troubles
    holder: str
    lines: list[str]
    started_at: datetime
    first_flush: asyncio.Event = field(default_factory=asyncio.Event)
    _pending: dict[int, datetime] = field(default_factory=dict)
    _flushed: float | None = None

    def seen(self, path_id: int, at: datetime) -> None:
        """A frame proved this path alive."""
        self._pending[path_id] = at

    @property
    def fresh(self) -> bool:
        """Whether a sign of life may be acknowledged: the last flush committed less than 5 s ago (law 2)."""
        age = self.age()
        return age is not None and age < FRESH_SECONDS

    def age(self) -> float | None:
        """Seconds since the last flush committed; None before the first."""
        return None if self._flushed is None else self.clock.monotonic() - self._flushed

    async def run(self, stop: asyncio.Event) -> None:
        """Flushes every second until asked to stop, then a last time with the hour of the end."""
        backoff = Backoff()
        while True:
            try:
                async with connected(self.dsn) as connection:
                    backoff.reset()
                    while not stop.is_set():
                        await self._turn(connection)
                        await pause(stop, FLUSH_SECONDS)
                    await self._turn(connection, stopped=True)
                    return
            except FAULTS as error:
                self.faults.tell("last_seen.database_away", error=str(error).strip())
                if stop.is_set():
                    return
                await backoff.wait(stop)

    async def _turn(self, connection: Connection, *, stopped: bool = False) -> None:
        # A server that hangs is cut; the age of the last flush then silences link tests.
        knife = asyncio.get_running_loop().call_later(FRESH_SECONDS, cut, connection)
        try:
            await self.flush(connection, stopped=stopped)
            await self.troubles.flush(connection, final=stopped)
        finally:
            knife.cancel()

    async def flush(self, connection: Connection, *, stopped: bool = False) -> None:
        """Writes what is pending, in one statement with the watermark. Raises psycopg.Error; nothing is lost."""
        pending, self._pending = self._pending, {}
        now, started = self.clock.now(), self.clock.monotonic()
        values: dict[str, Any] = {
            "path_id": list(pending),
            "last_seen": list(pending.values()),
            "holder": self.holder,
            "lines": self.lines,
            "started_at": self.started_at,
            "flushed_at": now,
            "stopped_at": now if stopped else None,
        }
        try:
            await connection.execute(query("flush_last_seen"), values)
        except BaseException:
            # Newer signs of life stay; the others wait for the next flush.
            self._pending = pending | self._pending
            raise
        # From its start: a loop that was held up must not take an old commit for a fresh one.
        self._flushed = started
        self.first_flush.set()
