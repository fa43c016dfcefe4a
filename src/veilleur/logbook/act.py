"""The only way to write: an act is one transaction's hand, and every change it makes carries its entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, text

from veilleur.db.engine import WriteSession
from veilleur.logbook.building import SALT_BYTES, Actor, Subject, build_entry, canonical, fold
from veilleur.logbook.tables import Entry, EntryPayload

__all__ = ["SALT_BYTES", "Act", "Actor", "Subject", "canonical", "fold"]


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
        section `entries` of `locale/*/*.json`, under `kind`. `happened_at` (UTC) defaults to now; both times
        are kept. `touched` names the objects whose views screens must refresh:
        {"incident": [id], "site": [id], "post": [id]}.
        """
        about = subject or Subject()
        entry_id: int = self.session.execute(text("SELECT nextval('entry_id_seq')")).scalar_one()
        built = build_entry(
            entry_id,
            kind,
            params,
            now=self.now,
            actor=self.actor,
            subject=about,
            happened_at=happened_at,
            corrects=corrects,
            version=version,
        )
        self.session.execute(
            insert(Entry).values(
                id=entry_id,
                kind=kind,
                version=version,
                happened_at=built.happened_at,
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
                leaf=built.leaf,
            )
        )
        self.session.execute(
            insert(EntryPayload).values(
                payload_of=entry_id, salt=built.salt, body=built.body, search=built.search
            )
        )
        self.entries.append(entry_id)
        return entry_id
