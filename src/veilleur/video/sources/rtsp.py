"""Streams by RTSP and RTSPS, over TCP, never decoded. Sound is not even set up: the law forbids it on most cameras.

The conversation is held in the thread that opens (remote_rtsp.py); the packets are read by one thread for all cameras
(lines.py), and a picture is given as soon as its last packet has come. What this does not read goes to FFmpeg's demuxer.
"""

from __future__ import annotations

import itertools
from bisect import insort
from collections.abc import Callable, Iterator

from veilleur.kernel.clock import Clock
from veilleur.video.model import Address, Frame, Opened, SourceError, StreamInfo, StreamName
from veilleur.video.onvif.challenge import Credentials
from veilleur.video.onvif.dialling import Deadline, Trust
from veilleur.video.payloads import START
from veilleur.video.remote_rtp import Picture
from veilleur.video.remote_rtsp import NotReadError, Session, Track
from veilleur.video.sources.addresses import Target, target_of
from veilleur.video.sources.demuxed import open_demuxed
from veilleur.video.sources.lines import LINES, Came, Line
from veilleur.video.sources.packets import MAX_WAIT, Framer
from veilleur.video.sources.parameters import parameters_in, size_of

OPEN_SECONDS = 5.0
"""A camera of a far site answers in 1 s."""
WAITED_US, MAX_EARLY = 5_000, 256
"""A picture that was waited for longer than this is live; those before it, this many at most, had been kept for us."""
MAX_DEPTH = 16
"""Pictures that may be shown after one that was sent before them (H.264 A.3.1, H.265 A.4.2)."""
JUMP_US = 2_000_000
"""A timestamp that goes back by more is another count, not another order."""
MAX_DEMUXED = 1_000
"""Cameras of one process; beyond, they are found out again."""

_DEMUXED: dict[str, str] = {}
"""Addresses that our own reader does not read, and by which transport the demuxer does: asked at once, until it fails."""

_Stamped = tuple[Picture, int, int, int]
"""A picture, the wall at which it came, when it is decoded, how much later it is shown (µs)."""


def open_rtsp(address: Address, stream: StreamName, clock: Clock) -> Opened:
    """Opens one session for one stream, and waits for its first keyframe. SourceError."""
    target = target_of(address, stream)
    if target.scheme not in ("rtsp", "rtsps"):
        raise SourceError("unsupported", "the address of this camera begins with rtsp:// or rtsps://")
    transport = _DEMUXED.pop(target.url, None)
    if transport is not None:
        return _demuxed(target, clock, transport)
    deadline = Deadline(clock, OPEN_SECONDS)
    session = Session(target.url, *_believed(address), clock)
    try:
        track = session.describe(deadline)
        session.set_up(track, {}, deadline)
        session.play({"Range": "npt=0.000-"}, deadline)
        line = Line(session, track, clock)
    except NotReadError as fault:
        session.close()
        _DEMUXED[target.url] = transport = "udp" if fault.by_udp else "tcp"
        return _demuxed(target, clock, transport)
    except BaseException:
        session.close()
        raise
    LINES.take(line)
    try:
        return _Playing(line, track, clock).opened()
    except BaseException:
        line.close()
        raise


def _believed(address: Address) -> tuple[Credentials, Trust]:
    """Cameras of the house are given their password in Basic when they know nothing else, as every client does."""
    pinned = address.options.get("fingerprint")
    return Credentials(address.user, address.password, clear=True), Trust(str(pinned) if pinned else None)


def _demuxed(target: Target, clock: Clock, transport: str) -> Opened:
    """By FFmpeg's demuxer, and so the next time, unless it fails the second time."""
    opened = open_demuxed(target, clock, transport)
    if len(_DEMUXED) >= MAX_DEMUXED:
        _DEMUXED.clear()
    _DEMUXED[target.url] = transport
    return opened


class _Playing:
    """A stream that plays, from its first keyframe. `frames` or `feed`: one of them, once."""

    def __init__(self, line: Line, track: Track, clock: Clock) -> None:
        self._line, self._track = line, track
        self._ticks = _Ticks(track.rate)
        early = [(*came, *self._ticks.of(came[0].stamp)) for came in _unburst(line.pictures())]
        self._early = iter(early)
        first, info = self._begun()
        self._framer = Framer(info, clock, None)
        _, arrival, at, _ = early[-1]
        self._framer.anchor(at, arrival)
        self._first = self._framed(*first)

    def opened(self) -> Opened:
        """For its caller."""
        return Opened(
            self._framer.info,
            self._frames,
            self._line.close,
            self._feed,
            dropped_audio=self._track.sound,
            lost=lambda: self._line.lost,
        )

    def _begun(self) -> tuple[_Stamped, StreamInfo]:
        """The first keyframe that has its parameter sets, its own or those of the description."""
        codec = self._track.codec
        told = b"".join(START + each for each in self._track.sets)
        for each in itertools.islice(self._pictures(), MAX_WAIT):
            picture = each[0]
            if picture.keyframe and (extradata := parameters_in(codec, picture.data) or told):
                width, height = size_of(codec, extradata + picture.data)
                return each, StreamInfo(codec, width, height, self._track.fps, extradata)
        raise SourceError("unsupported", "the camera sends no keyframe")

    def _pictures(self) -> Iterator[_Stamped]:
        yield from self._early
        for picture, arrival in self._line.pictures():
            yield picture, arrival, *self._ticks.of(picture.stamp)

    def _frames(self) -> Iterator[Frame]:
        try:
            if self._first is not None:
                yield self._first
            for each in self._pictures():
                if (frame := self._framed(*each)) is not None:
                    yield frame
        finally:
            self._line.close()

    def _feed(self, take: Callable[[Frame], None]) -> None:
        def deliver(picture: Picture, arrival: int) -> None:
            at, offset = self._ticks.of(picture.stamp)
            if (frame := self._framed(picture, arrival, at, offset)) is not None:
                take(frame)

        try:
            for frame in (self._first, *itertools.starmap(self._framed, self._early)):
                if frame is not None:
                    take(frame)
            self._line.deliver(deliver)
        finally:
            self._line.close()

    def _framed(self, picture: Picture, arrival: int, at: int, offset: int) -> Frame | None:
        """Its frame, None before the first keyframe."""
        _, _, key, data, units = picture
        return self._framer.picture(data, at, offset, keyframe=key, arrival=arrival, units=units)


def _unburst(pictures: Iterator[Came]) -> list[Came]:
    """The first pictures, up to one that was waited for: some servers send at once what they kept for who comes."""
    early: list[Came] = []
    for came in pictures:
        early.append(came)
        if (len(early) > 1 and came[1] - early[-2][1] > WAITED_US) or len(early) >= MAX_EARLY:
            break
    return early


class _Ticks:
    """RTP times, which turn around at 32 bits and tell when a picture is shown, as microseconds of its decoding."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._last: int | None = None
        self._total = 0
        self._held: list[int] = []
        self._depth = 0

    def of(self, stamp: int) -> tuple[int, int]:
        """When it is decoded, and how much later it is shown: pictures come in the order of decoding.

        With a depth of d, a picture is decoded when the d-th before it in the order of showing is shown."""
        if self._last is not None:
            self._total += (stamp - self._last + 2**31) % 2**32 - 2**31
        self._last = stamp
        shown = self._total * 1_000_000 // self._rate
        held = self._held
        if not self._depth and (not held or shown >= held[0]):
            self._held = [shown]
            return shown, 0
        if held and shown < held[-1]:
            if held[-1] - shown > JUMP_US:
                held.clear()
            else:
                self._depth = min(
                    MAX_DEPTH, max(self._depth, len(held) - held.index(next(h for h in held if h > shown)))
                )
        insort(held, shown)
        del held[: -self._depth - 1]
        return held[0], shown - held[0]
