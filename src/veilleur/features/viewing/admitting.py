"""What the recorder asks: does this ticket open a socket, and may those that are open stay (docs/design/video.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from veilleur.db.engine import ReadSession, WriteSession
from veilleur.features.incidents.tables import Incident
from veilleur.features.people.queries import readers_of
from veilleur.features.people.sessions import IDLE
from veilleur.features.viewing.access import Refusal, cameras_by_id, facts_of, refusal
from veilleur.features.viewing.looking import TICKET_LIFE, UNUSED_AFTER, end_viewing, hash_token, lift_over
from veilleur.features.viewing.tables import Ticket, Viewing
from veilleur.logbook.act import Act

#: Viewings ended by one sweep: the rest waits for the next.
SWEPT = 2_000

#: Used and expired tickets are kept this long, for whoever looks into what happened.
TICKETS_KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Admitted:
    """A ticket that opens: of which viewing, for whom, which camera, and how. `from_at`, `until_at`: of a playback."""

    viewing_id: int
    user_id: int
    session_hash: bytes
    camera_id: int
    kind: str
    masked: bool
    ptz: bool
    from_at: datetime | None
    until_at: datetime | None


def admit(session: WriteSession, token: str, now: datetime) -> Admitted | None:
    """Uses a ticket: None when it is unknown, used, too old, or its viewing is over. Of two who try, one gets in."""
    ticket = session.get(Ticket, hash_token(token), with_for_update=True, populate_existing=True)
    if ticket is None or ticket.used_at is not None or not now < ticket.expires_at <= now + TICKET_LIFE:
        return None
    row = session.get(Viewing, ticket.viewing_id)
    if row is None or row.ended_at is not None or lift_over(row, now):
        return None
    ticket.used_at = now
    return Admitted(
        viewing_id=row.id,
        user_id=row.user_id,
        session_hash=row.session_hash,
        camera_id=ticket.camera_id,
        kind=ticket.kind,
        masked=ticket.masked,
        ptz=ticket.ptz,
        from_at=row.from_at,
        until_at=row.until_at,
    )


def still_allowed(
    session: ReadSession, viewing_ids: Sequence[int], now: datetime
) -> dict[int, frozenset[int]]:
    """Which of these viewings still hold, each with the cameras that may still be looked at.

    Asked each second by the listener: a session that ended, a lift whose time is over, a title withdrawn, a perimeter
    changed, a camera suspended or an alarm of a home that was closed takes its sockets away. A viewing that is over is
    absent.
    """
    rows = session.scalars(
        select(Viewing)
        .where(Viewing.id.in_(viewing_ids), Viewing.ended_at.is_(None))
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        return {}
    held = readers_of(session, list({row.session_hash for row in rows}), now, IDLE)
    cameras = cameras_by_id(session, {id_ for row in rows for id_ in row.cameras})
    found: dict[int, frozenset[int]] = {}
    for row in rows:
        read = held.get(row.session_hash)
        if read is None or read.reader.user_id != row.user_id or lift_over(row, now):
            continue
        mine = [cameras[id_] for id_ in row.cameras if id_ in cameras]
        incident = session.get(Incident, row.incident_id) if row.incident_id is not None else None
        facts = facts_of(session, mine, now, incident)
        kinds = {"recorded" if row.from_at is not None else "live", row.kind}
        found[row.id] = frozenset(
            camera.id
            for camera in mine
            if all(_stays(refusal(camera, read.reader, kind, facts)) for kind in kinds)
        )
    return found


def _stays(why: Refusal | None) -> bool:
    """A recorder that hands a camera over takes nobody's right away."""
    return why is None or why.code == "camera_not_running"


def sweep(act: Act) -> int:
    """Ends the viewings whose session is gone or that no socket ever used; forgets old tickets. How many ended.

    Run every few seconds; safe beside others.
    """
    session = act.session
    rows = session.scalars(
        select(Viewing)
        .where(Viewing.ended_at.is_(None))
        .order_by(Viewing.id)
        .limit(SWEPT)
        .with_for_update(skip_locked=True)
    ).all()
    held = readers_of(session, list({row.session_hash for row in rows}), act.now, IDLE)
    ended = 0
    for row in rows:
        read = held.get(row.session_hash)
        if read is None or read.reader.user_id != row.user_id:
            ended += end_viewing(act, row.id, "session")
        elif lift_over(row, act.now):
            ended += end_viewing(act, row.id, "lift_over")
        elif act.now - row.started_at > UNUSED_AFTER and not _used(session, row.id):
            ended += end_viewing(act, row.id, "unused")
    session.execute(delete(Ticket).where(Ticket.expires_at < act.now - TICKETS_KEPT))
    return ended


def _used(session: ReadSession, viewing_id: int) -> bool:
    """Whether a socket was opened, or may still be."""
    query = select(Ticket.viewing_id).where(Ticket.viewing_id == viewing_id, Ticket.used_at.is_not(None))
    return session.scalars(query.limit(1)).first() is not None
