"""An address that is tried: opened for real, within some seconds; what is no camera tells nothing."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.features.cameras.conftest import camera, person
from tests.features.sites.conftest import World
from tests.simulators.onvif_device import Simulator, running_device
from tests.simulators.onvif_words import PASSWORD, USER
from tests.video.onvif.presets import remembering
from tests.web.serving import Browser, Desk
from veilleur.demo.cameras import running_cameras
from veilleur.kernel.clock import SystemClock


@pytest.fixture
def admin(desk: Desk) -> Browser:
    return person(desk, "ada", "administrator", post=False)


def test_an_address_is_tried_for_real(admin) -> None:
    with running_cameras(SystemClock()) as server:
        url = server.url("quai-3")
        answer = admin.post(
            "/api/cameras/try", {"address": url, "user": "veilleur", "password": "amarre-118"}
        )
        assert answer.status_code == 200, answer.text
        tried = answer.json()
        assert (tried["found"]["codec"], tried["found"]["audio"]) == ("h264", False)
        assert tried["found"]["width"] >= 352
        assert base64.b64decode(tried["picture"]).startswith(b"\xff\xd8\xff")
        assert tried["main"] == url
        wrong = admin.post(
            "/api/cameras/try", {"address": url, "user": "veilleur", "password": "hydromelune"}
        )
        assert (wrong.status_code, wrong.json()["params"]["kind"]) == (502, "refused")
        assert "hydromelune" not in wrong.text
        inside = url.replace("rtsp://", "rtsp://veilleur:amarre-118@")
        assert admin.post("/api/cameras/try", {"address": inside}).json()["main"] == url


@contextmanager
def answering(reply: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that answers everything the same, and what it was asked."""
    asked: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            with line:
                line.settimeout(2)
                asked.append(line.recv(4096))
                line.sendall(reply)

    threading.Thread(target=serve, daemon=True).start()
    host, port = listener.getsockname()
    try:
        yield f"{host}:{port}", asked
    finally:
        listener.close()


def test_a_redirection_is_never_followed(admin) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret") as (inner, asked):
        moved = f"HTTP/1.1 302 Found\r\nLocation: http://{inner}/\r\nContent-Length: 0\r\n\r\n".encode()
        with answering(moved) as (outer, _):
            answer = admin.post("/api/cameras/try", {"address": f"http://{outer}/image.jpg"})
        assert answer.status_code == 502
        assert answer.json()["code"] == "camera_source"
        assert asked == []


@pytest.mark.parametrize("address", ["http://{}/image.jpg", "rtsp://{}/main"])
def test_what_another_server_says_is_not_told(admin, address) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhydromelune") as (where, _):
        answer = admin.post("/api/cameras/try", {"address": address.format(where)})
    assert answer.status_code == 502
    assert "hydromelune" not in answer.text


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("file:///etc/passwd", "camera_address"),
        ("gopher://127.0.0.1:25/x", "camera_address"),
        ("http://127.0.0.1:1/image.jpg", "camera_source"),
        ("rtsp://127.0.0.1:1/main", "camera_source"),
        ("http://127.0.0.1:1/onvif/device_service", "camera_source"),
    ],
)
def test_an_address_where_no_camera_is(admin, address, code) -> None:
    answer = admin.post("/api/cameras/try", {"address": address})
    assert (answer.status_code, answer.json()["code"]) == (502 if code == "camera_source" else 422, code)


def test_a_camera_that_turns_keeps_where_it_looks(desk: Desk, town: World, admin: Browser) -> None:
    """The camera keeps the position; its name is in the file, with its trace; a fixed camera refuses."""
    with running_cameras(SystemClock()) as server:
        turning, fixed = camera(town, "VP-1"), camera(town, "P-1")
        options = {"onvif": server.onvif_url("carnot-1")}
        changed = {"kind": "rtsp", "address": server.url("carnot-1"), "user": "veilleur", "options": options}
        assert admin.send("PUT", f"/api/cameras/{turning.id}", {**changed, "ptz": True}).status_code == 200
        admin.post(f"/api/cameras/{turning.id}/password", {"password": "platane-12"})
        path = f"/api/cameras/{turning.id}/presets"
        before = admin.get(f"/api/cameras/{turning.id}").json()["presets"]
        kept = admin.post(path, {"name": "Arrêt du tram"})
        assert kept.status_code == 200, kept.text
        [*others, made] = kept.json()["presets"]
        assert (others, made["name"]) == (before, "Arrêt du tram")
        again = admin.post(path, {"name": "Tram, ligne 2", "token": made["token"]}).json()["presets"]
        assert again == [*before, {"token": made["token"], "name": "Tram, ligne 2"}]
        assert town.last("camera.changed")["fields"] == ["presets"]
        refused = admin.post(path, {"name": "Nulle part", "token": "nowhere"})
        told = (refused.status_code, refused.json()["code"], refused.json()["params"]["kind"])
        assert told == (502, "preset_not_kept", "unsupported")
        assert (
            admin.post(f"/api/cameras/{fixed.id}/presets", {"name": "Ici"}).json()["code"] == "camera_fixed"
        )
        assert person(desk, "omar", "operator").post(path, {"name": "Ici"}).status_code == 403


CORNER = [{"x": 0, "y": 0}, {"x": 0.2, "y": 0}, {"x": 0.2, "y": 0.3}]


def turned(admin: Browser, camera_id: int, device: Simulator) -> None:
    """The camera turns, by this device."""
    source = {
        "kind": "rtsp",
        "address": "rtsp://127.0.0.1:1/main",
        "user": USER,
        "options": {"onvif": device.url},
    }
    changed = {**source, "ptz": True, "presets": [{"token": "p1", "name": "Portail"}], "zones": []}
    answer = admin.send("PUT", f"/api/cameras/{camera_id}", changed)
    assert answer.status_code == 200, answer.text
    admin.post(f"/api/cameras/{camera_id}/password", {"password": PASSWORD})


def tokens(admin: Browser, camera_id: int) -> list[str]:
    return [each["token"] for each in admin.get(f"/api/cameras/{camera_id}").json()["presets"]]


def test_a_preset_that_is_deleted_is_deleted_at_the_camera_too(
    town: World, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembering(monkeypatch)
    with running_device() as device:
        turning = camera(town).id
        turned(admin, turning, device)
        path = f"/api/cameras/{turning}/presets/forget"
        mask = {"kind": "legal", "name": "Fenêtres", "preset": "p1", "polygon": CORNER}
        assert admin.send("PUT", f"/api/cameras/{turning}", {"masks": [mask]}).status_code == 200
        named = admin.post(path, {"token": "p1", "file_only": True})
        assert (named.status_code, named.json()["code"]) == (409, "preset_named")
        assert named.json()["params"]["names"] == ["Fenêtres"]
        assert "RemovePreset" not in device.asked, "what the file refuses is asked of nobody"
        admin.send("PUT", f"/api/cameras/{turning}", {"masks": []})
        gone = admin.post(path, {"token": "p1"})
        assert gone.status_code == 200, gone.text
        assert (gone.json()["presets"], device.behaviour.presets) == ([], "")
        assert town.last("camera.changed")["fields"] == ["presets"]
        assert admin.post(path, {"token": "p1"}).status_code == 404


def test_a_camera_that_does_not_delete_a_preset_keeps_it_in_the_file_unless_told_otherwise(
    town: World, admin: Browser
) -> None:
    with running_device() as device:
        turning = camera(town).id
        turned(admin, turning, device)
        path = f"/api/cameras/{turning}/presets/forget"
        refused = admin.post(path, {"token": "p1"})
        assert (refused.status_code, refused.json()["code"]) == (502, "preset_not_forgotten")
        assert refused.json()["params"]["kind"] == "unsupported"
        assert "p1" in tokens(admin, turning)
    away = admin.post(path, {"token": "p1"})
    assert (away.status_code, away.json()["params"]["kind"]) == (502, "unreachable")
    assert "p1" in tokens(admin, turning), "nothing is half done"
    assert admin.post(path, {"token": "p1", "file_only": True}).json()["presets"] == []


def test_only_who_holds_the_camera_or_comes_before_keeps_or_deletes_a_preset(
    desk: Desk, town: World, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembering(monkeypatch)
    with running_device() as device:
        turning = camera(town).id
        turned(admin, turning, device)
        omar, chef = person(desk, "omar", "operator"), person(desk, "chef", "lead")
        path = f"/api/cameras/{turning}/presets"
        assert omar.post(f"/api/cameras/{turning}/ptz/take", {}).status_code == 200
        for asked, body in ((path, {"name": "Ici"}), (f"{path}/forget", {"token": "p1"})):
            refused = admin.post(asked, body)
            assert (refused.status_code, refused.json()["code"]) == (409, "ptz_held")
            assert refused.json()["params"]["holder"]["name"] == "Omar"
        assert not {"SetPreset", "RemovePreset"} & set(device.asked)
        assert chef.post(path, {"name": "Ici"}).status_code == 200, "who may take it need not"
        assert chef.post(f"/api/cameras/{turning}/ptz/take", {}).status_code == 200
        assert chef.post(path, {"name": "Là"}).status_code == 200
        assert admin.post(path, {"name": "Ailleurs"}).json()["code"] == "ptz_held"
        chef.post(f"/api/cameras/{turning}/ptz/release", {})
        assert admin.post(path, {"name": "Ailleurs"}).status_code == 200, "it is free"
        assert tokens(admin, turning) == ["p1", "p2", "p3", "p4"]
