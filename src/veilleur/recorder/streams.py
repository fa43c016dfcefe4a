"""One stream of one camera, kept running in a thread of its own: what it suffers, no other camera feels."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from veilleur.kernel.clock import Clock
from veilleur.recorder.health import UNREACHABLE_SECONDS
from veilleur.video.fragments import Fragmenter
from veilleur.video.model import Address, Frame, Opened, SourceError, StreamInfo, StreamName
from veilleur.video.sources import open_source

log = structlog.get_logger()

FIRST_WAIT, LONGEST_WAIT = 1.0, 15.0
"""Seconds before a camera that failed is asked again, doubled each time; and back to the first after a calm time."""
CALM = 30.0
IDLE = 0.25
"""Seconds between two looks at whether a camera may be connected."""
RATE_WINDOW = 10_000_000
"""Microseconds over which pictures and bytes a second are counted."""
MAX_COUNTED = 2_000
"""Pictures of such a window at most: 200 a second; more is no camera."""


class Sink(Protocol):
    """Where a stream goes. One thread at a time; `frame` from one that other streams share, so it must not wait."""

    def begin(self, info: StreamInfo, fragmenter: Fragmenter) -> None:
        """The stream begins, or has new parameters."""

    def frame(self, frame: Frame, fragment: bytes) -> None:
        """A picture and its fragment."""

    def end(self, reason: str) -> None:
        """The stream is over, and why (a gap's reason)."""


@dataclass
class Rate:
    """Pictures and bytes a second of the last ten seconds, by the pictures' own times."""

    _seen: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=MAX_COUNTED))
    _bytes: int = 0

    def add(self, wall: int, size: int) -> None:
        """One picture."""
        if len(self._seen) == MAX_COUNTED:
            self._bytes -= self._seen[0][1]
        self._seen.append((wall, size))
        self._bytes += size
        while self._seen and wall - self._seen[0][0] > RATE_WINDOW:
            self._bytes -= self._seen.popleft()[1]

    def read(self) -> tuple[float, float] | None:
        """(pictures, kilobits) a second; None before two seconds were seen. From any thread: a moment's truth."""
        seen = list(self._seen)
        if len(seen) < 2 or (span := seen[-1][0] - seen[0][0]) < 2_000_000:
            return None
        return (len(seen) - 1) * 1e6 / span, self._bytes * 8000 / span


class Stream:
    """Opens, reads, feeds its sink, begins again. `allowed` is asked often, from the stream's thread."""

    def __init__(
        self,
        camera: str,
        name: StreamName,
        address: Callable[[], Address],
        *,
        sink: Sink,
        allowed: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self.name: StreamName = name
        self.info: StreamInfo | None = None
        self.trouble: str | None = None
        """Why there is no picture: unreachable | refused | unsupported | ended; "" while there is; None: not known yet."""
        self.last_wall: int | None = None
        self.rate = Rate()
        self._camera, self._address, self._sink = camera, address, sink
        self._allowed, self._clock = allowed, clock
        self._stop, self._again = threading.Event(), threading.Event()
        self._opened: Opened | None = None
        self._refusals = 0
        """Tries in a row that gave no picture: the first is no news, the camera may be starting as we are."""
        self._heard = clock.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"{camera}/{name}", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Asks it to end; `join` waits."""
        self._stop.set()
        self._again.set()
        self._cut()

    def join(self, seconds: float) -> bool:
        """Waits for its end; whether it came."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def reconnect(self) -> None:
        """Its address changed: begins again at once."""
        self._again.set()
        self._cut()

    def lost(self) -> int:
        """Packets of this session that never came."""
        opened = self._opened
        return opened.lost() if opened is not None else 0

    def silence(self) -> float:
        """Seconds since the last packet, or since one waits for the first."""
        return self._clock.monotonic() - self._heard

    def watch(self) -> None:
        """To be called each second by another thread: a stream that fell silent is cut, so that it is asked again."""
        if self._opened is not None and self.silence() > UNREACHABLE_SECONDS:
            self._cut()

    def _cut(self) -> None:
        opened = self._opened
        if opened is not None:
            opened.close()

    def _run(self) -> None:
        wait = FIRST_WAIT
        while not self._stop.is_set():
            if not self._allowed():
                self.trouble, self.info = None, None
                self._heard = self._clock.monotonic()
                self._again.wait(IDLE)
                self._again.clear()
                continue
            began = self._clock.monotonic()
            self._again.clear()
            self._once()
            wait = FIRST_WAIT if self._clock.monotonic() - began > CALM else wait
            if self._wanted():
                self._again.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT)

    def _once(self) -> None:
        reason = "unreachable"
        try:
            self._read()
        except SourceError as fault:
            reason = "refused" if fault.kind == "refused" else "unreachable"
            said = fault.kind if self.info is None else "ended"
            self._refusals = self._refusals + 1 if self.info is None else 0
            if self.info is not None or self._refusals == 2:
                log.warning(
                    "stream.lost", camera=self._camera, stream=self.name, kind=fault.kind, why=fault.message
                )
            self.trouble = said
        except Exception:  # a fault of ours ends one turn, never the camera
            log.exception("stream.fault", camera=self._camera, stream=self.name)
            self.trouble = "ended"
        finally:
            self._opened, self.info = None, None
            self._sink.end(reason if self._allowed() else "")

    def _read(self) -> None:
        opened = open_source(self._address(), stream=self.name, clock=self._clock)
        self._opened = opened
        self._heard = self._clock.monotonic()
        try:
            if self._stop.is_set():
                return
            self._begin(opened.info)
            opened.feed(self._frame)
        except SourceError:
            if self._wanted():
                raise
        finally:
            opened.close()

    def _wanted(self) -> bool:
        return not self._stop.is_set() and self._allowed()

    def _begin(self, info: StreamInfo) -> None:
        self._fragmenter, self.info = Fragmenter(info), info
        self._sink.begin(info, self._fragmenter)

    def _frame(self, frame: Frame) -> None:
        self._heard = self._clock.monotonic()
        if frame.info is not None:
            self._begin(frame.info)
        self.trouble, self.last_wall = "", frame.wall
        self.rate.add(frame.wall, len(frame.data))
        self._sink.frame(frame, self._fragmenter.fragment(frame))
        if not self._wanted():
            raise SourceError("ended", "no longer wanted")
