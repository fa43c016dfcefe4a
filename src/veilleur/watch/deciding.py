"""The queue of stored signals: taken while undecided, one transaction each, a bad one set aside (ARCHITECTURE.md §5).

There is no cursor: `WHERE decided_at IS NULL`, so that a signal of a writer that commits late is decided late, never lost.
Signals of one site are decided in order; sites take turns, those in danger first, so that a panel that talks a lot, or
whose one frame holds hundreds of events, makes nobody else wait. What cannot be decided now (a lock held too long)
holds back its own site only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from veilleur.db.engine import Database
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.model import Opening, PointRef, SignalRef
from veilleur.features.sites import commands as sites
from veilleur.features.sites.queries import lock_site
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act, Actor
from veilleur.protocols import contact_id, sia_codes
from veilleur.protocols.codes import Nature
from veilleur.protocols.dc09 import canonical_account
from veilleur.protocols.events import Category
from veilleur.watch.apply import Applier
from veilleur.watch.closing_time import expect_closing
from veilleur.watch.decide import NEVER_A_DOSSIER, NOT_UNDERSTOOD, OTHER_LINE, decide
from veilleur.watch.defaults import FAMILY, FIRE, PERSON, SERVICE, priority_of
from veilleur.watch.learning import learn_when_armed
from veilleur.watch.lease import Held, LeaseLostError, fence
from veilleur.watch.read import SIGNAL, StoredSignal, read_incidents, read_rules
from veilleur.watch.remembered import SiteFiles
from veilleur.watch.view import Rules

log = structlog.get_logger()

WATCH_ACTOR = Actor("watch", name="Veilleur")
BATCH = 100
"""Signals looked at together…"""
LOOK_AGAIN = 0.25
"""…and for how many seconds they are decided before one looks again: a hold-up that came meanwhile, the deadlines and the
lease wait no longer than this and one signal."""
EVENTS_AT_ONCE = 8
"""Events of one signal decided in one transaction, some tens of milliseconds each: a frame may hold seven hundred."""
LOOKED_THROUGH = 20_000
"""Of those that wait, the oldest among which turns are taken: bounds what a look costs after a night without database."""
QUIET_EVERY = 1.0
"""Seconds between two looks for what needs no decision, while there is more to decide than time."""
URGENT = "$[*].category ? ({})".format(
    " || ".join(f'@ == "{each}"' for each, family in FAMILY.items() if family in (PERSON, FIRE))
)
"""A path of JSON: what concerns persons or fire comes first when several sites wait."""
MANY = 2_000
"""Signals settled by one statement, without a decision."""
PROOFS_OF_LIFE = frozenset(
    code
    for table in (contact_id.TABLE, sia_codes.TABLE)
    for code, info in table.items()
    if info.category is Category.TEST and info.nature is Nature.INFORMATION
)
RETRY_POISONED = 60.0
"""Seconds before a signal that could not even be set aside is tried again; the queue goes on without it."""

# What waits, without those that are being left alone for a while: of the sites that had no turn in this round, those where
# a person or fire waits, then the others; the oldest of each site, then the second of each…
UNDECIDED = text(f"""{SIGNAL} JOIN (
  SELECT id AS next_id, place = ANY(:served) AS served, bool_or(urgent) OVER (PARTITION BY place) AS first,
         row_number() OVER (PARTITION BY place ORDER BY id) AS turn
  FROM (SELECT id, coalesce(site_id, 0) AS place,
               verdict = 'accepted' AND jsonb_path_exists(events, CAST(:urgent AS jsonpath)) AS urgent
        FROM signal WHERE decided_at IS NULL AND id <> ALL(:skip) ORDER BY id LIMIT :looked) AS oldest) AS waiting
ON next_id = id ORDER BY served, NOT first, turn, id LIMIT :limit""")  # noqa: S608 - every part is ours

# Ghosts and security troubles have queues of their own: nothing to decide.
SETTLE_OTHERS = text("""
UPDATE signal SET decided_at = :now
WHERE id IN (SELECT id FROM signal WHERE decided_at IS NULL AND verdict = ANY(:verdicts) ORDER BY id LIMIT :limit)
RETURNING id""")

# Proofs of life (most of what a station receives) ask for nothing, unless an exception says otherwise somewhere.
# A test holds decide() to this: for these codes, without a point and without exceptions, it decides nothing.
SETTLE_TESTS = text("""
UPDATE signal SET decided_at = :now
WHERE id IN (
  SELECT w.id FROM signal w JOIN site s ON s.id = w.site_id JOIN panel p ON p.id = w.panel_id
  LEFT JOIN customer c ON c.id = s.customer_id LEFT JOIN panel_model m ON m.id = p.model_id
  WHERE w.decided_at IS NULL AND w.verdict = 'accepted' AND w.transport <> 'internal'
    AND s.connection IN ('in_service', 'suspended') AND s.codes = '[]'
    AND coalesce(c.codes, '[]') = '[]' AND coalesce(m.codes, '[]') = '[]'
    AND jsonb_array_length(w.events) > 0
    AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements(w.events) e
                    WHERE e->>'category' <> 'test' OR NOT (e->>'code' = ANY(:codes))
                       OR coalesce(ltrim(e->>'zone', '0'), '') <> '')
  ORDER BY w.id LIMIT :limit)
RETURNING id""")

# Nobody else decides it: the lease is fenced. The row is locked by the mark alone, at the very end, so that the
# signals behind it get their positions meanwhile.
CLAIM = text("SELECT id FROM signal WHERE id = :id AND decided_at IS NULL")
MARK = text("UPDATE signal SET decided_at = :now WHERE id = :id")
MARK_PART = text("UPDATE signal SET events_decided = :events WHERE id = :id")
# The sites that have the account of a signal on another reception line (practice P9).
ELSEWHERE = text(
    "SELECT DISTINCT site_id FROM panel WHERE canonical = :canonical AND removed_at IS NULL LIMIT 2"
)
COUNT_ATTEMPT = text("UPDATE signal SET attempts = attempts + 1 WHERE id = :id AND decided_at IS NULL")


@dataclass
class Counters:
    """What the watch has done since it started; for /metrics."""

    decided: int = 0
    retried: int = 0
    quarantined: int = 0
    deadlines: int = 0
    deadlines_failed: int = 0
    paths_lost: int = 0
    paths_back: int = 0


@dataclass
class Decider:
    """Decides the signals that wait, under a lease."""

    database: Database
    clock: Clock
    held: Held
    counters: Counters = field(default_factory=Counters)
    files: SiteFiles = field(default_factory=SiteFiles)
    _left_alone: dict[int, float] = field(default_factory=dict)
    _next_quiet: float = 0.0
    _served: set[int] = field(default_factory=set)
    """Sites that had their turn in this round; 0: what is of no site."""

    def run_batch(self) -> int:
        """Decides what waits, at most a batch; returns how many signals moved on. Raises LeaseLostError."""
        with self.database.read() as session:
            rules = read_rules(session)
        begun = self.clock.monotonic()
        settled = self._settle_quiet(rules) if begun >= self._next_quiet else 0
        self._next_quiet = 0.0
        blocked: set[int] = set()
        for signal in self._waiting():
            self._take_turn(signal)
            if signal.site_id is not None and signal.site_id in blocked:
                continue
            try:
                self._one(signal, rules)
                settled += 1
            except OperationalError as error:
                if error.connection_invalidated:
                    raise
                log.warning("signal_waits", signal=signal.id, error=_first_line(error))
                if signal.site_id is not None:
                    blocked.add(signal.site_id)
            if self.clock.monotonic() - begun > LOOK_AGAIN:
                self._next_quiet = begun + QUIET_EVERY
                break
        self.counters.decided += settled
        return settled

    def _waiting(self) -> list[StoredSignal]:
        now = self.clock.monotonic()
        self._left_alone = {key: until for key, until in self._left_alone.items() if until > now}
        with self.database.read() as session:
            parameters = {
                "skip": list(self._left_alone),
                "urgent": URGENT,
                "served": list(self._served),
                "looked": LOOKED_THROUGH,
                "limit": BATCH,
            }
            return [StoredSignal(**row) for row in session.execute(UNDECIDED, parameters).mappings()]

    def _take_turn(self, signal: StoredSignal) -> None:
        """A round is over when a site that had its turn comes up again: all others that wait had theirs."""
        place = signal.site_id or 0
        if place in self._served:
            self._served.clear()
        self._served.add(place)

    def _settle_quiet(self, rules: Rules) -> int:
        with self.database.write() as session:
            fence(session, self.held)
            now = self.clock.now()
            others = {"now": now, "verdicts": sorted(NEVER_A_DOSSIER), "limit": MANY}
            settled = len(session.execute(SETTLE_OTHERS, others).all())
            if not rules.codes:
                tests = {"now": now, "codes": sorted(PROOFS_OF_LIFE), "limit": MANY}
                settled += len(session.execute(SETTLE_TESTS, tests).all())
            return settled

    def _one(self, signal: StoredSignal, rules: Rules) -> None:
        """Decides one signal; one retry alone, then it is set aside in a dossier of its own."""
        signal_id = signal.id
        for _ in range(max(0, 2 - signal.attempts)):
            try:
                return self._decide(signal, rules)
            except (LeaseLostError, OperationalError):
                raise
            except Exception:  # decide() may raise on anything: the queue goes on
                log.exception("signal_not_decided", signal=signal_id)
                self.counters.retried += 1
                self._count_attempt(signal_id)
        try:
            self._set_aside(signal, rules)
            self.counters.quarantined += 1
        except (LeaseLostError, OperationalError):
            raise
        except Exception:  # even the quarantine failed: shown in the logs, tried again later
            log.exception("signal_not_set_aside", signal=signal_id)
            self._left_alone[signal_id] = self.clock.monotonic() + RETRY_POISONED
        return None

    def _decide(self, signal: StoredSignal, rules: Rules) -> None:
        with self.database.write() as session:
            fence(session, self.held)
            act = Act(session, self.clock.now(), WATCH_ACTOR)
            # Named: as long as it is, nobody need read it again.
            site = lock_site(session, site_of(act, signal))
            if session.scalar(CLAIM, {"id": signal.id}) is None:
                return
            decided = decide_and_apply(act, site.id, signal, rules, self.files)
            if decided < len(signal.events):
                session.execute(MARK_PART, {"id": signal.id, "events": decided})
            else:
                session.execute(MARK, {"id": signal.id, "now": act.now})

    def _count_attempt(self, signal_id: int) -> None:
        with self.database.write() as session:
            session.execute(COUNT_ATTEMPT, {"id": signal_id})

    def _set_aside(self, signal: StoredSignal, rules: Rules) -> None:
        with self.database.write() as session:
            fence(session, self.held)
            act = Act(session, self.clock.now(), WATCH_ACTOR)
            site_id = site_of(act, signal)
            lock_site(session, site_id)
            if session.scalar(CLAIM, {"id": signal.id}) is None:
                return
            set_aside(act, site_id, signal, rules)
            session.execute(MARK, {"id": signal.id, "now": act.now})


def site_of(act: Act, signal: StoredSignal) -> int:
    """The site that a signal concerns: its own; of an account known on another line the one site that has it;
    else the station's."""
    if signal.site_id is not None:
        return signal.site_id
    if signal.verdict == OTHER_LINE and signal.account:
        asked = {"canonical": canonical_account(signal.account)}
        found = list(act.session.scalars(ELSEWHERE, asked))
        if len(found) == 1:
            return int(found[0])
    return sites.ensure_centre_site(act)


def decide_and_apply(act: Act, site_id: int, signal: StoredSignal, rules: Rules, files: SiteFiles) -> int:
    """The next events of a signal in turn, each seeing what the one before it changed; how many are decided in all."""
    until = signal.events_decided + EVENTS_AT_ONCE
    for heard in signal.heard()[signal.events_decided : until]:
        view = files.view(act.session, site_id)
        found = read_incidents(act.session, site_id)
        decisions = decide(view, found, heard, act.now, rules)
        Applier(act, view, heard).run(decisions)
        expect_closing(act, view, decisions, rules)
        learn_when_armed(act, view, heard)
        act.session.flush()
        act.session.expire_all()
    return until


def raw_priority(signal: StoredSignal) -> tuple[Category, int]:
    """The priority of the raw category of a signal, else 2 (ARCHITECTURE.md §5)."""
    known = {category.value for category in Category}
    for row in signal.events:
        category = row.get("category") if isinstance(row, dict) else None
        if category in known and category != Category.UNKNOWN:
            return Category(category), priority_of(Category(category), Nature.ALARM, armed=True)
    return Category.UNKNOWN, NOT_UNDERSTOOD


def set_aside(act: Act, site_id: int, signal: StoredSignal, rules: Rules) -> int:
    """«Signal non interprété»: a dossier that shows the raw frame, since decide() could not read it."""
    category, priority = raw_priority(signal)
    first = signal.events[0] if signal.events and isinstance(signal.events[0], dict) else {}
    opening = Opening(
        site_id=site_id,
        group="main",
        family=SERVICE,
        category=category,
        priority=priority,
        needs_operator=True,
        procedure_event="unknown",
        limits={"take": rules.take, "act": rules.act},
        headline={
            "code": str(first.get("code")) if first.get("code") else None,
            "dialect": signal.dialect,
            "category": category,
            "qualifier": None,
            "zone": None,
            "zone_name": None,
            "area": None,
            "user": None,
            "text": None,
            "signal": signal.id,
            "marks": ["not_interpreted"],
        },
    )
    where = SignalRef(signal.id, 0, signal.received_at, "opened")
    point = PointRef(f"signal:{signal.id}", f"#signal:{signal.id}", category, None, None)
    incident_id = incidents.open_incident(act, opening, where, point)
    act.record("signal.set_aside", {"signal": signal.id, "account": signal.account, "line": signal.line})
    return incident_id


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
