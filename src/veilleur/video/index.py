"""The small files beside the films: fixed records, appended, read whole. A torn last record (power cut) is not read, and is
cut off before the next append; a record that was never written (zeros after a power cut) is torn too.

All integers big-endian; walls are microseconds. `segments`: start, end, bytes, number in the camera's chain, frames, flags,
SHA-256 of the file, chain hash (104 bytes). `gaps`: start, end (0: not ended yet), reason, CRC-32 (24 bytes); a later record
of the same start replaces an earlier one. `strip.at`: wall, offset, length, CRC-32 (24 bytes). `erased` (in the camera's
folder): start, end, first and last number, files, bytes, chain hash of the last (80 bytes): what retention took away.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from veilleur.video.model import FAULT_KINDS, Gap, Segment, from_wall

SEGMENT = struct.Struct(">qqqQII32s32s")
GAP = struct.Struct(">qqII")
STRIP = struct.Struct(">qQII")
ERASED = struct.Struct(">qqQQQQ32s")
ZERO_HASH = bytes(32)
"""h(0)."""

REASONS = ("unknown", *FAULT_KINDS, "stopped", "suspended", "forbidden", "ended")
"""Why there is no recording; a record holds the position here, so new reasons are only added at the end."""
_REPAIRED = 1
MAX_ORDINAL = 255
"""Files that begin in the same second of the same minute: more is a camera that opens and dies without end."""


LATEST = 253_402_300_799_000_000
"""The end of the year 9999: after all recordings."""


@dataclass(frozen=True)
class Entry:
    """A segment as the index knows it. `number`: from 1, its place in the camera's chain. `ordinal`: of files that begin in
    the same second."""

    segment: Segment
    number: int
    ordinal: int = 0

    def packed(self) -> bytes:
        """The record."""
        one = self.segment
        flags = (_REPAIRED if one.repaired else 0) | self.ordinal << 8
        return SEGMENT.pack(
            one.start, one.end, one.size, self.number, one.frames, flags, one.digest, one.chain
        )


@dataclass(frozen=True)
class Erased:
    """A run of segments that retention erased, in the order of the chain."""

    start: int
    end: int
    first: int
    last: int
    files: int
    size: int
    chain: bytes


def hour_of(wall: int) -> str:
    """The folder of an hour, relative to the camera's: `2026-11-28/22`."""
    return _date(wall).strftime("%Y-%m-%d/%H")


def path_of(start: int, ordinal: int = 0) -> str:
    """A segment's file, relative to the camera's folder: `2026-11-28/22/3800.mp4` (`3800-1.mp4` for the second)."""
    return _date(start).strftime("%Y-%m-%d/%H/%M%S") + (f"-{ordinal}.mp4" if ordinal else ".mp4")


def _date(wall: int) -> datetime:
    """A damaged record says any number."""
    return from_wall(min(max(wall, 0), LATEST))


def chained(previous: bytes, digest: bytes, start: int, end: int, camera: str) -> bytes:
    """h(n) = SHA-256(h(n−1) ‖ sha256(file) ‖ start ‖ end ‖ camera id)."""
    times = start.to_bytes(8, "big", signed=True) + end.to_bytes(8, "big", signed=True)
    return hashlib.sha256(previous + digest + times + camera.encode()).digest()


def append(path: Path, record: bytes) -> None:
    """Adds a record, durably; OSError when the disk does not take it, and then nothing is added."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        size = os.fstat(descriptor).st_size
        whole = size - size % len(record)
        if whole != size:
            os.ftruncate(descriptor, whole)
        try:
            written = os.pwrite(descriptor, record, whole)
            if written < len(record):  # the disk is full: the rest says so
                os.pwrite(descriptor, record[written:], whole + written)
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, whole)
            raise
    finally:
        os.close(descriptor)


def read_segments(hour: Path) -> list[Entry]:
    """The segments of an hour's folder, in the order in which they were entered."""
    found = []
    for start, end, size, number, frames, flags, digest, chain in _records(hour / "segments", SEGMENT):
        ordinal = flags >> 8 & 0xFF
        path = path_of(start, ordinal)
        segment = Segment(start, end, path, size, frames, digest, chain, bool(flags & _REPAIRED))
        found.append(Entry(segment, number, ordinal))
    return found


def last_entry(hour: Path) -> Entry | None:
    """The last segment entered in an hour's folder."""
    entries = read_segments(hour)
    return entries[-1] if entries else None


def pack_gap(gap: Gap) -> bytes:
    """The record of a gap; `end` 0: not ended yet."""
    reason = REASONS.index(gap.reason) if gap.reason in REASONS else 0
    body = GAP.pack(gap.start, gap.end, reason, 0)[:-4]
    return body + zlib.crc32(body).to_bytes(4, "big")


def read_gaps(hour: Path) -> list[Gap]:
    """The gaps that begin in an hour's folder; `end` 0: not ended yet, or the process died before it could say so."""
    found: dict[int, Gap] = {}
    for start, end, reason, check in _records(hour / "gaps", GAP):
        if zlib.crc32(GAP.pack(start, end, reason, 0)[:-4]) == check:
            found[start] = Gap(start, end, REASONS[reason] if reason < len(REASONS) else REASONS[0])
    return [found[start] for start in sorted(found)]


def pack_strip(wall: int, offset: int, length: int) -> bytes:
    """The record of a JPEG in `strip`."""
    body = STRIP.pack(wall, offset, length, 0)[:-4]
    return body + zlib.crc32(body).to_bytes(4, "big")


def read_strip(hour: Path) -> list[tuple[int, int, int]]:
    """Wall, offset and length of each JPEG of an hour, oldest first."""
    return sorted(
        (wall, offset, length)
        for wall, offset, length, check in _records(hour / "strip.at", STRIP)
        if zlib.crc32(STRIP.pack(wall, offset, length, 0)[:-4]) == check
    )


def pack_erased(one: Erased) -> bytes:
    """The record of an erasure."""
    return ERASED.pack(one.start, one.end, one.first, one.last, one.files, one.size, one.chain)


def read_erased(camera: Path) -> list[Erased]:
    """What retention took from a camera, in the order in which it did."""
    return [Erased(*record) for record in _records(camera / "erased", ERASED)]


def _records(path: Path, shape: struct.Struct) -> Iterator[tuple[Any, ...]]:
    try:
        data = path.read_bytes()
    except OSError:
        return
    zeros = bytes(shape.size)
    for at in range(0, len(data) - shape.size + 1, shape.size):
        if data[at : at + shape.size] != zeros:
            yield shape.unpack_from(data, at)
