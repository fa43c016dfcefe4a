"""Views that are made of a camera's own, for as long as somebody watches: JPEGs, masks drawn over, another codec.

One thread a view and camera, shared by all who watch it. It reads the source through a tap: slow, it loses pictures;
the camera and its recording feel nothing.
"""

from __future__ import annotations

import io
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import av.error
import numpy as np
import structlog
from PIL import Image, ImageDraw

from veilleur.recorder.registry import Mask
from veilleur.recorder.taps import Picture, Tap
from veilleur.recorder.view import View
from veilleur.video.fragments import JPEG, Fragmenter
from veilleur.video.hub import Viewer
from veilleur.video.model import Frame, StreamInfo

log = structlog.get_logger()

LINGER = 3.0
"""Seconds that a view goes on after its last reader: a page that is loaded again finds it running."""
JPEG_EVERY = 250_000
"""Microseconds between two JPEGs: four a second, some 3 % of a core for a small stream."""
JPEG_QUALITY = 70
LOW = (640, 360)
"""Pixels of a masked view at most, as of a sub-stream."""
LOW_BITRATE = 500_000
KEY_EVERY = 2_000_000
"""Microseconds between two keyframes of what we encode: a newcomer waits for none, the current GOP is kept."""
PIXELS = 24
"""Blocks across a picture that is shown coarsely: enough to steer by, too few to know anybody."""


@dataclass(eq=False)
class Derived(ABC):
    """A view that is made while it is watched. `last_wall`: of its last picture."""

    source: View
    view: View = field(default_factory=View)
    _readers: int = 0
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _idle: threading.Event = field(default_factory=threading.Event)

    @property
    def last_wall(self) -> int | None:
        """When its last picture was taken."""
        return self.view.last_wall

    def join(self) -> Viewer:
        """A new viewer, in the running loop; the first starts the work. Raises OverflowError."""
        viewer = self.view.join()
        with self._lock:
            self._readers += 1
            self._idle.clear()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=type(self).__name__, daemon=True)
                self._thread.start()
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """A viewer goes; after the last, the work ends."""
        self.view.leave(viewer)
        with self._lock:
            self._readers -= 1
            if not self._readers:
                self._idle.set()

    @abstractmethod
    def make(self, pictures: Iterator[Picture | None]) -> None:
        """Makes the view of these pictures, until they end. None: nothing came for a moment."""

    def _run(self) -> None:
        while True:
            tap = self.source.taps.join(Tap())
            try:
                self.make(self._pictures(tap))
            except (av.error.FFmpegError, OSError, ValueError) as fault:
                log.warning("view.broken", view=type(self).__name__, fault=type(fault).__name__)
            except Exception:
                log.exception("view.fault", view=type(self).__name__)
            finally:
                self.source.taps.leave(tap)
                self.view.end()
            with self._lock:
                if not self._readers:
                    self._thread = None
                    return
            self._idle.wait(1.0)  # what is broken is tried again, not at once

    def _pictures(self, tap: Tap) -> Iterator[Picture | None]:
        quiet = 0.0
        while quiet < LINGER:
            yield tap.wait(0.25)
            quiet = quiet + 0.25 if self._idle.is_set() else 0.0


class Decoder:
    """Decodes one stream's frames, in their order. Keeps the walls: the demuxer's times are walls already."""

    def __init__(self, of: StreamInfo) -> None:
        self.of = of
        context: Any = av.CodecContext.create(of.codec, "r")
        if of.extradata:
            context.extradata = of.extradata
        context.thread_count = 1
        self._context = context

    def decode(self, frame: Frame) -> list[Any]:
        """Pictures, each with `pts` = wall. A frame that cannot be decoded gives none."""
        packet = av.Packet(frame.data)
        packet.pts = packet.dts = frame.wall
        packet.time_base = Fraction(1, 1_000_000)
        try:
            return list(self._context.decode(packet))
        except av.error.InvalidDataError:
            return []


def decoded(pictures: Iterator[Picture | None]) -> Iterator[tuple[StreamInfo, Any]]:
    """Every picture decoded, with the stream it is of."""
    decoder: Decoder | None = None
    for picture in pictures:
        if picture is None:
            continue
        if decoder is None or decoder.of is not picture.of:
            decoder = Decoder(picture.of)
        for made in decoder.decode(picture.frame):
            yield picture.of, made


@dataclass(eq=False)
class Jpegs(Derived):
    """A few JPEGs a second, for browsers that know no codec of the camera's."""

    def make(self, pictures: Iterator[Picture | None]) -> None:
        """See the class."""
        last, said = 0, None
        for of, made in decoded(pictures):
            if made.pts is None or made.pts - last < JPEG_EVERY:
                continue
            last = made.pts
            if said is not of:
                said = of
                info = StreamInfo("mjpeg", made.width, made.height, 1e6 / JPEG_EVERY, b"")
                self.view.hub.begin(info, b"", JPEG)
            out = io.BytesIO()
            made.to_image().save(out, "JPEG", quality=JPEG_QUALITY)
            self.view.hub.publish(Frame(last, True, out.getvalue(), JPEG_EVERY), b"")


@dataclass(eq=False)
class Masked(Derived):
    """The small stream with the masks of role drawn over it, as VP9. `preset`: where a PTZ camera stands; None: unknown."""

    masks: Sequence[Mask] = ()
    steerable: bool = False
    preset: str | None = None

    def make(self, pictures: Iterator[Picture | None]) -> None:
        """See the class."""
        encoder: _Vp9 | None = None
        for of, made in decoded(pictures):
            if encoder is None or encoder.of is not of:
                encoder = _Vp9(of, made.width, made.height)
                self.view.begin(encoder.info, encoder.fragmenter)
            small = made.reformat(encoder.width, encoder.height, "yuv420p")
            covered = self._covered(small)
            for frame in encoder.encode(covered, made.pts):
                self.view.frame(frame, encoder.fragmenter.fragment(frame))

    def _covered(self, small: Any) -> Any:
        """The picture with its masks; coarse while nobody knows where a steered camera looks (practice: masks per preset)."""
        planes = small.to_ndarray()
        if self.steerable and self.preset is None and any(mask.preset for mask in self.masks):
            planes = _coarse(planes, small.width, small.height)
        here = [m.polygon for m in self.masks if m.preset is None or m.preset == self.preset]
        _cover(planes, small.width, small.height, here)
        return av.VideoFrame.from_ndarray(planes, format="yuv420p")


class _Vp9:
    """Real-time VP9, one stream. A keyframe at least every two seconds."""

    def __init__(self, of: StreamInfo, width: int, height: int) -> None:
        scale = min(1.0, LOW[0] / width, LOW[1] / height)
        self.of = of
        self.width, self.height = int(width * scale) // 2 * 2, int(height * scale) // 2 * 2
        context: Any = av.CodecContext.create("libvpx-vp9", "w")
        context.width, context.height, context.pix_fmt = self.width, self.height, "yuv420p"
        context.time_base = Fraction(1, 1_000_000)
        context.bit_rate = LOW_BITRATE
        context.options = {
            "deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "row-mt": "0", "auto-alt-ref": "0",
            "error-resilient": "1",
        }  # fmt: skip
        context.thread_count = 1
        self._context = context
        self._key, self._last = 0, 0
        self.info = StreamInfo("vp9", self.width, self.height, of.fps, b"")
        self.fragmenter = Fragmenter(self.info)

    def encode(self, picture: Any, wall: int) -> list[Frame]:
        """The frames of a picture taken at `wall`."""
        if wall <= self._last:
            return []
        duration, self._last = (wall - self._last if self._last else 40_000), wall
        picture.pts, picture.time_base = wall, Fraction(1, 1_000_000)
        picture.pict_type = av.video.frame.PictureType.NONE
        if wall - self._key >= KEY_EVERY:
            self._key = wall
            picture.pict_type = av.video.frame.PictureType.I
        return [
            Frame(wall, bool(packet.is_keyframe), bytes(packet), min(duration, KEY_EVERY))
            for packet in self._context.encode(picture)
        ]


def _cover(planes: Any, width: int, height: int, polygons: Sequence[Sequence[tuple[float, float]]]) -> None:
    """Black over these polygons, in the three planes of a yuv420p picture."""
    if not polygons:
        return
    drawn = Image.new("1", (width, height))
    pen = ImageDraw.Draw(drawn)
    for polygon in polygons:
        if len(polygon) >= 3:
            pen.polygon([(x * width, y * height) for x, y in polygon], fill=1)
    hidden = np.asarray(drawn)
    planes[:height][hidden] = 16
    half = hidden.reshape(height // 2, 2, width // 2, 2).any(axis=(1, 3))
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    chroma[:, half] = 128


def _coarse(planes: Any, width: int, height: int) -> Any:
    """The picture in large blocks."""
    block = max(8, width // PIXELS)
    rows, columns = np.arange(height) // block * block, np.arange(width) // block * block
    luma = planes[:height][np.ix_(rows, columns)]
    chroma = np.full((height // 2, width), 128, dtype=planes.dtype)
    return np.concatenate([luma, chroma])
