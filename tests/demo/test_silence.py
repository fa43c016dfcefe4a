"""Paths that a scenario cuts: not heard, at once, by themselves no longer, and never after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.reception.reception_house import House, open_house
from veilleur.demo.dialler import Address, Panel
from veilleur.demo.panels import TownPanel, TownPath, live, play, say
from veilleur.demo.scenarios import SCENARIOS, Said, Silent
from veilleur.demo.silence import SILENCE_FILE, cut_paths, write_silence
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import open_key_ring

SITE = "S-9001"
RADIO = Silent(0, SITE, "1", 60)
IP = Silent(20, SITE, "0", 40)


@pytest.fixture
async def house(database: Any, clock: ManualClock, tmp_path: Path) -> AsyncIterator[House]:
    """A reception on loopback."""
    async with open_house(database.app_dsn, clock, open_key_ring(tmp_path / "panel.key")) as opened:
        yield opened


def test_each_path_is_cut_at_its_time_and_comes_back_by_itself(tmp_path: Path, clock: ManualClock) -> None:
    """Whoever wrote the file may have been killed: nobody else ends it."""
    write_silence(tmp_path, (RADIO, IP), clock.now())
    assert cut_paths(tmp_path, clock.now()) == {(SITE, "1")}
    clock.advance(20)
    assert cut_paths(tmp_path, clock.now()) == {(SITE, "1"), (SITE, "0")}
    clock.advance(40)
    assert cut_paths(tmp_path, clock.now()) == frozenset()


@pytest.mark.parametrize(
    "written", ["", "S-0001", "[1]", '[{"site": "S-0001"}]', '{"a": 1}', "[" * 60_000, '[{"from": 3}]']
)
def test_a_file_that_cannot_be_read_cuts_nothing(tmp_path: Path, clock: ManualClock, written: str) -> None:
    (tmp_path / SILENCE_FILE).write_text(written)
    assert cut_paths(tmp_path, clock.now()) == frozenset()


async def test_the_towns_panels_begin_with_every_path(tmp_path: Path, clock: ManualClock) -> None:
    """A scenario cut short by a kill leaves its file: the next start removes it."""
    write_silence(tmp_path, (RADIO,), clock.now())
    panels = asyncio.ensure_future(live({}, clock, tmp_path))
    while (tmp_path / SILENCE_FILE).exists():
        assert not panels.done()
        await asyncio.sleep(0.01)
    panels.cancel()
    with suppress(asyncio.CancelledError):
        await panels


async def test_a_scenario_that_is_stopped_lifts_what_it_cut(tmp_path: Path, clock: ManualClock) -> None:
    told: list[str] = []
    playing = asyncio.ensure_future(play({}, SCENARIOS["liaison"], clock, tmp_path, echo=told.append))
    while not told:
        assert not playing.done()
        await asyncio.sleep(0.01)
    assert cut_paths(tmp_path, clock.now()) == {("S-0001", "1")}
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    assert not (tmp_path / SILENCE_FILE).exists()
    assert "radio" in told[0]


async def test_a_panel_takes_the_path_that_is_left_and_is_not_heard_without_any(
    house: House, clock: ManualClock, tmp_path: Path
) -> None:
    """A real reception: in Contact ID by the radio, in SIA by IP, then nothing at all."""
    await house.panel("1234")
    panel = Panel("1234", Address(*house.address()))
    town = {SITE: TownPanel(SITE, panel, (TownPath("tcp", "0", 90), TownPath("tcp", "1", 60)))}
    burglar = Said(0, SITE, "130", number="015")
    fire = Said(0, SITE, "FA", "02", "004", text="RESERVE CHIMIE")
    write_silence(tmp_path, (replace(IP, after=0),), clock.now())
    assert await say(town, burglar, clock, tmp_path)
    write_silence(tmp_path, (RADIO,), clock.now())
    assert await say(town, replace(fire, prefix="1"), clock, tmp_path)
    write_silence(tmp_path, (RADIO, replace(IP, after=0)), clock.now())
    assert not await say(town, burglar, clock, tmp_path)
    first, second = house.signals()
    assert b'"ADM-CID"0001L1#1234' in bytes(first["raw"])
    assert b'"SIA-DCS"0002L0#1234[#1234|Nri2/FA4|ARESERVE CHIMIE]' in bytes(second["raw"])
