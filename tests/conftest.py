"""Fixtures for every test: `postgres` (a cluster per session), `database` (a fresh one per test), `clock`."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from veilleur.db.embedded import APP_ROLE, OWNER_ROLE, SUPERUSER, EmbeddedPostgres
from veilleur.db.embedded.cluster import create_database
from veilleur.kernel.clock import ManualClock

TEMPLATE = "template_veilleur"

#: The command line answers in French, whatever the language of the terminal that runs the tests.
os.environ["LC_ALL"] = "C.UTF-8"

#: Centres that tests start record nothing unless the test asks: several run at once on this machine.
os.environ.setdefault("VEILLEUR_RECORDERS", "0")

ROOM = 3 * 1024**3
"""Free bytes in memory (/dev/shm) from which the cluster goes there: its fsync costs nothing."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--footage DIR`: MP4 files of one's own, for the tests that want real pictures; without it they skip loudly."""
    parser.addoption(
        "--footage", metavar="DIR", help="a folder of MP4 files (H.264) that the demonstration plays"
    )


@dataclass(frozen=True)
class Database:
    """A database of the test's own: migrated, empty, dropped afterwards."""

    name: str
    owner_dsn: str
    app_dsn: str


@pytest.fixture
def clock() -> ManualClock:
    """A clock stopped on a Monday night: 2026-11-23 02:14:07 UTC; `clock.advance(seconds)`."""
    return ManualClock(datetime(2026, 11, 23, 2, 14, 7, tzinfo=UTC))


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One embedded cluster per session (per xdist worker), in a folder of its own, removed at the end."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ROOM
    folder = Path(tempfile.mkdtemp(prefix="veilleur-tests-", dir=memory if roomy else None))
    try:
        with EmbeddedPostgres(folder / "data") as cluster:
            yield cluster
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template_database(postgres: EmbeddedPostgres) -> str:
    """The name of the database that `database` copies: migrated once per session."""
    with psycopg.connect(postgres.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
        create_database(connection, TEMPLATE)
    if importlib.util.find_spec("veilleur.db.migrate") is not None:
        from veilleur.db.migrate import upgrade

        upgrade(postgres.dsn(OWNER_ROLE, TEMPLATE))
    return TEMPLATE


@pytest.fixture(scope="session")
def make_database(postgres: EmbeddedPostgres, template_database: str) -> Iterator[Callable[[], Database]]:
    """For a test that needs several databases: each call makes one, kept until the session ends."""
    numbers = itertools.count(1)
    with psycopg.connect(postgres.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:

        def make() -> Database:
            name = f"test_{next(numbers)}"
            create_database(connection, name, template_database)
            return Database(name, postgres.dsn(OWNER_ROLE, name), postgres.dsn(APP_ROLE, name))

        yield make


@pytest.fixture
def database(postgres: EmbeddedPostgres, make_database: Callable[[], Database]) -> Iterator[Database]:
    """A fresh migrated database: `.owner_dsn`, `.app_dsn`, `.name`; sessions left open are cut at the end."""
    made = make_database()
    yield made
    with psycopg.connect(postgres.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(made.name)))
