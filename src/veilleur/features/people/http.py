"""Routes about one's session, account and post. Leaving a post and the quick change are in `desk/posts.py`:
they also touch dossiers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Response
from pydantic import BaseModel, Field

from veilleur.db.engine import Database
from veilleur.features.http import (
    ActDep,
    ClockDep,
    PassageDep,
    ReadDep,
    ReaderDep,
    allow,
    anybody,
    feature_router,
    provided,
)
from veilleur.features.people import bodies, commands, posts, sessions
from veilleur.features.people.accounts import (
    Account,
    Bounds,
    EndingTitle,
    accounts,
    bounds,
    ending_titles,
)
from veilleur.features.people.bodies import Login, Made, Password
from veilleur.features.people.model import TitleRefusedError
from veilleur.features.people.policy import POLICY
from veilleur.features.people.queries import customers_by_reference, users
from veilleur.features.people.refusals import count_post_refusal
from veilleur.kernel.ports import CookieJar
from veilleur.logbook.act import Act

router = feature_router()

DatabaseDep = Annotated[Database, provided(Database)]
CookieDep = Annotated[CookieJar, provided(CookieJar)]


class Credentials(BaseModel):
    """A login and its password."""

    login: Login
    password: Password


class Opened(BaseModel):
    """What a login answers: the CSRF token to send back in `X-CSRF-Token`. The cookie travels apart."""

    csrf: str


class NewPassword(BaseModel):
    """The present password and the one to come."""

    present: Password
    new: Password


class Taking(BaseModel):
    """Prise de poste: the motif of viewing, asked for by video posts."""

    motif: Annotated[str, Field(max_length=200)] | None = None


class Vacating(BaseModel):
    """Why a held post is freed."""

    reason: Annotated[str, Field(min_length=1, max_length=500)]


class SoundResult(BaseModel):
    """Whether the desk's self-test was heard to play."""

    ok: bool


class Colleague(BaseModel):
    """Somebody a dossier can be handed to."""

    id: int
    name: str
    roles: list[str]
    disabled_at: datetime | None


@router.post("/login")
@anybody("session.open")
def login(
    *,
    body: Credentials,
    response: Response,
    passage: PassageDep,
    database: DatabaseDep,
    jar: CookieDep,
) -> Opened:
    """Opens a session. 401 `bad_login`; 429 `too_soon` {seconds}."""
    peer = passage.peer
    user = sessions.authenticate(database, passage.clock, login=body.login, password=body.password, peer=peer)
    with database.write() as session:
        if passage.session_hash is not None:
            sessions.drop_session(session, passage.session_hash)
        act = Act(session, passage.clock.now(), sessions.actor_of(user))
        opened = sessions.open_session(act, user, password=body.password, peer=peer)
    jar.put(response, opened.cookie)
    return Opened(csrf=opened.csrf)


@router.post("/logout", status_code=204)
@allow(POLICY, "session.end", repeatable=True)
def logout(act: ActDep, passage: PassageDep, jar: CookieDep) -> Response:
    """Ends the session. A post still held stays held, and rings, until it is taken over."""
    sessions.end_session(act, passage.session_hash or b"")
    answer = Response(status_code=204)
    jar.clear(answer)
    return answer


@router.post("/me/password", status_code=204)
@allow(POLICY, "account.password", repeatable=True)
def change_password(body: NewPassword, act: ActDep, reader: ReaderDep, passage: PassageDep) -> None:
    """Changes one's own password; one's other sessions end. 422 `wrong_password`, `invalid` {field}."""
    commands.change_password(
        act, reader.user_id, present=body.present, new=body.new, keep_session=passage.session_hash
    )


@router.post("/me/sound", status_code=204)
@allow(POLICY, "account.sound", repeatable=True)
def report_sound(body: SoundResult, act: ActDep, reader: ReaderDep, passage: PassageDep) -> None:
    """The result of the sound's self-test; a failure tells the room through the post's view."""
    posts.report_sound(act, reader, ok=body.ok, session_hash=passage.session_hash or b"")


@router.post("/posts/{post_id}/take", status_code=204)
@allow(POLICY, "post.take")
def take_post(
    *, post_id: int, body: Taking, act: ActDep, reader: ReaderDep, passage: PassageDep, database: DatabaseDep
) -> None:
    """Prise de poste. 409 `title_refused` {reason, rule, activity…}, `post_held` {holder}."""
    try:
        posts.take_post(act, reader, post_id, motif=body.motif, session_hash=passage.session_hash)
    except TitleRefusedError as refusal:
        act.session.rollback()  # its connection goes back before another is asked for
        count_post_refusal(
            database, passage.clock, refusal, user_id=reader.user_id, post_id=post_id, peer=passage.peer
        )
        raise


@router.post("/posts/{post_id}/vacate", status_code=204)
@allow(POLICY, "post.vacate")
def vacate_post(post_id: int, body: Vacating, act: ActDep) -> None:
    """The chef de salle frees a post that somebody left held."""
    posts.vacate_post(act, post_id, body.reason)


@router.get("/people")
@allow(POLICY, "people.read")
def people(session: ReadDep) -> list[Colleague]:
    """Everybody, by name: to whom a dossier can be handed over."""
    return [
        Colleague(id=user.id, name=user.name, roles=user.roles, disabled_at=user.disabled_at)
        for user in users(session)
    ]


@router.get("/accounts")
@allow(POLICY, "account.read")
def read_accounts(session: ReadDep, clock: ClockDep) -> list[Account]:
    """Everybody with his roles, bounds and titles, closed accounts last."""
    return accounts(session, clock.now())


@router.get("/accounts/bounds")
@allow(POLICY, "people.manage")
def read_bounds(session: ReadDep) -> Bounds:
    """What perimeters may be made of."""
    return bounds(session)


@router.get("/titles/ending")
@allow(POLICY, "account.read")
def read_ending_titles(session: ReadDep, clock: ClockDep) -> list[EndingTitle]:
    """Titles that end within six months, the nearest first (S4)."""
    return ending_titles(session, clock.now())


@router.post("/accounts", status_code=201)
@allow(POLICY, "people.manage", repeatable=True)
def create_account(body: bodies.NewAccount, act: ActDep) -> Made:
    """Adds a person. 409 `login_taken`. Without a command id: its kept hash would be one of a password."""
    return Made(
        id=commands.create_user(
            act,
            login=body.login,
            name=body.name,
            roles=body.roles,
            password=body.password,
            language=body.language,
        )
    )


@router.post("/accounts/{user_id}/roles", status_code=204)
@allow(POLICY, "people.manage")
def set_roles(user_id: int, body: bodies.Roles, act: ActDep) -> None:
    """Changes what a person may do. 409 `last_administrator`."""
    commands.set_roles(act, user_id, body.roles)


@router.post("/accounts/{user_id}/perimeter", status_code=204)
@allow(POLICY, "people.manage")
def set_perimeter(user_id: int, body: bodies.PerimeterGiven, act: ActDep) -> None:
    """Bounds what a person sees. 404 `not_found` {what: customer}."""
    customers = None if body.customers is None else customers_by_reference(act.session, body.customers)
    given = {"organisations": body.organisations, "customers": customers, "communes": body.communes}
    commands.set_perimeter(act, user_id, given)


@router.post("/accounts/{user_id}/password", status_code=204)
@allow(POLICY, "people.manage", repeatable=True)
def set_password(user_id: int, body: bodies.GivenPassword, act: ActDep) -> None:
    """Gives a new password; the person's sessions end."""
    commands.set_password(act, user_id, body.password)


@router.post("/accounts/{user_id}/disable", status_code=204)
@allow(POLICY, "people.manage")
def disable_account(user_id: int, body: bodies.Reasoned, act: ActDep) -> None:
    """Closes an account and its sessions. 409 `last_administrator`, `account_state`."""
    commands.disable_user(act, user_id, body.reason)


@router.post("/accounts/{user_id}/enable", status_code=204)
@allow(POLICY, "people.manage")
def enable_account(user_id: int, body: bodies.Reasoned, act: ActDep) -> None:
    """Opens a closed account again. 409 `account_state`."""
    commands.enable_user(act, user_id, body.reason)


@router.post("/accounts/{user_id}/titles", status_code=201)
@allow(POLICY, "title.manage")
def grant_title(user_id: int, body: bodies.NewTitle, act: ActDep) -> Made:
    """Records a title that was seen."""
    return Made(
        id=commands.grant_title(
            act,
            user_id,
            kind=body.kind,
            number=body.number,
            activities=body.activities,
            issued_on=body.issued_on,
            expires_on=body.expires_on,
        )
    )


@router.post("/titles/{title_id}/correct", status_code=204)
@allow(POLICY, "title.manage")
def correct_title(title_id: int, body: bodies.TitleCorrection, act: ActDep) -> None:
    """Corrects a typing error with the proof of the check; it goes to the review."""
    commands.correct_title(
        act,
        title_id,
        number=body.number,
        issued_on=body.issued_on,
        expires_on=body.expires_on,
        activities=body.activities,
        proof=body.proof,
    )


@router.post("/titles/{title_id}/status", status_code=204)
@allow(POLICY, "title.manage")
def set_title_status(title_id: int, body: bodies.TitleStatus, act: ActDep) -> None:
    """Suspends, withdraws or restores a title. Whoever holds a post under it keeps it until the relief."""
    commands.set_title_status(act, title_id, body.status, body.reason)


@router.post("/titles/{title_id}/receipt", status_code=204)
@allow(POLICY, "title.manage")
def record_receipt(title_id: int, body: bodies.Receipt, act: ActDep) -> None:
    """Records the receipt of a renewal (R612-17)."""
    commands.record_receipt(act, title_id, body.on)


@router.post("/posts", status_code=201)
@allow(POLICY, "post.create")
def create_post(body: bodies.NewPost, act: ActDep) -> Made:
    """Adds a workplace. 409 `post_name_taken`."""
    return Made(id=posts.create_post(act, name=body.name, kind=body.kind))


@router.post("/posts/{post_id}/rename", status_code=204)
@allow(POLICY, "post.create")
def rename_post(post_id: int, body: bodies.PostName, act: ActDep) -> None:
    """Gives a post another name. 409 `post_name_taken`."""
    posts.rename_post(act, post_id, body.name)


@router.post("/posts/{post_id}/remove", status_code=204)
@allow(POLICY, "post.create")
def remove_post(post_id: int, body: bodies.Reasoned, act: ActDep) -> None:
    """Takes a free post out of the room. 409 `post_held`."""
    posts.remove_post(act, post_id, body.reason)
