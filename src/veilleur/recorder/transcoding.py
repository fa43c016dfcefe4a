"""H.265 for browsers that lack it, by a separate `ffmpeg` program: one per camera while somebody watches, one per reading of
what is played back."""

from __future__ import annotations

import io
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import av
import av.error
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
AT_ONCE = {"fflags": "nobuffer", "probesize": "100000"}
"""How a live stream is opened: the pictures that it is recognised by are not waited for, and not given."""
QUIT_SECONDS = 2.0
FILM_SECONDS = 30.0
"""A few seconds of film take a second or two; what takes so long will not be played."""

_SLOTS = threading.BoundedSemaphore(MAX_TRANSCODERS)


@lru_cache
def transcodes() -> bool:
    """Whether there is such a program here; it is no part of us and nothing is linked with it."""
    return shutil.which(PROGRAM) is not None


def command(*, live: bool) -> list[str]:
    """Fragmented MP4 in, NUT out, times kept: a fragment's time is its wall. `live`: no picture waits for the next one."""
    at_once = ("-fflags", "nobuffer", "-flags", "low_delay") if live else ()
    return [
        *(PROGRAM, "-nostdin", "-hide_banner", "-loglevel", "error", "-threads", "1"),
        *(*at_once, "-probesize", "200000", "-analyzeduration", "0"),
        *("-f", "mp4", "-i", "pipe:0", "-an", "-copyts", "-fps_mode", "passthrough"),
        *("-enc_time_base", "1:1000000"),  # else each picture is moved to the nearest beat of its frame rate
        *("-vf", f"scale=-2:'trunc(min({HEIGHT},ih)/2)*2'"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"),
        *("-profile:v", "main", "-pix_fmt", "yuv420p", "-g", "50", "-maxrate", "3M", "-bufsize", "3M"),
        *("-flush_packets", "1", "-f", "nut", "pipe:1"),
    ]


def remade(film: bytes, end: int) -> tuple[bytes, list[tuple[int, bytes]]] | None:
    """A piece of film (init and whole groups, up to `end`) as H.264: its init segment, walls and fragments. Blocks; None: the
    program could not."""
    try:
        done = subprocess.run(
            command(live=False), input=film, capture_output=True, timeout=FILM_SECONDS, check=False
        )
        made = list(_frames(io.BytesIO(done.stdout), {}))
    except (subprocess.TimeoutExpired, OSError, av.error.FFmpegError, ValueError) as fault:
        log.warning("transcoding.film_failed", fault=type(fault).__name__)
        return None
    if not made:
        return None
    fragmenter = Fragmenter(made[0][0])
    after = [*(frame.wall for _, frame in made[1:]), end]
    return fragmenter.init, [
        (frame.wall, fragmenter.fragment(replace(frame, duration=max(1, until - frame.wall))))
        for (_, frame), until in zip(made, after, strict=True)
    ]


def _frames(file: Any, options: dict[str, str]) -> Iterator[tuple[StreamInfo, Frame]]:
    """What the program gives, as frames of ours, and the stream that they are of."""
    last, info = 0, None
    container: Any
    with av.open(file, "r", format="nut", options=options) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if not packet.size or packet.pts is None:
                continue
            wall = int(packet.pts * packet.time_base * 1_000_000)
            if info is None:
                context = stream.codec_context
                info = StreamInfo("h264", context.width, context.height, 0.0, bytes(context.extradata or b""))
            duration = wall - last if 0 < wall - last < 1_000_000 else 40_000
            frame = Frame(max(wall, last + 1), bool(packet.is_keyframe), bytes(packet), duration)
            last = frame.wall
            yield info, frame


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
            command(live=True), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
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
        fragmenter: Fragmenter | None = None
        try:
            for info, frame in _frames(process.stdout, AT_ONCE):
                if fragmenter is None:
                    fragmenter = Fragmenter(info)
                    self.view.begin(info, fragmenter)
                self.view.frame(frame, fragmenter.fragment(frame))
        except Exception as fault:  # noqa: BLE001  # what a program writes when it is ended in the middle
            log.info("transcoding.ended", fault=type(fault).__name__)
