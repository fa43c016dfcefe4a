"""Reads of cameras: the door of this feature for those who read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.model import Lens
from veilleur.features.cameras.tables import Authorisation, Camera
from veilleur.features.people.model import REASONS
from veilleur.features.people.queries import titles_of, today
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader, Scope


def lens_of(camera: Camera) -> Lens:
    """What judging a reader asks of a camera."""
    return Lens(
        regime=camera.regime,
        live_roles=frozenset(camera.live_roles),
        recorded_roles=frozenset(camera.recorded_roles),
        scope=Scope(camera.organisation, camera.customer_id, camera.commune),
        suspended=camera.suspended_at is not None,
    )


def camera_row(session: ReadSession, camera_id: int) -> Camera:
    """A camera, removed or not. Raises NotFoundError."""
    row = session.get(Camera, camera_id)
    if row is None:
        raise NotFoundError("No such camera.", what="camera", id=camera_id)
    return row


def visible_camera(session: ReadSession, camera_id: int, reader: Reader) -> Camera:
    """A camera in use that the reader may know of. Raises NotFoundError: elsewhere it does not exist (need 11)."""
    row = camera_row(session, camera_id)
    if row.removed_at is not None or not lens_of(row).admits(reader):
        raise NotFoundError("No such camera.", what="camera", id=camera_id)
    return row


def authorisations_of(session: ReadSession, cameras: Sequence[Camera]) -> Mapping[int, Authorisation]:
    """The authorisations of some cameras, by their id."""
    ids = {camera.authorisation_id for camera in cameras if camera.authorisation_id is not None}
    if not ids:
        return {}
    rows = session.scalars(select(Authorisation).where(Authorisation.id.in_(ids)))
    return {row.id: row for row in rows}


def centre_day(session: ReadSession, now: datetime) -> date:
    """The centre's calendar day: authorisations end at its midnight."""
    return today(session, now)


def references_of(session: ReadSession, ids: Sequence[int]) -> list[str]:
    """References of cameras, in the order of their ids. Raises NotFoundError."""
    rows = session.execute(select(Camera.id, Camera.reference).where(Camera.id.in_(ids)))
    found = {row.id: row.reference for row in rows}
    for each in ids:
        if each not in found:
            raise NotFoundError("No such camera.", what="camera", id=each)
    return [found[each] for each in ids]


def document_of(
    session: ReadSession, reader: Reader, activity: str | None, now: datetime
) -> dict[str, str | None]:
    """The document that lacks something (need 11): {document, number, reason}, for a refusal to name it.

    The title that comes nearest to allowing the activity; `document` «title» without a number when he has none.
    """
    day = today(session, now)
    titles = titles_of(session, reader.user_id)
    if activity is None or not titles:
        return {"document": "title", "number": None, "reason": "missing" if not titles else None}
    judged = [(card.serves(activity, day), card) for card in titles]
    order = [None, *REASONS]
    reason, card = min(judged, key=lambda pair: order.index(pair[0]))
    return {"document": card.kind, "number": card.number, "reason": reason}
