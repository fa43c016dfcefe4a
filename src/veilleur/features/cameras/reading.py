"""Views of cameras for screens, and their health for the beat: one reading for all readers of a process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.model import REGIMES, Lens, kept_days
from veilleur.features.cameras.policy import POLICY
from veilleur.features.cameras.queries import authorisations_of, lens_of
from veilleur.features.cameras.tables import (
    Authorisation,
    Camera,
    CameraFault,
    CameraMask,
    CameraPreset,
    CameraStatus,
    PulledClip,
)
from veilleur.features.sites.tables import Site
from veilleur.kernel.ports import Reader, Scope, View

#: A recorder writes its cameras' state each second; one that was silent this long says nothing any more.
STATUS_FRESH = timedelta(seconds=10)

#: Kinds of address that no recorder opens: their pictures are pulled or pushed.
NOT_OPENED = frozenset({"recorder", "push"})

# Who steers which camera now. By name: viewing stands on this feature.
HELD = text("""
SELECT h.camera_id, h.priority, h.until, u.id, u.name FROM ptz_hold h JOIN user_account u ON u.id = h.user_id
WHERE h.camera_id = ANY(:ids) AND h.until > :now""")


# Who speaks through which camera now, likewise.
TALKS = text("""
SELECT t.camera_id, t.started_at, u.id, u.name FROM talk t JOIN user_account u ON u.id = t.user_id
WHERE t.camera_id = ANY(:ids) AND t.ended_at IS NULL AND t.until_at > :now""")


@dataclass
class Around:
    """What is shown of cameras beside their own rows, by camera id."""

    sites: Mapping[int, Site]
    papers: Mapping[int, Authorisation]
    statuses: Mapping[int, CameraStatus]
    faults: dict[int, list[CameraFault]] = field(default_factory=dict)
    presets: dict[int, list[CameraPreset]] = field(default_factory=dict)
    held: dict[int, dict[str, Any]] = field(default_factory=dict)
    talks: dict[int, dict[str, Any]] = field(default_factory=dict)
    received: Mapping[int, datetime] = field(default_factory=dict)
    masked: frozenset[int] = frozenset()
    known: frozenset[int] = frozenset()


def cameras_readable(reader: Reader) -> bool:
    """Whether a reader sees cameras at all."""
    return POLICY.allows(reader, "camera.read")


def camera_views(session: ReadSession, ids: Sequence[int] | None, now: datetime) -> list[View]:
    """Cameras as screens show them, by name; None: all that are in use."""
    query = select(Camera).order_by(Camera.sort_key, Camera.id)
    query = query.where(Camera.removed_at.is_(None)) if ids is None else query.where(Camera.id.in_(ids))
    cameras = session.scalars(query).all()
    around = look_around(session, cameras, now)
    return [view_of(camera, around, now) for camera in cameras]


def look_around(session: ReadSession, cameras: Sequence[Camera], now: datetime) -> Around:
    """What these cameras' views need: eleven statements, whatever their number."""
    ids = [camera.id for camera in cameras]
    sites = session.scalars(select(Site).where(Site.id.in_({camera.site_id for camera in cameras})))
    statuses = session.scalars(select(CameraStatus).where(CameraStatus.camera_id.in_(ids)))
    around = Around(
        sites={site.id: site for site in sites},
        papers=authorisations_of(session, cameras),
        statuses={status.camera_id: status for status in statuses},
    )
    faults = select(CameraFault).where(CameraFault.camera_id.in_(ids), CameraFault.until.is_(None))
    for fault in session.scalars(faults.order_by(CameraFault.since, CameraFault.id)):
        around.faults.setdefault(fault.camera_id, []).append(fault)
    presets = select(CameraPreset).where(CameraPreset.camera_id.in_(ids), CameraPreset.removed_at.is_(None))
    for preset in session.scalars(presets.order_by(CameraPreset.rank, CameraPreset.id)):
        around.presets.setdefault(preset.camera_id, []).append(preset)
    for row in session.execute(HELD, {"ids": ids, "now": now}):
        around.held[row.camera_id] = {
            "id": row.id,
            "name": row.name,
            "priority": row.priority,
            "until": row.until,
        }
    kept = select(PulledClip.camera_id, func.max(PulledClip.until_at)).where(
        PulledClip.camera_id.in_([camera.id for camera in cameras if is_remote(camera)]),
        PulledClip.state == "kept",
    )
    around.received = dict(session.execute(kept.group_by(PulledClip.camera_id)).all())
    for row in session.execute(TALKS, {"ids": ids, "now": now}):
        around.talks[row.camera_id] = {"id": row.id, "name": row.name, "since": row.started_at}
    masks = select(CameraMask.camera_id).where(
        CameraMask.camera_id.in_(ids), CameraMask.kind == "role", CameraMask.removed_at.is_(None)
    )
    around.masked = frozenset(session.scalars(masks))
    near = {each for camera in cameras for each in camera.neighbours}
    known = select(Camera.id).where(Camera.id.in_(near), Camera.removed_at.is_(None))
    around.known = frozenset(session.scalars(known))
    return around


def is_remote(camera: Camera) -> bool:
    """Whether its pictures stay with the customer until they are asked for, or pushed."""
    return camera.source.get("kind") in NOT_OPENED


def view_of(camera: Camera, around: Around, now: datetime) -> View:
    """One camera's view."""
    lens = lens_of(camera)
    return View(
        kind="camera",
        id=camera.id,
        version=camera.entry_id,
        body=body_of(camera, around, now),
        scope=lens.scope,
        abilities=abilities_of(
            camera,
            lens,
            role_mask=camera.id in around.masked,
            talk=_talks(camera, around.statuses.get(camera.id)),
        ),
        admits=lens.admits,
        gone=camera.removed_at is not None,
    )


def _talks(camera: Camera, status: CameraStatus | None) -> bool:
    """Whether it has a loudspeaker: its file says so, or the camera told a recorder."""
    return camera.talk or (status is not None and status.detail.get("talk") is True)


def body_of(camera: Camera, around: Around, now: datetime) -> dict[str, Any]:
    """The fields of a CameraView but its abilities."""
    site, status = around.sites[camera.site_id], around.statuses.get(camera.id)
    paper = around.papers.get(camera.authorisation_id or 0)
    seen: Mapping[str, Any] = status.detail if status else {}
    if is_remote(camera):
        state, since, last_frame_at = remote_health(camera.suspended_at, around.received.get(camera.id))
    else:
        state, since, last_frame_at = health_of(camera.suspended_at, status, now)
    return {
        "id": camera.id,
        "version": camera.entry_id,
        "reference": camera.reference,
        "name": camera.name,
        "place": camera.place,
        "site": {"id": site.id, "name": site.name, "town": site.town},
        **{name: getattr(camera, name) for name in ("regime", "narrow", "lat", "lon", "bearing", "fov")},
        **{name: getattr(camera, name) for name in ("ptz", "record", "suspended_reason")},
        "talk": _talks(camera, status),
        "views": [] if is_remote(camera) else ["main", *(["sub"] if camera.source.get("sub") else [])],
        "state": state,
        "since": since,
        "last_frame_at": last_frame_at,
        **{name: seen.get(name) for name in ("codec", "width", "height", "fps")},
        "faults": [{"kind": each.kind, "since": each.since} for each in around.faults.get(camera.id, [])],
        "presets": [{"token": each.token, "name": each.name} for each in around.presets.get(camera.id, [])],
        "neighbours": [each for each in camera.neighbours if each in around.known],
        "ptz_held_by": around.held.get(camera.id),
        "talked_by": around.talks.get(camera.id),
        "retention_days": kept_days(
            camera.regime, camera.retention_days, paper.retention_days if paper else None
        ),
        "authorisation": {"number": paper.number, "expires_on": paper.expires_on} if paper else None,
    }


def health_of(
    suspended_at: datetime | None, status: Any, now: datetime
) -> tuple[str, datetime | None, datetime | None]:
    """State, since when, last frame: what the recorder last said, unless it says nothing any more."""
    last = status.last_frame_at if status else None
    if suspended_at is not None:
        return "suspended", suspended_at, last
    if status is None:
        return "unknown", None, None
    if now - status.seen_at > STATUS_FRESH:
        return "unknown", status.seen_at, last
    return status.state, status.since, last


def remote_health(
    suspended_at: datetime | None, received: datetime | None
) -> tuple[str, datetime | None, datetime | None]:
    """The same of a camera that no recorder opens. `received`: the end of the newest pictures kept of it."""
    return ("remote" if suspended_at is None else "suspended"), suspended_at, received


def abilities_of(camera: Camera, lens: Lens, *, role_mask: bool, talk: bool) -> Callable[[Reader], list[str]]:
    """What a screen offers on this camera: viewing judges again when it is asked."""
    ptz, shown = camera.ptz, not lens.suspended
    speech = talk and REGIMES[camera.regime].speech

    def abilities(reader: Reader) -> list[str]:
        live = shown and lens.refused(reader, "live") is None
        recorded = lens.refused(reader, "recorded") is None
        fits = {
            "camera.live": live,
            "camera.recorded": recorded,
            "camera.lifted": shown and role_mask and lens.refused(reader, "lifted") is None,
            "camera.ptz": live and ptz,
            "camera.talk": live and speech,
            "camera.event": live,
            "camera.mark": live or recorded,
            "camera.hold": live or recorded,
            "camera.edit": True,
        }
        return [name.removeprefix("camera.") for name in POLICY.abilities(reader, fits) if fits[name]]

    return abilities


# ---- the beat --------------------------------------------------------------------------------------------------

# Cameras in use that are not plainly online, in one statement: it runs each second in each desk process. Of those whose
# pictures stay with the customer only the ones that moved: pictures of theirs were kept, or they are suspended.
NOT_ONLINE = text("""
SELECT c.id, c.regime, c.organisation, c.customer_id, c.commune, c.suspended_at, s.state, s.since, s.seen_at, s.last_frame_at,
  r.remote, p.received
FROM camera c LEFT JOIN camera_status s ON s.camera_id = c.id
CROSS JOIN LATERAL (SELECT c.source->>'kind' IN ('recorder', 'push') AS remote) r
LEFT JOIN LATERAL (SELECT max(until_at) AS received FROM pulled_clip
  WHERE r.remote AND camera_id = c.id AND state = 'kept') p ON true
WHERE c.removed_at IS NULL AND (c.suspended_at IS NOT NULL OR CASE WHEN r.remote THEN p.received IS NOT NULL
  ELSE s.state IS NULL OR s.state <> 'online' OR s.seen_at < :fresh END)
ORDER BY c.id""")


@dataclass(frozen=True)
class Health:
    """One camera that is not plainly online, as a beat says it."""

    lens: Lens
    row: tuple[int, str, datetime | None, datetime | None]


def camera_health(session: ReadSession, now: datetime) -> list[Health]:
    """Every camera that is not plainly online; of those that stay with the customer, who has shown something."""
    found = []
    for row in session.execute(NOT_ONLINE, {"fresh": now - STATUS_FRESH}):
        lens = Lens(
            row.regime, frozenset(), frozenset(), Scope(row.organisation, row.customer_id, row.commune)
        )
        status = None if row.state is None else row
        if row.remote:
            state, since, last = remote_health(row.suspended_at, row.received)
        else:
            state, since, last = health_of(row.suspended_at, status, now)
        found.append(Health(lens, (row.id, state, since, last)))
    return found


def told_health(
    found: Sequence[Health], reader: Reader
) -> list[tuple[int, str, datetime | None, datetime | None]]:
    """What this reader's beat says of cameras."""
    if not cameras_readable(reader):
        return []
    return [each.row for each in found if each.lens.admits(reader)]
