"""A database that may forget is refused."""

import psycopg
import pytest
from psycopg.rows import dict_row

from veilleur.db.embedded import APP_ROLE, SUPERUSER, UnsafeDatabaseError
from veilleur.db.embedded.checks import refuse_unsafe, refuse_unsafe_async


def set_everywhere(cluster, statement):
    with psycopg.connect(cluster.dsn(SUPERUSER), autocommit=True) as connection:
        connection.execute(statement)
    cluster.restart()


def test_the_embedded_database_is_safe(postgres):
    with psycopg.connect(postgres.dsn(APP_ROLE), row_factory=dict_row) as connection:
        refuse_unsafe(connection)
        assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_synchronous_commit_off_in_the_session_is_refused(postgres):
    with psycopg.connect(postgres.dsn(APP_ROLE), autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        with pytest.raises(UnsafeDatabaseError, match="synchronous_commit off"):
            refuse_unsafe(connection)


async def test_the_same_asynchronously(postgres):
    async with await psycopg.AsyncConnection.connect(postgres.dsn(APP_ROLE)) as connection:
        await refuse_unsafe_async(connection)
        await connection.execute("SET synchronous_commit = off")
        with pytest.raises(UnsafeDatabaseError):
            await refuse_unsafe_async(connection)


def test_fsync_and_full_page_writes_off_are_refused(own_cluster):
    for name in ("fsync", "full_page_writes"):
        set_everywhere(own_cluster, f"ALTER SYSTEM SET {name} = off")
        refusal = pytest.raises(UnsafeDatabaseError, match=f"ALTER SYSTEM SET {name} = on")
        with psycopg.connect(own_cluster.dsn(APP_ROLE)) as connection, refusal:
            refuse_unsafe(connection)
        set_everywhere(own_cluster, f"ALTER SYSTEM RESET {name}")
