"""Supervision of transmission paths (protocols.md, receiver's rule 11; ARCHITECTURE.md §5, «Paths»).

A path is lost when nothing was heard on it for its reporting time, counted up to the oldest watermark of the live
receptions: what they have not written yet is not silence. Nothing expires before one interval of listening after a
(re)start, of ours or of a reception. A reception that has not written for 10 s is one incident of the centre, and
suspends the expiry of what it held. Many accounts lost together are one incident of the centre with its list.

What is found becomes signals of ours (`internal.py`); decide() does the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import text

from veilleur.db.engine import Database, ReadSession
from veilleur.features.sites.queries import centre
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act
from veilleur.watch.deciding import WATCH_ACTOR, Counters
from veilleur.watch.internal import OwnSignal, store_own
from veilleur.watch.lease import Held, fence
from veilleur.watch.lines import MANY, PATH_BACK, PATH_FIRST, PATH_LOST
from veilleur.watch.many import MANY_ALONE, list_back, list_many, open_many, still_lost
from veilleur.watch.receptions import Reception, judge_receptions, read_receptions, report_receptions

log = structlog.get_logger()

PERIOD = 2.0
"""Seconds between looks."""
LIMIT = 2000
"""Paths read in one look."""
TOLD = 50
"""Paths told in one look, lost or back: each costs a line of a dossier and a decision, some 20 ms. When a carrier fails,
ten thousand fall silent together, and an alarm must not wait for them (law 3): it is decided between two looks."""
CLOCK_STEP = 30.0
"""Seconds by which watermarks may run ahead of the monotonic clock, or behind: more is a clock that was set."""
MANY_COUNT = 5
MANY_WINDOW = 60

FUTURE = timedelta(minutes=1)
"""A time farther ahead of the watermarks was written before the clock was set back."""

# Supervised paths of treated sites: silent ones that are up, and lost or unknown ones that have spoken since.
# What was heard «in the future» was heard before the clock was set back: it counts from when we listen again.
# A path whose news has not been decided yet is left for the next look.
LOOK = text("""
SELECT p.id, p.panel_id, p.name, p.carrier, p.state, p.state_since, n.site_id, n.account, n.line, s.reference,
       s.name AS site_name, ps.holder, CASE WHEN ps.last_seen > cast(:until AS timestamptz) + interval '1 minute'
         THEN cast(:listening AS timestamptz) ELSE ps.last_seen END AS last_seen,
       coalesce(p.reporting, 2 * p.interval + 30) AS silence
FROM panel_path p JOIN path_seen ps ON ps.path_id = p.id JOIN panel n ON n.id = p.panel_id
JOIN site s ON s.id = n.site_id
WHERE p.removed_at IS NULL AND n.removed_at IS NULL AND p.interval IS NOT NULL
  AND s.connection IN ('in_service', 'suspended')
  AND ((p.state <> 'lost' AND ps.last_seen + make_interval(secs => coalesce(p.reporting, 2 * p.interval + 30)) < :until)
       OR (p.state <> 'lost' AND ps.last_seen > cast(:until AS timestamptz) + interval '1 minute')
       OR (p.state = 'unknown')
       OR (p.state = 'lost' AND ps.last_seen > p.state_since))
  AND NOT EXISTS (SELECT 1 FROM signal w WHERE w.path_id = p.id AND w.decided_at IS NULL AND w.transport = 'internal')
ORDER BY ps.last_seen LIMIT :limit""")

# How many other accounts of the same carrier or line were lost a moment ago.
RECENTLY_LOST = text("""
SELECT p.id, p.panel_id, p.name, p.carrier, p.state, n.site_id, n.account, n.line, s.reference,
       s.name AS site_name
FROM panel_path p JOIN panel n ON n.id = p.panel_id JOIN site s ON s.id = n.site_id
WHERE p.state = 'lost' AND p.state_since > :since AND p.removed_at IS NULL AND n.removed_at IS NULL""")


@dataclass(frozen=True)
class SeenPath:
    """A supervised path and what is known of it."""

    id: int
    panel_id: int
    site_id: int
    name: str
    account: str
    reference: str
    site_name: str
    state: str
    """As the file has it: up, lost, or unknown while nobody heard of it."""
    shared: str
    """What it shares with others: its carrier, else its line."""

    @property
    def label(self) -> str:
        """One line of the list of an incident."""
        return f"{self.reference} {self.site_name} — {self.name}"

    def signal(self, code: str, many: str | None = None) -> OwnSignal:
        """The signal that tells its loss or return."""
        return OwnSignal(
            site_id=self.site_id,
            category="path",
            code=code,
            qualifier="restore" if code == PATH_BACK else "new",
            panel_id=self.panel_id,
            path_id=self.id,
            account=self.account,
            text=self.name,
            extended={MANY: many} if many else None,
        )


@dataclass(frozen=True)
class ManyRules:
    """When losses are told together: `count` accounts sharing a carrier or line within `window` seconds.

    `alone`: seconds after which what is still lost is told site by site all the same.
    """

    count: int = MANY_COUNT
    window: int = MANY_WINDOW
    alone: int = MANY_ALONE


@dataclass
class Paths:
    """Looks at the paths every `PERIOD` seconds, under a lease. `started_at`: when this watch began to listen."""

    database: Database
    clock: Clock
    held: Held
    counters: Counters = field(default_factory=Counters)
    started_at: datetime = field(init=False)
    more: bool = False
    """Whether the last look left something for the next, which then must not wait."""
    _written: tuple[datetime, float] | None = None
    """The oldest watermark at the last look, and the monotonic time of that look."""

    def __post_init__(self) -> None:
        self.started_at = self.clock.now()

    def look(self) -> int:
        """One look; returns how many signals it stored. Raises LeaseLostError."""
        with self.database.write() as session:
            fence(session, self.held)
            act = Act(session, self.clock.now(), WATCH_ACTOR)
            receptions = judge_receptions(read_receptions(session), act.now)
            report_receptions(act, receptions)
            self.more = False
            told = self._expire(act, receptions)
            listed = list_back(act, TOLD)
            alone = still_lost(act, read_many(session).alone, TOLD)
            self.more = self.more or TOLD in (listed, alone)
            return told + alone

    def _expire(self, act: Act, receptions: Sequence[Reception]) -> int:
        live = [r for r in receptions if r.live]
        if not live:
            return 0
        until = min(r.flushed_at for r in live)
        listening = self._listening(until, live)
        asked = {"until": until, "listening": listening, "limit": LIMIT}
        rows = act.session.execute(LOOK, asked).all()
        silent = {r.holder for r in receptions if r.silent}
        back, lost = [], []
        for row in rows:
            if row.state == "lost" or (
                row.state == "unknown" and until - row.last_seen <= _seconds(row.silence)
            ):
                back.append(_path(row))
            elif row.holder not in silent and until - max(row.last_seen, listening) > _seconds(row.silence):
                lost.append(_path(row))
        self.more = len(lost) + len(back) > TOLD
        lost = lost[:TOLD]
        back = back[: TOLD - len(lost)]
        self.counters.paths_back += sum(path.state == "lost" for path in back)
        self.counters.paths_lost += len(lost)
        return self._tell(act, back, lost)

    def _listening(self, until: datetime, live: Sequence[Reception]) -> datetime:
        """Since when all of us have been listening; a clock that was set makes it begin again."""
        ticks = self.clock.monotonic()
        if self._written is not None:
            before, then = self._written
            if abs((until - before).total_seconds() - (ticks - then)) > CLOCK_STEP:
                log.warning("clock_was_set", before=str(before), now=str(until))
                self.started_at = until
        self._written = until, ticks
        starts = [r.started_at for r in live]
        return max([self.started_at, *(at for at in starts if at <= until + FUTURE)])

    def _tell(self, act: Act, back: Sequence[SeenPath], lost: Sequence[SeenPath]) -> int:
        """Each loss by itself, save where many accounts share a carrier or a line."""
        signals = [path.signal(PATH_BACK if path.state == "lost" else PATH_FIRST) for path in back]
        lists: list[tuple[int, list[tuple[int, str]]]] = []
        for shared, paths, together in self._groups(act, lost):
            many = None
            if together:
                incident_id, many = open_many(act, shared)
                lists.append((incident_id, [(p.id, p.label) for p in together]))
            signals += [path.signal(PATH_LOST, many) for path in paths]
        stored = store_own(act, signals)
        for incident_id, listed in lists:
            list_many(act, incident_id, listed)
        return len(stored)

    def _groups(self, act: Act, lost: Sequence[SeenPath]) -> list[tuple[str, list[SeenPath], list[SeenPath]]]:
        """By what they share: the losses of this look, and when they are many all those of the last minute."""
        if not lost:
            return []
        rules = read_many(act.session)
        since = act.now - timedelta(seconds=rules.window)
        before = [_path(row) for row in act.session.execute(RECENTLY_LOST, {"since": since})]
        groups = []
        for shared, paths in _by_shared(lost).items():
            together = [*(p for p in before if p.shared == shared), *paths]
            many = len({p.panel_id for p in together}) >= rules.count
            groups.append((shared, paths, together if many else []))
        return groups


def read_many(session: ReadSession) -> ManyRules:
    """The centre's setting `watch.many_paths`: {count, window, alone}."""
    house = centre(session)
    own: dict[str, Any] = ((house.settings.get("watch") or {}).get("many_paths") or {}) if house else {}
    return ManyRules(**{key: int(own[key]) for key in ("count", "window", "alone") if key in own})


def _seconds(value: int) -> timedelta:
    return timedelta(seconds=value)


def _path(row: Any) -> SeenPath:
    shared = row.carrier or row.line or ""
    return SeenPath(
        row.id,
        row.panel_id,
        row.site_id,
        row.name,
        row.account,
        row.reference,
        row.site_name,
        row.state,
        shared,
    )


def _by_shared(paths: Iterable[SeenPath]) -> dict[str, list[SeenPath]]:
    groups: dict[str, list[SeenPath]] = {}
    for path in paths:
        groups.setdefault(path.shared, []).append(path)
    return groups
