"""The queue of stored signals: taken while undecided, one transaction each, a bad one set aside (ARCHITECTURE.md §5).

There is no cursor: `WHERE decided_at IS NULL ORDER BY id LIMIT n`, so that a signal of a writer that commits late
is decided late, never lost. Signals of one site are decided in order: what cannot be decided now (a lock held too
long) holds back its own site only.
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
from veilleur.watch.defaults import SERVICE, priority_of
from veilleur.watch.learning import learn_when_armed
from veilleur.watch.lease import Held, LeaseLostError, fence
from veilleur.watch.read import SIGNAL, StoredSignal, read_incidents, read_rules
from veilleur.watch.remembered import SiteFiles
from veilleur.watch.view import Rules

log = structlog.get_logger()

WATCH_ACTOR = Actor("watch", name="Veilleur")
BATCH = 100
"""Signals looked at together: bounds how long deadlines and the lease wait."""
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

# What waits, oldest first, without those that are being left alone for a while.
UNDECIDED = text(f"{SIGNAL} WHERE decided_at IS NULL AND id <> ALL(:skip) ORDER BY id LIMIT :limit")

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

    def run_batch(self) -> int:
        """Decides what waits, at most a batch; returns how many signals are settled. Raises LeaseLostError."""
        with self.database.read() as session:
            rules = read_rules(session)
        settled = self._settle_quiet(rules)
        blocked: set[int] = set()
        for signal in self._waiting():
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
        self.counters.decided += settled
        return settled

    def _waiting(self) -> list[StoredSignal]:
        now = self.clock.monotonic()
        self._left_alone = {key: until for key, until in self._left_alone.items() if until > now}
        with self.database.read() as session:
            parameters = {"skip": list(self._left_alone), "limit": BATCH}
            return [StoredSignal(**row) for row in session.execute(UNDECIDED, parameters).mappings()]

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
            decide_and_apply(act, site.id, signal, rules, self.files)
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


def decide_and_apply(act: Act, site_id: int, signal: StoredSignal, rules: Rules, files: SiteFiles) -> None:
    """Every event of a signal in turn, each seeing what the one before it changed."""
    for heard in signal.heard():
        view = files.view(act.session, site_id)
        found = read_incidents(act.session, site_id)
        decisions = decide(view, found, heard, act.now, rules)
        Applier(act, view, heard).run(decisions)
        expect_closing(act, view, decisions, rules)
        learn_when_armed(act, view, heard)
        act.session.flush()
        act.session.expire_all()


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
