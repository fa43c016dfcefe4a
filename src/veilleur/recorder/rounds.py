"""What need not happen each second on the dot: entries of faults, chains, viewings that ended, roots, retention, pulls."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from veilleur.db.status import STALE
from veilleur.features.talks.commands import end_lost
from veilleur.features.viewing.admitting import sweep
from veilleur.features.viewing.looking import end_viewing
from veilleur.kernel.errors import VeilleurError
from veilleur.logbook.act import Act
from veilleur.recorder.days import Days
from veilleur.recorder.erasing import Erasing
from veilleur.recorder.faults import Faults
from veilleur.recorder.guests import Guests
from veilleur.recorder.house import House
from veilleur.recorder.pulling import Pulling
from veilleur.recorder.rooting import RECORDER, root_days, write_chains
from veilleur.video.model import Segment
from veilleur.video.store import LocalStore, ObjectStore

log = structlog.get_logger()

TICK = 0.5
GRACE = 8.0
"""Seconds after its last socket during which a viewing may still open another: a page that is loaded again, a line
that was cut. Then it has ended (R253-5: who looked, from when to when)."""

# Recorders that said within seconds that they have sockets of a viewing.
ELSEWHERE = text("""
SELECT 1 FROM role_status WHERE role ~ '^recorder' AND holder <> :holder AND seen_at > :since
  AND detail->'viewings' @> to_jsonb(CAST(:viewing AS bigint))""")


@dataclass
class _Round:
    """Something done every so many seconds."""

    name: str
    every: float
    work: Callable[[], object]
    due: float = 0.0


class Rounds:
    """A thread, and one for what may wait long. A round that fails is told, and tried again when it is due."""

    def __init__(self, house: House, guests: Guests, faults: Faults) -> None:
        store = house.place.store
        self._house, self._guests, self._faults = house, guests, faults
        self._local = LocalStore(house.place.folder)
        objects = ObjectStore(store) if store else None
        self._erasing = Erasing(house.database, house.clock, self._local, objects, house.place.disk_warning)
        self._pulling = Pulling(house, self.keep)
        self._left: dict[int, float] = {}
        self._last: dict[int, Segment] = {}
        self._stop = threading.Event()
        rounds = [
            _Round("faults", 1.0, faults.write),
            _Round("chains", 1.0, self.chains),
            _Round("viewings", 1.0, self._end_viewings),
            _Round("sweep", 5.0, self._sweep),
            _Round("pulls", 1.0, self._pulling.turn),
            _Round("disk", 10.0, self._disk),
            _Round("roots", 60.0, self._root),
        ]
        slow: list[_Round] = []
        if house.place.number == 1:  # one of a machine looks after its folder
            slow = [
                _Round("retention", 120.0, self._erasing.round),
                _Round("sending", 60.0, self._erasing.send),
                _Round("days", 60.0, Days(house).turn),
            ]
        # An object store that is away makes who asks it wait: nothing else may wait with it.
        self._threads = [
            threading.Thread(target=self._run, args=(some,), name=name, daemon=True)
            for name, some in (("rounds", rounds), ("slow rounds", slow))
            if some
        ]

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends them, each after the round under way."""
        self._stop.set()
        self._pulling.stop()
        for thread in self._threads:
            thread.join(timeout=5)

    def chains(self) -> None:
        """The last links of the chains, in one statement. Raises what the database raises; they wait meanwhile."""
        for camera, running in list(self._house.cameras.items()):
            if closed := running.writing.closed():
                self._last[camera] = closed[-1]
        if self._last:
            going = dict(self._last)
            with self._house.database.write() as session:
                write_chains(session, going)
            self._last = {camera: one for camera, one in self._last.items() if going.get(camera) is not one}

    def keep(self, camera: int, closed: list[Segment]) -> None:
        """The last segment of a camera that leaves."""
        if closed:
            self._last[camera] = closed[-1]

    def _run(self, rounds: list[_Round]) -> None:
        clock = self._house.clock
        while not self._stop.wait(TICK):
            for each in rounds:
                if clock.monotonic() < each.due or self._stop.is_set():
                    continue
                each.due = clock.monotonic() + each.every
                try:
                    each.work()
                except (SQLAlchemyError, OSError, VeilleurError) as fault:
                    log.warning("round.failed", round=each.name, fault=str(fault).splitlines()[:1])
                except Exception:  # a fault of ours ends one round, never the others
                    log.exception("round.fault", round=each.name)

    def _end_viewings(self) -> None:
        """Ends viewings whose last socket closed, here and on every other recorder, some seconds ago."""
        now = self._house.clock.monotonic()
        here = self._guests.viewings()
        for viewing in self._guests.left.copy():
            self._guests.left.discard(viewing)
            self._left.setdefault(viewing, now)
        for viewing, since in list(self._left.items()):
            if viewing in here:
                del self._left[viewing]
            elif now - since > GRACE:
                self._end(viewing)

    def _end(self, viewing: int) -> None:
        house = self._house
        with house.database.write() as session:
            asked = {
                "holder": house.holder,
                "since": house.clock.now() - STALE,
                "viewing": viewing,
            }
            if session.scalar(ELSEWHERE, asked) is None:
                end_viewing(Act(session, house.clock.now(), RECORDER), viewing, "sockets")
        del self._left[viewing]  # ended, or another's to end

    def _sweep(self) -> None:
        with self._house.database.write() as session:
            act = Act(session, self._house.clock.now(), RECORDER)
            end_lost(act)
            sweep(act)

    def _disk(self) -> None:
        self._faults.low = self._erasing.low()

    def _root(self) -> None:
        house = self._house
        known = house.registry.cameras
        specs = {camera: known[camera] for camera in house.here() if camera in known}
        root_days(house.database, house.clock, self._local, specs)
