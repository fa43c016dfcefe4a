"""The customer's recorder of the demonstration, pulled by the very client that pulls customers' recorders."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.simulators.rtsp_client import RtspClient
from veilleur.demo.camera_controls import Condition
from veilleur.demo.camera_plans import CameraPlan
from veilleur.demo.camera_replay import read_range
from veilleur.demo.cameras import CameraServer, running_cameras
from veilleur.kernel.clock import SystemClock
from veilleur.video.model import Address, SourceError, to_wall
from veilleur.video.remote import Pulled, pull

AHEAD = 41
YARD = CameraPlan("yard", "depot-cour", usual=Condition(clock_offset=float(AHEAD)), recorder=True)
LIVE = CameraPlan("live", "depot-halle")


@pytest.fixture(scope="module")
def server() -> Iterator[CameraServer]:
    with running_cameras(SystemClock(), plans=[YARD, LIVE]) as running:
        yield running


def asked(server: CameraServer, begin: float, end: float) -> Pulled:
    """The pictures between two ages in seconds."""
    now = SystemClock().now()
    address = Address("recorder", server.url("yard", "replay"), options={"onvif": server.onvif_url("yard")})
    hours = [to_wall(now - timedelta(seconds=age)) for age in (begin, end)]
    return pull(address, *hours, clock=SystemClock())


def test_the_hours_asked_are_those_of_the_recorders_clock(server: CameraServer) -> None:
    pulled = asked(server, 8, 5)
    wanted = to_wall(SystemClock().now()) - 8_000_000
    frames = list(pulled.frames())
    assert pulled.source == "rtsp-clock"
    assert pulled.timed == "told"
    assert pulled.clock_offset_ms is not None
    assert abs(pulled.clock_offset_ms - AHEAD * 1000) <= 1_000
    assert (pulled.info.width, pulled.info.height) == (1024, 576)
    assert abs(frames[0].wall - wanted) < 3_000_000, "ours, not 41 s later"
    assert all(a.wall < b.wall for a, b in itertools.pairwise(frames))
    assert 2_500_000 < frames[-1].wall - frames[0].wall < 4_500_000
    assert pulled.ended in ("until", "end")


def test_what_it_showed_then_is_what_it_replays(server: CameraServer) -> None:
    def between_keyframes(pulled: Pulled) -> int:
        return sum(size for frame in pulled.frames() if (size := len(frame.data)) < 1_000)

    calm = between_keyframes(asked(server, 6, 3))
    server.change("yard", clip="person", seconds=4.0)
    time.sleep(6)  # the person has come and gone
    assert between_keyframes(asked(server, 5, 2)) > 1.5 * calm, "what moves costs bytes"


def test_hours_that_it_cannot_have_are_refused(server: CameraServer) -> None:
    with pytest.raises(SourceError) as refused:
        asked(server, -3_600, -3_700)
    assert refused.value.kind == "ended"
    with pytest.raises(SourceError) as forgotten:
        asked(server, 40 * 86_400, 40 * 86_400 - 10)
    assert forgotten.value.kind == "ended"


def test_a_camera_that_keeps_nothing_replays_nothing(server: CameraServer) -> None:
    with RtspClient(server.url("live", "replay")) as client:
        assert client.ask("DESCRIBE").status == 404


@pytest.mark.parametrize(
    "range_",
    [
        "",
        "npt=0-",
        "clock=20261399T000000Z-20261399T000010Z",
        "clock=20261123T021407Z-20261123T021401Z",
        "clock=-",
    ],
)
def test_a_range_that_says_no_hours_is_none(range_: str) -> None:
    assert read_range(range_) is None
