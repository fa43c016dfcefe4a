"""The migrations build what the tables say: a fresh database, upgraded, differs from the metadata in nothing."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, pool
from sqlalchemy.dialects.postgresql.base import ischema_names

from veilleur.db.embedded import OWNER_ROLE, EmbeddedPostgres
from veilleur.db.metadata import metadata
from veilleur.db.migrate import upgrade
from veilleur.logbook.tables import Xid8

ischema_names["xid8"] = Xid8  # what reflection does not know; logbook/tables.py declares it


def main() -> int:
    """Migrates a scratch database twice (repeating is harmless) and compares."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "data") as cluster:
        dsn = cluster.dsn(OWNER_ROLE)
        upgrade(dsn)
        upgrade(dsn)
        engine = create_engine(
            "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=pool.NullPool
        )
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection,
                opts={
                    "compare_type": True,
                    "include_object": lambda _i, n, *_: not (n or "").startswith("procrastinate"),
                },
            )
            changes = compare_metadata(context, metadata)
    for change in changes:
        print(f"migrations: {change}")
    print(f"migrations: {len(changes)} differences")
    return 1 if changes else 0


if __name__ == "__main__":
    sys.exit(main())
