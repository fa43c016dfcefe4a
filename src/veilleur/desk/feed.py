"""One tailer per desk process: reads each sealed batch once, and hands it to every open stream.

The cursor is a position: positions have no gap and are given after commit by the sealer alone, so nothing can
appear behind it. NOTIFY `veilleur_sealed` is a hint; the tailer also looks every 500 ms.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
import structlog
from anyio import to_thread
from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from veilleur.db.engine import CONNECT_ARGS, Database, ReadSession
from veilleur.desk.gauge import Gauge, read_gauge
from veilleur.desk.views import is_for, read_views
from veilleur.features.cameras.reading import Health, camera_health
from veilleur.features.continuity.queries import ChainView, StationView, chain_view, station_view
from veilleur.features.people.queries import live_posts, readers_of
from veilleur.features.people.sessions import IDLE, touch_sessions
from veilleur.kernel.clock import Clock
from veilleur.kernel.ports import Reader, View
from veilleur.logbook.lines import ScopedLine, last_sealed, lines_after
from veilleur.logbook.policy import POLICY

log = structlog.get_logger()

#: Seconds between looks when nothing is notified.
POLL = 0.5

#: Entries in one reading.
BATCH = 500

#: Beyond this many entries behind, a stream is told to begin again from a snapshot.
FARTHEST = 10_000

#: Items that wait for a slow client before it is told the same.
QUEUE = 2_000

#: Seconds between looks at the sessions of open streams: a revoked one ends within two.
SESSIONS_EVERY = 1.0

#: Seconds between readings of the response-time gauge, which every beat repeats.
GAUGE_EVERY = 2.0

#: Seconds between readings of the health of cameras: it moves with the beat.
CAMERAS_EVERY = 1.0

#: Seconds without a successful look after which no beat is sent: every desk then shows and sounds «stale».
SILENT_AFTER = 2.5

# When the oldest entry that waits for its seal was entered; null: none waits.
UNSEALED = """
SELECT min(entry.entered_at) FROM entry_unsealed JOIN entry ON entry.id = entry_unsealed.entry_id"""

Key = tuple[str, int]


@dataclass(frozen=True)
class Batch:
    """Entries in sealed order and the present views of what they touched, read together."""

    lines: Sequence[ScopedLine]
    views: Mapping[Key, View]

    @property
    def last(self) -> int:
        """The position of the last entry."""
        position = self.lines[-1].line.position
        assert position is not None, "the tailer reads sealed entries only"
        return position

    def items(self, reader: Reader) -> list[Item]:
        """What this reader's screen is told: nothing that is outside his perimeter."""
        found = (self._item(scoped, reader) for scoped in self.lines)
        return [item for item in found if item is not None]

    def _item(self, scoped: ScopedLine, reader: Reader) -> Item | None:
        readable = POLICY.allows(reader, "logbook.read") and reader.perimeter.holds(scoped.scope)
        views = (self.views.get((kind, id_)) for kind, ids in scoped.touched.items() for id_ in ids)
        touched = [
            {
                "kind": view.kind,
                "id": view.id,
                "version": view.version,
                "view": None if view.gone else view.seen_by(reader),
            }
            for view in views
            if view is not None and is_for(view, reader)
        ]
        if not readable and not touched:
            return None
        position = scoped.line.position or 0
        body = {"position": position, "entry": scoped.line if readable else None, "touched": touched}
        return Item(position, to_json(body).decode())


@dataclass(frozen=True)
class Item:
    """One message of the stream, as JSON."""

    position: int
    data: str


def read_batch(session: ReadSession, after: int, now: datetime, *, limit: int = BATCH) -> Batch | None:
    """The entries sealed after a position, with the views they touched; None when there is none."""
    lines = lines_after(session, after, limit=limit)
    if not lines:
        return None
    touched = {(kind, id_) for scoped in lines for kind, ids in scoped.touched.items() for id_ in ids}
    return Batch(lines, read_views(session, touched, now))


LET_GO = "let_go"
"""This process stops: the stream ends without a word, and the browser resumes it with another."""


@dataclass(eq=False)
class Client:
    """One open stream: its session, its reader as last seen, and what waits for it (bounded)."""

    session_hash: bytes
    reader: Reader
    waiting: deque[Batch] = field(default_factory=deque)
    items: int = 0
    ended: str | None = None
    """Why it must end: `reset` (begin again), `refused` (the session is gone), or LET_GO."""
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, batch: Batch) -> None:
        """Queues a batch, or tells the client to begin again when it is too slow."""
        if self.items + len(batch.lines) > QUEUE:
            self.end("reset")
            return
        self.waiting.append(batch)
        self.items += len(batch.lines)
        self.woken.set()

    def next(self) -> Batch | None:
        """The oldest batch that waits."""
        if not self.waiting:
            return None
        batch = self.waiting.popleft()
        self.items -= len(batch.lines)
        return batch

    def end(self, why: str) -> None:
        """Ends the stream; what waits is dropped."""
        self.ended = self.ended or why
        self.waiting.clear()
        self.items = 0
        self.woken.set()


@dataclass
class Pulse:
    """What every beat says, read at each look."""

    position: int = -1
    sealed_at: datetime | None = None
    unsealed_since: datetime | None = None
    live_posts: list[int] = field(default_factory=list)
    gauge: Gauge | None = None
    gauge_at: float = 0.0
    """Monotonic time of its reading."""
    station: StationView | None = None
    chain: ChainView | None = None
    cameras: list[Health] = field(default_factory=list)
    cameras_at: float = 0.0
    """Monotonic time of their reading."""


@dataclass(eq=False)
class Feed:
    """See the module. One per desk process; `run` is its only task."""

    database: Database
    clock: Clock
    clients: set[Client] = field(default_factory=set)
    pulse: Pulse = field(default_factory=Pulse)
    seen_at: float | None = None
    """Monotonic time of the last successful look."""
    _notified: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def fresh(self) -> bool:
        """Whether the database answered within the last seconds: else no beat is sent."""
        return self.seen_at is not None and self.clock.monotonic() - self.seen_at < SILENT_AFTER

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._tail())
            group.create_task(self._watch_sessions())

    async def _tail(self) -> None:
        while True:
            try:
                more = await self.look()
            except (SQLAlchemyError, psycopg.Error) as error:
                log.warning("feed_interrupted", error=type(error).__name__)
                more = False
            if not more:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await self._notified.wait()
            self._notified.clear()

    def let_go(self) -> None:
        """Ends every stream, at the end of this process."""
        for client in self.clients:
            client.end(LET_GO)

    async def look(self) -> bool:
        """One look: reads what was sealed and hands it out; returns whether there may be more."""
        beginning = self.seen_at is None
        batch, pulse = await to_thread.run_sync(self._read, self.pulse, beginning)
        self.seen_at = self.clock.monotonic()
        self.pulse = pulse
        if batch is not None:
            for client in self.clients:
                client.offer(batch)
        return batch is not None and len(batch.lines) == BATCH

    def _read(self, held: Pulse, beginning: bool) -> tuple[Batch | None, Pulse]:
        now, ticks, after = self.clock.now(), self.clock.monotonic(), held.position
        gauge, gauge_at = held.gauge, held.gauge_at
        with self.database.read() as session:
            last, sealed_at = last_sealed(session)
            batch = None if beginning else read_batch(session, after, now)
            waiting = session.execute(text(UNSEALED)).scalar_one()
            alive = live_posts(session, now)
            station, chain = station_view(session), chain_view(session)
            if gauge is None or ticks - gauge_at >= GAUGE_EVERY:
                gauge, gauge_at = read_gauge(session, now), ticks
            cameras, cameras_at = held.cameras, held.cameras_at
            if beginning or ticks - cameras_at >= CAMERAS_EVERY:
                cameras, cameras_at = camera_health(session, now), ticks
        position = last if beginning else batch.last if batch else after
        return batch, Pulse(
            position, sealed_at, waiting, alive, gauge, gauge_at, station, chain, cameras, cameras_at
        )

    async def _listen(self) -> None:
        """Hints from the sealer; a lost connection is made again, and the poll goes on meanwhile."""
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self.database.dsn, autocommit=True, **_connect_args()
                )
                async with connection:
                    await connection.execute("LISTEN veilleur_sealed")
                    async for _ in connection.notifies():
                        self._notified.set()
            except psycopg.Error:
                await asyncio.sleep(POLL)

    async def _watch_sessions(self) -> None:
        while True:
            try:
                await self.check_sessions()
            except (SQLAlchemyError, psycopg.Error) as error:
                log.warning("sessions_unread", error=type(error).__name__)
            await asyncio.sleep(SESSIONS_EVERY)

    async def check_sessions(self) -> None:
        """Ends the streams of sessions that are gone; whose rights changed begins again; the others live on."""
        clients = list(self.clients)
        if not clients:
            return
        held = await to_thread.run_sync(self._sessions, {client.session_hash for client in clients})
        for client in clients:
            reader = held.get(client.session_hash)
            if reader is None:
                client.end("refused")
            elif reader != client.reader:
                client.end("reset")

    def _sessions(self, hashes: set[bytes]) -> dict[bytes, Reader]:
        now = self.clock.now()
        with self.database.write() as session:
            held = readers_of(session, sorted(hashes), now, IDLE)
            touch_sessions(session, sorted(held), now)
        return {token_hash: found.reader for token_hash, found in held.items()}

    async def catch_up(self, after: int) -> tuple[list[Batch], bool]:
        """What was sealed after a position and up to now; and whether that is too far: begin again."""
        return await to_thread.run_sync(self._catch_up, after)

    def _catch_up(self, after: int) -> tuple[list[Batch], bool]:
        batches: list[Batch] = []
        with self.database.read() as session:
            last, _ = last_sealed(session)
            if after > last or last - after > FARTHEST:
                return [], True
            while after < last and (batch := read_batch(session, after, self.clock.now())) is not None:
                batches.append(batch)
                after = batch.last
        return batches, False


def _connect_args() -> dict[str, Any]:
    return {name: value for name, value in CONNECT_ARGS.items() if name != "options"}
