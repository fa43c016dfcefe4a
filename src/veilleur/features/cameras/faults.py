"""What is wrong with a camera: traced, told once, over by itself (practice P11; needs 11 and 12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from veilleur.features.cameras.dossiers import Entered, is_over, tell
from veilleur.features.cameras.errors import CameraRemovedError
from veilleur.features.cameras.model import SUSPENDING, fault_priority
from veilleur.features.cameras.queries import camera_row
from veilleur.features.cameras.tables import Camera, CameraFault, CameraMask
from veilleur.features.incidents.model import PointRef
from veilleur.features.sites.queries import lock_site, subject_of
from veilleur.features.sites.tables import Site
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.logbook.act import Act
from veilleur.video.model import FAULT_KINDS

#: Bytes of a picture of a fault or of a mask's proof: a frame of 4K as JPEG is under one million.
MAX_PICTURE = 3_000_000


def lock_camera(act: Act, camera_id: int) -> tuple[Camera, Site]:
    """Locks the camera's site, then gives the camera as it is now. Raises NotFoundError, CameraRemovedError."""
    site = lock_site(act.session, camera_row(act.session, camera_id).site_id)
    camera = act.session.get_one(Camera, camera_id, populate_existing=True)
    if camera.removed_at is not None:
        raise CameraRemovedError(reference=camera.reference)
    return camera, site


def told(camera: Camera, **params: Any) -> dict[str, Any]:
    """What every entry about a camera says."""
    return {"camera": camera.id, "name": camera.name, "reference": camera.reference, **params}


def open_fault(  # noqa: PLR0917  # the form that docs/design/video.md promises
    act: Act,
    camera_id: int,
    kind: str,
    detail: Mapping[str, Any] | None = None,
    before: bytes | None = None,
    after: bytes | None = None,
    *,
    since: datetime | None = None,
) -> int:
    """Something is wrong with a camera; returns the fault's id. Repeated while it is open: the same one, no entry.

    `detail`: what was measured (JSON). `before`, `after`: JPEGs. `since`: when it began, if before now.
    Opens a technical dossier of the camera's site, or joins the one that this camera has. A lost legal mask and a
    missing authorisation suspend the recording.
    Raises NotFoundError, CameraRemovedError, InvalidError (an unknown kind, too large a picture).
    """
    if kind not in FAULT_KINDS:
        raise InvalidError(f"«{kind}» is not a fault of a camera.", field="kind")
    for picture in (before, after):
        if picture is not None and len(picture) > MAX_PICTURE:
            raise InvalidError("A picture of a fault is a JPEG of at most 3 MB.", field="picture")
    camera, site = lock_camera(act, camera_id)
    known = _open(act, camera_id, kind)
    if known is not None:
        return known.id
    entry = Entered(
        "camera.fault_opened",
        told(camera, kind=kind, detail=dict(detail or {})),
        site,
        {"camera": [camera.id]},
    )
    incident_id = tell(
        act,
        site,
        f"camera:{camera.id}",
        code=f"camera_{kind}",
        point=PointRef(_key(camera.id, kind), camera.name, "technical", None, None),
        priority=fault_priority(kind),
        said=camera.name,
        entry=entry,
    )
    camera.entry_id = entry.entry_id
    if kind in SUSPENDING and camera.suspended_at is None:
        camera.suspended_at, camera.suspended_reason = act.now, SUSPENDING[kind]
    row = CameraFault(
        camera_id=camera.id,
        kind=kind,
        since=min(since or act.now, act.now),
        detail=dict(detail or {}),
        before=before,
        after=after,
        incident_id=incident_id,
        entry_id=entry.entry_id,
    )
    act.session.add(row)
    act.session.flush()
    return row.id


def close_fault(act: Act, camera_id: int, kind: str) -> bool:
    """The fault is over; False when there was none. What it suspended goes on again.

    Its dossier closes by itself when nothing else is wrong with the camera and nobody took it.
    """
    site = lock_site(act.session, camera_row(act.session, camera_id).site_id)
    row = _open(act, camera_id, kind)
    if row is None:
        return False
    camera = act.session.get_one(Camera, camera_id, populate_existing=True)
    touched = {"camera": [camera_id], **({"incident": [row.incident_id]} if row.incident_id else {})}
    seconds = max(0, int((act.now - row.since).total_seconds()))
    entry_id = act.record(
        "camera.fault_closed",
        told(camera, kind=kind, lasted=seconds),
        subject=subject_of(site, row.incident_id),
        touched=touched,
    )
    row.until, row.entry_id, camera.entry_id = act.now, entry_id, entry_id
    if kind in SUSPENDING and camera.suspended_reason == SUSPENDING[kind]:
        camera.suspended_at = camera.suspended_reason = None
    act.session.flush()
    if row.incident_id is not None:
        is_over(act, row.incident_id, _key(camera_id, kind))
    return True


def check_mask(act: Act, mask_id: int, *, there: bool, proof: bytes | None) -> int:
    """A legal mask was looked for in a picture (P11: nightly); returns the entry.

    `proof`: the JPEG that was looked at, kept. A lost one suspends the recording of its camera and opens a P3; all
    of them seen again, it goes on.
    """
    if proof is not None and len(proof) > MAX_PICTURE:
        raise InvalidError("A proof is a JPEG of at most 3 MB.", field="proof")
    mask = act.session.get(CameraMask, mask_id)
    if mask is None or mask.removed_at is not None or mask.kind != "legal":
        raise NotFoundError("No such legal mask.", what="mask", id=mask_id)
    camera, site = lock_camera(act, mask.camera_id)
    state = "there" if there else "lost"
    entry_id = act.record(
        "camera.mask_checked",
        told(camera, mask=mask.name, state=state),
        subject=subject_of(site),
        touched={"camera": [camera.id]},
    )
    mask.state, mask.checked_at, mask.entry_id, camera.entry_id = state, act.now, entry_id, entry_id
    if proof is not None:
        mask.proof = proof
    act.session.flush()
    if not there:
        open_fault(act, camera.id, "mask_lost", {"mask": mask.name}, None, proof)
    elif not _lost(act, camera.id):
        close_fault(act, camera.id, "mask_lost")
    return entry_id


def _lost(act: Act, camera_id: int) -> bool:
    query = select(CameraMask.id).where(
        CameraMask.camera_id == camera_id, CameraMask.state == "lost", CameraMask.removed_at.is_(None)
    )
    return act.session.scalars(query.limit(1)).first() is not None


def _open(act: Act, camera_id: int, kind: str) -> CameraFault | None:
    return act.session.scalars(
        select(CameraFault).where(
            CameraFault.camera_id == camera_id, CameraFault.kind == kind, CameraFault.until.is_(None)
        )
    ).one_or_none()


def _key(camera_id: int, kind: str) -> str:
    return f"camera:{camera_id}:{kind}"
