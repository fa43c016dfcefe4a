"""RTP payloads to access units: H.264 (RFC 6184), H.265 (RFC 7798), AV1 (RTP payload format for AV1, 1.0).

A packet costs one slice here, and the picture one `join`: a camera sends some 400 packets a second. Everything is bounded
by `Depacketiser` (remote_rtp.py), which says where packets are missing and where a picture ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

START = b"\x00\x00\x00\x01"
_TYPES = [bytes((each,)) for each in range(256)]
_RECOVERY_POINT = 6  # H.264 D.1.8, payload type of an SEI message
_SEQUENCE_HEADER, _DELIMITER, _FRAME_HEADER, _TILES, _FRAME = 1, 2, 3, 4, 6  # AV1 6.2.2, obu_type
_MAX_LEB = 5  # bytes; more is over 32 bits


class Payloads(Protocol):
    """What builds the access units of one codec.

    `coded`: a part of a picture has come, not only what stands before it. `continued`: its first part is not the picture's
    first. `key`: it may begin a film. `whole`: nothing of it is missing. `middle`: how the payload of a packet begins that is
    but the next fragment of the open unit, to be given to `append` without it; empty: none is open.
    """

    coded: bool
    continued: bool
    key: bool
    whole: bool
    middle: bytes
    append: Callable[[bytes], None]

    @property
    def pieces(self) -> int:
        """How many are held."""

    @property
    def unfinished(self) -> bool:
        """Whether the end of a unit is still to come."""

    def take(self, data: bytes, at: int, end: int) -> None:
        """The payload of the next packet: `data[at:end]`, not empty."""

    def done(self) -> tuple[bytes, tuple[int, ...]]:
        """The access unit and the lengths of its NAL units; the next one begins."""


class NalUnits:
    """H.264 and H.265: single units, aggregated ones (STAP-A, AP), fragments (FU-A, FU); Annex B comes out."""

    def __init__(self, codec: str) -> None:
        self._avc = codec == "h264"
        self._header = 1 if self._avc else 2
        self._together, self._piece = (24, 28) if self._avc else (48, 49)
        self._clear()

    def _clear(self) -> None:
        self._parts: list[bytes] = []
        self._starts: list[int] = []  # in them
        self.append = self._parts.append
        self.coded = self.continued = self.key = False
        self.whole, self.middle = True, b""

    @property
    def pieces(self) -> int:
        """See `Payloads`."""
        return len(self._parts)

    @property
    def unfinished(self) -> bool:
        """See `Payloads`."""
        return bool(self.middle)

    def done(self) -> tuple[bytes, tuple[int, ...]]:
        """See `Payloads`."""
        parts, starts = self._parts, self._starts
        ends = [*starts[1:], len(parts)]
        units = tuple([sum(map(len, parts[a + 1 : b])) for a, b in zip(starts, ends, strict=True)])
        self._clear()
        return b"".join(parts), units

    def take(self, data: bytes, at: int, end: int) -> None:
        """See `Payloads`."""
        kind = data[at] & 0x1F if self._avc else data[at] >> 1 & 0x3F
        if kind == self._piece:
            self._fragment(data, at, end)
        elif self.middle:  # the end of a fragmented unit never came
            self.whole, self.middle = False, b""
        elif kind == self._together:
            self._aggregate(data, at + self._header, end)
        elif end - at > self._header:
            self._unit(kind, data[at:end])

    def _fragment(self, data: bytes, at: int, end: int) -> None:
        """Its first byte after the header says start, end and type."""
        flags_at = at + self._header
        body = flags_at + 1
        if end <= body:
            return
        flags = data[flags_at]
        if flags & 0x80:
            self.whole = self.whole and not self.middle
            self._starts.append(len(self._parts))
            if self._avc:
                kind = flags & 0x1F
                self._parts += (START, _TYPES[data[at] & 0xE0 | kind])
            else:
                kind = flags & 0x3F
                self._parts += (START, bytes((data[at] & 0x81 | kind << 1, data[at + 1])))
            self._begins(kind, data[body])
            self.middle = data[at:flags_at] + _TYPES[flags & 0x3F]
        elif not self.middle:
            self.whole = False
            return
        self._parts.append(data[body:end])
        if flags & 0x40:
            self.middle = b""

    def _aggregate(self, data: bytes, at: int, end: int) -> None:
        while at + 2 < end:
            begin = at + 2
            at = begin + (data[at] << 8 | data[at + 1])
            if at > end or at - begin <= self._header:
                self.whole = False
                return
            unit = data[begin:at]
            self._unit(unit[0] & 0x1F if self._avc else unit[0] >> 1 & 0x3F, unit)

    def _unit(self, kind: int, unit: bytes) -> None:
        self._starts.append(len(self._parts))
        self._parts += (START, unit)
        self._begins(kind, unit[self._header])
        if kind == 6 and self._avc and _recovers(unit):
            self.key = True

    def _begins(self, kind: int, first: int) -> None:
        """A unit of this type begins; `first`: the byte after its header, which tells the first slice of a picture."""
        picture, key = (1 <= kind <= 5, kind == 5) if self._avc else (kind < 32, 16 <= kind <= 21)
        if picture:
            if not self.coded:
                self.coded, self.continued = True, not first & 0x80
            self.key = self.key or key


def _recovers(sei: bytes) -> bool:
    """Whether these messages tell a recovery point: cameras that send no IDR begin there (H.264 7.3.2.3.1)."""
    at = 1
    while at + 2 < len(sei):
        kind = size = 0
        while at < len(sei) and sei[at] == 255:
            kind, at = kind + 255, at + 1
        kind, at = kind + (sei[at] if at < len(sei) else 0), at + 1
        while at < len(sei) and sei[at] == 255:
            size, at = size + 255, at + 1
        size, at = size + (sei[at] if at < len(sei) else 0), at + 1
        if kind == _RECOVERY_POINT:
            return True
        at += size
    return False


class Obus:
    """AV1: elements of units behind an aggregation header; units with their size come out, without temporal delimiters."""

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self._parts: list[bytes] = []
        self._piece: list[bytes] = []
        self.append = self._piece.append
        self.coded = self.continued = self.key = self._sequence = False
        self.whole, self.middle = True, b""

    @property
    def pieces(self) -> int:
        """See `Payloads`."""
        return len(self._parts) + len(self._piece)

    @property
    def unfinished(self) -> bool:
        """See `Payloads`."""
        return bool(self._piece)

    def done(self) -> tuple[bytes, tuple[int, ...]]:
        """See `Payloads`."""
        data = b"".join(self._parts)
        self._clear()
        return data, ()

    def take(self, data: bytes, at: int, end: int) -> None:
        """See `Payloads`. Aggregation header (4.4): Z, Y: the first, the last element is a fragment; W: how many; N."""
        header, at = data[at], at + 1
        left = header >> 4 & 3
        if bool(header & 0x80) != bool(self._piece):
            self.whole, self._piece = False, []
        while at < end:
            left -= 1
            size = end - at
            if left != 0:
                size, at = _leb(data, at, end)
            if size < 0 or at + size > end:
                self.whole = False
                return
            self._piece.append(data[at : at + size])
            at += size
            if at < end or not header & 0x40:
                self._unit(b"".join(self._piece))
                self._piece = []

    def _unit(self, unit: bytes) -> None:
        """A whole unit; with its size when it came without."""
        head = 2 if unit and unit[0] & 4 else 1
        if len(unit) < head:
            return
        kind = unit[0] >> 3 & 15
        if kind == _DELIMITER:
            return
        body = head
        if unit[0] & 2:
            _, body = _leb(unit, head, len(unit))
            self._parts.append(unit)
        else:
            self._parts += (_TYPES[unit[0] | 2], unit[1:head], _leb_of(len(unit) - head), unit[head:])
        self._sequence = self._sequence or kind == _SEQUENCE_HEADER
        if kind in {_FRAME_HEADER, _FRAME} and not self.coded and body < len(unit):
            self.key = self._sequence and not unit[body] & 0xE0  # shown now, of type KEY_FRAME (5.9.2)
        self.coded = self.coded or kind in {_FRAME_HEADER, _TILES, _FRAME}


def _leb(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of AV1 (4.10.5) and where it ends; −1 when it has no end."""
    value = 0
    for place in range(_MAX_LEB):
        if at >= end:
            break
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at
    return -1, at


def _leb_of(value: int) -> bytes:
    """The same, written."""
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)
