"""Films whose every picture says its own number, and cameras that play them and keep when each picture left.

The number is written as BITS white or black blocks along the top, large enough to survive any coding. The cameras are the
demonstration's RTSP server in a process of its own; it notes, in a file shared with the bench, the hour (s since 1970) at
which it last sent each picture.

python -m bench.coded FOLDER PORT      (run by the video benches; prints «ready»)
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from veilleur.demo.camera_clips import Clip
from veilleur.demo.camera_controls import Condition
from veilleur.demo.camera_plans import read_plans
from veilleur.demo.camera_streams import Stream
from veilleur.demo.cameras import CameraServer
from veilleur.kernel.clock import SystemClock

BITS = 10
SECONDS = 20  # of a film: its numbers begin again after it
#: Name of the file, width, height, pictures a second, bit/s: the main stream, then the sub-stream. Cameras play them in turn.
FILMS = (("1-main.mp4", 1280, 720, 25, "4M"), ("2-sub.mp4", 640, 360, 10, "500k"))
SENT = "sent.f64"
READY = 60.0


def draw(folder: Path) -> None:
    """Draws the films: a moving gradient under the number's blocks."""
    for name, width, height, fps, rate in FILMS:
        argv = [
            "ffmpeg",
            "-y",
            "-v",
            "error",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "gray",
            "-s",
            f"{width}x{height}",
        ]
        encode = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", str(fps), "-pix_fmt", "yuv420p"]
        bits = ["-sc_threshold", "0", "-b:v", rate, "-maxrate", rate, "-bufsize", rate]
        process = subprocess.Popen(
            [*argv, "-r", str(fps), "-i", "-", *encode, *bits, str(folder / name)],
            stdin=subprocess.PIPE,
        )
        assert process.stdin is not None
        chance = np.random.default_rng(1)
        ramp = np.tile(64 + np.arange(width) % 128, (height, 1)).astype(np.uint8)
        grain = [chance.integers(0, 24, (height, width), np.uint8) for _ in range(16)]
        for number in range(SECONDS * fps):
            picture = np.roll(ramp, number * 7, axis=1) + grain[number % 16]
            block = width // BITS
            for bit in range(BITS):
                picture[: height // 8, bit * block : (bit + 1) * block] = 255 if number >> bit & 1 else 0
            process.stdin.write(picture.tobytes())
        process.stdin.close()
        if process.wait():
            raise RuntimeError("ffmpeg drew no film")


def names() -> list[str]:
    """Cameras that play the main film; each has its sub-stream on the camera after it."""
    return [plan.key for plan in read_plans()][::2]


def urls(port: int, count: int) -> list[tuple[str, str]]:
    """Main and sub address of so many cameras: several may watch the same one."""
    keys = [plan.key for plan in read_plans()]
    pairs = list(zip(keys[::2], keys[1::2], strict=False))
    at = f"rtsp://127.0.0.1:{port}"
    return [
        (f"{at}/{main}/main", f"{at}/{sub}/main")
        for main, sub in (pairs[n % len(pairs)] for n in range(count))
    ]


def sent(folder: Path) -> np.memmap[Any, np.dtype[np.float64]]:
    """When each picture of each film last left: [film, number]."""
    path = folder / SENT
    if not path.exists():
        np.zeros((len(FILMS), SECONDS * 25)).tofile(path)
    return np.memmap(path, np.float64, "r+", shape=(len(FILMS), SECONDS * 25))


@contextmanager
def cameras(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """The cameras, in a process of their own."""
    argv = [sys.executable, "-m", "bench.coded", str(folder), str(port)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError("the cameras did not start")
        yield process
    finally:
        process.kill()
        process.wait()


async def serve(folder: Path, port: int) -> None:
    """Plays for ever, noting each picture."""
    times = sent(folder)
    before = Stream._send  # noqa: SLF001  # the bench looks into the camera, not into the product

    def noting(self: Stream, clip: Clip, place: int, shown: float) -> None:
        times[0 if clip.width == FILMS[0][1] else 1, place] = time.time()
        before(self, clip, place, shown)

    Stream._send = noting  # type: ignore[method-assign]  # noqa: SLF001
    plans = [replace(plan, usual=Condition()) for plan in read_plans()]  # nothing is wrong with any of them
    server = CameraServer(SystemClock(), plans, folder)
    await server.start("127.0.0.1", port)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
