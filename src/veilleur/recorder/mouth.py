"""A voice on its way to a loudspeaker: a thread opens the line, then sends 20 ms each 20 ms, silence when none came."""

from __future__ import annotations

import asyncio
import threading

import structlog

from veilleur.kernel.clock import Clock
from veilleur.video.loudspeaker import Loudspeaker
from veilleur.video.model import Address, SourceError
from veilleur.video.speech import PACKET_BYTES, PACKET_SECONDS, RATE, SILENCE

log = structlog.get_logger()

HELD_SECONDS = 3.0
"""Of a voice that may wait: what is said while the line opens. Beyond, the oldest goes: nobody answers a voice that is late."""
HELD_BYTES = int(HELD_SECONDS * RATE) * 2
SLEPT = 0.2
"""Seconds behind the beat after which it begins anew: a machine that slept must not shout a second of packets at once."""


class Mouth:
    """Made, fed and asked on one event loop; the line itself is the thread's.

    `opened`: None once the line is open, else the kind of SourceError. `over`: the same once nothing is sent any more.
    """

    def __init__(self, address: Address, clock: Clock) -> None:
        self._address, self._clock = address, clock
        self._loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[str | None] = self._loop.create_future()
        self.over: asyncio.Future[str | None] = self._loop.create_future()
        self._held = bytearray()
        self._lock = threading.Lock()
        self._speak = threading.Event()
        self._cut = threading.Event()
        self._last = False
        self._thread = threading.Thread(target=self._run, name="talk", daemon=True)

    def start(self) -> None:
        """Opens the line."""
        self._thread.start()

    def hear(self, pcm: bytes) -> None:
        """What the microphone heard: whole samples."""
        with self._lock:
            self._held += pcm
            if (late := len(self._held) - HELD_BYTES) > 0:
                del self._held[:late]

    def speak(self) -> None:
        """From now on it is heard."""
        self._speak.set()

    def finish(self) -> None:
        """What has been said is still sent, then it is over."""
        self._last = True
        self._speak.set()

    def cut(self) -> None:
        """Over, now."""
        self._cut.set()
        self._speak.set()

    def _run(self) -> None:
        line: Loudspeaker | None = None
        fault: str | None = None
        try:
            line = Loudspeaker(self._address, self._clock)
            self._tell(self.opened, None)
            self._speak.wait()
            self._send(line)
        except SourceError as failed:
            fault = failed.kind
            log.info("talk.line", fault=failed.message)
        except Exception:
            fault = "ended"
            log.exception("talk.fault")
        finally:
            self._tell(self.opened, fault or "ended")
            if line is not None:
                line.close()
            self._tell(self.over, fault)

    def _send(self, line: Loudspeaker) -> None:
        due = self._clock.monotonic()
        while not self._cut.is_set():
            piece = self._next()
            if piece is None and self._last:
                return
            line.say(piece or SILENCE)
            due += PACKET_SECONDS
            left = due - self._clock.monotonic()
            if left < -SLEPT:
                due -= left
            elif left > 0:
                self._cut.wait(left)

    def _next(self) -> bytes | None:
        """The next 20 ms; None: nothing has come. The end of a talk is filled up with silence."""
        with self._lock:
            if not self._held or (len(self._held) < PACKET_BYTES and not self._last):
                return None
            piece = bytes(self._held[:PACKET_BYTES])
            del self._held[:PACKET_BYTES]
        return piece.ljust(PACKET_BYTES, b"\0")

    def _tell(self, future: asyncio.Future[str | None], said: str | None) -> None:
        def tell() -> None:
            if not future.done():
                future.set_result(said)

        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(tell)
