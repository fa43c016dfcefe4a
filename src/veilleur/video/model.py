"""The values that the parts of video share. Times are wall clock: integers, microseconds since 1970-01-01 UTC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from veilleur.kernel.errors import VeilleurError

#: Kinds of address a camera may have. `recorder`: the customer's own recorder, pulled on demand.
SOURCE_KINDS = ("rtsp", "onvif", "mjpeg", "snapshot", "file", "recorder", "push")

#: What may be wrong with a camera; their words are in the vocabulary «camera_fault».
FAULT_KINDS = (
    "unreachable", "refused", "frozen", "dark", "blurred", "moved", "masked", "mask_lost",
    "clock", "gap", "below_floor", "disk", "unauthorised",
)  # fmt: skip

StreamName = Literal["main", "sub"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_wall(at: datetime) -> int:
    """An aware datetime as wall microseconds."""
    return (at - EPOCH) // timedelta(microseconds=1)


def from_wall(wall: int) -> datetime:
    """Wall microseconds as an aware UTC datetime."""
    return EPOCH + timedelta(microseconds=wall)


class SourceError(VeilleurError):
    """A camera gives no picture: look at its address, its password, its cable."""

    status = 502
    code = "camera_source"

    def __init__(
        self, kind: Literal["unreachable", "refused", "unsupported", "ended"], message: str = ""
    ) -> None:
        super().__init__(message or kind, kind=kind)
        self.kind = kind


@dataclass(frozen=True)
class Address:
    """Where a camera's pictures come from. `main`, `sub`: URLs without user or password, sub None: there is none.

    `options`: what a kind needs more (profile tokens, transport, seconds between snapshots).
    """

    kind: str
    main: str
    sub: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StreamInfo:
    """What a stream is: enough to write its init segment. `codec`: h264 | hevc | av1 | vp9 | mjpeg.

    `fps` is what the stream says of itself, 0 when it says nothing. `extradata`: as the demuxer gave it.
    """

    codec: str
    width: int
    height: int
    fps: float
    extradata: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Frame:
    """One encoded picture. `data`: as the demuxer gave it (Annex B for H.264 and H.265). `wall`: when it was taken,
    by the recorder's clock, strictly growing within a stream. `duration`: microseconds until the next one, guessed.
    `offset`: microseconds by which it is shown after `wall` (B-frames; 0 for most cameras). `info`: what the stream has
    become, set on the keyframe that brings new parameters. `units`: lengths of the NAL units, each behind a start code of
    four bytes, when they are known; else empty."""

    wall: int
    keyframe: bool
    data: bytes = field(repr=False)
    duration: int
    offset: int = 0
    info: StreamInfo | None = None
    units: tuple[int, ...] = ()


@dataclass
class Opened:
    """A stream that is running. `frames()` ends with SourceError when it dies; `close()` may be called from any thread.

    `delivered`: what `feed` does, when the source has a cheaper way than giving its frames in the thread that asks.
    `dropped_audio`: the source offers sound, which was never set up. `lost`: packets that never came, so far.
    """

    info: StreamInfo
    frames: Callable[[], Iterator[Frame]]
    close: Callable[[], None]
    delivered: Callable[[Callable[[Frame], None]], None] | None = None
    dropped_audio: bool = False
    lost: Callable[[], int] = lambda: 0

    def feed(self, take: Callable[[Frame], None]) -> None:
        """Each frame to `take` as it comes, perhaps in a thread that other streams share: it must not be held for long.
        Ends as `frames` does, or with what `take` raised, once nothing more is given. Either is asked, once."""
        if self.delivered is not None:
            self.delivered(take)
            return
        for frame in self.frames():
            take(frame)


@dataclass(frozen=True)
class Segment:
    """A file of a recording. `path`: relative to the camera's folder. `digest`: SHA-256 of the file; `chain`: h(n)."""

    start: int
    end: int
    path: str
    size: int
    frames: int
    digest: bytes
    chain: bytes
    repaired: bool = False


@dataclass(frozen=True)
class Gap:
    """A stretch without recording, and why: a fault kind, `stopped` (we were), `suspended`, `forbidden` (home regime)."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Still:
    """A JPEG and when it was taken."""

    wall: int
    jpeg: bytes = field(repr=False)
