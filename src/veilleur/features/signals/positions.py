"""Positions of signals: given after commit, by one writer at a time (ARCHITECTURE.md §5, «No cursor»).

The sealer gives them as it goes. A reader that must see everything stored, with or without a sealer, calls
`settle_positions` first: it gives them itself under the sealer's own lock when no sealer holds it.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from veilleur.logbook.sealer import BATCH, POSITION_SIGNALS, SEALER_LOCK


def position_signals(connection: Connection) -> int | None:
    """Gives the committed signals that wait their positions, consecutive from 1; how many, at most one batch.

    None when a sealer is at work: it does this within a blink. The caller commits.
    """
    free = connection.execute(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": SEALER_LOCK})
    if not free.scalar_one():
        return None
    return connection.exec_driver_sql(POSITION_SIGNALS, (BATCH,)).rowcount


def unpositioned(connection: Connection) -> bool:
    """Whether a committed signal still waits for its position."""
    return connection.execute(text("SELECT 1 FROM signal WHERE position IS NULL LIMIT 1")).first() is not None
