"""A token is made, shown once, replaced; what was pushed is entered with its hash."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from veilleur.features.cameras.faults import lock_camera, told
from veilleur.features.cameras.tables import Camera, PulledClip
from veilleur.features.incidents.tables import Incident
from veilleur.features.pushes.errors import NotPushedError
from veilleur.features.pushes.tables import CameraPush
from veilleur.features.sites.queries import site_row, subject_of
from veilleur.features.viewing.access import ALARM_FAMILIES
from veilleur.kernel.ids import token
from veilleur.logbook.act import Act

#: Bytes of a token before its base64: nobody guesses it, however long a camera's settings lie about.
TOKEN_BYTES = 32


def hash_push_token(value: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(value.encode()).digest()


def renew_push_token(act: Act, camera_id: int) -> str:
    """A new token, told this once; the one before opens nothing any more. Raises NotPushedError, NotFoundError."""
    camera, site = lock_camera(act, camera_id)
    if camera.source.get("kind") != "push":
        raise NotPushedError(camera=camera.name)
    made = token(TOKEN_BYTES)
    entry_id = act.record("camera.push_renewed", told(camera), subject=subject_of(site))
    row = act.session.get(CameraPush, camera_id)
    if row is None:
        row = CameraPush(camera_id=camera_id)
        act.session.add(row)
    row.token_hash, row.made_at, row.entry_id = hash_push_token(made), act.now, entry_id
    act.session.flush()
    return made


def tell_refused(act: Act, count: int, addresses: int, last: str, camera: str | None) -> None:
    """Wrong passwords at the FTP door, entered once a minute at most. `last`: an address; `camera`: the one it named."""
    params = {"count": count, "addresses": addresses, "last": last}
    act.record("push.refused", {**params, "camera": camera} if camera is not None else params)


@dataclass(frozen=True)
class Received:
    """What came and was kept. `digest`: SHA-256 of the pictures one after the other; `name`: the sender's own word."""

    from_at: datetime
    until_at: datetime
    pictures: int
    size: int
    digest: bytes
    path: str
    by: str
    name: str | None = None


def keep_push(act: Act, camera_id: int, came: Received) -> int:
    """Enters pictures that are on the disk, in the open alarm of their site when there is one; the clip's id."""
    camera = act.session.get_one(Camera, camera_id)
    incident_id = act.session.scalars(
        select(Incident.id)
        .where(
            Incident.site_id == camera.site_id,
            Incident.closed_at.is_(None),
            Incident.family.in_(ALARM_FAMILIES),
        )
        .order_by(Incident.id.desc())
        .limit(1)
    ).first()
    entry_id = act.record(
        "clip.pushed",
        told(camera, count=came.pictures, by=came.by, file=came.name, sha256=came.digest.hex()),
        subject=subject_of(site_row(act.session, camera.site_id), incident_id),
        touched={"incident": [incident_id]} if incident_id is not None else {},
    )
    row = PulledClip(
        camera_id=camera_id,
        incident_id=incident_id,
        from_at=came.from_at,
        until_at=came.until_at,
        asked_at=act.now,
        state="kept",
        source=came.by,
        path=came.path,
        size=came.size,
        digest=came.digest,
        entry_id=entry_id,
    )
    act.session.add(row)
    act.session.flush()
    return row.id
