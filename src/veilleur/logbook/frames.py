"""Received frames held against the entries that seal them: each intake batch's count, range of numbers and Merkle root.

A batch that is not there is right only when a sealed entry of a purge names it.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import psycopg

from veilleur.logbook.merkle import Frontier, leaf_hash

RECEIVED = "signals.received"
BATCH = 2_000  # batches held together, and frames fetched at once

# Frames of a range of numbers. A range may hold frames of batches that are judged with others.
FRAMES = "SELECT id, batch_id, raw FROM signal WHERE id BETWEEN %s AND %s ORDER BY id"
ROWS = "SELECT id, entry_id, count, root FROM intake_batch WHERE id = ANY(%s)"
# Which batches went, by the sealed entries that say so.
PURGES = """
SELECT body FROM entry JOIN entry_position ON entry_position.entry_id = entry.id
JOIN entry_payload ON payload_of = entry.id WHERE kind = 'retention.signals' ORDER BY entry.id"""
# Batches whose entry says nothing here yet: it waits for its seal. One whose text is gone is an anomaly: it is never erased.
SILENT = """
SELECT count(*) FROM signal WHERE batch_id IN (
  SELECT b.id FROM intake_batch b WHERE EXISTS (SELECT 1 FROM entry_unsealed u WHERE u.entry_id = b.entry_id))"""
ALL = "SELECT count(*) FROM signal"


def runs_of(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges of numbers, first and last included, in order and with what touches or overlaps made one."""
    runs: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
        else:
            runs.append((first, last))
    return runs


class Findings(Protocol):
    """Where what is wrong is noted."""

    def find(self, code: str, **params: Any) -> None:
        """Notes one thing that is wrong."""


@dataclass
class Purged:
    """The batches that purges name, as runs of numbers in order; `before`: what purges of earlier versions, which named
    none, had the right to take."""

    runs: list[tuple[int, int]] = field(default_factory=list)
    before: datetime | None = None

    @classmethod
    def read(cls, connection: psycopg.Connection[Any]) -> Purged:
        """Those of the database."""
        named: list[tuple[int, int]] = []
        before: datetime | None = None
        for (body,) in connection.execute(PURGES).fetchall():
            try:
                params = json.loads(bytes(body))["params"]
                if "batches" in params:
                    named += [(int(first), int(last)) for first, last in params["batches"]]
                else:
                    limit = datetime.fromisoformat(params["before"])
                    before = max(before or limit, limit)
            except (ValueError, KeyError, TypeError):
                continue  # not what was sealed: the reading of entries says so
        return cls(runs_of(named), before)

    def covers(self, batch: int, entered_at: datetime) -> bool:
        """Whether this batch may be gone."""
        if self.before is not None and entered_at < self.before:
            return True
        place = bisect_right(self.runs, batch, key=lambda run: run[0]) - 1
        return place >= 0 and self.runs[place][1] >= batch


@dataclass
class _Sealed:
    """What an entry says of its batch, and what is found of it."""

    entry: int
    entered_at: datetime
    count: int
    first: int
    last: int
    root: str
    found: Frontier = field(default_factory=Frontier)


@dataclass
class FrameCheck:
    """One pass over the entries of batches, in any order. Memory is bounded by `BATCH` and the runs of what is gone.

    `batches`, `frames`: compared; `purged`: batches gone by the entry of a purge.
    """

    connection: psycopg.Connection[Any]
    report: Findings
    batches: int = 0
    frames: int = 0
    purged: int = 0
    _gone: Purged = field(init=False)
    _waiting: dict[int, _Sealed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._gone = Purged.read(self.connection)

    def add(self, entry: int, entered_at: datetime, body: bytes) -> None:
        """The content of an entry «signals.received», as it was sealed."""
        try:
            said = json.loads(body)["params"]
            batch, root = int(said["batch"]), str(said["root"])
            count, first, last = (int(said[name]) for name in ("count", "first", "last"))
        except (ValueError, KeyError, TypeError):
            self.report.find("batch_unreadable", entry=entry)
            return
        if batch in self._waiting:
            self.report.find("batch_twice", batch=batch, entry=entry, other=self._waiting[batch].entry)
            return
        self._waiting[batch] = _Sealed(entry, entered_at, count, first, last, root)
        if len(self._waiting) >= BATCH:
            self._compare()

    def finish(self) -> None:
        """Compares what is left, and finds the frames that no sealed batch holds."""
        self._compare()
        beyond = self._count(ALL) - self._count(SILENT) - self.frames
        if beyond > 0:
            self.report.find("frames_unsealed", count=beyond)

    def _count(self, query: str) -> int:
        row = self.connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def _compare(self) -> None:
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        with self.connection.cursor("frames") as rows:
            rows.itersize = BATCH
            span = (min(one.first for one in waiting.values()), max(one.last for one in waiting.values()))
            rows.execute(FRAMES, span)
            for number, batch, raw in rows:
                sealed = waiting.get(batch)
                if sealed is not None and sealed.first <= number <= sealed.last:
                    sealed.found.append(leaf_hash(bytes(raw)))
        told = {row[0]: row[1:] for row in self.connection.execute(ROWS, ([*waiting],)).fetchall()}
        for batch, sealed in waiting.items():
            self._judge(batch, sealed, told.get(batch))

    def _judge(self, batch: int, sealed: _Sealed, row: tuple[int, int, bytes] | None) -> None:
        size = sealed.found.size
        self.frames += size
        where = {"batch": batch, "entry": sealed.entry, "first": sealed.first, "last": sealed.last}
        if size < sealed.count and self._gone.covers(batch, sealed.entered_at):
            self.purged += 1
            return
        self.batches += 1
        if size != sealed.count:
            self.report.find("batch_count", **where, count=sealed.count, found=size)
        elif sealed.found.root().hex() != sealed.root:
            self.report.find("batch_altered", **where)
        if row is None or (row[0], row[1], bytes(row[2]).hex()) != (sealed.entry, sealed.count, sealed.root):
            self.report.find("batch_row_altered", batch=batch, entry=sealed.entry)
