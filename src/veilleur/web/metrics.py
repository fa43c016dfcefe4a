"""Figures of the whole centre for a monitoring system, read from the database when they are asked for.

No personal data, no name, no account: labels are verdicts, bands, roles and lines, all short closed lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from veilleur.db.engine import Database, ReadSession
from veilleur.features.continuity.queries import chain_state, station_view
from veilleur.features.people.queries import live_posts
from veilleur.kernel.clock import Clock

LATE = timedelta(seconds=5)
"""A deadline that is due for longer is late."""

# Counts that say how far behind we are.
COUNTS = text("""
SELECT (SELECT count(*) FROM signal WHERE decided_at IS NULL) AS undecided,
       (SELECT count(*) FROM entry_unsealed) AS unsealed,
       (SELECT count(*) FROM post WHERE holder_id IS NOT NULL AND removed_at IS NULL) AS held,
       (SELECT count(*) FROM deadline WHERE done_at IS NULL AND due_at < :late) AS late,
       (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'
          AND (scheduled_at IS NULL OR scheduled_at <= now())) AS jobs,
       (SELECT max(happened_at) FROM entry WHERE kind = 'centre.backed_up') AS backed_up,
       pg_database_size(current_database()) AS size""")

# Signals of the last minute, by verdict.
VERDICTS = text(
    "SELECT verdict, count(*) AS n FROM signal WHERE received_at > :since GROUP BY verdict ORDER BY verdict"
)

# Open dossiers by band (1 · 2–3 · 4 · 5–10) and whether somebody has them.
INCIDENTS = text("""
SELECT CASE WHEN priority = 1 THEN '1' WHEN priority <= 3 THEN '2-3' WHEN priority = 4 THEN '4' ELSE '5-10' END AS band,
       CASE WHEN state IN ('new', 'handed_up') THEN 'untaken' WHEN state = 'parked' THEN 'parked' ELSE 'taken' END AS stage,
       count(*) AS n FROM incident WHERE closed_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2""")

# The newest sign of life of each role.
ROLES = text("SELECT role, max(seen_at) AS seen_at FROM role_status GROUP BY role ORDER BY role")

# What the living receptions say of their store.
INTAKES = text("""
SELECT coalesce(sum((detail->'intake'->>'stored')::bigint), 0) AS stored,
       coalesce(sum((detail->'intake'->>'copies')::bigint), 0) AS copies,
       coalesce(sum((detail->'intake'->>'refused')::bigint), 0) AS refused,
       coalesce(sum((detail->'intake'->>'batches')::bigint), 0) AS batches,
       coalesce(sum((detail->'intake'->>'waiting')::bigint), 0) AS waiting,
       coalesce(sum((detail->>'silenced')::bigint), 0) AS silenced
FROM role_status WHERE role = 'reception' AND seen_at > :alive""")

# From the frame that the built-in dialler sent to its commit, by line.
LINES = text("""
SELECT line, extract(epoch FROM received_at - sent_at)::float AS took FROM chain_line
WHERE received_at IS NOT NULL ORDER BY line""")


class CentreFigures(Collector):
    """Asked at each scrape; without the database only says so."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def describe(self) -> Iterable[Metric]:
        """Nothing is read to register."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One consistent picture."""
        try:
            with self._database.read() as session:
                found = list(figures(session, self._clock.now()))
        except (SQLAlchemyError, psycopg.Error):
            yield gauge("database_up", "Whether the database answers.", 0)
            return
        yield gauge("database_up", "Whether the database answers.", 1)
        yield from found


def gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    """A figure without labels."""
    return GaugeMetricFamily(f"veilleur_{name}", what, value=value)


def figures(session: ReadSession, now: datetime) -> Iterator[Metric]:
    """Every figure of the centre."""
    yield from _counts(session.execute(COUNTS, {"late": now - LATE}).one(), now)
    yield _labelled(
        "signals_last_minute",
        "Signals received in the last minute.",
        ("verdict",),
        [((row.verdict,), row.n) for row in session.execute(VERDICTS, {"since": now - timedelta(minutes=1)})],
    )
    open_ones = [((row.band, row.stage), row.n) for row in session.execute(INCIDENTS)]
    yield _labelled("incidents_open", "Open dossiers.", ("band", "stage"), open_ones)
    ages = [((row.role,), (now - row.seen_at).total_seconds()) for row in session.execute(ROLES)]
    yield _labelled("role_age_seconds", "Since the role's last sign of life.", ("role",), ages)
    yield from _intake(session.execute(INTAKES, {"alive": now - LATE}).one())
    yield from _chain(session, now)
    yield from _station(session, now)


def _counts(row: Any, now: datetime) -> Iterator[Metric]:
    yield gauge("signals_undecided", "Signals that wait for a decision.", row.undecided)
    yield gauge("entries_unsealed", "Entries that wait for their seal.", row.unsealed)
    yield gauge("posts_held", "Posts that somebody holds.", row.held)
    yield gauge("deadlines_late", "Deadlines due for more than 5 s.", row.late)
    yield gauge("jobs_waiting", "Jobs that could run now.", row.jobs)
    yield gauge("database_bytes", "Size of the database.", row.size)
    if row.backed_up is not None:
        yield gauge("backup_age_seconds", "Since the last backup.", (now - row.backed_up).total_seconds())


def _intake(row: Any) -> Iterator[Metric]:
    for name, what in (
        ("stored", "Signals stored since the receptions started."),
        ("copies", "Copies of signals."),
        ("refused", "Frames met with silence because the store did not take them."),
        ("batches", "Group commits; signals per batch: (stored + copies) / batches."),
    ):
        yield CounterMetricFamily(f"veilleur_intake_{name}", what, value=getattr(row, name))
    yield gauge("intake_waiting", "Frames that wait for the next batch.", row.waiting)
    yield CounterMetricFamily(
        "veilleur_unacknowledged", "Answers kept back while the station was not held.", value=row.silenced
    )


def _chain(session: ReadSession, now: datetime) -> Iterator[Metric]:
    took = [((row.line,), row.took) for row in session.execute(LINES)]
    yield _labelled("intake_seconds", "From the built-in dialler's frame to its commit.", ("line",), took)
    state = chain_state(session)
    if state is not None and state.verified_at is not None:
        age = (now - state.verified_at).total_seconds()
        yield gauge("chain_verified_age_seconds", "Since the chain was last verified whole.", age)


def _station(session: ReadSession, now: datetime) -> Iterator[Metric]:
    yield gauge("posts_live", "Held posts whose screen answers.", len(live_posts(session, now)))
    view = station_view(session)
    if view is not None and view.held is not None:
        yield gauge("station_held", "Whether somebody can take an alarm.", int(view.held))
        yield gauge("acknowledging", "Whether panels are acknowledged.", int(not view.withheld))
        yield gauge(
            "calling_outside", "Whether people on call are being called.", int(view.calling is not None)
        )


def _labelled(
    name: str, what: str, labels: tuple[str, ...], rows: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"veilleur_{name}", what, labels=labels)
    for values, value in rows:
        family.add_metric(values, value)
    return family
