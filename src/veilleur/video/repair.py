"""After a power cut, or the end of a process: films that no index knows are cut back to their last whole fragment, hashed,
and entered in the chain with the flag *repaired*. Run on a camera before its SegmentWriter is made, never while one writes.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from veilleur.video.films import read_film
from veilleur.video.index import Entry, append, chained, hour_of, pack_gap, read_gaps
from veilleur.video.model import Gap, Segment
from veilleur.video.store import LocalStore

BLOCK = 1024 * 1024
_NAME = re.compile(r"(\d{4})(?:-(\d{1,3}))?\.mp4")


@dataclass
class Repaired:
    """What a repair found. `lost`: bytes of fragments that were not whole. `removed`: films without a single frame.
    `foreign`: films that are not ours, left alone."""

    camera: str
    segments: list[Segment] = field(default_factory=list)
    lost: int = 0
    removed: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


def repair(store: LocalStore, camera: str) -> Repaired:
    """Enters every orphan of a camera, oldest first. OSError when the disk does not let it."""
    tail = store.tail(camera)
    number, chain = tail.number, tail.chain
    done = Repaired(camera)
    for hour in store.hours(camera):
        for path in store.unindexed(camera, hour):
            named = _NAME.fullmatch(path.rpartition("/")[2])
            ordinal = int(named[2] or 0) if named else 256
            segment = _mended(store.camera(camera), camera, path, chain, done) if ordinal < 256 else None
            if segment is None:
                continue
            number, chain = number + 1, segment.chain
            append(store.camera(camera) / hour / "segments", Entry(segment, number, ordinal).packed())
            done.segments.append(segment)
            _open_gap(store.camera(camera), segment.end)
    return done


def _mended(folder: Path, camera: str, path: str, chain: bytes, done: Repaired) -> Segment | None:
    file = folder / path
    film, size = read_film(file), file.stat().st_size
    if not film.init and size > 0 and not _torn_init(file):
        done.foreign.append(path)
        return None
    if not film.pieces:
        file.unlink()
        done.removed.append(path)
        done.lost += size
        return None
    if size > film.size:
        done.lost += size - film.size
        with file.open("r+b") as opened:
            opened.truncate(film.size)
            os.fsync(opened.fileno())
    start, end = film.pieces[0].wall, film.end
    digest = digest_of(file)
    return Segment(
        start,
        end,
        path,
        film.size,
        len(film.pieces),
        digest,
        chained(chain, digest, start, end, camera),
        True,
    )


def _torn_init(file: Path) -> bool:
    """Whether a file without init segment is one of ours, cut at its very begin (or zeros that a power cut left)."""
    with file.open("rb") as opened:
        head = opened.read(8)
    return head[4:] == b"ftyp" or not head.strip(b"\0")


def _open_gap(folder: Path, end: int) -> None:
    """The gap that began when the process died; the writer will say when it ended."""
    hour = folder / hour_of(end)
    hour.mkdir(parents=True, exist_ok=True)
    if not any(gap.start == end for gap in read_gaps(hour)):
        append(hour / "gaps", pack_gap(Gap(end, 0, "stopped")))


def digest_of(path: Path) -> bytes:
    """SHA-256 of a file; OSError."""
    whole = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            whole.update(block)
    return whole.digest()
