"""Every route with every role (ARCHITECTURE.md §5, «Rights»): the table is rights.txt, read by a person.

A route that is not in the table fails; so does a line without its route. Denied means 403 `forbidden`; allowed means
anything else that a request about nothing may get (404, 409, 422…).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts

from tests.web.serving import Browser, Desk
from veilleur.features.http import GatedRoute
from veilleur.features.people.queries import user_by_login
from veilleur.features.people.sessions import actor_of, hash_cookie, open_session
from veilleur.kernel.ports import ROLES
from veilleur.web.factory import gated_routes

TABLE = Path(__file__).with_name("rights.txt")

#: Served without the gate, on purpose: they tell nothing of the room.
UNGATED = {"/astreinte/{token}", "/healthz", "/metrics", "/{path:path}"}


@dataclass(frozen=True)
class Line:
    """One route and what the table says of each role."""

    method: str
    path: str
    cells: dict[str, str]

    @property
    def open(self) -> bool:
        return set(self.cells.values()) == {"anybody"}


def read_table() -> list[Line]:
    header, *rows = [line.split() for line in TABLE.read_text().splitlines() if line.strip()]
    assert tuple(header[2:]) == ROLES, "the table names every role, in their order"
    return [
        Line(
            method,
            path,
            dict.fromkeys(ROLES, "anybody") if cells == ["anybody"] else dict(zip(ROLES, cells, strict=True)),
        )
        for method, path, *cells in rows
    ]


def test_the_table_and_the_routes_are_the_same(desk: Desk) -> None:
    routes = {(m, r.path) for r in gated_routes(desk.app) for m in (r.methods or set()) - {"HEAD"}}
    lines = {(line.method, line.path) for line in read_table()}
    assert routes - lines == set(), "add these routes to tests/web/rights.txt, with who may use them"
    assert lines - routes == set(), "these lines of tests/web/rights.txt have no route"


def test_nothing_is_served_beside_the_gate(desk: Desk) -> None:
    contexts = list(iter_route_contexts(desk.app.router.routes))
    beside = {context.path for context in contexts if not isinstance(context.original_route, GatedRoute)}
    assert beside == UNGATED
    assert not any(path.startswith("/api") for path in beside if path)


def _path(line: Line) -> str:
    return re.sub(r"\{\w+\}", "999999", line.path)


@contextmanager
def _sent(browser: Browser, line: Line) -> Iterator[tuple[int, str]]:
    """The status and code of the route asked about nothing; a stream is left at once."""
    headers = {"X-CSRF-Token": browser.csrf, "Idempotency-Key": "walk"}
    body = None if line.method == "GET" else {}
    with browser.http.stream(line.method, _path(line), json=body, headers=headers) as answer:
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            yield answer.status_code, ""
            return
        answer.read()
        told = answer.json() if answer.status_code >= 400 else {}
        yield answer.status_code, told.get("code", "")


def _browser(desk: Desk, login: str) -> Browser:
    """A browser whose session was opened without hashing a password: there are hundreds of them."""
    browser = desk.browser()
    with desk.room.database.write() as session:
        user = user_by_login(session, login)
        assert user is not None
        act = desk.room.act(session, actor_of(user))
        opened = open_session(act, user, password="", peer="127.0.0.1")
    browser.csrf = opened.csrf
    browser.http.cookies.set("veilleur", opened.cookie)
    return browser


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("seated", [False, True], ids=["without a post", "at a post"])
def test_every_route_with_every_role(desk: Desk, role: str, seated: bool) -> None:
    desk.room.user("jean", role, expires_on=date(2030, 1, 1))
    post = desk.room.post()
    wrong: list[str] = []
    for line in read_table():
        if line.open:
            continue
        desk.room.clock.advance(1)
        browser = _browser(desk, "jean")
        if seated:
            desk.room.take(hash_cookie(browser.http.cookies["veilleur"]), post)
        allowed = line.cells[role] == "yes" or (line.cells[role] == "post" and seated)
        with _sent(browser, line) as (status, code):
            refused = status == 403 and code == "forbidden"
            if status == 401 or status >= 500 or refused is allowed:
                wrong.append(f"{line.method} {line.path}: {status} {code}, allowed: {allowed}")
        browser.http.close()
    assert wrong == []


def test_every_route_without_a_session(desk: Desk) -> None:
    wrong: list[str] = []
    for line in read_table():
        with _sent(desk.browser(), line) as (status, code):
            expected = status != 401 if line.open else (status, code) == (401, "unauthenticated")
            if not expected:
                wrong.append(f"{line.method} {line.path}: {status} {code}")
    assert wrong == []
