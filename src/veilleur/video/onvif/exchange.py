"""One HTTP request and its answer, bounded in bytes and in whole time.

The usual clients bound each read, so a device that sends a byte a second holds a thread for hours: here the deadline
is the answer's. A device's own idea of its address is never followed to another host.
"""

from __future__ import annotations

import contextlib
import ipaddress
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import httptools

from veilleur.kernel.clock import Clock
from veilleur.video.model import SourceError, to_wall
from veilleur.video.onvif.challenge import Credentials
from veilleur.video.onvif.dialling import Deadline, Trust, dial, receive, send
from veilleur.video.onvif.limits import MAX_ANSWER, MAX_HEAD, MAX_REDIRECTS, MAX_URL

_PORTS = {"http": 80, "https": 443, "rtsp": 554, "rtsps": 322}
_READ = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back. Header names are in lower case. `ahead`: microseconds that its Date header is ahead of our clock."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    ahead: int | None = None

    def header(self, name: str) -> str:
        """The first header of that name, or empty."""
        return next((value for each, value in self.headers if each == name), "")

    def all(self, name: str) -> list[str]:
        """All headers of that name."""
        return [value for each, value in self.headers if each == name]


@dataclass(frozen=True)
class Request:
    """What is asked. `limit`: bytes of body accepted; `seconds`: from the connection to the last byte."""

    method: str
    url: str
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    limit: int = MAX_ANSWER
    seconds: float = 5.0


class Exchange:
    """Requests to one device. A connection each: cameras drop idle ones without a word."""

    def __init__(self, base: str, credentials: Credentials, trust: Trust, clock: Clock) -> None:
        self.base = base
        self.credentials = credentials
        self._trust = trust
        self._clock = clock

    def here(self, url: str) -> str:
        """A URL told by the device, at the host we reached. Raises SourceError «unsupported» when it is none.

        Devices tell the address they had in another network. Where the host differs, host and port become ours (for
        HTTP; RTSP is another daemon, and keeps its port). Relative URLs are the base's. A user inside is dropped.
        """
        try:
            parts = urlsplit(urljoin(self.base, url.strip()))
            ours = urlsplit(self.base)
            port, known = parts.port, parts.scheme in _PORTS
        except ValueError:
            known = False
        if not known or len(url) > MAX_URL or any(letter.isspace() for letter in url.strip()):
            raise SourceError("unsupported", "the device tells an address that is none")
        scheme = parts.scheme
        elsewhere = not _same_host(parts, ours)
        in_clear = (
            scheme == "http" and ours.scheme == "https"
        )  # many tell http even when they were asked by https
        if scheme in {"http", "https"} and (elsewhere or in_clear):
            scheme, port = ours.scheme, ours.port
        return urlunsplit((scheme, netloc(ours.hostname or "", port), parts.path, parts.query, ""))

    def ask(self, request: Request) -> Answer:
        """The answer, whatever its status; a challenge is answered once, a redirection on the host followed once."""
        credentials = self.credentials.copy()
        redirects = 0
        encrypted = request.url.startswith("https:")
        while True:
            answer = self._once(request, credentials)
            if answer.status in {301, 302, 307, 308}:
                redirects += 1
                request = replace(request, url=self._redirected(request.url, answer, redirects))
                encrypted = request.url.startswith("https:")
            elif answer.status != 401 or not credentials.challenged(
                answer.all("www-authenticate"), encrypted=encrypted
            ):
                return answer

    def _redirected(self, url: str, answer: Answer, redirects: int) -> str:
        target = urljoin(url, answer.header("location"))
        if redirects > MAX_REDIRECTS or not target.startswith(("http:", "https:")) or len(target) > MAX_URL:
            raise SourceError("unsupported", "the device sends us from address to address")
        try:
            if not _same_host(urlsplit(target), urlsplit(self.base)):
                raise SourceError("unsupported", "the device sends us to another host: refused")
        except ValueError:
            raise SourceError("unsupported", "the device sends us to an address that is none") from None
        return self.here(target)

    def _once(self, request: Request, credentials: Credentials) -> Answer:
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        deadline = Deadline(self._clock, request.seconds)
        tls = parts.scheme == "https"
        connected = dial(
            host, parts.port or _PORTS[parts.scheme], tls=tls, trust=self._trust, deadline=deadline
        )
        try:
            before = self._clock.now()
            authorization = credentials.header(request.method, _target(parts))
            send(connected, _written(request, parts, authorization), deadline)
            reading = _Reading(request.limit)
            while not reading.complete:
                reading.feed(receive(connected, _READ, deadline))
            # The device told its time between our two: the middle is the best guess, and its seconds are whole.
            asked = before + (self._clock.now() - before) / 2
        finally:
            connected.close()
        return reading.answer(to_wall(asked))


def _target(parts: SplitResult) -> str:
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def _written(request: Request, parts: SplitResult, authorization: str | None) -> bytes:
    lines = [
        f"{request.method} {_target(parts)} HTTP/1.1",
        f"Host: {netloc(parts.hostname or '', parts.port)}",
        "User-Agent: Veilleur",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    if request.body:
        lines += [f"Content-Type: {request.content_type}", f"Content-Length: {len(request.body)}"]
    if authorization is not None:
        lines.append(f"Authorization: {authorization}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", errors="replace") + request.body


class _Reading:
    """An answer being read."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._received = 0
        self._headers: list[tuple[str, str]] = []
        self._body = bytearray()
        self._in_body = False
        self._parser: Any = httptools.HttpResponseParser(self)
        self.complete = False

    def feed(self, data: bytes) -> None:
        """Takes bytes as they came; b"": the line was closed."""
        if not data:
            names = {name: value.lower() for name, value in self._headers}
            if (
                not self._in_body
                or "content-length" in names
                or "chunked" in names.get("transfer-encoding", "")
            ):
                raise SourceError("unreachable", "the device cut its answer short")
            self.complete = True
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            if not self.complete:
                raise SourceError("unsupported", "what answers there does not speak HTTP") from None
        if not self._in_body and self._received > MAX_HEAD:
            raise SourceError("unsupported", "the headers of the answer have no end")
        if len(self._body) > self._limit or self._received > self._limit + MAX_HEAD + self._limit // 4:
            raise SourceError("unsupported", f"the answer is larger than {self._limit} bytes: refused")

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser read a header."""
        self._headers.append((name.decode("latin-1").lower(), value.decode("latin-1").strip()))

    def on_headers_complete(self) -> None:
        """The parser read the last header."""
        self._in_body = True

    def on_body(self, data: bytes) -> None:
        """The parser read a part of the body."""
        self._body += data

    def on_message_complete(self) -> None:
        """The parser read the whole."""
        self.complete = True

    def answer(self, asked: int) -> Answer:
        """The whole answer; `asked`: our wall in the middle of the exchange."""
        headers = tuple(self._headers)
        said = next((value for name, value in headers if name == "content-encoding"), "identity")
        if said.lower() not in {"identity", ""}:
            raise SourceError("unsupported", "the device compresses what it was asked not to")
        told = http_date(next((value for name, value in headers if name == "date"), ""))
        ahead = None if told is None else told - asked
        return Answer(self._parser.get_status_code(), headers, bytes(self._body), ahead)


def http_date(text: str) -> int | None:
    """A Date header as wall µs, None when it is none. Its seconds are whole: on average half a second is missing."""
    try:
        return to_wall(parsedate_to_datetime(text[:60])) + 500_000
    except (ValueError, TypeError, OverflowError):
        return None


def netloc(host: str, port: int | None) -> str:
    """Host and port as a URL writes them."""
    with contextlib.suppress(ValueError):
        host = f"[{host}]" if ipaddress.ip_address(host).version == 6 else host
    return host if port is None else f"{host}:{port}"


def _same_host(one: SplitResult, other: SplitResult) -> bool:
    return (one.hostname or "").lower() == (other.hostname or "").lower()
