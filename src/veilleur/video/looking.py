"""Looking at a stream while it is recorded: the JPEG strip, motion by cells, what may be wrong with the camera.

The sub-stream is decoded whole and looked at some times a second; a camera without one is looked at by the keyframes of its
main stream. A thread of its own, one core at most; what it has no time for is dropped, never the recording.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import av
import av.error
import numpy as np
from av.video.reformatter import VideoReformatter

from veilleur.video.measures import ALIVE_SECONDS, HEIGHT, WIDTH, Grey, Measures, Polygon, measure
from veilleur.video.model import Frame, StreamInfo
from veilleur.video.motion import NOTHING, Background, Moved
from veilleur.video.pictures import jpeg_of
from veilleur.video.sources.parameters import nal_units
from veilleur.video.strips import CELLS, UNSEEN

LOOK_US = 200_000
"""Five looks a second: a runner crosses a cell in more."""
STRIP_US, MEASURE_US, SECOND_US = 2_000_000, 5_000_000, 1_000_000
STRIP_WIDTH, STRIP_QUALITY = 320, 70
GATHER_US = 400_000
"""Frames are decoded some at a time: each waking of the thread finds the processor's caches full of other cameras. What moved
is told once a second at the soonest."""
QUEUE = 100
"""Frames that wait to be decoded: 4 s at 25 fps; beyond, this machine is too slow and looking goes on at a keyframe."""
REMEMBERED = 4
"""Pictures that would be recognised: a frozen sensor gives one to three in turn."""
DECODERS = {"h264": "h264", "hevc": "hevc", "av1": "libdav1d", "vp9": "vp9", "mjpeg": "mjpeg"}


@dataclass(frozen=True)
class Seen:
    """Told once a second. `wall`: of the picture that ended the second, that of `jpeg` (every 2 s), `measures` (every 5 s)
    and `grey` (the picture measured, to be kept as a reference). `second`: the begin of the second whose motion this is:
    `grid` 18 bytes, `amount` 0–254; 255: not looked at, or suspended, and then not to be written."""

    wall: int
    second: int
    grid: bytes
    amount: int
    measures: Measures | None = None
    jpeg: bytes | None = field(default=None, repr=False)
    grey: Grey | None = field(default=None, repr=False)


@dataclass(frozen=True)
class View:
    """What a camera should show: its reference picture (grey, 180 × 320) and the legal masks, ids and polygons."""

    reference: Grey | None = field(default=None, repr=False)
    masks: tuple[tuple[int, Polygon], ...] = ()


class Looker:
    """Looks at one stream. `feed` from the camera's thread; `on_seen` is called in the looker's own.

    `keyframes`: only keyframes are decoded. `dropped`: frames it had no time for. `broken`: groups of pictures that could
    not be decoded."""

    def __init__(
        self,
        info: StreamInfo,
        on_seen: Callable[[Seen], None],
        *,
        keyframes: bool = False,
        view: View | None = None,
    ) -> None:
        self._on_seen, self._keyframes = on_seen, keyframes
        self._queue: deque[tuple[StreamInfo | None, Frame]] = deque()
        self._some = threading.Condition()
        self._to_keyframe, self._closed = True, False
        self._eyes = Eyes(view or View())
        self._moving = False
        self._info = info
        self.dropped = self.broken = 0
        self._thread = threading.Thread(target=self._run, name="looking", daemon=True)
        self._thread.start()

    def feed(self, frame: Frame) -> None:
        """A frame of the stream; never waits."""
        if self._keyframes and not frame.keyframe:
            return
        with self._some:
            if len(self._queue) >= QUEUE:
                self.dropped += len(self._queue)
                self._queue.clear()
                self._to_keyframe = True
            if self._to_keyframe and not frame.keyframe:
                self.dropped += 1
                return
            self._to_keyframe = False
            self._queue.append((frame.info, frame))
            if self._ripe():
                self._some.notify()

    def _ripe(self) -> bool:
        """Whether what waits is worth a waking."""
        if not self._queue:
            return False
        waits = self._queue[-1][1].wall - self._queue[0][1].wall
        return self._keyframes or not 0 <= waits < GATHER_US

    def moving(self, moves: bool) -> None:
        """The camera's head is turning: motion means nothing until it stands."""
        self._moving = moves

    def expect(self, view: View) -> None:
        """Another preset, another reference, other masks."""
        self._eyes.view = view

    def close(self, seconds: float = 5.0) -> None:
        """Ends after the frame that is being decoded."""
        with self._some:
            self._closed = True
            self._some.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join(seconds)

    def _run(self) -> None:
        decoder = decoder_of(self._info)
        while gathered := self._gathered():
            for news, frame in gathered:
                if self._closed:
                    return
                if news is not None:
                    decoder = decoder_of(news)
                if not self._looked(decoder, frame):
                    decoder = decoder_of(news or self._info)
                    break
                self._info = news or self._info

    def _looked(self, decoder: Any, frame: Frame) -> bool:
        """Decodes a frame and tells what it shows. False: nothing can be read before another keyframe."""
        try:
            pictures = decode(decoder, frame, alone=self._keyframes)
        except (av.error.FFmpegError, ValueError):
            self.broken += 1
            with self._some:
                self._to_keyframe = True
                self._queue.clear()
            return False
        for picture in pictures:
            seen = self._eyes.look(picture, moving=self._moving)
            if seen is not None:
                self._on_seen(seen)
        return True

    def _gathered(self) -> list[tuple[StreamInfo | None, Frame]]:
        """The frames that wait, once they are worth a waking; none: it is closed."""
        with self._some:
            while not self._ripe() and not self._closed:
                self._some.wait()
            found = [] if self._closed else [*self._queue]
            self._queue.clear()
        return found


def decoder_of(info: StreamInfo) -> Any:
    """A decoder of its own for a stream: one thread, nothing shared."""
    context: Any = av.CodecContext.create(DECODERS[info.codec], "r")
    if info.extradata and info.codec in ("h264", "hevc"):
        context.extradata = info.extradata if nal_units(info.extradata) else None
    context.thread_count = 1
    return context


def decode(decoder: Any, frame: Frame, *, alone: bool) -> Iterable[Any]:
    """The pictures that this frame completes, with the wall as pts. `alone`: a keyframe that no other frame follows."""
    packet = av.Packet(frame.data)
    packet.pts, packet.dts, packet.is_keyframe = frame.wall + frame.offset, frame.wall, frame.keyframe
    pictures = list(decoder.decode(packet))
    if alone and not pictures:
        pictures = list(decoder.decode(None))
    if alone:
        decoder.flush_buffers()
    return pictures


class Eyes:
    """What is made of the decoded pictures; pure but for what it remembers. `look` answers once a second."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._background = Background()
        self._greyed, self._stripped_by = VideoReformatter(), VideoReformatter()
        self._looked = self._second = self._stripped = self._measured = 0
        self._cells, self._amount = NOTHING.cells, 0
        self._shown: deque[bytes] = deque(maxlen=REMEMBERED)
        self._same_since = self._begun = 0
        self._suspended = False

    def look(self, picture: Any, *, moving: bool = False) -> Seen | None:
        """A decoded picture (PyAV's), its pts the wall. None: nothing to tell yet."""
        wall = int(picture.pts or 0)
        if 0 <= wall - self._looked < LOOK_US:
            return None
        grey = grey_of(picture, self._greyed)
        moved = self._moved(grey, wall, moving)
        elapsed, self._looked = wall - self._looked, wall
        self._remember(grey, wall, elapsed)
        told = self._told(picture, grey, wall) if wall // SECOND_US != self._second else None
        self._cells, self._amount = self._cells | moved.cells, max(self._amount, moved.amount)
        self._suspended = self._suspended or moving
        return told

    def _told(self, picture: Any, grey: Grey, wall: int) -> Seen:
        """A second has ended: what moved in it, and what its end looks like."""
        seen = Seen(wall, self._second * SECOND_US, np.packbits(self._cells).tobytes(), self._amount)
        if self._suspended or not self._second:
            seen = Seen(wall, seen.second, bytes(CELLS), UNSEEN)
        self._second = wall // SECOND_US
        self._cells, self._amount, self._suspended = NOTHING.cells, 0, False
        if abs(wall - self._stripped) >= STRIP_US:
            self._stripped = wall
            seen = replace(seen, jpeg=strip_jpeg(picture, self._stripped_by))
        if abs(wall - self._measured) >= MEASURE_US:
            self._measured = wall
            same = (wall - self._same_since) / 1e6
            alive = self._same_since - self._begun >= ALIVE_SECONDS * 1e6
            measures = replace(measure(grey, self.view.reference, self.view.masks), same=same, alive=alive)
            seen = replace(seen, measures=measures, grey=grey)
        return seen

    def _moved(self, grey: Grey, wall: int, moving: bool) -> Moved:
        if moving:
            self._background.forget()
            return NOTHING
        rows = np.add(grey[::2], grey[1::2], dtype=np.uint16)
        small = ((rows[:, ::2] + rows[:, 1::2]) >> 2).astype(np.uint8)
        return self._background.look(small, min(10.0, max(0.0, (wall - self._looked) / 1e6)))

    def _remember(self, grey: Grey, wall: int, elapsed: int) -> None:
        """Since when nothing new has been shown. A frozen sensor behind a live encoder gives a few pictures in turn; a real
        one never gives the very same again. A long silence says nothing of it."""
        if elapsed > 4 * MEASURE_US:
            self._begun = wall
        now = hashlib.sha256(np.ascontiguousarray(grey).data).digest()
        if now not in self._shown or elapsed > 4 * MEASURE_US:
            self._same_since = wall
            self._shown.append(now)


def grey_of(picture: Any, by: VideoReformatter) -> Grey:
    """A decoded picture as 180 × 320 grey. `by`: kept for a stream's pictures, since to make one costs twice its work."""
    grey: Any = by.reformat(picture, WIDTH, HEIGHT, "gray").to_ndarray()
    told: Grey = grey[:HEIGHT, :WIDTH]
    return told


def strip_jpeg(picture: Any, by: VideoReformatter) -> bytes:
    """A decoded picture as a small JPEG. `by`: as for `grey_of`."""
    high = max(2, round(picture.height * STRIP_WIDTH / picture.width / 2) * 2)
    small: Any = by.reformat(picture, STRIP_WIDTH, high, "rgb24").to_ndarray()
    return jpeg_of(small, quality=STRIP_QUALITY)
