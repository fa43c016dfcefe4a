"""An RTSP client (RFC 2326 over one TCP connection, interleaved): `Reader` reads bytes, `Session` converses.

For live cameras, which `sources/lines.py` reads all in one thread once they play; for replays, read by who asked; for
loudspeakers, which are sent to.
"""

from __future__ import annotations

import math
import re
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from veilleur.kernel.clock import Clock
from veilleur.video.model import SourceError, to_wall
from veilleur.video.onvif.challenge import Credentials
from veilleur.video.onvif.dialling import Deadline, Trust, dial, receive, send
from veilleur.video.onvif.exchange import http_date
from veilleur.video.onvif.limits import REACH_SECONDS
from veilleur.video.remote_limits import (
    ALIVE_LEAST,
    ALIVE_SECONDS,
    MAX_EARLY,
    MAX_RTSP_BODY,
    MAX_RTSP_HEAD,
    MAX_SKIMMED,
    MAX_STRAY,
)
from veilleur.video.remote_rtp import DOLLAR, Depacketiser, Picture
from veilleur.video.remote_sdp import NotReadError, Track, read_description

__all__ = ["Interleaved", "NotReadError", "Reader", "Response", "Session", "Track", "read_description"]

_PORTS = {"rtsp": 554, "rtsps": 322}
_LINE = re.compile(rb"RTSP/1\.\d (\d{3})|[A-Z_]{3,20} \S{1,2000} RTSP/1\.\d")


@dataclass(frozen=True)
class Response:
    """An answer, or a request of the server (status 0). Header names in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str:
        """The first header of that name, or empty."""
        return next((value for each, value in self.headers if each == name), "")


class Interleaved(NamedTuple):
    """A packet on a channel (RFC 2326 §10.12)."""

    channel: int
    data: bytes


class Reader:
    """Incremental reading of one connection: bytes in, messages out. Raises SourceError for what is no RTSP."""

    def __init__(self) -> None:
        self._data, self._at = b"", 0

    def receive_data(self, data: bytes) -> list[Response | Interleaved]:
        """Takes bytes as they came; what they complete, in order."""
        self.feed(data)
        found = []
        while (message := self.next()) is not None:
            found.append(message)
        return found

    def feed(self, data: bytes) -> None:
        """Takes bytes as they came, to be asked for by `next`."""
        rest = self._data[self._at :]
        self._data, self._at = rest + data if rest else data, 0

    def run(self, take: Callable[[bytes, int, int], int], channel: int) -> None:
        """Lets another read ahead in the packets of a channel: `take(data, at, channel)` answers up to where."""
        self._at = take(self._data, self._at, channel)

    def next(self) -> Response | Interleaved | None:
        """The next whole message, None when there is none."""
        data, at, end = self._data, self._at, len(self._data)
        while at < end and data[at] in b"\r\n":
            at += 1
        self._at = at
        if at >= end:
            return None
        if data[at] != DOLLAR:
            message, self._at = _message(data, at)
            return message
        body = at + 4
        if body > end or (stop := body + (data[at + 2] << 8 | data[at + 3])) > end:
            return None
        self._at = stop
        return Interleaved(data[at + 1], data[body:stop])


def _message(data: bytes, at: int) -> tuple[Response | None, int]:
    """The message that begins there and where it ends; None, and where it begins, when it is not whole."""
    end = data.find(b"\r\n\r\n", at)
    if (len(data) if end < 0 else end) - at > MAX_RTSP_HEAD:
        raise SourceError("unsupported", "the headers of the device have no end")
    if end < 0:
        return None, at
    first, *lines = data[at:end].split(b"\r\n")
    known = _LINE.match(first)
    if known is None:
        raise SourceError("unsupported", "what answers there does not speak RTSP")
    pairs = (line.decode("latin-1").partition(":") for line in lines)
    headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
    told = next((value for name, value in headers if name == "content-length"), "0")
    length = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else -1
    if not 0 <= length <= MAX_RTSP_BODY:
        raise SourceError("unsupported", "the description of the device is too long")
    whole = end + 4 + length
    if len(data) < whole:
        return None, at
    return Response(int(known.group(1) or 0), headers, data[end + 4 : whole]), whole


class Session:
    """One conversation. Methods raise SourceError; `close` may be called from any thread."""

    def __init__(self, url: str, credentials: Credentials, trust: Trust, clock: Clock) -> None:
        """Connects. `url`: without user. Nothing answering is said within the five seconds of `REACH_SECONDS`."""
        parts = urlsplit(url)
        self._url, self._credentials, self._clock = url, credentials, clock
        self._encrypted = parts.scheme == "rtsps"
        port = parts.port or _PORTS[parts.scheme]
        self._reach = Deadline(clock, REACH_SECONDS)
        self._line: socket.socket = dial(
            parts.hostname or "", port, tls=self._encrypted, trust=trust, deadline=self._reach
        )
        self._reader = Reader()
        self._early: list[Interleaved] = []
        self._early_size = 0
        self._sequence = 0
        self._session = ""
        self._spoken = clock.monotonic()
        self._base = url
        self._channel = 0
        self._every = ALIVE_SECONDS
        self._pinging = "GET_PARAMETER"
        self.over = False
        """The server said BYE."""
        self.ahead: int | None = None
        """Microseconds that the Date of its answers is ahead of our clock; None: it says no Date."""

    def describe(self, deadline: Deadline) -> Track:
        """The video that it offers. Sound is never set up."""
        track = read_description(self.described({}, deadline))
        self._base = track.whole or self._base
        return track

    def described(self, headers: Mapping[str, str], deadline: Deadline) -> bytes:
        """Its description (SDP), asked with these headers."""
        asked = {"Accept": "application/sdp", **headers}
        answer = self._ask("DESCRIBE", self._url, asked, self._reach)
        self._reach = deadline
        answer = self._granted("DESCRIBE", self._url, asked, answer, deadline)
        self._base = answer.header("content-base") or answer.header("content-location") or self._url
        if not self._base.startswith(("rtsp:", "rtsps:")):
            self._base = self._url
        return answer.body

    def set_up(self, track: Track, headers: Mapping[str, str], deadline: Deadline) -> None:
        """Asks for the track on this very connection."""
        url = self._control(track.control)
        asked = {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1", **headers}
        answer = self._granted("SETUP", url, asked, self._ask("SETUP", url, asked, deadline), deadline)
        self._session, _, more = (part.strip() for part in answer.header("session").partition(";"))
        told = re.search(r"timeout=(\d{1,5})", more)
        self._every = min(ALIVE_SECONDS, max(ALIVE_LEAST, int(told.group(1)) / 2 if told else ALIVE_SECONDS))
        channel = re.search(r"interleaved=(\d{1,3})", answer.header("transport"))
        self._channel = int(channel.group(1)) if channel else 0

    def play(self, headers: Mapping[str, str], deadline: Deadline) -> Response:
        """Begins; the answer tells from when (`Range`), and at which RTP time (`RTP-Info`)."""
        url = self._base
        return self._granted("PLAY", url, headers, self._ask("PLAY", url, headers, deadline), deadline)

    def packets(self, patience: Callable[[], Deadline]) -> Iterator[bytes | None]:
        """RTP packets; None: RTCP or a message came. Ends when the recorder says BYE or closes the line.

        `patience`: asked before each wait, so that what is no picture prolongs nothing.
        """
        yield from self._came_early()
        while data := receive(self._line, 256 * 1024, patience()):
            for message in self._reader.receive_data(data):
                if isinstance(message, Interleaved) and message.channel == self._channel:
                    yield message.data
                elif isinstance(message, Interleaved) and _is_bye(message.data):
                    return
                else:
                    yield None
            self._keep_alive(patience())

    def handed(self) -> tuple[socket.socket, list[bytes]]:
        """The connection, which waits for nothing any more, and the packets that have come: whoever takes them asks
        `received` and `ping`, from one thread, until `close`."""
        self._line.setblocking(False)
        return self._line, self._came_early()

    def received(self, data: bytes, depacketiser: Depacketiser) -> list[Picture]:
        """The pictures that bytes which came complete. `over`: these were the last."""
        reader, channel, pictures = self._reader, self._channel, list[Picture]()
        reader.feed(data)
        while not self.over:
            reader.run(depacketiser.run, channel)
            message = reader.next()
            if message is None:
                break
            if isinstance(message, Response):
                if message.status:
                    self._answered(message)
            elif message.channel == channel:
                pictures += depacketiser.receive(message.data)
            else:
                self.over = _is_bye(message.data)
        return pictures

    def ping(self) -> bytes:
        """What is to be said now so that the session lives on; empty: nothing yet."""
        now = self._clock.monotonic()
        if now - self._spoken <= self._every:
            return b""
        self._spoken = now
        return self._written(self._pinging, self._base, {})

    def _keep_alive(self, deadline: Deadline) -> None:
        if ping := self.ping():
            send(self._line, ping, deadline)

    def put(self, packet: bytes, deadline: Deadline) -> None:
        """Sends one RTP packet on the track that was set up."""
        send(self._line, struct.pack(">cBH", b"$", self._channel, len(packet)) + packet, deadline)
        self._keep_alive(deadline)

    def skim(self, deadline: Deadline) -> None:
        """Reads what has come and keeps nothing of it, without waiting: who only sends must not let the line fill.

        Raises SourceError «ended» when the other side closed, ended the stream, or speaks no RTSP.
        """
        for _ in range(MAX_SKIMMED):
            try:
                self._line.settimeout(0.0)
                data = self._line.recv(64 * 1024)
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            except OSError as fault:
                raise SourceError("ended", f"the line was cut ({fault.strerror})") from None
            if not data:
                raise SourceError("ended", "the other side closed the line")
            for message in self._reader.receive_data(data):
                if isinstance(message, Interleaved) and _is_bye(message.data):
                    raise SourceError("ended", "the other side ended the stream")
            deadline.left()

    def close(self) -> None:
        """Ends, without waiting for an answer, nor for a line that takes nothing."""
        try:
            if self._session:
                self._line.setblocking(False)
                self._line.send(self._written("TEARDOWN", self._base, {}))
            self._line.shutdown(socket.SHUT_RDWR)
        except OSError:
            self._session = ""
        self._line.close()

    def _came_early(self) -> list[bytes]:
        early, self._early = self._early, []
        return [each.data for each in early if each.channel == self._channel]

    def _answered(self, answer: Response) -> None:
        """The answer to a ping: with a stale nonce it is said again, what is not known is said otherwise (RFC 2326 §10.8)."""
        if answer.status == 200:
            self._credentials.answered()
        elif answer.status == 401:
            challenges = [value for name, value in answer.headers if name == "www-authenticate"]
            if self._credentials.challenged(challenges, encrypted=self._encrypted):
                self._spoken = -math.inf
        else:
            self._pinging = "OPTIONS"

    def _granted(
        self, method: str, url: str, headers: Mapping[str, str], answer: Response, deadline: Deadline
    ) -> Response:
        """A good answer, after the challenge if there is one."""
        challenges = [value for name, value in answer.headers if name == "www-authenticate"]
        while answer.status == 401 and self._credentials.challenged(challenges, encrypted=self._encrypted):
            answer = self._ask(method, url, headers, deadline)
            challenges = [value for name, value in answer.headers if name == "www-authenticate"]
        if answer.status == 200:
            self._credentials.answered()
            return answer
        if answer.status in {401, 403}:
            raise SourceError("refused", "the device refuses this user or password")
        if answer.status in {416, 457}:
            raise SourceError("ended", "the recorder holds nothing of these hours")
        if answer.status == 461:
            raise NotReadError("the device does not send over the connection itself", by_udp=True)
        if 300 <= answer.status < 400:
            raise SourceError("unsupported", "the device sends us elsewhere: refused")
        raise SourceError("unsupported", f"the device answers {method} with {answer.status}")

    def _ask(self, method: str, url: str, headers: Mapping[str, str], deadline: Deadline) -> Response:
        before = self._clock.now()
        send(self._line, self._written(method, url, headers), deadline)
        self._spoken = self._clock.monotonic()
        wanted = str(self._sequence)
        for _ in range(MAX_STRAY):
            data = receive(self._line, 256 * 1024, deadline)
            if not data:
                raise SourceError("unreachable", "the device closed the line without an answer")
            found: Response | None = None
            for message in self._reader.receive_data(data):
                if isinstance(message, Interleaved):
                    self._keep_early(message)
                elif message.status and message.header("cseq") == wanted:
                    found = message
            if found is not None:
                middle = before + (self._clock.now() - before) / 2
                told = http_date(found.header("date"))
                if told is not None:
                    self.ahead = told - to_wall(middle)
                return found
        raise SourceError("unsupported", "the device speaks without answering")

    def _keep_early(self, packet: Interleaved) -> None:
        self._early.append(packet)
        self._early_size += len(packet.data)
        if self._early_size > MAX_EARLY:
            raise SourceError("unsupported", "the device sends pictures without answering")

    def _written(self, method: str, url: str, headers: Mapping[str, str]) -> bytes:
        self._sequence += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._sequence}", "User-Agent: Veilleur"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self._session:
            lines.append(f"Session: {self._session}")
        authorization = self._credentials.header(method, url)
        if authorization is not None:
            lines.append(f"Authorization: {authorization}")
        return "\r\n".join([*lines, "", ""]).encode("latin-1", errors="replace")

    def _control(self, control: str) -> str:
        """The URL of a track: absolute, «*», or behind the base (as every client appends it, queries included)."""
        if control.startswith(("rtsp://", "rtsps://")):
            return control
        if control in {"", "*"}:
            return self._base
        return self._base + ("" if self._base.endswith("/") else "/") + control


def _is_bye(data: bytes) -> bool:
    """Whether a compound RTCP packet ends the stream (RFC 3550 §6.6)."""
    while len(data) >= 4:
        if data[1] == 203:
            return True
        data = data[4 + 4 * int.from_bytes(data[2:4], "big") :]
    return False
