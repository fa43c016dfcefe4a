"""Bytes to requests and interleaved packets, whatever the chunks (RFC 2326 §4, §6 and §10.12).

Every decision depends on the bytes alone, never on how they were cut. What breaks the framing ends the connection:
after `Malformed` nothing more is read, since nobody can tell where the next request begins.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from veilleur.protocols.rtsp.limits import (
    INTERLEAVED_HEAD,
    MAX_BODY,
    MAX_HEAD,
    MAX_HEADERS,
    MAX_URL,
)

_DOLLAR = 0x24
_FILLER = b"\r\n"  # between requests; GStreamer and VLC send a CRLF too many after a body

# RFC 2326 §4: CRLF; a bare LF is tolerated, as HTTP servers do.
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_LINE = re.compile(rb"\r?\n")
_REQUEST = re.compile(r"([A-Z_]{1,32}) (\S+) RTSP/(\d)\.(\d)")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Header names are in lower case; of a header sent twice the last one counts."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def sequence(self) -> str | None:
        """CSeq, to be echoed as it came (RFC 2326 §12.17); None when it is missing or no number."""
        value = self.headers.get("cseq", "")
        return value if value.isascii() and value.isdigit() and len(value) <= 10 else None


@dataclass(frozen=True, slots=True)
class Interleaved:
    """A packet of a media channel, on the same connection: RTCP receiver reports, mostly."""

    channel: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Malformed:
    """The connection's last message: answer with `status`, then close."""

    status: int
    reason: str


class Reader:
    """Incremental reading of one connection. Holds at most a head and a body, or one interleaved packet."""

    def __init__(self) -> None:
        self._buffer = b""
        self._broken = False

    @property
    def buffered(self) -> int:
        """Bytes of an unfinished message; a server may close a connection that keeps some for too long."""
        return len(self._buffer)

    def receive_data(self, data: bytes) -> list[Request | Interleaved | Malformed]:
        """Take bytes as they came; return what they complete, in order."""
        if self._broken:
            return []
        self._buffer += data
        found: list[Request | Interleaved | Malformed] = []
        while not self._broken and (message := self._next()) is not None:
            found.append(message)
        return found

    def _next(self) -> Request | Interleaved | Malformed | None:
        self._buffer = self._buffer.lstrip(_FILLER)
        if not self._buffer:
            return None
        if self._buffer[0] == _DOLLAR:
            return self._interleaved()
        try:
            return self._request()
        except _BrokenError as fault:
            self._broken, self._buffer = True, b""
            return Malformed(fault.status, fault.reason)

    def _interleaved(self) -> Interleaved | None:
        if len(self._buffer) < INTERLEAVED_HEAD:
            return None
        end = INTERLEAVED_HEAD + int.from_bytes(self._buffer[2:INTERLEAVED_HEAD], "big")
        if len(self._buffer) < end:
            return None
        packet = Interleaved(self._buffer[1], self._buffer[INTERLEAVED_HEAD:end])
        self._buffer = self._buffer[end:]
        return packet

    def _request(self) -> Request | None:
        if not 0x41 <= self._buffer[0] <= 0x5A:
            raise _BrokenError(400, "noise where a request should begin")
        ending = _END_OF_HEAD.search(self._buffer)
        if (ending.end() if ending else len(self._buffer)) > MAX_HEAD:
            raise _BrokenError(400, "head too long")
        if ending is None:
            return None
        first, *lines = _LINE.split(self._buffer[: ending.start()])
        method, url = _request_line(first.decode("latin-1"))
        headers = _headers(lines)
        end = ending.end() + _length(headers.get("content-length", "0"))
        if len(self._buffer) < end:
            return None
        body, self._buffer = self._buffer[ending.end() : end], self._buffer[end:]
        return Request(method, url, headers, body)


class _BrokenError(Exception):
    """What was read is no request."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def _request_line(line: str) -> tuple[str, str]:
    """Method and URL."""
    match = _REQUEST.fullmatch(line)
    if match is None:
        raise _BrokenError(400, "no request line")
    method, url, major, minor = match.groups()
    if (major, minor) != ("1", "0"):
        raise _BrokenError(505, "only RTSP/1.0 is spoken here")
    if len(url) > MAX_URL:
        raise _BrokenError(414, "URL too long")
    return method, url


def _headers(lines: list[bytes]) -> dict[str, str]:
    if len(lines) > MAX_HEADERS:
        raise _BrokenError(400, "too many headers")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or _NAME.fullmatch(name.rstrip()) is None:
            raise _BrokenError(400, "bad header")
        headers[name.rstrip().lower()] = value.strip()
    return headers


def _length(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise _BrokenError(400, "bad Content-Length")
    if len(text) > 9 or int(text) > MAX_BODY:
        raise _BrokenError(413, "body too long")
    return int(text)
