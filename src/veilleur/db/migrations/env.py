"""Alembic's environment: one connection of the owner role, one transaction, one migrator at a time."""

from __future__ import annotations

import psycopg
from alembic import context
from sqlalchemy import create_engine, pool, text

import veilleur.db.metadata as ours

config = context.config
MIGRATOR_LOCK = 8_201_600


def include_object(item: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Procrastinate owns its tables."""
    return not (name or "").startswith("procrastinate_")


def run() -> None:
    """Runs the migrations online; there is no offline mode."""
    dsn = config.attributes["dsn"]
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(dsn), poolclass=pool.NullPool
    )
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATOR_LOCK})
        context.configure(
            connection=connection,
            target_metadata=ours.metadata,
            include_object=include_object,
            compare_type=True,
        )
        context.run_migrations()
        connection.commit()


run()
