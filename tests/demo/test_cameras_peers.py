"""The demonstration's cameras as a process, and read by programs we did not write."""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import av
import pytest

from tests.demo.test_cameras import PATIENCE, PLANS, packets, until, watch
from veilleur.demo.camera_controls import write_control
from veilleur.demo.cameras import CameraServer, running_cameras
from veilleur.kernel.clock import SystemClock


@pytest.fixture
def server() -> Iterator[CameraServer]:
    with running_cameras(SystemClock(), plans=PLANS) as started:
        yield started


@pytest.mark.peer
def test_ffprobe_reads_a_stream(server: CameraServer) -> None:
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not installed: apt-get install ffmpeg")
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-rtsp_transport", "tcp", "-select_streams", "v", "-read_intervals", "%+#14",
         "-show_entries", "stream=codec_name,width,height:packet=flags", "-of", "csv", server.url("dock")],
        capture_output=True, text=True, timeout=60, check=True,
    ).stdout.split()  # fmt: skip
    assert "stream,h264,1024,576" in told
    assert sum(line.startswith("packet,K") for line in told) >= 2


def test_the_command_runs_until_stopped_and_takes_orders(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text('{"offset_seconds": 0}', "utf-8")
    port = next(port for port in range(20_000, 30_000, 7) if all(_is_free(each) for each in (port, port + 1)))
    command = [sys.executable, "-m", "veilleur", "demo", "cameras", "--data-dir", str(tmp_path)]
    running = subprocess.Popen([*command, "--rtsp", f"127.0.0.1:{port}"])
    try:
        until(lambda: not _is_free(port) or running.poll() is not None)
        with watch(f"rtsp://127.0.0.1:{port}/presquile/main") as container:
            assert next(packets(container)).is_keyframe
            write_control(tmp_path, "presquile", gone=True)
            seen = 0
            with suppress(av.error.FFmpegError):
                for _ in itertools.islice(packets(container), 240):
                    seen += 1
            assert seen < 240  # cut
        refused = subprocess.run(
            [*command, "--rtsp", f"127.0.0.1:{port}"], capture_output=True, text=True, timeout=60, check=False
        )
        assert refused.returncode != 0
        assert f"127.0.0.1:{port}" in refused.stderr
        assert "Traceback" not in refused.stderr
        running.terminate()
        assert running.wait(timeout=PATIENCE) == 0
    finally:
        running.kill()
        running.wait()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


GSTREAMER = """
import sys, gi
gi.require_version("Gst", "1.0")
from gi.repository import Gst
Gst.init(None)
source = f"rtspsrc location={sys.argv[1]} protocols=tcp user-id=veilleur user-pw=lilas"
line = Gst.parse_launch(f"{source} ! {sys.argv[2]} ! fakesink num-buffers=20")
line.set_state(Gst.State.PLAYING)
end = line.get_bus().timed_pop_filtered(20 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
line.set_state(Gst.State.NULL)
sys.exit(0 if end is not None and end.type == Gst.MessageType.EOS else 1)
"""


@pytest.mark.peer
@pytest.mark.parametrize(
    ("key", "reads"),
    [
        ("gate", "rtph264depay ! h264parse"),
        ("station", "rtph265depay ! h265parse"),
        ("park", "rtpjitterbuffer"),
    ],
)
def test_gstreamer_reads_a_stream(server: CameraServer, key: str, reads: str) -> None:
    python = shutil.which("python3", path="/usr/bin")
    if python is None or subprocess.run([python, "-c", "import gi"], check=False).returncode:
        pytest.skip("GStreamer is not installed: apt-get install python3-gi gstreamer1.0-plugins-{good,bad}")
    subprocess.run([python, "-c", GSTREAMER, server.url(key), reads], timeout=60, check=True)
