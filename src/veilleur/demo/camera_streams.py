"""One stream of a camera of the demonstration, played at its own pace to all who look at it.

Packets are made once and shared, as by a multicast: viewers differ by their channels only. Timestamps follow the loop's clock,
so they go on across loops, clips and viewers.
"""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from veilleur.demo.camera_clips import Clip
from veilleur.demo.camera_controls import Condition
from veilleur.demo.camera_hour import pictures_of, sets_of
from veilleur.protocols import rtsp

VIDEO_RATE, AUDIO_RATE = 90_000, 8_000
VIDEO, AUDIO = "trackID=0", "trackID=1"
REPORT_EVERY = 5.0  # seconds between sender reports (RFC 3550 §6.2: the recommended minimum)
TOO_LATE = 2.0  # seconds; a machine that slept does not send all it missed at once
SAMPLES = 160  # of one sound packet: 20 ms (RFC 3551 §4.5.14)


class Viewer(Protocol):
    """Who looks at a stream."""

    def send(self, track: str, packets: list[bytes], *, keyframe: bool, report: bytes) -> None:
        """Packets of one instant. `report`: a sender report, for those who begin with this picture."""

    def send_report(self, track: str, report: bytes) -> None:
        """A sender report for everybody."""

    def hears(self) -> bool:
        """Whether the sound was set up."""


class Stream:
    """The main or the sub-stream of a camera. Plays while somebody looks."""

    def __init__(
        self, now: Callable[[], datetime], condition: Callable[[], Condition], clip: Callable[[], Clip]
    ) -> None:
        self._now, self._condition, self._clip = now, condition, clip
        self._viewers: set[Viewer] = set()
        self._task: asyncio.Task[None] | None = None
        self._origin = asyncio.get_running_loop().time() - secrets.randbelow(1000)
        self._video = rtsp.Sender(payload_type=rtsp.VIDEO_TYPE, ssrc=secrets.randbits(32))
        self._audio = rtsp.Sender(payload_type=rtsp.PCMA_TYPE, ssrc=secrets.randbits(32))
        self._held: tuple[bytes, ...] = ()
        self._reported = -math.inf
        self._heard = 0

    def join(self, viewer: Viewer) -> None:
        """This viewer gets packets from the next keyframe on."""
        self._viewers.add(viewer)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._play())

    def leave(self, viewer: Viewer) -> None:
        """No more packets for this viewer."""
        self._viewers.discard(viewer)

    async def close(self) -> None:
        """Ends the play."""
        self._viewers.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _play(self) -> None:
        loop = asyncio.get_running_loop()
        clip = self._clip()
        place = clip.keyframe_before((loop.time() - self._origin) % clip.seconds)
        begin = loop.time() - clip.pictures[place].due  # when the clip's own zero is, or was
        while self._viewers:
            picture = clip.pictures[place]
            wait = begin + picture.due - loop.time()
            if wait < -TOO_LATE:
                begin -= wait
            await asyncio.sleep(max(0.0, wait))
            self._send(clip, place, begin + picture.shown)
            place += 1
            if place == len(clip.pictures):
                begin, place = begin + clip.seconds, 0
            if (
                wanted := self._clip()
            ) is not clip:  # it begins with a keyframe: at once, whatever went before
                begin, clip, place = begin + clip.pictures[place].due, wanted, 0

    def _send(self, clip: Clip, place: int, shown: float) -> None:
        frozen, picture = self._condition().frozen, clip.pictures[place]
        if picture.keyframe and not (frozen == "picture" and self._held):
            self._held = (*sets_of(clip), *picture.units)
        if frozen == "silent":
            return
        keyframe = picture.keyframe or frozen == "picture"
        sent = [(0.0, self._held)]
        if frozen != "picture":
            sent = pictures_of(clip, place, self._now())
        report = b""
        for after, units in sent:
            first = keyframe and after == 0
            cut = rtsp.h265_payloads if clip.codec == "hevc" else rtsp.h264_payloads
            stamp = self._stamp(shown + after, VIDEO_RATE)
            packets = self._video.packets(cut(self._held if first else units), stamp)
            report = self._report(self._video, VIDEO_RATE)
            for viewer in tuple(self._viewers):
                viewer.send(VIDEO, packets, keyframe=first, report=report)
        self._sound(shown)
        now = asyncio.get_running_loop().time()
        if now - self._reported >= REPORT_EVERY:
            self._reported = now
            for viewer in tuple(self._viewers):
                viewer.send_report(VIDEO, report)
                viewer.send_report(AUDIO, self._report(self._audio, AUDIO_RATE))

    def _sound(self, until: float) -> None:
        """A low tone, to those who asked for it: nobody of ours ever does."""
        place = int((until - self._origin) * AUDIO_RATE) // SAMPLES
        hearers = [viewer for viewer in self._viewers if viewer.hears()]
        if not hearers or place - self._heard > AUDIO_RATE // SAMPLES:
            self._heard = place
        while self._heard < place:
            packets = self._audio.packets([TONE], self._heard * SAMPLES, mark_last=False)
            self._heard += 1
            for viewer in hearers:
                viewer.send(AUDIO, packets, keyframe=True, report=self._report(self._audio, AUDIO_RATE))

    def _report(self, sender: rtsp.Sender, rate: int) -> bytes:
        """What the camera's own clock, right or wrong, says now."""
        return sender.report(self._now(), self._stamp(asyncio.get_running_loop().time(), rate))

    def _stamp(self, at: float, rate: int) -> int:
        return round((at - self._origin) * rate)


#: 20 ms of a 400 Hz tone: a whole number of periods, so that packets join.
TONE = bytes(rtsp.alaw(round(2_000 * math.sin(2 * math.pi * 400 * n / AUDIO_RATE))) for n in range(SAMPLES))
