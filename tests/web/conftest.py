"""A desk on a stopped clock (`desk`) and one on the machine's clock (`live_desk`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.web.serving import Desk, serve

from veilleur.db.engine import open_database
from veilleur.kernel.clock import ManualClock, SystemClock


@pytest.fixture
def desk(database: Any, clock: ManualClock) -> Iterator[Desk]:
    opened = open_database(database.app_dsn)
    with serve(opened, clock, database.app_dsn) as running:
        yield running
    opened.close()


@pytest.fixture
def live_desk(database: Any) -> Iterator[Desk]:
    opened = open_database(database.app_dsn)
    with serve(opened, SystemClock(), database.app_dsn) as running:
        yield running
    opened.close()
