"""What the people page shows: accounts with their titles, bounds and posts; the titles that end soon."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy import select, text

from veilleur.db.engine import ReadSession
from veilleur.features.people.model import TitleCard, superseded
from veilleur.features.people.queries import card_of, today
from veilleur.features.people.tables import Post, Title, User


class TitleView(BaseModel):
    """A title. `state`: valid | renewing | expired | suspended | withdrawn | provisional, today.

    `months_left`: 6, 4 or 3 when its end is that near and nothing takes over (S4). `renew_by`: R612-17. `checked_on`:
    when somebody last looked at the document. `corrected`: its last correction waits for its review, or had it.
    """

    id: int
    kind: str
    number: str
    activities: list[str]
    issued_on: date | None
    expires_on: date | None
    last_day: date | None
    status: str
    state: str
    renewal_receipt_on: date | None
    checked_on: date | None
    months_left: int | None
    renew_by: date | None
    correction_proof: str | None


class Bound(BaseModel):
    """A customer or a commune that a perimeter may name."""

    key: str
    name: str


class PerimeterView(BaseModel):
    """Bounds: null lets all pass. Customers by reference."""

    organisations: list[str] | None
    customers: list[str] | None
    communes: list[str] | None


class Account(BaseModel):
    """A person, as who administers the centre sees him. `post`: the one he holds."""

    id: int
    login: str
    name: str
    roles: list[str]
    language: str
    disabled_at: datetime | None
    perimeter: PerimeterView
    post: str | None
    titles: list[TitleView]


class Bounds(BaseModel):
    """What perimeters may be made of."""

    organisations: list[str]
    customers: list[Bound]
    communes: list[Bound]


class EndingTitle(BaseModel):
    """A title that ends within six months, or has ended, and nothing takes over. `held`: at a post now."""

    user_id: int
    name: str
    kind: str
    number: str
    last_day: date
    months_left: int
    renew_by: date | None
    state: str
    held: bool


def title_view(row: Title, cards: Iterable[TitleCard], day: date) -> TitleView:
    """One title among all of its person."""
    card = card_of(row)
    months = card.months_left(day)
    return TitleView(
        id=row.id,
        kind=row.kind,
        number=row.number,
        activities=sorted(row.activities),
        issued_on=row.issued_on,
        expires_on=row.expires_on,
        last_day=card.last_day,
        status=row.status,
        state=card.state(day),
        renewal_receipt_on=row.renewal_receipt_on,
        checked_on=row.checked_on,
        months_left=months if months is not None and not superseded(card, cards, day) else None,
        renew_by=card.renew_by,
        correction_proof=row.correction_proof,
    )


def titles_by_user(session: ReadSession, ids: Iterable[int]) -> dict[int, list[Title]]:
    """The titles of these people, oldest first."""
    found: dict[int, list[Title]] = {}
    for row in session.scalars(select(Title).where(Title.user_id.in_(list(ids))).order_by(Title.id)):
        found.setdefault(row.user_id, []).append(row)
    return found


def accounts(session: ReadSession, now: datetime) -> list[Account]:
    """Everybody, closed accounts last, by name."""
    people = list(session.scalars(select(User).order_by(User.sort_key, User.id)))
    titles = titles_by_user(session, [user.id for user in people])
    posts = {post.holder_id: post.name for post in session.scalars(select(Post)) if post.holder_id}
    known = session.execute(text("SELECT id, reference FROM customer"))
    references = {row.id: row.reference for row in known}
    day = today(session, now)
    shown = [_account(user, titles.get(user.id, []), posts.get(user.id), references, day) for user in people]
    return sorted(shown, key=lambda account: account.disabled_at is not None)


def _account(
    user: User, rows: list[Title], post: str | None, references: dict[int, str], day: date
) -> Account:
    cards = [card_of(row) for row in rows]
    customers = user.perimeter.get("customers")
    return Account(
        id=user.id,
        login=user.login,
        name=user.name,
        roles=user.roles,
        language=user.language,
        disabled_at=user.disabled_at,
        perimeter=PerimeterView(
            organisations=user.perimeter.get("organisations"),
            customers=None
            if customers is None
            else sorted(references.get(id_, str(id_)) for id_ in customers),
            communes=user.perimeter.get("communes"),
        ),
        post=post,
        titles=[title_view(row, cards, day) for row in rows],
    )


def bounds(session: ReadSession) -> Bounds:
    """The organisations, customers and communes that the sites of the centre name."""
    organisations = session.execute(text("SELECT DISTINCT organisation FROM site ORDER BY 1"))
    customers = session.execute(text("SELECT reference, name FROM customer ORDER BY sort_key, reference"))
    communes = session.execute(
        text("SELECT commune, min(town) FROM site WHERE commune IS NOT NULL GROUP BY commune ORDER BY 2, 1")
    )
    return Bounds(
        organisations=[name for (name,) in organisations],
        customers=[Bound(key=key, name=name) for key, name in customers],
        communes=[Bound(key=code, name=town or code) for code, town in communes],
    )


def ending_titles(session: ReadSession, now: datetime) -> list[EndingTitle]:
    """Titles of people who work here that end within six months, the nearest first (S4)."""
    day = today(session, now)
    people = {user.id: user.name for user in session.scalars(select(User).where(User.disabled_at.is_(None)))}
    held = set(session.scalars(select(Post.title_id).where(Post.title_id.is_not(None))))
    found: list[EndingTitle] = []
    for user_id, rows in titles_by_user(session, people).items():
        cards = [card_of(row) for row in rows]
        for card in cards:
            months = card.months_left(day)
            if months is None or card.last_day is None or superseded(card, cards, day):
                continue
            found.append(
                EndingTitle(
                    user_id=user_id,
                    name=people[user_id],
                    kind=card.kind,
                    number=card.number,
                    last_day=card.last_day,
                    months_left=months,
                    renew_by=card.renew_by,
                    state=card.state(day),
                    held=card.id in held,
                )
            )
    return sorted(found, key=lambda title: (title.last_day, title.name))
