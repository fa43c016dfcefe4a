"""Reads of authorisations: those of a reader's perimeter, the first to end first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.db.perimeter import within
from veilleur.features.authorisations.views import AuthorisationLine, StandsOn
from veilleur.features.cameras.model import stage_of
from veilleur.features.cameras.queries import centre_day, lens_of
from veilleur.features.cameras.tables import Authorisation, Camera
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader


def authorisation_lines(session: ReadSession, reader: Reader, now: datetime) -> list[AuthorisationLine]:
    """All of them, with the cameras that stand on each and that exist for this reader."""
    day = centre_day(session, now)
    query = select(Authorisation).where(within(reader.perimeter, Authorisation))
    rows = session.scalars(query.order_by(Authorisation.expires_on, Authorisation.id)).all()
    standing: dict[int, list[StandsOn]] = {}
    cameras = select(Camera).where(
        Camera.authorisation_id.in_([row.id for row in rows]), Camera.removed_at.is_(None)
    )
    for camera in session.scalars(cameras.order_by(Camera.sort_key, Camera.id)):
        if lens_of(camera).admits(reader):
            standing.setdefault(camera.authorisation_id or 0, []).append(
                StandsOn(id=camera.id, name=camera.name)
            )
    names = [name for name in AuthorisationLine.model_fields if name not in ("stage", "cameras")]
    return [
        AuthorisationLine(
            **{name: getattr(row, name) for name in names},
            stage=stage_of(row.expires_on, day),
            cameras=standing.get(row.id, []),
        )
        for row in rows
    ]


def visible_authorisation(session: ReadSession, authorisation_id: int, reader: Reader) -> None:
    """Whether it exists for this reader. Raises NotFoundError."""
    query = select(Authorisation.id).where(
        Authorisation.id == authorisation_id, within(reader.perimeter, Authorisation)
    )
    if session.scalars(query).first() is None:
        raise NotFoundError("No such authorisation.", what="authorisation", id=authorisation_id)
