"""The images of a dossier: which cameras see its points, from when to when; the customer's recorder; the clue of an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.tables import Camera, CameraFault, CameraZone, PulledClip
from veilleur.features.handling.clues import ImageSeen, add_clue, add_lost_camera
from veilleur.features.incidents.case import lock_incident, require_holder
from veilleur.features.incidents.limits import EVENT
from veilleur.features.incidents.tables import Incident, IncidentPoint
from veilleur.features.sites.model import canonical_number
from veilleur.features.viewing.access import visible
from veilleur.features.viewing.errors import ImageHourError, NotPulledError
from veilleur.features.viewing.marks import require_camera, subject_of_camera
from veilleur.features.viewing.tables import EventCamera
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act

#: Shown around an alarm: what led to it, and what followed.
BEFORE = timedelta(seconds=15)
AFTER = timedelta(seconds=30)

#: A camera lost this long before the alarm is offered as a clue: somebody may have seen to it.
LOST_WITHIN = timedelta(minutes=30)

#: Pictures pushed this long before the alarm are shown with it: a camera may be faster than its panel.
PUSHED_WITHIN = timedelta(minutes=2)

#: How precisely a camera is tied to what spoke.
POINT, AREA, SITE = 0, 1, 2

#: Kind of source of a camera whose pictures stay in the customer's recorder.
CUSTOMER = "recorder"


@dataclass(frozen=True)
class Heard:
    """A point of the dossier: its canonical number and area, when it spoke first and last."""

    zone: str | None
    area: str | None
    label: str
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class Shown:
    """A camera of the dossier. `zone`: the point it sees, in words; None: it is tied to none. Times are UTC."""

    camera: Camera
    zone: str | None
    preset: str | None
    alarm_at: datetime
    from_at: datetime
    until_at: datetime
    lost: CameraFault | None
    clip: PulledClip | None
    rank: tuple[int, datetime, int]

    @property
    def source(self) -> str:
        """Whose recorder keeps its pictures."""
        return "customer" if self.camera.source.get("kind") == CUSTOMER else "recorder"


def images(session: ReadSession, incident: Incident, reader: Reader) -> list[Shown]:
    """The dossier's cameras that the reader's perimeter and titles hold, the most precise first, then as they spoke.

    Cameras tied to a point of the dossier, to its area, or to the site; none is tied: those of the site. A camera that was
    lost in the half hour before the alarm is there in any case. An événement shows the cameras it was followed on.
    """
    if incident.family == EVENT:
        return _of_event(session, incident, reader)
    cameras = session.scalars(
        select(Camera)
        .where(Camera.site_id == incident.site_id, Camera.removed_at.is_(None))
        .order_by(Camera.sort_key)
    )
    mine = {camera.id: camera for camera in cameras if visible(camera, reader)}
    heard = heard_points(session, incident)
    lost = _lost(session, list(mine), incident, heard)
    clips = _clips(session, incident, list(mine))
    found: dict[int, Shown] = {}
    for link in session.scalars(
        select(CameraZone)
        .where(CameraZone.camera_id.in_(mine), CameraZone.removed_at.is_(None))
        .order_by(CameraZone.id)
    ):
        for shown in _by_link(link, mine[link.camera_id], heard, incident, lost, clips):
            kept = found.get(link.camera_id)
            if kept is None or shown.rank < kept.rank:
                found[link.camera_id] = shown
    others = [camera for id_, camera in mine.items() if id_ not in found and (not found or id_ in lost)]
    begun, last = _span(incident, heard)
    for camera in others:
        found[camera.id] = _shown(camera, None, None, begun, last, lost, clips, (SITE + 1, begun, 0))
    return sorted(found.values(), key=lambda shown: (*shown.rank, shown.camera.sort_key))


def heard_points(session: ReadSession, incident: Incident) -> list[Heard]:
    """The dossier's points as links of cameras name them."""
    rows = session.scalars(
        select(IncidentPoint).where(IncidentPoint.incident_id == incident.id).order_by(IncidentPoint.first_at)
    )
    return [Heard(_zone(row.key), _number(row.area), row.label, row.first_at, row.last_at) for row in rows]


def _zone(key: str) -> str | None:
    """«zone:<panel>:<number>» → the number; None for what is no detection point."""
    kind, _, rest = key.partition(":")
    return _number(rest.rpartition(":")[2]) if kind == "zone" else None


def _number(said: str | None) -> str | None:
    return canonical_number(said) if said else None


def _span(incident: Incident, heard: Sequence[Heard]) -> tuple[datetime, datetime]:
    if not heard:
        return incident.opened_at, incident.opened_at
    return min(each.first_at for each in heard), max(each.last_at for each in heard)


def _by_link(  # noqa: PLR0917  # one link against all that was heard
    link: CameraZone,
    camera: Camera,
    heard: Sequence[Heard],
    incident: Incident,
    lost: dict[int, CameraFault],
    clips: dict[int, PulledClip],
) -> list[Shown]:
    zone, area = _number(link.zone), _number(link.area)
    shown: list[Shown] = []
    for point in heard:
        if area is not None and point.area != area:
            continue
        if zone is not None and point.zone != zone:
            continue
        precise = POINT if zone is not None else AREA if area is not None else SITE
        label = point.label if zone is not None else None
        rank = (precise, point.first_at, link.rank)
        shown.append(_shown(camera, label, link.preset, point.first_at, point.last_at, lost, clips, rank))
    if not heard and zone is None and area is None:
        at = incident.opened_at
        shown.append(_shown(camera, None, link.preset, at, at, lost, clips, (SITE, at, link.rank)))
    return shown


def _shown(  # noqa: PLR0917  # a value made in one place
    camera: Camera,
    zone: str | None,
    preset: str | None,
    alarm_at: datetime,
    last_at: datetime,
    lost: dict[int, CameraFault],
    clips: dict[int, PulledClip],
    rank: tuple[int, datetime, int],
) -> Shown:
    """`until` grows with each alarm of the point."""
    begin, end = alarm_at - BEFORE, last_at + AFTER
    return Shown(camera, zone, preset, alarm_at, begin, end, lost.get(camera.id), clips.get(camera.id), rank)


def _of_event(session: ReadSession, incident: Incident, reader: Reader) -> list[Shown]:
    rows = session.execute(
        select(EventCamera, Camera)
        .join(Camera, Camera.id == EventCamera.camera_id)
        .where(EventCamera.incident_id == incident.id)
        .order_by(EventCamera.id)
    ).all()
    clips = _clips(session, incident, ())
    found: dict[int, Shown] = {}
    for place, (stretch, camera) in enumerate(rows):
        if not visible(camera, reader):
            continue
        begin = stretch.from_at - BEFORE
        end = stretch.until_at or incident.closed_at or stretch.from_at + AFTER
        kept = found.get(camera.id)
        if kept is not None:
            begin, end = min(begin, kept.from_at), max(end, kept.until_at)
        rank = kept.rank if kept else (SITE, stretch.from_at, place)
        found[camera.id] = Shown(
            camera, None, None, incident.opened_at, begin, end, None, clips.get(camera.id), rank
        )
    return sorted(found.values(), key=lambda shown: shown.rank)


def _lost(
    session: ReadSession, cameras: Sequence[int], incident: Incident, heard: Sequence[Heard]
) -> dict[int, CameraFault]:
    """Faults «unreachable» that began within the half hour before the alarm and still stood at it, by camera."""
    alarm_at, _ = _span(incident, heard)
    rows = session.scalars(
        select(CameraFault)
        .where(
            CameraFault.camera_id.in_(cameras),
            CameraFault.kind == "unreachable",
            CameraFault.since.between(alarm_at - LOST_WITHIN, alarm_at),
            or_(CameraFault.until.is_(None), CameraFault.until > alarm_at),
        )
        .order_by(CameraFault.since)
    )
    return {row.camera_id: row for row in rows}


def _clips(session: ReadSession, incident: Incident, cameras: Sequence[int]) -> dict[int, PulledClip]:
    """The last clip, by camera: asked for, or pushed; what a camera pushed just before the alarm is of its dossier."""
    before = (
        PulledClip.incident_id.is_(None)
        & PulledClip.camera_id.in_(cameras)
        & PulledClip.asked_at.between(incident.opened_at - PUSHED_WITHIN, incident.opened_at)
    )
    query = select(PulledClip).where((PulledClip.incident_id == incident.id) | before).order_by(PulledClip.id)
    return {row.camera_id: row for row in session.scalars(query)}


def _of_dossier(act: Act, incident: Incident, camera_id: int, reader: Reader) -> Shown:
    found = next(
        (each for each in images(act.session, incident, reader) if each.camera.id == camera_id), None
    )
    if found is None:
        raise NotFoundError("This camera shows nothing of this dossier.", what="camera", id=camera_id)
    return found


def pull(act: Act, reader: Reader, incident_id: int, camera_id: int) -> PulledClip:
    """Asks the customer's recorder for the images of the alarm; the recorder role serves the row.

    Asked again while one is under way, it gives that one. Raises NotPulledError, CameraRefusedError, NotFoundError.
    """
    incident = lock_incident(act, incident_id).incident
    shown = _of_dossier(act, incident, camera_id, reader)
    camera = require_camera(act, camera_id, reader, "recorded", incident)
    if shown.source != "customer":
        raise NotPulledError(camera=camera.name)
    if shown.clip is not None and shown.clip.state in ("asked", "receiving"):
        return shown.clip
    until = min(shown.until_at, act.now) if shown.until_at > act.now > shown.from_at else shown.until_at
    entry_id = act.record(
        "clip.asked",
        {"camera": camera.name, "from": shown.from_at.isoformat(), "until": until.isoformat()},
        subject=subject_of_camera(act, camera, incident),
    )
    row = PulledClip(
        camera_id=camera.id,
        incident_id=incident.id,
        from_at=shown.from_at,
        until_at=until,
        asked_at=act.now,
        state="asked",
        entry_id=entry_id,
    )
    act.session.add(row)
    act.session.flush()
    return row


def clip_of(session: ReadSession, incident_id: int, clip_id: int) -> PulledClip:
    """A clip of the dossier. Raises NotFoundError."""
    row = session.get(PulledClip, clip_id)
    if row is None or row.incident_id != incident_id:
        raise NotFoundError("No such clip in this dossier.", what="clip", id=clip_id)
    return row


def image_clue(
    act: Act, reader: Reader, incident_id: int, *, camera_id: int, at: datetime, facts: str | None = None
) -> int:
    """One key on an image: «unequivocal image» with its camera and hour; a proof of the goods' door (P4). Its id.

    `at`: the hour of the image, inside the dossier; `facts`: what it shows; None: an image of this camera, nothing is said
    of what it shows. Raises ImageHourError,
    ClueRefusedError, NotYoursError, CameraRefusedError, NotFoundError.
    """
    case = lock_incident(act, incident_id)
    require_holder(case)
    shown = _of_dossier(act, case.incident, camera_id, reader)
    camera = require_camera(act, camera_id, reader, "recorded", case.incident)
    earliest = shown.from_at - LOST_WITHIN
    if not earliest <= at <= act.now:
        raise ImageHourError(earliest=earliest.isoformat(), latest=act.now.isoformat())
    return add_clue(act, incident_id, "image", facts or "", image=ImageSeen(camera.id, camera.name, at))


def lost_clue(act: Act, reader: Reader, incident_id: int, camera_id: int) -> int:
    """One key on a camera that was lost shortly before the alarm: a clue that backs up a proof. Its id.

    Raises NotFoundError (it was not lost then), NotYoursError.
    """
    case = lock_incident(act, incident_id)
    require_holder(case)
    shown = _of_dossier(act, case.incident, camera_id, reader)
    if shown.lost is None:
        raise NotFoundError("This camera was not lost before the alarm.", what="camera", id=camera_id)
    seen = ImageSeen(shown.camera.id, shown.camera.name, shown.lost.since)
    return add_lost_camera(act, incident_id, seen)
