"""The town's panels, in a process of their own: signs of life on every path, and the night's story."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
import yaml

from veilleur.demo.camera_controls import CONTROL_FILE, write_control
from veilleur.demo.dialler import Address, Panel, dial
from veilleur.demo.scenarios import (
    OPENING,
    OPENING_FILMED,
    ORDINARY,
    ORDINARY_PERIOD,
    Filmed,
    Said,
    Scenario,
    TestAsked,
    Told,
)
from veilleur.demo.silence import cut_paths, lift_silence, write_silence
from veilleur.demo.telephone import Room
from veilleur.kernel.clock import Clock
from veilleur.protocols import dc09
from veilleur.settings import LineSettings, split_address

log = structlog.get_logger()

DEFAULT_INTERVAL = 180
SIGN = 0.8
"""Of its interval, a path speaks again after so much."""
TOWN_ZONE = ZoneInfo("Europe/Paris")
CUT_LOOK = 2.0
"""Seconds between looks of a path that a scenario cut: it speaks again as soon as that is over."""


@dataclass(frozen=True)
class TownPath:
    """One path of a panel of the town."""

    transport: str
    prefix: str
    interval: float


@dataclass
class TownPanel:
    """A panel of the town with its paths."""

    site: str
    panel: Panel
    paths: Sequence[TownPath] = field(default_factory=tuple)


def town_panels(town: Path, lines: Sequence[LineSettings]) -> dict[str, TownPanel]:
    """The panels of the town's file, by site reference, ready to dial these lines."""
    addresses = {line.name: split_address(line.listen) for line in lines}
    panels: dict[str, TownPanel] = {}
    for site in yaml.safe_load(town.read_text("utf-8"))["sites"]:
        written = site["panels"][0]
        host, port = addresses[written.get("line", "R1")]
        paths = tuple(_path(path) for path in written.get("paths", ()))
        first = paths[0] if paths else TownPath("tcp", "0", DEFAULT_INTERVAL)
        key = dc09.parse_key(written["key"]) if "key" in written else None
        panel = Panel(written["account"], Address(host, port, first.transport), key, first.prefix)
        panels[site["reference"]] = TownPanel(site["reference"], panel, paths)
    return panels


def _path(path: Mapping[str, Any]) -> TownPath:
    match = path.get("match", {})
    return TownPath(
        match.get("transport", "tcp"), match.get("prefix", "0"), float(path.get("interval", DEFAULT_INTERVAL))
    )


async def say(
    panels: Mapping[str, TownPanel], said: Said, clock: Clock, data_dir: Path | None = None
) -> bool:
    """Makes a panel say one thing; True when it was acknowledged.

    `data_dir`: where the cut paths are told; the panel then takes another of its paths, or is not heard.
    """
    town = panels[said.site]
    cut = cut_paths(data_dir, clock.now()) if data_dir else frozenset()
    ways = (said.prefix or town.panel.prefix, *(path.prefix for path in town.paths))
    way = next((way for way in ways if (said.site, way) not in cut), None)
    if way is None:
        return False
    return await dial(town.panel, clock, *_spoken(town.panel.account, said), prefix=way)


def _spoken(account: str, said: Said) -> tuple[str, str]:
    """The token and the data field of a message, in the panel's own language."""
    if said.sia:
        return "SIA-DCS", dc09.sia_data(
            account, f"{said.code}{said.number.lstrip('0')}", area=said.area.lstrip("0"), text=said.text
        )
    number = said.number.zfill(3)
    return "ADM-CID", dc09.cid_data(
        account, said.code, qualifier=said.qualifier, area=said.area, number=number
    )


async def tell(
    panels: Mapping[str, TownPanel], story: Sequence[Said], clock: Clock, data_dir: Path | None = None
) -> None:
    """Tells a story at its own pace."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    for said in story:
        await asyncio.sleep(max(0.0, start + said.after - loop.time()))
        if not await say(panels, said, clock, data_dir):
            log.warning("panel_unheard", site=said.site, code=said.code)


async def film(story: Sequence[Filmed], data_dir: Path) -> None:
    """Makes the town's cameras show a story at its own pace, to its end; what they are told is lifted whatever happens."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    try:
        for filmed in story:
            await asyncio.sleep(max(0.0, start + filmed.after - loop.time()))
            write_control(data_dir, filmed.camera, seconds=filmed.seconds, **filmed.how)
        end = max((filmed.after + filmed.seconds for filmed in story), default=0.0)
        await asyncio.sleep(max(0.0, start + end - loop.time()))
    finally:
        for camera in {filmed.camera for filmed in story}:
            write_control(data_dir, camera)


async def live(panels: Mapping[str, TownPanel], clock: Clock, data_dir: Path) -> None:
    """Signs of life on every path, the opening of the night, then ordinary life; until cancelled."""
    (data_dir / CONTROL_FILE).unlink(missing_ok=True)  # of a night that was cut short
    lift_silence(data_dir)
    async with asyncio.TaskGroup() as group:
        group.create_task(film(OPENING_FILMED, data_dir))
        for town_panel in panels.values():
            for number, path in enumerate(town_panel.paths):
                group.create_task(_supervise(town_panel, path, clock, data_dir, 1.0 + number))
        group.create_task(_night(panels, clock, data_dir))


async def _night(panels: Mapping[str, TownPanel], clock: Clock, data_dir: Path) -> None:
    await tell(panels, OPENING, clock, data_dir)
    while True:
        await tell(panels, ORDINARY, clock, data_dir)
        await asyncio.sleep(ORDINARY_PERIOD - ORDINARY[-1].after)


async def _supervise(town: TownPanel, path: TownPath, clock: Clock, data_dir: Path, first: float) -> None:
    """Sends a NULL an interval along one path, unless a scenario cut it."""
    await asyncio.sleep(first)
    own = Panel(
        town.panel.account,
        Address(town.panel.address.host, town.panel.address.port, path.transport),
        town.panel.key,
        path.prefix,
    )
    while True:
        if (town.site, path.prefix) in cut_paths(data_dir, clock.now()):
            await asyncio.sleep(CUT_LOOK)
            continue
        await dial(own, clock, "NULL")
        await asyncio.sleep(path.interval * SIGN)


async def play(
    panels: Mapping[str, TownPanel],
    scenario: Scenario,
    clock: Clock,
    data_dir: Path,
    *,
    echo: Callable[[str], None],
    room: Room | None = None,
) -> None:
    """Plays one scenario to its end; what its cameras were told, or a cut path, is lifted at the end whatever happens.

    `echo`: where a visitor reads what happens. `room`: needed by a scenario in which somebody telephones. Raises what
    the room answers to him.
    """
    if scenario.silent:
        write_silence(data_dir, scenario.silent, clock.now())
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(tell(panels, scenario.said, clock, data_dir))
            group.create_task(film(scenario.filmed, data_dir))
            group.create_task(_comment(scenario.told, echo))
            if room is not None:
                for asked in scenario.asked:
                    group.create_task(_telephone(asked, room, echo))
            group.create_task(asyncio.sleep(max((s.after + s.seconds for s in scenario.silent), default=0.0)))
    except ExceptionGroup as several:
        raise several.exceptions[0] from None
    finally:
        if scenario.silent:
            lift_silence(data_dir)


async def _comment(story: Sequence[Told], echo: Callable[[str], None]) -> None:
    """Says on the terminal what happens, when it does."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    for told in story:
        await asyncio.sleep(max(0.0, start + told.after - loop.time()))
        echo(f"{_elapsed(told.after)}  {told.text}")


async def _telephone(asked: TestAsked, room: Room, echo: Callable[[str], None]) -> None:
    await asyncio.sleep(asked.after)
    until = await room.answer(asked)
    echo(
        f"{_elapsed(asked.after)}  {asked.caller} donne son mot : tout le site est en essai, "
        f"jusqu’à {until.astimezone(TOWN_ZONE):%H h %M min %S s}."
    )


def _elapsed(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
