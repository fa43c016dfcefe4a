"""The chains of recordings in the database, and each day's last link in the logbook: from then on nobody rewrites a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from psycopg.types.json import Jsonb
from sqlalchemy import text

from veilleur.db.engine import Database, WriteSession
from veilleur.features.sites.queries import site_row, subject_of
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act, Actor
from veilleur.recorder.registry import CameraSpec
from veilleur.video.index import Entry
from veilleur.video.model import Segment, from_wall, to_wall
from veilleur.video.store import LocalStore

RECORDER = Actor("recorder", name="Veilleur")

SETTLED = timedelta(minutes=3)
"""After midnight (UTC), for the last film of the day to be closed: it has a minute, and its index a moment."""
MOST_DAYS = 35
"""Days looked back at: longer than anything is kept."""

# The last link of each camera; an older one never replaces a newer.
CHAINS = text("""
INSERT INTO video_chain AS v (camera_id, chain, ended_at)
SELECT r.camera_id, decode(r.chain, 'hex'), r.ended_at
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(camera_id bigint, chain text, ended_at timestamptz)
ON CONFLICT (camera_id) DO UPDATE SET chain = excluded.chain, ended_at = excluded.ended_at
WHERE v.ended_at <= excluded.ended_at""")

# What is known of the chains of these cameras.
ROOTED = text("SELECT camera_id, rooted_day FROM video_chain WHERE camera_id = ANY(:cameras)")

# A day is in the logbook.
ROOT = text("UPDATE video_chain SET rooted_day = :day WHERE camera_id = :camera")


def write_chains(session: WriteSession, lasts: Mapping[int, Segment]) -> None:
    """The last segment of each camera that closed one, in one statement."""
    rows = [
        {"camera_id": camera, "chain": one.chain.hex(), "ended_at": from_wall(one.end).isoformat()}
        for camera, one in lasts.items()
    ]
    if rows:
        session.execute(CHAINS, {"rows": Jsonb(rows)})


def last_whole_day(now: datetime) -> date:
    """The last UTC day whose films are all closed."""
    return (now.astimezone(UTC) - SETTLED).date() - timedelta(days=1)


def head_of(store: LocalStore, camera: str, day: date) -> Entry | None:
    """The last segment of the chain that began on a UTC day; None when nothing was recorded."""
    start = to_wall(datetime.combine(day, time(), UTC))
    end = to_wall(datetime.combine(day + timedelta(days=1), time(), UTC))
    found = [one for one in store.entries(camera, start, end) if start <= one.segment.start < end]
    return max(found, key=lambda one: one.number, default=None)


def root_days(database: Database, clock: Clock, store: LocalStore, specs: Mapping[int, CameraSpec]) -> int:
    """Enters the days that have ended and are not in the logbook yet; how many. One transaction a camera."""
    until, rooted = last_whole_day(clock.now()), 0
    with database.read() as session:
        known = {row.camera_id: row.rooted_day for row in session.execute(ROOTED, {"cameras": sorted(specs)})}
    for camera, done in known.items():
        first = until - timedelta(days=MOST_DAYS) if done is None else done + timedelta(days=1)
        if first > until:
            continue
        days = [first + timedelta(days=n) for n in range((until - first).days + 1)]
        heads = {day: head for day in days if (head := head_of(store, str(camera), day)) is not None}
        with database.write() as session:
            act = Act(session, clock.now(), RECORDER)
            for day, head in heads.items():
                _enter(act, specs[camera], day, head)
            session.execute(ROOT, {"camera": camera, "day": until})
        rooted += len(heads)
    return rooted


def _enter(act: Act, spec: CameraSpec, day: date, head: Entry) -> None:
    act.record(
        "video.rooted",
        {
            "camera": spec.name,
            "camera_id": spec.id,
            "day": day.isoformat(),
            "number": head.number,
            "chain": head.segment.chain.hex(),
        },
        subject=subject_of(site_row(act.session, spec.site_id)),
    )
