"""Writing a camera's films: the fragments as they come, hashed as they are written, a file a minute.

A segment begins on the first keyframe at or after each whole minute of the recorder's clock, after a gap, or when the
stream's parameters change. Everything of one camera runs in one thread at a time; what waits for the disk when a film ends
may be done beside, in the order in which films ended. A disk that is full or broken never raises: the film is cut back to its
last whole fragment, the gap is told, and each later keyframe tries again.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path

from veilleur.kernel.clock import Clock
from veilleur.video.index import (
    MAX_ORDINAL,
    Entry,
    append,
    chained,
    hour_of,
    pack_gap,
    path_of,
    read_gaps,
)
from veilleur.video.model import Frame, Gap, Segment
from veilleur.video.store import LocalStore

MINUTE_US = 60_000_000
SILENCE_US = 2_000_000
"""Without a frame for this long (or three frames' durations, if longer) the segment ends, and there is a gap."""
GAP_US = 500_000
"""A shorter hole between two segments (a reopening that was seamless) is no gap."""
SYNC_SECONDS = 5.0
"""A power cut loses this much at most of what a disk says it has written."""
SYNCING = ThreadPoolExecutor(1, "sync")
"""What waits for the disk: many cameras' pictures are written by one thread (sources/lines.py), which must not. One thread,
so that what a camera's films need is done in the order in which it was asked."""
MOST_ENDING = 8
"""Films of one camera that have ended and are not durable yet: past so many the disk stands still, and who writes waits."""


class SegmentWriter:
    """Records one camera. `begin`, then `write` for each frame, `close` with the reason why it stops.

    `on_segment`, `on_gap`: told when a segment is entered in the index (it is durable then), when a gap has ended. `beside`:
    a pool of one thread that makes films durable and enters them, and tells; None: `write` and `close` wait for the disk. Run
    `repair.repair` on the camera before making one."""

    def __init__(
        self,
        store: LocalStore,
        camera: str,
        clock: Clock,
        *,
        on_segment: Callable[[Segment], None] | None = None,
        on_gap: Callable[[Gap], None] | None = None,
        beside: ThreadPoolExecutor | None = None,
    ) -> None:
        self._store, self._camera, self._clock = store, camera, clock
        self._folder = store.camera(camera)
        self._on_segment, self._on_gap = on_segment, on_gap
        self._init = b""
        self._film: _Film | None = None
        self._pool, self._ending = beside, deque[Future[None]]()
        tail = store.tail(camera)
        # Touched by what is done beside only:
        self._pending: list[tuple[Path, bytes]] = []
        self._number, self._chain = tail.number, tail.chain
        self._stuck = False
        # By who writes only:
        self._gap = self._left_open(tail.end)
        self._told = False  # whether the gap that has begun is in the index
        self._refusing = False

    @property
    def fault(self) -> str | None:
        """`disk` while the disk refuses, else None."""
        return "disk" if self._refusing or self._stuck else None

    @property
    def recording(self) -> bool:
        """Whether a segment is being written."""
        return self._film is not None

    def begin(self, init: bytes) -> None:
        """The stream that follows has this init segment; what was being written ends, without a gap if frames go on."""
        self._init = init
        if self._film is not None:
            self._finish(self._film.end, "gap", told=False)

    def write(self, frame: Frame, fragment: bytes) -> bool:
        """Appends a frame's fragment. False when it was not recorded (no keyframe yet, or the disk refuses)."""
        film = self._film
        if film is not None:
            if frame.wall - film.end > max(SILENCE_US, 3 * film.duration) or frame.wall < film.start:
                self._finish(film.end, "gap")
            elif frame.keyframe and frame.wall // MINUTE_US > film.start // MINUTE_US:
                self._finish(frame.wall, "gap", told=False)
        if self._film is None and not (frame.keyframe and self._start(frame)):
            return False
        film = self._film
        if film is None:
            return False
        try:
            film.add(frame, fragment)
            if frame.keyframe:
                film.sync(self._clock.monotonic())
        except OSError:
            self._refused(film)
            return False
        return True

    def close(self, reason: str) -> None:
        """Ends the segment; the gap that begins is `reason`'s (a fault kind, `stopped`, `suspended`, `forbidden`)."""
        if self._film is not None:
            self._finish(self._film.end, reason)
        elif self._gap and (self._gap.reason != reason or not self._told):
            self._gap, self._told = Gap(self._gap.start, 0, reason), True
            self._enter_gap(self._gap)
        self._beside(self._flush)

    def settled(self, seconds: float | None = None) -> bool:
        """Waits for what is done beside (None: however long); whether all that ended is durable and entered, or refused."""
        return not wait(self._ending, timeout=seconds).not_done

    def _beside(self, act: Callable[[], None]) -> None:
        if self._pool is None:
            act()
            return
        while self._ending and (self._ending[0].done() or len(self._ending) >= MOST_ENDING):
            self._ending.popleft().result()
        self._ending.append(self._pool.submit(act))

    def _left_open(self, end: int | None) -> Gap | None:
        """The gap since the last segment of an earlier run, with the reason it had given."""
        if end is None:
            return None
        said = [gap for gap in read_gaps(self._folder / hour_of(end)) if gap.end == 0 and gap.start == end]
        return said[-1] if said else Gap(end, 0, "stopped")

    def _hour(self, wall: int) -> Path:
        return self._folder / hour_of(wall)

    def _start(self, frame: Frame) -> bool:
        """Opens a film; whether the disk took its first bytes."""
        if self._stuck:
            self._beside(self._flush)
        try:
            self._film = _Film(self._folder, frame.wall, self._init, self._clock.monotonic())
        except OSError:
            if self._gap is None:
                self._gap = Gap(frame.wall, 0, "disk")
            self._refusing = True
            return False
        self._refusing = False
        if self._gap and frame.wall - self._gap.start > GAP_US:
            self._enter_gap(Gap(self._gap.start, frame.wall, self._gap.reason))
        self._gap = None
        return True

    def _finish(self, end: int, reason: str, *, told: bool = True) -> None:
        """Closes the film and enters it. `told`: the gap is entered at once, before it is known whether there is one."""
        film, self._film = self._film, None
        if film is None:
            return
        self._beside(lambda: self._ended(film, end))
        self._gap, self._told = Gap(end, 0, reason), told
        if told:
            self._enter_gap(self._gap)

    def _ended(self, film: _Film, end: int) -> None:
        """A film that nobody writes any more: durable first, then entered."""
        film.close()
        if not film.frames:
            return
        self._number += 1
        digest = film.digest
        self._chain = chained(self._chain, digest, film.start, end, self._camera)
        segment = Segment(film.start, end, film.path, film.size, film.frames, digest, self._chain)
        entry = Entry(segment, self._number, film.ordinal)
        self._enter(self._hour(film.start) / "segments", entry.packed())
        if self._on_segment:
            self._on_segment(segment)

    def _refused(self, film: _Film) -> None:
        """The disk is full, or gone."""
        self._refusing = True
        film.cut_back()
        self._finish(film.end, "disk")

    def _enter_gap(self, gap: Gap) -> None:
        def enter() -> None:
            self._enter(self._hour(gap.start) / "gaps", pack_gap(gap))
            if gap.end and self._on_gap:
                self._on_gap(gap)

        self._beside(enter)

    def _enter(self, path: Path, record: bytes) -> None:
        """Into an index file; later when the disk refuses now. In order, so that a chain grows by its numbers."""
        self._pending.append((path, record))
        self._flush()

    def _flush(self) -> None:
        while self._pending:
            path, record = self._pending[0]
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                append(path, record)
            except OSError:
                self._stuck = True
                return
            del self._pending[0]
        self._stuck = False


class _Film:
    """A file that is being written."""

    def __init__(self, folder: Path, start: int, init: bytes, now: float) -> None:
        (folder / hour_of(start)).mkdir(parents=True, exist_ok=True)
        self.start, self.end, self.duration, self.frames = start, start, 0, 0
        self.ordinal, self._file = _created(folder, start)
        self.path = path_of(start, self.ordinal)
        self._hash = hashlib.sha256()
        self.size = 0
        self._synced = now
        self._syncing: Future[None] | None = None
        try:
            self._append(init)
        except OSError:
            self.cut_back()
            os.close(self._file)
            with suppress(OSError):
                (folder / self.path).unlink()
            raise

    @property
    def digest(self) -> bytes:
        """SHA-256 of what was written."""
        return self._hash.digest()

    def add(self, frame: Frame, fragment: bytes) -> None:
        """Appends; OSError."""
        self._append(fragment)
        self.frames += 1
        self.end, self.duration = frame.wall + frame.duration, frame.duration

    def _append(self, data: bytes) -> None:
        written = os.write(self._file, data)
        while written < len(data):  # a short write: full, or nearly
            written += os.write(self._file, data[written:])
        self._hash.update(data)
        self.size += len(data)

    def sync(self, now: float) -> None:
        """To the platter, from time to time, beside: who writes does not wait for it. OSError of the time before."""
        if now - self._synced < SYNC_SECONDS or (self._syncing and not self._syncing.done()):
            return
        self._synced = now
        if self._syncing is not None:
            self._syncing.result()
        self._syncing = SYNCING.submit(_synced, os.dup(self._file))

    def cut_back(self) -> None:
        """Without the fragment that was not wholly written."""
        with suppress(OSError):
            os.ftruncate(self._file, self.size)

    def close(self) -> None:
        """The file is whole."""
        with suppress(OSError):
            os.fsync(self._file)
        with suppress(OSError):
            os.close(self._file)


def _synced(handle: int) -> None:
    try:
        os.fdatasync(handle)
    finally:
        os.close(handle)


def _created(folder: Path, start: int) -> tuple[int, int]:
    """A new file and its ordinal; OSError."""
    for ordinal in range(MAX_ORDINAL + 1):
        with suppress(FileExistsError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            return ordinal, os.open(folder / path_of(start, ordinal), flags, 0o640)
    raise OSError(17, "too many films begin in this second")
