"""What the logbook says of itself when it starts: with which sentences it reads, and under which key it is signed."""

from __future__ import annotations

import importlib.metadata
import json
from typing import Any

from sqlalchemy import select

from veilleur.logbook.act import Act
from veilleur.logbook.keys import LogKey
from veilleur.logbook.tables import Entry, EntryPayload
from veilleur.logbook.templates import digest, texts


def declare(act: Act, key: LogKey) -> list[int]:
    """Records what changed since it was last declared; returns the entries. Safe to repeat."""
    said = [_declare(act, "logbook.key", {"vkey": key.vkey}, "vkey"), declare_texts(act)]
    return [each for each in said if each is not None]


def declare_texts(act: Act) -> int | None:
    """Records with which sentences this version reads, when they are others than those last declared; the entry.

    An export carries the sentences of the version that makes it, which may be newer than the running centre's.
    """
    version = importlib.metadata.version("veilleur")
    return _declare(act, "logbook.texts", {"digest": digest(texts()), "version": version}, "digest")


def _declare(act: Act, kind: str, params: dict[str, Any], what: str) -> int | None:
    last = (
        select(EntryPayload.body)
        .join(Entry, Entry.id == EntryPayload.payload_of)
        .where(Entry.kind == kind)
        .order_by(Entry.id.desc())
        .limit(1)
    )
    body = act.session.scalar(last)
    if body is not None and json.loads(body)["params"].get(what) == params[what]:
        return None
    return act.record(kind, params)
