"""`logbook verify`: reads the whole logbook in its database and says what was altered, removed, re-ordered or erased.

It knows more than the exported stream's verifier: the columns that screens read are compared with the sealed leaf,
the stored tree with the one computed again, received frames with the root of their batch, and entries that nobody sealed
are found.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from veilleur.logbook.building import canonical
from veilleur.logbook.frames import RECEIVED, FrameCheck
from veilleur.logbook.merkle import Frontier, leaf_hash
from veilleur.logbook.notes import MAX_NOTE_CHARS, NoteError, SignedCheckpoint, read_note, verify_note

BATCH = 2_000  # rows fetched at once
KEPT = 200  # findings kept; the others are counted

# Every position in order, with the entry it seals and its payload.
SEALED = """
SELECT entry_position.position, entry_position.entry_id, entry_position.leaf_hash, entry.id, entry.kind,
       entry.version, entry.happened_at, entry.entered_at, entry.actor_kind, entry.actor_id, entry.post_id,
       entry.site_id, entry.incident_id, entry.organisation, entry.customer_id, entry.commune,
       entry.corrects_id, entry.leaf, entry_payload.salt, entry_payload.body
FROM entry_position
LEFT JOIN entry ON entry.id = entry_position.entry_id
LEFT JOIN entry_payload ON entry_payload.payload_of = entry_position.entry_id
ORDER BY entry_position.position"""
CHECKPOINTS = "SELECT size, root, note FROM checkpoint ORDER BY size"
NODES = """
SELECT l, i FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[]) AS t (l, i, h)
LEFT JOIN merkle_node ON level = l AND index = i WHERE hash IS DISTINCT FROM h"""
# Committed entries that have no position and do not wait for one.
UNSEALED = """
SELECT entry.id FROM entry
WHERE NOT EXISTS (SELECT 1 FROM entry_position WHERE entry_position.entry_id = entry.id)
  AND NOT EXISTS (SELECT 1 FROM entry_unsealed WHERE entry_unsealed.entry_id = entry.id)
ORDER BY entry.id LIMIT 1000"""
SENT = "SELECT size, place, sent_at FROM checkpoint_sent ORDER BY sent_at DESC LIMIT 1"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong; its sentence is in the section `verify` of locale/*/logbook.json."""

    code: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Outside:
    """A checkpoint that somebody else kept, and where it was read."""

    name: str
    checkpoint: SignedCheckpoint


@dataclass
class Report:
    """What the reading established. `vouched`: the last outside checkpoint that agrees; `unvouched_since`: when the
    first entry after it was entered (None: there is none); `sent`: the last checkpoint that left, by our own word.
    `batches`, `frames`: of received frames, compared with their entry; `purged`: batches gone by the entry of a purge."""

    size: int = 0
    root: bytes = b""
    entered_at: datetime | None = None
    checkpoints: int = 0
    signed_size: int = 0
    erased: dict[int, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    count: int = 0
    vouched: Outside | None = None
    unvouched_since: datetime | None = None
    sent: tuple[int, str, datetime] | None = None
    batches: int = 0
    frames: int = 0
    purged: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.count

    def find(self, code: str, **params: Any) -> None:
        """Notes one thing that is wrong."""
        self.count += 1
        if len(self.findings) < KEPT:
            self.findings.append(Finding(code, params))


def read_outside(paths: Iterable[Path], report: Report, vkeys: Iterable[str]) -> list[Outside]:
    """Reads checkpoints that were kept outside; those that no key of ours signed are findings."""
    keys = list(vkeys)
    found = []
    for path in paths:
        try:
            note = path.read_text("utf-8") if path.stat().st_size < MAX_NOTE_CHARS else ""
            checkpoint = _signed(note, keys)
        except (OSError, ValueError) as error:
            report.find("outside_unreadable", name=path.name, reason=str(error))
            continue
        found.append(Outside(path.name, checkpoint))
    return found


def verify(dsn: str, checkpoint_files: Iterable[Path] = (), vkeys: Iterable[str] = ()) -> Report:
    """Reads everything in one REPEATABLE READ transaction; memory is bounded by a batch and what is erased.

    `checkpoint_files`: checkpoints kept outside. `vkeys`: the keys to trust; without them, those the database
    itself names, which proves consistency only.
    """
    with psycopg.connect(dsn) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        known = [row[0] for row in connection.execute("SELECT DISTINCT vkey FROM checkpoint").fetchall()]
        keys = list(vkeys) or known
        reading = _Reading(connection, keys)
        outside = read_outside(checkpoint_files, reading.report, keys)
        reading.run(outside)
        for (entry,) in connection.execute(UNSEALED).fetchall():
            reading.report.find("never_sealed", entry=entry)
        reading.report.sent = connection.execute(SENT).fetchone()
        return reading.report


def _signed(note: str, keys: list[str]) -> SignedCheckpoint:
    fault = NoteError("no key is known")
    for key in keys:
        try:
            return verify_note(note, key)
        except NoteError as error:
            fault = error
    read_note(note)
    raise fault


class _Reading:
    """One pass over the positions."""

    def __init__(self, connection: psycopg.Connection[Any], keys: list[str]) -> None:
        self.connection, self.keys = connection, keys
        self.report, self.frontier = Report(), Frontier()
        self.received = FrameCheck(connection, self.report)
        self.missing: dict[int, int] = {}
        self.nodes: list[tuple[int, int, bytes]] = []
        self.next = 0

    def run(self, outside: list[Outside]) -> None:
        report = self.report
        kept: dict[int, list[Outside]] = {}
        for each in outside:
            kept.setdefault(each.checkpoint.size, []).append(each)
        with (
            self.connection.cursor("sealed", row_factory=dict_row) as rows,
            self.connection.cursor("checkpoints") as checkpoints,
        ):
            rows.itersize = checkpoints.itersize = BATCH
            checkpoints.execute(CHECKPOINTS)
            notes = iter(checkpoints)
            due = next(notes, None)
            rows.execute(SEALED)
            for row in rows:
                self._entry(row)
                while due is not None and due[0] <= self.frontier.size:
                    self._checkpoint(*due)
                    due = next(notes, None)
                for each in kept.pop(self.frontier.size, []):
                    self._compare(each)
            report.size, report.root = self.frontier.size, self.frontier.root()
            while due is not None:
                report.find("checkpoint_beyond", size=due[0], entries=report.size)
                due = next(notes, None)
        self._compare_nodes()
        for each in (each for late in kept.values() for each in late):
            report.find("outside_beyond", name=each.name, size=each.checkpoint.size, entries=report.size)
        for entry, position in self.missing.items():
            report.find("payload_missing", entry=entry, position=position)
        self.received.finish()
        report.batches, report.frames, report.purged = (
            self.received.batches,
            self.received.frames,
            self.received.purged,
        )

    def _entry(self, row: dict[str, Any]) -> None:
        position, entry, report = row["position"], row["entry_id"], self.report
        if position != self.next:
            report.find("positions_missing", first=self.next, last=position - 1)
        self.next = position + 1
        if row["id"] is None:
            report.find("entry_removed", entry=entry, position=position)
            self._append(bytes(row["leaf_hash"]))
            return
        leaf = bytes(row["leaf"])
        value = leaf_hash(leaf)
        if value != bytes(row["leaf_hash"]):
            report.find("leaf_altered", entry=entry, position=position)
        self._append(value)
        report.entered_at = row["entered_at"]
        if report.unvouched_since is None:
            report.unvouched_since = row["entered_at"]
        try:
            sealed = json.loads(leaf)
            wrong = [name for name, said in _columns(row).items() if sealed.get(name) != said]
        except (ValueError, AttributeError):
            report.find("leaf_altered", entry=entry, position=position)
            return
        if wrong:
            report.find("columns_altered", entry=entry, position=position, columns=wrong)
        self._payload(row, sealed)

    def _payload(self, row: dict[str, Any], sealed: dict[str, Any]) -> None:
        entry, report = row["entry_id"], self.report
        if row["salt"] is None or row["body"] is None:
            self.missing[entry] = row["position"]
        elif sha256(bytes(row["salt"]) + bytes(row["body"])).hexdigest() != sealed.get("commitment"):
            report.find("payload_altered", entry=entry, position=row["position"])
        elif sealed.get("kind") == RECEIVED:
            self.received.add(entry, row["entered_at"], bytes(row["body"]))
        if sealed.get("kind") == "entry.erased":
            erased = int(sealed["corrects"])
            if self.missing.pop(erased, None) is None:
                report.find("erased_but_there", entry=erased, by=entry)
            else:
                report.erased[erased] = entry

    def _append(self, value: bytes) -> None:
        self.nodes += self.frontier.append(value)
        if len(self.nodes) >= BATCH:
            self._compare_nodes()

    def _compare_nodes(self) -> None:
        if not self.nodes:
            return
        levels, indexes, values = (list(column) for column in zip(*self.nodes, strict=True))
        self.nodes = []
        for level, index in self.connection.execute(NODES, (levels, indexes, values)).fetchall():
            self.report.find("tree_altered", level=level, index=index)

    def _checkpoint(self, size: int, root: bytes, note: str) -> None:
        report = self.report
        report.checkpoints += 1
        try:
            said = _signed(note, self.keys)
        except NoteError as error:
            report.find("checkpoint_forged", size=size, reason=str(error))
            return
        computed = (size, self.frontier.root() if size == self.frontier.size else b"")
        if (said.size, said.root) != computed or bytes(root) != said.root:
            report.find("checkpoint_disagrees", size=size, good=report.signed_size)
        else:
            report.signed_size = size

    def _compare(self, outside: Outside) -> None:
        if outside.checkpoint.root != self.frontier.root():
            self.report.find("outside_disagrees", name=outside.name, size=outside.checkpoint.size)
        else:
            self.report.vouched, self.report.unvouched_since = outside, None


def _columns(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as the leaf writes them."""
    moments = [row["happened_at"].astimezone(UTC), row["entered_at"].astimezone(UTC)]
    times = json.loads(canonical(moments))
    return {
        "id": row["id"],
        "kind": row["kind"],
        "version": row["version"],
        "happened_at": times[0],
        "entered_at": times[1],
        "actor": {"kind": row["actor_kind"], "id": row["actor_id"], "post": row["post_id"]},
        "site": row["site_id"],
        "incident": row["incident_id"],
        "organisation": row["organisation"],
        "customer": row["customer_id"],
        "commune": row["commune"],
        "corrects": row["corrects_id"],
    }
