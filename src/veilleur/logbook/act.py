"""The only way to write: an act is one transaction's hand, and every change it makes carries its entry."""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, text

from veilleur.db.engine import WriteSession
from veilleur.locale.render import render_entry
from veilleur.logbook.tables import Entry, EntryPayload

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


def canonical(value: object) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8. The bytes that commitments and leaves are made of."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_encode).encode()


def _encode(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"not JSON: {type(value).__name__}")


def fold(value: str) -> str:
    """Lower case without accents: what searches compare («Écluse» is found by «ecluse»)."""
    decomposed = unicodedata.normalize("NFKD", value.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae"))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


@dataclass
class Act:
    """One transaction of one actor at one time. Commands take it first and record before they change rows."""

    session: WriteSession
    now: datetime
    actor: Actor
    entries: list[int] = field(default_factory=list)

    def record(
        self,
        kind: str,
        params: Mapping[str, Any] | None = None,
        *,
        subject: Subject | None = None,
        touched: Mapping[str, list[int]] | None = None,
        happened_at: datetime | None = None,
        corrects: int | None = None,
        version: int = 1,
    ) -> int:
        """Writes one entry and returns its id, which becomes `entry_id` of the rows it changes.

        `params` are codes, numbers, names and texts (JSON); the sentence is in the
        section `entries` of `locale/*/*.json`, under `kind`. `happened_at` (UTC) defaults to now; both times are kept. `touched` names the objects whose views
        screens must refresh: {"incident": [id], "site": [id], "post": [id]}.
        """
        about = subject or Subject()
        entry_id: int = self.session.execute(text("SELECT nextval('entry_id_seq')")).scalar_one()
        happened = happened_at or self.now
        body = canonical({"params": dict(params or {}), "actor_name": self.actor.name})
        salt = secrets.token_bytes(SALT_BYTES)
        leaf = canonical(
            {
                "v": 1,
                "id": entry_id,
                "kind": kind,
                "version": version,
                "happened_at": happened,
                "entered_at": self.now,
                "actor": {"kind": self.actor.kind, "id": self.actor.id, "post": self.actor.post_id},
                "site": about.site_id,
                "incident": about.incident_id,
                "organisation": about.organisation,
                "customer": about.customer_id,
                "commune": about.commune,
                "corrects": corrects,
                "commitment": hashlib.sha256(salt + body).hexdigest(),
            }
        )
        self.session.execute(
            insert(Entry).values(
                id=entry_id,
                kind=kind,
                version=version,
                happened_at=happened,
                entered_at=self.now,
                actor_kind=self.actor.kind,
                actor_id=self.actor.id,
                post_id=self.actor.post_id,
                site_id=about.site_id,
                incident_id=about.incident_id,
                organisation=about.organisation,
                customer_id=about.customer_id,
                commune=about.commune,
                corrects_id=corrects,
                touched=dict(touched or {}),
                leaf=leaf,
            )
        )
        self.session.execute(
            insert(EntryPayload).values(
                payload_of=entry_id, salt=salt, body=body, search=fold(render_entry("fr", kind, version, json.loads(body)))
            )
        )
        self.entries.append(entry_id)
        return entry_id
