"""The intake: one writer with group commit. Nothing is acknowledged before it returns (law 2).

Receivers hand over records and are called back; the writer takes everything that waits, stores it in one transaction
and tells the outcomes once it is committed. It has two connections, in turn: a large batch is stored while the one
before is being committed and told, and is committed only after it. When the store refuses or is slower than a panel's
patience the outcome is None, and the receiver stays silent: the panel sends again or takes its second path.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import psycopg

from veilleur.db.embedded.checks import refuse_unsafe_async
from veilleur.db.embedded.errors import UnsafeDatabaseError
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import UnavailableError
from veilleur.reception.batches import QUERIES, write_batch
from veilleur.reception.connection import FAULTS, Backoff, connected, cut, pause
from veilleur.reception.faults import FaultLog
from veilleur.reception.limits import (
    MAX_BATCH,
    MAX_WAITING,
    SAFETY_SECONDS,
    STORE_PATIENCE,
    WORTH_OVERLAPPING,
)
from veilleur.reception.queries import query
from veilleur.reception.records import Batch, Done, Record, Stored, Waiting
from veilleur.reception.wire import Wire

#: Errors that one record's content can cause: the others of its batch are then stored one by one.
CONTENT_FAULTS = (psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError, psycopg.InternalError)

GUARD_SECONDS = 0.25  # how often overdue records are looked for
IDLE_SECONDS = 1.0  # idle connections are tried this often

PURGE_SECONDS = 60.0  # how often expired duplicate windows are removed
NEVER = float("-inf")  # on the clock of the loop


class StoreRefusedError(UnavailableError):
    """The store did not take the signal: say nothing to the panel."""

    code = "store_refused"


@dataclass(eq=False, slots=True)
class Flight:
    """A batch under way. `stored`: nothing but its commit is left to ask, and the next may be stored."""

    waiting: Sequence[Waiting]
    since: float
    stored: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Intake:
    """The store's one writer in this process and event loop; `run` drives it."""

    dsn: str
    clock: Clock
    faults: FaultLog
    max_waiting: int = MAX_WAITING
    patience: float = STORE_PATIENCE
    available: bool = False
    stored: int = 0
    copies: int = 0
    batches: int = 0
    refused: int = 0
    last_error: str | None = None
    _queue: deque[Waiting] = field(default_factory=deque)
    _flights: set[Flight] = field(default_factory=set)
    _arrival: asyncio.Event = field(default_factory=asyncio.Event)
    _empty: asyncio.Event = field(default_factory=asyncio.Event)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _wires: Sequence[Wire] = ()
    _busy_since: float | None = None
    """When the connections were asked something else than to store."""
    _checked: float = NEVER
    _purged: float = NEVER
    _ready: asyncio.Event = field(default_factory=asyncio.Event)
    _time: Callable[[], float] = field(init=False, repr=False)  # the loop's, set by `run`

    def submit(self, record: Record, done: Done) -> bool:
        """Takes a record to store; `done` hears the outcome once, on this loop. False: refused at once.

        Strangers' records may fill half of the queue only, so that they never crowd out known accounts.
        """
        room = self.max_waiting if record.known else self.max_waiting // 2
        if not self.available or len(self._queue) >= room:
            self.refused += 1
            return False
        if not self._queue:
            self._arrival.set()
            self._empty.clear()
        self._queue.append(Waiting(record, self._time(), done))
        return True

    async def store(self, record: Record) -> Stored:
        """Stores one record and returns once it is committed. Raises StoreRefusedError."""
        future: asyncio.Future[Stored | None] = asyncio.get_running_loop().create_future()

        def done(stored: Stored | None) -> None:
            if not future.done():
                future.set_result(stored)

        stored = await future if self.submit(record, done) else None
        if stored is None:
            raise StoreRefusedError
        return stored

    async def ready(self) -> None:
        """Waits until the store was reached and found safe for the first time."""
        await self._ready.wait()

    async def drained(self) -> None:
        """Waits until nothing waits any more."""
        if self._queue or self._flights:
            await self._empty.wait()

    def close(self) -> None:
        """Ends `run`; what still waits is refused."""
        self._stop.set()
        self._arrival.set()

    def health(self) -> dict[str, Any]:
        """What the role says of its store."""
        return {
            "available": self.available,
            "waiting": len(self._queue),
            "stored": self.stored,
            "copies": self.copies,
            "batches": self.batches,
            "refused": self.refused,
            "last_error": self.last_error,
        }

    async def run(self) -> None:
        """Connects, writes batches, connects again; returns after `close`."""
        self._time = asyncio.get_running_loop().time
        guard = asyncio.create_task(self._guard(), name="intake guard")
        backoff = Backoff()
        try:
            while not self._stop.is_set():
                try:
                    async with connected(self.dsn) as one, connected(self.dsn) as other:
                        wires = [await Wire.open(each, QUERIES) for each in (one, other)]
                        self._checked = NEVER
                        await self._look_after(wires)
                        backoff.reset()
                        await self._serve(wires)
                except (*FAULTS, UnsafeDatabaseError) as error:
                    self._fail(str(error).strip() or type(error).__name__)
                    await backoff.wait(self._stop)
        finally:
            guard.cancel()
            self._fail(None)

    def _fail(self, reason: str | None) -> None:
        """The store is away: everything that waits is refused at once, and what comes next too."""
        self.available, self._wires, self._busy_since = False, (), None
        waiting = [each for flight in self._flights for each in flight.waiting] + [*self._queue]
        self._flights.clear()
        self._queue.clear()
        self._empty.set()
        for each in waiting:
            self._settle(each, None)
        if reason is not None:
            self.last_error = reason
            self.faults.tell("intake.store_away", error=reason, refused=len(waiting))

    async def _serve(self, wires: Sequence[Wire]) -> None:
        self._wires, self.available, self.last_error = wires, True, None
        self._ready.set()
        turns = cycle(wires)
        tasks: deque[asyncio.Task[None]] = deque(maxlen=len(wires))
        looked = self._time()
        try:
            # The guard takes the connections away when one no longer answers.
            while not self._stop.is_set() and self._wires is wires:
                if tasks and (len(self._queue) < WORTH_OVERLAPPING or tasks[-1].done()):
                    await tasks[-1]
                if not self._queue:
                    self._arrival.clear()
                    await self._arrival.wait()
                now = self._time()
                if now - looked > (SAFETY_SECONDS if self._queue else IDLE_SECONDS):
                    await asyncio.gather(*tasks)
                    await self._look_after(wires)
                    looked = now
                elif self._queue:
                    flight = self._take(now)
                    tasks.append(self._launch(next(turns), flight, tasks[-1] if tasks else None))
                    await flight.stored.wait()
        except BaseException:
            for wire in wires:
                cut(wire.connection)
            raise
        finally:
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _look_after(self, wires: Sequence[Wire]) -> None:
        """Finds out that a connection died, or that the store is no longer safe, before the next alarm needs it."""
        self._busy_since = now = self._time()
        safety_due, purge_due = now - self._checked > SAFETY_SECONDS, now - self._purged > PURGE_SECONDS
        for wire in wires:
            if safety_due:
                await refuse_unsafe_async(wire.connection)
            else:
                await wire.connection.execute(query("still_there"))
        if purge_due:
            await wires[0].connection.execute(query("forget_windows"), {"now": self.clock.now()})
        self._checked = now if safety_due else self._checked
        self._purged = now if purge_due else self._purged
        self._busy_since = None

    def _take(self, now: float) -> Flight:
        flight = Flight([self._queue.popleft() for _ in range(min(len(self._queue), MAX_BATCH))], now)
        self._flights.add(flight)
        return flight

    def _launch(self, wire: Wire, flight: Flight, before: asyncio.Task[None] | None) -> asyncio.Task[None]:
        task = asyncio.create_task(self._write(wire, flight, before))

        task.add_done_callback(lambda _: flight.stored.set())
        return task

    async def _write(self, wire: Wire, flight: Flight, before: asyncio.Task[None] | None) -> None:
        waiting = flight.waiting

        async def turn() -> None:
            if before is not None and not before.done():
                await asyncio.wait([before])
            flight.stored.set()

        try:
            outcomes = await write_batch(wire, Batch.of(waiting), self.clock, turn)
        except CONTENT_FAULTS as error:
            await self._write_apart(wire, waiting, error)
        except psycopg.OperationalError as error:
            if wire.connection.closed:
                raise
            # Disk full, a lock too long: the connection is good, and the batch is not stored.
            self.last_error = str(error).strip()
            self.faults.tell("intake.batch_refused", error=self.last_error, refused=len(waiting))
            self._tell(waiting, [None] * len(waiting))
        else:
            self._tell(waiting, outcomes)
        self._flights.discard(flight)
        if not self._queue and not self._flights:
            self._empty.set()

    async def _write_apart(self, wire: Wire, waiting: Sequence[Waiting], error: psycopg.Error) -> None:
        """One record spoils its batch: each is stored alone, so that only the guilty one meets silence."""
        if len(waiting) == 1:
            row = waiting[0].record.row
            self.faults.tell("intake.record_refused", error=str(error), peer=row.peer, account=row.account)
            self._tell(waiting, [None])
            return
        for each in waiting:
            try:
                self._tell([each], await write_batch(wire, Batch.of([each]), self.clock))
            except CONTENT_FAULTS as fault:
                await self._write_apart(wire, [each], fault)

    def _tell(self, waiting: Sequence[Waiting], outcomes: Sequence[Stored | None]) -> None:
        self.batches += 1
        for each, outcome in zip(waiting, outcomes, strict=True):
            self._settle(each, outcome)

    def _settle(self, each: Waiting, outcome: Stored | None) -> None:
        """Tells the outcome, once: what the guard refused is silence, whatever the store does later."""
        done, each.done = each.done, None
        if done is None:
            return
        if outcome is None:
            self.refused += 1
        elif outcome.duplicate:
            self.copies += 1
        else:
            self.stored += 1
        done(outcome)

    async def _guard(self) -> None:
        """Refuses what waited longer than a panel does, and cuts connections that no longer answer."""
        while not self._stop.is_set():
            await pause(self._stop, GUARD_SECONDS)
            self._arrival.set()  # an idle writer has connections to look after
            since = [flight.since for flight in self._flights]
            if self._queue:
                since.append(self._queue[0].since)
            if self._busy_since is not None:
                since.append(self._busy_since)
            if (wires := self._wires) and since and self._time() - min(since) > self.patience:
                self._fail(f"no answer from the database within {self.patience:g} s")
                for wire in wires:
                    cut(wire.connection)
