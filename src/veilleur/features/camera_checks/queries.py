"""What the holder of a post has to look at, as it is now: his cameras, the recorders, and whether he has signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from veilleur.db.engine import ReadSession
from veilleur.db.status import STALE
from veilleur.features.camera_checks.views import CameraCheck, CheckedCamera, CheckedRecorder, Named
from veilleur.features.cameras.model import REGIMES
from veilleur.features.cameras.reading import camera_views
from veilleur.features.people.tables import Post
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.tables import Entry

#: From taking the post (duties, C1.1).
DUE = timedelta(minutes=15)

#: Posts at which images are watched; the others see those of their alarms.
WATCHING = frozenset({"video", "both"})

SIGNED = "camera_check.signed"

# The last sign of life of each recorder.
RECORDERS = text("""
SELECT role, bool_or(ready AND seen_at > :since) AS alive, max(seen_at) AS seen_at
FROM role_status WHERE role ~ '^recorder(-[0-9]+)?$' GROUP BY role ORDER BY role""")


def camera_check(session: ReadSession, reader: Reader, now: datetime) -> CameraCheck:
    """The list of the reader's post. Raises NotFoundError without a post."""
    post = session.get(Post, reader.post_id) if reader.post_id is not None else None
    if post is None or post.held_since is None:
        raise NotFoundError("A post is tested by who holds it.", what="post", id=reader.post_id)
    query = select(Entry.entered_at).where(
        Entry.kind == SIGNED,
        Entry.actor_id == reader.user_id,
        Entry.post_id == post.id,
        Entry.entered_at >= post.held_since,
    )
    signed_at = session.scalar(query.order_by(Entry.id).limit(1))
    rows = session.execute(RECORDERS, {"since": now - STALE})
    due_at = post.held_since + DUE
    return CameraCheck(
        post=Named(id=post.id, name=post.name),
        taken_at=post.held_since,
        due_at=due_at,
        signed_at=signed_at,
        late=(signed_at or now) > due_at,
        cameras=cameras_of(session, reader, now) if post.kind in WATCHING else [],
        recorders=[CheckedRecorder(role=row.role, alive=row.alive, seen_at=row.seen_at) for row in rows],
    )


def cameras_of(session: ReadSession, reader: Reader, now: datetime) -> list[CheckedCamera]:
    """The cameras that this person watches, what is wrong first. Not homes, which nobody looks into without an alarm; not
    those whose pictures are asked for or received, of which nothing runs here."""
    shown = [view.seen_by(reader) for view in camera_views(session, None, now) if view.is_for(reader)]
    found = [_checked(body, now) for body in shown if body is not None and _watched(body)]
    return sorted(found, key=lambda each: each.sound)


def _watched(body: Mapping[str, Any]) -> bool:
    watched = "live" in body["abilities"] or body["state"] == "suspended"
    return watched and bool(body["views"]) and REGIMES[body["regime"]].rounds


def _checked(body: Mapping[str, Any], now: datetime) -> CheckedCamera:
    last = body["last_frame_at"]
    faults = [each["kind"] for each in body["faults"]]
    return CheckedCamera(
        camera=body["id"],
        name=body["name"],
        site=body["site"]["name"],
        state=body["state"],
        last_frame_at=last,
        age_s=max(0, round((now - last).total_seconds())) if last is not None else None,
        faults=faults,
        sound=body["state"] == "online" and not faults,
    )
