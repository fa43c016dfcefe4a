"""Whether panels are acknowledged at all: not while the station is not held, where the centre has it so (practice P7).

Read each second and at each hint, on a connection of its own. It fails safe: without the database, without a watch, or
with a look older than some seconds, panels are acknowledged as usual. A post that is taken ends it at once: the same
statement looks at the posts itself.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from veilleur.kernel.clock import Clock
from veilleur.reception.connection import FAULTS, Backoff, Connection, connected
from veilleur.reception.faults import FaultLog
from veilleur.reception.queries import query

CHANNEL = "veilleur_station"
PERIOD = 1.0

#: Seconds: a look of the watch older than this says nothing any more.
TRUSTED = timedelta(seconds=15)

#: Seconds: an answer of the database older than this says nothing any more.
FRESH = 5.0

#: A screen seen within this is alive.
ALIVE_WITHIN = timedelta(seconds=10)


@dataclass
class Acknowledging:
    """What the receiver asks before it answers; `run` keeps it true. `silenced`: answers kept back so far."""

    dsn: str
    clock: Clock
    faults: FaultLog
    silenced: int = 0
    _withheld: bool = False
    _read_at: float = float("-inf")

    @property
    def withheld(self) -> bool:
        """Whether to stay silent now; when in doubt, no."""
        return self._withheld and self.clock.monotonic() - self._read_at < FRESH

    async def run(self, stop: asyncio.Event) -> None:
        """Until asked to stop."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                async with connected(self.dsn) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    backoff.reset()
                    while not stop.is_set():
                        await self.look(connection)
                        async for _ in connection.notifies(timeout=PERIOD, stop_after=1):
                            pass
            except FAULTS as error:
                self._withheld = False
                self.faults.tell("acknowledging.database_away", error=str(error).strip())
                await backoff.wait(stop)

    async def look(self, connection: Connection) -> None:
        """Reads the station's state as it is now."""
        now = self.clock.now()
        values = {"now": now, "trusted": now - TRUSTED, "alive": now - ALIVE_WITHIN}
        cursor = await connection.execute(query("acknowledging"), values)
        row = await cursor.fetchone()
        self._withheld = bool(row and row[0])
        self._read_at = self.clock.monotonic()
