"""A small RTSP client that blocks: requests as they should be, packets as they come. For what a demuxer does not show."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType

TIMEOUT = 20.0  # seconds; only a failure waits that long


@dataclass
class Answer:
    """What the server said."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass
class RtspClient:
    """One connection to `url`."""

    url: str
    receive_buffer: int | None = None
    _sequence: int = 0
    _buffer: bytes = b""
    session: str | None = None
    _packets: list[tuple[int, bytes]] = field(default_factory=list)

    def __enter__(self) -> RtspClient:
        match = re.match(r"rtsp://([\d.]+):(\d+)/", self.url)
        assert match
        self._socket = socket.socket()
        if self.receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        self._socket.settimeout(TIMEOUT)
        self._socket.connect((match[1], int(match[2])))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Bytes as they are."""
        self._socket.sendall(data)

    def ask(self, method: str, url: str | None = None, **headers: str) -> Answer:
        """One request and its answer; packets that come before it are kept."""
        self._sequence += 1
        if self.session:
            headers.setdefault("Session", self.session)
        lines = [f"{method} {url or self.url} RTSP/1.0", f"CSeq: {self._sequence}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.send("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        while self._fill(1) and self._buffer[:1] == b"$":
            self._packets.append(self._packet())
        while b"\r\n\r\n" not in self._buffer:
            self._fill(len(self._buffer) + 1)
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        told = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
        size = int(told.get("content-length", 0))
        self._fill(size)
        body, self._buffer = self._buffer[:size], self._buffer[size:]
        if "session" in told:
            self.session = told["session"].partition(";")[0]
        return Answer(int(first.split(" ")[1]), told, body.decode())

    def play(self, *tracks: int) -> None:
        """Sets up tracks (0: picture, on channels 0 and 1; 1: sound, on 2 and 3) and plays them."""
        for track in tracks or (0,):
            transport = f"RTP/AVP/TCP;unicast;interleaved={track * 2}-{track * 2 + 1}"
            assert self.ask("SETUP", f"{self.url}/trackID={track}", Transport=transport).status == 200
        assert self.ask("PLAY").status == 200

    def packets(self) -> Iterator[tuple[int, bytes]]:
        """(channel, packet), until the server closes."""
        while True:
            while self._packets:
                yield self._packets.pop(0)
            if not self._fill(1):
                return
            yield self._packet()

    def closed(self) -> bool:
        """Reads on: whether the server closed or cut the connection."""
        try:
            while self._socket.recv(65_536):
                pass
        except ConnectionError:
            pass
        except TimeoutError:
            return False
        return True

    def _packet(self) -> tuple[int, bytes]:
        self._fill(4)
        size = int.from_bytes(self._buffer[2:4], "big")
        self._fill(4 + size)
        channel, packet = self._buffer[1], self._buffer[4 : 4 + size]
        self._buffer = self._buffer[4 + size :]
        return channel, packet

    def _fill(self, size: int) -> bool:
        while len(self._buffer) < size:
            try:
                data = self._socket.recv(65_536)
            except ConnectionError:
                data = b""
            if not data:
                return False
            self._buffer += data
        return True
