"""ipycam, a third-party ONVIF camera (MIT), in an environment of its own: it brings an OpenCV that is not ours."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CACHE = ROOT / ".make" / "peer-ipycam-1.3.0"
PACKAGES = ("ipycam==1.3.0", "numpy<3", "opencv-python-headless<6")

CAMERA = """
import socket, sys
bind = socket.socket.bind
def on_loopback(self, address):
    if address[0] in ("", "0.0.0.0"):
        host = "239.255.255.250" if self.type == socket.SOCK_DGRAM and address[1] == 3702 else "127.0.0.1"
        address = (host, *address[1:])
    return bind(self, address)
socket.socket.bind = on_loopback
import numpy, time
from ipycam import CameraConfig, IPCamera
port, rtsp = int(sys.argv[1]), int(sys.argv[2])
config = CameraConfig(name="Peer", local_ip="127.0.0.1", onvif_port=port, rtsp_port=rtsp, rtmp_port=1, go2rtc_api_port=1,
                      username="veilleur", password="s3cret-du-quai", main_width=640, main_height=480, main_fps=10,
                      sub_width=320, sub_height=240, sub_fps=5)
camera = IPCamera(config)
assert camera.start()
print("ready", flush=True)
frame = numpy.zeros((480, 640, 3), numpy.uint8)
while camera.is_running:
    frame[:] = (int(frame[0, 0, 0]) + 8) % 256
    camera.stream(frame)
    time.sleep(0.1)
"""


@dataclass(frozen=True)
class Ipycam:
    """Where it listens."""

    port: int
    rtsp: int


def _python() -> Path:
    """The interpreter of the peer's environment, made at first use; a loud skip where it cannot be, a failure in CI."""
    python = CACHE / "bin" / "python"
    if (CACHE / "ready").exists():
        return python
    try:
        venv.create(CACHE, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "-q", "--no-deps", *PACKAGES]
        subprocess.run(install, check=True, timeout=300, stdin=subprocess.DEVNULL, capture_output=True)
    except (OSError, subprocess.SubprocessError) as fault:
        said = f"NOT TESTED against a third-party ONVIF camera: ipycam cannot be installed here: {fault}"
        if os.environ.get("CI"):
            pytest.fail(said)
        print(f"\n*** {said} ***", file=sys.stderr)
        pytest.skip(said)
    (CACHE / "ready").touch()
    return python


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def ipycam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ipycam]:
    """A running ipycam that wants a password."""
    folder = tmp_path_factory.mktemp("ipycam")
    where = Ipycam(_free_port(), _free_port())
    command = [str(_python()), "-c", CAMERA, str(where.port), str(where.rtsp)]
    with (folder / "log").open("w+") as log:
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        try:
            for _ in range(300):
                if "ready" in (folder / "log").read_text() or process.poll() is not None:
                    break
                time.sleep(0.1)
            assert process.poll() is None, (folder / "log").read_text()
            yield where
        finally:
            process.kill()
            process.wait()
