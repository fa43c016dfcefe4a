"""Refused logins, floods, posts and images: counted apart, entered once per period (house rule 22)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from veilleur.db.engine import Database, WriteSession
from veilleur.features.people.model import TitleRefusedError
from veilleur.features.people.tables import Post, RefusalCount, User
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act

#: Distinct peers counted apart in one minute; the others share one line: a peer controls how many there are.
PEERS_A_MINUTE = 200

#: How many refused logins are named in an entry.
NAMED = 5

#: The peer that stands for those beyond the bound.
OTHERS = "*"

#: The kind of a post that was refused for want of a title.
POST = "post"

#: The kind of images that were refused again to the same person for the same reason.
IMAGES = "images"

#: A screen asks again by itself for what it may not show: the same refusal is entered at once, then once in this period.
AGAIN = timedelta(minutes=10)


def images_refused_again(session: WriteSession, *, apart: str, now: datetime, detail: dict[str, Any]) -> bool:
    """Whether these images were refused in this period already: then they are counted, and entered when it ends.

    `apart`: what makes refusals the same; beyond the bound, all others share one count, which says no detail.
    """
    period = now - timedelta(seconds=now.timestamp() % AGAIN.total_seconds())
    minute = period.replace(second=0, microsecond=0) + AGAIN - timedelta(minutes=1)
    known = select(RefusalCount.peer).where(RefusalCount.minute == minute, RefusalCount.kind == IMAGES)
    peers = set(session.scalars(known))
    within = apart in peers or len(peers) < PEERS_A_MINUTE
    told = {**detail, "minutes": int(AGAIN.total_seconds()) // 60}
    if not within:
        told |= {"name": None, "cameras": None, "why": []}
    statement = insert(RefusalCount).values(
        kind=IMAGES, peer=apart if within else OTHERS, minute=minute, count=0, detail=told, entered=True
    )
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "peer", "minute"],
        set_={"count": RefusalCount.count + 1, "entered": False},
    )
    return session.execute(statement.returning(RefusalCount.count)).scalar_one() > 0


def count_refusal(session: WriteSession, *, kind: str, peer: str, now: datetime, login: str | None) -> None:
    """Counts one refusal; `kind` is login | csrf | rate | session | right."""
    row = _counted(session, kind, peer, now, {"logins": [login] if login else []})
    if row is None or login is None or login in row.detail["logins"] or len(row.detail["logins"]) >= NAMED:
        return
    row.detail = {"logins": [*row.detail["logins"], login]}


def count_post_refusal(
    database: Database, clock: Clock, refusal: TitleRefusedError, *, user_id: int, post_id: int, peer: str
) -> None:
    """Counts a post refused for want of a title (S4): apart for each person, post, rule and peer.

    In a transaction of its own: the one that was refused is rolled back, and holds its connection no more.
    """
    params = refusal.params
    with database.write() as session:
        post = session.get_one(Post, post_id)
        user = session.get_one(User, user_id)
        said = {key: params[key] for key in ("rule", "reason", "activity", "number", "last_day")}
        detail = {"logins": [user.login], "peer": peer, "name": user.name, "post": post.name, **said}
        apart = f"{peer} {user_id} {post_id} {params['rule']} {params['reason']}"
        _counted(session, POST, apart, clock.now(), detail)


def _counted(
    session: WriteSession, kind: str, peer: str, now: datetime, detail: dict[str, Any]
) -> RefusalCount | None:
    """The row of this minute, one higher. Beyond the bound, that of all others, which says no detail."""
    minute = now.replace(second=0, microsecond=0)
    known = select(func.count()).select_from(RefusalCount)
    rows = session.scalars(known.where(RefusalCount.minute == minute, RefusalCount.kind == kind)).one()
    within = rows < PEERS_A_MINUTE
    key = {"kind": kind, "peer": peer if within else OTHERS, "minute": minute}
    told = detail if within else {"logins": detail["logins"]}
    statement = insert(RefusalCount).values(**key, count=1, detail=told)
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "peer", "minute"], set_={"count": RefusalCount.count + 1}
    )
    session.execute(statement)
    return session.get(RefusalCount, tuple(key.values()), with_for_update=True, populate_existing=True)


def enter_refusals(act: Act) -> int:
    """Writes one entry for each kind, peer and minute that has ended; returns how many. Safe to run twice."""
    minute = act.now.replace(second=0, microsecond=0)
    due = (
        select(RefusalCount)
        .where(RefusalCount.minute < minute, RefusalCount.entered.is_(False))
        .order_by(RefusalCount.minute, RefusalCount.kind, RefusalCount.peer)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    rows = list(act.session.scalars(due))
    for row in rows:
        kind, facts = _told(row)
        act.record(kind, facts, happened_at=row.minute + timedelta(minutes=1))
        row.entered = True
    return len(rows)


def _told(row: RefusalCount) -> tuple[str, dict[str, Any]]:
    """The kind and the facts of a count's entry."""
    if row.kind == IMAGES:
        return "viewing.refused_again", {**row.detail, "count": row.count}
    if "post" in row.detail:
        return "post.refused", {**row.detail, "count": row.count}
    return "access.refused", {
        "what": row.kind,
        "peer": row.peer,
        "count": row.count,
        "logins": row.detail["logins"],
    }
