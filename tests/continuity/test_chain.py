"""The built-in dialler: a real frame, a real reception, a real desk; what it says when one of them is missing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from tests.desk.test_stream import streaming
from tests.features.people.conftest import Room, room
from tests.web.serving import serve
from veilleur.kernel import chain
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import open_key_ring
from veilleur.protocols import dc09
from veilleur.reception.lines import Line
from veilleur.reception.role import Reception
from veilleur.watch.chain import Chain
from veilleur.watch.dialler import Target, dial
from veilleur.watch.lease import acquire

__all__ = ["room"]


@dataclass
class Link:
    """The watch's dialler and what the database says of it."""

    room: Room
    chain: Chain
    dsn: str

    def value(self, query: str) -> Any:
        with self.room.database.read() as session:
            return session.execute(text(query)).scalar()

    def kinds(self) -> list[str]:
        with self.room.database.read() as session:
            return list(session.execute(text("SELECT kind FROM entry ORDER BY id")).scalars())

    def until(self, condition: Callable[[], object], seconds: float = 20) -> None:
        """Looks, as the caretaker does, until it is so."""
        stop = threading.Event()
        for _ in range(int(seconds / 0.05)):
            self.chain.look()
            if condition():
                return
            stop.wait(0.05)
        raise AssertionError("it did not come")

    def through(self, number: int) -> None:
        """Looks until this round has come through."""
        self.until(lambda: self.value("SELECT verified_round FROM chain_state") == number)

    def round(self) -> None:
        """The next round is due."""
        self.room.clock.advance(61)
        self.chain.look()


@pytest.fixture
def link(database: Any, room: Room) -> Link:
    held = acquire(room.database, "watch", "test", ttl=3600)
    assert held is not None
    return Link(room, Chain(room.database, room.clock, held, ()), database.app_dsn)


@pytest.fixture
def reception(database: Any, clock: ManualClock, tmp_path: Path, link: Link) -> Iterator[Reception]:
    """A real reception of two lines, one by UDP alone, in a loop of its own; the dialler knows where it listens."""
    lines = [Line("R1", "127.0.0.1", 0), Line("R2", "127.0.0.1", 0, transports=("udp",))]
    made = Reception(database.app_dsn, lines, open_key_ring(tmp_path / "panel.key"), clock, "test/1")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    link.chain.look()  # makes the panel
    asyncio.run_coroutine_threadsafe(made.start(), loop).result(30)
    link.chain.targets = [
        Target("R1", *made.addresses["R1", "tcp"]),
        Target("R2", *made.addresses["R2", "udp"], transport="udp"),
    ]
    yield made
    asyncio.run_coroutine_threadsafe(made.stop(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_a_round_comes_through_and_leaves_no_trace(link: Link, reception: Reception) -> None:
    del reception
    before = link.kinds()
    for number in (1, 2, 3):
        link.round()
        link.through(number)
    assert link.kinds() == before, "counted, not entered"
    assert link.value("SELECT count(*) FROM signal") == 0
    assert link.value("SELECT count(*) FROM ghost") == 0
    assert link.value("SELECT count(*) FROM chain_heard") <= 2, "swept by each round"
    link.until(lambda: link.value("SELECT bool_and(acknowledged) FROM chain_line"))


def test_a_station_that_does_not_acknowledge_still_proves_its_chain(link: Link, reception: Reception) -> None:
    with psycopg.connect(link.dsn) as connection:
        connection.execute(
            "INSERT INTO station_state (id, judged_at, withheld, awake_seconds) VALUES (1, %s, true, 0)",
            (link.room.clock.now(),),
        )
        connection.execute("NOTIFY veilleur_station")
    link.chain._due = float("inf")
    link.until(lambda: reception.acknowledging.withheld)
    link.chain._due = float("-inf")
    link.chain.look()
    link.through(1)


def test_only_the_secret_of_the_round_proves_the_line(link: Link, reception: Reception) -> None:
    link.round()
    link.through(1)
    forged = dc09.build_frame(
        "ADM-CID",
        sequence=7,
        account=chain.ACCOUNT,
        data=dc09.cid_data(chain.ACCOUNT, chain.CODE),
        extended=[(chain.BLOCK, "0123456789abcdef")],
    )
    host, port = reception.addresses["R1", "tcp"]
    assert dial(Target("R1", host, port), forged) is None
    assert link.value("SELECT count(*) FROM chain_heard WHERE nonce = '0123456789abcdef'") == 0


def test_nothing_listens_and_it_is_said(link: Link, reception: Reception) -> None:
    link.chain.targets = [*link.chain.targets, Target("R9", "127.0.0.1", 1)]
    link.round()
    link.until(lambda: link.value("SELECT fault FROM chain_line WHERE line = 'R9'"))
    assert link.value("SELECT fault FROM chain_line WHERE line = 'R9'") == "not_listening"
    assert link.value("SELECT verified_round FROM chain_state") is None, (
        "a chain with a dead line is not verified"
    )


def test_a_desk_that_does_not_paint_is_told_once_and_heard_again(link: Link, reception: Reception) -> None:
    room = link.room
    room.user("ana")
    post = room.post("Poste 2")
    with serve(room.database, room.clock, link.dsn) as desk:  # type: ignore[arg-type]
        ana = desk.browser("ana")
        assert ana.post(f"/api/posts/{post}/take").status_code == 204
        link.round()

        def alive(seconds: float) -> None:
            room.clock.advance(seconds)
            with room.database.write() as session:
                session.execute(text("UPDATE web_session SET last_seen = :now"), {"now": room.clock.now()})

        link.through(1)
        alive(4)
        link.chain.look()
        assert "chain.not_painted" not in link.kinds()
        alive(1)
        for _ in range(3):
            link.chain.look()
        assert link.kinds().count("chain.not_painted") == 1
        posts = ana.get("/api/me").json()["posts"]
        assert [each["unverified_since"] is not None for each in posts] == [True]
        acted = link.value("SELECT last_act FROM web_session")
        assert ana.post("/api/me/painted", {"round": 99}).status_code == 204
        link.chain.look()
        assert "chain.painted" not in link.kinds(), "a round that never was"
        assert ana.post("/api/me/painted", {"round": 1}).status_code == 204
        link.chain.look()
        assert link.kinds()[-1] == "chain.painted"
        assert ana.get("/api/me").json()["posts"][0]["unverified_since"] is None
        assert link.value("SELECT last_act FROM web_session") == acted, "painting is no key of Ana's"


def test_the_beat_carries_the_round(link: Link, reception: Reception) -> None:
    room = link.room
    room.user("ana")
    link.round()
    link.through(1)
    with serve(room.database, room.clock, link.dsn) as desk:  # type: ignore[arg-type]
        ana = desk.browser("ana")
        with streaming(ana, -1) as stream:
            for _ in range(5):
                room.clock.advance(1)
                beat = stream.until("beat")
                if beat["chain"]:
                    break
    assert beat["chain"]["round"] == 1
    assert beat["station"] is None
