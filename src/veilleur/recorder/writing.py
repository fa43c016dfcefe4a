"""What is kept of a camera: its films; and what looking found (looking.py).

All from the camera's own threads. A disk that refuses stops neither the live pictures nor the role: a gap, a fault, and
each keyframe tries again (video/segments.py).
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from typing import TYPE_CHECKING

import structlog

from veilleur.recorder.looking import Looking
from veilleur.recorder.registry import CameraSpec
from veilleur.video.fragments import Fragmenter
from veilleur.video.model import Frame, Segment
from veilleur.video.repair import repair
from veilleur.video.segments import SYNCING, SegmentWriter
from veilleur.video.store import LocalStore

if TYPE_CHECKING:
    from veilleur.recorder.house import House

log = structlog.get_logger()

LOCK = "lock"
"""A file of the camera's folder, held (flock) by who writes there; the system lets go when a process dies."""

MAX_CLOSED = 10_000
"""Segments that wait for the database: a week of a camera; their links are in the index all the same."""


class Writing:
    """One camera's pen. `clock_offset_ms`: what its own clock is ahead of ours, when it tells."""

    def __init__(self, house: House, spec: CameraSpec) -> None:
        self.clock_offset_ms: int | None = None
        self.looking = Looking(house, spec)
        self._house, self._spec = house, spec
        self._store = LocalStore(house.place.folder)
        self._writer: SegmentWriter | None = None
        self._paused: str | None = None
        self._closed: deque[Segment] = deque(maxlen=MAX_CLOSED)
        self._lock = threading.Lock()
        self._init = b""
        self._lock_file: int | None = None
        self._broken = False

    @property
    def camera(self) -> str:
        """The camera's folder."""
        return str(self._spec.id)

    @property
    def recording(self) -> bool:
        """Whether a film is being written."""
        return self._writer is not None and self._writer.recording

    @property
    def refused(self) -> bool:
        """Whether the disk refuses."""
        return self._broken or (self._writer is not None and self._writer.fault == "disk")

    def change(self, spec: CameraSpec) -> None:
        """The camera's row changed."""
        self._spec = spec
        self.looking.change(spec)

    def closed(self) -> list[Segment]:
        """Segments entered since the last call."""
        with self._lock:
            found = list(self._closed)
            self._closed.clear()
        return found

    def begin(self, fragmenter: Fragmenter) -> None:
        """The main stream begins, or has new parameters."""
        self._init = fragmenter.init
        writer = self._pen()
        if writer is not None:
            writer.begin(self._init)

    def write(self, frame: Frame, fragment: bytes) -> None:
        """A picture to keep."""
        self._paused = None
        writer = self._writer
        if writer is None and frame.keyframe and (writer := self._pen()) is not None:
            writer.begin(self._init)
        if writer is not None:
            writer.write(frame, fragment)

    def pause(self, reason: str) -> None:
        """Nothing is kept from now on, and why; once is enough."""
        if self._paused == reason:
            return
        self._paused = reason
        writer = self._pen()
        if writer is not None:
            writer.close(reason)

    def seen(self) -> tuple[frozenset[str], frozenset[str]] | None:
        """Kinds of fault that looking finds in the picture now, and those of which it cannot tell; None: it could not be
        looked at."""
        judged = self.looking.judged()
        return (judged.kinds, judged.unsure) if judged is not None else None

    def evidence(self, kind: str) -> tuple[bytes | None, bytes | None]:
        """JPEGs of before and after a fault of this kind that is noticed now."""
        newest = self.looking.newest()
        if kind in ("unreachable", "refused"):
            return (newest.jpeg if newest else None), None
        oldest = self.looking.oldest()
        return (oldest.jpeg if oldest else None), (newest.jpeg if newest else None)

    def _pen(self) -> SegmentWriter | None:
        """The writer, made once the folder is whole again after a power cut; None while the disk refuses."""
        if self._writer is not None:
            return self._writer
        if not self._locked():
            return None
        try:
            mended = repair(self._store, self.camera)
            self._writer = SegmentWriter(
                self._store, self.camera, self._house.clock, on_segment=self._entered, beside=SYNCING
            )
        except OSError as fault:
            if not self._broken:
                log.warning("recording.folder_refused", camera=self._spec.reference, fault=fault.strerror)
            self._broken = True
            return None
        self._broken = False
        if mended.segments or mended.removed:
            log.warning(
                "recording.repaired",
                camera=self._spec.reference,
                films=len(mended.segments),
                removed=len(mended.removed),
                lost=mended.lost,
            )
        return self._writer

    def settled(self, seconds: float) -> bool:
        """Waits for the films that have ended; whether the disk has them all."""
        return self._writer is None or self._writer.settled(seconds)

    def close(self) -> None:
        """Everything has ended: whoever takes the camera over may write, once the disk has all that was written here."""
        self.looking.close()
        if self._writer is not None:
            self._writer.settled()
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def _locked(self) -> bool:
        """One pen a folder, whatever the leases say: a recorder that lost a camera still closes its film."""
        if self._lock_file is not None:
            return True
        folder = self._store.camera(self.camera)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o640)
        except OSError:
            self._broken = True
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._lock_file = handle
        return True

    def _entered(self, segment: Segment) -> None:
        with self._lock:
            self._closed.append(segment)
