"""Scheduling and cancelling what is due, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, update

from veilleur.features.deadlines.tables import Deadline
from veilleur.logbook.act import Act


def schedule(
    act: Act,
    kind: str,
    due_at: datetime,
    *,
    site_id: int | None = None,
    incident_id: int | None = None,
    subject_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> int:
    """Adds a deadline (UTC) and returns its id. Earlier ones of the same kind stay: `cancel` them first."""
    row = Deadline(
        kind=kind,
        due_at=due_at,
        site_id=site_id,
        incident_id=incident_id,
        subject_id=subject_id,
        data=dict(data or {}),
        made_at=act.now,
    )
    act.session.add(row)
    act.session.flush()
    return row.id


def cancel(act: Act, *kinds: str, incident_id: int | None = None, subject_id: int | None = None) -> int:
    """Answers «no_longer» to every pending deadline of these kinds about this dossier or subject.

    Returns how many. A deadline that fires all the same is judged again: cancelling spares work, it decides
    nothing. Raises ValueError without a dossier or a subject.
    """
    if incident_id is None and subject_id is None:
        raise ValueError("cancel() names a dossier or a subject")
    pending = update(Deadline).where(Deadline.kind.in_(kinds), Deadline.done_at.is_(None))
    if incident_id is not None:
        pending = pending.where(Deadline.incident_id == incident_id)
    if subject_id is not None:
        pending = pending.where(Deadline.subject_id == subject_id)
    result = act.session.execute(pending.values(done_at=act.now, answer="no_longer"))
    return result.rowcount if isinstance(result, CursorResult) else 0
