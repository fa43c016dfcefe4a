"""Stretches of time that were recorded or not, pure. Walls are microseconds; stretches are [from, until)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from veilleur.video.model import Gap, from_wall, to_wall

Stretch = tuple[int, int]

#: A shorter hole is none: a film that closes and the next one that opens (video/segments.GAP_US), the last frame's length.
SHORTEST = 1_000_000

#: Nothing was due: the law or the centre forbade to record, or the camera is watched live only.
EXCUSED = frozenset({"forbidden", "suspended", "live_only"})

#: No recorder of any machine measured this time: it counts as not recorded, for nobody can show that it was.
UNMEASURED = "unmeasured"

UNKNOWN = "unknown"


def day_of(wall: int, zone: ZoneInfo) -> date:
    """The centre's calendar day of an instant."""
    return from_wall(wall).astimezone(zone).date()


def bounds_of(first: date, last: date, zone: ZoneInfo) -> Stretch:
    """From the midnight that begins `first` to the one that ends `last`: 23 or 25 hours when the clocks change."""
    return (
        to_wall(datetime.combine(first, time(), zone)),
        to_wall(datetime.combine(last + timedelta(days=1), time(), zone)),
    )


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time in as few stretches as hold it, oldest first."""
    found: list[Stretch] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        elif start < end:
            found.append((start, end))
    return found


def outside(stretches: Iterable[Stretch], start: int, end: int, *, shortest: int = 0) -> list[Stretch]:
    """What of [start, end) is in none of the stretches; holes under `shortest` are left out."""
    found, at = [], start
    for a, b in [*merged(stretches), (end, end)]:
        until = min(a, end)
        if until - at > shortest:
            found.append((at, until))
        at = max(at, b)
    return found


def explained(holes: Iterable[Stretch], reasons: Iterable[Gap], otherwise: str = UNKNOWN) -> list[Gap]:
    """The holes, cut where their reason changes. Of reasons that overlap, the one that began last says it."""
    told = sorted(reasons, key=lambda gap: gap.start)
    found: list[Gap] = []
    for start, end in holes:
        within = [gap for gap in told if gap.start < end and gap.end > start]
        cuts = sorted({start, end, *(w for gap in within for w in (gap.start, gap.end) if start < w < end)})
        for a, b in pairwise(cuts):
            said = [gap.reason for gap in within if gap.start <= a and gap.end >= b]
            known = [reason for reason in said if reason != UNKNOWN]
            reason = (known or said or [otherwise])[-1]
            if found and found[-1].end == a and found[-1].reason == reason:
                found[-1] = Gap(found[-1].start, b, reason)
            else:
                found.append(Gap(a, b, reason))
    return found


def ended(gaps: Sequence[Gap], until: int) -> list[Gap]:
    """Gaps whose end is said; one that has not ended (0) goes on until the next begins, or `until`."""
    following = [*(gap.start for gap in gaps), until][1:]
    return [
        gap if gap.end else Gap(gap.start, max(after, gap.start), gap.reason)
        for gap, after in zip(gaps, following, strict=True)
    ]


def missing(
    recorded: Iterable[Stretch], gaps: Sequence[Gap], start: int, end: int, otherwise: str = UNKNOWN
) -> list[Gap]:
    """What of [start, end) an index of images does not hold, with why."""
    return explained(outside(recorded, start, end, shortest=SHORTEST), ended(gaps, end), otherwise)


@dataclass(frozen=True)
class Measured:
    """What one machine says of a camera: from when to when it looked, and what it did not record meanwhile."""

    start: int
    end: int
    missing: tuple[Gap, ...] = ()


def together(rows: Sequence[Measured], start: int, end: int) -> list[Gap]:
    """What nobody recorded of [start, end), with why: what one machine lacks, another may have."""
    recorded: list[Stretch] = []
    for row in rows:
        a, b = max(row.start, start), min(row.end, end)
        recorded += outside([(gap.start, gap.end) for gap in row.missing], a, b) if a < b else []
    holes = outside(recorded, start, end)
    return explained(holes, [gap for row in rows for gap in row.missing], UNMEASURED)


def within(gaps: Iterable[Gap], start: int, end: int) -> list[Gap]:
    """The part of each gap that is inside [start, end)."""
    cut = [Gap(max(gap.start, start), min(gap.end, end), gap.reason) for gap in gaps]
    return [gap for gap in cut if gap.start < gap.end]


@dataclass(frozen=True)
class Share:
    """Microseconds that were due, and recorded; those in which nothing was due."""

    due: int
    recorded: int
    excused: int

    @property
    def rate(self) -> float | None:
        """Recorded / due; None when nothing was due."""
        return self.recorded / self.due if self.due else None


def share(gaps: Iterable[Gap], start: int, end: int) -> Share:
    """What of [start, end) was due and recorded."""
    inside = within(gaps, start, end)
    excused = sum(gap.end - gap.start for gap in inside if gap.reason in EXCUSED)
    lost = sum(gap.end - gap.start for gap in inside if gap.reason not in EXCUSED)
    due = max(0, end - start - excused)
    return Share(due, due - lost, excused)
