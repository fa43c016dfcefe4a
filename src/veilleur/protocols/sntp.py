"""SNTP version 4, the client's side (RFC 4330, RFC 5905): one request, one reply, our offset. Sans-IO."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

#: NTP's era 0 begins in 1900; era 1 on 7 February 2036: times are read in the era nearest to ours (RFC 4330 §3).
_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_ERA = 2**32

SIZE = 48
"""Bytes of a packet without extensions."""

_PACKET = struct.Struct("!BBbb11I")
_CLIENT, _SERVER = 3, 4
_UNSYNCHRONISED = 3


class BadTimeReplyError(ValueError):
    """The datagram is no answer to our request, or its server does not know the time itself."""


def request(sent: datetime) -> bytes:
    """What is sent at an instant (aware)."""
    seconds, fraction = _stamp(sent)
    return _PACKET.pack(4 << 3 | _CLIENT, 0, 0, 0, *([0] * 9), seconds, fraction)


def offset(reply: bytes, asked: bytes, sent: datetime, received: datetime) -> timedelta:
    """The server's time minus ours, from its reply and our two instants (RFC 4330 §5). Raises BadTimeReplyError."""
    if len(reply) < SIZE:
        raise BadTimeReplyError(f"{len(reply)} bytes")
    head, stratum, *_, t1s, t1f, t2s, t2f, t3s, t3f = _PACKET.unpack(reply[:SIZE])
    if head & 7 != _SERVER or head >> 6 == _UNSYNCHRONISED or not 1 <= stratum <= 15:
        raise BadTimeReplyError("the server is not synchronised")
    if struct.pack("!II", t1s, t1f) != asked[40:48] or (t3s, t3f) == (0, 0):
        raise BadTimeReplyError("not the answer to our request")
    there = _instant(t2s, t2f, received), _instant(t3s, t3f, received)
    return ((there[0] - sent) + (there[1] - received)) / 2


def _stamp(at: datetime) -> tuple[int, int]:
    passed = at - _EPOCH
    seconds = passed.days * 86_400 + passed.seconds
    return seconds % _ERA, passed.microseconds * _ERA // 1_000_000


def _instant(seconds: int, fraction: int, near: datetime) -> datetime:
    found = _EPOCH + timedelta(seconds=seconds, microseconds=fraction * 1_000_000 / _ERA)
    era = timedelta(seconds=_ERA)
    while near - found > era / 2:
        found += era
    return found
