"""The one way into a route: who asks, from our own page, with which right, in which transaction."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from anyio import CancelScope, to_thread
from sqlalchemy import update
from starlette.requests import Request
from starlette.responses import Response

from veilleur.db.engine import Database
from veilleur.features.http import Inner, Passage, Right
from veilleur.features.people.queries import SessionRead, reader_of
from veilleur.features.people.refusals import count_refusal
from veilleur.features.people.sessions import IDLE, hash_cookie, touch_sessions
from veilleur.features.people.tables import WebSession
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import ForbiddenError, UnauthenticatedError, VeilleurError
from veilleur.logbook.act import Act, Actor
from veilleur.web.bounds import READERS_AT_ONCE, STRANGERS_AT_ONCE, STRANGERS_WAITING, WAITING, Rate, Turns
from veilleur.web.cookies import SessionCookie
from veilleur.web.errors import CsrfError, TooManyError
from veilleur.web.idempotency import Command, claim, keep_answer

#: Seconds to send a body: a slow one must not hold a turn.
BODY_SECONDS = 15.0

#: A session's sign of life is written again after this long.
TOUCH_AFTER = timedelta(seconds=5)

SAFE = frozenset({"GET", "HEAD"})


@dataclass
class WebGate:
    """See the module. One per application."""

    database: Database
    clock: Clock
    cookie: SessionCookie
    provided: Mapping[Any, object]
    readers: Turns = field(default_factory=lambda: Turns(READERS_AT_ONCE, WAITING))
    strangers: Turns = field(default_factory=lambda: Turns(STRANGERS_AT_ONCE, STRANGERS_WAITING))
    rate: Rate = field(default_factory=Rate)

    async def __call__(self, request: Request, right: Right, inner: Inner) -> Response:
        """Lets the request through, or raises the VeilleurError that refuses it."""
        passage = self._passage(request)
        request.state.passage = passage
        if request.method not in SAFE:
            self._check_origin(request)
            async with asyncio.timeout(BODY_SECONDS):  # before a turn is taken: a slow body holds nothing
                await request.body()
        if right.policy is None:
            async with self.strangers.one():
                return await inner(request)
        if passage.session_hash is None:
            raise UnauthenticatedError
        try:
            self.rate.count(passage.session_hash, self.clock.monotonic())
        except TooManyError:
            # told like other refusals; the count is bounded by peer and minute
            await to_thread.run_sync(self._count, "rate", passage.peer, None)
            raise
        async with self.readers.one():
            await to_thread.run_sync(self._enter, request, right, passage)
            if not right.stream:
                return await self._run(request, right, passage, inner)
        return await inner(request)

    def _passage(self, request: Request) -> Passage:
        cookie = self.cookie.read(request)
        return Passage(
            clock=self.clock,
            provided=self.provided,
            session_hash=hash_cookie(cookie) if cookie else None,
            peer=request.client.host if request.client else "",
            nonce=request.state.nonce,
        )

    def _check_origin(self, request: Request) -> None:
        """A write comes from our own page: browsers say where from, and SameSite=Strict is not alone."""
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            raise CsrfError
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise CsrfError

    def _enter(self, request: Request, right: Right, passage: Passage) -> None:
        """Who asks, with which right: in a thread, in a short transaction of its own."""
        assert passage.session_hash is not None
        now = self.clock.now()
        with self.database.read() as session:
            found = reader_of(session, passage.session_hash, now, IDLE)
        if found is None:
            raise UnauthenticatedError
        try:
            self._judge(request, right, found)
        except VeilleurError as refusal:
            self._count("csrf" if isinstance(refusal, CsrfError) else "right", passage.peer, found.login)
            raise
        passage.reader = found.reader
        if now - found.last_seen > TOUCH_AFTER:
            with self.database.write() as writing:
                touch_sessions(writing, [passage.session_hash], now)

    @staticmethod
    def _judge(request: Request, right: Right, found: SessionRead) -> None:
        given = request.headers.get("x-csrf-token", "")
        if request.method not in SAFE and not hmac.compare_digest(given.encode(), found.csrf.encode()):
            raise CsrfError
        if right.policy is None or not right.policy.allows(found.reader, right.ability):
            raise ForbiddenError(ability=right.ability)

    def _count(self, kind: str, peer: str, login: str | None) -> None:
        with self.database.write() as session:
            count_refusal(session, kind=kind, peer=peer, now=self.clock.now(), login=login)

    async def _run(self, request: Request, right: Right, passage: Passage, inner: Inner) -> Response:
        if not right.transaction:
            return await inner(request)
        if request.method in SAFE:
            return await self._read(request, passage, inner)
        return await self._write(request, right, passage, inner)

    async def _read(self, request: Request, passage: Passage, inner: Inner) -> Response:
        opened = self.database.read()
        passage.session = await to_thread.run_sync(opened.__enter__)
        async with _closing(opened):
            return await inner(request)

    async def _write(self, request: Request, right: Right, passage: Passage, inner: Inner) -> Response:
        reader = passage.reader
        assert reader is not None
        command: Command | None = None
        if not right.repeatable:
            route = f"{request.method} {request.scope['route'].path}"
            target = f"{request.url.path}?{request.url.query}"
            command = Command.read(
                route, target, request.headers.get("idempotency-key"), await request.body()
            )
        opened = self.database.write()
        session = opened.__enter__()  # takes no connection yet
        actor = Actor("user", reader.user_id, reader.name, reader.post_id)
        act = passage.act = Act(session, self.clock.now(), actor)
        passage.session = session
        async with _closing(opened):
            if command is not None:
                kept = await to_thread.run_sync(claim, act, command)
                if kept is not None:
                    return kept
            response = await inner(request)
            await to_thread.run_sync(self._finish, act, passage, command, response)
            return response

    @staticmethod
    def _finish(act: Act, passage: Passage, command: Command | None, response: Response) -> None:
        """The command's answer, and the sign that its author is awake (practice P7), in its transaction."""
        act.session.flush()
        if command is not None:
            keep_answer(act, command, response)
        act.session.execute(
            update(WebSession)
            .where(WebSession.token_hash == passage.session_hash)
            .values(last_act=act.now, last_seen=act.now)
        )


class _closing:  # noqa: N801  # reads as the contextlib one
    """Ends a transaction in a thread: commits, or rolls back on any error, a cancelled request included."""

    def __init__(self, opened: AbstractContextManager[Any]) -> None:
        self._opened = opened

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, kind: Any, error: Any, trace: Any) -> None:
        with CancelScope(shield=True):
            if error is None:
                await to_thread.run_sync(self._opened.__exit__, None, None, None)
                return
            with contextlib.suppress(BaseException):  # the first error is the one to tell
                await to_thread.run_sync(self._opened.__exit__, kind, error, trace)
