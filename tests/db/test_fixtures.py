"""The fixtures keep their promises: fresh databases, two roles, no DDL for the application."""

import psycopg
import pytest


@pytest.mark.parametrize("turn", [1, 2, 3, 4])
def test_each_test_has_its_own_database(database, turn):
    with psycopg.connect(database.owner_dsn) as connection:
        connection.execute("CREATE TABLE only_here (n int)")


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE t (n int)", "CREATE TEMP TABLE t (n int)", "CREATE SCHEMA s"]
)
def test_the_application_role_makes_nothing(database, statement):
    with psycopg.connect(database.app_dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)
