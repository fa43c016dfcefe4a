"""The technician who has the school put on test: by the room's own commands, with the word he gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from veilleur.db.engine import Database, open_database
from veilleur.demo.building import build_town
from veilleur.demo.scenarios import SCENARIOS
from veilleur.demo.telephone import Room
from veilleur.features.handling.tables import Call
from veilleur.features.sites.commands import (
    CallBackNeededError,
    WordRefusedError,
    end_on_test,
    set_area_state,
)
from veilleur.features.sites.errors import OnTestRunningError
from veilleur.features.sites.tables import OnTest, Site
from veilleur.kernel.clock import ManualClock
from veilleur.keyring import Keys
from veilleur.logbook.act import Act, Actor

(ASKED,) = SCENARIOS["essai-oublie"].asked


@pytest.fixture
def room(database: Any, clock: ManualClock, tmp_path: Path) -> Iterator[Room]:
    """The town's room, at three in the morning."""
    keys = Keys(tmp_path / "keys")
    keys.make()
    opened = open_database(database.app_dsn, pool_size=2)
    build_town(opened, clock, keys)
    yield Room(opened, clock, keys.contacts)
    opened.close()


def rows(database: Database, table: Any) -> list[Any]:
    with database.read() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def disarm(room: Room) -> int:
    """As the watch does of the technician's code."""
    with room.database.write() as session:
        act = Act(session, room.clock.now(), Actor("watch"))
        site = session.scalars(select(Site).where(Site.reference == ASKED.site)).one()
        set_area_state(act, site.id, "1", armed=False, partial=False, at=act.now, by="003")
        return site.id


def test_the_school_is_put_on_test_once_by_the_word_of_the_technician(room: Room, clock: ManualClock) -> None:
    """Not before it is disarmed (P10: at night a call-back), nor twice, nor with another's word."""
    with pytest.raises(CallBackNeededError):
        room.put_on_test(ASKED)
    assert rows(room.database, Call) == []
    site_id = disarm(room)
    with pytest.raises(WordRefusedError):
        room.put_on_test(replace(ASKED, word="n’importe quoi"))
    until = room.put_on_test(ASKED)
    assert until == clock.now() + timedelta(seconds=ASKED.seconds)
    (test,), (call,) = rows(room.database, OnTest), rows(room.database, Call)
    assert (test.site_id, test.asked_by, test.word_result, test.until) == (
        site_id,
        ASKED.caller,
        "right",
        until,
    )
    assert (call.direction, call.word, call.asked) == ("in", "right", "on_test")
    with pytest.raises(OnTestRunningError):
        room.put_on_test(ASKED)
    with room.database.write() as session:
        points = end_on_test(Act(session, clock.now(), Actor("watch")), site_id, test.id)
    assert {point.state for point in points} == {"never_seen"}
    assert len(points) == 4
