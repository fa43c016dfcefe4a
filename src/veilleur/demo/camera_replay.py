"""A customer's recorder in the demonstration: what a camera showed, replayed between two hours of the recorder's own clock.

It answers `Range: clock=` (RFC 2326 §3.7) over a slow line. What it holds is what the camera was told to show, since when.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from veilleur.demo.camera_clips import Clip
from veilleur.demo.camera_hour import pictures_of, sets_of
from veilleur.protocols import rtsp

LINE = 60_000  # bytes a second: a customer's ADSL
PENDING = 65_536  # bytes unsent beyond which the recorder waits: it drops nothing
PATIENCE = 30  # seconds for a client that takes nothing
HELD = timedelta(days=20)  # how long it keeps
MAX_CHANGES = 4_096  # of what the camera showed; what is older is forgotten
VIDEO_RATE = 90_000

_RANGE = re.compile(r"clock=(\d{8}T\d{6}(?:\.\d{1,6})?)Z-(\d{8}T\d{6}(?:\.\d{1,6})?)Z")


class Line(Protocol):
    """Where a replay goes."""

    def send(self, track: str, packets: list[bytes], *, keyframe: bool, report: bytes) -> None:
        """Packets of one instant."""

    def send_report(self, track: str, report: bytes) -> None:
        """RTCP."""

    def pending(self) -> int | None:
        """Bytes that are not sent yet; None: gone."""


class Recording:
    """What one camera shows and showed. Seconds are the loop's; `now`: the recorder's own clock."""

    def __init__(self, now: Callable[[], datetime], clip: Callable[[], Clip]) -> None:
        self._now, self._clip = now, clip
        self._seconds = asyncio.get_running_loop().time
        self._changes: deque[tuple[float, Clip]] = deque(maxlen=MAX_CHANGES)

    def look(self) -> None:
        """Called often: notes what is shown since when."""
        clip = self._clip()
        if not self._changes or self._changes[-1][1] is not clip:
            self._changes.append((self._seconds(), clip))

    def held(self, asked: str) -> str | None:
        """What it answers to a Range; None: it holds nothing of these hours."""
        hours = read_range(asked)
        if hours is None or not self._now() - HELD <= hours[0] < min(hours[1], self._now()):
            return None
        return f"clock={hours[0]:%Y%m%dT%H%M%S.%f}Z-"

    async def replay(self, asked: str, track: str, line: Line) -> None:
        """Sends all of a Range that it holds, then says goodbye (RFC 3550 §6.6)."""
        hours = read_range(asked)
        assert hours is not None, "asked of `held` before"
        self.look()
        zero = self._seconds() - (self._now() - hours[0]).total_seconds()
        end = min(self._seconds(), zero + (hours[1] - hours[0]).total_seconds())
        sender = rtsp.Sender(payload_type=rtsp.VIDEO_TYPE, ssrc=secrets.randbits(32))
        at = zero
        while at < end:
            since, clip, until = self._shown(at)
            place = clip.keyframe_before((at - since) % clip.seconds)
            begin = at - (at - since) % clip.seconds  # when this round of the clip began
            while begin + clip.pictures[place].due < min(until, end):
                due = begin + clip.pictures[place].due
                hour = hours[0] + timedelta(seconds=due - zero)
                if not await self._send(line, track, sender, clip, place, hour, due - zero):
                    return
                place += 1
                if place == len(clip.pictures):
                    begin, place = begin + clip.seconds, 0
            at = min(until, end)
        line.send_report(track, sender.bye())

    def _shown(self, at: float) -> tuple[float, Clip, float]:
        """Since when, what, until when; before the first note it showed the same."""
        changes = list(self._changes)
        number = max((n for n, (since, _) in enumerate(changes) if since <= at), default=0)
        until = changes[number + 1][0] if number + 1 < len(changes) else float("inf")
        return changes[number][0], changes[number][1], until

    async def _send(  # noqa: PLR0917  # one picture
        self,
        line: Line,
        track: str,
        sender: rtsp.Sender,
        clip: Clip,
        place: int,
        hour: datetime,
        elapsed: float,
    ) -> bool:
        """Whether there is still somebody."""
        cut = rtsp.h265_payloads if clip.codec == "hevc" else rtsp.h264_payloads
        for after, units in pictures_of(clip, place, hour):
            keyframe = clip.pictures[place].keyframe and after == 0
            stamp = round((elapsed + after) * VIDEO_RATE)
            sent = (*sets_of(clip), *units) if keyframe else units
            packets = sender.packets(cut(sent), stamp)
            line.send(track, packets, keyframe=keyframe, report=sender.report(hour, stamp))
            await asyncio.sleep(sum(map(len, packets)) / LINE)
        for _ in range(PATIENCE):
            pending = line.pending()
            if pending is None or pending <= PENDING:
                return pending is not None
            await asyncio.sleep(1.0)
        return False


def read_range(asked: str) -> tuple[datetime, datetime] | None:
    """The hours of a `Range: clock=`, None when it is none."""
    found = _RANGE.match(asked)
    if found is None:
        return None
    try:
        first, last = (
            datetime.strptime(told if "." in told else f"{told}.0", "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
            for told in found.groups()
        )
    except ValueError:
        return None
    return (first, last) if first < last else None
