"""Pictures asked of customers' recorders: pulled into the camera's folder, kept as received, with their hash and source.

Each pull has a thread of its own; one that cannot be reached says so within seconds and holds nobody back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from veilleur.features.cameras.tables import PulledClip
from veilleur.features.sites.queries import site_row, subject_of
from veilleur.logbook.act import Act
from veilleur.recorder.house import House
from veilleur.recorder.registry import CameraSpec
from veilleur.recorder.rooting import RECORDER
from veilleur.video.fragments import Fragmenter
from veilleur.video.model import Segment, SourceError, to_wall
from veilleur.video.remote import Pulled, pull
from veilleur.video.repair import repair
from veilleur.video.segments import SegmentWriter
from veilleur.video.store import LocalStore

log = structlog.get_logger()

MAX_PULLS = 4
"""At once: behind each is somebody's ADSL, and here a writing disk."""
ENOUGH = ("until", "end")
"""What ends a pull that brought all there is; the rest says why it is short."""


@dataclass(eq=False)
class Pulling:
    """The pulls of this recorder's cameras."""

    house: House
    kept: Callable[[int, list[Segment]], None] = lambda _camera, _films: None
    """Told of the films of a pull, whose chain goes into the logbook as any other."""
    _running: dict[int, threading.Thread] = field(default_factory=dict)
    _open: dict[int, Pulled] = field(default_factory=dict)
    _cameras: set[int] = field(default_factory=set)
    _stopping: bool = False

    def turn(self) -> None:
        """Begins what was asked; gives up what an earlier life had begun. Raises what the database raises."""
        self._running = {clip: thread for clip, thread in self._running.items() if thread.is_alive()}
        here = self.house.here()
        with self.house.database.read() as session:
            query = select(PulledClip.id, PulledClip.camera_id, PulledClip.state).where(
                PulledClip.state.in_(("asked", "receiving")), PulledClip.camera_id.in_(here)
            )
            waiting = session.execute(query.order_by(PulledClip.id).limit(100)).all()
        for clip, camera, state in waiting:
            spec = self.house.registry.cameras.get(camera)
            if clip in self._running or spec is None:
                continue
            if state == "receiving":
                self._move(clip, spec, "failed", fault="interrupted")
            elif len(self._running) < MAX_PULLS and camera not in self._cameras:  # one pen a folder
                self._cameras.add(camera)
                thread = threading.Thread(
                    target=self._pull, args=(clip, spec), name=f"pull-{clip}", daemon=True
                )
                self._running[clip] = thread
                thread.start()

    def stop(self) -> None:
        """Ends them; what came is kept."""
        self._stopping = True
        for each in list(self._open.values()):
            each.close()
        for thread in list(self._running.values()):
            thread.join(timeout=3)

    def _pull(self, clip: int, spec: CameraSpec) -> None:
        try:
            start, end = self._move(clip, spec, "receiving")
            self._receive(clip, spec, start, end)
        except SourceError as fault:
            self._fail(clip, spec, fault.kind)
        except (OSError, ValueError) as fault:
            log.warning("pull.failed", camera=spec.reference, fault=type(fault).__name__)
            self._fail(clip, spec, "disk" if isinstance(fault, OSError) else "unsupported")
        except SQLAlchemyError as fault:
            log.warning("pull.database_away", camera=spec.reference, fault=type(fault).__name__)
        except Exception:
            log.exception("pull.fault", camera=spec.reference)
            self._fail(clip, spec, "unsupported")
        finally:
            self._cameras.discard(spec.id)

    def _receive(self, clip: int, spec: CameraSpec, start: int, end: int) -> None:
        pulled = pull(spec.address, start, end, clock=self.house.clock)
        self._open[clip] = pulled
        written: list[Segment] = []
        try:
            store, camera = LocalStore(self.house.place.folder), str(spec.id)
            repair(store, camera)
            writer = SegmentWriter(store, camera, self.house.clock, on_segment=written.append)
            made = Fragmenter(pulled.info)
            writer.begin(made.init)
            for frame in pulled.frames():
                if frame.info is not None:
                    made = Fragmenter(frame.info)
                    writer.begin(made.init)
                writer.write(frame, made.fragment(frame))
            writer.close("ended")
        finally:
            del self._open[clip]
            pulled.close()
        if not written:
            raise SourceError("ended", "nothing came")
        self.kept(spec.id, written)
        self._move(
            clip,
            spec,
            "kept",
            fault=None if pulled.ended in ENOUGH else pulled.ended,
            source=pulled.source,
            clock_offset_ms=pulled.clock_offset_ms,
            path=written[0].path,
            size=sum(one.size for one in written),
            digest=pulled.sha256(),
        )

    def _fail(self, clip: int, spec: CameraSpec, fault: str) -> None:
        try:
            self._move(clip, spec, "failed", fault="interrupted" if self._stopping else fault)
        except SQLAlchemyError as error:
            log.warning("pull.database_away", camera=spec.reference, fault=type(error).__name__)

    def _move(self, clip: int, spec: CameraSpec, state: str, **facts: object) -> tuple[int, int]:
        """Writes where a pull stands; its stretch."""
        with self.house.database.write() as session:
            row = session.get_one(PulledClip, clip, with_for_update=True)
            act = Act(session, self.house.clock.now(), RECORDER)
            kind = {"receiving": "clip.receiving", "kept": "clip.kept", "failed": "clip.failed"}[state]
            said: dict[str, object] = {
                "camera": spec.name,
                "from": row.from_at.isoformat(),
                "until": row.until_at.isoformat(),
            }
            said |= {each: facts.get(each) for each in ("fault", "source", "clock_offset_ms")}
            touched = {"incident": [row.incident_id]} if row.incident_id is not None else {}
            subject = subject_of(site_row(session, spec.site_id), row.incident_id)
            row.entry_id = act.record(kind, said, subject=subject, touched=touched)
            row.state = state
            for name, value in facts.items():
                setattr(row, name, value)
            return to_wall(row.from_at), to_wall(row.until_at)
