"""The customer's recorder, pulled on demand: pictures as received, their hash, and the offset of its clock.

Three ways in: ONVIF replay (Profile G), RTSP by absolute time, a URL template (Hikvision, Dahua and their kin). What
cameras push is read by `remote_push.accept_push`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from veilleur.kernel.clock import Clock
from veilleur.video.model import Address, Frame, SourceError, StreamInfo
from veilleur.video.onvif.challenge import Credentials
from veilleur.video.onvif.dialling import Deadline
from veilleur.video.remote_asking import Asking, asking, completed, read_hour, trust_of
from veilleur.video.remote_limits import (
    FIRST_SECONDS,
    MAX_PULL_MICROSECONDS,
    OPEN_SECONDS,
    PULL_BYTES,
    PULL_SECONDS,
    SILENCE_SECONDS,
)
from veilleur.video.remote_push import Pushed, PushedPicture, accept_push
from veilleur.video.remote_rtp import START, Depacketiser, Picture
from veilleur.video.remote_rtsp import Response, Session, Track
from veilleur.video.sources.parameters import changed, parameters_in, size_of

__all__ = ["Budget", "Pulled", "Pushed", "PushedPicture", "accept_push", "pull"]

_GUESSED_DURATION = 40_000
"""Microseconds between pictures when nothing tells: 25 a second."""

_LONGEST_DURATION = 10_000_000
"""Microseconds beyond which two pictures do not follow each other: a hole in the recording, no rate."""

Ending = Literal["", "until", "end", "silence", "seconds", "bytes", "cut", "closed"]


@dataclass(frozen=True)
class Budget:
    """What a pull may cost: seconds and bytes from its first picture, and seconds until that one."""

    seconds: float = PULL_SECONDS
    bytes: int = PULL_BYTES
    first_seconds: float = FIRST_SECONDS


def pull(
    address: Address, from_wall: int, until_wall: int, budget: Budget | None = None, *, clock: Clock
) -> Pulled:
    """Asks a recorder for the pictures from one wall to another (µs of OUR clock), and returns at its first keyframe.

    Blocks at most: 5 s when nothing answers, else 20 s of questions and `first_seconds`. Raises SourceError:
    `unreachable`, `refused`, `unsupported`, or `ended` when it holds nothing of these hours.
    """
    if not 0 < until_wall - from_wall <= MAX_PULL_MICROSECONDS:
        raise ValueError("a pull is of an hour at most, and ends after it begins")
    asked = asking(address, from_wall, until_wall, clock)
    zone = str(address.options.get("zone") or "UTC")
    opening = Deadline(clock, OPEN_SECONDS)
    credentials = Credentials(address.user, address.password, clear=trust_of(address).clear_password)
    written = completed(asked, zone)
    session = Session(written.url, credentials, trust_of(address), clock)
    try:
        track = session.describe(opening)
        if asked.ahead is None and session.ahead is not None:
            written = completed(replace(asked, ahead=session.ahead), zone)
            if written.way == "template":  # the hours are in the URL: describe again, where they are right
                session.close()
                session = Session(written.url, credentials.copy(), trust_of(address), clock)
                track = session.describe(opening)
        session.set_up(track, written.set_up, opening)
        answer = session.play(written.play, opening)
        return Pulled(session, track, written, answer, budget=budget or Budget(), clock=clock)
    except BaseException:
        session.close()
        raise


class Pulled:
    """A replay that runs. `frames()` may be iterated once; `close()` may be called from any thread.

    `info`, `first_wall`: of the first keyframe. `clock_offset_ms`: what the recorder's clock is ahead of ours, already
    applied to the hours asked and to each `Frame.wall`; None: unknown, nothing applied. `source`: onvif-replay,
    rtsp-clock, template. `timed`: «told» when the recorder dated its pictures, «asked» when they are dated from the
    hour that was asked. `sha256()`: of the frames' bytes handed on until now, in their order.
    """

    def __init__(
        self, session: Session, track: Track, asked: Asking, answer: Response, *, budget: Budget, clock: Clock
    ) -> None:
        self._session, self._track, self._asked, self._clock = session, track, asked, clock
        self._budget = budget
        self._hash = hashlib.sha256()
        self._closed = False
        self._patience = Deadline(clock, budget.first_seconds)
        self._times = _Times(track, asked, answer)
        self._depacketiser = Depacketiser(track.codec, track.payload_type)
        self._pictures = self._read()
        self.source = asked.way
        self.clock_offset_ms = None if asked.ahead is None else round(asked.ahead / 1000)
        self.bytes = self.count = 0
        self.ended: Ending = ""
        """Why it is over: `until` (all that was asked), `end` (the recorder has no more), or what stopped it."""
        first = next((each for each in self._pictures if each.keyframe), None)
        if first is None:
            raise SourceError("ended", "the recorder sent no picture of these hours")
        sets = b"".join(START + each for each in track.sets)
        extradata = parameters_in(track.codec, first.data) or sets
        size = size_of(track.codec, extradata + first.data)
        self.info = StreamInfo(track.codec, *size, track.fps, extradata)
        self.first_wall = self._times.wall(first)
        self._first = first
        self._whole = Deadline(clock, budget.seconds)

    @property
    def timed(self) -> Literal["told", "asked"]:
        """Who dated the pictures."""
        return "told" if self._times.told else "asked"

    @property
    def lost(self) -> int:
        """Packets that the recorder skipped; a picture that misses one is left out."""
        return self._depacketiser.lost

    def sha256(self) -> bytes:
        """Of the bytes of the frames handed on until now."""
        return self._hash.digest()

    def frames(self) -> Iterator[Frame]:
        """The pictures, from the first keyframe, each as soon as it is whole. Ends without error: `ended` says why."""
        try:
            yield from self._frames()
        finally:
            self.close()

    def _frames(self) -> Iterator[Frame]:
        info, before = self.info, self.first_wall - 1
        duration = round(1_000_000 / self.info.fps) if self.info.fps else _GUESSED_DURATION
        for picture in self._kept():
            wall = self._times.wall(picture) if self.count else self.first_wall
            wall = max(wall, before + 1)
            if wall >= self._asked.end and self.count:
                self.ended = "until"
                return
            if self.count and wall - before < _LONGEST_DURATION:
                duration = wall - before
            new = changed(info, picture.data) if picture.keyframe else None
            info, before = new or info, wall
            self._hash.update(picture.data)
            self.bytes += len(picture.data)
            self.count += 1
            yield Frame(wall, picture.keyframe, picture.data, duration, 0, new)
            if self.bytes >= self._budget.bytes:
                self.ended = "bytes"
                return

    def close(self) -> None:
        """Ends the replay."""
        if not self._closed:
            self._closed = True
            self.ended = self.ended or "closed"
            self._session.close()

    def _kept(self) -> Iterator[Picture]:
        """The pictures; whatever ends them is told by `ended`, for what came must not be lost."""
        try:
            yield self._first
            yield from self._pictures
            self.ended = self.ended or "end"
        except SourceError as fault:
            if self._closed:
                self.ended = "closed"
            elif fault.kind != "unreachable":
                raise
            else:
                self.ended = self._why()

    def _why(self) -> Ending:
        if _over(self._whole):
            return "seconds"
        return "silence" if _over(self._patience) else "cut"

    def _read(self) -> Iterator[Picture]:
        for packet in self._session.packets(self._wait):
            if packet is None:
                continue
            for picture in self._depacketiser.receive(packet):
                self._patience = Deadline(self._clock, SILENCE_SECONDS)
                yield picture
        yield from self._depacketiser.flush()

    def _wait(self) -> Deadline:
        """The nearer of silence and budget."""
        whole = getattr(self, "_whole", self._patience)
        return whole if _over(whole) or whole.left() < self._patience.left() else self._patience


class _Times:
    """The wall of each picture, by our clock. `told`: the recorder dated the last one."""

    def __init__(self, track: Track, asked: Asking, answer: Response) -> None:
        self._rate, self._ahead = track.rate, asked.ahead or 0
        ranged = read_hour(answer.header("range"))
        self._base = asked.start if ranged is None else ranged - self._ahead
        self._ranged = ranged is not None
        self._stamp = _rtp_time(answer.header("rtp-info"))
        self.told = self._ranged

    def wall(self, picture: Picture) -> int:
        """Its wall µs; RTP's 32 bits turn around."""
        self.told = self._ranged or picture.hour is not None
        stamp = picture.stamp if self._stamp is None else self._stamp
        if picture.hour is not None:
            self._base, self._stamp = picture.hour - self._ahead, picture.stamp
            return self._base
        delta = (picture.stamp - stamp + 2**31) % 2**32 - 2**31
        self._base, self._stamp = self._base + delta * 1_000_000 // self._rate, picture.stamp
        return self._base


def _rtp_time(header: str) -> int | None:
    """The RTP time at which a Range begins (RFC 2326 §12.33)."""
    told = next(
        (each[8:] for each in header.replace(",", ";").split(";") if each.strip().startswith("rtptime=")), ""
    )
    told = told.strip().removeprefix("=")
    return int(told) % 2**32 if told.isascii() and told.isdigit() and len(told) < 12 else None


def _over(deadline: Deadline) -> bool:
    try:
        return deadline.left() <= 0
    except SourceError:
        return True
