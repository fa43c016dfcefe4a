"""What a server says that it sends: SDP (RFC 4566), down to the one video that is wanted."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from veilleur.video.model import SourceError
from veilleur.video.remote_limits import MAX_SETS

_CODECS = {"H264": "h264", "H265": "hevc", "AV1": "av1"}
_OUT_OF_ORDER = re.compile(r"packetization-mode=2|sprop-max-don-diff=[1-9]")
"""Units sent in another order than that of decoding (RFC 6184 §6.4, RFC 7798 §7.1): nobody does over TCP."""


class NotReadError(SourceError):
    """A stream that this client does not read (another codec, or `by_udp` only); the demuxer of FFmpeg may."""

    def __init__(self, message: str, *, by_udp: bool = False) -> None:
        super().__init__("unsupported", message)
        self.by_udp = by_udp


@dataclass(frozen=True)
class Track:
    """The video of a description. `sets`: its parameter sets, without start codes. `sound`: there is some, beside it.

    `whole`: the URL of the presentation when the description says another than that of its own answer, else empty."""

    control: str
    codec: str
    payload_type: int
    rate: int
    fps: float
    sets: tuple[bytes, ...]
    sound: bool = False
    whole: str = ""


def read_description(body: bytes) -> Track:
    """The first video of an SDP that we can read; NotReadError when there is none."""
    wanted: dict[str, str] = {}
    offered, whole, sound, within = "none", "", False, "session"
    for line in body.decode("utf-8", errors="replace").splitlines():
        name, _, value = line.strip().partition("=")
        key, _, rest = value.partition(":")
        if name == "m":
            media = value.split()
            within = media[0] if media else ""
            sound = sound or within == "audio"
            if within == "video" and wanted.get("codec"):
                within = "another"
            elif within == "video":
                wanted = {"type": media[3]} if len(media) >= 4 and media[3].isdigit() else {}
        elif name == "a" and within == "session" and key == "control":
            whole = rest.strip() if rest.strip().startswith(("rtsp://", "rtsps://")) else ""
        elif name == "a" and within == "video" and wanted:
            if key == "rtpmap" and (mapped := re.match(r"(\d{1,3}) ([\w.\-]{1,30})/(\d{1,9})", rest)):
                offered = mapped.group(2)
                if mapped.group(2).upper() in _CODECS and mapped.group(1) == wanted["type"]:
                    wanted |= {"codec": _CODECS[mapped.group(2).upper()], "rate": mapped.group(3)}
            elif key in {"fmtp", "control", "framerate"}:
                wanted[key] = rest.strip()
    if not wanted.get("codec") or int(wanted["rate"]) == 0:
        raise NotReadError(f"no H.264, H.265 nor AV1 is offered (but {offered})")
    if _OUT_OF_ORDER.search(wanted.get("fmtp", "")):
        raise NotReadError("the units of a picture are offered out of their order")
    fps = re.match(r"\d{1,3}(\.\d{1,3})?", wanted.get("framerate", ""))
    return Track(
        wanted.get("control", ""),
        wanted["codec"],
        int(wanted["type"]),
        int(wanted["rate"]),
        float(fps.group()) if fps else 0.0,
        _sets(wanted.get("fmtp", "")),
        sound,
        whole,
    )


def _sets(fmtp: str) -> tuple[bytes, ...]:
    """Parameter sets of a format line (RFC 6184 §8.1, RFC 7798 §7.1)."""
    found = []
    for each in re.findall(r"sprop-(?:parameter-sets|vps|sps|pps)=([A-Za-z0-9+/=,]{1,8000})", fmtp):
        for coded in each.split(",")[:MAX_SETS]:
            try:
                found.append(base64.b64decode(coded + "=" * (-len(coded) % 4)))
            except (binascii.Error, ValueError):
                continue
    return tuple(each for each in found if each)[:MAX_SETS]
