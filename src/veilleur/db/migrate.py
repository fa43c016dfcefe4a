"""Migrations: the owner's role builds and upgrades the schema; the application's role cannot."""

from __future__ import annotations

from pathlib import Path

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
