"""What is swept because its time is over. None of it is traced: it is operational (ARCHITECTURE.md, law 1).

Each sweep is one named statement that removes at most one batch; it runs until nothing is left, one transaction a
batch, so that a long backlog never holds a long lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, text

from veilleur.db.engine import Database
from veilleur.features.people.sessions import ANSWERS_KEPT

BATCH = 5_000  # rows a transaction


@dataclass(frozen=True)
class Sweep:
    """Rows of `table` that meet `condition`; `:limit` is now minus `age`."""

    name: str
    table: str
    condition: str
    age: timedelta


SWEEPS = (
    Sweep("answers of commands", "command_answer", "at < :limit", ANSWERS_KEPT),
    Sweep("ended web sessions", "web_session", "ends_at < :limit", timedelta()),
    Sweep("slow-downs of logins", "login_throttle", "next_try_at < :limit", timedelta(days=1)),
    Sweep("refusals that are entered", "refusal_count", "entered AND minute < :limit", timedelta(days=7)),
    Sweep(
        "the duplicate window",
        "frame_window",
        "seen_at < :limit AND until < :limit + interval '10 minutes'",
        timedelta(minutes=10),
    ),
    Sweep("troubles of reception", "reception_trouble", "minute < :limit", timedelta(days=30)),
    Sweep(
        "signs of life of removed paths",
        "path_seen",
        "last_seen < :limit AND NOT EXISTS (SELECT 1 FROM panel_path "
        "WHERE panel_path.id = path_seen.path_id AND panel_path.removed_at IS NULL)",
        timedelta(days=1),
    ),
    Sweep(
        "watermarks of receptions that stopped",
        "reception_watermark",
        "stopped_at IS NOT NULL AND stopped_at < :limit",
        timedelta(days=1),
    ),
    Sweep("unknown accounts not heard for a year", "ghost", "last_seen < :limit", timedelta(days=365)),
    Sweep("tickets of images", "ticket", "expires_at < :limit", timedelta(days=1)),
    Sweep("forgotten drafts", "draft", "saved_at < :limit", timedelta(days=30)),
)


def sweep(database: Database, one: Sweep, now: datetime) -> int:
    """Removes what one sweep names; returns how many rows."""
    statement = text(
        f"DELETE FROM {one.table} WHERE ctid IN "  # noqa: S608  # names are ours, above
        f"(SELECT ctid FROM {one.table} WHERE {one.condition} LIMIT {BATCH} FOR UPDATE SKIP LOCKED)"
    )
    total = 0
    while True:
        with database.write() as session:
            result = session.execute(statement, {"limit": now - one.age})
            removed = cast("CursorResult[Any]", result).rowcount
        total += removed
        if removed < BATCH:
            return total


def purge(database: Database, now: datetime) -> dict[str, int]:
    """Runs every sweep; returns name → rows removed, only of those that removed some."""
    counts = {one.name: sweep(database, one, now) for one in SWEEPS}
    return {name: count for name, count in counts.items() if count}
