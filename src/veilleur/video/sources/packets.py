"""Encoded pictures as frames: wall times, parameters that change, nothing before the first keyframe."""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import Any

from veilleur.kernel.clock import Clock
from veilleur.video.model import Frame, SourceError, StreamInfo
from veilleur.video.sources.parameters import MAX_FRAME, changed, parameters_in
from veilleur.video.sources.timing import WallTimes

MAX_WAIT = 3000
"""Packets before the first keyframe: 2 minutes at 25 fps. Cameras with «smart» codecs wait at most some 10 s."""
LONGEST_US = 2_000_000
"""A guessed duration is never longer: beyond it is silence, not a slow camera."""
RHYTHM = 8
"""Intervals from which the next one is guessed."""


class Framer:
    """Makes the frames of one stream. `info` follows the stream's parameters."""

    def __init__(self, info: StreamInfo, clock: Clock, time_base: Fraction | None) -> None:
        self.info = info
        self._times = WallTimes(clock)
        base = time_base or Fraction(1, 90_000)
        self._times_1e6, self._over = base.numerator * 1_000_000, base.denominator  # Fractions are slow
        self._begun, self._waited = False, 0
        self._reorders = False
        self._last_pts: int | None = None
        self._last_wall: int | None = None
        said = round(1_000_000 / info.fps) if info.fps > 0 else 40_000
        self._intervals = deque([said] * RHYTHM, RHYTHM)

    def frame(self, packet: Any, stamped: tuple[int, int] | None = None) -> Frame | None:
        """The demuxer's packet as a frame; None before the first keyframe. SourceError when it cannot be recorded.

        `stamped`: its time and offset in microseconds, when better known than by its own pts and dts."""
        stamp, offset = stamped or self._stamp(packet.pts, packet.dts)
        return self.picture(bytes(packet), stamp, offset, keyframe=bool(packet.is_keyframe))

    def picture(
        self,
        data: bytes,
        stamp: int | None,
        offset: int,
        *,
        keyframe: bool,
        arrival: int | None = None,
        units: tuple[int, ...] = (),
    ) -> Frame | None:
        """The same, of a picture's bytes. `arrival`: wall at which it came, None: now."""
        if len(data) > MAX_FRAME:
            raise SourceError("unsupported", f"a frame of {len(data)} bytes")
        news = None
        if not self._begun:
            self._waited += 1
            if self._waited > MAX_WAIT:
                raise SourceError("unsupported", "the camera sends no keyframe")
            if not keyframe or not (self.info.extradata or not _needs(self.info.codec) or self._bare(data)):
                return None
            self._begun = True
        if keyframe and (news := changed(self.info, data)) is not None:
            self.info = news
        wall = self._times.of(stamp, arrival)
        if self._last_wall is not None and wall - self._last_wall > 1000:
            self._intervals.append(min(wall - self._last_wall, LONGEST_US))
        self._last_wall = wall
        return Frame(wall, keyframe, data, self._lasts(), offset, news, units)

    def _lasts(self) -> int:
        """Until the next picture, guessed: the longest of the last intervals but one, so that a picture that was lost does
        not count. Too short would cost more than too long: browsers drop what comes after twice a picture's duration, up to
        the next keyframe."""
        return sorted(self._intervals)[-2]

    def anchor(self, stamp: int | None, arrival: int | None = None) -> None:
        """A picture of this stamp (µs) arrives now, or then; earlier ones, which will be given afterwards, came earlier."""
        if stamp is not None:
            self._times.anchor(stamp, arrival)

    def _bare(self, data: bytes) -> bool:
        """Whether a keyframe brings its own parameters."""
        return bool(parameters_in(self.info.codec, data))

    def _stamp(self, pts: int | None, dts: int | None) -> tuple[int | None, int]:
        """Microseconds at which the frame is to be decoded, and how much later it is shown.

        A live camera sends frames in the order in which it took them: its pts says all, and the first dts is not known.
        Once a pts has gone back a little, the stream has B-frames and dts leads."""
        if pts is None:
            return self.micros(dts), 0
        back = self._last_pts is not None and pts < self._last_pts
        self._last_pts = pts
        if back and dts is not None and dts < pts + 1:
            self._reorders = True
        if not self._reorders or dts is None or dts > pts:
            return self.micros(pts), 0
        return self.micros(dts), self.micros(pts - dts) or 0

    def micros(self, ticks: int | None) -> int | None:
        """The demuxer's time in microseconds."""
        return None if ticks is None else ticks * self._times_1e6 // self._over


def _needs(codec: str) -> bool:
    """Whether a codec has parameter sets."""
    return codec in ("h264", "hevc", "av1")
