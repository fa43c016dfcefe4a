"""A town with cameras, on a real database, and its people over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.features.viewing.town import Town, build
from tests.web.serving import serve
from veilleur.db.engine import open_database
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import KeyRing, open_key_ring
from veilleur.logbook.act import Act, Actor


@pytest.fixture
def town(database: Any, clock: ManualClock, tmp_path: Path) -> Iterator[Town]:
    opened = open_database(database.app_dsn)
    ring = open_key_ring(tmp_path / "contact.key")
    with serve(opened, clock, database.app_dsn, provide={KeyRing: ring}) as desk:
        made = Town(desk)
        with opened.write() as session:
            act = Act(session, clock.now(), Actor("import", name="test"))
            build(made, act, act.record("test.town"))
        made.people()
        yield made
    opened.close()
