"""What an ONVIF device tells, in our own words, and the port through which the product speaks to one.

Times are wall microseconds of OUR clock: the device's own times have its clock's offset taken away. Texts are the
device's: bounded, printable, never to be trusted as markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from veilleur.video.onvif.limits import MAX_TEXT

#: A sub-stream narrower than this shows nobody on a wall of nine.
SUB_LEAST_WIDTH = 300


@dataclass(frozen=True)
class Identity:
    """Who made the device. Empty: it does not say."""

    manufacturer: str
    model: str
    firmware: str
    serial: str


@dataclass(frozen=True)
class Profile:
    """A stream that the device offers. `codec`: h264 | hevc | mjpeg | other; sizes and fps are 0 when not told.

    `rtsp`, `snapshot`: URLs at the host we reached, without user or password; None: not offered. `source`: the lens or
    the channel of a recorder. `sound`: an audio encoder is attached (never to be recorded, R253-1).
    """

    token: str
    name: str
    source: str
    codec: str
    width: int
    height: int
    fps: float
    rtsp: str | None
    snapshot: str | None
    ptz: bool
    sound: bool


@dataclass(frozen=True)
class Preset:
    """A position that the device keeps."""

    token: str
    name: str


@dataclass(frozen=True)
class Position:
    """Where the camera looks, in the device's generic spaces (−1..1, zoom 0..1). None: not told. `moving`: it says so."""

    pan: float | None
    tilt: float | None
    zoom: float | None
    moving: bool | None


@dataclass(frozen=True)
class DeviceEvent:
    """What the device noticed. `wall`: when, None when it does not say. `change`: Initialized, Changed, Deleted or empty."""

    topic: str
    wall: int | None
    change: str
    source: tuple[tuple[str, str], ...]
    data: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Recording:
    """What a recorder holds of one source (Profile G). `start`, `end`: wall µs, None when it does not say."""

    token: str
    name: str
    source: str
    start: int | None
    end: int | None


@dataclass(frozen=True)
class Found:
    """A device that answered a probe. `address`: the IP that answered; `url`: its device service at that very address."""

    address: str
    url: str
    name: str
    hardware: str
    endpoint: str


class PtzPort(Protocol):
    """Turning a camera. Each raises SourceError."""

    def move(self, pan: float, tilt: float, zoom: float) -> None:
        """Speeds −1..1; all zero stops. The device stops by itself a second after the last one, where it can."""

    def stop(self) -> None:
        """Stops every axis."""

    def presets(self) -> list[Preset]:
        """Positions that the device keeps."""

    def goto(self, token: str) -> None:
        """Goes to a preset."""

    def keep(self, name: str, token: str | None = None) -> str:
        """Keeps where it looks as a preset, in the place of `token` when given; the preset's token."""

    def remove(self, token: str) -> None:
        """Forgets a preset; one that the device does not have is forgotten already."""

    def position(self) -> Position:
        """Where it looks."""


class EventsPort(Protocol):
    """Events of a device, read by a thread of their own."""

    def get(self, seconds: float) -> DeviceEvent | None:
        """The next event, or None when there was none for so long."""

    def close(self) -> None:
        """Ends the subscription."""


class DevicePort(Protocol):
    """An ONVIF device, as the product knows it."""

    @property
    def clock_offset_ms(self) -> int | None:
        """What the device's clock is ahead of ours (negative: behind); None: it tells no time."""

    @property
    def ptz(self) -> PtzPort:
        """How to turn it; SourceError «unsupported» when it does not turn."""

    def identity(self) -> Identity:
        """Who made it."""

    def profiles(self) -> list[Profile]:
        """Its streams, in its own order."""

    def snapshot(self, profile: Profile | None = None) -> bytes:
        """A JPEG."""

    def events(self) -> EventsPort:
        """Begins to listen to its events."""

    def recordings(self) -> list[Recording]:
        """What it has recorded (Profile G)."""

    def replay_uri(self, token: str) -> str:
        """Where a recording is replayed."""

    def close(self) -> None:
        """Stops the camera if we made it turn, ends the subscriptions."""


def views(profiles: Iterable[Profile]) -> tuple[Profile, Profile | None]:
    """The main view (the largest) and the sub view (the smallest that is at least 300 wide, and smaller than the main).

    Only of the main's own source: another channel of a recorder is another camera. Raises ValueError without profile.
    """
    offered = [each for each in profiles if each.rtsp is not None]
    main = max(offered, key=lambda each: (each.width * each.height, each.fps))
    smaller = [
        each
        for each in offered
        if each.source == main.source
        and each.width >= SUB_LEAST_WIDTH
        and each.width * each.height < main.width * main.height
    ]
    return main, min(smaller, key=lambda each: (each.width * each.height, each.fps), default=None)


def clean(text: object, limit: int = MAX_TEXT) -> str:
    """A device's text as it may be kept: printable, on one line, bounded."""
    shown = "".join(letter if letter.isprintable() else " " for letter in str(text)[: 2 * limit])
    return " ".join(shown.split())[:limit]
