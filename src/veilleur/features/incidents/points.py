"""The points of a dossier: what makes one new, what brings it back (practice P2, P5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.incidents.case import Case
from veilleur.features.incidents.model import PointRef, SignalRef
from veilleur.features.incidents.tables import IncidentPoint, IncidentSignal


def points_of(session: ReadSession, incident_id: int) -> Sequence[IncidentPoint]:
    """A dossier's points, the first to speak first."""
    return session.scalars(
        select(IncidentPoint).where(IncidentPoint.incident_id == incident_id).order_by(IncidentPoint.id)
    ).all()


def is_open(point: IncidentPoint) -> bool:
    """Neither back to normal nor in anybody's charge."""
    return point.normal_at is None and point.deferral_id is None


def count_signal(case: Case, signal: SignalRef, entry_id: int) -> None:
    """Binds a signal's event to the dossier and counts the signal once, whatever number of events it carries."""
    session, incident = case.act.session, case.incident
    known = session.get(IncidentSignal, (incident.id, signal.signal_id, signal.event_index))
    if known is not None:  # the watch tried again after an error: the same event joins once
        return
    again = session.scalar(
        select(IncidentSignal.signal_id)
        .where(IncidentSignal.incident_id == incident.id, IncidentSignal.signal_id == signal.signal_id)
        .limit(1)
    )
    session.add(
        IncidentSignal(
            incident_id=incident.id,
            signal_id=signal.signal_id,
            event_index=signal.event_index,
            role=signal.role,
            entry_id=entry_id,
        )
    )
    if again is None:
        incident.signal_count += 1
    incident.last_signal_at = max(signal.at, incident.last_signal_at or signal.at)
    session.flush()


def note_alarm(case: Case, point: PointRef, at: datetime, entry_id: int) -> None:
    """A point speaks: created, or counted once more and open again, whoever had it in charge."""
    session, incident = case.act.session, case.incident
    row = session.scalar(
        select(IncidentPoint).where(IncidentPoint.incident_id == incident.id, IncidentPoint.key == point.key)
    )
    if row is None:
        session.add(
            IncidentPoint(
                incident_id=incident.id,
                zone_id=point.zone_id,
                key=point.key,
                label=point.label,
                category=point.category,
                area=point.area,
                alarms=1,
                first_at=at,
                last_at=at,
                entry_id=entry_id,
            )
        )
    else:
        row.alarms += 1
        row.last_at = max(at, row.last_at)
        row.normal_at = row.normal_by = row.deferral_id = None
        row.entry_id = entry_id
    session.flush()
