"""The nightly round of legal masks (P11): each preset of a real ONVIF camera is gone to and looked at; hands come first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.recorder.stage import Stage, until
from tests.recorder.test_keeping import entries
from tests.recorder.test_steering import hold
from tests.simulators.onvif_device import running_device
from tests.simulators.onvif_words import PASSWORD, USER
from veilleur.features.cameras.tables import Camera, CameraMask
from veilleur.kernel.clock import ShiftedClock
from veilleur.recorder.camera import RunningCamera
from veilleur.recorder.house import House
from veilleur.recorder.mask_rounds import MaskRounds, presets_due
from veilleur.recorder.permission import Permission
from veilleur.recorder.registry import Registry

pytestmark = pytest.mark.peer

#: In the bars of a test picture: one bar is flat, several are not.
FLAT = [{"x": x, "y": y} for x, y in ((0.02, 0.1), (0.11, 0.1), (0.11, 0.5), (0.02, 0.5))]
BARS = [{"x": x, "y": y} for x, y in ((0.05, 0.1), (0.9, 0.1), (0.9, 0.5), (0.05, 0.5))]


@pytest.fixture
def device() -> Iterator[Any]:
    with running_device() as running:
        yield running


@pytest.fixture
def night(stage: Stage) -> Stage:
    """Ten past three."""
    now = datetime.now(UTC)
    stage.clock = ShiftedClock(now.replace(hour=3, minute=10) - now)
    return stage


def turning(stage: Stage, url: str, device: Any, **masks: Any) -> int:
    """A camera that turns, with a legal mask at each of these presets."""
    source = {"user": USER, "options": {"onvif": f"http://127.0.0.1:{device.port}/onvif/device_service"}}
    camera = stage.camera(url, password=PASSWORD, ptz=True, source=source)
    with stage.act() as act:
        entry = act.record("test.masks")
        for preset, polygon in masks.items():
            act.session.add(
                CameraMask(
                    camera_id=camera, kind="legal", name=f"Fenêtres {preset}", preset=preset[1:], polygon=polygon,
                    entry_id=entry,
                )
            )  # fmt: skip
            act.session.flush()
    return camera


def masks(stage: Stage) -> list[CameraMask]:
    with stage.database.read() as session:
        return list(session.scalars(select(CameraMask).order_by(CameraMask.id)))


def gone(device: Any) -> int:
    return sum(asked == "GotoPreset" for asked in device.asked)


def test_each_preset_is_looked_at_and_one_whose_mask_is_lost_suspends_the_camera(
    night: Stage, film: Callable[..., Path], rtsp: Callable[..., Any], device: Any
) -> None:
    served = rtsp(film("h264", source="smptebars"), "h264", "--user", USER, "--password", PASSWORD)
    camera = turning(night, served.url(), device, _1=FLAT, _2=BARS, _3=FLAT)
    with night.recorder():
        until(
            lambda: [mask.state for mask in masks(night)] == ["there", "lost", "unchecked"], "the round", 180
        )
    assert gone(device) == 2
    there, lost, _ = masks(night)
    assert there.proof is not None
    assert there.proof[:2] == b"\xff\xd8"
    assert lost.proof is not None
    assert there.checked_at is not None
    told = [each["params"]["state"] for each in entries(night, "camera.mask_checked")]
    assert told[:2] == ["there", "lost"]
    with night.database.read() as session:
        assert session.get_one(Camera, camera).suspended_reason == "mask_lost"


def rounds(stage: Stage, camera: int) -> tuple[MaskRounds, RunningCamera]:
    """The rounds of a recorder that was never started, and its camera."""
    registry = Registry(stage.database, stage.keys)
    registry.refresh()
    house = House(stage.database, stage.clock, stage.place(), "test/one", registry)
    running = RunningCamera(house, registry.cameras[camera])
    running.permit(Permission(connect=True, show=True, record=True))
    house.cameras[camera] = running
    return MaskRounds(house), running


def test_who_steers_is_not_disturbed(night: Stage, device: Any) -> None:
    camera = turning(night, "rtsp://127.0.0.1:9/cam", device, _1=FLAT)
    hold(night, camera, 60)
    made, _ = rounds(night, camera)
    assert made.turn() == 0
    assert gone(device) == 0


def test_it_is_done_at_night_only_and_once(stage: Stage, device: Any) -> None:
    now = datetime.now(UTC)
    stage.clock = ShiftedClock(now.replace(hour=14) - now)
    camera = turning(stage, "rtsp://127.0.0.1:9/cam", device, _1=FLAT)
    made, running = rounds(stage, camera)
    assert made.turn() == 0
    assert gone(device) == 0
    at = stage.clock.now()
    assert presets_due(running.spec, at) == ["1"]
    checked = replace(running.spec, masks=tuple(replace(m, checked_at=at) for m in running.spec.masks))
    assert presets_due(checked, at) == []
    assert presets_due(checked, at + timedelta(days=1)) == ["1"]
    assert presets_due(replace(running.spec, ptz=False), at) == []
