"""Reads about people, titles, posts and sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select, text

from veilleur.db.engine import ReadSession
from veilleur.features.people.model import TitleCard, allowed_activities, is_barred
from veilleur.features.people.policy import POLICY
from veilleur.features.people.tables import Post, Title, User, WebSession
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Perimeter, Reader, View

#: A screen whose session was seen within this delay is alive (practice P7).
ALIVE_WITHIN = timedelta(seconds=10)


@dataclass(frozen=True)
class SessionRead:
    """A web session that holds, and its person."""

    reader: Reader
    login: str
    csrf: str
    last_seen: datetime
    ends_at: datetime


def centre_zone(session: ReadSession) -> ZoneInfo:
    """The centre's time zone: titles end at its midnight. Europe/Paris until the centre has its row."""
    name = session.execute(text("SELECT timezone FROM centre WHERE id = 1")).scalar_one_or_none()
    return ZoneInfo(name or "Europe/Paris")


def today(session: ReadSession, now: datetime) -> date:
    """The centre's calendar day at an instant."""
    return now.astimezone(centre_zone(session)).date()


def card_of(title: Title) -> TitleCard:
    """The row as the rules read it."""
    return TitleCard(
        id=title.id,
        kind=title.kind,
        number=title.number,
        activities=frozenset(title.activities),
        issued_on=title.issued_on,
        expires_on=title.expires_on,
        status=title.status,
        renewal_receipt_on=title.renewal_receipt_on,
    )


def titles_of(session: ReadSession, user_id: int) -> list[TitleCard]:
    """A person's titles, oldest first, withdrawn ones included."""
    rows = session.scalars(select(Title).where(Title.user_id == user_id).order_by(Title.id))
    return [card_of(row) for row in rows]


def reader_of(session: ReadSession, token_hash: bytes, now: datetime, idle: timedelta) -> SessionRead | None:
    """The session that a cookie names; None when there is none, it has ended, or its person was disabled."""
    return readers_of(session, [token_hash], now, idle).get(token_hash)


def readers_of(
    session: ReadSession, hashes: Sequence[bytes], now: datetime, idle: timedelta
) -> dict[bytes, SessionRead]:
    """Which of these sessions still hold, each with its person as he is now.

    A session that holds a post outlives its absolute end until it is left or silent: an end at a set hour
    must not unman a station (practice, «a lock-out never leaves a station unmanned»).
    """
    rows = session.execute(
        select(WebSession, User)
        .join(User, User.id == WebSession.user_id)
        .where(WebSession.token_hash.in_(hashes), User.disabled_at.is_(None))
    ).all()
    titles: dict[int, list[TitleCard]] = {}
    for title in session.scalars(select(Title).where(Title.user_id.in_({user.id for _, user in rows}))):
        titles.setdefault(title.user_id, []).append(card_of(title))
    day = today(session, now)
    return {
        web.token_hash: _session_read(web, user, titles.get(user.id, []), day)
        for web, user in rows
        if now - web.last_seen <= idle and (now < web.ends_at or web.post_id is not None)
    }


def _session_read(web: WebSession, user: User, titles: Sequence[TitleCard], day: date) -> SessionRead:
    reader = Reader(
        user_id=user.id,
        name=user.name,
        roles=frozenset(user.roles),
        perimeter=read_perimeter(user.perimeter),
        post_id=web.post_id,
        language=user.language,
        activities=allowed_activities(titles, day),
        barred=is_barred(titles, day),
    )
    return SessionRead(reader, user.login, web.csrf, web.last_seen, web.ends_at)


def read_perimeter(value: dict[str, Any]) -> Perimeter:
    """The stored perimeter as a value; an absent list lets all pass."""

    def part(name: str) -> frozenset[Any] | None:
        items = value.get(name)
        return None if items is None else frozenset(items)

    return Perimeter(part("organisations"), part("customers"), part("communes"))


def user_by_login(session: ReadSession, login: str) -> User | None:
    """The account of a login (compared without case), disabled or not."""
    return session.scalars(select(User).where(User.login == login.strip().casefold())).one_or_none()


def user_by_id(session: ReadSession, user_id: int) -> User:
    """The account; NotFoundError."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFoundError(what="user", id=user_id)
    return user


def customer_references(session: ReadSession, ids: Iterable[int]) -> list[str]:
    """References of customers, sorted; of those that exist. By name of table: customers belong to the sites."""
    rows = session.execute(
        text("SELECT reference FROM customer WHERE id = ANY(:ids) ORDER BY reference"), {"ids": list(ids)}
    )
    return [reference for (reference,) in rows]


def customers_by_reference(session: ReadSession, references: Sequence[str]) -> list[int]:
    """Ids of customers by their references. Raises NotFoundError naming the first that does not exist."""
    rows = session.execute(
        text("SELECT reference, id FROM customer WHERE reference = ANY(:references)"),
        {"references": list(references)},
    )
    found = {row.reference: row.id for row in rows}
    for reference in references:
        if reference not in found:
            raise NotFoundError(f"No customer has the reference {reference}.", what="customer", id=reference)
    return [found[reference] for reference in references]


def users(session: ReadSession) -> list[User]:
    """Every account, by name as a French reader sorts them."""
    return list(session.scalars(select(User).order_by(User.sort_key, User.id)))


def post_views(session: ReadSession, ids: Iterable[int] | None, now: datetime) -> list[View]:
    """Posts as screens show them; `ids` None: all that are in use."""
    query = (
        select(Post, User, Title)
        .outerjoin(User, User.id == Post.holder_id)
        .outerjoin(Title, Title.id == Post.title_id)
        .order_by(Post.name)
    )
    query = query.where(Post.removed_at.is_(None)) if ids is None else query.where(Post.id.in_(list(ids)))
    zone, alive = centre_zone(session), set(live_posts(session, now))
    return [
        _post_view(post, holder, title, zone, live=post.id in alive)
        for post, holder, title in session.execute(query)
    ]


def _post_view(post: Post, holder: User | None, title: Title | None, zone: ZoneInfo, *, live: bool) -> View:
    card = card_of(title) if title else None
    ends = card.ends_at(zone) if card else None
    held_by = post.holder_id

    def abilities(reader: Reader) -> list[str]:
        mine = held_by == reader.user_id and reader.post_id == post.id
        fits = {"post.take": not mine and not live, "post.leave": mine, "post.change": mine}
        fits["post.vacate"] = held_by is not None and not mine
        return [verb.removeprefix("post.") for verb in POLICY.abilities(reader, fits) if fits[verb]]

    body = {
        "id": post.id,
        "version": post.entry_id,
        "name": post.name,
        "kind": post.kind,
        "holder": {"id": holder.id, "name": holder.name} if holder else None,
        "held_since": post.held_since,
        "motif": post.motif,
        "sound_ok": post.sound_ok,
        "live": live,
        "unverified_since": post.unverified_since,
        "title": {
            "kind": card.kind,
            "last_day": card.last_day.isoformat() if card.last_day else None,
            "ends_at": ends,
            "warned": bool(post.title_warned_at),
        }
        if card
        else None,
    }
    return View(
        kind="post",
        id=post.id,
        version=post.entry_id,
        body=body,
        abilities=abilities,
        perimeter_free=True,
        gone=post.removed_at is not None,
    )


def live_posts(session: ReadSession, now: datetime, within: timedelta = ALIVE_WITHIN) -> list[int]:
    """Posts that are held and whose screen gave a sign of life within the delay (practice P7)."""
    alive = exists().where(WebSession.post_id == Post.id, WebSession.last_seen >= now - within)
    return list(session.scalars(select(Post.id).where(Post.holder_id.is_not(None), alive).order_by(Post.id)))


def last_act_at(session: ReadSession) -> datetime | None:
    """When somebody who holds a post last did something: a key or an answer (practice P7)."""
    return session.scalars(
        select(WebSession.last_act)
        .where(WebSession.post_id.is_not(None))
        .order_by(WebSession.last_act.desc())
        .limit(1)
    ).first()
