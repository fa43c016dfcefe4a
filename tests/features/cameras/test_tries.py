"""An address that is tried: opened for real, within some seconds; what is no camera tells nothing."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.features.cameras.conftest import person
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
