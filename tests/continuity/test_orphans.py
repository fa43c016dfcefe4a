"""The dossiers of a dead workstation ring on the others, are taken over by one key, or fall silent at its return."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import text

from tests.desk.conftest import _keys
from tests.desk.test_stream import streaming
from tests.desk.town import Town
from tests.features.people.conftest import Room, room
from tests.web.serving import Browser, Desk, serve
from veilleur.db.engine import open_database
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.queries import dossier_row
from veilleur.kernel.clock import SystemClock
from veilleur.watch.caretaker import Care, Caretaker
from veilleur.watch.lease import acquire
from veilleur.watch.orphans import Orphans

__all__ = ["room"]


@pytest.fixture
def town(room: Room) -> Town:
    """Ana at post 1 with one dossier taken, Bruno at post 2."""
    made = Town(room).build()
    room.take(made.sessions["bruno"], made.spare)
    assert made.act("open", 0)
    assert made.act("take", 0)
    return made


@pytest.fixture
def orphans(room: Room) -> Orphans:
    held = acquire(room.database, "watch", "test", ttl=3600)
    assert held is not None
    return Orphans(room.database, room.clock, held)


def after(town: Town, seconds: float, *alive: str) -> None:
    """Time passes; only these screens give a sign of life."""
    town.room.clock.advance(seconds)
    with town.room.database.write() as session:
        for name in alive:
            session.execute(
                text("UPDATE web_session SET last_seen = :now WHERE token_hash = :key"),
                {"now": town.room.clock.now(), "key": town.sessions[name]},
            )


def row(town: Town) -> dict[str, Any]:
    with town.room.database.read() as session:
        return dict(dossier_row(session, town.incidents[0], town.room.clock.now()))


def test_the_dossier_rings_elsewhere_and_stays_its_holders(town: Town, orphans: Orphans) -> None:
    after(town, 9, "bruno")
    assert orphans.look() == 0, "nine seconds are no death"
    after(town, 2, "bruno")
    assert orphans.look() == 1
    told = row(town)
    assert (told["state"], told["ring_reason"], told["owner"]["name"]) == ("taken", "orphan", "Ana")
    assert "orphan" in told["marks"]
    after(town, 2, "bruno")
    assert orphans.look() == 0, "told once"


def test_it_falls_silent_when_the_screen_comes_back(town: Town, orphans: Orphans) -> None:
    after(town, 11, "bruno")
    assert orphans.look() == 1
    after(town, 2, "ana", "bruno")
    assert orphans.look() == 1
    told = row(town)
    assert (told["state"], told["ringing_since"], told["owner"]["name"]) == ("taken", None, "Ana")
    assert "orphan" not in told["marks"]


def test_with_nobody_else_alive_nothing_rings_to_an_empty_room(town: Town, orphans: Orphans) -> None:
    after(town, 60)
    assert orphans.look() == 0
    assert row(town)["ringing_since"] is None


def test_whoever_took_it_keeps_it_when_the_screen_comes_back(town: Town, orphans: Orphans) -> None:
    after(town, 11, "bruno")
    orphans.look()
    assert town.act("take", 1), "one key, no form: its motif is known"
    after(town, 2, "ana", "bruno")
    assert orphans.look() == 0
    told = row(town)
    assert (told["state"], told["owner"]["name"], told["ringing_since"]) == ("taken", "Bruno", None)
    entry = "SELECT convert_from(body, 'UTF8')::jsonb -> 'params' FROM entry JOIN entry_payload ON payload_of = id"
    with town.room.database.read() as session:
        said = session.execute(text(f"{entry} WHERE kind = 'incident.taken_over'")).scalar_one()
    assert (said["from"], said["reason"]) == ("Ana", "orphan")


@pytest.mark.parametrize("act", ["park", "closing"])
def test_a_parked_or_half_closed_dossier_is_an_orphan_too(town: Town, orphans: Orphans, act: str) -> None:
    if act == "park":
        assert town.act("park", 0)
    else:
        with town.room.database.write() as session:
            incidents.begin_closing(town._by(session, "ana"), town.incidents[0], "real_intrusion", None)
    before = row(town)
    after(town, 11, "bruno")
    assert orphans.look() == 1
    told = row(town)
    assert (told["state"], told["ring_reason"]) == (before["state"], "orphan")
    after(town, 1, "ana", "bruno")
    assert orphans.look() == 1
    silent = row(town)
    assert {key: silent[key] for key in ("state", "parked_until", "ringing_since")} == {
        key: before[key] for key in ("state", "parked_until", "ringing_since")
    }


@pytest.fixture
def live(database: Any, tmp_path: Any) -> Iterator[tuple[Desk, Town, Browser, Browser]]:
    """A desk on the machine's clock, two browsers at two posts, and the caretaker of a real watch."""
    opened = open_database(database.app_dsn)
    clock, stop = SystemClock(), threading.Event()
    with ExitStack() as stack:
        stack.callback(opened.close)
        desk = stack.enter_context(serve(opened, clock, database.app_dsn, provide=_keys(tmp_path)))
        town = Town(desk.room).build()
        with opened.write() as session:
            session.execute(text("DELETE FROM web_session"))
        town.act("open", 0)
        ana, bruno = desk.browser("ana"), desk.browser("bruno")
        assert ana.post(f"/api/posts/{town.post}/take").status_code == 204
        assert bruno.post(f"/api/posts/{town.spare}/take").status_code == 204
        assert ana.post(f"/api/incidents/{town.incidents[0]}/take").status_code == 200
        held = acquire(opened, "watch", "test", ttl=3600)
        assert held is not None
        caretaker = Caretaker(clock, [Care("orphans", 1.0, Orphans(opened, clock, held).look)])
        thread = threading.Thread(target=caretaker.run, args=(stop,))
        thread.start()
        stack.callback(thread.join, 10)
        stack.callback(stop.set)
        yield desk, town, ana, bruno


def test_two_real_streams_one_is_cut(live: tuple[Desk, Town, Browser, Browser]) -> None:
    desk, town, ana, bruno = live
    desk.seal()
    position = int(bruno.get("/api/snapshot").json()["position"])
    with streaming(bruno, position) as heard:
        with streaming(ana, position) as hers:
            hers.until("beat")
        # Her browser is gone: nothing but the silence of her stream says so.
        until = time.monotonic() + 30
        told: dict[str, Any] | None = None
        while told is None and time.monotonic() < until:
            desk.seal()
            event, data = heard.next()
            views = [touched["view"] for touched in data.get("touched", []) if event == "item"]
            told = next((view for view in views if view and view.get("ring_reason") == "orphan"), None)
        assert told is not None, "30 s of need 2"
        assert told["owner"]["name"] == "Ana"
        assert "take" in told["abilities"], "Bruno's own, in the stream"
        taken = bruno.post(f"/api/incidents/{town.incidents[0]}/take")
        assert (taken.status_code, taken.json()["owner"]["name"]) == (200, "Bruno")
