"""Pictures and sound as RTP payloads: H.264 (RFC 6184), H.265 (RFC 7798), A-law (RFC 3551)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from veilleur.protocols.rtsp.limits import MAX_PAYLOAD

_FU_A = 28  # RFC 6184 §5.8
_FU = 49  # RFC 7798 §4.4.3


class BadUnitError(ValueError):
    """These bytes are not NAL units of the length size that they were said to have."""


def split_units(data: bytes, length_size: int) -> list[bytes]:
    """The NAL units of one picture as MP4 keeps it (ISO 14496-15): each behind its length."""
    units, at = [], 0
    while at < len(data):
        begin = at + length_size
        at = begin + int.from_bytes(data[at:begin], "big")
        if begin > len(data) or at > len(data):
            raise BadUnitError("a NAL unit is longer than its picture")
        if at > begin:
            units.append(data[begin:at])
    return units


def h264_payloads(units: Iterable[bytes], limit: int = MAX_PAYLOAD) -> Iterator[bytes]:
    """Single NAL unit packets, fragments (FU-A) of those that are too long."""
    for unit in units:
        if len(unit) <= limit:
            yield unit
            continue
        indicator = bytes((unit[0] & 0xE0 | _FU_A,))
        yield from _fragments(indicator, unit[0] & 0x1F, unit[1:], limit)


def h265_payloads(units: Iterable[bytes], limit: int = MAX_PAYLOAD) -> Iterator[bytes]:
    """Single NAL unit packets, fragments (FU) of those that are too long; no decoding order numbers."""
    for unit in units:
        if len(unit) <= limit:
            yield unit
            continue
        header = bytes((unit[0] & 0x81 | _FU << 1, unit[1]))
        yield from _fragments(header, unit[0] >> 1 & 0x3F, unit[2:], limit)


def _fragments(header: bytes, kind: int, data: bytes, limit: int) -> Iterator[bytes]:
    size = limit - len(header) - 1
    for at in range(0, len(data), size):
        start = 0x80 if at == 0 else 0
        end = 0x40 if at + size >= len(data) else 0
        yield header + bytes((start | end | kind,)) + data[at : at + size]


def alaw(sample: int) -> int:
    """One 16-bit sample as G.711 A-law (ITU-T G.711, table 1a): sign, three bits of exponent, four of mantissa."""
    sign = 0x80 if sample >= 0 else 0
    size = min(sample if sample >= 0 else -sample - 1, 0x7FFF) >> 4
    exponent = max(size.bit_length() - 4, 0)
    mantissa = (size >> (exponent - 1) if exponent > 1 else size) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55
