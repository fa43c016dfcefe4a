"""Migrations: the owner's role builds and upgrades the schema; the application's role cannot."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def configuration(owner_dsn: str) -> Config:
    """Alembic's configuration for a psycopg conninfo or URL of the owner role."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["dsn"] = owner_dsn
    return config


def upgrade(owner_dsn: str, revision: str = "head") -> None:
    """Brings the database to a revision; safe to repeat. Takes an advisory lock: one migrator at a time."""
    command.upgrade(configuration(owner_dsn), revision)


def has_schema(app_dsn: str) -> bool:
    """Whether the database was migrated at least once; a command on fresh data then migrates by itself."""
    with psycopg.connect(app_dsn) as connection:
        row = connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone()
    return row is not None and bool(row[0])
