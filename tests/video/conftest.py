"""Fixtures of video: films made by the program `ffmpeg` (absent: skipped, and failed in CI), GStreamer's RTSP server."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PEER = Path(__file__).parent / "rtsp_peer.py"
SYSTEM_PYTHON = "/usr/bin/python3"


def needs(present: bool, what: str) -> None:
    """Skips loudly; in CI the absence of a peer is a failure."""
    if not present:
        if os.environ.get("CI"):
            pytest.fail(f"{what} is not installed")
        pytest.skip(f"{what} is not installed")


def has_gstreamer() -> bool:
    """Whether the system's Python can serve RTSP."""
    probe = "import gi; gi.require_version('GstRtspServer', '1.0'); gi.require_version('GstApp', '1.0')"
    return (
        Path(SYSTEM_PYTHON).exists()
        and not subprocess.run([SYSTEM_PYTHON, "-c", probe], check=False, capture_output=True).returncode
    )


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes (once) a film: `film("h264", seconds=4, size="320x180", gop=25)` → Annex B with delimiters, IVF for AV1 and VP9."""
    needs(shutil.which("ffmpeg") is not None, "ffmpeg")
    folder = tmp_path_factory.mktemp("films")

    def make(
        codec: str,
        *,
        seconds: int = 4,
        size: str = "320x180",
        gop: int = 25,
        source: str = "testsrc2",
        suffix: str = "",
    ) -> Path:
        ends = {
            "h264": ".h264",
            "hevc": ".h265",
            "av1": ".ivf",
            "vp9": ".ivf",
            "h264_b": ".mp4",
            "mjpeg": ".mjpeg",
        }
        path = folder / f"{codec}-{seconds}-{size}-{gop}-{abs(hash(source))}{suffix or ends[codec]}"
        encode = {
            "h264": ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-bsf:v", "h264_metadata=aud=insert"],
            "h264_b": ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2"],
            "hevc": ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", f"log-level=error:keyint={gop}:bframes=0",
                     "-bsf:v", "hevc_metadata=aud=insert"],
            "av1": ["-c:v", "libaom-av1", "-cpu-used", "8", "-usage", "realtime"],
            "vp9": ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"],
            "mjpeg": ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p"],
        }[codec]  # fmt: skip
        if not path.exists():
            filtered = f"{source}=s={size}:r=25:d={seconds}" if "=" not in source else source
            subprocess.run(
                ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", filtered, *encode, "-g", str(gop), str(path)],
                check=True,
            )
        return path

    return make


@dataclass
class Served:
    """A running RTSP server."""

    port: int
    lines: Path
    process: subprocess.Popen[str] = field(repr=False)

    def url(self, path: str = "/cam") -> str:
        """An address on it."""
        return f"rtsp://127.0.0.1:{self.port}{path}"

    def asked(self) -> list[str]:
        """What clients asked so far: `SETUP rtsp://…`."""
        return self.lines.read_text().splitlines()[1:]


@pytest.fixture
def rtsp(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """`rtsp(film, "h264", "--freeze", "50")` serves a film as `/cam`, until the test ends."""
    needs(has_gstreamer(), "GStreamer's RTSP server")
    with ExitStack() as stack:

        def serve(film: Path, codec: str, *more: str) -> Served:
            return stack.enter_context(
                serving(tmp_path / f"rtsp-{len(list(tmp_path.iterdir()))}.log", film, codec, *more)
            )

        yield serve


@contextmanager
def serving(lines: Path, film: Path, codec: str, *more: str) -> Iterator[Served]:
    """The server's process."""
    with lines.open("w") as out:
        process = subprocess.Popen([SYSTEM_PYTHON, str(PEER), str(film), codec, *more], stdout=out, text=True)
        try:
            port = ""
            for _ in range(200):
                port = lines.read_text().partition("\n")[0]
                if port.isdigit() and "\n" in lines.read_text():
                    break
                try:
                    process.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
                pytest.fail("the RTSP server ended")
            yield Served(int(port), lines, process)
        finally:
            process.kill()
            process.wait()
