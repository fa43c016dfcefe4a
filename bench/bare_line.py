"""A bare reader of one RTSP stream: no demuxer, no disk, only when pictures come. Says what a server sent, and how steadily.

Beside a recorder of the same cameras, in the same window: a silence that this one sees too is the server's, not the recorder's.
"""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import urlsplit

REPLY = 65_536  # bytes of an RTSP answer at most
CHANNEL = 0  # of the pictures' packets (RFC 2326 §10.12)


@dataclass(eq=False)
class BareLine:
    """Reads until it is ended. `marks`: when the last packet of each picture came (RFC 3550 §5.1: the marker)."""

    url: str
    marks: list[float] = field(default_factory=list)
    _stop: bool = False

    def __enter__(self) -> BareLine:
        parts = urlsplit(self.url)
        self._socket = socket.create_connection((parts.hostname, parts.port), timeout=10)
        self._file = self._socket.makefile("rb")
        self._ask("DESCRIBE", self.url, "Accept: application/sdp")
        wanted = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
        session = self._ask("SETUP", f"{self.url}/stream=0", wanted).partition(";")[0]
        self._ask("PLAY", self.url, f"Session: {session}")
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop = True
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()

    def longest(self, begun: float, ended: float) -> float:
        """Seconds between two pictures between two instants (monotonic), the longest."""
        inside = [begun, *(at for at in self.marks if begun <= at <= ended), ended]
        return max(b - a for a, b in pairwise(inside))

    def count(self, begun: float, ended: float) -> int:
        """Pictures that came between two instants."""
        return sum(begun <= at <= ended for at in self.marks)

    def _ask(self, verb: str, url: str, *lines: str) -> str:
        """Sends a request, gives the session that the answer names. RuntimeError when it is refused."""
        self._number = getattr(self, "_number", 0) + 1
        self._socket.sendall(
            "\r\n".join([f"{verb} {url} RTSP/1.0", f"CSeq: {self._number}", *lines, "", ""]).encode()
        )
        status = self._file.readline(REPLY)
        if b" 200 " not in status:
            raise RuntimeError(f"{verb}: {status!r}")
        session, length = "", 0
        while (line := self._file.readline(REPLY).strip()) != b"":
            name, _, value = line.decode().partition(":")
            session = value.strip() if name.lower() == "session" else session
            length = int(value) if name.lower() == "content-length" else length
        self._file.read(length)
        return session

    def _read(self) -> None:
        while not self._stop:
            head = self._file.read(4)
            if len(head) < 4 or head[:1] != b"$":
                return
            packet = self._file.read(int.from_bytes(head[2:], "big"))
            if head[1] == CHANNEL and len(packet) > 1 and packet[1] & 0x80:
                self.marks.append(time.monotonic())
