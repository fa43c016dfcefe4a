"""Frames of a running stream for whoever re-makes them (WebRTC, a transcoder, masks): the current GOP first.

A tap never holds the camera back: one that falls behind loses what it did not read and goes on at the next keyframe.
Who only watches joins the hub (video/hub.py).
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from veilleur.video.model import Frame, StreamInfo

MAX_WAITING = 250
"""Frames that wait for a tap: ten seconds of a usual camera; one that late has lost its place."""
MAX_GOP_BYTES = 16 * 2**20
"""Kept for newcomers: a GOP of four seconds at 32 Mbit/s. A longer one begins with its next keyframe for them."""


class Picture(NamedTuple):
    """A frame and the stream it is of (the same object as long as the parameters are the same)."""

    frame: Frame
    of: StreamInfo


def waker(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> Callable[[], None]:
    """Wakes a reader on a loop, from any thread; a loop that has ended has no readers."""

    def wake() -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(event.set)

    return wake


@dataclass(eq=False)
class Tap:
    """What one reader has not read yet. `wake` is called from the stream's thread after each frame."""

    wake: Callable[[], None] = lambda: None
    closed: bool = False
    _waiting: deque[Picture] = field(default_factory=deque)
    _skipping: bool = True
    _news: threading.Condition = field(default_factory=threading.Condition)

    def put(self, picture: Picture) -> None:
        """From the stream's thread."""
        with self._news:
            if len(self._waiting) >= MAX_WAITING:
                self._waiting.clear()
                self._skipping = True
            if picture.frame.keyframe:
                self._skipping = False
            if not self._skipping and not self.closed:
                self._waiting.append(picture)
            self._news.notify()
        self.wake()

    def take(self) -> Picture | None:
        """The next one, or None when there is none now."""
        with self._news:
            return self._waiting.popleft() if self._waiting else None

    def wait(self, seconds: float) -> Picture | None:
        """The next one within so many seconds; None when none came or the tap was closed. For threads."""
        with self._news:
            if not self._waiting and not self.closed:
                self._news.wait(seconds)
            return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        """Nothing comes any more; whoever waits is woken."""
        with self._news:
            self.closed = True
            self._waiting.clear()
            self._news.notify_all()
        self.wake()


@dataclass(eq=False)
class Taps:
    """Every tap of one stream. `info` None: the stream does not run."""

    info: StreamInfo | None = None
    _taps: set[Tap] = field(default_factory=set)
    _gop: list[Picture] = field(default_factory=list)
    _gop_bytes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, info: StreamInfo | None) -> None:
        """The stream begins, or has new parameters: a keyframe follows. None: it is over for now."""
        with self._lock:
            self.info = info
            self._forget()

    def put(self, frame: Frame) -> None:
        """From the stream's thread, after `begin`."""
        with self._lock:
            if self.info is None:
                return
            picture = Picture(frame, self.info)
            if frame.keyframe:
                self._forget()
            if frame.keyframe or self._gop:
                self._gop.append(picture)
                self._gop_bytes += len(frame.data)
                if self._gop_bytes > MAX_GOP_BYTES or len(self._gop) > MAX_WAITING:
                    self._forget()
            for tap in self._taps:
                tap.put(picture)

    def join(self, tap: Tap) -> Tap:
        """A new reader; the current GOP is the first it reads, without a frame missing in between."""
        with self._lock:
            for picture in self._gop:
                tap.put(picture)
            self._taps.add(tap)
        return tap

    def leave(self, tap: Tap) -> None:
        """A reader goes."""
        with self._lock:
            self._taps.discard(tap)
        tap.close()

    def _forget(self) -> None:
        self._gop, self._gop_bytes = [], 0
