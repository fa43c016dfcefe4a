"""`make check` refuses a migration that the version before would not survive."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import psycopg
import pytest
from psycopg import sql

from tests.migration.releases import add
from veilleur.db import schema
from veilleur.db.embedded import OWNER_ROLE, SUPERUSER, EmbeddedPostgres
from veilleur.db.embedded.cluster import create_database

SCRIPT = Path(__file__).parents[2] / "scripts" / "check_migrations.py"


@pytest.fixture(scope="module")
def check() -> ModuleType:
    """The script, as a module."""
    spec = importlib.util.spec_from_file_location("check_migrations", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def breaches(check: ModuleType, postgres: EmbeddedPostgres, tmp_path: Path) -> Callable[..., list[str]]:
    """What the script says of our migrations with one more."""

    def judged(*migration: tuple[str, bool]) -> list[str]:
        versions = Path(shutil.copytree(schema.VERSIONS, tmp_path / "versions"))
        numbers = add(versions, *migration)
        with psycopg.connect(postgres.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
            create_database(connection, "judged")
            try:
                said = list(check.breaches(postgres.dsn(OWNER_ROLE, "judged"), versions))
            finally:
                connection.execute(sql.SQL("DROP DATABASE judged WITH (FORCE)"))
        return [fault.removeprefix(f"{numbers[-1]}: ") for fault in said]

    return judged


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("ALTER TABLE signal DROP COLUMN drift CASCADE", "signal.drift is gone"),
        ("ALTER TABLE signal RENAME COLUMN drift TO skew", "signal.drift is gone"),
        (
            "ALTER TABLE signal ALTER COLUMN attempts TYPE bigint",
            "signal.attempts was smallint and is bigint",
        ),
        ("ALTER TABLE signal ALTER COLUMN account SET NOT NULL", "signal.account may not be empty any more"),
        (
            "ALTER TABLE signal ADD COLUMN later text NOT NULL",
            "signal.later must be written, and the version before does not know it",
        ),
        (
            "ALTER TABLE signal ADD CONSTRAINT short CHECK (length(line) < 4)",
            "short may refuse what the version before writes into signal",
        ),
        (
            "CREATE UNIQUE INDEX once ON site (name)",
            "once may refuse what the version before writes into site",
        ),
        ("REVOKE UPDATE ON site FROM veilleur_app", "veilleur_app lost UPDATE on site.name"),
        (
            "CREATE INDEX ix_later ON signal (drift)",
            "an index on signal is built without CONCURRENTLY: nobody writes meanwhile",
        ),
    ],
)
def test_what_the_version_before_would_miss_is_told(
    breaches: Callable[..., list[str]], statement: str, said: str
) -> None:
    assert said in breaches((statement, False))


def test_what_only_adds_is_let_through(breaches: Callable[..., list[str]]) -> None:
    statement = (
        "ALTER TABLE signal ADD COLUMN later text, ADD COLUMN counted int NOT NULL DEFAULT 0; "
        "CREATE TABLE novelty (id bigint PRIMARY KEY, word text NOT NULL); CREATE INDEX ix_word ON novelty (word)"
    )
    assert breaches((statement, False)) == []


def test_what_says_that_it_takes_away_may(breaches: Callable[..., list[str]]) -> None:
    assert breaches(("ALTER TABLE signal DROP COLUMN drift CASCADE", True)) == []
