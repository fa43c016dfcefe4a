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
    PassageDep,
    ReadDep,
    ReaderDep,
    allow,
    anybody,
    feature_router,
    provided,
)
from veilleur.features.people import commands, posts, sessions
from veilleur.features.people.model import MAX_PASSWORD
from veilleur.features.people.policy import POLICY
from veilleur.features.people.queries import users
from veilleur.kernel.ports import CookieJar
from veilleur.logbook.act import Act

router = feature_router()

DatabaseDep = Annotated[Database, provided(Database)]
CookieDep = Annotated[CookieJar, provided(CookieJar)]

Password = Annotated[str, Field(min_length=1, max_length=MAX_PASSWORD)]
Login = Annotated[str, Field(min_length=1, max_length=100)]


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
def take_post(post_id: int, body: Taking, act: ActDep, reader: ReaderDep, passage: PassageDep) -> None:
    """Prise de poste. 409 `title_refused` {reason, rule, activity…}, `post_held` {holder}."""
    posts.take_post(act, reader, post_id, motif=body.motif, session_hash=passage.session_hash)


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
