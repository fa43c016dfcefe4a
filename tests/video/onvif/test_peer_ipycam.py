"""Our port against a camera that others wrote (ipycam 1.3.0), whose presets and status are malformed XML."""

from __future__ import annotations

import pytest

from tests.simulators.onvif_words import PASSWORD, USER
from veilleur.kernel.clock import SystemClock
from veilleur.video.model import SourceError
from veilleur.video.onvif import Device, Trust, discover, views

pytestmark = pytest.mark.peer

CLOCK = SystemClock()


@pytest.fixture
def device(ipycam):
    with Device.connect(
        f"127.0.0.1:{ipycam.port}", USER, PASSWORD, clock=CLOCK, trust=Trust(clear_password=True)
    ) as connected:
        yield connected


def test_it_is_known_with_its_streams(device, ipycam):
    assert device.identity().manufacturer == "PythonCam"
    assert abs(device.clock_offset_ms) <= 1500
    main, sub = views(device.profiles())
    assert (main.codec, main.width, main.height, main.fps) == ("h264", 640, 480, 10.0)
    assert (sub.width, sub.height) == (320, 240)
    assert main.rtsp == f"rtsp://127.0.0.1:{ipycam.rtsp}/video_main"


def test_its_malformed_presets_and_status_are_read(device):
    presets = device.ptz.presets()
    assert presets
    assert all(each.token and each.name for each in presets)
    place = device.ptz.position()
    assert place.pan is not None
    device.ptz.goto(presets[0].token)


def test_it_turns_and_stops(device):
    before = device.ptz.position()
    device.ptz.move(0, 0, 1)
    for _ in range(100):
        if device.ptz.position() != before:
            break
    assert device.ptz.position().zoom != before.zoom
    device.ptz.stop()


def test_its_snapshot_wants_the_password_in_clear(device, ipycam):
    assert device.snapshot().startswith(b"\xff\xd8\xff")
    careful = Device.connect(f"127.0.0.1:{ipycam.port}", USER, PASSWORD, clock=CLOCK)
    with pytest.raises(SourceError) as caught:
        careful.snapshot()
    assert caught.value.kind == "refused"


def test_a_wrong_password_is_refused(ipycam):
    with pytest.raises(SourceError) as caught:
        Device.connect(f"127.0.0.1:{ipycam.port}", USER, "autre", clock=CLOCK)
    assert caught.value.kind == "refused"


def test_what_it_does_not_do_is_unsupported(device):
    for act in (device.events, device.recordings):
        with pytest.raises(SourceError) as caught:
            act()
        assert caught.value.kind == "unsupported"


def test_it_answers_a_probe(ipycam):
    found = discover("127.0.0.1", clock=CLOCK, seconds=1.5)
    assert f"http://127.0.0.1:{ipycam.port}/onvif/device_service" in [each.url for each in found]
