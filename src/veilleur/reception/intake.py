"""The intake: one writer with group commit. Nothing is acknowledged before it returns (law 2).

Receivers hand over records and are called back; the writer takes everything that waits, commits it in one
transaction and tells the outcomes, while the next batch forms. When the store refuses or is slower than a panel's
patience the outcome is None, and the receiver stays silent: the panel sends again or takes its second path.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg

from veilleur.db.embedded.checks import refuse_unsafe_async
from veilleur.db.embedded.errors import UnsafeDatabaseError
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import UnavailableError
from veilleur.reception.batches import QUERIES, write_batch
from veilleur.reception.connection import FAULTS, Backoff, Connection, connected, cut, pause
from veilleur.reception.faults import FaultLog
from veilleur.reception.limits import MAX_BATCH, MAX_WAITING, SAFETY_SECONDS, STORE_PATIENCE
from veilleur.reception.queries import query
from veilleur.reception.records import Batch, Done, Record, Stored, Waiting
from veilleur.reception.wire import Wire

#: Errors that one record's content can cause: the others of its batch are then stored one by one.
CONTENT_FAULTS = (psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError, psycopg.InternalError)

GUARD_SECONDS = 0.25  # how often overdue records are looked for
IDLE_SECONDS = 1.0  # an idle connection is tried this often
PURGE_SECONDS = 60.0  # how often expired duplicate windows are removed


class StoreRefusedError(UnavailableError):
    """The store did not take the signal: say nothing to the panel."""

    code = "store_refused"


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
    _flight: list[Waiting] = field(default_factory=list)
    _committed: tuple[Sequence[Waiting], Sequence[Stored | None]] | None = None
    """A batch that is stored, and whose records are to be told so while the store works on the next."""
    _arrival: asyncio.Event = field(default_factory=asyncio.Event)
    _empty: asyncio.Event = field(default_factory=asyncio.Event)
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _connection: Connection | None = None
    _busy_since: float | None = None
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
        if self._queue or self._flight or self._committed:
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
                    async with connected(self.dsn) as connection:
                        await refuse_unsafe_async(connection)
                        wire = await Wire.open(connection, QUERIES)
                        backoff.reset()
                        await self._serve(connection, wire)
                except (*FAULTS, UnsafeDatabaseError) as error:
                    self._fail(str(error).strip() or type(error).__name__)
                    await backoff.wait(self._stop)
        finally:
            guard.cancel()
            self._fail(None)

    def _fail(self, reason: str | None) -> None:
        """The store is away: everything that waits is refused at once, and what comes next too."""
        self.available, self._connection, self._busy_since = False, None, None
        self._tell_committed()
        waiting = [*self._flight, *self._queue]
        self._flight = []
        self._queue.clear()
        self._empty.set()
        for each in waiting:
            self._settle(each, None)
        if reason is not None:
            self.last_error = reason
            self.faults.tell("intake.store_away", error=reason, refused=len(waiting))

    async def _serve(self, connection: Connection, wire: Wire) -> None:
        loop = asyncio.get_running_loop()
        self._connection, self.available, self.last_error = connection, True, None
        self._ready.set()
        checked = purged = loop.time()
        # The guard takes the connection away when it no longer answers.
        while not self._stop.is_set() and self._connection is connection:
            if not self._queue:
                self._arrival.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._arrival.wait(), IDLE_SECONDS)
            self._busy_since = loop.time()
            if self._busy_since - checked > SAFETY_SECONDS:
                self._tell_committed()
                await refuse_unsafe_async(connection)
                checked = self._busy_since
            if self._busy_since - purged > PURGE_SECONDS:
                self._tell_committed()
                await connection.execute(query("forget_windows"), {"now": self.clock.now()})
                purged = self._busy_since
            if self._queue:
                try:
                    await self._write(wire)
                finally:
                    if not self._queue:
                        self._tell_committed()
            else:
                # A connection that died while idle is found out before the next alarm needs it.
                await connection.execute(query("still_there"))
            self._busy_since = None

    async def _write(self, wire: Wire) -> None:
        flight = self._flight = [self._queue.popleft() for _ in range(min(len(self._queue), MAX_BATCH))]
        try:
            outcomes = await write_batch(wire, Batch.of(flight), self.clock, self._tell_committed)
        except CONTENT_FAULTS as error:
            await self._write_apart(wire, flight, error)
        except psycopg.OperationalError as error:
            if wire.connection.closed:
                raise
            # Disk full, a lock too long: the connection is good, and the batch is not stored.
            self.last_error = str(error).strip()
            self.faults.tell("intake.batch_refused", error=self.last_error, refused=len(flight))
            self._tell(flight, [None] * len(flight))
        else:
            self._flight, self._committed = [], (flight, outcomes)

    async def _write_apart(self, wire: Wire, flight: Sequence[Waiting], error: psycopg.Error) -> None:
        """One record spoils its batch: each is stored alone, so that only the guilty one meets silence."""
        if len(flight) == 1:
            row = flight[0].record.row
            self.faults.tell("intake.record_refused", error=str(error), peer=row.peer, account=row.account)
            self._tell(flight, [None])
            return
        for each in flight:
            try:
                self._tell([each], await write_batch(wire, Batch.of([each]), self.clock))
            except CONTENT_FAULTS as fault:
                await self._write_apart(wire, [each], fault)

    def _tell_committed(self) -> None:
        """Tells the batch that was stored last, once: panels hear of it while the store already has the next."""
        committed, self._committed = self._committed, None
        if committed is not None:
            self._tell(*committed)

    def _tell(self, flight: Sequence[Waiting], outcomes: Sequence[Stored | None]) -> None:
        self.batches += 1
        for each, outcome in zip(flight, outcomes, strict=True):
            self._settle(each, outcome)
        self._flight = [each for each in self._flight if each.done is not None]
        if not self._queue and not self._flight:
            self._empty.set()

    def _settle(self, each: Waiting, outcome: Stored | None) -> None:
        if outcome is None:
            self.refused += 1
        elif outcome.duplicate:
            self.copies += 1
        else:
            self.stored += 1
        each.settle(outcome)

    async def _guard(self) -> None:
        """Refuses what waited longer than a panel does, and cuts a connection that no longer answers."""
        loop = asyncio.get_running_loop()
        while not self._stop.is_set():
            await pause(self._stop, GUARD_SECONDS)
            since = self._busy_since or loop.time()
            if self._queue:
                since = min(since, self._queue[0].since)
            if loop.time() - since > self.patience and (connection := self._connection):
                self._fail(f"no answer from the database within {self.patience:g} s")
                cut(connection)
