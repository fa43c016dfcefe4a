"""Does the disk hold what was recorded? Files against the index, the index against the chain. Reads, changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from veilleur.video.index import ZERO_HASH, Entry, Erased, chained, read_erased, read_segments
from veilleur.video.model import Gap
from veilleur.video.repair import digest_of
from veilleur.video.segments import GAP_US
from veilleur.video.store import LocalStore, ObjectStore

FOREVER = 2**62


@dataclass
class CameraReport:
    """A camera's recordings. Paths as in `Segment.path`; `broken`: numbers in the chain whose hash is not what it should be,
    or that are missing; `unsaid`: holes between segments that no gap explains; `writing`: the film that is being written."""

    camera: str
    segments: int = 0
    size: int = 0
    first: int = 0
    last: int = 0
    root: bytes = b""
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    broken: list[int] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    unsaid: list[Gap] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    writing: str | None = None

    @property
    def sound(self) -> bool:
        """Whether everything that was entered is there, unaltered, and every hole explained."""
        return not (self.missing or self.altered or self.orphans or self.broken or self.unsaid)


def check(
    root: Path, *, cameras: Iterable[str] | None = None, whole: bool = True, remote: ObjectStore | None = None
) -> list[CameraReport]:
    """A report per camera. `whole`: reads and hashes every film (≈ 1 GB/s); else sizes only. `remote`: films that are only
    in the object store are fetched from there, one at a time."""
    store = LocalStore(root)
    return [_camera(store, camera, whole, remote) for camera in (cameras or store.cameras())]


def _camera(store: LocalStore, camera: str, whole: bool, remote: ObjectStore | None) -> CameraReport:
    folder, report = store.camera(camera), CameraReport(camera)
    erased = read_erased(folder)
    hours = store.hours(camera)
    entries = [one for hour in hours for one in read_segments(folder / hour) if not _gone(one.number, erased)]
    for one in entries:
        _film(folder, camera, one, report, whole=whole, remote=remote)
    unindexed = [path for hour in hours for path in store.unindexed(camera, hour)]
    if unindexed and hours and unindexed[-1].startswith(hours[-1]):
        newest = max((one.segment.path for one in entries), default="")
        report.writing = unindexed.pop() if unindexed[-1] > newest else None
        if report.writing and unindexed and unindexed[-1] > newest:
            unindexed.pop()  # it has ended, and the disk does not have it whole yet
    report.orphans = unindexed
    report.broken = broken_links(camera, entries, erased)
    in_time = sorted(entries, key=lambda one: one.segment.start)
    report.segments, report.size = len(entries), sum(one.segment.size for one in entries)
    if entries:
        report.first, report.last = in_time[0].segment.start, max(one.segment.end for one in entries)
        report.root = max(entries, key=lambda one: one.number).segment.chain
    report.gaps = store.gaps(camera, report.first, FOREVER) if entries else []
    report.unsaid = _unsaid(in_time, report.gaps, erased)
    return report


def _film(
    folder: Path, camera: str, one: Entry, report: CameraReport, *, whole: bool, remote: ObjectStore | None
) -> None:
    path = folder / one.segment.path
    if one.segment.repaired:
        report.repaired.append(one.segment.path)
    try:
        if path.stat().st_size != one.segment.size or (whole and digest_of(path) != one.segment.digest):
            report.altered.append(one.segment.path)
    except FileNotFoundError:
        if remote is None or not _remote(camera, one, remote, report):
            report.missing.append(one.segment.path)
    except OSError:
        report.altered.append(one.segment.path)  # unreadable


def _remote(camera: str, one: Entry, remote: ObjectStore, report: CameraReport) -> bool:
    try:
        data = remote.fetch(camera, one.segment.path)
    except FileNotFoundError:
        return False
    if hashlib.sha256(data).digest() != one.segment.digest:
        report.altered.append(one.segment.path)
    return True


def _gone(number: int, erased: list[Erased]) -> bool:
    return any(run.first <= number <= run.last for run in erased)


def broken_links(camera: str, entries: Iterable[Entry], erased: Iterable[Erased]) -> list[int]:
    """Numbers whose chain hash does not follow from the one before, or that are neither there nor erased."""
    known = {0: ZERO_HASH} | {run.last: run.chain for run in erased}
    covered = {number for run in erased for number in range(run.first, run.last + 1)}
    found = {one.number: one for one in entries}
    broken = []
    for number in range(1, max(found, default=0) + 1):
        one = found.get(number)
        if one is None:
            if number not in covered:
                broken.append(number)
            continue
        segment, previous = one.segment, known.get(number - 1)
        if previous is None:
            previous = found[number - 1].segment.chain if number - 1 in found else b""
        if chained(previous, segment.digest, segment.start, segment.end, camera) != segment.chain:
            broken.append(number)
    return broken


def _unsaid(in_time: list[Entry], gaps: list[Gap], erased: list[Erased]) -> list[Gap]:
    """Holes between two segments that neither a recorded gap nor an erasure covers."""
    found, end = [], in_time[0].segment.start if in_time else 0
    said = [(gap.start, gap.end or FOREVER) for gap in gaps] + [(run.start, run.end) for run in erased]
    for one in in_time:
        start = one.segment.start
        if start - end > GAP_US and not any(a <= end + GAP_US and b >= start - GAP_US for a, b in said):
            found.append(Gap(end, start, "unknown"))
        end = max(end, one.segment.end)
    return found
