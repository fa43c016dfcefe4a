"""The file of a camera, for one reader, and its pictures."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import select, text

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.model import FILE_ROLES, stage_of
from veilleur.features.cameras.queries import authorisations_of, centre_day, lens_of, visible_camera
from veilleur.features.cameras.reading import look_around, view_of
from veilleur.features.cameras.tables import Authorisation, Camera, CameraFault, CameraMask, CameraZone
from veilleur.features.cameras.views import CameraFile
from veilleur.features.sites.tables import Zone
from veilleur.kernel.errors import ForbiddenError, NotFoundError
from veilleur.kernel.ports import Reader

#: Faults of the past that a file shows, the newest first.
PAST = 100

REFERENCES = text("SELECT id, reference FROM incident WHERE id = ANY(:ids)")


def read_camera_file(session: ReadSession, camera_id: int, reader: Reader, now: datetime) -> CameraFile:
    """All of a camera but its password. Raises NotFoundError."""
    camera = visible_camera(session, camera_id, reader)
    view = view_of(camera, look_around(session, [camera], now), now)
    paper = authorisations_of(session, [camera]).get(camera.authorisation_id or 0)
    source = camera.source
    return CameraFile.model_validate(
        {
            **(view.seen_by(reader) or {}),
            "purpose": camera.purpose,
            "source": {
                **{key: source.get(key) for key in ("kind", "main", "sub", "user")},
                "has_password": camera.password_sealed is not None,
                "options": source.get("options") or {},
            },
            "min_retention_days": camera.min_retention_days,
            "live_roles": camera.live_roles,
            "recorded_roles": camera.recorded_roles,
            "masks": [_mask(row) for row in _masks(session, camera)],
            "zones": _zones(session, camera),
            "past_faults": _faults(session, camera),
            "authorisation_file": _paper(session, paper, now) if paper else None,
        }
    )


def _masks(session: ReadSession, camera: Camera) -> list[CameraMask]:
    query = select(CameraMask).where(CameraMask.camera_id == camera.id, CameraMask.removed_at.is_(None))
    return list(session.scalars(query.order_by(CameraMask.id)))


def _mask(row: CameraMask) -> dict[str, Any]:
    names = ("id", "kind", "name", "preset", "polygon", "state", "checked_at")
    return {name: getattr(row, name) for name in names} | {"has_proof": row.proof is not None}


def _zones(session: ReadSession, camera: Camera) -> list[dict[str, Any]]:
    names: dict[str, str | None] = {
        row.number: row.name
        for row in session.execute(
            select(Zone.number, Zone.name)
            .where(Zone.site_id == camera.site_id, Zone.removed_at.is_(None))
            .order_by(Zone.id.desc())
        )
    }
    query = select(CameraZone).where(CameraZone.camera_id == camera.id, CameraZone.removed_at.is_(None))
    return [
        {"area": row.area, "zone": row.zone, "zone_name": names.get(row.zone or ""), "preset": row.preset}
        for row in session.scalars(query.order_by(CameraZone.rank, CameraZone.id))
    ]


def _faults(session: ReadSession, camera: Camera) -> list[dict[str, Any]]:
    rows = session.execute(
        select(
            CameraFault.id,
            CameraFault.kind,
            CameraFault.since,
            CameraFault.until,
            CameraFault.before.is_not(None).label("has_before"),
            CameraFault.after.is_not(None).label("has_after"),
            CameraFault.incident_id,
        )
        .where(CameraFault.camera_id == camera.id)
        .order_by(CameraFault.since.desc(), CameraFault.id.desc())
        .limit(PAST)
    ).all()
    ids = [row.incident_id for row in rows if row.incident_id is not None]
    references = {row.id: row.reference for row in session.execute(REFERENCES, {"ids": ids})}
    fields = ("id", "kind", "since", "until", "has_before", "has_after")
    return [
        {name: getattr(row, name) for name in fields}
        | {
            "incident": {"id": row.incident_id, "reference": references[row.incident_id]}
            if row.incident_id in references
            else None
        }
        for row in rows
    ]


def _paper(session: ReadSession, paper: Authorisation, now: datetime) -> dict[str, Any]:
    names = (
        "id",
        "reference",
        "system",
        "number",
        "authority",
        "granted_on",
        "expires_on",
        "purposes",
        "retention_days",
        "min_retention_days",
    )
    stage = stage_of(paper.expires_on, centre_day(session, now))
    return {name: getattr(paper, name) for name in names} | {"stage": stage}


def read_picture(session: ReadSession, camera_id: int, which: str, reader: Reader) -> bytes:
    """The JPEG of a fault (`fault-<id>-before`, `fault-<id>-after`) or of a mask's proof (`mask-<id>`).

    It is an image of the camera: who may not look back at it gets ForbiddenError; who inspects may (L253-3). Raises
    NotFoundError.
    """
    camera = visible_camera(session, camera_id, reader)
    code = lens_of(camera).refused(reader, "recorded")
    if code is not None and not reader.roles & FILE_ROLES:
        raise ForbiddenError(reason=code)
    asked = re.fullmatch(r"(?:fault-(\d{1,15})-(before|after))|(?:mask-(\d{1,15}))", which)
    if asked is None:
        raise NotFoundError("No such picture.", what="picture", id=which[:40])
    jpeg: bytes | None
    if asked[1]:
        column = CameraFault.before if asked[2] == "before" else CameraFault.after
        query = select(column).where(CameraFault.id == int(asked[1]), CameraFault.camera_id == camera.id)
        jpeg = session.scalars(query).one_or_none()
    else:
        proof = select(CameraMask.proof).where(
            CameraMask.id == int(asked[3]), CameraMask.camera_id == camera.id
        )
        jpeg = session.scalars(proof).one_or_none()
    if jpeg is None:
        raise NotFoundError("No such picture.", what="picture", id=which)
    return jpeg
