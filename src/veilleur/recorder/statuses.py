"""What this recorder last saw of its cameras, written once a second in one statement, as last-seen is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import text

from veilleur.db.engine import WriteSession

# The rows of all cameras of this recorder; `since` moves with the state only.
WRITE = text("""
INSERT INTO camera_status AS s (camera_id, state, since, seen_at, last_frame_at, recording, detail)
SELECT r.camera_id, r.state, r.since, :now, r.last_frame_at, r.recording, r.detail
FROM jsonb_to_recordset(CAST(:rows AS jsonb))
  AS r(camera_id bigint, state text, since timestamptz, last_frame_at timestamptz, recording boolean, detail jsonb)
ON CONFLICT (camera_id) DO UPDATE SET state = excluded.state, seen_at = excluded.seen_at,
  since = CASE WHEN s.state = excluded.state THEN least(s.since, excluded.since) ELSE excluded.since END,
  last_frame_at = coalesce(excluded.last_frame_at, s.last_frame_at), recording = excluded.recording,
  detail = excluded.detail""")


@dataclass(frozen=True)
class Status:
    """One camera now. `state`: starting | online | offline | frozen | suspended. Times are UTC."""

    camera: int
    state: str
    since: datetime
    last_frame_at: datetime | None
    recording: bool
    detail: dict[str, Any] = field(default_factory=dict)


def write(session: WriteSession, now: datetime, statuses: Collection[Status]) -> None:
    """Writes them together."""
    rows = [
        {
            "camera_id": each.camera,
            "state": each.state,
            "since": each.since.isoformat(),
            "last_frame_at": each.last_frame_at.isoformat() if each.last_frame_at else None,
            "recording": each.recording,
            "detail": each.detail,
        }
        for each in statuses
    ]
    if rows:
        session.execute(WRITE, {"now": now, "rows": Jsonb(rows)})
