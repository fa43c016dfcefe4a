"""What an entry is made of: pure, so that the intake (which has no ORM) writes the same bytes as an `Act`."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from veilleur.locale.render import render_entry

SALT_BYTES = 32


@dataclass(frozen=True)
class Actor:
    """Who acts. `kind`: user | watch | reception | centre | import | cli."""

    kind: str
    id: int | None = None
    name: str = ""
    post_id: int | None = None


@dataclass(frozen=True)
class Subject:
    """What an entry is about and whose it is (its perimeter)."""

    site_id: int | None = None
    incident_id: int | None = None
    organisation: str = "centre"
    customer_id: int | None = None
    commune: str | None = None


@dataclass(frozen=True)
class BuiltEntry:
    """One entry ready to be written: the exact bytes that are hashed, and the payload they commit to.

    `search` is the French sentence as searches compare it; it is neither hashed nor shown.
    """

    id: int
    kind: str
    version: int
    happened_at: datetime
    entered_at: datetime
    leaf: bytes
    salt: bytes
    body: bytes
    search: str


def build_entry(
    entry_id: int,
    kind: str,
    params: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    actor: Actor,
    subject: Subject | None = None,
    happened_at: datetime | None = None,
    corrects: int | None = None,
    version: int = 1,
) -> BuiltEntry:
    """Makes the leaf and the payload of an entry whose id was taken from `entry_id_seq`. Times are aware UTC.

    The leaf holds no personal text: only a salted commitment to the body, which may be erased (law 1).
    """
    about = subject or Subject()
    happened = happened_at or now
    body = canonical({"params": legible(params or {}), "actor_name": legible(actor.name)})
    salt = secrets.token_bytes(SALT_BYTES)
    leaf = canonical(
        {
            "v": 1,
            "id": entry_id,
            "kind": kind,
            "version": version,
            "happened_at": happened,
            "entered_at": now,
            "actor": {"kind": actor.kind, "id": actor.id, "post": actor.post_id},
            "site": about.site_id,
            "incident": about.incident_id,
            "organisation": about.organisation,
            "customer": about.customer_id,
            "commune": about.commune,
            "corrects": corrects,
            "commitment": hashlib.sha256(salt + body).hexdigest(),
        }
    )
    search = searchable(render_entry("fr", kind, version, json.loads(body)))
    return BuiltEntry(entry_id, kind, version, happened, now, leaf, salt, body, search)


def legible(value: Any) -> Any:
    """The same without the characters that show nothing and command what shows them (escapes, direction of writing): what
    is read must be what is sealed. Line breaks and tabs stay."""
    if isinstance(value, str):
        return _COMMANDS.sub("", value) if not value.isprintable() else value
    if isinstance(value, Mapping):
        return {key: legible(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [legible(each) for each in value]
    return value


def one_line(text: str) -> str:
    """A text as one line of a listing: a break typed in it cannot pass for another entry."""
    return _COMMANDS.sub("", text).replace("\t", " ").replace("\n", " ⏎ ")


def canonical(value: object) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8, times in UTC. The bytes that commitments and leaves are made of."""
    return _CANONICAL.encode(value).encode()


def _encode(value: object) -> object:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a time without its zone")
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"not JSON: {type(value).__name__}")


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_encode)
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def fold(value: str) -> str:
    """Lower case without accents: what searches compare («Écluse» is found by «ecluse»)."""
    if value.isascii():
        return value.casefold()
    decomposed = unicodedata.normalize("NFKD", value.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae"))
    return _BEYOND_ASCII.sub(lambda c: "" if unicodedata.combining(c[0]) else c[0], decomposed).casefold()


def searchable(value: str) -> str:
    """Folded words separated by spaces: «L’Écluse n° 2026-4» → «l ecluse n 2026 4».

    The words are cut here and not by PostgreSQL's parser, whose idea of a word depends on the server's locale.
    """
    return _BETWEEN_WORDS.sub(" ", fold(value)).strip()
