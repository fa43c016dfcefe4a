"""A command runs once, whatever the network does (ARCHITECTURE.md §5, «Commands are idempotent»)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy import func, select, text

from tests.web.serving import Browser, Desk
from veilleur.features.http import ActDep, GatedRoute, ReadDep, allow
from veilleur.features.people.policy import POLICY
from veilleur.features.people.tables import CommandAnswer, Post
from veilleur.kernel.errors import UnavailableError
from veilleur.web import gate as gates
from veilleur.web.bounds import BURST, Rate, Turns
from veilleur.web.errors import TooManyError


def entries(desk: Desk, kind: str) -> int:
    with desk.room.database.read() as session:
        return session.execute(
            text("SELECT count(*) FROM entry WHERE kind = :kind"), {"kind": kind}
        ).scalar_one()


@pytest.fixture
def seated(desk: Desk) -> tuple[Desk, Browser, int]:
    desk.room.user("anna")
    return desk, desk.browser("anna"), desk.room.post()


def test_the_same_key_and_body_give_the_same_answer_and_run_once(seated: tuple[Desk, Browser, int]) -> None:
    desk, browser, post = seated
    answers = [browser.post(f"/api/posts/{post}/take", {}, key="k1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [204, 204, 204]
    assert entries(desk, "post.taken") == 1
    assert browser.get("/api/me").json()["post"] == {"id": post, "name": "Poste 1"}


def test_the_same_key_with_another_body_is_a_conflict(seated: tuple[Desk, Browser, int]) -> None:
    _, browser, post = seated
    browser.post(f"/api/posts/{post}/take", {}, key="k1")
    other = browser.post(f"/api/posts/{post}/take", {"motif": "ronde"}, key="k1")
    assert (other.status_code, other.json()["code"]) == (409, "command_id_reused")
    elsewhere = browser.post(f"/api/posts/{post + 1}/take", {}, key="k1")
    assert elsewhere.json()["code"] == "command_id_reused"


def test_a_key_is_its_users_own(seated: tuple[Desk, Browser, int]) -> None:
    desk, browser, post = seated
    browser.post(f"/api/posts/{post}/take", {}, key="k1")
    desk.room.user("boris")
    other = desk.browser("boris").post(f"/api/posts/{post}/take", {}, key="k1")
    assert other.json()["code"] == "post_held"


@pytest.mark.parametrize("key", ["", "a" * 65, "é", "a b"])
def test_a_command_without_a_good_key_is_refused(seated: tuple[Desk, Browser, int], key: str) -> None:
    _, browser, post = seated
    headers = {b"X-CSRF-Token": browser.csrf.encode(), b"Idempotency-Key": key.encode()}
    answer = browser.http.post(f"/api/posts/{post}/take", json={}, headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (400, "command_id_missing")


def test_a_refused_command_may_be_tried_again_under_its_key(seated: tuple[Desk, Browser, int]) -> None:
    desk, browser, post = seated
    with desk.room.database.write() as session:
        session.execute(text("UPDATE web_session SET sound_ok = null"))
    refused = browser.post("/api/posts/leave", {}, key="k1")
    assert refused.status_code == 403
    browser.post(f"/api/posts/{post}/take", {})
    assert browser.post("/api/posts/leave", {}, key="k1").status_code == 204


@pytest.mark.parametrize("where", ["after the command", "after the answer is kept"])
def test_a_crash_before_the_commit_runs_nothing_and_a_repeat_runs_once(
    seated: tuple[Desk, Browser, int], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The process dies between the command and its commit: the transaction goes, the claim with it."""
    desk, browser, post = seated
    kept: Callable[..., None] = gates.keep_answer

    def crash(*given: Any) -> None:
        if where == "after the answer is kept":
            kept(*given)
        act = given[0]
        act.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    monkeypatch.setattr(gates, "keep_answer", crash)
    assert browser.post(f"/api/posts/{post}/take", {}, key="k1").status_code in (500, 503)
    assert entries(desk, "post.taken") == 0
    with desk.room.database.read() as session:
        assert session.scalars(select(func.count()).select_from(CommandAnswer)).one() == 0
    monkeypatch.undo()
    assert browser.post(f"/api/posts/{post}/take", {}, key="k1").status_code == 204
    assert entries(desk, "post.taken") == 1


def test_the_answer_lost_after_the_commit_is_given_again(
    seated: tuple[Desk, Browser, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, browser, post = seated
    closing = gates._closing.__aexit__

    async def lose(self: Any, kind: Any, error: Any, trace: Any) -> None:
        await closing(self, kind, error, trace)
        raise RuntimeError("the machine died after the commit")

    monkeypatch.setattr(gates._closing, "__aexit__", lose)
    assert browser.post(f"/api/posts/{post}/take", {}, key="k1").status_code == 500
    monkeypatch.undo()
    assert browser.post(f"/api/posts/{post}/take", {}, key="k1").status_code == 204
    assert entries(desk, "post.taken") == 1


def test_two_senders_of_one_command_at_once_run_it_once(seated: tuple[Desk, Browser, int]) -> None:
    desk, browser, post = seated
    ready = threading.Barrier(4)

    def send(_: int) -> int:
        ready.wait(timeout=10)
        return browser.post(f"/api/posts/{post}/take", {}, key="k1").status_code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, range(4))) == [204] * 4
    assert entries(desk, "post.taken") == 1


def test_an_answer_with_a_body_is_given_again_as_it_was(desk: Desk) -> None:
    """Any JSON answer is kept: here through a route of the application with a body."""
    desk.room.user("anna")
    browser = desk.browser("anna")
    router = APIRouter(route_class=GatedRoute)

    @router.post("/api/tried")
    @allow(POLICY, "people.read")
    def tried(act: ActDep) -> dict[str, Any]:
        return {"entry": act.record("sound.tested", {"ok": True}), "é": [1, None, "ç"]}

    desk.app.router.routes.insert(0, router.routes[0])
    first = browser.post("/api/tried", {}, key="k1")
    again = browser.post("/api/tried", {}, key="k1")
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert entries(desk, "sound.tested") == 1


def test_refusals_of_a_right_are_counted(seated: tuple[Desk, Browser, int]) -> None:
    desk, browser, post = seated
    refused = browser.post(f"/api/posts/{post}/vacate", {"reason": "test"})
    assert (refused.status_code, refused.json()) == (
        403,
        {"code": "forbidden", "params": {"ability": "post.vacate"}},
    )
    with desk.room.database.read() as session:
        counted = session.execute(text("SELECT kind, count, detail FROM refusal_count")).all()
    assert [tuple(row) for row in counted] == [("right", 1, {"logins": ["anna"]})]


def test_a_get_route_changes_nothing(seated: tuple[Desk, Browser, int]) -> None:
    """GET transactions are READ ONLY: a route that writes in one fails."""
    desk, browser, _ = seated
    router = APIRouter(route_class=GatedRoute)

    @router.get("/api/sly")
    @allow(POLICY, "people.read")
    def sly(session: ReadDep) -> None:
        session.execute(text("UPDATE post SET motif = 'x'"))

    desk.app.router.routes.insert(0, router.routes[0])
    assert browser.get("/api/sly").status_code == 500
    with desk.room.database.read() as session:
        assert session.scalars(select(Post.motif)).all() == [None]


def test_the_rate_bound_lets_bursts_pass_and_stops_floods() -> None:
    rate, who = Rate(), b"session"
    for _ in range(int(BURST)):
        rate.count(who, 0.0)
    with pytest.raises(TooManyError):
        rate.count(who, 0.0)
    rate.count(who, 1.0)
    rate.count(b"another", 0.0)


async def test_turns_are_bounded_and_so_is_the_queue() -> None:
    turns = Turns(at_once=1, waiting=1)
    async with turns.one():
        waiting = asyncio.create_task(_pass(turns))
        await asyncio.sleep(0)
        with pytest.raises(UnavailableError):
            await _pass(turns)
    await waiting


async def _pass(turns: Turns) -> None:
    async with turns.one():
        await asyncio.sleep(0)
