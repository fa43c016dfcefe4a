"""Reading a film that we wrote: where each fragment begins, its wall, whether it is a keyframe. The file may be growing."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from veilleur.video.fragments import DURATION_AT, HEAD, SYNC
from veilleur.video.sources.parameters import MAX_FRAME

MAX_INIT = 65_536
"""Bytes of `ftyp` and `moov`; ours are under 2 kB."""
_WALL = struct.Struct(">Q")
_SAMPLE = struct.Struct(">IIIi")
_WALL_AT, _SAMPLE_AT = 60, DURATION_AT
"""Where tfdt and the sample's duration, size, flags and offset stand in a fragment (fragments.py)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A fragment in a file."""

    offset: int
    size: int
    wall: int
    duration: int
    keyframe: bool
    shift: int = 0

    @property
    def shown(self) -> int:
        """When its picture begins to be seen: later than `wall` by the stream's offset (B-frames)."""
        return self.wall + self.shift


@dataclass(frozen=True)
class Film:
    """A file's init segment and its whole fragments. `size`: where the last whole fragment ends."""

    init: bytes
    pieces: tuple[Piece, ...]
    size: int

    @property
    def end(self) -> int:
        """When its last frame ends; 0 when there is none."""
        return self.pieces[-1].wall + self.pieces[-1].duration if self.pieces else 0

    def gops(self) -> list[tuple[Piece, ...]]:
        """Its pieces, each group beginning with a keyframe."""
        groups: list[list[Piece]] = []
        for piece in self.pieces:
            if piece.keyframe or not groups:
                groups.append([])
            groups[-1].append(piece)
        return [tuple(group) for group in groups]


def read_film(path: Path) -> Film:
    """Scans a film on the disk, which may be growing. OSError."""
    with path.open("rb") as file:
        return scan(file, path.stat().st_size)


def scan(file: BinaryIO, size: int) -> Film:
    """Scans a film's boxes without reading its pictures. A fragment that is cut, or is not ours, ends the scan."""
    init = _init(file, size)
    pieces, at = [], len(init)
    while init and (piece := _piece(file, at, size)) is not None:
        pieces.append(piece)
        at += piece.size
    return Film(init, tuple(pieces), at)


def _init(file: BinaryIO, size: int) -> bytes:
    """`ftyp` and `moov`, or b"" when the file was cut inside them."""
    at = 0
    for kind in (b"ftyp", b"moov"):
        file.seek(at)
        head = file.read(8)
        length = int.from_bytes(head[:4], "big")
        if head[4:] != kind or length < 8 or at + length > min(size, MAX_INIT):
            return b""
        at += length
    file.seek(0)
    return file.read(at)


def _piece(file: BinaryIO, at: int, size: int) -> Piece | None:
    file.seek(at)
    head = file.read(HEAD)
    if len(head) < HEAD or head[4:8] != b"moof" or head[-4:] != b"mdat":
        return None
    duration, length, flags, shift = _SAMPLE.unpack_from(head, _SAMPLE_AT)
    if length > MAX_FRAME + 65_536 or at + HEAD + length > size:
        return None
    return Piece(at, HEAD + length, _WALL.unpack_from(head, _WALL_AT)[0], duration, flags == SYNC, shift)
