"""A room with a site, its contacts and their words, people and a clock, on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.features.handling.room import Room, build
from veilleur.db.engine import open_database
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import open_key_ring
from veilleur.logbook.act import Act, Actor


@pytest.fixture
def room(database: Any, clock: ManualClock, tmp_path: Path) -> Iterator[Room]:
    opened = open_database(database.app_dsn)
    built = Room(opened, clock, open_key_ring(tmp_path / "contact.key"))
    with built.database.write() as session:
        act = Act(session, clock.now(), Actor("import", name="test"))
        build(built, act, act.record("test.room"))
    yield built
    opened.close()
