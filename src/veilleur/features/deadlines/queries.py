"""What is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.deadlines.tables import Deadline


def due(session: ReadSession, now: datetime, *, limit: int = 100) -> Sequence[Deadline]:
    """Pending deadlines whose hour has come, the oldest first."""
    return session.scalars(
        select(Deadline)
        .where(Deadline.done_at.is_(None), Deadline.due_at <= now)
        .order_by(Deadline.due_at, Deadline.id)
        .limit(limit)
    ).all()


def pending(session: ReadSession, *, incident_id: int) -> Sequence[Deadline]:
    """What a dossier still waits for, the soonest first."""
    return session.scalars(
        select(Deadline)
        .where(Deadline.done_at.is_(None), Deadline.incident_id == incident_id)
        .order_by(Deadline.due_at, Deadline.id)
    ).all()
