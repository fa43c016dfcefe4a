"""What a camera says of its stream: SDP (RFC 4566), with the media lines of each payload."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

VIDEO_TYPE = 96  # the first dynamic payload type (RFC 3551 §6)
PCMA_TYPE = 8  # static: G.711 A-law, 8 kHz, one channel (RFC 3551 §4.5.14)


@dataclass(frozen=True)
class Track:
    """One medium of a stream. `lines`: the SDP of it, without its control."""

    name: str
    kind: Literal["video", "audio"]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Presentation:
    """A stream as DESCRIBE tells it."""

    title: str
    tracks: Sequence[Track]


def h264_track(parameter_sets: Sequence[bytes], fps: float) -> Track:
    """RFC 6184 §8.2.1. `parameter_sets`: SPS first, without start codes."""
    sps = parameter_sets[0]
    sets = ",".join(base64.b64encode(each).decode() for each in parameter_sets)
    form = f"packetization-mode=1; profile-level-id={sps[1:4].hex().upper()}; sprop-parameter-sets={sets}"
    return _video("H264", form, fps)


def h265_track(parameter_sets: Sequence[bytes], fps: float) -> Track:
    """RFC 7798 §7.2.1. `parameter_sets`: VPS, SPS, PPS in any order, without start codes."""
    names = {32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps"}
    sets: dict[str, list[str]] = {}
    for each in parameter_sets:
        if name := names.get((each[0] >> 1) & 0x3F):
            sets.setdefault(name, []).append(base64.b64encode(each).decode())
    return _video("H265", "; ".join(f"{name}={','.join(values)}" for name, values in sets.items()), fps)


def pcma_track() -> Track:
    """Sound, 8 kHz A-law."""
    return Track("trackID=1", "audio", (f"m=audio 0 RTP/AVP {PCMA_TYPE}", f"a=rtpmap:{PCMA_TYPE} PCMA/8000"))


def speech_track() -> Track:
    """A loudspeaker: the client sends (ONVIF Streaming Specification §5.3), 8 kHz A-law. Told to who requires it."""
    lines = (f"m=audio 0 RTP/AVP {PCMA_TYPE}", f"a=rtpmap:{PCMA_TYPE} PCMA/8000", "a=sendonly")
    return Track("trackID=2", "audio", lines)


def _video(encoding: str, form: str, fps: float) -> Track:
    lines = (
        f"m=video 0 RTP/AVP {VIDEO_TYPE}",
        f"a=rtpmap:{VIDEO_TYPE} {encoding}/90000",
        f"a=fmtp:{VIDEO_TYPE} {form}",
        f"a=framerate:{fps:g}",
    )
    return Track("trackID=0", "video", lines)


def describe(presentation: Presentation) -> bytes:
    """The SDP document. Its address is 0.0.0.0: the packets come over the connection itself."""
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 0.0.0.0",
        f"s={presentation.title}",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
    ]
    for track in presentation.tracks:
        lines += [*track.lines, f"a=control:{track.name}"]
    return "".join(f"{line}\r\n" for line in lines).encode()
