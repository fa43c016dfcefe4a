"""Reads of événements: one with its cameras, marks and services; many by place, nature and words, without accents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from veilleur.db.engine import ReadSession
from veilleur.db.perimeter import within
from veilleur.features.cameras.tables import Camera
from veilleur.features.events.errors import NotAnEventError
from veilleur.features.events.natures import NATURES
from veilleur.features.events.policy import POLICY
from veilleur.features.events.views import EventLine, EventView, FollowedView, InformedView, NatureView
from veilleur.features.incidents.queries import incident_rows, row_for, visible
from veilleur.features.incidents.tables import Incident
from veilleur.features.viewing.marks import marks
from veilleur.features.viewing.tables import Event, EventCamera, EventNotice
from veilleur.features.viewing.views import mark_views
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.queries import asked_words, prefix_query

#: Lines given at once, the last first.
PAGE = 100

#: What the holder of an open événement may do.
VERBS = ("camera", "nature", "inform", "close")


@dataclass(frozen=True)
class Wanted:
    """What is looked for. `words` and `place`: each word begins one of the événement's. Times are UTC."""

    place: str = ""
    nature: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    before: int | None = None


def event_view(session: ReadSession, incident_id: int, reader: Reader, now: datetime) -> EventView:
    """An événement as its holder works on it. Raises NotFoundError, NotAnEventError."""
    incident = visible(session, incident_id, reader)
    row = session.get(Event, incident_id, populate_existing=True)
    if row is None:
        raise NotAnEventError
    (view,) = incident_rows(session, [incident_id], now)
    shown = row_for(view, reader)
    if shown is None:
        raise NotFoundError("No such dossier.", what="incident", id=incident_id)
    mine = incident.closed_at is None and incident.owner_id == reader.user_id
    return EventView(
        incident=shown,
        first_key_at=row.first_key_at,
        nature=row.nature,
        natures=[NatureView(key=each.key, label=each.key, hotkey=each.hotkey) for each in NATURES.values()],
        place=row.place,
        cameras=_followed(session, incident),
        marks=mark_views(session, marks(session, reader, incident_id=incident_id), reader, now),
        informed=[
            InformedView(service=each.service, at=each.at, outcome=each.outcome, note=each.note)
            for each in session.scalars(
                select(EventNotice).where(EventNotice.incident_id == incident_id).order_by(EventNotice.id)
            )
        ],
        abilities=list(VERBS) if mine and POLICY.allows(reader, "event.handle") else [],
    )


def _followed(session: ReadSession, incident: Incident) -> list[FollowedView]:
    """Closed by the ordinary way, it was followed until the closing."""
    rows = session.execute(
        select(EventCamera, Camera.name)
        .join(Camera, Camera.id == EventCamera.camera_id)
        .where(EventCamera.incident_id == incident.id)
        .order_by(EventCamera.id)
    )
    return [
        FollowedView(
            camera=row.camera_id, name=name, from_=row.from_at, until=row.until_at or incident.closed_at
        )
        for row, name in rows
    ]


def find_events(session: ReadSession, reader: Reader, wanted: Wanted) -> list[EventLine]:
    """Événements inside the reader's perimeter, the last first, `PAGE` at most."""
    query = (
        select(Event, Incident)
        .join(Incident, Incident.id == Event.incident_id)
        .where(within(reader.perimeter, Event))
    )
    if asked := prefix_query(asked_words(f"{wanted.place} {wanted.words}")):
        query = query.where(Event.words.bool_op("@@")(func.to_tsquery("simple", asked)))
    if wanted.nature is not None:
        query = query.where(Event.nature == wanted.nature)
    if wanted.since is not None:
        query = query.where(Event.first_key_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(Event.first_key_at < wanted.until)
    if wanted.before is not None:
        query = query.where(Event.incident_id < wanted.before)
    rows = session.execute(query.order_by(Event.incident_id.desc()).limit(PAGE)).all()
    ids = [row.incident_id for row, _ in rows]
    cameras, informed = _names(session, ids), _services(session, ids)
    return [
        EventLine(
            id=row.incident_id,
            reference=incident.reference,
            nature=row.nature,
            place=row.place,
            first_key_at=row.first_key_at,
            closed_at=incident.closed_at,
            cameras=cameras.get(row.incident_id, []),
            informed=informed.get(row.incident_id, []),
        )
        for row, incident in rows
    ]


def _names(session: ReadSession, ids: Sequence[int]) -> dict[int, list[str]]:
    query = (
        select(EventCamera.incident_id, Camera.name)
        .join(Camera, Camera.id == EventCamera.camera_id)
        .where(EventCamera.incident_id.in_(ids))
        .order_by(EventCamera.id)
    )
    found: dict[int, dict[str, None]] = {}
    for incident_id, name in session.execute(query):
        found.setdefault(incident_id, {})[name] = None
    return {incident_id: list(names) for incident_id, names in found.items()}


def _services(session: ReadSession, ids: Sequence[int]) -> dict[int, list[str]]:
    query = select(EventNotice).where(EventNotice.incident_id.in_(ids)).order_by(EventNotice.id)
    found: dict[int, dict[str, None]] = {}
    for row in session.scalars(query):
        found.setdefault(row.incident_id, {})[row.service] = None
    return {incident_id: list(services) for incident_id, services in found.items()}
