"""RTP packets to pictures, each as soon as its last packet says so (the marker), with the hour of ONVIF's replay extension.

Takes packets, gives pictures; reads no socket and no clock. Live cameras and replays alike.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from veilleur.video.model import SourceError
from veilleur.video.payloads import START, NalUnits, Obus, Payloads
from veilleur.video.remote_limits import MAX_PICTURE, MAX_PIECES

__all__ = ["NTP_EPOCH", "START", "Depacketiser", "Picture"]

NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970."""
REPLAY_EXTENSION = 0xABAC
"""ONVIF Streaming §6.3: NTP hour of the picture, then C (clean point), E (end of section), D (discontinuity)."""
_HEAD = struct.Struct(">BBHI")  # RFC 3550 §5.1: V P X CC, M PT, sequence number, timestamp; then the source
_INTERLEAVED = struct.Struct(">HHHHI")  # «$» and a channel, the packet's length; then as above
DOLLAR = 0x24  # RFC 2326 §10.12
_PLAIN = 0x80  # version 2, no padding, no extension, no contributors


class Picture(NamedTuple):
    """One access unit. `stamp`: RTP time; `hour`: the recorder's wall µs, None when the packet does not say. `units`: the
    lengths of its NAL units, each behind a start code of four bytes; of other codecs none."""

    stamp: int
    hour: int | None
    keyframe: bool
    data: bytes
    units: tuple[int, ...] = ()


class Depacketiser:
    """Pictures of one stream. `lost`: packets that never came; a picture that misses one is left out, and counted.

    A marker ends a picture, and so does another timestamp. Cameras that mark each slice are found out at the first slice
    that does not begin a picture: from then on the timestamp alone decides.
    """

    def __init__(self, codec: str, payload_type: int) -> None:
        self._type = payload_type
        self._payloads: Payloads = Obus() if codec == "av1" else NalUnits(codec)
        self._stamp = 0
        self._size = 0
        self._hour: int | None = None
        self._next: int | None = None
        self._ended: int | None = None  # timestamp of the picture that a marker ended
        self._marked = True
        self.lost = 0
        self.left_out = 0

    def run(self, data: bytes, at: int, channel: int) -> int:
        """Takes whole packets of a channel, interleaved as RTSP has them, from `at`, as long as each is but the next fragment
        of the unit that is open; where that ends. Nearly all are, and such a one costs a glance here."""
        payloads = self._payloads
        middle = payloads.middle
        if not middle:
            return at
        end, append, sequence = len(data), payloads.append, self._next
        lead, form, stamp = DOLLAR << 8 | channel, _PLAIN << 8 | self._type, self._stamp
        skip, begun = 16 + len(middle), at
        while at + skip < end:
            begins, size, first, number, when = _INTERLEAVED.unpack_from(data, at)
            stop = at + 4 + size
            if number != sequence or first != form or when != stamp or begins != lead or stop > end:
                break
            if size <= skip - 4 or not data.startswith(middle, at + 16):
                break
            append(data[at + skip : stop])
            at, sequence = stop, number + 1 & 0xFFFF
        self._next = sequence
        self._grown(at - begun)
        return at

    def receive(self, data: bytes) -> list[Picture]:
        """Takes a packet; the pictures that it completes. What is no RTP of this stream is ignored."""
        at, end = 12, len(data)
        if end <= at:
            return []
        first, second, sequence, stamp = _HEAD.unpack_from(data)
        if second & 0x7F != self._type:
            return []
        hour = None
        if first != _PLAIN:
            at, end, hour = _behind(data, first)
            if at >= end:
                return []
        payloads, pictures = self._payloads, []
        missed = self._next is not None and sequence != self._next
        if missed:
            self.lost += (sequence - (self._next or 0)) & 0xFFFF
            payloads.whole = False
        self._next = sequence + 1 & 0xFFFF
        if stamp != self._stamp and payloads.coded:
            pictures += self._finished()
            payloads.whole = not missed  # what is missing may be this one's begin as well
        self._stamp = stamp
        self._hour = hour if hour is not None else self._hour
        payloads.take(data, at, end)
        self._grown(end - at)
        if second & 0x80 and payloads.coded:
            if payloads.continued and stamp == self._ended and payloads.whole:
                self._marked = False
            if self._marked:
                pictures += self._finished()
                self._ended = stamp
        return pictures

    def flush(self) -> list[Picture]:
        """The last picture, when its stream ended without a marker."""
        return self._finished() if self._payloads.coded else []

    def _grown(self, more: int) -> None:
        self._size += more
        if self._size > MAX_PICTURE or self._payloads.pieces > MAX_PIECES:
            raise SourceError(
                "unsupported", f"a picture larger than {MAX_PICTURE} bytes, or in too many pieces"
            )

    def _finished(self) -> list[Picture]:
        payloads, hour = self._payloads, self._hour
        whole, key = payloads.whole and not payloads.unfinished, payloads.key
        data, units = payloads.done()
        self._size, self._hour = 0, None
        if not whole:
            self.left_out += 1
            return []
        return [Picture(self._stamp, hour, key, data, units)]


def _behind(data: bytes, first: int) -> tuple[int, int, int | None]:
    """Where the payload is behind contributors and an extension, and before the padding (0, 0: nowhere); the hour told."""
    at, hour = 12 + 4 * (first & 15), None
    if first >> 6 != 2:
        return 0, 0, None
    if first & 0x10:
        if len(data) < at + 4:
            return 0, 0, None
        profile, words = struct.unpack_from(">HH", data, at)
        if profile == REPLAY_EXTENSION and words >= 3 and len(data) >= at + 16:
            seconds, fraction = struct.unpack_from(">II", data, at + 4)
            hour = (seconds - NTP_EPOCH) * 1_000_000 + (fraction * 1_000_000 + 2**31) // 2**32
        at += 4 + 4 * words
    return at, len(data) - (data[-1] if first & 0x20 else 0), hour
