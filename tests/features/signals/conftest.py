"""Signals that came over a real socket, and a desk that shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.reception.reception_house import SILENCE, open_house
from tests.web.serving import Desk, serve
from veilleur.db.engine import open_database
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import open_key_ring

Dial = Callable[[Sequence[bytes]], list[bytes | None]]


@pytest.fixture
def dial(database: Any, clock: ManualClock, tmp_path: Path) -> Dial:
    """Starts a reception on the test's database, sends each frame on R1, gives the replies, stops."""
    keys = open_key_ring(tmp_path / "keys" / "panel.key")

    async def all_of(frames: Sequence[bytes]) -> list[bytes | None]:
        async with open_house(database.app_dsn, clock, keys) as house:
            dialled = []
            for frame in frames:  # in order; what is not answered is waited for beside the others
                dialled.append(asyncio.create_task(house.dial(frame)))
                await asyncio.wait(dialled[-1:], timeout=SILENCE)
            return list(await asyncio.gather(*dialled))

    return lambda frames: asyncio.run(all_of(frames))


@pytest.fixture
def desk(database: Any, clock: ManualClock) -> Iterator[Desk]:
    opened = open_database(database.app_dsn)
    with serve(opened, clock, database.app_dsn) as running:
        yield running
    opened.close()
