"""RTP packets (RFC 3550 §5) and RTCP sender reports (§6.4.1). Times are given by the caller, never read."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_NAME = b"camera"


class Sender:
    """One source of one track: counts its packets and bytes. Sequence numbers and timestamps wrap as they must."""

    def __init__(self, *, payload_type: int, ssrc: int, sequence: int = 0) -> None:
        self._payload_type, self._ssrc, self._sequence = payload_type, ssrc & 0xFFFFFFFF, sequence & 0xFFFF
        self._packets, self._octets, self._timestamp = 0, 0, 0

    def packets(self, payloads: Iterable[bytes], timestamp: int, *, mark_last: bool = True) -> list[bytes]:
        """Payloads of one instant as packets; the last one carries the marker (RFC 6184 §5.1: end of the picture)."""
        parts = list(payloads)
        self._timestamp = timestamp & 0xFFFFFFFF
        made = []
        for number, part in enumerate(parts, 1):
            marker = 0x80 if mark_last and number == len(parts) else 0
            head = struct.pack(
                ">BBHII", 0x80, marker | self._payload_type, self._sequence, self._timestamp, self._ssrc
            )
            made.append(head + part)
            self._sequence = (self._sequence + 1) & 0xFFFF
            self._octets = (self._octets + len(part)) & 0xFFFFFFFF
        self._packets = (self._packets + len(parts)) & 0xFFFFFFFF
        return made

    def report(self, now: datetime, timestamp: int | None = None) -> bytes:
        """A sender report with its CNAME: `now` is the source's own wall clock at `timestamp` (that of the last packet)."""
        shown = self._timestamp if timestamp is None else timestamp & 0xFFFFFFFF
        seconds, fraction = ntp(now)
        body = struct.pack(">IIIIII", self._ssrc, seconds, fraction, shown, self._packets, self._octets)
        item = bytes((1, len(_NAME))) + _NAME
        item += bytes(4 - len(item) % 4)
        name = struct.pack(">BBHI", 0x81, 202, 1 + len(item) // 4, self._ssrc) + item
        return struct.pack(">BBH", 0x80, 200, 6) + body + name

    def bye(self) -> bytes:
        """The source ends (RFC 3550 §6.6)."""
        return struct.pack(">BBHI", 0x81, 203, 1, self._ssrc)


def ntp(now: datetime) -> tuple[int, int]:
    """An aware datetime as NTP seconds (of the era, modulo 2^32) and fraction."""
    elapsed = now - _NTP_EPOCH
    seconds, rest = divmod(elapsed, timedelta(seconds=1))
    return seconds & 0xFFFFFFFF, (rest // timedelta(microseconds=1) << 32) // 1_000_000


def interleave(channel: int, packet: bytes) -> bytes:
    """A packet as it goes over the RTSP connection (RFC 2326 §10.12)."""
    return struct.pack(">cBH", b"$", channel, len(packet)) + packet
