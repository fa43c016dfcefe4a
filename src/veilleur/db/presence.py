"""Who works on this database, and which version each runs: one row of `role_status` per process.

A process joins before it works, and leaves its row when it says goodbye. One that was killed counts for a minute: it
may be only cut off from the database, and come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from veilleur import __version__
from veilleur.db.schema import CONTRACT_LOCK, known, refuse_foreign_schema

GONE = timedelta(seconds=60)
"""Silent for longer, without a goodbye, a process counts as dead for those who take away what it needs."""


@dataclass(frozen=True)
class Member:
    """A process of the centre. `holder`: the run of `up` and its pid; `knows`: its last migration."""

    role: str
    holder: str
    version: str
    knows: str

    def __str__(self) -> str:
        return f"{self.role} {self.holder} of version {self.version or 'unknown'}"


def join(
    connection: psycopg.Connection[Any], role: str, holder: str, now: datetime, detail: dict[str, Any]
) -> None:
    """Enters this process among those that work here, unless the schema is not for it.

    In one transaction, beside which nothing can be taken away. `now`: the centre's clock, UTC. Raises what
    `refuse_foreign_schema` raises.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", [CONTRACT_LOCK])
        refuse_foreign_schema(connection)
        connection.execute(
            "INSERT INTO role_status (role, holder, started_at, seen_at, ready, detail, version, knows) "
            "VALUES (%s, %s, %s, %s, false, %s, %s, %s) "
            "ON CONFLICT (role, holder) DO UPDATE SET seen_at = excluded.seen_at, version = excluded.version, "
            "knows = excluded.knows",
            (role, holder, now, now, Jsonb(detail), __version__, known().head),
        )


def leave(connection: psycopg.Connection[Any], role: str, holder: str) -> None:
    """Goodbye."""
    connection.execute("DELETE FROM role_status WHERE role = %s AND holder = %s", (role, holder))


def members(connection: psycopg.Connection[Any], now: datetime) -> tuple[Member, ...]:
    """Who may be alive, whatever the schema. `now`: the centre's clock, UTC."""
    row = connection.execute("SELECT to_regclass('role_status') IS NOT NULL").fetchone()
    if row is None or not row[0]:
        return ()
    rows = connection.execute(
        # Through JSON: the columns of versions are younger than the table.
        "SELECT role, holder, to_jsonb(r)->>'version', to_jsonb(r)->>'knows' FROM role_status r "
        "WHERE seen_at > %s ORDER BY role, holder",
        [now - GONE],
    ).fetchall()
    return tuple(
        Member(role, holder, version or "", knows or "0000") for role, holder, version, knows in rows
    )
