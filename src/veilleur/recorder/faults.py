"""What is wrong with cameras, from looks to entries: judged each second, written beside by features/cameras."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from veilleur.features.cameras.faults import check_mask, close_fault, open_fault
from veilleur.features.cameras.tables import CameraFault
from veilleur.kernel.errors import VeilleurError
from veilleur.logbook.act import Act
from veilleur.recorder.camera import RunningCamera
from veilleur.recorder.health import Ailments, Facts
from veilleur.recorder.house import House
from veilleur.recorder.rooting import RECORDER

log = structlog.get_logger()

MAX_WAITING = 1_000
"""Changes that wait for the database; beyond, the oldest is lost, and what holds then is told at the next start."""


@dataclass(frozen=True)
class Change:
    """A fault that begins or ends. Pictures are JPEGs. `since`: when it began, where that is known better than by now."""

    camera: int
    kind: str
    begins: bool
    detail: dict[str, object] = field(default_factory=dict)
    before: bytes | None = field(default=None, repr=False)
    after: bytes | None = field(default=None, repr=False)
    masks: tuple[tuple[int, bool], ...] = ()
    """Legal masks that were looked for, and whether each is there (P11): their check opens and closes the fault."""
    since: datetime | None = None


class Faults:
    """`look` in the keeper's thread, `write` in another: an entry waits for its site's lock."""

    def __init__(self, house: House) -> None:
        self.low: bool | None = None
        """Whether room is short on the disk of recordings; said by the rounds, None until then."""
        self._house = house
        self._ailments: dict[RunningCamera, Ailments] = {}
        self._waiting: deque[Change] = deque(maxlen=MAX_WAITING)
        self._checked: dict[int, date] = {}
        self._lock = threading.Lock()

    def look(self) -> None:
        """One look at every camera. What was open at the start goes on; a database that is away delays it."""
        cameras = list(self._house.cameras.values())
        self._ailments = {each: known for each, known in self._ailments.items() if each in cameras}
        first = min((each.spec.id for each in cameras), default=None)
        for running in cameras:
            ailments = self._ailments.get(running) or self._known(running)
            if ailments is None:
                continue
            facts = running.facts(low=self.low if running.spec.id == first else False)
            begun, ended = ailments.look(facts)
            running.ailing(frozenset(ailments.open))
            with self._lock:
                self._waiting += [self._change(running, kind, facts, begins=True) for kind in begun]
                self._waiting += [self._change(running, kind, facts, begins=False) for kind in ended]
                if (nightly := self._nightly(running)) is not None:
                    self._waiting.append(nightly)

    def write(self) -> int:
        """Enters what waits, one transaction each; how many. What the database refuses for now stays."""
        written = 0
        while True:
            with self._lock:
                change = self._waiting[0] if self._waiting else None
            if change is None:
                return written
            try:
                self._enter(change)
            except VeilleurError as fault:  # removed meanwhile, or a picture that is too large
                log.warning("fault.not_entered", camera=change.camera, kind=change.kind, why=fault.message)
            except SQLAlchemyError as fault:
                log.warning("fault.database_away", fault=type(fault).__name__)
                return written
            written += 1
            with self._lock:
                if self._waiting and self._waiting[0] is change:
                    self._waiting.popleft()

    def _enter(self, change: Change) -> None:
        with self._house.database.write() as session:
            act = Act(session, self._house.clock.now(), RECORDER)
            if change.masks:
                for mask, there in change.masks:
                    check_mask(act, mask, there=there, proof=change.after)
            elif change.begins:
                open_fault(
                    act,
                    change.camera,
                    change.kind,
                    change.detail,
                    change.before,
                    change.after,
                    since=change.since,
                )
            else:
                close_fault(act, change.camera, change.kind)

    def _known(self, running: RunningCamera) -> Ailments | None:
        query = select(CameraFault.kind).where(
            CameraFault.camera_id == running.spec.id, CameraFault.until.is_(None)
        )
        try:
            with self._house.database.read() as session:
                found = Ailments(set(session.scalars(query)))
        except SQLAlchemyError:
            return None
        self._ailments[running] = found
        return found

    def _change(self, running: RunningCamera, kind: str, facts: Facts, *, begins: bool) -> Change:
        before, after = running.writing.evidence(kind)
        masks = _masks(running) if kind == "mask_lost" else ()
        if not begins and not masks:
            return Change(running.spec.id, kind, begins=False)
        since = running.writing.looking.frozen_since() if kind == "frozen" else None
        return Change(running.spec.id, kind, begins, _measured(kind, facts), before, after, masks, since)

    def _nightly(self, running: RunningCamera) -> Change | None:
        """The legal masks of a camera are looked for once a day (UTC), and the proof kept (P11)."""
        day = self._house.clock.now().date()
        due = any(
            mask.kind == "legal" and (mask.checked_at is None or mask.checked_at.date() < day)
            for mask in running.spec.masks
        )
        if not due or self._checked.get(running.spec.id) == day or running.writing.seen() is None:
            return None
        masks = _masks(running)
        newest = running.writing.looking.newest()
        if not masks or newest is None:
            return None
        self._checked[running.spec.id] = day
        return Change(
            running.spec.id, "mask_lost", any(not there for _, there in masks), {}, None, newest.jpeg, masks
        )


def _masks(running: RunningCamera) -> tuple[tuple[int, bool], ...]:
    """Each legal mask that the last picture could judge, and whether it is there."""
    judged = running.writing.looking.judged()
    if judged is None:
        return ()
    lost = judged.measures.masks_lost
    return tuple(
        (mask.id, mask.id not in lost)
        for mask in running.spec.masks
        if mask.kind == "legal" and mask.preset is None
    )


def _measured(kind: str, facts: Facts) -> dict[str, object]:
    if kind == "clock":
        return {"offset_ms": facts.clock_offset_ms}
    if kind == "below_floor" and facts.size and facts.fps:
        return {"width": facts.size[0], "height": facts.size[1], "fps": round(facts.fps, 1)}
    return {}
