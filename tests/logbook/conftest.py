"""A logbook with entries: `room` records, seals and signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from veilleur.db.engine import Database, open_database
from veilleur.kernel.clock import ManualClock
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.commands import erase
from veilleur.logbook.declaring import declare
from veilleur.logbook.keys import LogKey, open_log_key
from veilleur.logbook.sealer import seal_once


@dataclass
class Room:
    """What a test does to a logbook."""

    database: Database
    dsn: str
    owner_dsn: str
    clock: ManualClock
    key: LogKey

    def record(self, kind: str = "log.entry", *, actor: Actor | None = None, **params: Any) -> int:
        """One entry in its own transaction; returns its id."""
        self.clock.advance(1)
        with self.database.write() as session:
            act = Act(session, self.clock.now(), actor or Actor("user", 1, "Anna Durand"))
            return act.record(kind, params or {"text": "Rien à signaler"})

    def fill(self, count: int, text: str = "Ronde n° {}") -> list[int]:
        """Several entries in one transaction."""
        with self.database.write() as session:
            act = Act(session, self.clock.now(), Actor("user", 1, "Anna Durand"))
            return [act.record("log.entry", {"text": text.format(n)}) for n in range(count)]

    def seal(self) -> int:
        """Seals and signs."""
        return seal_once(self.dsn, self.clock, self.key)

    def rows(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        """Reads as the application."""
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(query, given).fetchall()

    def tamper(self, *statements: str) -> None:
        """What somebody who owns the database may do: first he takes the triggers away."""
        with psycopg.connect(self.owner_dsn, autocommit=True) as connection:
            for table in (
                "entry",
                "entry_payload",
                "entry_position",
                "merkle_node",
                "checkpoint",
                "signal",
                "intake_batch",
            ):
                connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            for statement in statements:
                assert connection.execute(statement).rowcount != 0, statement


@pytest.fixture
def room(database, clock: ManualClock, tmp_path: Path) -> Iterator[Room]:
    opened = open_database(database.app_dsn)
    yield Room(opened, database.app_dsn, database.owner_dsn, clock, open_log_key(tmp_path / "log.key"))
    opened.close()


@pytest.fixture
def kept(room: Room, tmp_path: Path) -> Room:
    """A declared logbook of 14 entries, one of them erased, signed after 6, 10 and 14; the second was sent out."""
    with room.database.write() as session:
        declare(Act(session, room.clock.now(), Actor("centre")), room.key)
    room.fill(4, "Ronde n° {} à l’écluse")
    room.seal()
    ids = room.fill(4)
    room.seal()
    (tmp_path / "dehors.txt").write_text(
        room.rows("SELECT note FROM checkpoint WHERE size = 10")[0][0], "utf-8"
    )
    room.fill(3)
    with room.database.write() as session:
        erase(Act(session, room.clock.now(), Actor("cli", name="dpo")), ids[0], "RGPD art. 17")
    room.seal()
    return room
