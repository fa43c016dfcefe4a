"""The watch: one leader decides signals, applies deadlines and supervises paths; standbys wait for its lease."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import DBAPIError

from veilleur.db.engine import Database
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act
from veilleur.watch.caretaker import Care, Caretaker
from veilleur.watch.deadlines import Deadlines
from veilleur.watch.deciding import WATCH_ACTOR, Counters, Decider
from veilleur.watch.lease import TTL, WATCH, Held, LeaseLostError, acquire, fence, release, renew
from veilleur.watch.paths import PERIOD, Paths
from veilleur.watch.waiting import Ear

log = structlog.get_logger()

TICK = 0.2
"""Seconds between looks when nothing waits."""
RETRY = 1.0
"""Seconds after a fault of the database, or while another watch leads."""


@dataclass
class Watch:
    """One watch process. `counters` are read by others for /metrics; `leading`: whether it decides."""

    database: Database
    clock: Clock
    holder: str
    counters: Counters = field(default_factory=Counters)
    leading: bool = False
    ttl: float = TTL
    cares: Callable[[Held], Sequence[Care]] = lambda _: ()
    """What is looked after beside the decisions, in a thread of its own, while this watch leads."""

    def run(self, stop: threading.Event) -> None:
        """Leads whenever it can, until told to stop; lets go of the lease at the end."""
        ear = Ear(self.database.dsn)
        try:
            while not stop.is_set():
                self._turn(stop, ear)
        finally:
            ear.close()

    def _turn(self, stop: threading.Event, ear: Ear) -> None:
        try:
            held = acquire(self.database, WATCH, self.holder, self.ttl)
            if held is None:
                stop.wait(min(RETRY, self.ttl / 3))
                return
            try:
                self._lead(held, stop, ear)
            finally:
                self.leading = False
                release(self.database, held)
        except LeaseLostError:
            log.warning("watch_lease_lost", holder=self.holder)
        except DBAPIError as error:
            log.warning("watch_interrupted", holder=self.holder, error=str(error).splitlines()[0])
            stop.wait(RETRY)

    def _lead(self, held: Held, stop: threading.Event, ear: Ear) -> None:
        self.leading = True
        log.info("watch_leads", holder=self.holder, epoch=held.epoch)
        self._say_started(held)
        leave = threading.Event()
        cares = self.cares(held)
        groups = [[care for care in cares if not care.apart], *([care] for care in cares if care.apart)]
        caring = [
            threading.Thread(target=Caretaker(self.clock, group).run, args=(leave,), name="care", daemon=True)
            for group in groups
            if group
        ]
        for thread in caring:
            thread.start()
        try:
            self._decide(held, stop, ear)
        finally:
            leave.set()
            for thread in caring:
                thread.join(timeout=5)

    def _decide(self, held: Held, stop: threading.Event, ear: Ear) -> None:
        decider = Decider(self.database, self.clock, held, self.counters)
        deadlines = Deadlines(self.database, self.clock, held, self.counters)
        paths = Paths(self.database, self.clock, held, self.counters)
        next_renewal = next_look = self.clock.monotonic()
        while not stop.is_set():
            now = self.clock.monotonic()
            if now >= next_renewal:
                renew(self.database, held, self.ttl)
                next_renewal = now + self.ttl / 3
            worked = decider.run_batch() + deadlines.run_due()
            if now >= next_look:
                worked += paths.look()
                next_look = now if paths.more else now + PERIOD
            if not worked:
                ear.wait(stop, TICK)

    def _say_started(self, held: Held) -> None:
        with self.database.write() as session:
            fence(session, held)
            Act(session, self.clock.now(), WATCH_ACTOR).record(
                "watch.started", {"holder": held.holder, "epoch": held.epoch}, touched={"centre": [1]}
            )


def run_watch(
    database: Database,
    clock: Clock,
    holder: str,
    stop: threading.Event,
    cares: Callable[[Held], Sequence[Care]] = lambda _: (),
) -> None:
    """The role's loop: decides, applies deadlines, supervises paths and looks after the house, until `stop` is set."""
    Watch(database, clock, holder, cares=cares).run(stop)
