"""RTSP by FFmpeg's demuxer, for what our own reader does not read (rtsp.py): other codecs, packets by UDP only.

A thread and a demuxer a stream, and each picture held back until the next one begins."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, cast

import av
import av.error

from veilleur.kernel.clock import Clock
from veilleur.video.model import Frame, Opened, SourceError, StreamInfo
from veilleur.video.sources.addresses import Target, resolved
from veilleur.video.sources.packets import Framer
from veilleur.video.sources.parameters import CODECS, checked_size
from veilleur.video.sources.sockets import Line, watching

OPEN_SECONDS, READ_SECONDS = 5.0, 4.0
"""A camera of a far site answers in 1 s; one that sends nothing for 4 s is frozen, whatever its TCP says."""
WAITED_SECONDS, MAX_EARLY = 0.005, 256
"""A packet that was waited for longer than this is live; those before it, this many at most, were in the demuxer."""
OPTIONS = {
    "allowed_media_types": "video",
    # The default probing takes 2.8 s; parameter sets are in the description or before the first keyframe.
    "analyzeduration": "200000",
    "probesize": "100000",
    "protocol_whitelist": "rtsp,rtsps,rtp,tcp,tls,udp",
}


def open_demuxed(target: Target, clock: Clock, transport: str = "tcp") -> Opened:
    """Opens one session for one stream; ≈ 0.3 s. Other openings of the very same device wait for their turn."""
    options = OPTIONS | {"rtsp_transport": transport}
    container, failed, begun = None, SourceError("unreachable"), clock.monotonic()
    with watching(resolved(target)) as line:
        try:
            container = av.open(target.secret_url, "r", options=options, timeout=(OPEN_SECONDS, READ_SECONDS))
        except (av.error.FFmpegError, OSError, ValueError) as error:
            # Raised outside: the demuxer's error holds the password. A camera that says nothing is «invalid data» to it.
            failed = told(error, target.url)
            if failed.kind == "unsupported" and clock.monotonic() - begun >= OPEN_SECONDS:
                failed = SourceError("unreachable", f"{target.url}: the camera does not answer")
    if container is None:
        raise failed
    try:
        return _Session(container, line, clock).opened()
    except BaseException:
        container.close()
        line.release()
        raise


def told(error: Exception, url: str) -> SourceError:
    """Our error for the demuxer's, without its words: they quote the address with its password."""
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        return SourceError("refused", f"{url}: the camera refuses the user or the password")
    if isinstance(error, av.error.HTTPError):
        return SourceError("unsupported", f"{url}: the camera has no such stream")
    if isinstance(error, OSError | av.error.ExitError):
        return SourceError("unreachable", f"{url}: {type(error).__name__}")
    return SourceError("unsupported", f"{url}: {type(error).__name__}")


def _stamp_first(early: list[Any]) -> None:
    """The first packet of a session often has no time of its own: one step before the second."""
    if len(early) > 2 and early[0].pts is None and early[1].pts is not None and early[2].pts is not None:
        early[0].pts = early[1].pts - max(0, early[2].pts - early[1].pts)


class _Session:
    """A running RTSP session. One thread reads; any thread may close."""

    def __init__(self, container: Any, line: Line, clock: Clock) -> None:
        self._container, self._line = container, line
        self._reading = threading.Lock()
        self._closed = threading.Event()
        if not container.streams.video:
            raise SourceError("unsupported", "the camera sends no video")
        self._stream = container.streams.video[0]
        context = self._stream.codec_context
        codec = CODECS.get(context.name)
        if codec is None:
            raise SourceError("unsupported", f"the camera sends {context.name}")
        rate = self._stream.average_rate or self._stream.guessed_rate
        info = StreamInfo(codec, context.width, context.height, float(rate or 0), context.extradata or b"")
        self._framer = Framer(info, clock, self._stream.time_base)
        self._packets = self._unburst(container.demux(self._stream), clock)

    def _unburst(self, packets: Iterator[Any], clock: Clock) -> Iterator[Any]:
        """The same packets; those that had come while the stream was probed do not count as arriving now."""
        early: list[Any] = []
        before = clock.monotonic()
        for packet in packets:
            early.append(packet)
            now = clock.monotonic()
            if (len(early) > 1 and now - before > WAITED_SECONDS) or len(early) >= MAX_EARLY:
                break
            before = now
        _stamp_first(early)
        self._framer.anchor(self._framer.micros(early[-1].pts) if early else None)
        yield from early
        yield from packets

    def opened(self) -> Opened:
        """Waits for the first keyframe, which may bring the parameters that the description did not."""
        first = next((frame for frame in self._frames()), None)
        if first is None:
            raise SourceError("ended", "the camera sent no picture")
        info = first.info or self._framer.info
        checked_size(info.width, info.height)
        return Opened(info, lambda: self.frames(first), self.close)

    def frames(self, first: Frame) -> Iterator[Frame]:
        """Every frame, beginning with a keyframe; ends with SourceError."""
        with self._reading:
            try:
                yield Frame(first.wall, first.keyframe, first.data, first.duration, first.offset)
                yield from self._frames()
                raise SourceError(
                    "ended", "closed" if self._closed.is_set() else "the camera ended the stream"
                )
            finally:
                self._container.close()
                self._line.release()

    def _frames(self) -> Iterator[Frame]:
        failed: SourceError | None = None
        while not self._closed.is_set():
            try:
                packet = next(self._packets, None)
            except (av.error.FFmpegError, OSError, ValueError) as error:
                silent = isinstance(error, av.error.ExitError | TimeoutError)
                failed = SourceError("ended", "silence" if silent else type(error).__name__)
                break
            if packet is None or packet.size == 0:
                break
            if frame := self._framer.frame(packet):
                yield frame
        if failed is not None and not self._closed.is_set():
            raise failed

    def close(self) -> None:
        """Ends a read that waits; twice is once."""
        self._closed.set()
        self._line.cut()
        if self._reading.acquire(blocking=False):
            try:
                cast("av.container.InputContainer", self._container).close()
                self._line.release()
            finally:
                self._reading.release()
