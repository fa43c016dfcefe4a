"""H.265 for browsers that lack it: one transcoding per camera by a separate `ffmpeg` program, while somebody watches."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import av
import structlog

from veilleur.recorder.derived import Derived
from veilleur.recorder.taps import Picture
from veilleur.video.fragments import Fragmenter
from veilleur.video.model import Frame, StreamInfo

log = structlog.get_logger()

MAX_TRANSCODERS = 4
"""At once on one recorder: each costs a seventh of a core at 360 lines, half a core at 720."""
HEIGHT = 720
"""Lines at most of what is transcoded for a screen."""
PROGRAM = "ffmpeg"
QUIT_SECONDS = 2.0

_SLOTS = threading.BoundedSemaphore(MAX_TRANSCODERS)


@lru_cache
def transcodes() -> bool:
    """Whether there is such a program here; it is no part of us and nothing is linked with it."""
    return shutil.which(PROGRAM) is not None


def command(info: StreamInfo) -> list[str]:
    """Fragmented MP4 in, Matroska out, times kept: a fragment's time is its wall."""
    lines = min(HEIGHT, info.height) // 2 * 2
    return [
        *(PROGRAM, "-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1"),
        *("-fflags", "nobuffer", "-flags", "low_delay", "-probesize", "200000", "-analyzeduration", "0"),
        *("-f", "mp4", "-i", "pipe:0", "-an", "-copyts", "-fps_mode", "passthrough"),
        *("-vf", f"scale=-2:{lines}", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"),
        *("-profile:v", "main", "-pix_fmt", "yuv420p", "-g", "50", "-maxrate", "3M", "-bufsize", "3M"),
        *("-flush_packets", "1", "-f", "nut", "pipe:1"),
    ]


@dataclass(eq=False)
class Transcoded(Derived):
    """The camera's picture as H.264."""

    def make(self, pictures: Iterator[Picture | None]) -> None:
        """See `Derived`."""
        first = next((each for each in pictures if each is not None), None)
        if first is None:
            return
        if not _SLOTS.acquire(timeout=1):
            raise OSError(11, "too many transcodings")
        try:
            self._program(first, pictures)
        finally:
            _SLOTS.release()

    def _program(self, first: Picture, pictures: Iterator[Picture | None]) -> None:
        process = subprocess.Popen(
            command(first.of), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        reading = threading.Thread(target=self._read, args=(process,), name="transcoded", daemon=True)
        reading.start()
        try:
            self._feed(process, first, pictures)
        finally:
            with suppress(OSError):
                assert process.stdin is not None
                process.stdin.close()
            try:
                process.wait(QUIT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            reading.join(QUIT_SECONDS)

    def _feed(
        self, process: subprocess.Popen[bytes], first: Picture, pictures: Iterator[Picture | None]
    ) -> None:
        made = Fragmenter(first.of)
        pipe: Any = process.stdin
        pipe.write(made.init + made.fragment(first.frame))
        pipe.flush()
        for picture in pictures:
            if picture is None:
                if process.poll() is not None:
                    raise OSError(32, "the program ended")
                continue
            if picture.of is not first.of:
                return  # other parameters: another program
            pipe.write(made.fragment(picture.frame))
            pipe.flush()

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        """What the program gives, as frames of ours."""
        pipe: Any = process.stdout
        fragmenter: Fragmenter | None = None
        last = 0
        try:
            container: Any
            with av.open(
                pipe, "r", format="nut", options={"fflags": "nobuffer", "probesize": "100000"}
            ) as container:
                stream = container.streams.video[0]
                for packet in container.demux(stream):
                    if not packet.size or packet.pts is None:
                        continue
                    wall = int(packet.pts * packet.time_base * 1_000_000)
                    if fragmenter is None:
                        context = stream.codec_context
                        info = StreamInfo(
                            "h264", context.width, context.height, 0.0, bytes(context.extradata or b"")
                        )
                        fragmenter = Fragmenter(info)
                        self.view.begin(info, fragmenter)
                    duration = wall - last if 0 < wall - last < 1_000_000 else 40_000
                    frame = Frame(max(wall, last + 1), bool(packet.is_keyframe), bytes(packet), duration)
                    last = frame.wall
                    self.view.frame(frame, fragmenter.fragment(frame))
        except Exception as fault:  # noqa: BLE001  # what a program writes when it is ended in the middle
            log.info("transcoding.ended", fault=type(fault).__name__)
