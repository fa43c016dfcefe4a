"""The wire: one transaction per pipeline, whatever fails in it, and the next one is not spoilt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from veilleur.reception import queries
from veilleur.reception.connection import connected, cut
from veilleur.reception.wire import Wire

SQL = {
    "keep": b"INSERT INTO kept (n, body) VALUES (%(n)s, %(body)s) RETURNING n, length(%(body)s::bytea)",
    "late": b"INSERT INTO late (n) VALUES (%(n)s)",
}


@pytest.fixture
async def wire(database: Any, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    """A wire to tables of the test's own; a row of `late` beyond 9 is refused at the commit."""
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute("CREATE TABLE kept (n int PRIMARY KEY, body bytea)")
        owner.execute("CREATE TABLE late (n int)")
        owner.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'too late' USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        owner.execute(
            "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON late DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW WHEN (NEW.n > 9) EXECUTE FUNCTION refuse()"
        )
        owner.execute("GRANT ALL ON kept, late TO veilleur_app")
    monkeypatch.setattr(queries, "QUERIES", {name: ("", sql) for name, sql in SQL.items()})
    async with connected(database.app_dsn) as connection:
        yield await Wire.open(connection, SQL)


def kept(dsn: str) -> list[int]:
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute("SELECT n FROM kept ORDER BY n")]


async def test_what_is_sent_is_seen_by_others_at_the_end_only(database: Any, wire: Wire) -> None:
    async with wire:
        wire.send("keep", {"n": 1, "body": b"\x00\xff\n"})
        wire.send("keep", {"n": 2, "body": None})
        first, second = await wire.results()
        assert (first.get_value(0, 0), first.get_value(0, 1)) == (b"1", b"3")
        assert second.get_value(0, 1) is None
        assert kept(database.app_dsn) == []
    assert kept(database.app_dsn) == [1, 2]


@pytest.mark.parametrize("when", ["heard", "at the end", "at the commit"])
async def test_whatever_fails_nothing_is_stored_and_the_next_is(database: Any, wire: Wire, when: str) -> None:
    async def spoil() -> None:
        async with wire:
            wire.send("keep", {"n": 2, "body": None})
            if when == "at the commit":
                wire.send("late", {"n": 10})
            else:
                wire.send("keep", {"n": 1, "body": None})
                wire.send("keep", {"n": 3, "body": None})
            if when == "heard":
                await wire.results()

    async with wire:
        wire.send("keep", {"n": 1, "body": None})
    with pytest.raises(psycopg.IntegrityError):
        await spoil()
    assert kept(database.app_dsn) == [1]
    async with wire:
        wire.send("keep", {"n": 4, "body": None})
    cursor = await wire.connection.execute("SELECT count(*) FROM kept")
    assert await cursor.fetchone() == (2,)


async def test_a_fault_of_ours_in_between_stores_nothing(database: Any, wire: Wire) -> None:
    """PostgreSQL sees nothing wrong: the pipeline's end alone would commit the first half."""

    async def half() -> None:
        async with wire:
            wire.send("keep", {"n": 1, "body": None})
            await wire.results()
            wire.send("keep", {})

    with pytest.raises(KeyError):
        await half()
    assert kept(database.app_dsn) == []


async def test_megabytes_leave_piece_by_piece(database: Any, wire: Wire) -> None:
    """More than a socket takes at once: the loop goes on meanwhile."""
    body = b"x" * 4_000_000
    async with wire:
        for n in range(4):
            wire.send("keep", {"n": n, "body": body})
        assert [each.get_value(0, 1) for each in await wire.results()] == [b"4000000"] * 4
    assert kept(database.app_dsn) == [0, 1, 2, 3]


async def test_a_server_that_goes_away_is_an_error_at_once(database: Any, wire: Wire) -> None:
    with psycopg.connect(database.owner_dsn) as other:
        other.execute("LOCK TABLE kept")

        async def store() -> None:
            async with wire:
                wire.send("keep", {"n": 1, "body": None})

        storing = asyncio.create_task(store())
        await asyncio.sleep(0.1)
        assert not storing.done()
        cut(wire.connection)
        with pytest.raises(psycopg.OperationalError):
            await asyncio.wait_for(storing, 10)
    assert wire.connection.closed
