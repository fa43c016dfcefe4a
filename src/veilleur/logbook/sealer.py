"""Gives each committed entry its position, in one gapless order, and grows the Merkle tree.

The sealer's lease is an advisory lock held by the very connection that seals: when the connection dies, so
do the lock and whatever was half done; two sealers can never interleave (docs/adr/0003). Entries that wait
are in `entry_unsealed`, put there by a trigger in their own transaction: there is no cursor over a sequence,
so an entry committed late is sealed late, never lost (ARCHITECTURE.md §5).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from veilleur.db.engine import CONNECT_ARGS, open_database
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.declaring import declare
from veilleur.logbook.keys import LogKey, open_log_key
from veilleur.logbook.merkle import Frontier, leaf_hash
from veilleur.logbook.notes import write_note

log = structlog.get_logger()

SEALER_LOCK = 8_201_601
BATCH = 2_000  # entries a transaction; bounds its length and the memory it takes
SIGN_EVERY = 5.0  # seconds between signed checkpoints while the logbook grows
IDLE = 0.02  # seconds between looks when nothing waits: an item reaches the screens only once sealed
RETRY = 1.0  # seconds after a fault or while another sealer holds the lock

TAKE = """
WITH taken AS (
  DELETE FROM entry_unsealed
  WHERE entry_id IN (SELECT entry_id FROM entry_unsealed ORDER BY entry_id LIMIT %s)
  RETURNING entry_id)
SELECT entry.id, entry.leaf FROM taken JOIN entry ON entry.id = taken.entry_id ORDER BY entry.id"""
PLACE = """
INSERT INTO entry_position (position, entry_id, leaf_hash, sealed_at)
SELECT p, e, h, %s FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS t (p, e, h)"""
GROW = """
INSERT INTO merkle_node (level, index, hash)
SELECT l, i, h FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[]) AS t (l, i, h)"""
SIGN = """
INSERT INTO checkpoint (size, root, note, vkey, signed_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (size) DO NOTHING"""
# Positions of signals are given here too: after commit, by one writer (ARCHITECTURE.md §5, «No cursor»).
# A row that the watch marks right now, and those behind it, are left for the next look: sealing waits for nobody,
# and signals are numbered in the order in which they were stored.
POSITION_SIGNALS = """
WITH last AS (SELECT coalesce(max(position), 0) AS position FROM signal),
waiting AS (SELECT id FROM signal WHERE position IS NULL ORDER BY id LIMIT %s),
free AS (SELECT id FROM signal WHERE id IN (SELECT id FROM waiting) FOR UPDATE SKIP LOCKED),
held AS (SELECT min(id) AS id FROM waiting WHERE id NOT IN (SELECT id FROM free)),
next AS (SELECT free.id, row_number() OVER (ORDER BY free.id) AS n FROM free, held
         WHERE held.id IS NULL OR free.id < held.id)
UPDATE signal SET position = last.position + next.n FROM next, last WHERE signal.id = next.id"""

WAITING = """
SELECT EXISTS (SELECT 1 FROM entry_unsealed), EXISTS (SELECT 1 FROM signal WHERE position IS NULL)"""

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass
class Sealer:
    """The tree's right edge and the connection that may extend it."""

    connection: Connection
    clock: Clock
    frontier: Frontier
    signed: int = 0
    """The size of the last checkpoint."""

    @classmethod
    def begin(cls, connection: Connection, clock: Clock) -> Sealer:
        """Reads the tree's right edge. The caller holds the sealer's lock on this connection."""
        row = connection.execute("SELECT coalesce(max(position), -1) + 1 FROM entry_position").fetchone()
        size = int(row[0]) if row else 0

        def node(level: int, index: int) -> bytes:
            query = (
                "SELECT leaf_hash FROM entry_position WHERE position = %(index)s"
                if level == 0
                else "SELECT hash FROM merkle_node WHERE level = %(level)s AND index = %(index)s"
            )
            found = connection.execute(query, {"level": level, "index": index}).fetchone()
            if found is None:
                raise LookupError(f"the tree lacks node {level}/{index}: run «veilleur logbook verify»")
            return bytes(found[0])

        last = connection.execute("SELECT coalesce(max(size), 0) FROM checkpoint").fetchone()
        return cls(connection, clock, Frontier.load(size, node), int(last[0]) if last else 0)

    def seal_once(self) -> int:
        """Seals what waits, at most one batch; returns how many entries. One transaction."""
        size, edge = self.frontier.size, list(self.frontier.edge)
        try:
            with self.connection.transaction():
                return self._seal()
        except BaseException:
            self.frontier = Frontier(size, edge)
            raise

    def _seal(self) -> int:
        rows = self.connection.execute(TAKE, (BATCH,)).fetchall()
        if not rows:
            return 0
        first = self.frontier.size
        hashes = [leaf_hash(bytes(leaf)) for _, leaf in rows]
        nodes = [node for value in hashes for node in self.frontier.append(value)]
        positions = list(range(first, first + len(rows)))
        self.connection.execute(PLACE, (self.clock.now(), positions, [row[0] for row in rows], hashes))
        if nodes:
            levels, indexes, values = zip(*nodes, strict=True)
            self.connection.execute(GROW, (list(levels), list(indexes), list(values)))
        self.connection.execute("SELECT pg_notify('veilleur_sealed', %s)", (str(self.frontier.size),))
        return len(rows)

    def work(self) -> bool:
        """One look: seals a batch and positions a batch of signals; returns whether anything was done."""
        entries, signals = self.connection.execute(WAITING).fetchone() or (False, False)
        done = self.seal_once() if entries else 0
        done += self.position_signals() if signals else 0
        return done > 0

    def sign(self, key: LogKey) -> bool:
        """Signs a checkpoint of what is sealed, if it grew since the last; returns whether it did."""
        size = self.frontier.size
        if size <= self.signed:
            return False
        root, now = self.frontier.root(), self.clock.now()
        note = write_note(key, size, root, now)
        self.connection.execute(SIGN, (size, root, note, key.vkey, now))
        self.signed = size
        return True

    def position_signals(self) -> int:
        """Gives committed signals their positions; returns how many."""
        return self.connection.execute(POSITION_SIGNALS, (BATCH,)).rowcount


def seal_once(dsn: str, clock: Clock, key: LogKey | None = None) -> int:
    """Seals everything that waits, signs it when given a key, then lets go; for tests and the command line.

    Waits for the lease. Returns how many entries were sealed.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (SEALER_LOCK,))
        sealer = Sealer.begin(connection, clock)
        first = sealer.frontier.size
        while sealer.work():
            pass
        if key is not None:
            sealer.sign(key)
        return sealer.frontier.size - first


def run_sealer(dsn: str, clock: Clock, log_key_path: Path, holder: str, stop: threading.Event) -> None:
    """The sealer's loop: waits for the lease, seals and signs until told to stop, begins again after a fault.

    `log_key_path` is the file of the logbook's signing key, made if absent; `holder` names this process in
    the logs. Raises LogKeyError at once when the file is unusable.
    """
    key = open_log_key(log_key_path)
    while not stop.is_set():
        try:
            with psycopg.connect(dsn, autocommit=True, **CONNECT_ARGS) as connection:
                if _take_lease(connection, stop):
                    log.info("sealer_leads", holder=holder)
                    _declare(dsn, clock, key)
                    _lead(Sealer.begin(connection, clock), key, stop)
        except (psycopg.Error, SQLAlchemyError, LookupError) as error:
            log.warning("sealer_interrupted", holder=holder, error=str(error).splitlines()[:1])
            stop.wait(RETRY)


def _take_lease(connection: Connection, stop: threading.Event) -> bool:
    while not stop.is_set():
        row = connection.execute("SELECT pg_try_advisory_lock(%s)", (SEALER_LOCK,)).fetchone()
        if row and row[0]:
            return True
        stop.wait(RETRY)
    return False


def _declare(dsn: str, clock: Clock, key: LogKey) -> None:
    database = open_database(dsn, pool_size=1)
    try:
        with database.write() as session:
            declare(Act(session, clock.now(), Actor("centre")), key)
    finally:
        database.close()


def _lead(sealer: Sealer, key: LogKey, stop: threading.Event) -> None:
    due = 0.0
    while not stop.is_set():
        worked = sealer.work()
        if sealer.clock.monotonic() >= due:
            sealer.sign(key)
            due = sealer.clock.monotonic() + SIGN_EVERY
        if not worked:
            stop.wait(IDLE)
    while sealer.work():
        pass
    sealer.sign(key)
