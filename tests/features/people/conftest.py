"""A database, and people and posts made through the commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from veilleur.db.engine import Database, open_database
from veilleur.features.people import commands, posts, sessions
from veilleur.features.people.queries import reader_of
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act, Actor

PASSWORD = "mot de passe de test"


@dataclass
class Room:
    """What tests of people do."""

    database: Database
    clock: ManualClock

    def act(self, session: Any, actor: Actor | None = None) -> Act:
        return Act(session, self.clock.now(), actor or Actor("cli", name="test"))

    def user(self, login: str, *roles: str, card: bool = True, **title: Any) -> int:
        with self.database.write() as session:
            act = self.act(session)
            user_id = commands.create_user(
                act, login=login, name=login.title(), roles=roles or ("operator",), password=PASSWORD
            )
            if card:
                facts = {"kind": "card", "number": f"CAR-{login}", "activities": ["remote_monitoring"]}
                facts["expires_on"] = date(2030, 1, 1)
                commands.grant_title(act, user_id, **(facts | title))
        return user_id

    def post(self, name: str = "Poste 1", kind: str = "remote_monitoring") -> int:
        with self.database.write() as session:
            return posts.create_post(self.act(session), name=name, kind=kind)

    def login(self, login: str, peer: str = "192.0.2.1") -> bytes:
        user = sessions.authenticate(self.database, self.clock, login=login, password=PASSWORD, peer=peer)
        with self.database.write() as session:
            act = self.act(session, sessions.actor_of(user))
            return sessions.open_session(act, user, password=PASSWORD, peer=peer).session_hash

    def reader(self, session_hash: bytes) -> Reader:
        with self.database.read() as session:
            found = reader_of(session, session_hash, self.clock.now(), sessions.IDLE)
        assert found is not None
        return found.reader

    def take(self, session_hash: bytes, post_id: int, motif: str | None = None) -> None:
        reader = self.reader(session_hash)
        with self.database.write() as session:
            act = self.act(session, Actor("user", reader.user_id, reader.name))
            posts.take_post(act, reader, post_id, motif=motif, session_hash=session_hash)


@pytest.fixture
def room(database: Any, clock: ManualClock) -> Iterator[Room]:
    opened = open_database(database.app_dsn)
    yield Room(opened, clock)
    opened.close()
