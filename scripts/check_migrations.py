"""The migrations build what the tables say, and only add while versions overlap.

1. A fresh database, migrated twice, differs from the metadata in nothing.
2. Each migration after the first leaves all that the version before uses (docs/adr/0009): no column, table or right goes,
   none changes its type, what it does not write may be empty or has a default, what it does write is refused by no new
   rule; and no index is built under a lock that keeps alarms out. One that says `phase = "contract"` may take away.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool
from sqlalchemy.dialects.postgresql.base import ischema_names

from veilleur.db.embedded import OWNER_ROLE, EmbeddedPostgres
from veilleur.db.metadata import metadata
from veilleur.db.migrate import configuration, upgrade
from veilleur.db.schema import VERSIONS, revisions
from veilleur.logbook.tables import Xid8

ischema_names["xid8"] = Xid8  # what reflection does not know; logbook/tables.py declares it

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
  a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> ''
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped"""
# Rules on what is written, and the columns each is about.
RULES = """
SELECT c.conrelid::regclass::text, c.conname,
  ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey))
FROM pg_constraint c WHERE c.connamespace = 'public'::regnamespace AND c.conrelid <> 0 AND c.contype <> 'n'
UNION ALL
SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text,
  ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[]))
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace"""
RIGHTS = """
SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges
WHERE grantee = 'veilleur_app' AND table_schema = 'public'"""
PLAIN_INDEX = re.compile(
    r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY\b)[\w\s]*?\bON\s+(?:ONLY\s+)?(\w+)", re.IGNORECASE
)


@dataclass(frozen=True)
class Picture:
    """What a version may rely on. Column: (table, name) → (type, not null, has a default)."""

    columns: dict[tuple[str, str], tuple[str, bool, bool]]
    rules: dict[tuple[str, str], frozenset[str]]
    rights: frozenset[tuple[str, str, str]]

    @classmethod
    def of(cls, dsn: str) -> Picture:
        """Of a database as it is now."""
        with psycopg.connect(dsn) as connection:

            def rows(query: str) -> list[tuple[Any, ...]]:
                return connection.execute(query.encode()).fetchall()

            return cls(
                {(table, name): tuple(more) for table, name, *more in rows(COLUMNS)},
                {(table, name): frozenset(about) for table, name, about in rows(RULES)},
                frozenset((t, c, p) for t, c, p in rows(RIGHTS)),
            )

    @property
    def tables(self) -> set[str]:
        """Their names."""
        return {table for table, _ in self.columns}


def taken_away(before: Picture, after: Picture) -> Iterator[str]:
    """What a version that was written for `before` would miss in `after`."""
    for place, (kind, never_empty, _) in before.columns.items():
        if place not in after.columns:
            yield f"{'.'.join(place)} is gone"
            continue
        new_kind, now_never_empty, _ = after.columns[place]
        if new_kind != kind:
            yield f"{'.'.join(place)} was {kind} and is {new_kind}"
        if now_never_empty and not never_empty:
            yield f"{'.'.join(place)} may not be empty any more"
    for (table, name), (_, never_empty, has_default) in after.columns.items():
        if table in before.tables and (table, name) not in before.columns and never_empty and not has_default:
            yield f"{table}.{name} must be written, and the version before does not know it"
    for (table, name), about in after.rules.items():
        known = {column for where, column in before.columns if where == table}
        if table in before.tables and (table, name) not in before.rules and about <= known:
            yield f"{name} may refuse what the version before writes into {table}"
    for table, column, right in sorted(before.rights - after.rights):
        if (table, column) in after.columns:
            yield f"veilleur_app lost {right} on {table}.{column}"


def breaches(dsn: str, folder: Path) -> Iterator[str]:
    """Migrates the empty database of `dsn` step by step and tells what breaks the rules of this file."""
    config = configuration(dsn, folder)
    script = ScriptDirectory.from_config(config)
    before: Picture | None = None
    previous = None
    for each in revisions(folder):
        step = script.get_revision(each.number)
        if step.down_revision != previous:
            yield f"{each.number} follows {step.down_revision} and not {previous}"
        previous = each.number
        config.attributes["contract"] = each.contract
        command.upgrade(config, each.number)
        after = Picture.of(dsn)
        if before is not None and not each.contract:
            yield from (f"{each.number}: {fault}" for fault in taken_away(before, after))
            for table in PLAIN_INDEX.findall(Path(step.path).read_text("utf-8")):
                if table in before.tables:
                    yield f"{each.number}: an index on {table} is built without CONCURRENTLY: nobody writes meanwhile"
        before = after


def differences(dsn: str) -> list[Any]:
    """Between a migrated database and the metadata."""
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
        return list(compare_metadata(context, metadata))


def main() -> int:
    """Migrates a scratch database step by step, then once more (repeating is harmless), and compares."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "data") as cluster:
        dsn = cluster.dsn(OWNER_ROLE)
        broken = list(breaches(dsn, VERSIONS))
        upgrade(dsn)
        changes = differences(dsn)
    for fault in broken:
        print(f"migrations: {fault}")
    for change in changes:
        print(f"migrations: {change}")
    print(f"migrations: {len(changes)} differences, {len(broken)} breaches")
    return 1 if changes or broken else 0


if __name__ == "__main__":
    sys.exit(main())
