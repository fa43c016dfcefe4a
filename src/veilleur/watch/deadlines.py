"""Deadlines: rows, found by a plain query when due, judged again under the site's lock; a restart loses none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from veilleur.db.engine import Database
from veilleur.features.deadlines.queries import due
from veilleur.features.deadlines.tables import Deadline
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.model import Opening
from veilleur.features.sites import commands as sites
from veilleur.features.sites.queries import lock_site
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act
from veilleur.watch.deciding import RETRY_POISONED, WATCH_ACTOR, Counters
from veilleur.watch.defaults import SERVICE
from veilleur.watch.effects import EFFECTS, Effect
from veilleur.watch.lease import Held, LeaseLostError, fence
from veilleur.watch.read import read_rules

log = structlog.get_logger()

BATCH = 100
FAILED_PRIORITY = 2
"""A deadline that could not be applied may be the one that keeps somebody safe."""

COUNT_ATTEMPT = text("UPDATE deadline SET attempts = attempts + 1 WHERE id = :id AND done_at IS NULL")


@dataclass
class Deadlines:
    """Applies what is due, under a lease. `effects` by kind."""

    database: Database
    clock: Clock
    held: Held
    counters: Counters = field(default_factory=Counters)
    effects: Mapping[str, Effect] = field(default_factory=lambda: EFFECTS)
    _left_alone: dict[int, float] = field(default_factory=dict)

    def run_due(self) -> int:
        """Applies what is due, at most a batch; returns how many were answered. Raises LeaseLostError."""
        with self.database.read() as session:
            rows = [(row.id, row.attempts) for row in due(session, self.clock.now(), limit=BATCH)]
        now = self.clock.monotonic()
        self._left_alone = {key: until for key, until in self._left_alone.items() if until > now}
        answered = 0
        for deadline_id, attempts in rows:
            if deadline_id in self._left_alone:
                continue
            try:
                self._one(deadline_id, attempts)
                answered += 1
            except OperationalError as error:
                if error.connection_invalidated:
                    raise
                log.warning("deadline_waits", deadline=deadline_id)
        self.counters.deadlines += answered
        return answered

    def _one(self, deadline_id: int, attempts: int) -> None:
        for _ in range(max(0, 2 - attempts)):
            try:
                return self._apply(deadline_id)
            except (LeaseLostError, OperationalError):
                raise
            except Exception:  # one bad deadline must not hold back the others
                log.exception("deadline_not_applied", deadline=deadline_id)
                with self.database.write() as session:
                    session.execute(COUNT_ATTEMPT, {"id": deadline_id})
        try:
            self._set_aside(deadline_id)
            self.counters.deadlines_failed += 1
        except (LeaseLostError, OperationalError):
            raise
        except Exception:  # shown in the logs, tried again later
            log.exception("deadline_not_set_aside", deadline=deadline_id)
            self._left_alone[deadline_id] = self.clock.monotonic() + RETRY_POISONED
        return None

    def _apply(self, deadline_id: int) -> None:
        with self.database.write() as session:
            fence(session, self.held)
            act = Act(session, self.clock.now(), WATCH_ACTOR)
            row = _locked(act, deadline_id)
            if row is None:
                return
            # Answered first: the effect may schedule or cancel deadlines of its own kind.
            row.done_at, row.answer = act.now, "applied"
            session.flush()
            if not self.effects[row.kind](act, row):
                row.answer = "no_longer"

    def _set_aside(self, deadline_id: int) -> None:
        with self.database.write() as session:
            fence(session, self.held)
            act = Act(session, self.clock.now(), WATCH_ACTOR)
            row = _locked(act, deadline_id)
            if row is None:
                return
            row.done_at, row.answer = act.now, "failed"
            rules = read_rules(session)
            opening = Opening(
                site_id=row.site_id if row.site_id is not None else sites.ensure_centre_site(act),
                group="main",
                family=SERVICE,
                category="unknown",
                priority=FAILED_PRIORITY,
                needs_operator=True,
                procedure_event="unknown",
                limits={"take": rules.take, "act": rules.act},
                headline={
                    "code": f"deadline.{row.kind}",
                    "dialect": "internal",
                    "category": "unknown",
                    "qualifier": None,
                    "zone": None,
                    "zone_name": None,
                    "area": None,
                    "user": None,
                    "text": None,
                    "marks": ["deadline_failed"],
                },
                linked_id=row.incident_id,
            )
            incidents.open_incident(act, opening, None, None)


def _locked(act: Act, deadline_id: int) -> Deadline | None:
    """The deadline if it is still due, its site locked first."""
    site_id = act.session.scalar(select(Deadline.site_id).where(Deadline.id == deadline_id))
    if site_id is not None:
        lock_site(act.session, site_id)
    row = act.session.scalars(
        select(Deadline)
        .where(Deadline.id == deadline_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    return row if row is not None and row.done_at is None and row.due_at <= act.now else None
