"""The server's side of one RTSP connection (RFC 2326), without a socket: bytes in, events and bytes out.

The states are a table (house rule 4): `init` → SETUP → `ready` ⇄ PLAY, PAUSE ⇄ `playing`; TEARDOWN returns to `init`.
A connection holds one session; a second stream takes a second connection, as recorders do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from veilleur.protocols.rtsp.auth import Credentials, admits, challenges
from veilleur.protocols.rtsp.limits import MAX_TRACKS, MAX_UNSENT
from veilleur.protocols.rtsp.reader import Interleaved, Malformed, Reader, Request
from veilleur.protocols.rtsp.sdp import Presentation, Track, describe
from veilleur.protocols.rtsp.transport import choose_channels

METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN"

#: What a client that wants to speak requires (ONVIF Streaming Specification §5.3).
BACKCHANNEL = "www.onvif.org/ver20/backchannel"

#: Seconds of silence after which a session may be ended (RFC 2326 §12.37); told to the client.
SESSION_TIMEOUT = 60

_REASONS = {
    200: "OK", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed",
    413: "Request Entity Too Large", 414: "Request-URI Too Large", 454: "Session Not Found",
    455: "Method Not Valid in This State", 457: "Invalid Range",
    459: "Aggregate Operation Not Allowed", 461: "Unsupported Transport",
    500: "Internal Server Error", 501: "Not Implemented", 505: "RTSP Version Not Supported",
    551: "Option not supported",
}  # fmt: skip


@dataclass(frozen=True)
class Offer:
    """What stands behind a path: a stream, and who may look (None: everybody). `speech`: a track one may speak on.

    `held`: of a recording, what it answers to a Range (RFC 2326 §12.29), None when it holds nothing of it.
    """

    presentation: Presentation
    credentials: Credentials | None = None
    held: Callable[[str], str | None] | None = None
    speech: Track | None = None

    def tracks(self, *, back: bool) -> list[Track]:
        """Its tracks; `back`: the client requires the one it speaks on."""
        return [*self.presentation.tracks, *([self.speech] if back and self.speech else [])]


@dataclass(frozen=True)
class SetUp:
    """A track was asked for."""

    path: str
    track: str


@dataclass(frozen=True)
class Playing:
    """Send packets from now on. `channels`: track name → channels of RTP and RTCP. `asked`: the Range, as it came."""

    path: str
    channels: Mapping[str, tuple[int, int]]
    asked: str = ""


@dataclass(frozen=True)
class Paused:
    """Send no more packets until the next `Playing`."""


@dataclass(frozen=True)
class Report:
    """A packet from the client on one of its channels: RTCP, or what it says on a speech track."""

    channel: int
    data: bytes


@dataclass(frozen=True)
class Closing:
    """Send what is to be sent, then close."""

    reason: str


Event = SetUp | Playing | Paused | Report | Closing


class Connection:
    """One connection. `offer(path)` tells what a path holds; `nonce` and `session` are unguessable texts of the caller."""

    def __init__(self, offer: Callable[[str], Offer | None], *, nonce: str, session: str) -> None:
        self._offer, self._nonce, self._session = offer, nonce, session
        self._reader = Reader()
        self._out: list[bytes] = []
        self._state: Literal["init", "ready", "playing"] = "init"
        self._path: str | None = None
        self._channels: dict[str, tuple[int, int]] = {}
        self._closing = False

    @property
    def buffered(self) -> int:
        """Bytes of a request that is not finished."""
        return self._reader.buffered

    def data_to_send(self) -> bytes:
        """Answers since the last call."""
        out, self._out = b"".join(self._out), []
        return out

    def receive_data(self, data: bytes) -> list[Event]:
        """Take bytes as they came; return what they ask of the server, and prepare the answers."""
        events: list[Event] = []
        for message in self._reader.receive_data(data):
            if self._closing:
                break
            match message:
                case Interleaved():
                    events.append(Report(message.channel, message.data))
                case Malformed():
                    self._answer(None, message.status)
                    self._end(events, message.reason)
                case Request():
                    self._request(message, events)
        return events

    def _request(self, request: Request, events: list[Event]) -> None:
        if request.sequence is None:
            self._answer(None, 400)
            self._end(events, "request without CSeq")
            return
        path, track = split_url(request.url)
        offer = self._offer(path)
        if request.method == "OPTIONS":
            self._answer(request, 200, {"Public": METHODS})
        elif request.method not in METHODS.split(", "):
            self._answer(request, 501)
        elif offer is None:
            self._answer(request, 404)
        elif not self._admitted(request, offer):
            return
        elif _speaks(request) and offer.speech is None:
            self._answer(request, 551, {"Unsupported": BACKCHANNEL})
        elif request.method == "DESCRIBE":
            told = Presentation(offer.presentation.title, offer.tracks(back=_speaks(request)))
            base = {"Content-Base": _base(request.url), "Content-Type": "application/sdp"}
            self._answer(request, 200, base, describe(told))
        elif request.method == "SETUP":
            self._set_up(request, path, track, offer, events)
        else:
            self._session_request(request, path, offer, events)
        if sum(map(len, self._out)) > MAX_UNSENT:
            self._end(events, "requests without reading the answers")

    def _admitted(self, request: Request, offer: Offer) -> bool:
        credentials = offer.credentials
        if credentials is None:
            return True
        given = request.headers.get("authorization")
        if admits(credentials, self._nonce, request.method, request.url, given):
            return True
        lines = [("WWW-Authenticate", value) for value in challenges(credentials, self._nonce)]
        self._answer(request, 401, lines)
        return False

    def _set_up(self, request: Request, path: str, track: str, offer: Offer, events: list[Event]) -> None:
        names = [each.name for each in offer.tracks(back=_speaks(request))]
        if not track and len(names) == 1:
            track = names[0]  # RFC 2326 C.1.1: one medium may be set up by the stream's own URL
        told = request.headers.get("session")
        if told is not None and told.partition(";")[0] != self._session:
            self._answer(request, 454)
        elif self._state == "playing" or self._path not in (None, path):
            self._answer(request, 455)
        elif track not in names:
            self._answer(request, 404 if track else 459)
        elif len(self._channels) >= MAX_TRACKS and track not in self._channels:
            self._answer(request, 400)
        else:
            used = {each for name, pair in self._channels.items() if name != track for each in pair}
            channels = choose_channels(request.headers.get("transport", ""), used)
            if channels is None:
                self._answer(request, 461)
                return
            self._state, self._path = "ready", path
            self._channels[track] = channels
            transport = f"RTP/AVP/TCP;unicast;interleaved={channels[0]}-{channels[1]}"
            self._answer(request, 200, {"Transport": transport, "Session": self._session_header()})
            events.append(SetUp(path, track))

    def _session_request(self, request: Request, path: str, offer: Offer, events: list[Event]) -> None:
        told = request.headers.get("session")
        keep_alive = request.method in ("GET_PARAMETER", "SET_PARAMETER")
        if told is None and keep_alive:
            self._answer(request, 200)  # RFC 2326 §10.8: a «ping», with or without a session
            return
        if told is None or told.partition(";")[0] != self._session or self._state == "init":
            self._answer(request, 454)
            return
        if path != self._path:
            self._answer(request, 455)
            return
        headers = {"Session": self._session_header()}
        if request.method == "PLAY":
            asked = request.headers.get("range", "")
            told = "npt=now-" if offer.held is None else offer.held(asked)
            if told is None:
                self._answer(request, 457, headers)
                return
            headers["Range"] = told
            if offer.held is not None:  # RTP's time counts from where the range begins
                headers["RTP-Info"] = f"url={request.url};rtptime=0"
            self._state = "playing"
            events.append(Playing(path, dict(self._channels), asked))
        elif request.method == "PAUSE":
            self._state = "ready"
            events.append(Paused())
        elif request.method == "TEARDOWN":
            self._state, self._path = "init", None
            self._channels.clear()
            events.append(Paused())
        self._answer(request, 200, headers)

    def _session_header(self) -> str:
        return f"{self._session};timeout={SESSION_TIMEOUT}"

    def _end(self, events: list[Event], reason: str) -> None:
        self._closing = True
        events.append(Closing(reason))

    def _answer(
        self,
        request: Request | None,
        status: int,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> None:
        pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
        lines = [f"RTSP/1.0 {status} {_REASONS[status]}"]
        if request is not None and request.sequence is not None:
            lines.append(f"CSeq: {request.sequence}")
        lines += [f"{name}: {value}" for name, value in pairs]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        self._out.append("".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1") + body)


def _speaks(request: Request) -> bool:
    """Whether the client requires a track to speak on (RFC 2326 §12.32)."""
    return BACKCHANNEL in request.headers.get("require", "")


def split_url(url: str) -> tuple[str, str]:
    """Path of the stream without its slashes, and the track (empty: the whole). Of a bad URL both are empty."""
    try:
        path = urlsplit(url).path.strip("/")
    except ValueError:
        return "", ""
    stream, slash, last = path.rpartition("/")
    return (stream, last) if slash and last.startswith("trackID=") else (path, "")


def _base(url: str) -> str:
    return url if url.endswith("/") else f"{url}/"
