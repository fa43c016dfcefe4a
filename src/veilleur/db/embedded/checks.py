"""The database must keep what it commits (law 2); outside databases are asked the same question."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import tuple_row

from veilleur.db.embedded.errors import UnsafeDatabaseError

_NAMES = ("fsync", "full_page_writes", "synchronous_commit")

_QUERY = "SELECT name, setting FROM pg_catalog.pg_settings WHERE name = ANY(%s)"


def refuse_unsafe(connection: psycopg.Connection[Any]) -> None:
    """Raises UnsafeDatabaseError when fsync, full_page_writes or synchronous_commit is off for this session.

    Called by roles before they acknowledge anything. Leaves the connection's transaction as it found it.
    """
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        _judge(dict(cursor.execute(_QUERY, [list(_NAMES)]).fetchall()))


async def refuse_unsafe_async(connection: psycopg.AsyncConnection[Any]) -> None:
    """The same on an asynchronous connection."""
    async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute(_QUERY, [list(_NAMES)])
        _judge(dict(await cursor.fetchall()))


def _judge(settings: dict[str, str]) -> None:
    off = [name for name in _NAMES if settings.get(name) == "off"]
    if off:
        orders = "; ".join(f"ALTER SYSTEM SET {name} = on" for name in off)
        raise UnsafeDatabaseError(
            f"The database runs with {', '.join(off)} off and could forget alarms it has committed: nothing "
            f"is acknowledged. As its superuser: {orders}; SELECT pg_reload_conf(); then look for the same "
            f"setting on the role and the database (ALTER ROLE … RESET).",
            settings=off,
        )
