"""Who steers a PTZ camera: a reservation with a priority, released by itself 60 s after the last move."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, text

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.tables import Camera
from veilleur.features.incidents.tables import Incident
from veilleur.features.people.tables import User
from veilleur.features.viewing.errors import NotSteerableError, PtzHeldError
from veilleur.features.viewing.marks import require_camera, subject_of_camera
from veilleur.features.viewing.tables import PtzHold
from veilleur.kernel.errors import InvalidError
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act

#: 1 is highest. Who holds an open dossier of the camera's site comes before who does not; the chef before operators;
#: a round comes last.
LEAD_ALARM, LEAD, ALARM, OPERATOR, ROUND = 1, 2, 3, 5, 7

#: Released this long after the last move.
HELD = timedelta(seconds=60)

#: A move prolongs the reservation when less than this is left: an entry a quarter of a minute, not one per key.
PROLONGED_BELOW = timedelta(seconds=45)


def priority_of(session: ReadSession, camera: Camera, reader: Reader) -> int:
    """The best priority this reader may claim on this camera now."""
    query = select(Incident.id).where(
        Incident.site_id == camera.site_id, Incident.owner_id == reader.user_id, Incident.closed_at.is_(None)
    )
    alarm = session.scalars(query.limit(1)).first() is not None
    if "lead" in reader.roles:
        return LEAD_ALARM if alarm else LEAD
    return ALARM if alarm else OPERATOR


def take_ptz(act: Act, reader: Reader, camera_id: int, priority: int | None = None) -> PtzHold:
    """Reserves a camera for the reader, or keeps it his. `priority`: lower than his own right, for a round (7).

    A higher priority takes it; an equal one waits. Raises PtzHeldError {holder, until}, NotSteerableError,
    CameraRefusedError, NotFoundError, InvalidError.
    """
    camera = require_camera(act, camera_id, reader, "live")
    if not camera.ptz:
        raise NotSteerableError(camera=camera.name)
    if priority is not None and not 1 <= priority <= 9:
        raise InvalidError("A priority is 1 to 9.", field="priority", least=1, most=9)
    mine = max(priority or 1, priority_of(act.session, camera, reader))
    row = _locked(act, camera_id)
    other = (
        row if row is not None and row.user_id not in (None, reader.user_id) and _runs(row, act.now) else None
    )
    if other is not None and other.priority <= mine:
        raise _held(act.session, other)
    until = act.now + HELD
    if row is not None and row.user_id == reader.user_id and _runs(row, act.now) and row.priority == mine:
        _prolong(act, row, camera, "ptz.kept")
        return row
    params = {
        "camera": camera.name,
        "priority": mine,
        "from": _name(act.session, other.user_id) if other else None,
    }
    entry_id = act.record(
        "ptz.taken", params, subject=subject_of_camera(act, camera), touched={"camera": [camera.id]}
    )
    if row is None:
        row = PtzHold(camera_id=camera_id, entry_id=entry_id)
        act.session.add(row)
    row.user_id, row.priority, row.until, row.entry_id = reader.user_id, mine, until, entry_id
    act.session.flush()
    return row


def release_ptz(act: Act, reader: Reader, camera_id: int) -> None:
    """Gives the camera back; nothing when it is not his. Raises NotFoundError."""
    camera = require_camera(act, camera_id, reader, "live")
    row = _locked(act, camera_id)
    if row is None or row.user_id != reader.user_id or not _runs(row, act.now):
        return
    row.entry_id = act.record(
        "ptz.released",
        {"camera": camera.name},
        subject=subject_of_camera(act, camera),
        touched={"camera": [camera.id]},
    )
    row.user_id = row.until = None


def require_hand(session: ReadSession, reader: Reader, camera: Camera, now: datetime) -> None:
    """What is done with where the camera looks: by who holds it, by who might take it, by anybody while it is free.

    Raises PtzHeldError, as `take_ptz` does. A higher priority need not take it first: nothing is moved.
    """
    row = holder(session, camera.id, now)
    if row is None or row.user_id == reader.user_id or row.priority > priority_of(session, camera, reader):
        return
    raise _held(session, row)


def moved(act: Act, camera_id: int, user_id: int) -> datetime:
    """The holder moves the camera: until when it is his. For the recorder's listener, at each message of a joystick.

    It writes only when the reservation has less than 45 s left. Raises PtzHeldError when it is not his (any more).
    """
    row = act.session.get(PtzHold, camera_id)
    if row is None or row.user_id != user_id or row.until is None or not _runs(row, act.now):
        raise _held(act.session, row) if row is not None else PtzHeldError(holder=None, until=None)
    if row.until - act.now >= PROLONGED_BELOW:
        return row.until
    held = _locked(act, camera_id)
    if held is None or held.user_id != user_id:
        raise _held(act.session, held) if held is not None else PtzHeldError(holder=None, until=None)
    _prolong(act, held, act.session.get_one(Camera, camera_id), "ptz.moved")
    return held.until or act.now


def holder(session: ReadSession, camera_id: int, now: datetime) -> PtzHold | None:
    """The reservation that runs, if any."""
    row = session.get(PtzHold, camera_id)
    return row if row is not None and _runs(row, now) else None


def _prolong(act: Act, row: PtzHold, camera: Camera, kind: str) -> None:
    if row.until is not None and row.until - act.now >= PROLONGED_BELOW:
        return
    row.entry_id = act.record(
        kind, {"camera": camera.name}, subject=subject_of_camera(act, camera), touched={"camera": [camera.id]}
    )
    row.until = act.now + HELD


def _locked(act: Act, camera_id: int) -> PtzHold | None:
    """The row, locked; two who take a camera that nobody ever took wait for one another at the camera's own lock."""
    act.session.execute(text("SELECT pg_advisory_xact_lock(7707, :camera)"), {"camera": camera_id % 2**31})
    return act.session.get(PtzHold, camera_id, with_for_update=True, populate_existing=True)


def _runs(row: PtzHold, now: datetime) -> bool:
    return row.user_id is not None and row.until is not None and row.until > now


def _name(session: ReadSession, user_id: int | None) -> str | None:
    return session.scalar(select(User.name).where(User.id == user_id)) if user_id is not None else None


def _held(session: ReadSession, row: PtzHold) -> PtzHeldError:
    return PtzHeldError(
        holder={"id": row.user_id, "name": _name(session, row.user_id)} if row.user_id is not None else None,
        priority=row.priority,
        until=row.until.isoformat() if row.until else None,
    )
