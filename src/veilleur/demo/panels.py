"""The town's panels, in a process of their own: signs of life on every path, and the night's story."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
)
from veilleur.kernel.clock import Clock
from veilleur.protocols import dc09
from veilleur.settings import LineSettings, split_address

log = structlog.get_logger()

SILENCE_FILE = (
    "demo-silence"  # names of sites that are cut off, one a line; written by the scenario «liaison»
)
DEFAULT_INTERVAL = 180


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


async def say(panels: Mapping[str, TownPanel], said: Said, clock: Clock) -> bool:
    """Makes a panel say one thing; True when it was acknowledged."""
    panel = panels[said.site].panel
    data = dc09.cid_data(
        panel.account, said.code, qualifier=said.qualifier, area=said.area, number=said.number.zfill(3)
    )
    return await dial(panel, clock, "ADM-CID", data, prefix=said.prefix)


async def tell(panels: Mapping[str, TownPanel], story: Sequence[Said], clock: Clock) -> None:
    """Tells a story at its own pace."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    for said in story:
        await asyncio.sleep(max(0.0, start + said.after - loop.time()))
        if not await say(panels, said, clock):
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
    async with asyncio.TaskGroup() as group:
        group.create_task(film(OPENING_FILMED, data_dir))
        for town_panel in panels.values():
            for number, path in enumerate(town_panel.paths):
                group.create_task(_supervise(town_panel, path, clock, data_dir, 1.0 + number))
        group.create_task(_night(panels, clock))


async def _night(panels: Mapping[str, TownPanel], clock: Clock) -> None:
    await tell(panels, OPENING, clock)
    while True:
        await tell(panels, ORDINARY, clock)
        await asyncio.sleep(ORDINARY_PERIOD - ORDINARY[-1].after)


async def _supervise(town: TownPanel, path: TownPath, clock: Clock, data_dir: Path, first: float) -> None:
    """Sends a NULL an interval along one path, unless a scenario cut the site off."""
    await asyncio.sleep(first)
    own = Panel(
        town.panel.account,
        Address(town.panel.address.host, town.panel.address.port, path.transport),
        town.panel.key,
        path.prefix,
    )
    while True:
        if town.site not in _silenced(data_dir):
            await dial(own, clock, "NULL")
        await asyncio.sleep(path.interval * 0.8)


def _silenced(data_dir: Path) -> frozenset[str]:
    file = data_dir / SILENCE_FILE
    return frozenset(file.read_text("utf-8").split()) if file.exists() else frozenset()


async def play(panels: Mapping[str, TownPanel], scenario: Scenario, clock: Clock, data_dir: Path) -> None:
    """Plays one scenario to its end; what its cameras were told, or a silence, is lifted at the end whatever happens."""
    file = data_dir / SILENCE_FILE
    if not scenario.silent:
        async with asyncio.TaskGroup() as group:
            group.create_task(tell(panels, scenario.said, clock))
            group.create_task(film(scenario.filmed, data_dir))
        return
    file.write_text("\n".join(scenario.silent), "utf-8")
    try:
        await asyncio.sleep(scenario.silence)
    finally:
        file.unlink(missing_ok=True)
