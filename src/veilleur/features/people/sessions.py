"""Logging in and out, with slow-down and never a lock-out. Cookies are stored as their SHA-256 only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from veilleur.db.engine import Database, ReadSession, WriteSession
from veilleur.features.people.model import FREE_FAILURES, slow_down
from veilleur.features.people.passwords import hash_password, needs_rehash, verify_password
from veilleur.features.people.queries import user_by_login
from veilleur.features.people.refusals import count_refusal
from veilleur.features.people.tables import CommandAnswer, LoginThrottle, RefusalCount, User, WebSession
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import UnauthenticatedError, VeilleurError
from veilleur.kernel.ids import token
from veilleur.logbook.act import Act, Actor

#: Silence (no request, no open stream) after which a session ends.
IDLE = timedelta(minutes=30)

#: A shift of 12 h with its relief. A session that holds a post outlives it (queries.reader_of).
ABSOLUTE = timedelta(hours=14)

#: Rows of the throttle table: logins and peers are chosen by whoever knocks.
THROTTLE_ROWS = 5_000

#: How long a (login, peer) pair that succeeded is known: its slow-down is its own, so that a stranger who
#: guesses at a login elsewhere cannot keep its owner out of his own workstation.
KNOWN_FOR = timedelta(days=30)

#: How long answers of commands are kept: longer than an entry may wait in a browser without the server
#: (`logbook.commands.MAX_AGE`), or one whose answer was lost would be entered twice.
ANSWERS_KEPT = timedelta(hours=80)


class BadLoginError(UnauthenticatedError):
    """Login or password is not right."""

    code = "bad_login"


class TooSoonError(VeilleurError):
    """Too many failures: wait a few seconds and try again."""

    status = 429
    code = "too_soon"


@dataclass(frozen=True)
class OpenedSession:
    """A session just opened: the cookie's value, which is nowhere else, and the CSRF token."""

    cookie: str
    csrf: str
    user_id: int
    session_hash: bytes


def hash_cookie(cookie: str) -> bytes:
    """What is stored of a cookie."""
    return hashlib.sha256(cookie.encode()).digest()


def authenticate(database: Database, clock: Clock, *, login: str, password: str, peer: str) -> User:
    """The person of a login and password. Raises BadLoginError, or TooSoonError with `seconds` to wait.

    The password is hashed between two transactions: a flood of logins holds no connection while it waits.
    """
    key = login.strip().casefold()[:200]
    with database.read() as reading:
        user = user_by_login(reading, key)
        subjects = _subjects(reading, key, peer)
        wait = _seconds_to_wait(reading, subjects, clock.now())
    if wait > 0:
        with database.write() as writing:
            count_refusal(writing, kind="login", peer=peer, now=clock.now(), login=key)
        raise TooSoonError(seconds=round(wait, 1))
    usable = user if user is not None and user.disabled_at is None else None
    right = verify_password(usable.password_hash if usable else None, password)
    with database.write() as writing:
        if usable is not None and right:
            _forgive(writing, key, peer, clock.now())
            return usable
        _fail(writing, subjects, clock.now())
        count_refusal(writing, kind="login", peer=peer, now=clock.now(), login=key)
    raise BadLoginError


def _pair(login: str, peer: str) -> str:
    return f"pair:{login}@{peer}"


def _subjects(session: ReadSession, login: str, peer: str) -> dict[str, str]:
    """What slows down this attempt: kind → row of the throttle table."""
    pair = _pair(login, peer)
    known = session.get(LoginThrottle, pair) is not None
    return {("pair" if known else "login"): pair if known else f"login:{login}", "peer": f"peer:{peer}"}


def _seconds_to_wait(session: ReadSession, subjects: dict[str, str], now: datetime) -> float:
    rows = session.execute(
        select(LoginThrottle.subject, LoginThrottle.failures, LoginThrottle.next_try_at).where(
            LoginThrottle.subject.in_(subjects.values())
        )
    )
    kinds = {subject: kind for kind, subject in subjects.items()}
    waits = [
        (next_try - now).total_seconds()
        for subject, failures, next_try in rows
        if failures > FREE_FAILURES[kinds[subject]]
    ]
    return max(waits, default=0.0)


def _fail(session: WriteSession, subjects: dict[str, str], now: datetime) -> None:
    for kind, subject in sorted(subjects.items()):
        row = session.get(LoginThrottle, subject, with_for_update=True)
        failures = 1 + (row.failures if row is not None else 0)
        next_try = now + slow_down(kind, failures)
        statement = insert(LoginThrottle).values(subject=subject, failures=failures, next_try_at=next_try)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["subject"],
                set_={"failures": LoginThrottle.failures + 1, "next_try_at": next_try},
            )
        )
    _bound(session)


def _bound(session: WriteSession) -> None:
    """Forgets the oldest rows beyond the bound; known pairs go last."""
    beyond = session.scalars(select(func.count()).select_from(LoginThrottle)).one() - THROTTLE_ROWS
    if beyond <= 0:
        return
    oldest = (
        select(LoginThrottle.subject)
        .order_by(LoginThrottle.subject.like("pair:%"), LoginThrottle.next_try_at)
        .limit(beyond)
    )
    session.execute(delete(LoginThrottle).where(LoginThrottle.subject.in_(oldest)))


def _forgive(session: WriteSession, login: str, peer: str, now: datetime) -> None:
    """A success clears its own counts, not the peer's, and makes the pair known."""
    session.execute(delete(LoginThrottle).where(LoginThrottle.subject == f"login:{login}"))
    statement = insert(LoginThrottle).values(subject=_pair(login, peer), failures=0, next_try_at=now)
    session.execute(
        statement.on_conflict_do_update(index_elements=["subject"], set_={"failures": 0, "next_try_at": now})
    )


def open_session(
    act: Act, user: User, *, password: str, peer: str, kind: str = "session.opened"
) -> OpenedSession:
    """Opens a session for an authenticated person, in one act whose actor is that person."""
    cookie, csrf = token(), token()
    row = act.session.get(User, user.id, with_for_update=True)
    assert row is not None, "authenticated a moment ago, and accounts are never deleted"
    entry_id = act.record(kind, {"name": user.name, "peer": peer})
    if needs_rehash(row.password_hash):
        row.password_hash, row.entry_id = hash_password(password), entry_id
    act.session.add(
        WebSession(
            token_hash=hash_cookie(cookie),
            user_id=user.id,
            csrf=csrf,
            peer=peer,
            created_at=act.now,
            last_seen=act.now,
            last_act=act.now,
            ends_at=act.now + ABSOLUTE,
        )
    )
    act.session.flush()
    return OpenedSession(cookie, csrf, user.id, hash_cookie(cookie))


def actor_of(user: User, post_id: int | None = None) -> Actor:
    """The person as the actor of his own login."""
    return Actor("user", user.id, user.name, post_id)


def end_session(act: Act, session_hash: bytes, *, kind: str = "session.closed") -> None:
    """Logs out. A post still held stays held, and rings, until it is left or taken over."""
    act.record(kind, {"name": act.actor.name})
    act.session.execute(delete(WebSession).where(WebSession.token_hash == session_hash))


def drop_session(session: WriteSession, session_hash: bytes) -> None:
    """Forgets the session that a new login replaces in the same browser; the login is the entry."""
    session.execute(delete(WebSession).where(WebSession.token_hash == session_hash))


def touch_sessions(session: WriteSession, hashes: list[bytes], now: datetime) -> None:
    """Signs of life: requests and open streams. Untraced."""
    if hashes:
        session.execute(
            update(WebSession)
            .where(WebSession.token_hash.in_(sorted(hashes)), WebSession.last_seen < now)
            .values(last_seen=now)
        )


def forget_the_old(session: WriteSession, now: datetime) -> None:
    """Purges what has ended: answers after 24 h, sessions, counts entered, throttles."""
    session.execute(delete(CommandAnswer).where(CommandAnswer.at < now - ANSWERS_KEPT))
    ended = (WebSession.ends_at < now) & WebSession.post_id.is_(None)
    session.execute(delete(WebSession).where(ended | (WebSession.last_seen < now - IDLE)))
    old = RefusalCount.entered.is_(True) & (RefusalCount.minute < now - timedelta(hours=1))
    session.execute(delete(RefusalCount).where(old))
    known = LoginThrottle.subject.like("pair:%")
    quiet = (LoginThrottle.next_try_at < now - timedelta(hours=1)) & ~known
    stale = (LoginThrottle.next_try_at < now - KNOWN_FOR) & known
    session.execute(delete(LoginThrottle).where(quiet | stale))
