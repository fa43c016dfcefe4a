"""What a role does about a schema that is not for it, and how two of one role are told of while they overlap."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.conftest import Database
from tests.contract.test_processes import wait
from veilleur.composition import Context
from veilleur.db.presence import join, leave, members
from veilleur.db.schema import SchemaTooNewError, SchemaTooOldError
from veilleur.db.status import is_ready, role_states
from veilleur.kernel.clock import ManualClock
from veilleur.roles import run_role
from veilleur.settings import load_settings


@pytest.fixture
def owner(database: Database):
    """A connection of the owner role."""
    with psycopg.connect(database.owner_dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def settings(database: Database, tmp_path: Path):
    """Of a role on an outside database."""
    return load_settings(
        data_dir=tmp_path, database_url=database.app_dsn, database_owner_url=database.owner_dsn
    )


def test_a_role_refuses_a_schema_that_waits_for_its_migrations(owner, settings) -> None:
    owner.execute("UPDATE alembic_version SET version_num = '0003'")
    with pytest.raises(SchemaTooOldError, match=r"at schema 0003 .* run «veilleur upgrade»"):
        run_role("reception", settings)


def test_a_role_refuses_a_schema_that_lost_what_it_needs(owner, settings) -> None:
    owner.execute("INSERT INTO schema_floor VALUES ('9001')")
    owner.execute("UPDATE alembic_version SET version_num = '9001'")
    with pytest.raises(SchemaTooNewError, match="taken away by 9001"):
        run_role("watch", settings)
    with pytest.raises(SchemaTooNewError):
        Context(settings).database()


def test_a_role_works_on_a_later_schema_that_only_added(owner, settings) -> None:
    owner.execute("UPDATE alembic_version SET version_num = '9001'")
    context = Context(settings)
    context.join("reception", "run/1", None)
    assert [each.role for each in members(owner, context.clock.now())] == ["reception"]
    context.close()


def test_a_role_that_stays_is_ready_while_its_successor_starts(
    database: Database, clock: ManualClock
) -> None:
    with psycopg.connect(database.app_dsn, autocommit=True) as connection:

        def said(holder: str, ready: bool) -> None:
            connection.execute(
                "UPDATE role_status SET ready = %s, seen_at = %s WHERE holder = %s",
                (ready, clock.now(), holder),
            )

        join(connection, "desk", "run/1", clock.now(), {})
        said("run/1", ready=True)
        clock.advance(1)
        join(connection, "desk", "run/2", clock.now(), {"succeeds": "run/1"})
        assert role_states(connection, "run", clock.now())["desk"]["ready"]
        assert not is_ready(connection, "desk", "run/2", clock.now())
        said("run/2", ready=True)
        assert is_ready(connection, "desk", "run/2", clock.now())
        leave(connection, "desk", "run/1")
        assert role_states(connection, "run", clock.now())["desk"]["succeeds"] == "run/1"
        # Without a predecessor that works, one that is not ready is told of.
        said("run/2", ready=False)
        assert not role_states(connection, "run", clock.now() + timedelta(seconds=1))["desk"]["ready"]


def test_a_role_waits_for_a_contraction_to_end(database: Database, settings, owner) -> None:
    from veilleur.db.schema import CONTRACT_LOCK

    owner.execute("SELECT pg_advisory_lock(%s)", [CONTRACT_LOCK])
    context = Context(settings)
    joined = threading.Thread(target=context.join, args=("desk", "run/1", None))
    joined.start()
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    wait(lambda: owner.execute(query).fetchall()[0][0])
    assert members(owner, context.clock.now()) == ()
    owner.execute("SELECT pg_advisory_unlock(%s)", [CONTRACT_LOCK])
    joined.join(30)
    assert len(members(owner, context.clock.now())) == 1
    context.close()
