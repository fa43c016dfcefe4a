"""RTP packets to pictures: H.264 (RFC 6184) and H.265 (RFC 7798), with the hour of ONVIF's replay extension.

Takes packets, gives pictures; reads no socket and no clock.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from veilleur.video.model import SourceError
from veilleur.video.remote_limits import MAX_PICTURE, MAX_UNITS

NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970."""
REPLAY_EXTENSION = 0xABAC
"""ONVIF Streaming §6.3: NTP hour of the picture, then C (clean point), E (end of section), D (discontinuity)."""
START = b"\x00\x00\x00\x01"


@dataclass(frozen=True)
class Picture:
    """One access unit. `stamp`: RTP time; `hour`: the recorder's wall µs, None when the packet does not say."""

    stamp: int
    hour: int | None
    keyframe: bool
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class _Packet:
    sequence: int
    stamp: int
    marker: bool
    hour: int | None
    payload: bytes


class Depacketiser:
    """Pictures of one stream. `lost`: packets that never came; a picture that misses one is left out, and counted."""

    def __init__(self, codec: str, payload_type: int) -> None:
        self._codec, self._payload_type = codec, payload_type
        self._units: list[bytes] = []
        self._size = 0
        self._stamp = 0
        self._hour: int | None = None
        self._fragment: bytearray | None = None
        self._broken = False
        self._next: int | None = None
        self.lost = 0
        self.left_out = 0

    def receive(self, data: bytes) -> list[Picture]:
        """Takes a packet; the pictures that it completes. What is no RTP of this stream is ignored."""
        packet = _read(data, self._payload_type)
        if packet is None or not packet.payload:
            return []
        pictures = []
        if self._next is not None and packet.sequence != self._next:
            self.lost += (packet.sequence - self._next) & 0xFFFF
            self._broken = True
        self._next = packet.sequence + 1 & 0xFFFF
        if self._units and packet.stamp != self._stamp:
            pictures += self._finished()
        self._stamp = packet.stamp
        self._hour = packet.hour if packet.hour is not None else self._hour
        self._take(packet.payload)
        if packet.marker:
            pictures += self._finished()
        return pictures

    def flush(self) -> list[Picture]:
        """The last picture, when its stream ended without a marker."""
        return self._finished()

    def _take(self, payload: bytes) -> None:
        if self._codec == "h264":
            kind = payload[0] & 0x1F
            aggregated, fragmented, header = kind == 24, kind == 28, 1
        else:
            kind = payload[0] >> 1 & 0x3F
            aggregated, fragmented, header = kind == 48, kind == 49, 2
        if aggregated:
            self._aggregate(payload[header:])
        elif fragmented and len(payload) > header + 1:
            self._piece(payload, header)
        elif len(payload) > header:
            self._unit(payload)

    def _aggregate(self, rest: bytes) -> None:
        while len(rest) > 2:
            length = int.from_bytes(rest[:2], "big")
            if length == 0 or length > len(rest) - 2:
                self._broken = True
                return
            self._unit(rest[2 : 2 + length])
            rest = rest[2 + length :]

    def _piece(self, payload: bytes, header: int) -> None:
        """A fragment of a unit (FU-A; FU): its first byte after the header says start, end and type."""
        flags = payload[header]
        if flags & 0x80:
            if header == 1:
                first = bytes([payload[0] & 0xE0 | flags & 0x1F])
            else:
                first = bytes([payload[0] & 0x81 | (flags & 0x3F) << 1, payload[1]])
            self._fragment = bytearray(first)
        if self._fragment is None:
            self._broken = True
            return
        self._fragment += payload[header + 1 :]
        self._bound(len(self._fragment))
        if flags & 0x40:
            whole, self._fragment = bytes(self._fragment), None
            self._unit(whole)

    def _unit(self, unit: bytes) -> None:
        self._bound(len(unit))
        self._size += len(unit)
        self._units.append(unit)
        if len(self._units) > MAX_UNITS:
            raise SourceError("unsupported", "the recorder sends a picture in too many pieces")

    def _bound(self, more: int) -> None:
        if self._size + more > MAX_PICTURE:
            raise SourceError("unsupported", f"the recorder sends a picture larger than {MAX_PICTURE} bytes")

    def _finished(self) -> list[Picture]:
        units, hour = self._units, self._hour
        broken = self._broken or self._fragment is not None
        self._units, self._size, self._hour, self._fragment, self._broken = [], 0, None, None, False
        if not units:
            return []
        if broken:
            self.left_out += 1
            return []
        key = any(_is_key(self._codec, unit) for unit in units)
        return [Picture(self._stamp, hour, key, b"".join(START + unit for unit in units))]


def _is_key(codec: str, unit: bytes) -> bool:
    """IDR (H.264 type 5); IRAP (H.265 types 16 to 21)."""
    return unit[0] & 0x1F == 5 if codec == "h264" else 16 <= unit[0] >> 1 & 0x3F <= 21


def _read(data: bytes, payload_type: int) -> _Packet | None:
    """A packet of the stream, None when it is another's or no RTP (RFC 3550 §5.1)."""
    if len(data) < 12 or data[0] >> 6 != 2 or data[1] & 0x7F != payload_type:
        return None
    sequence, stamp = struct.unpack_from(">HI", data, 2)
    at = 12 + 4 * (data[0] & 15)
    hour = None
    if data[0] & 0x10:
        if len(data) < at + 4:
            return None
        profile, words = struct.unpack_from(">HH", data, at)
        if profile == REPLAY_EXTENSION and words >= 3 and len(data) >= at + 16:
            seconds, fraction = struct.unpack_from(">II", data, at + 4)
            hour = (seconds - NTP_EPOCH) * 1_000_000 + (fraction * 1_000_000 + 2**31) // 2**32
        at += 4 + 4 * words
    end = len(data) - (data[-1] if data[0] & 0x20 else 0)
    return _Packet(sequence, stamp, bool(data[1] & 0x80), hour, data[at:end])
