"""Looking back: the timeline of a camera, its recordings read in whole groups of pictures, a still of any instant.

All of it blocks on the disk: in a thread. Reads the film that is being written as well as closed ones, and those that only
the object store still has.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from veilleur.video.films import Film, Piece, read_film, scan
from veilleur.video.fragments import HEAD, JPEG, lasting, mime_of_init
from veilleur.video.index import hour_of, read_strip
from veilleur.video.model import Gap, Still
from veilleur.video.pictures import jpeg_of, picture_at
from veilleur.video.segments import GAP_US
from veilleur.video.store import HOUR_US, LocalStore, ObjectStore
from veilleur.video.strips import UNSEEN, Motion, read_motion, read_stills, spread

MAX_READ = 32 * 1024**2
"""Bytes of one reading, whatever is asked; one group of pictures is given even when it is longer."""
MAX_BUCKETS, MAX_STILLS = 4096, 600
REORDER = 16
"""Frames after the wanted one that its picture may need (H.264 and H.265 reorder at most 16)."""
REORDER_US = 1_000_000
"""A film's last pictures may be shown this long after its end."""
MAX_LASTING = 60_000_000
"""A frame lasts no longer, whatever a film says: its duration has 32 bits of microseconds."""
SCANNED = 32
"""Closed films whose scan is remembered; a minute at 25 fps is about 200 kB of it."""


@dataclass(frozen=True)
class Timeline:
    """What there is of a stretch. `recorded`: pairs of walls. `motion`: the largest amount per bucket, 255: not looked at."""

    recorded: list[tuple[int, int]]
    gaps: list[Gap]
    motion: list[int]
    bucket_us: int


@dataclass(frozen=True)
class Reading:
    """Whole groups of pictures of one stream. `start`, `end`: their walls. `next`: where to go on, None: nothing more is
    recorded. `fragments`: wall and bytes (JPEGs when `mime` is image/jpeg); they follow `init`. Each lasts until the next one:
    what the film says is the guess of a moment, and browsers drop what follows a frame by more than twice its duration until
    the next keyframe (MediaSource, coded frame processing, step 6)."""

    mime: str
    init: bytes = field(repr=False)
    start: int
    end: int
    next: int | None
    fragments: list[tuple[int, bytes]] = field(repr=False)


@dataclass(frozen=True)
class _Stored:
    """A film, closed or not."""

    path: str
    start: int
    end: int
    growing: bool


_Group = tuple[_Stored, tuple[Piece, ...]]


def _durations(groups: list[_Group], following: _Group | None) -> list[int]:
    """How long each frame of these groups lasts: until the next one, unless a gap begins with its end."""
    pieces = [(stored, piece) for stored, group in groups for piece in group]
    after = [*pieces[1:], (following[0], following[1][0]) if following else pieces[-1]]
    found = []
    for (film, piece), (other, later) in zip(pieces, after, strict=True):
        hole = later.wall - piece.wall - piece.duration
        known = 0 < later.wall - piece.wall < MAX_LASTING and (other.path == film.path or hole <= GAP_US)
        found.append(max(1, later.wall - piece.wall if known else piece.duration))
    return found


class Playback:
    """The recordings of one camera. Safe between threads that each make their own."""

    def __init__(self, store: LocalStore, camera: str, remote: ObjectStore | None = None) -> None:
        self._store, self._camera, self._remote = store, camera, remote
        self._folder = store.camera(camera)
        self._scans: dict[str, Film] = {}
        self._fetched: tuple[str, bytes] = ("", b"")

    def timeline(self, start: int, end: int, *, buckets: int = 240) -> Timeline:
        """What is recorded of [start, end), merged; gaps with their reasons, cut to the stretch; motion in `buckets`."""
        recorded: list[tuple[int, int]] = []
        for one in self._films(start, end):
            a, b = max(one.start, start), min(one.end, end)
            if recorded and a - recorded[-1][1] <= GAP_US:
                recorded[-1] = (recorded[-1][0], max(b, recorded[-1][1]))
            elif a < b:
                recorded.append((a, b))
        gaps = []
        for gap in self._store.gaps(self._camera, start, end):
            after = next((a for a, _ in recorded if a >= gap.start), end)
            cut = Gap(max(gap.start, start), min(gap.end or after, end), gap.reason)
            if cut.start < cut.end:
                gaps.append(cut)
        bucket = max(1_000_000, -(-(end - start) // max(1, min(buckets, MAX_BUCKETS))))
        return Timeline(recorded, gaps, self._buckets(start, end, bucket), bucket)

    def read(self, at: int, until: int, *, max_bytes: int = 4 * 1024**2) -> Reading | None:
        """Groups from the one that shows `at` (or the first after it) until `until`, as many as `max_bytes` hold, at least
        one; ends where the parameters change. None when nothing is recorded there."""
        limit, init, size = min(max_bytes, MAX_READ), b"", 0
        groups: list[_Group] = []
        following: _Group | None = None
        for stored, film, group in self._groups(at, until):
            length = sum(piece.size for piece in group)
            if groups and (film.init != init or size + length > limit):
                following = (stored, group)
                break
            init, size = film.init, size + length
            groups.append((stored, group))
        if not groups:
            return None
        if following is None:
            last = groups[-1][1][-1]
            later = self._groups(last.wall + last.duration, 2**62, after=last.wall)
            following = next(((stored, group) for stored, _, group in later), None)
        durations = _durations(groups, following)
        parts = [part for stored, group in groups for part in self._bytes(stored, group)]
        mime = mime_of_init(init)
        if mime == JPEG:
            fragments = [(wall, data[HEAD:]) for wall, data in parts]
        else:
            fragments = [
                (wall, lasting(data, length)) for (wall, data), length in zip(parts, durations, strict=True)
            ]
        end = parts[-1][0] + durations[-1]
        return Reading(
            mime, init, groups[0][1][0].wall, end, following[1][0].wall if following else None, fragments
        )

    def previous(self, at: int) -> int | None:
        """The wall of the group before the one that shows `at`: reading backwards goes from group to group."""
        shown = next((group[0].wall for _, _, group in self._groups(at, 2**62)), at)
        for back in (HOUR_US, 48 * HOUR_US, shown):  # a month is not listed for the group just before
            for stored in reversed(self._films(max(0, shown - back), shown)):
                with suppress(OSError):
                    keyframes = [piece.wall for piece in self._film(stored).pieces if piece.keyframe]
                    if begins := [wall for wall in keyframes if wall < shown]:
                        return begins[-1]
        return None

    def still(self, at: int, *, width: int | None = None) -> Still | None:
        """The picture shown at that very instant, decoded, as JPEG. None when nothing is recorded there (a gap)."""
        for stored, film, group in self._groups(at, at + 1):
            if group[0].shown > at:
                return None
            wanted = max(n for n, piece in enumerate(group) if piece.shown <= at)
            needed = group[: wanted + 1 + (REORDER if any(piece.shift for piece in group) else 0)]
            data = [data for _, data in self._bytes(stored, needed)]
            if mime_of_init(film.init) == JPEG and width is None:
                return Still(group[wanted].wall, data[-1][HEAD:])
            picture = picture_at(film.init + b"".join(data), at)
            return Still(picture[0], jpeg_of(picture[1], width)) if picture else None
        return None

    def strip(self, start: int, end: int, count: int = 60) -> list[Still]:
        """At most `count` JPEGs of the strip, spread over [start, end)."""
        hours = self._store.hours_between(self._camera, start, end)
        there = [
            (hour, one) for hour in hours for one in read_strip(self._folder / hour) if start <= one[0] < end
        ]
        chosen: dict[str, list[tuple[int, int, int]]] = {}
        for hour, one in spread(there, min(count, MAX_STILLS)):
            chosen.setdefault(hour, []).append(one)
        return [still for hour, some in chosen.items() for still in read_stills(self._folder / hour, some)]

    def motion(self, start: int, end: int) -> Iterator[Motion]:
        """Every second of [start, end) that was looked at."""
        for hour in self._store.hours_between(self._camera, start, end):
            for one in self._seconds(hour, start, end):
                if start <= one.wall < end:
                    yield one

    def _seconds(self, hour: str, start: int, end: int) -> list[Motion]:
        begun = start // HOUR_US * HOUR_US
        while begun < end and hour_of(begun) < hour:
            begun += HOUR_US
        return read_motion(self._folder / hour, begun) if hour_of(begun) == hour else []

    def _buckets(self, start: int, end: int, bucket: int) -> list[int]:
        found = [UNSEEN] * max(0, -(-(end - start) // bucket))
        for one in self.motion(start, end):
            at = (one.wall - start) // bucket
            found[at] = one.amount if found[at] == UNSEEN else max(found[at], one.amount)
        return found

    def _films(self, start: int, end: int) -> list[_Stored]:
        """Films that overlap [start, end), closed and growing, in the order of time."""
        found = [
            _Stored(one.segment.path, one.segment.start, one.segment.end, growing=False)
            for one in self._store.entries(self._camera, start, end)
            if self._remote is not None or (self._folder / one.segment.path).exists()
        ]
        for hour in self._store.hours_between(self._camera, start, end):
            for path in self._store.unindexed(self._camera, hour):
                with suppress(OSError):
                    film = read_film(self._folder / path)
                    if film.pieces and film.pieces[0].wall < end and film.end > start:
                        found.append(_Stored(path, film.pieces[0].wall, film.end, growing=True))
        return sorted(found, key=lambda one: one.start)

    def _groups(
        self, at: int, until: int, *, after: int = -1
    ) -> Iterator[tuple[_Stored, Film, tuple[Piece, ...]]]:
        """Groups from the one that shows `at`, or the first after it; only those that begin after `after`.

        A group is seen until its last frame ends, as it was guessed, or the next group begins."""
        every = self._every_group(max(0, at - REORDER_US), until)
        one = next(every, None)
        while one is not None:
            later = next(every, None)
            group = one[2]
            ends = max(piece.shown for piece in group) + group[-1].duration
            if later is not None:
                ends = min(ends, later[2][0].shown)
            if ends > at and after < group[0].wall < until and group[0].keyframe:
                yield one
            one = later

    def _every_group(self, at: int, until: int) -> Iterator[tuple[_Stored, Film, tuple[Piece, ...]]]:
        """All groups of the films that overlap a stretch, in the order of time."""
        for stored in self._films_from(at, until):
            try:
                film = self._film(stored)
            except (OSError, KeyError):
                continue  # erased meanwhile
            for group in film.gops():
                yield stored, film, group

    def _films_from(self, at: int, until: int) -> Iterator[_Stored]:
        """As `_films`, an hour at a time: a month is not listed to read a second."""
        hours = self._store.hours_between(self._camera, at, min(until, at + 2 * HOUR_US))
        later = [hour for hour in self._store.hours(self._camera) if hour > (hours[-1] if hours else "")]
        seen = set()
        for one in self._films(at, min(until, at + 2 * HOUR_US)):
            seen.add(one.path)
            yield one
        if until > at + 2 * HOUR_US and later:
            for one in self._films(at + HOUR_US, until):
                if one.path not in seen:
                    yield one

    def _film(self, stored: _Stored) -> Film:
        if stored.growing:
            return read_film(self._folder / stored.path)
        film = self._scans.get(stored.path)
        if film is None:
            with self._open(stored.path) as file:
                film = scan(file, file.seek(0, io.SEEK_END))
            while len(self._scans) >= SCANNED:
                del self._scans[next(iter(self._scans))]
            self._scans[stored.path] = film
        return film

    def _bytes(self, stored: _Stored, group: tuple[Piece, ...]) -> Iterator[tuple[int, bytes]]:
        with self._open(stored.path) as file:
            file.seek(group[0].offset)
            for piece in group:
                yield piece.wall, file.read(piece.size)

    def _open(self, path: str) -> BinaryIO:
        """The film, from the disk, else from the object store. OSError."""
        local: Path = self._folder / path
        if self._remote is None or local.exists():
            return local.open("rb")
        if self._fetched[0] != path:
            self._fetched = (path, self._remote.fetch(self._camera, path))
        return io.BytesIO(self._fetched[1])
