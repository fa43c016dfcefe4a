"""Alembic's environment: one connection of the owner role, one transaction per migration (db/migrate.py leads it)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import psycopg
from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from sqlalchemy import create_engine, pool, text

import veilleur.db.metadata as ours

config = context.config


def include_object(item: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Procrastinate owns its tables."""
    return not (name or "").startswith("procrastinate_")


def raise_the_floor(
    ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]
) -> None:
    """In the transaction of what takes something away: whoever does not know it may not join any more."""
    if config.attributes.get("contract"):
        assert ctx.connection is not None
        ctx.connection.execute(
            text("INSERT INTO schema_floor (revision) VALUES (:n)"), {"n": step.up_revision_id}
        )


def run() -> None:
    """Runs the migrations online; there is no offline mode."""
    dsn, options = config.attributes["dsn"], config.attributes.get("options", "")

    def connect() -> psycopg.Connection:
        return psycopg.connect(dsn, options=options, application_name="veilleur migrations")

    engine = create_engine("postgresql+psycopg://", creator=connect, poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=ours.metadata,
            include_object=include_object,
            compare_type=True,
            transaction_per_migration=True,
            on_version_apply=raise_the_floor,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
