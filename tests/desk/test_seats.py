"""Leaving a post and the quick change over HTTP, with real dossiers: nothing is ever left without a voice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text

from tests.desk.town import Town
from tests.features.people.conftest import PASSWORD
from tests.web.serving import Browser, Desk
from veilleur.features.incidents.tables import Incident
from veilleur.features.people.refusals import enter_refusals
from veilleur.features.people.tables import Post
from veilleur.logbook.act import Act, Actor


@pytest.fixture
def town(desk: Desk) -> Town:
    made = Town(desk.room).build()
    made.act("open", 0)
    return made


@pytest.fixture
def ana(desk: Desk, town: Town) -> Iterator[Browser]:
    """Ana at post 2 with one dossier taken."""
    desk.room.clock.advance(60)
    browser = desk.browser("ana")
    assert browser.post(f"/api/posts/{town.spare}/take").status_code == 204
    assert browser.post(f"/api/incidents/{town.incidents[0]}/take").status_code == 200
    return browser


def dossier(desk: Desk, town: Town) -> Incident:
    with desk.room.database.read() as session:
        return session.get_one(Incident, town.incidents[0])


def holder(desk: Desk, post: int) -> int | None:
    with desk.room.database.read() as session:
        return session.scalars(select(Post.holder_id).where(Post.id == post)).one()


def test_leaving_asks_then_puts_the_dossiers_back_ringing(desk: Desk, town: Town, ana: Browser) -> None:
    asked = ana.post("/api/posts/leave", {})
    assert (asked.status_code, asked.json()["code"]) == (409, "holds_dossiers")
    assert asked.json()["params"]["dossiers"] == [
        {"id": town.incidents[0], "reference": dossier(desk, town).reference}
    ]
    assert holder(desk, town.spare) == town.users["ana"]
    assert ana.post("/api/posts/leave", {"confirmed": True}).status_code == 204
    left = dossier(desk, town)
    assert (left.state, left.owner_id) == ("new", None)
    assert left.ringing_since is not None
    assert holder(desk, town.spare) is None
    assert ana.get("/api/me").json()["post"] is None


def test_the_quick_change_passes_post_and_dossiers_in_one_act(desk: Desk, town: Town, ana: Browser) -> None:
    changed = ana.post("/api/quick-change", {"login": "bruno", "password": PASSWORD})
    assert changed.status_code == 200
    assert holder(desk, town.spare) == town.users["bruno"]
    assert dossier(desk, town).owner_id == town.users["bruno"]
    me = ana.get("/api/me").json()
    assert me["user"]["login"] == "bruno"
    assert me["post"]["id"] == town.spare
    assert me["csrf"] == changed.json()["csrf"]
    with desk.room.database.read() as session:
        body = session.execute(
            text("SELECT body FROM entry JOIN entry_payload ON payload_of = id WHERE kind = 'post.passed'")
        ).scalar_one()
    params = json.loads(bytes(body))["params"]
    assert (params["from"], params["to"]) == ("Ana", "Bruno")
    assert params["dossiers"] == [dossier(desk, town).reference]


@pytest.mark.parametrize("fault", ["wrong password", "no title"])
def test_a_refused_quick_change_leaves_the_holder_seated(
    desk: Desk, town: Town, ana: Browser, fault: str
) -> None:
    desk.room.user("sans", card=False)
    body = {"login": "sans", "password": PASSWORD}
    if fault == "wrong password":
        body = {"login": "bruno", "password": "faux"}
    refused = ana.post("/api/quick-change", body)
    assert refused.json()["code"] == ("bad_login" if fault == "wrong password" else "title_refused")
    assert holder(desk, town.spare) == town.users["ana"]
    assert dossier(desk, town).owner_id == town.users["ana"]
    assert ana.get("/api/me").json()["user"]["login"] == "ana"
    told = refusals_told(desk)
    assert [(each["name"], each["post"], each["count"]) for each in told] == (
        [] if fault == "wrong password" else [("Sans", post_name(desk, town.spare), 1)]
    )


def post_name(desk: Desk, post: int) -> str:
    with desk.room.database.read() as session:
        return session.get_one(Post, post).name


def refusals_told(desk: Desk) -> list[dict[str, Any]]:
    """The logbook, a minute later: one line for each person, post and rule."""
    desk.room.clock.advance(60)
    with desk.room.database.write() as session:
        enter_refusals(Act(session, desk.room.clock.now(), Actor("centre")))
    with desk.room.database.read() as session:
        query = "SELECT body FROM entry JOIN entry_payload ON payload_of = id WHERE kind = 'post.refused' ORDER BY id"
        return [json.loads(bytes(body))["params"] for body in session.execute(text(query)).scalars()]


def test_a_refused_title_names_its_rule_over_http(desk: Desk, town: Town) -> None:
    desk.room.user("sans", card=False)
    refused = desk.browser("sans").post(f"/api/posts/{town.spare}/take")
    assert refused.status_code == 409
    assert refused.json()["params"] == {
        "reason": "missing",
        "rule": "L612-20",
        "activity": "remote_monitoring",
        "number": None,
        "last_day": None,
    }


def test_posts_refused_for_want_of_a_title_are_counted_in_the_logbook(desk: Desk, town: Town) -> None:
    desk.room.user("sans", card=False)
    late = desk.room.user("tard", number="CAR-1", expires_on=date(2020, 1, 31))
    without, expired = desk.browser("sans"), desk.browser("tard")
    for _ in range(3):
        assert without.post(f"/api/posts/{town.spare}/take").status_code == 409
    assert expired.post(f"/api/posts/{town.spare}/take").status_code == 409
    told = {each["name"]: each for each in refusals_told(desk)}
    assert {name: (each["count"], each["rule"], each["reason"]) for name, each in told.items()} == {
        "Sans": (3, "L612-20", "missing"),
        "Tard": (1, "R612-13", "expired"),
    }
    assert told["Tard"]["number"] == "CAR-1"
    assert told["Tard"]["post"] == post_name(desk, town.spare)
    assert told["Tard"]["peer"]
    assert holder(desk, town.spare) != late


def test_the_same_person_renews_his_session_without_leaving(desk: Desk, town: Town, ana: Browser) -> None:
    before = ana.get("/api/me").json()["session"]["ends_at"]
    desk.room.clock.advance(600)
    assert ana.post("/api/quick-change", {"login": "ana", "password": PASSWORD}).status_code == 200
    assert ana.get("/api/me").json()["session"]["ends_at"] > before
    assert dossier(desk, town).owner_id == town.users["ana"]
    assert holder(desk, town.spare) == town.users["ana"]


def test_a_dead_screen_leaves_its_post_held_and_a_colleague_may_take_it(
    desk: Desk, town: Town, ana: Browser
) -> None:
    del ana
    desk.room.clock.advance(3600)
    assert holder(desk, town.spare) == town.users["ana"]
    bruno = desk.browser("bruno")
    view = next(post for post in bruno.get("/api/me").json()["posts"] if post["id"] == town.spare)
    assert (view["live"], view["abilities"]) == (False, ["take"])
    assert bruno.post(f"/api/posts/{town.spare}/take").status_code == 204
    assert holder(desk, town.spare) == town.users["bruno"]
