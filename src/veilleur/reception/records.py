"""What the intake stores: one record per frame, and the columns of a batch of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg

from veilleur.protocols.events import Event


class Row(NamedTuple):
    """A signal's columns (`signals --json`); times are aware UTC, `drift` in seconds, `events` is JSON text."""

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
    events: str
    encrypted: bool
    panel_time: datetime | None
    drift: float | None


class Record(NamedTuple):
    """What one frame asks of the store.

    `stored` False: a ghost beyond its cap, of which only the count is kept. `key`: the frame's name in the
    duplicate window, open for `seconds`; None: never a copy. `ghost`: counted among the unknown accounts.
    `known`: of a known account; such records are never crowded out by others. `nonce`: a frame of the built-in
    dialler, noted with the batch and no signal.
    """

    row: Row
    key: bytes | None = None
    seconds: int = 0
    ghost: bool = False
    stored: bool = True
    known: bool = True
    nonce: str | None = None


class Stored(NamedTuple):
    """What became of a record, durably. `signal_id` is the first row's when `duplicate`; 0: only counted."""

    signal_id: int
    duplicate: bool


Done = Callable[[Stored | None], None]


@dataclass(slots=True)
class Waiting:
    """A record in the queue; `done` is told once: what was stored, or None for «not stored». None: it was told."""

    record: Record
    since: float
    done: Done | None


def window_key(verdict: str, frame_key: bytes) -> bytes:
    """The name of a frame in the duplicate window.

    Accepted frames have the key of protocols.md rule 4. Others have windows of their own: a frame that was
    refused or unknown a moment ago, and is accepted now, must never be swallowed as a copy of its refusal.
    """
    if verdict == "accepted":
        return frame_key
    return hashlib.sha256(verdict.encode("ascii") + b"\0" + frame_key).digest()


# A storm says few different things: their text is made once.
@lru_cache(4096)
def events_text(events: tuple[Event, ...]) -> str:
    """Events as the contract shows them (ARCHITECTURE.md §7), in JSON."""
    return json.dumps(
        [
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
    )


# Columns that are not written as Python writes them.
_FORMS: dict[str, Callable[[Any], str]] = {
    "received_at": datetime.isoformat,
    "panel_time": datetime.isoformat,
    "raw": lambda raw: "\\x" + raw.hex(),
    **dict.fromkeys(("panel_id", "path_id", "site_id", "encrypted", "drift"), str),
}

# Neither is ever in a text: PostgreSQL knows no NUL, and SOH is none of the characters that the codec lets through.
_BETWEEN, _NONE = "\0", "\1"


def array(values: Sequence[Any], form: Callable[[Any], str] | None = None) -> str:
    """An array as PostgreSQL reads it: the driver's own way of writing lists costs ten times as much.

    Raises DataError for a text that PostgreSQL cannot hold, or that holds a control character of ours.
    """
    if not values:
        return "{}"
    if len(values) > 1 and values.count(values[0]) == len(values):
        # As are the line, the protocol, most often the verdict.
        return "{" + ",".join([_element(values[0], form)] * len(values)) + "}"
    return _array(values, form)


@lru_cache(256, typed=True)  # 1 is not True
def _element(value: Any, form: Callable[[Any], str] | None) -> str:
    return _array([value], form)[1:-1]


def _array(values: Sequence[Any], form: Callable[[Any], str] | None) -> str:
    absent = values.count(None)
    if not absent:
        joined = _BETWEEN.join(map(form, values) if form else values)
    else:
        joined = _BETWEEN.join(
            [_NONE if value is None else form(value) if form else value for value in values]
        )
    if joined.count(_BETWEEN) != len(values) - 1 or joined.count(_NONE) != absent:
        raise psycopg.DataError("a text holds NUL or SOH, which are never stored")
    if not joined.isascii():
        try:
            joined.encode()
        except UnicodeEncodeError as fault:
            raise psycopg.DataError(f"a text is not Unicode: {fault.reason}") from fault
    quoted = joined.replace("\\", "\\\\").replace('"', '\\"').replace(_BETWEEN, '","')
    written = f'{{"{quoted}"}}'
    return written.replace(f'"{_NONE}"', "NULL") if absent else written


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

    def claims(self) -> dict[str, str]:
        """The parameters of `claim_frames`."""
        records = [self.waiting[place].record for place in self.leaders]
        return {
            "key": array([record.key for record in records], _FORMS["raw"]),
            "seconds": array([record.seconds for record in records], str),
            "received_at": array([record.row.received_at for record in records], datetime.isoformat),
        }

    def columns(self, places: Sequence[int]) -> dict[str, str]:
        """The parameters of `store_signals` that the records at these places know."""
        columns = zip(*[self.waiting[place].record.row for place in places], strict=True)
        return {
            name: array(values, _FORMS.get(name)) for name, values in zip(Row._fields, columns, strict=True)
        }

    def repeated(self, copies: Sequence[tuple[int, int]]) -> dict[str, str]:
        """The parameters of `store_copies`, from the place of each copy and the number of its first."""
        rows = [self.waiting[place].record.row for place, _ in copies]
        return {
            "signal_id": array([first for _, first in copies], str),
            "received_at": array([row.received_at for row in rows], datetime.isoformat),
            "transport": array([row.transport for row in rows]),
            "peer": array([row.peer for row in rows]),
        }

    def heard(self) -> dict[str, str] | None:
        """The parameters of `note_heard`, None when the built-in dialler said nothing."""
        records = [self.waiting[place].record for place in self.counted]
        found = [(record.row.line, record.nonce) for record in records if record.nonce is not None]
        if not found:
            return None
        lines, nonces = zip(*found, strict=True)
        return {"line": array(lines), "nonce": array(nonces)}

    def ghosts(self, outcomes: Sequence[Stored | None]) -> dict[str, str] | None:
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
            "line": array([row.line for row, _, _ in rows]),
            "canonical": array([row.canonical or "" for row, _, _ in rows]),
            "account": array([row.account or "" for row, _, _ in rows]),
            "peer": array([row.peer for row, _, _ in rows]),
            "seen": array([row.received_at for row, _, _ in rows], datetime.isoformat),
            "count": array([count for _, count, _ in rows], str),
            "signal_id": array([signal_id for _, _, signal_id in rows], str),
        }
