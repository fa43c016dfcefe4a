"""Snapshot + stream = the server's own view (house rule 15), for each role and perimeter.

Acts, seals, readings, deliveries, repeats and snapshots that arrive late are interleaved as they may be. A window
keeps the last snapshot it asked for, and its stream goes on from it; a stream that is cut is taken up again from any
position that the window already had.
"""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.desk.reducer import World, shown_by
from tests.desk.town import ACTS, Town
from tests.features.people.conftest import Room
from veilleur.db.embedded import APP_ROLE, SUPERUSER, EmbeddedPostgres
from veilleur.db.embedded.cluster import create_database
from veilleur.db.engine import open_database
from veilleur.desk.feed import Batch, read_batch
from veilleur.desk.snapshot import take_snapshot
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.ports import Reader
from veilleur.logbook.sealer import seal_once


@dataclass
class Window:
    """One reader's window and its stream."""

    reader: Reader
    world: World = field(default_factory=World)
    begun: bool = False
    asked: dict[str, Any] | None = None
    read: int = -1
    queue: list[Batch] = field(default_factory=list)

    def deliver_snapshot(self) -> None:
        if self.asked is None:
            return
        snapshot, self.asked = self.asked, None
        self.world.with_snapshot(snapshot)
        self.restart(min(self.read, snapshot["position"]) if self.begun else snapshot["position"])
        self.begun = True

    def restart(self, after: int) -> None:
        self.queue.clear()
        self.read = after

    def deliver(self) -> None:
        if self.queue:
            for item in self.queue.pop(0).items(self.reader):
                self.world.with_item(json.loads(item.data))


@dataclass
class Stage:
    """The town, its database, and one window per reader."""

    town: Town
    dsn: str
    windows: dict[str, Window]

    def snapshot(self, reader: Reader) -> dict[str, Any]:
        with self.town.room.database.read() as session:
            return take_snapshot(session, reader, self.town.room.clock.now()).model_dump(mode="json")

    def step(self, name: str, which: int) -> None:
        match name:
            case "seal":
                seal_once(self.dsn, self.town.room.clock)
            case "ask":
                for window in self.windows.values():
                    window.asked = self.snapshot(window.reader)
            case "answer":
                for window in self.windows.values():
                    window.deliver_snapshot()
            case "read":
                self.read(1 + which % 5)
            case "deliver":
                for window in self.windows.values():
                    window.deliver()
            case "cut":
                for window in self.windows.values():
                    if window.begun:
                        window.restart(max(-1, window.world.position - which))
            case _:
                self.town.act(name, which)

    def read(self, limit: int) -> None:
        for window in self.windows.values():
            if not window.begun:
                continue
            with self.town.room.database.read() as session:
                batch = read_batch(session, window.read, self.town.room.clock.now(), limit=limit)
            if batch is not None:
                window.queue.append(batch)
                window.read = batch.last

    def settle(self) -> None:
        """Everything is sealed, read and delivered."""
        seal_once(self.dsn, self.town.room.clock)
        for window in self.windows.values():
            if not window.begun and window.asked is None:
                window.asked = self.snapshot(window.reader)
            window.deliver_snapshot()
        self.read(500)
        for window in self.windows.values():
            while window.queue:
                window.deliver()


Make = Callable[[], AbstractContextManager[Stage]]


@pytest.fixture(scope="module")
def stages(postgres: EmbeddedPostgres, make_database: Callable[[], Any]) -> Make:
    """Makes stages: each in a copy of a town that was built once."""
    built, clock = make_database(), ManualClock(datetime(2026, 11, 23, 2, 14, 7, tzinfo=UTC))
    opened = open_database(built.app_dsn)
    town = Town(Room(opened, clock)).build()
    opened.close()
    numbers = itertools.count(1)

    @contextmanager
    def make() -> Iterator[Stage]:
        name = f"town_{next(numbers)}"
        with psycopg.connect(postgres.dsn(SUPERUSER, "postgres"), autocommit=True) as connection:
            create_database(connection, name, built.name)
            dsn = postgres.dsn(APP_ROLE, name)
            opened = open_database(dsn)
            mine = town.again(Room(opened, clock))
            yield Stage(mine, dsn, {who: Window(reader) for who, reader in mine.readers().items()})
            opened.close()
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    return make


@pytest.fixture
def stage(stages: Make) -> Iterator[Stage]:
    with stages() as made:
        yield made


OTHERS = ("seal", "seal", "ask", "answer", "read", "read", "deliver", "deliver", "cut")
STEPS = st.lists(st.tuples(st.sampled_from(ACTS + OTHERS), st.integers(0, 7)), min_size=10, max_size=50)


# Not shrunk: each example is a database of its own, and a failing one is told whole.
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_any_interleaving_ends_in_the_servers_own_view(stages: Make, steps: list[tuple[str, int]]) -> None:
    with stages() as stage:
        for name, which in steps:
            stage.step(name, which)
        stage.settle()
        for name, window in stage.windows.items():
            fresh = stage.snapshot(window.reader)
            assert window.world.shown() == shown_by(fresh), name
            missing = {line["id"] for line in fresh["entries"]} - set(window.world.lines)
            assert not missing, name
            for line in fresh["entries"]:
                assert window.world.lines[line["id"]] == line, name


def test_the_acts_of_the_town_are_not_all_refused(stage: Stage) -> None:
    """The property would hold of a town where nothing happens: each act must do something at times."""
    done = Counter[str]()
    for turn in range(24):
        name = ACTS[(turn * 5) % len(ACTS)]
        done[name] += stage.town.act(name, turn)
    for turn in range(8):
        for name in ("open", "take", "park", "open", "take", "take_over", "note", "release", "close"):
            done[name] += stage.town.act(name, turn + (name == "take_over"))
    assert {name for name in ACTS if not done[name]} == set(), done


def test_each_perimeter_sees_its_own_and_no_more(stage: Stage) -> None:
    for which in (0, 1):
        stage.town.act("open", which)
        stage.town.act("test", which)
    stage.settle()
    seen = {
        name: (
            len(window.world.shown()["incident"]),
            len(window.world.shown()["on_test"]),
            len(window.world.lines),
        )
        for name, window in stage.windows.items()
    }
    assert seen["ana operator 0"][:2] == (2, 2)
    assert seen["bruno operator 1"][:2] == (1, 1)
    assert seen["chef lead 3"][:2] == (1, 1)
    assert seen["adm administrator 4"] == (2, 0, 0)
    assert seen["aud auditor 6"] == (0, 0, 0)
    own = stage.windows["bruno operator 1"].world
    assert {line["site"]["name"] for line in own.lines.values()} == {"Site 1"}
    assert len(own.shown()["post"]) == 2


def test_abilities_are_each_readers_own(stage: Stage) -> None:
    stage.town.act("open", 0)
    stage.settle()
    may = {
        name: next(iter(window.world.shown()["incident"].values()))["abilities"]
        for name, window in stage.windows.items()
        if window.world.shown()["incident"]
    }
    assert "take" in may["ana operator 0"]
    assert "take" in may["bruno operator 1"]
    assert may["bruno operator 2"] == []
    assert may["aud auditor 5"] == []


def test_items_do_not_even_name_what_is_outside(stage: Stage) -> None:
    for which in (0, 1):
        stage.town.act("open", which)
    seal_once(stage.dsn, stage.town.room.clock)
    with stage.town.room.database.read() as session:
        batch = read_batch(session, -1, stage.town.room.clock.now())
    assert batch is not None

    def named(reader: Reader) -> set[tuple[str, int]]:
        items = [json.loads(item.data) for item in batch.items(reader)]
        return {(each["kind"], each["id"]) for item in items for each in item["touched"]}

    readers = stage.town.readers()
    first, second = stage.town.incidents
    assert {("incident", first), ("incident", second)} <= named(readers["ana operator 0"])
    assert ("incident", second) not in named(readers["bruno operator 1"])
    assert {kind for kind, _ in named(readers["aud auditor 6"])} == {"post"}
