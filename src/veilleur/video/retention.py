"""What to erase, and erasing it. `choose` is pure: the same inputs, the same answer, with its reason.

A camera's images are kept `maximum` at most (its authorisation: code de la sécurité intérieure L252-5, one month at most),
and `minimum` at least when an act prescribes it. A hold (gel conservatoire) protects from the pressure of the disk, never
from the maximum. When the disk is short: the oldest first, above their minimum; then, flagged, below it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from veilleur.video.index import Entry, Erased, append, hour_of, pack_erased, read_segments
from veilleur.video.model import Segment
from veilleur.video.store import IMAGES, LocalStore

DAY_US = 86_400_000_000
Why = Literal["age", "pressure", "below_minimum"]


@dataclass(frozen=True)
class Rule:
    """Days of a camera: never more than `maximum`, not less than `minimum` unless the disk forces it."""

    maximum: int
    minimum: int = 0


@dataclass(frozen=True)
class Hold:
    """A stretch of a camera that the pressure of the disk may not erase."""

    camera: str
    start: int
    end: int


@dataclass(frozen=True)
class Erasure:
    """A segment to erase, and why. `below_minimum` is a fault to be told: the disk is too small for what is prescribed."""

    camera: str
    segment: Segment
    why: Why


def choose(
    now: int,
    segments: Mapping[str, Iterable[Segment]],
    rules: Mapping[str, Rule],
    holds: Iterable[Hold] = (),
    *,
    wanted: int = 0,
) -> list[Erasure]:
    """What to erase at the wall `now`, in order. `wanted`: bytes that the disk must get back. A camera without a rule keeps
    everything that the pressure leaves (a rule is required before a camera records; a missing one erases nothing by age)."""
    chosen: list[Erasure] = []
    left: list[tuple[str, Segment]] = []
    for camera, each in segments.items():
        rule = rules.get(camera)
        for segment in each:
            if rule is not None and segment.start <= now - rule.maximum * DAY_US:
                chosen.append(Erasure(camera, segment, "age"))
            else:
                left.append((camera, segment))
    freed = sum(one.segment.size for one in chosen)
    held = tuple(holds)
    left.sort(key=lambda one: (one[1].start, one[0]))
    free = [(camera, one) for camera, one in left if not _is_held(camera, one, held)]
    for why in ("pressure", "below_minimum"):
        for camera, segment in free:
            if freed >= wanted:
                return chosen
            rule = rules.get(camera)
            young = rule is not None and segment.end > now - rule.minimum * DAY_US
            if young == (why == "below_minimum"):
                chosen.append(Erasure(camera, segment, why))
                freed += segment.size
    return chosen


def _is_held(camera: str, segment: Segment, holds: tuple[Hold, ...]) -> bool:
    return any(h.camera == camera and h.start < segment.end and h.end > segment.start for h in holds)


def erase(store: LocalStore, erasures: Iterable[Erasure]) -> list[Erasure]:
    """Erases them; what it could not erase is left out of the answer and will be chosen again. OSError when it cannot say
    in `erased` what it does: then nothing of that hour is erased.

    The chain stays checkable: `erased` keeps its value at the end of each run. The JPEG strip and the motion of an hour go with
    its first segment: they hold images too."""
    wanted = list(erasures)
    done: list[Erasure] = []
    by_hour: dict[tuple[str, str], list[Erasure]] = {}
    for one in wanted:
        by_hour.setdefault((one.camera, one.segment.path.rpartition("/")[0]), []).append(one)
    for (camera, hour), some in sorted(by_hour.items()):
        done += _erase_hour(store.camera(camera), hour, some)
    return done


def _erase_hour(camera: Path, hour: str, wanted: list[Erasure]) -> list[Erasure]:
    folder = camera / hour
    paths = {one.segment.path for one in wanted}
    entries = read_segments(folder)
    going = sorted((one for one in entries if one.segment.path in paths), key=lambda one: one.number)
    for run in _runs(going):
        append(camera / "erased", pack_erased(run))
    for one in going:
        (camera / one.segment.path).unlink(missing_ok=True)
    for name in IMAGES:
        (folder / name).unlink(missing_ok=True)
    staying = [one for one in entries if one.segment.path not in paths]
    if staying:
        draft = folder / "segments.new"
        draft.write_bytes(b"".join(one.packed() for one in staying))
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(folder / "segments")
    else:
        for name in ("segments", "sent"):
            (folder / name).unlink(missing_ok=True)
        with suppress(OSError):  # gaps stay: they are no images
            folder.rmdir()
            folder.parent.rmdir()
    gone = {one.segment.path for one in going}
    return [one for one in wanted if one.segment.path in gone]


def images_left(store: LocalStore, camera: str, now: int, maximum: int) -> list[Path]:
    """JPEGs and motion of hours that are over `maximum` days and in which no film begins: a film that reached into the hour
    went with the hour before, or the disk took pictures of the strip and no film."""
    last, found = hour_of(now - maximum * DAY_US), []
    for hour in store.hours(camera):
        folder = store.camera(camera) / hour
        if hour < last and not read_segments(folder):
            found += [folder / name for name in IMAGES if (folder / name).is_file()]
    return found


def _runs(entries: list[Entry]) -> list[Erased]:
    """Consecutive numbers together."""
    runs: list[Erased] = []
    for entry in entries:
        one, last = entry.segment, runs[-1] if runs else None
        if last is not None and last.last + 1 == entry.number:
            start, end = min(last.start, one.start), max(last.end, one.end)
            runs[-1] = Erased(
                start, end, last.first, entry.number, last.files + 1, last.size + one.size, one.chain
            )
        else:
            runs.append(Erased(one.start, one.end, entry.number, entry.number, 1, one.size, one.chain))
    return runs
