"""The ONVIF face of the demonstration's cameras, by our own client and by one that misbehaves."""

from __future__ import annotations

import http.client
import io
import itertools
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.simulators.rtsp_client import RtspClient
from veilleur.demo.camera_clips import SCENES, Clip, read_clip
from veilleur.demo.camera_controls import Condition
from veilleur.demo.camera_head import STEP_SECONDS, Head
from veilleur.demo.camera_onvif import MAX_REQUEST
from veilleur.demo.camera_plans import CameraPlan, read_plans
from veilleur.demo.camera_soap import Fault, read_request
from veilleur.demo.cameras import CameraServer, running_cameras
from veilleur.kernel.clock import SystemClock
from veilleur.video.model import SourceError
from veilleur.video.onvif import Device, Preset

CARNOT = next(plan for plan in read_plans() if plan.key == "carnot-1")
PLANS = [
    CARNOT,
    CameraPlan("dock", "quai-3"),
    CameraPlan("hall", "depot-halle", usual=Condition(clock_offset=41.0)),
]
PASSWORD = CARNOT.usual.password


@pytest.fixture
def server() -> Iterator[CameraServer]:
    with running_cameras(SystemClock(), plans=PLANS) as started:
        yield started


def connect(server: CameraServer, key: str = "carnot-1", password: str | None = PASSWORD) -> Device:
    user = "veilleur" if password else None
    return Device.connect(server.onvif_url(key), user, password, clock=SystemClock())


def test_our_client_finds_streams_pictures_and_presets(server: CameraServer) -> None:
    with connect(server) as device:
        address = device.address()
        assert (address.main, address.sub) == (server.url("carnot-1"), server.url("carnot-1", "sub"))
        assert [(p.width, p.height, p.codec, p.fps, p.ptz, p.sound) for p in device.profiles()] == [
            (1024, 576, "h264", 12.0, True, False),
            (320, 180, "h264", 6.0, True, False),
        ]
        picture = Image.open(io.BytesIO(device.snapshot()))
        assert (picture.format, picture.size) == ("JPEG", (1024, 576))
        assert [each.token for each in device.ptz.presets()] == ["home", "terrasses", "kiosque", "tram"]
        assert device.identity().serial == "carnot-1"
    with connect(server, "dock", None) as device:
        assert device.services == {"device", "media"}
        with pytest.raises(SourceError, match="turn"):
            _ = device.ptz


def test_the_camera_tells_its_own_hour_and_signatures_follow_it(server: CameraServer) -> None:
    with connect(server, "hall", None) as device:
        assert device.clock_offset_ms is not None
        assert abs(device.clock_offset_ms - 41_000) <= 1_500
    server.change("carnot-1", clock_offset=-3_600.0)
    with connect(server) as device:
        assert device.profiles()


def test_a_wrong_password_is_refused_everywhere(server: CameraServer) -> None:
    with connect(server, password="orage") as device, pytest.raises(SourceError) as refused:
        device.profiles()
    assert refused.value.kind == "refused"
    with connect(server) as device:
        main = device.profiles()[0]
        server.change("carnot-1", password="tilleul")
        with pytest.raises(SourceError) as refused:
            device.snapshot(main)
    assert refused.value.kind == "refused"


def test_turning_changes_the_picture(server: CameraServer) -> None:
    def seen(stream: Iterator[av.Packet], clip: Clip) -> av.Packet:
        return next(p for p in stream if all(unit in bytes(p) for unit in clip.pictures[0].units))

    kiosk, tram = (read_clip(SCENES / f"carnot-calm-{name}.mp4") for name in ("kiosque", "tram"))
    fight = read_clip(SCENES / "carnot-rixe-kiosque.mp4")
    url = server.url("carnot-1").replace("rtsp://", f"rtsp://veilleur:{PASSWORD}@")
    with connect(server) as device, av.open(url, options={"rtsp_transport": "tcp"}, timeout=20) as container:
        stream = (packet for packet in container.demux(container.streams.video[0]) if packet.size)
        next(stream)
        device.ptz.goto("kiosque")
        assert seen(stream, kiosk).is_keyframe
        server.change("carnot-1", clip="rixe")
        assert seen(stream, fight).is_keyframe
        server.change("carnot-1")
        device.ptz.move(1.0, 0.0, 0.0)
        assert device.ptz.position().moving
        assert seen(stream, tram).is_keyframe
        device.ptz.stop()
        told = device.ptz.position()
        assert (told.pan, told.zoom, told.moving) == (1.0, 1.0, False)
        with pytest.raises(SourceError):
            device.ptz.goto("nowhere")
        kept = device.ptz.keep("Arrêt <du> tram")
        assert Preset(kept, "Arrêt <du> tram") in device.ptz.presets()
        device.ptz.goto("kiosque")
        device.ptz.goto(kept)
        assert device.ptz.position().pan == 1.0
        assert device.ptz.keep("Kiosque, de près", "kiosque") == "kiosque"
        with pytest.raises(SourceError):
            device.ptz.keep("Nulle part", "nowhere")
        device.ptz.remove(kept)
        assert kept not in {each.token for each in device.ptz.presets()}
        assert device.ptz.keep("Le quai") != kept
        device.ptz.move(0.0, 0.0, -1.0)
        assert server.cameras["carnot-1"].condition().position == ""


def test_a_head_steps_from_view_to_view_at_its_pace() -> None:
    head = Head(["home", "left", "middle", "right"])
    moves = [((1, 0), "right"), ((1, 0), "right"), ((-1, 0), "middle"), ((-1, 0), "left"), ((-1, 0), "left"),
             ((0, -1), "home"), ((0, 1), "middle"), ((0, 1), "middle"), ((0, 0), "middle")]  # fmt: skip
    for number, ((pan, zoom), token) in enumerate(moves):
        head.turn(pan, zoom, number * STEP_SECONDS)
        assert head.token == token
    head.turn(1, 0, 100.0)
    head.turn(1, 0, 100.0 + STEP_SECONDS / 2)
    assert head.token == "right"
    head.turn(-1, 0, 100.0 + STEP_SECONDS * 0.9)
    assert head.token == "right"
    head.stop()
    head.turn(-1, 0, 100.0 + STEP_SECONDS * 0.9)
    assert head.token == "middle"
    Head([]).turn(1, 1, 0)


def test_a_camera_that_is_gone_answers_nothing(server: CameraServer) -> None:
    server.change("dock", gone=True)
    with pytest.raises(SourceError) as fault:
        connect(server, "dock", None)
    assert fault.value.kind == "unreachable"


def post(server: CameraServer, body: bytes, **headers: str) -> int:
    assert server.face is not None
    connection = http.client.HTTPConnection(*server.face.address, timeout=20)
    try:
        path = urlsplit(server.onvif_url("dock")).path
        connection.request("POST", path, body, {"Content-Length": str(len(body)), **headers})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe<\x00", 400),
        (b"<a>" * 20_000, 400),
        (b"<!DOCTYPE l [<!ENTITY a 'b'>]><l>&a;</l>", 400),
        (b"<Envelope/>", 400),
        (
            b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><Reboot/></s:Body></s:Envelope>',
            500,
        ),
    ],
)
def test_what_is_no_request_is_a_fault(server: CameraServer, body: bytes, status: int) -> None:
    assert post(server, body) == status


def test_sizes_and_paths_are_bounded(server: CameraServer) -> None:
    assert server.face is not None
    assert post(server, b"", **{"Content-Length": str(MAX_REQUEST + 1)}) == 413
    assert post(server, b"", **{"Content-Length": "-1"}) == 413
    for path in ("/onvif/nowhere/device_service", "/", "/onvif/dock/../x", "/onvif/dock/snapshot.jpg/"):
        connection = http.client.HTTPConnection(*server.face.address, timeout=20)
        connection.request("GET", path)
        assert connection.getresponse().status == 404
        connection.close()
    idle = [socket.create_connection(server.face.address) for _ in range(5)]  # who say nothing hold nobody up
    with connect(server, "dock", None) as device:
        assert device.profiles()
    for each in idle:
        each.close()
    with RtspClient(server.url("dock")) as client:
        client.play()
        assert len(list(itertools.islice(client.packets(), 3))) == 3


@settings(max_examples=500, deadline=None)
@given(
    raw=st.one_of(st.binary(max_size=300), st.text(alphabet="<>/!ab \"=:'s", max_size=200).map(str.encode))
)
def test_arbitrary_bytes_are_a_fault_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(Fault):
        read_request(raw)


def test_a_signature_of_another_hour_is_refused(server: CameraServer) -> None:
    with connect(server) as device:
        server.change("carnot-1", clock_offset=600.0)  # signed with the hour that it told before
        with pytest.raises(SourceError) as refused:
            device.profiles()
        assert refused.value.kind == "refused"
