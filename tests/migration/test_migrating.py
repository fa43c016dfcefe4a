"""Migrations run while the centre works: they never hold alarms up, and take away only what nobody needs."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Database
from tests.migration.releases import add
from veilleur import __version__
from veilleur.db import schema
from veilleur.db.embedded.waiting import wait_until
from veilleur.db.migrate import (
    MIGRATOR_LOCK,
    MigrationBlockedError,
    OlderVersionLivesError,
    Patience,
    upgrade,
)
from veilleur.db.presence import join, leave, members
from veilleur.db.schema import (
    CONTRACT_LOCK,
    Known,
    SchemaTooNewError,
    SchemaTooOldError,
    current,
    known,
    refuse_foreign_schema,
    revisions,
)
from veilleur.kernel.clock import ManualClock, SystemClock

ADD = ("ALTER TABLE signal ADD COLUMN later text", False)
ADD_MORE = ("ALTER TABLE signal ADD COLUMN later_still text", False)
TAKE_AWAY = ("ALTER TABLE signal DROP COLUMN drift CASCADE", True)
HASTY = Patience(lock=0.05, pause=0.01, attempts=3, turn=0.1, departure=0.1)


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """A copy of our migrations, for a test to add to."""
    return Path(shutil.copytree(schema.VERSIONS, tmp_path / "versions"))


@pytest.fixture
def connection(database: Database) -> Iterator[psycopg.Connection]:
    """One of the application."""
    with psycopg.connect(database.app_dsn, autocommit=True) as opened:
        yield opened


def columns(connection: psycopg.Connection, table: str) -> set[str]:
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
    )
    return {name for (name,) in rows}


def waiting_for_signal(connection: psycopg.Connection) -> bool:
    """Whether somebody stands in the queue for the table."""
    query = "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'signal'::regclass AND NOT granted"
    return bool(connection.execute(query).fetchall()[0][0])


def until(so: Callable[[], bool]) -> None:
    """Looks until it is so."""
    assert wait_until(so, 30, SystemClock())


@contextmanager
def held(dsn: str, query: str) -> Iterator[None]:
    """A transaction that stays open with what it holds."""
    with psycopg.connect(dsn, application_name="un rapport trop long") as other:
        other.execute(query.encode())
        yield


def lives_before(connection: psycopg.Connection, clock: ManualClock, knows: str | None) -> None:
    """A reception of another version, alive now."""
    connection.execute(
        "INSERT INTO role_status (role, holder, started_at, seen_at, ready, detail, version, knows) "
        "VALUES ('reception', 'old/1', %s, %s, true, '{}', '0.0.9', %s)",
        (clock.now(), clock.now(), knows),
    )


def test_a_lock_that_is_not_had_is_let_go_and_tried_again(
    database: Database, versions: Path, connection: psycopg.Connection
) -> None:
    add(versions, ADD)
    done: list[object] = []

    def migrate() -> None:
        done.append(upgrade(database.owner_dsn, versions=versions, patience=Patience(lock=0.2, pause=0.05)))

    with held(database.owner_dsn, "LOCK TABLE signal IN SHARE MODE"):
        thread = threading.Thread(target=migrate)
        thread.start()
        for _ in range(3):  # it gives way each time: whoever writes meanwhile is never held up for long
            until(lambda: waiting_for_signal(connection))
            until(lambda: not waiting_for_signal(connection))
        assert not done
    thread.join(30)
    assert done
    assert "later" in columns(connection, "signal")


def test_a_lock_never_had_is_said_with_who_holds_it_and_nothing_is_changed(
    database: Database, versions: Path, connection: psycopg.Connection
) -> None:
    before = current(connection)
    add(versions, ADD)
    refused = pytest.raises(MigrationBlockedError, match="un rapport trop long")
    with held(database.app_dsn, "SELECT FROM signal"), refused as refusal:
        upgrade(database.owner_dsn, versions=versions, patience=HASTY)
    assert "nothing was changed" in refusal.value.message
    assert current(connection) == before
    assert "later" not in columns(connection, "signal")


def test_a_migration_that_would_keep_alarms_waiting_is_undone_only_while_somebody_works(
    database: Database, versions: Path, connection: psycopg.Connection, clock: ManualClock
) -> None:
    add(versions, ("SELECT pg_sleep(0.4)", False))
    patience = Patience(statement=0.2)
    join(connection, "reception", "run/1", clock.now(), {})
    with pytest.raises(MigrationBlockedError, match="Stop the centre"):
        upgrade(database.owner_dsn, clock=clock, versions=versions, patience=patience)
    leave(connection, "reception", "run/1")
    assert upgrade(database.owner_dsn, clock=clock, versions=versions, patience=patience).put_off is None


def test_two_migrators_do_not_run_at_once(database: Database, versions: Path) -> None:
    add(versions, ADD)
    refused = pytest.raises(MigrationBlockedError, match="Another")
    with held(database.owner_dsn, f"SELECT pg_advisory_lock({MIGRATOR_LOCK})"), refused:
        upgrade(database.owner_dsn, versions=versions, patience=HASTY)
    done = []
    threads = [
        threading.Thread(target=lambda: done.append(upgrade(database.owner_dsn, versions=versions)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == 2
    assert sorted(each.before == each.after for each in done) == [False, True]


def test_what_an_older_version_needs_stays_until_it_is_gone(
    database: Database, versions: Path, connection: psycopg.Connection, clock: ManualClock
) -> None:
    added, contract = add(versions, ADD, TAKE_AWAY)
    lives_before(connection, clock, known().head)
    done = upgrade(database.owner_dsn, clock=clock, versions=versions, patience=HASTY)
    assert (done.after, done.put_off) == (added, contract)
    assert [str(each) for each in done.older] == ["reception old/1 of version 0.0.9"]
    assert {"later", "drift"} <= columns(connection, "signal")
    refuse_foreign_schema(connection)  # ours still works here

    connection.execute("UPDATE role_status SET knows = %s", [contract])  # replaced by the version after
    done = upgrade(database.owner_dsn, clock=clock, versions=versions, patience=HASTY)
    assert (done.after, done.put_off) == (contract, None)
    assert "drift" not in columns(connection, "signal")
    with pytest.raises(SchemaTooNewError, match=f"version {__version__} knows {known().head}"):
        refuse_foreign_schema(connection)


def test_one_silent_for_a_minute_counts_no_longer(
    database: Database, versions: Path, connection: psycopg.Connection, clock: ManualClock
) -> None:
    add(versions, TAKE_AWAY)
    lives_before(connection, clock, None)  # of a version that did not say what it knows
    clock.advance(59)
    assert upgrade(database.owner_dsn, clock=clock, versions=versions, patience=HASTY).put_off
    clock.advance(2)
    assert members(connection, clock.now()) == ()
    assert not upgrade(database.owner_dsn, clock=clock, versions=versions, patience=HASTY).put_off


def test_what_cannot_wait_for_an_older_version_is_refused_with_its_name(
    database: Database, versions: Path, connection: psycopg.Connection, clock: ManualClock
) -> None:
    add(versions, TAKE_AWAY, ADD)
    lives_before(connection, clock, known().head)
    with pytest.raises(OlderVersionLivesError, match=r"reception old/1 of version 0\.0\.9"):
        upgrade(database.owner_dsn, clock=clock, versions=versions, patience=HASTY)
    assert current(connection) == known().head


def test_nobody_joins_while_something_is_taken_away(
    database: Database, connection: psycopg.Connection, clock: ManualClock
) -> None:
    with held(database.owner_dsn, f"SELECT pg_advisory_lock({CONTRACT_LOCK})"):
        connection.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            join(connection, "watch", "run/2", clock.now(), {})
    assert members(connection, clock.now()) == ()


def test_a_schema_too_old_is_refused_and_a_later_one_that_only_adds_is_not(
    database: Database, versions: Path, connection: psycopg.Connection
) -> None:
    ours = known()
    refuse_foreign_schema(connection)
    later = Known.of(revisions(versions))
    assert later == ours
    (number,) = add(versions, ADD)
    with pytest.raises(SchemaTooOldError, match="veilleur upgrade"):
        refuse_foreign_schema(connection, Known.of(revisions(versions)))
    upgrade(database.owner_dsn, versions=versions)
    assert current(connection) == number
    refuse_foreign_schema(connection)
    # Ours finds nothing to do there, and does not go back.
    assert upgrade(database.owner_dsn).after == number


def test_a_version_does_without_its_own_last_contract(versions: Path) -> None:
    first, second = add(versions, ADD_MORE, TAKE_AWAY)
    assert Known.of(revisions(versions)) == Known(head=second, needed=first)


def test_a_process_counts_from_its_first_word_to_its_goodbye(
    connection: psycopg.Connection, clock: ManualClock
) -> None:
    join(connection, "watch", "run/2", clock.now(), {})
    (member,) = members(connection, clock.now() + timedelta(seconds=30))
    assert (member.role, member.version, member.knows) == ("watch", __version__, known().head)
    leave(connection, "watch", "run/2")
    assert members(connection, clock.now()) == ()
