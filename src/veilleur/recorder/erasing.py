"""Images are erased when their time is over, or when the disk is short; each round of a camera is one entry."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import text

from veilleur.db.engine import Database, ReadSession
from veilleur.features.cameras.dossiers import Entered, tell
from veilleur.features.incidents.model import PointRef
from veilleur.features.sites.queries import lock_site, site_row, subject_of
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import UnavailableError
from veilleur.logbook.act import Act
from veilleur.recorder.owed import Owed
from veilleur.recorder.rooting import RECORDER
from veilleur.video.index import hour_of
from veilleur.video.model import Segment, from_wall, to_wall
from veilleur.video.retention import Erasure, Hold, Rule, choose, erase, images_left
from veilleur.video.store import HOUR_US, SENT, LocalStore, ObjectStore

log = structlog.get_logger()

MARGIN = 1.1
"""Room is made a little beyond the warning, or each round would erase one film."""
FOREVER = 2**62
UNKNOWN = Rule(30)
"""A folder whose camera no table knows: a month, the most that L252-5 allows of any."""

# How long each camera's images may be kept, those of removed cameras too.
RULES = text("""
SELECT c.id, c.name, c.site_id, least(c.retention_days, coalesce(a.retention_days, c.retention_days)) AS most,
  greatest(c.min_retention_days, coalesce(a.min_retention_days, 0)) AS least
FROM camera c LEFT JOIN authorisation a ON a.id = c.authorisation_id""")

# Gels conservatoires in force.
HOLDS = text("""
SELECT camera_id, from_at, until_at FROM mark WHERE removed_at IS NULL AND hold_reason IS NOT NULL AND hold_until > :now""")


@dataclass(frozen=True)
class Kept:
    """A camera as retention knows it."""

    id: int
    name: str
    site_id: int
    rule: Rule


@dataclass
class Erasing:
    """The rounds of one folder. `pressed_at`: monotonic time at which the disk last forced an erasure."""

    database: Database
    clock: Clock
    store: LocalStore
    objects: ObjectStore | None
    warning: int
    pressed_at: float | None = None
    _told: set[str] = field(default_factory=set)

    def low(self) -> bool:
        """Whether room is short: too little is free, or images went before their time within the hour."""
        pressed = self.pressed_at is not None and self.clock.monotonic() - self.pressed_at < 3600
        return pressed or self.free() < self.warning

    def free(self) -> int:
        """Bytes free where recordings lie."""
        return shutil.disk_usage(self.store.root).free

    def round(self) -> int:
        """Erases what is to be erased; how many films. Raises OSError, and what the database raises."""
        now = self.clock.now()
        with self.database.read() as session:
            cameras, holds = _rules(session), _holds(session, now)
        films = {camera: self._films(camera, to_wall(now)) for camera in self.store.cameras()}
        rules = {camera: cameras[camera].rule if camera in cameras else UNKNOWN for camera in films}
        wanted = max(0, int(self.warning * MARGIN) - self.free()) if self.free() < self.warning else 0
        wanted -= self._evict(wanted)
        chosen = self._choose(to_wall(now), films, rules, holds, max(0, wanted))
        if any(one.why != "age" for one in chosen):
            self.pressed_at = self.clock.monotonic()
        done = 0
        for camera in dict.fromkeys(one.camera for one in chosen):
            mine = [one for one in chosen if one.camera == camera]
            done += self._erase(cameras.get(camera), camera, mine)
        for camera, rule in rules.items():
            self._erase_images(cameras.get(camera), camera, rule)
        self._pay()
        return done

    def send(self) -> int:
        """Copies closed hours to the object store; how many films left. An hour that does not go is tried again."""
        if self.objects is None:
            return 0
        sent, last = 0, hour_of(to_wall(self.clock.now()) - HOUR_US // 12)
        for camera in self.store.cameras():
            for hour in self.store.hours(camera):
                if hour >= last or (self.store.camera(camera) / hour / SENT).exists():
                    continue
                try:
                    sent += self.objects.send_hour(self.store, camera, hour)
                except UnavailableError as fault:
                    self._tell("store", fault)
                    return sent  # away: each hour would wait in vain
                except (ValueError, OSError) as fault:
                    self._tell(f"{camera}/{hour}", fault)
        self._told.discard("store")
        return sent

    def _choose(
        self,
        now: int,
        films: dict[str, list[Segment]],
        rules: dict[str, Rule],
        holds: list[Hold],
        wanted: int,
    ) -> list[Erasure]:
        """All that is over; then, for room, films that are on the disk: one that is in the object store only frees none."""
        over = choose(now, films, rules)
        if wanted <= 0:
            return over
        here = {
            camera: [one for one in some if (self.store.camera(camera) / one.path).exists()]
            for camera, some in films.items()
        }
        return over + [one for one in choose(now, here, rules, holds, wanted=wanted) if one.why != "age"]

    def _films(self, camera: str, now: int) -> list[Segment]:
        """Films that may go; not those of this hour and of the one before, whose index is being written."""
        untouchable = hour_of(now - HOUR_US)
        return [
            one.segment
            for one in self.store.entries(camera, 0, FOREVER)
            if one.segment.path.rpartition("/")[0] < untouchable
        ]

    def _evict(self, wanted: int) -> int:
        """The local copies of hours that are in the object store go first; bytes freed."""
        freed = 0
        if wanted <= 0 or self.objects is None:
            return freed
        hours = sorted((hour, camera) for camera in self.store.cameras() for hour in self.store.hours(camera))
        for hour, camera in hours:
            folder = self.store.camera(camera) / hour
            if not (folder / SENT).exists():
                continue
            for film in folder.glob("*.mp4"):
                if freed >= wanted:
                    return freed
                freed += film.stat().st_size
                film.unlink()
        return freed

    def _erase(self, known: Kept | None, camera: str, chosen: list[Erasure]) -> int:
        """One camera's round, its entry in the same breath."""
        with self.database.write() as session:
            session.execute(text("SELECT 1"))  # a database that is away is noticed before anything is gone
            if self.objects is not None:
                Owed(self.store, self.objects).add(camera, [one.segment.path for one in chosen])
            done = erase(self.store, chosen)
            act = Act(session, self.clock.now(), RECORDER)
            for below in (False, True):
                some = [one for one in done if (one.why == "below_minimum") is below]
                if some:
                    _enter(act, known, camera, some, below=below)
        return len(done)

    def _erase_images(self, known: Kept | None, camera: str, rule: Rule) -> None:
        """Pictures of the strip that no film took with it."""
        left = images_left(self.store, camera, to_wall(self.clock.now()), rule.maximum)
        if not left:
            return
        hours = sorted(from_hour(path.parent.parent.name, path.parent.name) for path in left)
        with self.database.write() as session:
            act = Act(session, self.clock.now(), RECORDER)
            said = {
                "camera": known.name if known else camera,
                "camera_id": known.id if known else None,
                "count": len(left),
                "size": sum(path.stat().st_size for path in left),
                "from": hours[0].isoformat(),
                "until": (hours[-1] + timedelta(hours=1)).isoformat(),
                "why": ["age"],
            }
            subject = subject_of(site_row(session, known.site_id)) if known else None
            act.record("video.erased", said, subject=subject)
            if self.objects is not None:
                folder = self.store.camera(camera)
                Owed(self.store, self.objects).add(camera, [str(path.relative_to(folder)) for path in left])
            for path in left:
                path.unlink(missing_ok=True)

    def _pay(self) -> None:
        if self.objects is not None:
            try:
                Owed(self.store, self.objects).pay()
            except UnavailableError as fault:
                self._tell("store erases", fault)

    def _tell(self, what: str, fault: Exception) -> None:
        if what not in self._told:
            self._told.add(what)
            log.warning("store.refuses", what=what, fault=str(fault))


def from_hour(day: str, hour: str) -> datetime:
    """When an hour's folder begins."""
    return datetime.fromisoformat(day).replace(hour=int(hour), tzinfo=UTC)


def _rules(session: ReadSession) -> dict[str, Kept]:
    return {
        str(row.id): Kept(
            row.id, row.name, row.site_id, Rule(int(row.most), min(int(row.least), int(row.most)))
        )
        for row in session.execute(RULES)
    }


def _holds(session: ReadSession, now: datetime) -> list[Hold]:
    rows = session.execute(HOLDS, {"now": now})
    return [Hold(str(row.camera_id), to_wall(row.from_at), to_wall(row.until_at)) for row in rows]


def _enter(act: Act, known: Kept | None, camera: str, some: list[Erasure], *, below: bool) -> None:
    said: Mapping[str, object] = {
        "camera": known.name if known else camera,
        "camera_id": known.id if known else None,
        "count": len(some),
        "size": sum(one.segment.size for one in some),
        "from": from_wall(min(one.segment.start for one in some)).isoformat(),
        "until": from_wall(max(one.segment.end for one in some)).isoformat(),
        "why": sorted({one.why for one in some}),
    }
    if not below:
        subject = subject_of(site_row(act.session, known.site_id)) if known else None
        act.record("video.erased", said, subject=subject)
    elif known is None:
        act.record("video.erased_below_minimum", said)
    else:
        _tell_below(act, known, said)


def _tell_below(act: Act, known: Kept, said: Mapping[str, object]) -> None:
    """Erasing below a prescribed minimum is a P3 (practice, «gel conservatoire»): a dossier, by the very entry."""
    site = lock_site(act.session, known.site_id)
    point = PointRef(f"camera:{known.id}:disk", known.name, "technical", None, None)
    entry = Entered("video.erased_below_minimum", said, site, {"camera": [known.id]})
    tell(
        act,
        site,
        f"camera:{known.id}",
        code="camera_disk",
        point=point,
        priority=3,
        said=known.name,
        entry=entry,
    )
