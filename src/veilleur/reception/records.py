"""What the intake stores: one record per frame, and the columns of a batch of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from veilleur.protocols.events import Event


@dataclass(frozen=True, slots=True)
class Row:
    """A signal's columns (`signals --json`); times are aware UTC, `drift` in seconds."""

    received_at: datetime
    line: str
    transport: str
    peer: str
    protocol: str
    token: str
    sequence: str | None
    receiver: str | None
    prefix: str | None
    account: str | None
    canonical: str | None
    raw: bytes
    verdict: str
    panel_id: int | None
    path_id: int | None
    site_id: int | None
    events: list[dict[str, Any]]
    encrypted: bool
    panel_time: datetime | None
    drift: float | None

    def json(self) -> dict[str, Any]:
        """The columns as `store_batch` reads them; bytes in hexadecimal."""
        return {
            "received_at": self.received_at.isoformat(),
            "line": self.line,
            "transport": self.transport,
            "peer": self.peer,
            "protocol": self.protocol,
            "token": self.token,
            "sequence": self.sequence,
            "receiver": self.receiver,
            "prefix": self.prefix,
            "account": self.account,
            "canonical": self.canonical,
            "raw": self.raw.hex(),
            "verdict": self.verdict,
            "panel_id": self.panel_id,
            "path_id": self.path_id,
            "site_id": self.site_id,
            "events": self.events,
            "encrypted": self.encrypted,
            "panel_time": None if self.panel_time is None else self.panel_time.isoformat(),
            "drift": self.drift,
        }


@dataclass(frozen=True, slots=True)
class Record:
    """What one frame asks of the store.

    `stored` False: a ghost beyond its cap, of which only the count is kept. `key`: the frame's name in the
    duplicate window, open for `seconds`; None: never a copy. `ghost`: counted among the unknown accounts.
    `known`: of a known account; such records are never crowded out by others.
    """

    row: Row
    key: bytes | None = None
    seconds: int = 0
    ghost: bool = False
    stored: bool = True
    known: bool = True


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a record, durably. `signal_id` is the first row's when `duplicate`; 0: only counted."""

    signal_id: int
    duplicate: bool


Done = Callable[[Stored | None], None]


@dataclass(slots=True)
class Waiting:
    """A record in the queue; `done` is told once: what was stored, or None for «not stored»."""

    record: Record
    since: float
    done: Done | None

    def settle(self, stored: Stored | None) -> None:
        """Tells the outcome; later outcomes are not heard."""
        done, self.done = self.done, None
        if done is not None:
            done(stored)


def window_key(verdict: str, frame_key: bytes) -> bytes:
    """The name of a frame in the duplicate window.

    Accepted frames have the key of protocols.md rule 4. Others have windows of their own: a frame that was
    refused or unknown a moment ago, and is accepted now, must never be swallowed as a copy of its refusal.
    """
    if verdict == "accepted":
        return frame_key
    return hashlib.sha256(verdict.encode("ascii") + b"\0" + frame_key).digest()


def events_shown(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Events as the contract shows them (ARCHITECTURE.md §7)."""
    return [
        {
            "category": event.category,
            "code": event.code,
            "qualifier": event.qualifier,
            "area": event.area,
            "zone": event.zone,
            "user": event.user,
            "text": event.text,
            "extended": dict(event.extended),
        }
        for event in events
    ]


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one transaction. Copies inside the batch stand behind their first (`copies`: place of the
    first among `leaders`, place of the copy among all)."""

    waiting: Sequence[Waiting]
    leaders: list[int]
    copies: list[tuple[int, int]]
    counted: list[int]

    @classmethod
    def of(cls, waiting: Sequence[Waiting]) -> Batch:
        """Sorts what is to be stored from copies and from what is only counted."""
        leaders: list[int] = []
        copies: list[tuple[int, int]] = []
        counted: list[int] = []
        by_key: dict[bytes, int] = {}
        for place, each in enumerate(waiting):
            key = each.record.key
            if not each.record.stored:
                counted.append(place)
            elif key is not None and key in by_key:
                copies.append((by_key[key], place))
            else:
                if key is not None:
                    by_key[key] = len(leaders)
                leaders.append(place)
        return cls(waiting, leaders, copies, counted)

    def columns(self) -> dict[str, Any]:
        """The parameters of `store_batch`."""
        rows: list[dict[str, Any]] = []
        for n, place in enumerate(self.leaders):
            record = self.waiting[place].record
            row = record.row.json()
            row["n"] = n
            row["key"] = None if record.key is None else record.key.hex()
            row["seconds"] = record.seconds
            rows.append(row)
        followers = [(first, self.waiting[place].record.row) for first, place in self.copies]
        return {
            "rows": json.dumps(rows),
            "copy_n": [first for first, _ in followers],
            "copy_at": [row.received_at for _, row in followers],
            "copy_transport": [row.transport for _, row in followers],
            "copy_peer": [row.peer for _, row in followers],
        }

    def ghosts(self, outcomes: Sequence[Stored | None]) -> dict[str, list[Any]] | None:
        """The parameters of `count_ghosts`, None when the batch counts none. Copies are not counted again."""
        found: dict[tuple[str, str], tuple[Row, int, int]] = {}
        for each, outcome in zip(self.waiting, outcomes, strict=True):
            if not each.record.ghost or outcome is None or outcome.duplicate:
                continue
            row = each.record.row
            place = (row.line, row.canonical or "")
            _, count, signal_id = found.get(place, (row, 0, 0))
            found[place] = (row, count + 1, max(signal_id, outcome.signal_id))
        if not found:
            return None
        rows = list(found.values())
        return {
            "line": [row.line for row, _, _ in rows],
            "canonical": [row.canonical or "" for row, _, _ in rows],
            "account": [row.account or "" for row, _, _ in rows],
            "peer": [row.peer for row, _, _ in rows],
            "seen": [row.received_at for row, _, _ in rows],
            "count": [count for _, count, _ in rows],
            "signal_id": [signal_id for _, _, signal_id in rows],
        }
