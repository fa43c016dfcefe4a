"""Ten thousand silent strangers; five thousand panels behind one address (issue 2 §2). The same with fewer, and the limits
that a line may set, are in tests/reception/test_hostile.py."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.faults.crowd import account
from tests.reception.conftest import keys
from tests.reception.reception_house import open_house
from tests.reception.test_hostile import cid, is_ack, plant_many
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import KeyRing

__all__ = ["keys"]  # a fixture
pytestmark = pytest.mark.long

SOON = 120.0  # seconds: nothing here is a measure of speed


@asynccontextmanager
async def crowd(port: int, kind: str, count: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """tests/faults/crowd.py, ended afterwards."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults.crowd", str(port), kind, str(count)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        await process.wait()


async def said(process: asyncio.subprocess.Process) -> str:
    """Its next line."""
    assert process.stdout is not None
    async with asyncio.timeout(SOON):
        return (await process.stdout.readline()).decode().strip()


async def test_ten_thousand_idle_connections_hurt_nobody(
    database: Any, clock: ManualClock, keys: KeyRing
) -> None:
    async with open_house(database.app_dsn, clock, keys) as house:
        await house.panel("1234")
        async with crowd(house.address()[1], "idle", 10_000) as process:
            assert await said(process) == "ready"
            await house.until(lambda: len(house.reception.doorkeeper) == 10_000, SOON)
            dialler = await house.connect()
            for sequence in range(1, 51):
                assert is_ack(await dialler.ask(cid(sequence)))
            assert is_ack(await house.datagram(cid(99)))
            clock.advance(61)
            await house.until(lambda: len(house.reception.doorkeeper) == 1, SOON)
            assert is_ack(await dialler.ask(cid(100)))
        assert len(house.signals()) == 52


async def test_five_thousand_panels_behind_one_address(
    database: Any, clock: ManualClock, keys: KeyRing
) -> None:
    """None is shown out, every frame is acknowledged and stored once; idle lines of it stay open."""
    async with open_house(database.app_dsn, clock, keys) as house:
        await plant_many(house, 5_000)
        async with crowd(house.address()[1], "panels", 5_000) as process:
            assert json.loads(await said(process)) == [5_000, 5_000, 5_000]
            assert len(house.reception.doorkeeper) == 5_000
        stored = house.rows("SELECT account, sequence FROM signal WHERE verdict = 'accepted'")
        assert len(stored) == 10_000
        assert {(row["account"], row["sequence"]) for row in stored} == {
            (account(n), sequence) for n in range(5_000) for sequence in ("0001", "0002")
        }
        assert "too_many_of_peer" not in await house.troubles()
