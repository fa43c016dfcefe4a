"""The town's panels speak to a real reception: they set their clock after a NAK, they dial again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.reception.reception_house import House, open_house
from veilleur.demo import dialler
from veilleur.demo.dialler import Address, Panel, dial
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import open_key_ring
from veilleur.protocols import dc09

KEY = b"0123456789ABCDEF"
DATA = dc09.cid_data("1234", "130", area="01", number="015")


@pytest.fixture
async def house(database: Any, clock: ManualClock, tmp_path: Path) -> AsyncIterator[House]:
    """A reception on loopback."""
    async with open_house(database.app_dsn, clock, open_key_ring(tmp_path / "panel.key")) as opened:
        yield opened


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_a_panel_whose_clock_is_wrong_sets_it_and_is_heard(
    house: House, clock: ManualClock, transport: str
) -> None:
    """Ten minutes late: the NAK gives the hour, the second try is acknowledged and stored."""
    await house.panel("1234", key=KEY)
    late = ManualClock(clock.now() - timedelta(minutes=10))
    panel = Panel("1234", Address(*house.address("R1", transport), transport), KEY)
    assert await dial(panel, late, "ADM-CID", DATA)
    assert abs(panel.offset - timedelta(minutes=10)) <= timedelta(seconds=1)
    accepted = [row for row in house.signals() if row["verdict"] == "accepted"]
    assert [row["sequence"] for row in accepted] == ["0001"]


async def test_a_panel_dials_again_until_somebody_answers(house: House, clock: ManualClock) -> None:
    """The line is cut at the first call: the same message arrives once, by the second."""
    await house.panel("1234")
    calls = []
    real = house.address()

    async def cut_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frame = await reader.readuntil(b"\r")
        calls.append(frame)
        if len(calls) > 1:
            back, out = await asyncio.open_connection(*real)
            out.write(frame)
            writer.write(await back.readuntil(b"\r"))
            await writer.drain()
            out.close()
        writer.close()

    async with await asyncio.start_server(cut_once, "127.0.0.1", 0) as line:
        panel = Panel("1234", Address(*line.sockets[0].getsockname()[:2]))
        assert await dial(panel, clock, "ADM-CID", DATA)
    assert len(calls) == 2
    assert calls[0] == calls[1]
    assert len(house.signals()) == 1


async def test_a_panel_gives_up_where_nobody_listens(clock: ManualClock) -> None:
    """Bounded: it says that it was not heard."""
    nobody = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", 0)
    address = Address(*nobody.sockets[0].getsockname()[:2])
    nobody.close()
    await nobody.wait_closed()
    async with asyncio.timeout(dialler.TRIES * (dialler.ANSWER + 1)):
        assert not await dial(Panel("1234", address), clock, "ADM-CID", DATA)
