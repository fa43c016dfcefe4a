"""What was seen, kept beside the films so that a month is searched without decoding: a JPEG every few seconds, and a grid of
motion every second. Losing some of it loses no evidence: written without waiting for the disk, a disk that refuses is told."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from veilleur.video.index import hour_of, pack_strip
from veilleur.video.model import Still
from veilleur.video.store import HOUR_US, LocalStore

T = TypeVar("T")

COLUMNS, ROWS = 16, 9
CELLS = COLUMNS * ROWS // 8
"""Bytes of a grid: a bit per cell, row by row, the first cell in the highest bit of the first byte."""
RECORD = CELLS + 1
SECOND_US = 1_000_000
UNSEEN = 255
"""The amount of a second that was not looked at. Else 0–254: the share of the picture that moved, 254 for all of it."""
_NOT_LOOKED = bytes(CELLS) + bytes((UNSEEN,))
MAX_JPEG = 1_000_000
"""Bytes of a picture of the strip; ours are about 12 kB."""


@dataclass(frozen=True)
class Motion:
    """What moved during a second. `wall`: its begin. `grid`: 18 bytes of bits. `amount`: 0–254, 255: not looked at."""

    wall: int
    grid: bytes
    amount: int


class StripWriter:
    """Writes a camera's strip and motion. `add` and `moved` answer False when the disk refuses."""

    def __init__(self, store: LocalStore, camera: str) -> None:
        self._folder = store.camera(camera)

    def add(self, still: Still) -> bool:
        """A JPEG at the end of its hour's strip."""
        hour = self._folder / hour_of(still.wall)
        try:
            hour.mkdir(parents=True, exist_ok=True)
            with (hour / "strip").open("ab") as strip, (hour / "strip.at").open("ab") as index:
                offset, torn = strip.tell(), index.tell() % 24
                strip.write(still.jpeg)
                strip.flush()
                if torn:
                    index.truncate(index.tell() - torn)
                index.write(pack_strip(still.wall, offset, len(still.jpeg)))
        except OSError:
            return False
        return True

    def moved(self, motion: Motion) -> bool:
        """A second's motion, at its place in the hour; the seconds before it that nobody looked at say so."""
        hour = self._folder / hour_of(motion.wall)
        at = motion.wall % HOUR_US // SECOND_US * RECORD
        try:
            hour.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(hour / "motion", os.O_RDWR | os.O_CREAT, 0o640)
            try:
                size = os.fstat(descriptor).st_size // RECORD * RECORD
                if size < at:
                    os.pwrite(descriptor, _NOT_LOOKED * ((at - size) // RECORD), size)
                os.pwrite(descriptor, motion.grid + bytes((motion.amount,)), at)
            finally:
                os.close(descriptor)
        except OSError:
            return False
        return True


def read_motion(hour: Path, begun: int) -> list[Motion]:
    """An hour's seconds that were looked at. `begun`: the wall of the hour's begin."""
    try:
        data = (hour / "motion").read_bytes()[: 3600 * RECORD]
    except OSError:
        return []
    return [
        Motion(begun + at // RECORD * SECOND_US, data[at : at + CELLS], data[at + CELLS])
        for at in range(0, len(data) - RECORD + 1, RECORD)
        if data[at + CELLS] != UNSEEN
    ]


def read_stills(hour: Path, records: Iterable[tuple[int, int, int]]) -> list[Still]:
    """The JPEGs of an hour that `records` (of `index.read_strip`) name. A damaged one is passed over."""
    found = []
    try:
        with (hour / "strip").open("rb") as file:
            for wall, offset, length in records:
                file.seek(offset)
                jpeg = file.read(length) if length <= MAX_JPEG else b""
                if len(jpeg) == length and jpeg[:2] == b"\xff\xd8":
                    found.append(Still(wall, jpeg))
    except OSError:
        return found
    return found


def spread(items: list[T], count: int) -> list[T]:
    """`count` of the items, evenly, the first among them."""
    if len(items) <= count:
        return items
    return [items[number * len(items) // count] for number in range(count)]
