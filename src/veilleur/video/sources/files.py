"""A file, or a folder of files in the order of their names, as if it were a camera: for the demonstration, tests, imports.

`options`: `loop` (begin again for ever, default yes), `paced` (at the speed of life, default yes).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import av
import av.error

from veilleur.kernel.clock import Clock
from veilleur.video.model import Address, Frame, Opened, SourceError, StreamInfo, StreamName
from veilleur.video.sources.packets import Framer
from veilleur.video.sources.parameters import CODECS, checked_size, parameters_in, size_of

SUFFIXES = (".mp4", ".mkv", ".webm", ".mov", ".ts", ".h264", ".h265", ".ivf", ".avi", ".mjpeg")
MAX_FILES = 10_000
ANNEX_B = {"h264": "h264_mp4toannexb", "hevc": "hevc_mp4toannexb"}
"""What turns the length-prefixed units of a container into Annex B; it passes those that already are."""


class _ToldClock:
    """A clock that is told the time: frames of a file that is not paced are as far apart as the file says."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._begun = clock, clock.now()
        self.elapsed_us = 0

    def now(self) -> datetime:
        """The begin, and what the file has played since."""
        return self._begun + timedelta(microseconds=self.elapsed_us)

    def monotonic(self) -> float:
        """The machine's."""
        return self._clock.monotonic()


def open_file(address: Address, stream: StreamName, clock: Clock) -> Opened:
    """Opens the file or folder of `main` (or `sub`). SourceError `unreachable`: no such file; `unsupported`: no video in it."""
    path = _path_of(address.main if stream == "main" or address.sub is None else address.sub)
    try:
        paths = (
            sorted(each for each in path.iterdir() if each.suffix.lower() in SUFFIXES)
            if path.is_dir()
            else [path]
        )
    except OSError:
        paths = []
    if not paths or not paths[0].is_file():
        raise SourceError("unreachable", f"no video file at {path}")
    options = address.options
    return _Player(
        paths[:MAX_FILES], clock, loop=bool(options.get("loop", True)), paced=bool(options.get("paced", True))
    ).opened()


def _path_of(url: str) -> Path:
    """Of a `file:` URL, or a plain path."""
    return Path(unquote(urlsplit(url).path) if url.startswith("file:") else url)


class _Player:
    def __init__(self, paths: list[Path], clock: Clock, *, loop: bool, paced: bool) -> None:
        self._paths, self._clock, self._loop, self._paced = paths, clock, loop, paced
        self._closed = threading.Event()

    def opened(self) -> Opened:
        """Looks at the first file only."""
        with _open(self._paths[0]) as container:
            info = _info(container, self._paths[0])
        return Opened(info, lambda: self.frames(info), self._closed.set)

    def frames(self, info: StreamInfo) -> Iterator[Frame]:
        """Frames until `close`, or the end of the last file."""
        told = _ToldClock(self._clock)
        framer = Framer(info, self._clock if self._paced else told, None)
        begun, played = self._clock.monotonic(), 0
        while True:
            given = played
            for path in self._paths:
                for packet, stamp, offset in _packets(path, info.codec):
                    at = played + stamp
                    told.elapsed_us = at
                    if self._paced and self._closed.wait(
                        max(0.0, begun + at / 1e6 - self._clock.monotonic())
                    ):
                        raise SourceError("ended", "closed")
                    if self._closed.is_set():
                        raise SourceError("ended", "closed")
                    if frame := framer.frame(packet, (at, offset)):
                        given = at + frame.duration
                        yield frame
                played = given
            if not self._loop or given == 0:
                raise SourceError("ended", "the file ended")


def _open(path: Path) -> Any:
    failed: SourceError | None = None
    try:
        return av.open(str(path.absolute()), "r", options={"protocol_whitelist": "file"})
    except (av.error.FFmpegError, OSError, ValueError) as error:
        failed = SourceError("unsupported", f"{path.name}: {type(error).__name__}")
    raise failed


def _info(container: Any, path: Path) -> StreamInfo:
    if not container.streams.video:
        raise SourceError("unsupported", f"{path.name} holds no video")
    stream = container.streams.video[0]
    context = stream.codec_context
    codec = CODECS.get(context.name)
    if codec is None:
        raise SourceError("unsupported", f"{path.name} holds {context.name}")
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    checked_size(context.width, context.height)
    extradata = context.extradata or b""
    if codec in ANNEX_B:
        packet = next((p for p, _, _ in _packets(path, codec) if p.is_keyframe), None)
        extradata = parameters_in(codec, bytes(packet)) if packet is not None else extradata
        width, height = size_of(codec, bytes(packet)) if packet is not None else (0, 0)
        return StreamInfo(codec, width, height, rate, extradata)
    return StreamInfo(codec, context.width, context.height, rate, extradata)


def _packets(path: Path, codec: str) -> Iterator[tuple[Any, int, int]]:
    """Packets of the file's video with their decoding time from its begin and the offset of showing, microseconds."""
    with _open(path) as container:
        if not container.streams.video or CODECS.get(container.streams.video[0].codec_context.name) != codec:
            return
        stream = container.streams.video[0]
        convert = av.BitStreamFilterContext(ANNEX_B[codec], stream) if codec in ANNEX_B else None
        step = float(1_000_000 / (stream.average_rate or stream.guessed_rate or 25))
        first: int | None = None
        number = -1
        for raw in container.demux(stream):
            if raw.size == 0:
                break
            for packet in convert.filter(raw) if convert else [raw]:
                number += 1
                stamp, offset = round(number * step), 0
                if packet.dts is not None and packet.pts is not None:
                    first = packet.dts if first is None else first
                    tick = float(packet.time_base) * 1e6
                    stamp, offset = (
                        round((packet.dts - first) * tick),
                        round((packet.pts - packet.dts) * tick),
                    )
                yield packet, stamp, offset
