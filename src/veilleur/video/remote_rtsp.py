"""An RTSP client (RFC 2326 over one TCP connection, interleaved): `Reader` reads bytes, `Session` converses.

For replay and for loudspeakers: PyAV cannot say `Range: clock=…`, `Require: onvif-replay`, nor send a track.
"""

from __future__ import annotations

import base64
import binascii
import re
import socket
import ssl
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from veilleur.kernel.clock import Clock
from veilleur.video.model import SourceError, to_wall
from veilleur.video.onvif.challenge import Credentials
from veilleur.video.onvif.dialling import Deadline, Trust, dial, receive, send
from veilleur.video.onvif.exchange import http_date
from veilleur.video.onvif.limits import REACH_SECONDS
from veilleur.video.remote_limits import (
    ALIVE_SECONDS,
    MAX_EARLY,
    MAX_RTSP_BODY,
    MAX_RTSP_HEAD,
    MAX_SETS,
    MAX_SKIMMED,
    MAX_STRAY,
)

_PORTS = {"rtsp": 554, "rtsps": 322}
_CODECS = {"H264": "h264", "H265": "hevc"}
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


@dataclass(frozen=True)
class Interleaved:
    """A packet on a channel (RFC 2326 §10.12)."""

    channel: int
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Track:
    """The video of a description. `sets`: its parameter sets, without start codes."""

    control: str
    codec: str
    payload_type: int
    rate: int
    fps: float
    sets: tuple[bytes, ...]


class Reader:
    """Incremental reading of one connection: bytes in, messages out. Raises SourceError for what is no RTSP."""

    def __init__(self) -> None:
        self._buffer = b""
        self._at = 0

    def receive_data(self, data: bytes) -> list[Response | Interleaved]:
        """Takes bytes as they came; what they complete, in order."""
        self._buffer, self._at = self._buffer[self._at :] + data, 0
        found: list[Response | Interleaved] = []
        while (message := self._next()) is not None:
            found.append(message)
        return found

    def _next(self) -> Response | Interleaved | None:
        while self._buffer[self._at : self._at + 1] in {b"\r", b"\n"}:
            self._at += 1
        if self._buffer[self._at : self._at + 1] != b"$":
            return self._message() if self._at < len(self._buffer) else None
        start = self._at + 4
        end = start + int.from_bytes(self._buffer[self._at + 2 : start], "big")
        if len(self._buffer) < start or len(self._buffer) < end:
            return None
        channel, self._at = self._buffer[self._at + 1], end
        return Interleaved(channel, self._buffer[start:end])

    def _message(self) -> Response | None:
        end = self._buffer.find(b"\r\n\r\n", self._at)
        if (len(self._buffer) if end < 0 else end) - self._at > MAX_RTSP_HEAD:
            raise SourceError("unsupported", "the headers of the recorder have no end")
        if end < 0:
            return None
        first, *lines = self._buffer[self._at : end].split(b"\r\n")
        known = _LINE.match(first)
        if known is None:
            raise SourceError("unsupported", "what answers there does not speak RTSP")
        pairs = (line.decode("latin-1").partition(":") for line in lines)
        headers = tuple((name.strip().lower(), value.strip()) for name, _, value in pairs)
        told = next((value for name, value in headers if name == "content-length"), "0")
        length = int(told) if told.isascii() and told.isdigit() and len(told) < 8 else -1
        if not 0 <= length <= MAX_RTSP_BODY:
            raise SourceError("unsupported", "the recorder's description is too long")
        whole = end + 4 + length
        if len(self._buffer) < whole:
            return None
        self._at = whole
        return Response(int(known.group(1) or 0), headers, self._buffer[end + 4 : whole])


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
        self.ahead: int | None = None
        """Microseconds that the Date of its answers is ahead of our clock; None: it says no Date."""

    def describe(self, deadline: Deadline) -> Track:
        """The video that it offers. Sound is never set up."""
        return read_description(self.described({}, deadline))

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
        self._session = answer.header("session").partition(";")[0].strip()
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
        for each in self._early:
            yield each.data if each.channel == self._channel else None
        self._early = []
        while data := receive(self._line, 256 * 1024, patience()):
            for message in self._reader.receive_data(data):
                if isinstance(message, Interleaved) and message.channel == self._channel:
                    yield message.data
                elif isinstance(message, Interleaved) and _is_bye(message.data):
                    return
                else:
                    yield None
            self._keep_alive(patience())

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
        """Ends, without waiting for an answer."""
        try:
            if self._session:
                self._line.settimeout(0.2)
                self._line.sendall(self._written("TEARDOWN", self._base, {}))
            self._line.shutdown(socket.SHUT_RDWR)
        except OSError:
            self._session = ""
        self._line.close()

    def _keep_alive(self, deadline: Deadline) -> None:
        if self._clock.monotonic() - self._spoken > ALIVE_SECONDS:
            self._spoken = self._clock.monotonic()
            send(self._line, self._written("OPTIONS", self._base, {}), deadline)

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
            raise SourceError("refused", "the recorder refuses this user or password")
        if answer.status in {416, 457}:
            raise SourceError("ended", "the recorder holds nothing of these hours")
        if 300 <= answer.status < 400:
            raise SourceError("unsupported", "the recorder sends us elsewhere: refused")
        raise SourceError("unsupported", f"the recorder answers {method} with {answer.status}")

    def _ask(self, method: str, url: str, headers: Mapping[str, str], deadline: Deadline) -> Response:
        before = self._clock.now()
        send(self._line, self._written(method, url, headers), deadline)
        self._spoken = self._clock.monotonic()
        wanted = str(self._sequence)
        for _ in range(MAX_STRAY):
            data = receive(self._line, 256 * 1024, deadline)
            if not data:
                raise SourceError("unreachable", "the recorder closed the line without an answer")
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
        raise SourceError("unsupported", "the recorder speaks without answering")

    def _keep_early(self, packet: Interleaved) -> None:
        self._early.append(packet)
        self._early_size += len(packet.data)
        if self._early_size > MAX_EARLY:
            raise SourceError("unsupported", "the recorder sends pictures without answering")

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


def read_description(body: bytes) -> Track:
    """The first video of an SDP (RFC 4566) that we can read; SourceError «unsupported» when there is none."""
    wanted: dict[str, str] = {}
    offered = "none"
    for line in body.decode("utf-8", errors="replace").splitlines():
        name, _, value = line.strip().partition("=")
        if name == "m":
            if wanted.get("codec"):
                break
            media = value.split()
            video = len(media) >= 4 and media[0] == "video" and media[3].isdigit()
            wanted = {"type": media[3]} if video else {}
        elif name == "a" and wanted:
            key, _, rest = value.partition(":")
            if key == "rtpmap" and (mapped := re.match(r"(\d{1,3}) ([\w.\-]{1,30})/(\d{1,9})", rest)):
                offered = mapped.group(2)
                if mapped.group(2).upper() in _CODECS and mapped.group(1) == wanted["type"]:
                    wanted |= {"codec": _CODECS[mapped.group(2).upper()], "rate": mapped.group(3)}
            elif key in {"fmtp", "control", "framerate"}:
                wanted[key] = rest.strip()
    if not wanted.get("codec") or int(wanted["rate"]) == 0:
        raise SourceError("unsupported", f"the recorder offers no H.264 nor H.265 (but {offered})")
    fps = re.match(r"\d{1,3}(\.\d{1,3})?", wanted.get("framerate", ""))
    return Track(
        wanted.get("control", ""),
        wanted["codec"],
        int(wanted["type"]),
        int(wanted["rate"]),
        float(fps.group()) if fps else 0.0,
        _sets(wanted.get("fmtp", "")),
    )


def _sets(fmtp: str) -> tuple[bytes, ...]:
    """Parameter sets of a format line (RFC 6184 §8.1, RFC 7798 §7.1)."""
    found = []
    for each in re.findall(r"sprop-(?:parameter-sets|vps|sps|pps)=([A-Za-z0-9+/=,]{1,8000})", fmtp):
        for coded in each.split(",")[:MAX_SETS]:
            try:
                found.append(base64.b64decode(coded + "=" * (-len(coded) % 4)))
            except (binascii.Error, ValueError):
                continue
    return tuple(each for each in found if each)[:MAX_SETS]


def _is_bye(data: bytes) -> bool:
    """Whether a compound RTCP packet ends the stream (RFC 3550 §6.6)."""
    while len(data) >= 4:
        if data[1] == 203:
            return True
        data = data[4 + 4 * int.from_bytes(data[2:4], "big") :]
    return False
