"""The room's own routes: who I am, the picture, the stream, leaving a post, the quick change."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Header, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from veilleur.desk import posts
from veilleur.desk.feed import Client, Feed
from veilleur.desk.policy import POLICY
from veilleur.desk.snapshot import Snapshot, take_snapshot
from veilleur.desk.stream import STREAMS, STREAMS_A_SESSION, messages
from veilleur.desk.views import Person, PostView
from veilleur.features.http import (
    ActDep,
    ClockDep,
    PassageDep,
    ReadDep,
    ReaderDep,
    allow,
    feature_router,
    provided,
)
from veilleur.features.people.http import CookieDep, Credentials, DatabaseDep, Opened
from veilleur.features.people.model import TitleCard, superseded
from veilleur.features.people.policy import POLICY as PEOPLE
from veilleur.features.people.queries import (
    post_views,
    reader_of,
    titles_of,
    today,
    user_by_id,
)
from veilleur.features.people.sessions import IDLE
from veilleur.features.sites.queries import centre
from veilleur.kernel.errors import UnauthenticatedError, UnavailableError
from veilleur.kernel.ports import DeskFacts, PolicyBook

router = feature_router()

FeedDep = Annotated[Feed, provided(Feed)]
BookDep = Annotated[PolicyBook, provided(PolicyBook)]
FactsDep = Annotated[DeskFacts, provided(DeskFacts)]


class MeUser(BaseModel):
    """The person who is logged in."""

    id: int
    login: str
    name: str
    roles: list[str]
    language: str


class MeTitle(BaseModel):
    """One of my titles. `state`: valid | renewing | expired | suspended | withdrawn | provisional, today.

    `months_left`: 6, 4 or 3 when its end is that near and nothing takes over (S4). `renew_by`: R612-17.
    """

    kind: str
    number: str
    activities: list[str]
    expires_on: date | None
    status: str
    state: str
    renewal_receipt_on: date | None
    months_left: int | None
    renew_by: date | None


class MeCentre(BaseModel):
    """The centre. `demo`: everything is marked «DÉMONSTRATION»."""

    name: str
    call_back: str | None
    timezone: str
    demo: bool
    language: str


class MeSession(BaseModel):
    """When my session ends. While it holds a post it outlives that hour: the desk then asks for the password."""

    ends_at: datetime
    sound_ok: bool | None


class Me(BaseModel):
    """Who I am, where I sit, what I may do."""

    user: MeUser
    csrf: str
    post: Person | None
    posts: list[PostView]
    abilities: list[str]
    titles: list[MeTitle]
    centre: MeCentre
    session: MeSession


class Leaving(BaseModel):
    """`confirmed`: my open dossiers go back to the queue and ring."""

    confirmed: bool = False


@router.get("/me")
@allow(POLICY, "room.read")
def me(
    *,
    session: ReadDep,
    reader: ReaderDep,
    passage: PassageDep,
    clock: ClockDep,
    book: BookDep,
    facts: FactsDep,
) -> Me:
    """Who I am, where I sit, what I may do."""
    now = clock.now()
    found = reader_of(session, passage.session_hash or b"", now, IDLE)
    if found is None:
        raise UnauthenticatedError
    user, day, house = user_by_id(session, reader.user_id), today(session, now), centre(session)
    cards = titles_of(session, reader.user_id)
    views = [PostView.model_validate(view.seen_by(reader)) for view in post_views(session, None, now)]
    mine = next((view for view in views if view.id == reader.post_id), None)
    return Me(
        user=MeUser(id=user.id, login=user.login, name=user.name, roles=user.roles, language=user.language),
        csrf=found.csrf,
        post=Person(id=mine.id, name=mine.name) if mine else None,
        posts=views,
        abilities=book.abilities(reader),
        titles=[_my_title(card, cards, day) for card in cards],
        centre=MeCentre(
            name=house.name if house else "",
            call_back=house.call_back if house else None,
            timezone=house.timezone if house else "Europe/Paris",
            demo=facts.demo,
            language=facts.language,
        ),
        session=MeSession(ends_at=found.ends_at, sound_ok=mine.sound_ok if mine else None),
    )


def _my_title(card: TitleCard, cards: list[TitleCard], day: date) -> MeTitle:
    months = card.months_left(day)
    return MeTitle(
        kind=card.kind,
        number=card.number,
        activities=sorted(card.activities),
        expires_on=card.last_day,
        status=card.status,
        state=card.state(day),
        renewal_receipt_on=card.renewal_receipt_on,
        months_left=None if months is None or superseded(card, cards, day) else months,
        renew_by=card.renew_by,
    )


@router.post("/posts/leave", status_code=204)
@allow(PEOPLE, "post.leave")
def leave_post(body: Leaving, act: ActDep, reader: ReaderDep) -> None:
    """Leaves my post. 409 `holds_dossiers` {dossiers} unless confirmed."""
    posts.leave(act, reader, confirmed=body.confirmed)


@router.post("/quick-change")
@allow(PEOPLE, "post.change", repeatable=True, transaction=False)
def quick_change(
    *,
    body: Credentials,
    response: Response,
    reader: ReaderDep,
    passage: PassageDep,
    database: DatabaseDep,
    jar: CookieDep,
) -> Opened:
    """A colleague sits down: the post and its alarms pass to him. Refused as a login or a prise de poste is."""
    opened = posts.quick_change(
        database,
        passage.clock,
        reader,
        login=body.login,
        password=body.password,
        peer=passage.peer,
        session_hash=passage.session_hash or b"",
    )
    jar.put(response, opened.cookie)
    return Opened(csrf=opened.csrf)


@router.get("/snapshot")
@allow(POLICY, "room.read")
def snapshot(session: ReadDep, reader: ReaderDep, clock: ClockDep) -> Snapshot:
    """The room in one picture, at a position: open the stream after it."""
    return take_snapshot(session, reader, clock.now())


@router.get("/stream", response_class=StreamingResponse)
@allow(POLICY, "room.read", stream=True)
async def stream(
    *,
    after: Annotated[int, Query(ge=-1)] = -1,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
    reader: ReaderDep,
    passage: PassageDep,
    clock: ClockDep,
    feed: FeedDep,
) -> StreamingResponse:
    """Server-sent events: `item`, `beat` each second, `reset` (begin again), `refused` (the session is gone)."""
    mine = [client for client in feed.clients if client.session_hash == passage.session_hash]
    if len(feed.clients) >= STREAMS or len(mine) >= STREAMS_A_SESSION:
        raise UnavailableError
    resumed = int(last_event_id) if last_event_id and last_event_id.isdecimal() else after
    client = Client(passage.session_hash or b"", reader)
    headers: dict[str, Any] = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return StreamingResponse(
        messages(feed, clock, client, resumed), media_type="text/event-stream", headers=headers
    )
