"""Marks and holds: what is kept in sight, and what disk pressure may not erase (practice, «Gel conservatoire»)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, text

from veilleur.db.engine import ReadSession
from veilleur.db.perimeter import within
from veilleur.features.cameras.queries import visible_camera
from veilleur.features.cameras.tables import Camera
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.queries import site_row, subject_of
from veilleur.features.viewing.access import facts_of, refusal, retention_of, visible
from veilleur.features.viewing.errors import (
    CameraRefusedError,
    HoldTooLongError,
    MarkPeriodError,
    MarkStateError,
    UndoTooLateError,
)
from veilleur.features.viewing.tables import Mark
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act, Subject

#: A mark is a stretch that somebody looks at again, not a day.
LONGEST = timedelta(hours=6)

#: A mark may end a little ahead of now: what is happening is still being recorded.
AHEAD = timedelta(minutes=10)

MAX_TEXT = 300

#: What says no to the machine and not to the person: nothing runs, or the pictures are the customer's recorder's.
MACHINE = ("camera_not_running", "camera_not_recorded")

#: Marks given at once.
MOST = 500

#: A mark removed by mistake is brought back within this delay.
UNDO = timedelta(minutes=10)


def subject_of_camera(act: Act, camera: Camera, incident: Incident | None = None) -> Subject:
    """What an entry about a camera carries; the dossier, when it is of the same site."""
    same = incident is not None and incident.site_id == camera.site_id
    return subject_of(
        site_row(act.session, camera.site_id), incident.id if incident is not None and same else None
    )


def require_camera(
    act: Act, camera_id: int, reader: Reader, kind: str, incident: Incident | None = None
) -> Camera:
    """The camera, if the reader may look at it so. Raises NotFoundError, CameraRefusedError with the rule."""
    camera = visible_camera(act.session, camera_id, reader)
    why = refusal(camera, reader, kind, facts_of(act.session, [camera], act.now, incident, reader=reader))
    if why is not None and why.code not in MACHINE:
        raise CameraRefusedError(why=why.code, **why.params)
    return camera


def make_mark(
    act: Act,
    reader: Reader,
    camera: Camera,
    from_at: datetime,
    until_at: datetime,
    *,
    label: str | None = None,
    incident: Incident | None = None,
    entry_id: int | None = None,
) -> int:
    """Marks a stretch of a camera; its id. `entry_id`: the entry that already tells it. Raises MarkPeriodError."""
    earliest = act.now - retention_of(camera, facts_of(act.session, [camera], act.now))
    if not (earliest <= from_at < until_at <= act.now + AHEAD) or until_at - from_at > LONGEST:
        raise MarkPeriodError(earliest=earliest.isoformat(), longest=int(LONGEST.total_seconds()))
    words = (label or "").strip() or None
    if words and len(words) > MAX_TEXT:
        raise InvalidError("The label is too long.", field="label", most=MAX_TEXT)
    mark_id: int = act.session.execute(text("SELECT nextval('mark_id_seq')")).scalar_one()
    if entry_id is None:
        entry_id = act.record(
            "mark.made",
            {
                "camera": camera.name,
                "from": from_at.isoformat(),
                "until": until_at.isoformat(),
                "label": words,
            },
            subject=subject_of_camera(act, camera, incident),
            touched=_touched(mark_id, camera.id),
        )
    act.session.add(
        Mark(
            id=mark_id,
            camera_id=camera.id,
            from_at=from_at,
            until_at=until_at,
            label=words,
            incident_id=incident.id if incident else None,
            made_by_id=reader.user_id,
            made_at=act.now,
            entry_id=entry_id,
        )
    )
    act.session.flush()
    return mark_id


def _touched(mark_id: int, camera_id: int) -> dict[str, list[int]]:
    return {"mark": [mark_id], "camera": [camera_id]}


def _mark(act: Act, reader: Reader, mark_id: int, *, removed: bool = False) -> tuple[Mark, Camera]:
    row = act.session.get(Mark, mark_id, with_for_update=True, populate_existing=True)
    if row is None or (row.removed_at is not None) is not removed:
        raise NotFoundError("No such mark.", what="mark", id=mark_id)
    return row, visible_camera(act.session, row.camera_id, reader)


def hold_mark(act: Act, reader: Reader, mark_id: int, reason: str, until: datetime) -> None:
    """Gel conservatoire: disk pressure leaves these pictures alone until then, never past the authorised retention.

    Said again, it changes its reason or its end. Raises HoldTooLongError {latest}, InvalidError, NotFoundError.
    """
    row, camera = _mark(act, reader, mark_id)
    said = reason.strip()
    if not 0 < len(said) <= MAX_TEXT:
        raise InvalidError("Say why it is held.", field="reason", most=MAX_TEXT)
    latest = row.from_at + retention_of(camera, facts_of(act.session, [camera], act.now))
    if not act.now < until <= latest:
        raise HoldTooLongError(latest=latest.isoformat(), rule="L252-5, R253-4")
    row.entry_id = act.record(
        "mark.held",
        {
            "camera": camera.name,
            "from": row.from_at.isoformat(),
            "until": row.until_at.isoformat(),
            "reason": said,
        }
        | {"hold_until": until.isoformat()},
        subject=_subject(act, row, camera),
        touched=_touched(row.id, camera.id),
    )
    row.hold_reason, row.hold_until = said, until


def release_mark(act: Act, reader: Reader, mark_id: int, reason: str | None = None) -> None:
    """The hold is lifted, with its trace; the mark stays. Raises MarkStateError, NotFoundError."""
    row, camera = _mark(act, reader, mark_id)
    if row.hold_until is None:
        raise MarkStateError(state="free")
    said = (reason or "").strip()[:MAX_TEXT] or None
    row.entry_id = act.record(
        "mark.released",
        {
            "camera": camera.name,
            "from": row.from_at.isoformat(),
            "until": row.until_at.isoformat(),
            "reason": said,
        },
        subject=_subject(act, row, camera),
        touched=_touched(row.id, camera.id),
    )
    row.hold_reason = row.hold_until = None


def remove_mark(act: Act, reader: Reader, mark_id: int) -> None:
    """A mark made by mistake goes; what is held is released first. Raises MarkStateError, NotFoundError."""
    row, camera = _mark(act, reader, mark_id)
    if row.hold_until is not None and row.hold_until > act.now:
        raise MarkStateError(state="held")
    params = {"camera": camera.name, "from": row.from_at.isoformat(), "label": row.label}
    row.entry_id = act.record(
        "mark.removed", params, subject=_subject(act, row, camera), touched=_touched(row.id, camera.id)
    )
    row.removed_at = act.now


def restore_mark(act: Act, reader: Reader, mark_id: int) -> None:
    """Undoes a removal. Raises UndoTooLateError, NotFoundError."""
    row, camera = _mark(act, reader, mark_id, removed=True)
    if row.removed_at is not None and act.now - row.removed_at > UNDO:
        raise UndoTooLateError(minutes=int(UNDO.total_seconds() // 60))
    params = {"camera": camera.name, "from": row.from_at.isoformat(), "label": row.label}
    row.entry_id = act.record(
        "mark.restored", params, subject=_subject(act, row, camera), touched=_touched(row.id, camera.id)
    )
    row.removed_at = None


def _subject(act: Act, row: Mark, camera: Camera) -> Subject:
    incident = act.session.get(Incident, row.incident_id) if row.incident_id is not None else None
    return subject_of_camera(act, camera, incident)


def marks(
    session: ReadSession,
    reader: Reader,
    *,
    camera_id: int | None = None,
    incident_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[tuple[Mark, Camera]]:
    """Marks inside the reader's perimeter and titles that touch a period, the newest first, `MOST` at most."""
    query = (
        select(Mark, Camera)
        .join(Camera, Camera.id == Mark.camera_id)
        .where(Mark.removed_at.is_(None), within(reader.perimeter, Camera))
    )
    if camera_id is not None:
        query = query.where(Mark.camera_id == camera_id)
    if incident_id is not None:
        query = query.where(Mark.incident_id == incident_id)
    if since is not None:
        query = query.where(Mark.until_at >= since)
    if until is not None:
        query = query.where(Mark.from_at <= until)
    rows = session.execute(query.order_by(Mark.from_at.desc(), Mark.id.desc()).limit(MOST)).all()
    return [(mark, camera) for mark, camera in rows if visible(camera, reader)]


def held_stretches(session: ReadSession, camera_id: int, now: datetime) -> list[tuple[datetime, datetime]]:
    """What disk pressure may not erase of a camera now: [(from, until)], the oldest first. For the recorder's retention."""
    rows = session.execute(
        select(Mark.from_at, Mark.until_at)
        .where(Mark.camera_id == camera_id, Mark.removed_at.is_(None), Mark.hold_until > now)
        .order_by(Mark.from_at)
    )
    return [(row.from_at, row.until_at) for row in rows]
