"""A PostgreSQL of the customer's own: Debian's 15, the oldest we promise."""

import psycopg
import pytest

from veilleur.db.embedded.checks import refuse_unsafe
from veilleur.db.migrate import upgrade

pytestmark = pytest.mark.peer


def test_it_is_15_and_safe(outside_postgres):
    with psycopg.connect(outside_postgres.app_dsn) as connection:
        assert connection.info.server_version // 10000 == 15
        refuse_unsafe(connection)


def test_the_application_role_makes_no_table(outside_postgres):
    refusal = pytest.raises(psycopg.errors.InsufficientPrivilege)
    with psycopg.connect(outside_postgres.app_dsn) as connection, refusal:
        connection.execute("CREATE TABLE t (n int)")


def test_the_migrations_run_on_it(outside_postgres):
    upgrade(outside_postgres.owner_dsn)
    upgrade(outside_postgres.owner_dsn)
