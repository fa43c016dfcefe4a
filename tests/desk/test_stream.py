"""The stream over a real socket: items, beats, resume, reset, revocation, and the death of what it stands on."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.web.serving import Browser, Desk
from veilleur.desk import feed as feeds
from veilleur.desk.feed import Batch, Client, Feed
from veilleur.desk.stream import STREAMS_A_SESSION
from veilleur.features.people import commands
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Actor
from veilleur.logbook.lines import lines_after


@dataclass
class Stream:
    """An open stream, read message by message."""

    lines: Iterator[str]
    last_id: str = ""

    def next(self) -> tuple[str, dict[str, Any]]:
        event, data = "", ""
        for line in self.lines:
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("id: "):
                self.last_id = line.removeprefix("id: ")
            elif line.startswith("data: "):
                data = line.removeprefix("data: ")
            elif not line and event:
                return event, json.loads(data)
        raise EOFError

    def until(self, wanted: str, within: float = 8) -> dict[str, Any]:
        limit = time.monotonic() + within
        while time.monotonic() < limit:
            event, data = self.next()
            if event == wanted:
                return data
        raise TimeoutError(wanted)


@contextmanager
def streaming(browser: Browser, after: int, **headers: str) -> Iterator[Stream]:
    with browser.http.stream("GET", f"/api/stream?after={after}", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer.iter_lines())


@dataclass
class Scene:
    """A desk with Anna at work."""

    desk: Desk
    anna: Browser
    made: list[int] = field(default_factory=list)

    def entry(self, text_: str = "rien à signaler") -> None:
        with self.desk.room.database.write() as session:
            act = self.desk.room.act(session, Actor("user", 1, "Anna"))
            self.made.append(act.record("entry.free", {"text": text_}))
        self.desk.seal()

    def position(self) -> int:
        self.desk.seal()
        return int(self.anna.get("/api/snapshot").json()["position"])


@pytest.fixture
def scene(live_desk: Desk) -> Scene:
    live_desk.room.user("anna")
    live_desk.room.post()
    return Scene(live_desk, live_desk.browser("anna"))


def test_an_entry_reaches_the_stream_once_it_is_sealed(scene: Scene) -> None:
    with streaming(scene.anna, scene.position()) as stream:
        first = stream.until("beat")
        scene.entry("porte du local ouverte")
        item = stream.until("item")
        beat = stream.until("beat")
    assert item["entry"]["params"] == {"text": "porte du local ouverte"}
    assert item["entry"]["position"] == item["position"] == first["position"] + 1
    assert stream.last_id == str(item["position"])
    assert beat["position"] == item["position"]
    assert beat["sealed_at"] is not None


def test_a_beat_comes_each_second_with_the_servers_time(scene: Scene) -> None:
    with streaming(scene.anna, scene.position()) as stream:
        began = time.monotonic()
        beats = [stream.until("beat") for _ in range(4)]
        took = time.monotonic() - began
    assert 2 <= took <= 6
    assert len({beat["now"] for beat in beats}) == 4
    assert {(beat["gauge"]["share"], beat["gauge"]["count"]) for beat in beats} == {(None, 0)}


def test_a_cut_stream_goes_on_from_its_last_event(scene: Scene) -> None:
    after = scene.position()
    with streaming(scene.anna, after) as stream:
        scene.entry("une")
        stream.until("item")
    scene.entry("deux")
    scene.entry("trois")
    with streaming(scene.anna, after, **{"Last-Event-ID": stream.last_id}) as stream:
        told = [stream.until("item")["entry"]["params"]["text"] for _ in range(2)]
    with streaming(scene.anna, after) as stream:
        again = [stream.until("item")["entry"]["params"]["text"] for _ in range(3)]
    assert told == ["deux", "trois"]
    assert again == ["une", "deux", "trois"]


def test_views_come_with_the_entry_that_changed_them(scene: Scene) -> None:
    scene.desk.room.user("bertrand")
    bertrand = scene.desk.browser("bertrand")
    with streaming(scene.anna, scene.position()) as stream:
        assert bertrand.post("/api/posts/1/take").status_code == 204  # his own stream would begin again
        scene.desk.seal()
        touched = stream.until("item")["touched"]
    assert [(each["kind"], each["id"]) for each in touched] == [("post", 1)]
    assert touched[0]["view"]["holder"]["name"] == "Bertrand"
    assert touched[0]["version"] == touched[0]["view"]["version"]


def test_taking_a_post_begins_the_stream_again_with_other_abilities(scene: Scene) -> None:
    before = scene.anna.get("/api/snapshot").json()["posts"][0]["abilities"]
    with streaming(scene.anna, scene.position()) as stream:
        stream.until("beat")
        scene.anna.post("/api/posts/1/take")
        began = time.monotonic()
        stream.until("reset")
        assert time.monotonic() - began < 4
    after = scene.anna.get("/api/snapshot").json()["posts"][0]["abilities"]
    assert before == ["take"]
    assert after == ["leave", "change"]


def test_two_roles_have_two_pictures(scene: Scene) -> None:
    scene.anna.post("/api/posts/1/take")
    scene.desk.room.user("chef", "lead")
    scene.desk.room.user("adm", "administrator")
    chef, adm = scene.desk.browser("chef"), scene.desk.browser("adm")
    scene.entry("une")
    pictures = {name: b.get("/api/snapshot").json() for name, b in (("chef", chef), ("adm", adm))}
    assert pictures["chef"]["posts"][0]["abilities"] == ["vacate"]
    assert pictures["adm"]["posts"][0]["abilities"] == []
    assert pictures["chef"]["entries"][0]["params"] == {"text": "une"}
    assert pictures["adm"]["entries"] == []
    assert "post.vacate" in chef.get("/api/me").json()["abilities"]
    assert "people.manage" in adm.get("/api/me").json()["abilities"]


def test_a_revoked_session_loses_its_stream_within_two_seconds(scene: Scene) -> None:
    with streaming(scene.anna, scene.position()) as stream:
        stream.until("beat")
        with scene.desk.room.database.write() as session:
            commands.disable_user(scene.desk.room.act(session), 1, "départ")
        began = time.monotonic()
        stream.until("refused")
        assert time.monotonic() - began < 3  # two seconds, and one for a loaded machine
        with pytest.raises(EOFError):
            stream.next()
    assert scene.anna.get("/api/stream").status_code == 401


def test_logging_out_elsewhere_ends_the_stream(scene: Scene) -> None:
    other = scene.desk.browser()
    other.http.cookies.update(dict(scene.anna.http.cookies))
    other.csrf = scene.anna.csrf
    with streaming(scene.anna, scene.position()) as stream:
        stream.until("beat")
        assert other.post("/api/logout").status_code == 204
        stream.until("refused")


def test_too_far_behind_begins_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "FARTHEST", 3)
    after = scene.position()
    for number in range(4):
        scene.entry(str(number))
    with streaming(scene.anna, after) as stream:
        stream.until("reset")
        with pytest.raises(EOFError):
            stream.next()
    with streaming(scene.anna, after + 1) as stream:
        assert len([stream.until("item") for _ in range(3)]) == 3


def test_a_position_from_another_life_begins_again(scene: Scene) -> None:
    """A restored database is behind its screens: they must not wait for a future that will be another."""
    with streaming(scene.anna, scene.position() + 1_000) as stream:
        stream.until("reset")


def test_a_stream_keeps_its_session_and_post_alive(scene: Scene) -> None:
    scene.anna.post("/api/posts/1/take")
    scene.desk.seal()
    with scene.desk.room.database.write() as session:
        session.execute(text("UPDATE web_session SET last_seen = last_seen - interval '20 seconds'"))
    assert scene.desk.browser().get("/healthz").status_code == 200
    with streaming(scene.anna, scene.position()) as stream:
        live = [stream.until("beat")["live_posts"] for _ in range(4)]
    assert live[-1] == [1]


def test_no_beat_while_the_database_is_silent(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every desk then shows and sounds «stale» within 5 s (law 3)."""

    def fail(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    feed: Feed = scene.desk.app.state.feed
    with streaming(scene.anna, scene.position()) as stream:
        stream.until("beat")
        monkeypatch.setattr(feed, "_read", fail)
        time.sleep(feeds.SILENT_AFTER + 1.5)
        assert not feed.fresh
        monkeypatch.undo()
        began = time.monotonic()
        beats = [stream.until("beat") for _ in range(3)]
        assert time.monotonic() - began < 6
    gaps = sorted(beat["now"] for beat in beats)
    assert gaps[-1] > gaps[0]


def test_a_slow_client_is_bounded_and_told_to_begin_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "QUEUE", 5)
    client = Client(b"", Reader(1, "Anna", frozenset({"operator"})))
    for number in range(4):
        scene.entry(str(number))
    with scene.desk.room.database.read() as session:
        lines = lines_after(session, -1, limit=3)
    batch = Batch(lines, {})
    client.offer(batch)
    assert client.ended is None
    client.offer(batch)
    assert client.ended == "reset"
    assert client.next() is None
    assert client.items == 0


def test_streams_of_one_session_are_bounded(scene: Scene) -> None:
    position = scene.position()
    with ExitStack() as stack:
        opened = [stack.enter_context(streaming(scene.anna, position)) for _ in range(STREAMS_A_SESSION)]
        for stream in opened:
            stream.until("beat")
        with scene.anna.http.stream("GET", f"/api/stream?after={position}") as answer:
            assert answer.status_code == 503


def test_a_desk_stops_with_streams_open(live_desk: Desk) -> None:
    """The fixture's end asserts that the process stops; here with a stream nobody closes."""
    live_desk.room.user("anna")
    browser = live_desk.browser("anna")
    manager = browser.http.stream("GET", "/api/stream")
    assert manager.__enter__().status_code == 200
    live_desk.opened.remove(browser.http)
    assert isinstance(browser.http, httpx2.Client)
