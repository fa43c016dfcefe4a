"""The connections of every RTSP stream of this process, read by one thread.

A thread each would wake for every packet of every camera; here one wakes, reads whatever has come on any line, and rests a
moment, so that the packets of one picture are mostly read at once. Pictures go straight to whom `deliver` names, in this very
thread: handing each to another thread costs more than writing it. Who wants them in his own thread iterates `pictures`.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from veilleur.kernel.clock import Clock
from veilleur.video.model import SourceError, to_wall
from veilleur.video.remote_rtp import Depacketiser, Picture
from veilleur.video.remote_rtsp import Session, Track

FIRST_SECONDS, READ_SECONDS = 8.0, 4.0
"""Until its first picture a camera may have to wake; one that then sends none for so long is frozen, whatever its TCP says."""
REST_SECONDS = 0.02
"""Between two rounds of reading: what a picture may come later by. A waking costs more than all that it finds to do: with
eight cameras, a rest of 2 ms costs twice the CPU of one of 20 ms."""
ROUND_SECONDS = 1.0
"""Between two looks at who has fallen silent, and whose session must be spoken to."""
BLOCK, BLOCKS = 65_536, 16
"""Bytes read at once, and how often on one line in one round: under TLS each read gives a packet. 1 MB then waits its turn."""
MAX_WAITING = 32 * 1024**2
"""Bytes of pictures that wait for a stream's thread: a minute at 4 Mbit/s. Beyond, its disk stands still."""


Came = tuple[Picture, int]
"""A picture, and the wall at which its last packet was read."""


class Line:
    """One stream that plays. One thread iterates `pictures`, or waits in `deliver`; `close` by any."""

    def __init__(self, session: Session, track: Track, clock: Clock) -> None:
        self.session, self.clock = session, clock
        self.socket, early = session.handed()
        self.gone = threading.Event()
        """Nothing more is read."""
        self._depacketiser = Depacketiser(track.codec, track.payload_type)
        self._queue: SimpleQueue[Came | None] = SimpleQueue()
        self._put = self._taken = 0  # bytes, each counted by one thread only
        self._wanted: Callable[[Picture, int], None] | None = None
        self._ended: Exception | None = None
        self._closed = False
        self._ciphered = isinstance(self.socket, ssl.SSLSocket)
        self._heard, self._patience, self._news = clock.monotonic(), FIRST_SECONDS, False
        for packet in early:
            self._take(self._depacketiser.receive(packet))

    @property
    def lost(self) -> int:
        """Packets that never came."""
        return self._depacketiser.lost

    def pictures(self) -> Iterator[Came]:
        """Every picture, waited for; ends by raising why: SourceError, or what a fault of ours was."""
        while not self._closed and (came := self._queue.get()) is not None:
            self._taken += len(came[0].data)
            yield came
        self._queue.put(None)  # who asks again is told the same
        raise self._ended or SourceError("ended", "closed")

    def deliver(self, wanted: Callable[[Picture, int], None]) -> None:
        """Every picture to `wanted`, in the lines' thread, which it must not hold for long. Ends as `pictures` does, once
        nothing is delivered any more; what `wanted` raises ends it too."""
        LINES.soon(self, lambda: self._turn(wanted))
        self.gone.wait()
        for came in self.pictures():  # it ended before its turn
            wanted(*came)

    def close(self) -> None:
        """Whoever waits for a picture is told at once; the lines' thread says good-bye to the camera."""
        self._closed = True
        self._queue.put(None)
        LINES.soon(self, self._over)

    def end(self, why: Exception) -> None:
        """From the lines' thread, when it has let go of it."""
        self.session.close()
        self._ended = why
        self._queue.put(None)
        self.gone.set()

    def _over(self) -> None:
        raise SourceError("ended", "closed")

    def _turn(self, wanted: Callable[[Picture, int], None]) -> None:
        """Those that waited, then each as it comes."""
        while not self._queue.empty():
            came = self._queue.get_nowait()
            if came is not None:
                wanted(*came)
        self._wanted = wanted

    def read(self, into: memoryview) -> bool:
        """From the lines' thread: what has come; whether there may be more. SourceError when that is the end."""
        for _ in range(BLOCKS):
            try:
                size = self.socket.recv_into(into)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return False
            except OSError as fault:
                raise SourceError("ended", f"the line was cut ({type(fault).__name__})") from None
            if not size:
                raise SourceError("ended", "the camera ended the stream")
            self._take(self.session.received(bytes(into[:size]), self._depacketiser))
            if self.session.over:
                raise SourceError("ended", "the camera ended the stream")
            if size < len(into) and not self._ciphered:
                return False
        return True

    def look(self) -> None:
        """From the lines' thread, each second. SourceError when it is silent, or its session cannot be kept."""
        if self._news:
            self._heard, self._patience, self._news = self.clock.monotonic(), READ_SECONDS, False
        elif self.clock.monotonic() - self._heard > self._patience:
            raise SourceError("ended", "silence")
        if ping := self.session.ping():
            try:
                whole = self.socket.send(ping) == len(ping)
            except OSError:
                whole = False
            if not whole:
                raise SourceError("ended", "the camera reads nothing")

    def _take(self, pictures: list[Picture]) -> None:
        if not pictures:
            return
        self._news, arrival = True, to_wall(self.clock.now())
        for picture in pictures:
            if self._wanted is not None:
                self._wanted(picture, arrival)
                continue
            self._put += len(picture.data)
            self._queue.put((picture, arrival))
        if self._put - self._taken > MAX_WAITING:
            raise SourceError("ended", "what is read is not taken")


class Lines:
    """The thread, started by the first line."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._orders: deque[tuple[Line, Callable[[], None]]] = deque()
        self._bell, self._rung = socket.socketpair()
        self._bell.setblocking(False)
        self._rung.setblocking(False)
        self._selector.register(self._rung, selectors.EVENT_READ)
        self._buffer = memoryview(bytearray(BLOCK))
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def take(self, line: Line) -> None:
        """Reads it from now on."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="lines", daemon=True)
                self._thread.start()
        self.soon(line, lambda: self._register(line))

    def soon(self, line: Line, act: Callable[[], None]) -> None:
        """Does this in the lines' thread, if the line is still read then. From any thread."""
        self._orders.append((line, act))
        with suppress(BlockingIOError):  # it is rung already
            self._bell.send(b"!")

    def _run(self) -> None:
        looked = 0.0
        while True:
            ready = self._selector.select(ROUND_SECONDS)
            more = False
            for key, _ in ready:
                if key.data is not None:
                    more = self._do(key.data, key.data.read, self._buffer) or more
            with suppress(BlockingIOError):
                self._rung.recv(BLOCK)
            while self._orders:
                self._do(*self._orders.popleft())
            # Whose clock it is does not matter: only that the look comes about once a second.
            if (now := time.perf_counter()) - looked >= ROUND_SECONDS:
                looked = now
                for key in list(self._selector.get_map().values()):
                    if key.data is not None:
                        self._do(key.data, key.data.look)
            if ready and not more:
                time.sleep(REST_SECONDS)

    def _register(self, line: Line) -> None:
        self._selector.register(line.socket, selectors.EVENT_READ, line)
        line.read(self._buffer)  # TLS may hold what no select tells

    def _do(self, line: Line, act: Callable[..., Any], *given: Any) -> Any:
        """What one line suffers, no other feels."""
        if line.gone.is_set():
            return None
        try:
            return act(*given)
        except Exception as fault:  # noqa: BLE001  # told to the stream's own thread, whatever it is
            with suppress(KeyError, ValueError):
                self._selector.unregister(line.socket)
            line.end(fault)
            return None


LINES = Lines()
