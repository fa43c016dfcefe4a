"""Who looked at what, why and when: the register that R253-5 asks for, as a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, any_, bindparam, or_, select

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.tables import Camera
from veilleur.features.incidents.tables import Incident
from veilleur.features.people.tables import Post, User
from veilleur.features.viewing.access import visible
from veilleur.features.viewing.tables import Viewing
from veilleur.kernel.ports import Reader

#: Lines given at once; the next page begins before the last one.
PAGE = 200


@dataclass(frozen=True)
class Wanted:
    """What is asked of the register; a viewing counts when any part of it is inside the period. Times are UTC."""

    since: datetime | None = None
    until: datetime | None = None
    camera_id: int | None = None
    user_id: int | None = None
    before: int | None = None


@dataclass(frozen=True)
class Looked:
    """One opening. `cameras`: (id, name) of those that the reader may know of."""

    viewing: Viewing
    user: str
    post: str | None
    incident: tuple[int, str] | None
    cameras: tuple[tuple[int, str], ...]


def viewings(session: ReadSession, reader: Reader, wanted: Wanted) -> list[Looked]:
    """Openings, the last first, `PAGE` at most. One of whose cameras the reader may know none is absent."""
    query = (
        select(Viewing, User.name, Post.name, Incident)
        .join(User, User.id == Viewing.user_id)
        .outerjoin(Post, Post.id == Viewing.post_id)
        .outerjoin(Incident, Incident.id == Viewing.incident_id)
    )
    if wanted.since is not None:
        query = query.where(or_(Viewing.ended_at.is_(None), Viewing.ended_at >= wanted.since))
    if wanted.until is not None:
        query = query.where(Viewing.started_at < wanted.until)
    if wanted.camera_id is not None:
        asked = bindparam("camera", wanted.camera_id, BigInteger)
        query = query.where(asked == any_(Viewing.cameras))
    if wanted.user_id is not None:
        query = query.where(Viewing.user_id == wanted.user_id)
    if wanted.before is not None:
        query = query.where(Viewing.id < wanted.before)
    rows = session.execute(query.order_by(Viewing.id.desc()).limit(PAGE)).all()
    ids = {id_ for row, *_ in rows for id_ in row.cameras}
    known = {camera.id: camera for camera in session.scalars(select(Camera).where(Camera.id.in_(ids)))}
    found: list[Looked] = []
    for row, user, post, incident in rows:
        mine = tuple(
            (id_, known[id_].name) for id_ in row.cameras if id_ in known and visible(known[id_], reader)
        )
        if mine:
            dossier = (incident.id, incident.reference) if incident is not None else None
            found.append(Looked(row, user, post, dossier, mine))
    return found
