"""The daily rows: how far a machine has measured, and what it adds. The recorder calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from psycopg.types.json import Jsonb
from sqlalchemy import select, text

from veilleur.db.engine import ReadSession, WriteSession
from veilleur.features.availability.tables import CameraDay
from veilleur.video.model import Gap, from_wall

# How far a machine has measured its cameras.
REACHED = text("""
SELECT camera_id, max(until) AS until FROM camera_day WHERE place = :place AND camera_id = ANY(:cameras) GROUP BY 1""")

# A day's row goes on where it stopped: a stretch is measured once, so that retention takes nothing from the figures.
ADD = text("""
INSERT INTO camera_day AS d (camera_id, day, place, since, until, missing, clock_offset_ms)
VALUES (:camera, :day, :place, :since, :until, :missing, :offset)
ON CONFLICT (camera_id, day, place) DO UPDATE SET until = excluded.until, missing = d.missing || excluded.missing,
  clock_offset_ms = CASE WHEN abs(coalesce(excluded.clock_offset_ms, 0)) > abs(coalesce(d.clock_offset_ms, 0))
                         THEN excluded.clock_offset_ms ELSE coalesce(d.clock_offset_ms, excluded.clock_offset_ms) END
WHERE d.until <= excluded.since""")


@dataclass(frozen=True)
class Part:
    """A stretch of one day that was just measured."""

    camera: int
    day: date
    start: int
    end: int
    missing: Sequence[Gap] = ()
    clock_offset_ms: int | None = None


def reached(session: ReadSession, place: str, cameras: Sequence[int]) -> Mapping[int, datetime]:
    """How far this machine has measured each of these cameras; those it has not begun are absent."""
    rows = session.execute(REACHED, {"place": place, "cameras": list(cameras)})
    return {row.camera_id: row.until for row in rows}


def add_part(session: WriteSession, place: str, part: Part) -> None:
    """Adds a stretch to its day; one that was added already changes nothing."""
    gaps = [[gap.start, gap.end, gap.reason] for gap in part.missing]
    session.execute(
        ADD,
        {
            "camera": part.camera, "day": part.day, "place": place, "since": from_wall(part.start),
            "until": from_wall(part.end), "missing": Jsonb(gaps), "offset": part.clock_offset_ms,
        },
    )  # fmt: skip


def rows_between(session: ReadSession, first: date, last: date) -> Sequence[CameraDay]:
    """The rows of these days, of all machines."""
    query = select(CameraDay).where(CameraDay.day.between(first, last))
    return session.scalars(query.order_by(CameraDay.camera_id, CameraDay.since)).all()
