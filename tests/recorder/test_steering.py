"""PTZ over the live socket: by the holder only, stopped by silence and by the close."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.recorder.stage import Stage, until
from tests.simulators.onvif_device import running_device
from tests.simulators.onvif_words import PASSWORD, USER
from veilleur.features.viewing.tables import PtzHold

pytestmark = pytest.mark.peer


@pytest.fixture
def device() -> Iterator[Any]:
    with running_device() as running:
        yield running


@pytest.fixture
def camera(stage: Stage, film: Callable[..., Path], rtsp: Callable[..., Any], device: Any) -> int:
    served = rtsp(film("h264"), "h264", "--user", USER, "--password", PASSWORD)
    source = {"user": USER, "options": {"onvif": f"http://127.0.0.1:{device.port}/onvif/device_service"}}
    return stage.camera(served.url(), password=PASSWORD, ptz=True, source=source)


def hold(stage: Stage, camera: int, seconds: float) -> None:
    with stage.act() as act:
        entry = act.record("test.hold")
        until_ = stage.clock.now() + timedelta(seconds=seconds)
        act.session.merge(
            PtzHold(camera_id=camera, user_id=stage.user, priority=5, until=until_, entry_id=entry)
        )


def orders(device: Any) -> list[str]:
    return [asked for asked in device.asked if asked in ("ContinuousMove", "Stop", "GotoPreset")]


async def test_only_the_holder_steers_and_silence_stops(stage: Stage, camera: int, device: Any) -> None:
    with stage.recorder():
        await asyncio.to_thread(stage.online, camera)
        async with stage.socket(camera) as socket:
            await socket.text("stream")
            await socket.say(type="ptz", pan=0.5)
            assert (await socket.text("refused"))["code"] == "ptz_not_held"
            assert orders(device) == []
            await asyncio.to_thread(hold, stage, camera, 30)
            await asyncio.sleep(0.6)  # what was looked up is believed for half a second
            await socket.say(type="ptz", pan=0.5)
            await asyncio.to_thread(until, lambda: orders(device) == ["ContinuousMove", "Stop"], "the stop")
            with stage.database.read() as session:
                left = session.get_one(PtzHold, camera).until
            assert left is not None
            assert left - stage.clock.now() > timedelta(seconds=40)  # prolonged by the move
            await socket.say(type="ptz", pan="vite")
            assert (await socket.text("refused"))["code"] == "ptz_bad"
            await socket.say(type="preset", token="1")
            await asyncio.to_thread(until, lambda: "GotoPreset" in orders(device), "the preset")
            await socket.say(type="ptz", tilt=-1)
            await asyncio.to_thread(until, lambda: orders(device)[-1] == "ContinuousMove", "the move")
        await asyncio.to_thread(until, lambda: orders(device)[-1] == "Stop", "the stop at the close")


async def test_a_clock_that_is_wrong_is_a_fault(stage: Stage, camera: int, device: Any) -> None:
    device.behaviour.ahead = timedelta(seconds=-41)
    with stage.recorder():
        await asyncio.to_thread(stage.online, camera)
        await asyncio.to_thread(until, lambda: "clock" in stage.faults(camera), "the fault")
        row = stage.status(camera)
        assert row is not None
        assert row.detail["clock_offset_ms"] < -39_000
