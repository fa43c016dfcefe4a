"""Leaving a post and the quick change of operator: where people and dossiers meet."""

from __future__ import annotations

from sqlalchemy import select

from veilleur.db.engine import Database, ReadSession
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.tables import Incident
from veilleur.features.people import posts, sessions
from veilleur.features.people.model import TitleRefusedError
from veilleur.features.people.posts import HeldDossier, PostNotHeldError
from veilleur.features.people.refusals import count_post_refusal
from veilleur.features.people.sessions import OpenedSession
from veilleur.features.people.tables import User
from veilleur.kernel.clock import Clock
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act


def held_dossiers(session: ReadSession, user_id: int) -> list[HeldDossier]:
    """The open dossiers of a person, in the one order of locks (by site)."""
    query = select(Incident.id, Incident.reference).where(
        Incident.owner_id == user_id, Incident.closed_at.is_(None)
    )
    rows = session.execute(query.order_by(Incident.site_id, Incident.id))
    return [HeldDossier(id_, reference) for id_, reference in rows]


def leave(act: Act, reader: Reader, *, confirmed: bool) -> None:
    """Leaves the post. Open dossiers: asks first (HoldsDossiersError); confirmed, they go back and ring."""
    held = held_dossiers(act.session, reader.user_id)
    posts.leave_post(act, reader, held, confirmed=confirmed)
    for dossier in held:
        incidents.release(act, dossier.id, "leaving")


def quick_change(
    database: Database,
    clock: Clock,
    reader: Reader,
    *,
    login: str,
    password: str,
    peer: str,
    session_hash: bytes,
) -> OpenedSession:
    """A colleague sits down at a held post: he logs in, is seated, and takes over its dossiers, in one act.

    The post is never empty and its alarms ring on. Raises what a login and a prise de poste raise; then nothing
    has changed. The same person may do it to renew his own session.
    """
    post_id = reader.post_id
    if post_id is None:
        raise PostNotHeldError
    user = sessions.authenticate(database, clock, login=login, password=password, peer=peer)
    try:
        return _seat(
            database, clock, reader, user, post_id, password=password, peer=peer, session_hash=session_hash
        )
    except TitleRefusedError as refusal:
        count_post_refusal(database, clock, refusal, user_id=user.id, post_id=post_id, peer=peer)
        raise


def _seat(
    database: Database,
    clock: Clock,
    reader: Reader,
    user: User,
    post_id: int,
    *,
    password: str,
    peer: str,
    session_hash: bytes,
) -> OpenedSession:
    """The newcomer in the holder's place, whole or not at all."""
    with database.write() as session:
        act = Act(session, clock.now(), sessions.actor_of(user, post_id))
        opened = sessions.open_session(act, user, password=password, peer=peer)
        same = user.id == reader.user_id
        held = [] if same else held_dossiers(session, reader.user_id)
        posts.pass_post(
            act,
            to_user=user.id,
            post_id=post_id,
            from_user=reader.user_id,
            session_hash=opened.session_hash,
            held=held,
        )
        for dossier in held:
            incidents.take_over(act, dossier.id, "relief")
        sessions.drop_session(session, session_hash)
    return opened
