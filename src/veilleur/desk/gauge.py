"""The response-time gauge: the worse of two measures (practice: taking is gamed unless both are measured)."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Literal

from pydantic import BaseModel
from sqlalchemy import text

from veilleur.db.engine import ReadSession
from veilleur.features.incidents.limits import FAULT_PRIORITY, centre_limits
from veilleur.features.people.queries import centre_zone
from veilleur.features.sites.queries import centre


class Gauge(BaseModel):
    """Since the centre's midnight: which measure is worst, within how many seconds, which share was, of how many.

    `share` and `target` are between 0 and 1; `share` is null while nothing was due.
    """

    measure: Literal["taken", "first_act"]
    seconds: int
    share: float | None
    target: float
    count: int


# Alarms that asked for somebody since midnight, by limit: how many were due, how many were done in time. One that
# still waits counts once its limit has passed. Ages run from the first alarm signal; faults have no haste (P8). What was
# done is judged by the limit of its moment; a priority raised before it was done has its limit run from the raise.
SHARES = """
WITH due AS (
  SELECT 'taken' AS measure, coalesce(limits->>'taken_within', limits->>'take')::int AS seconds,
         coalesce((limits->>'take_since')::timestamptz, opened_at) AS begun_at, taken_at AS done_at, closed_at
  FROM incident WHERE needs_operator AND opened_at >= :since AND priority < :fault
  UNION ALL
  SELECT 'first_act', coalesce(limits->>'acted_within', limits->>'act')::int,
         coalesce((limits->>'act_since')::timestamptz, opened_at), first_act_at, closed_at
  FROM incident WHERE needs_operator AND opened_at >= :since AND priority < :fault)
SELECT measure, seconds, count(*) AS due,
       count(*) FILTER (WHERE done_at <= begun_at + seconds * interval '1 second') AS good
FROM due
WHERE seconds IS NOT NULL
  AND (done_at IS NOT NULL OR (closed_at IS NULL AND begun_at + seconds * interval '1 second' < :now))
GROUP BY measure, seconds
"""


def read_gauge(session: ReadSession, now: datetime) -> Gauge:
    """The worst share of the day, among both measures and each family's limit."""
    zone = centre_zone(session)
    since = datetime.combine(now.astimezone(zone).date(), time.min, zone).astimezone(UTC)
    house = centre(session)
    limits = centre_limits(house.settings if house is not None else {})
    target = limits.target / 100
    rows = session.execute(text(SHARES), {"since": since, "now": now, "fault": FAULT_PRIORITY}).all()
    if not rows:
        return Gauge(measure="taken", seconds=limits.urgent.take, share=None, target=target, count=0)
    worst = min(rows, key=lambda row: (row.good / row.due, row.seconds))
    return Gauge(
        measure=worst.measure,
        seconds=worst.seconds,
        share=worst.good / worst.due,
        target=target,
        count=worst.due,
    )
