"""What was recorded of each day, read from the index of images as time goes by: the availability of cameras (need 12)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from veilleur.features.availability.days import Part, add_part, reached
from veilleur.features.availability.model import bounds_of, day_of, missing
from veilleur.features.people.queries import centre_zone
from veilleur.recorder.house import House
from veilleur.recorder.registry import CameraSpec
from veilleur.video.model import to_wall
from veilleur.video.store import HOUR_US, LocalStore

SETTLED = timedelta(minutes=3)
"""What is newer may be in a film that is not in the index yet: it has a minute, and its index a moment."""
LEAST = timedelta(minutes=5)
"""Less is not worth a row's writing; a day that ends is worth it."""
MOST_DAYS = 35
"""Days looked back at when nothing was measured yet: longer than images are kept."""


class Days:
    """One of a machine: it reads the folder that its recorders share."""

    def __init__(self, house: House) -> None:
        self._house, self._store = house, LocalStore(house.place.folder)
        self._met: dict[int, int] = {}

    def turn(self) -> int:
        """Measures what has settled since the last time; how many stretches were added."""
        house = self._house
        here = [spec for spec in house.registry.cameras.values() if self._is_here(spec)]
        with house.database.read() as session:
            zone = centre_zone(session)
            known = reached(session, house.place.url, [spec.id for spec in here])
        until, added = to_wall(house.clock.now() - SETTLED), 0
        for spec in here:
            start = to_wall(known[spec.id]) if spec.id in known else self._begins(spec, until)
            for part in self._parts(spec, start, until, zone):
                with house.database.write() as session:
                    add_part(session, house.place.url, part)
                added += 1
        return added

    def _is_here(self, spec: CameraSpec) -> bool:
        """Nobody keeps a customer's recorder running: nothing of it is due."""
        if spec.address.kind in {"recorder", "push"}:
            return False
        return spec.id in self._house.cameras or self._store.camera(str(spec.id)).is_dir()

    def _begins(self, spec: CameraSpec, until: int) -> int:
        """The first thing that the index knows of a camera; when it knows nothing, when we met the camera."""
        camera, first = str(spec.id), until - MOST_DAYS * 24 * HOUR_US
        walls = [one.segment.start for one in self._store.entries(camera, first, until)][:1]
        walls += [gap.start for gap in self._store.gaps(camera, first, until)][:1]
        return max(first, min(walls, default=self._met.setdefault(spec.id, until)))

    def _parts(self, spec: CameraSpec, start: int, until: int, zone: ZoneInfo) -> Iterator[Part]:
        while start < until:
            day = day_of(start, zone)
            _, midnight = bounds_of(day, day, zone)
            end = min(midnight, until)
            if end < midnight and end - start < LEAST // timedelta(microseconds=1):
                return
            yield self._part(spec, start, end, zone)
            start = end

    def _part(self, spec: CameraSpec, start: int, end: int, zone: ZoneInfo) -> Part:
        store, camera = self._store, str(spec.id)
        recorded = [(one.segment.start, one.segment.end) for one in store.entries(camera, start, end)]
        otherwise = "unknown" if spec.standing.record else "live_only"
        lost = missing(recorded, store.gaps(camera, start, end), start, end, otherwise)
        running = self._house.cameras.get(spec.id)
        offset = running.writing.clock_offset_ms if running is not None else None
        return Part(spec.id, day_of(start, zone), start, end, lost, offset)
