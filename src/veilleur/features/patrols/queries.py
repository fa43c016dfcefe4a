"""Reads of rounds: what is planned, what is due or overdue, what is being made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.db.perimeter import within
from veilleur.features.cameras.reading import health_of, is_remote
from veilleur.features.cameras.tables import Camera, CameraFault, CameraStatus
from veilleur.features.patrols.planning import DUE_FOR, next_due
from veilleur.features.patrols.views import (
    LastRun,
    Named,
    PatrolView,
    RunView,
    RunViewView,
    TickView,
    ViewView,
)
from veilleur.features.people.queries import centre_zone
from veilleur.features.people.tables import User
from veilleur.features.viewing.access import cameras_by_id, visible
from veilleur.features.viewing.tables import Patrol, PatrolRun, PatrolTick
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.tables import Entry


def visible_patrol(session: ReadSession, patrol_id: int, reader: Reader, *, removed: bool = False) -> Patrol:
    """The round, if every camera of it is in the reader's perimeter and titles. Raises NotFoundError."""
    query = select(Patrol).where(Patrol.id == patrol_id)
    row = session.scalars(query if removed else query.where(Patrol.removed_at.is_(None))).one_or_none()
    if row is None or not _all_visible(row, cameras_by_id(session, _ids([row])), reader):
        raise NotFoundError("No such round.", what="patrol", id=patrol_id)
    return row


def _ids(rows: Sequence[Patrol]) -> set[int]:
    return {view["camera"] for row in rows for view in row.views}


def _all_visible(row: Patrol, known: dict[int, Camera], reader: Reader) -> bool:
    cameras = [known[view["camera"]] for view in row.views if view["camera"] in known]
    return all(visible(camera, reader) for camera in cameras)


#: Faults of a picture that comes and shows nothing.
SHOWS_NOTHING = ("frozen", "masked")


def blind_of(session: ReadSession, camera: Camera | None, now: datetime) -> str | None:
    """Why a camera shows nothing now; None: it shows. removed | remote | a state of `CameraView` | SHOWS_NOTHING."""
    if camera is None or camera.removed_at is not None:
        return "removed"
    if is_remote(camera):
        return "suspended" if camera.suspended_at is not None else "remote"
    state, _, _ = health_of(camera.suspended_at, session.get(CameraStatus, camera.id), now)
    if state != "online":
        return state
    return session.scalar(
        select(CameraFault.kind)
        .where(
            CameraFault.camera_id == camera.id,
            CameraFault.kind.in_(SHOWS_NOTHING),
            CameraFault.until.is_(None),
        )
        .limit(1)
    )


def ticks_of(session: ReadSession, run_ids: Sequence[int]) -> dict[tuple[int, int], PatrolTick]:
    """Ticks of runs by (run, index)."""
    rows = session.scalars(select(PatrolTick).where(PatrolTick.run_id.in_(run_ids)))
    return {(row.run_id, row.index): row for row in rows}


def due_of(session: ReadSession, patrol: Patrol, now: datetime) -> datetime | None:
    """When a round is due, UTC; in the past: it is overdue. None: it has no hours."""
    made = select(PatrolRun.due_at).where(
        PatrolRun.patrol_id == patrol.id, PatrolRun.due_at >= now - DUE_FOR - timedelta(days=1)
    )
    done = [at for at in session.scalars(made) if at is not None]
    since = session.scalar(select(Entry.entered_at).where(Entry.id == patrol.entry_id)) or now
    return next_due(patrol.times, centre_zone(session), now, done, since)


def patrol_views(session: ReadSession, reader: Reader, now: datetime) -> list[PatrolView]:
    """Every round that the reader may make, by name."""
    query = select(Patrol).where(Patrol.removed_at.is_(None), within(reader.perimeter, Patrol))
    rows = session.scalars(query.order_by(Patrol.name, Patrol.id)).all()
    known = cameras_by_id(session, _ids(rows))
    return [_patrol(session, row, known, now) for row in rows if _all_visible(row, known, reader)]


def _patrol(session: ReadSession, row: Patrol, known: dict[int, Camera], now: datetime) -> PatrolView:
    runs = select(PatrolRun).where(PatrolRun.patrol_id == row.id).order_by(PatrolRun.id.desc())
    running = session.scalars(runs.where(PatrolRun.state != "ended").limit(1)).first()
    last = session.scalars(runs.where(PatrolRun.state == "ended").limit(1)).first()
    return PatrolView(
        id=row.id,
        version=row.entry_id,
        reference=row.reference,
        name=row.name,
        times=row.times,
        next_due_at=due_of(session, row, now),
        views=[ViewView(**view, name=_name(known, view["camera"])) for view in row.views],
        last_run=_last(session, last) if last else None,
        running=run_view(session, running) if running else None,
    )


def _name(known: dict[int, Camera], camera_id: int) -> str:
    camera = known.get(camera_id)
    return camera.name if camera is not None else ""


def _last(session: ReadSession, run: PatrolRun) -> LastRun:
    missed = sum(tick.result == "missed" for tick in ticks_of(session, [run.id]).values())
    name = session.scalar(select(User.name).where(User.id == run.user_id)) or ""
    return LastRun(
        id=run.id,
        user=Named(id=run.user_id, name=name),
        started_at=run.started_at,
        ended_at=run.ended_at,
        views=len(run.views),
        missed=missed,
    )


def run_view(session: ReadSession, run: PatrolRun) -> RunView:
    """A round as it is made. `at`: the first view that was not ticked; their number when all were."""
    known = cameras_by_id(session, [view["camera"] for view in run.views])
    ticks = ticks_of(session, [run.id])
    patrol = session.get_one(Patrol, run.patrol_id)
    left = [index for index in range(len(run.views)) if (run.id, index) not in ticks]
    return RunView(
        id=run.id,
        version=run.entry_id,
        patrol=Named(id=patrol.id, name=patrol.name),
        user=Named(
            id=run.user_id, name=session.scalar(select(User.name).where(User.id == run.user_id)) or ""
        ),
        state=run.state,
        started_at=run.started_at,
        ended_at=run.ended_at,
        at=left[0] if left else len(run.views),
        views=[
            RunViewView(**view, name=_name(known, view["camera"]), tick=_tick(ticks.get((run.id, index))))
            for index, view in enumerate(run.views)
        ],
        explanation=run.explanation,
    )


def _tick(row: PatrolTick | None) -> TickView | None:
    return TickView(result=row.result, note=row.note, at=row.at) if row is not None else None
