"""Fragmented MP4 (ISO/IEC 14496-12), one fragment per frame, so that no frame waits for the next one.

A fragment is `moof` + `mdat`. Its decode time (`tfdt`) is the frame's wall time in microseconds, so fragments of a camera
follow any init segment of the same parameters, in any file or browser, and a file tells its own times. The init segment is
written once by the muxer of FFmpeg.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import av
import av.error

from veilleur.video.model import Frame, SourceError, StreamInfo
from veilleur.video.sources.parameters import PARAMETERS

TIMESCALE = 1_000_000
"""Units of a second in every file and stream: microseconds."""
HEAD = 112
"""Bytes of a fragment before its frame's data."""
DURATION_AT = 88
"""Where the frame's duration stands in it."""
SYNC, NON_SYNC = 0x02000000, 0x01010000
"""Sample flags (14496-12, 8.8.3.1): depends on no other; depends on others and is no sync sample."""
JPEG = "image/jpeg"

_HEAD = struct.Struct(
    ">I4sI4sIII4sI4sIII4sIQI4sIIiIIIiI4s"
)  # moof, mfhd, traf, tfhd, tfdt, trun, mdat: everything that changes is a number
_TFHD_FLAGS, _TRUN_FLAGS = 0x020000, 0x01000F01
# tfhd: default-base-is-moof. trun version 1: data offset, and per sample duration, size, flags, signed composition offset.


class Fragmenter:
    """Makes the fragments of one stream. `init`: the init segment, bytes that must precede the first fragment."""

    def __init__(self, info: StreamInfo) -> None:
        """SourceError `unsupported` when the parameters cannot be put in an MP4."""
        self.info = info
        self.init = init_segment(info)
        self.mime = mime_of_init(self.init)
        self._annex_b = info.codec in PARAMETERS
        self._sequence = 0

    def fragment(self, frame: Frame) -> bytes:
        """The frame as one fragment. The data's NAL units are kept, every one."""
        payload = length_prefixed(frame.data, frame.units) if self._annex_b else frame.data
        self._sequence = self._sequence + 1 & 0xFFFFFFFF
        size, flags = len(payload), SYNC if frame.keyframe else NON_SYNC
        head = _HEAD.pack(
            *(104, b"moof", 16, b"mfhd", 0, self._sequence),
            *(80, b"traf", 16, b"tfhd", _TFHD_FLAGS, 1),
            *(20, b"tfdt", 0x01000000, frame.wall),
            *(36, b"trun", _TRUN_FLAGS, 1, HEAD, max(1, frame.duration), size, flags, frame.offset),
            *(8 + size, b"mdat"),
        )
        return head + payload


def lasting(fragment: bytes, duration: int) -> bytes:
    """The fragment, told to last so long (µs): what was a guess when it was written is known once the next frame is there."""
    return fragment[:DURATION_AT] + duration.to_bytes(4, "big") + fragment[DURATION_AT + 4 :]


def length_prefixed(data: bytes, lengths: tuple[int, ...] = ()) -> bytes:
    """Annex B as NAL units each after its 4-byte length (14496-15). Data without a start code is taken for one unit.

    `lengths`: those of the units, each behind a start code of four bytes: then nothing is searched for."""
    out: list[bytes] = []
    if lengths:
        at = 4
        for length in lengths:
            out += (length.to_bytes(4, "big"), data[at : at + length])
            at += length + 4
        return b"".join(out)
    units = data.split(b"\0\0\1")
    if len(units) == 1:
        return len(data).to_bytes(4, "big") + data
    for unit in units[1:]:
        # Zeros before a start code belong to it: a NAL unit never ends with one (H.264 7.4.1).
        kept = unit.rstrip(b"\0") if unit.endswith(b"\0") else unit
        if kept:
            out += (len(kept).to_bytes(4, "big"), kept)
    return b"".join(out)


def init_segment(info: StreamInfo) -> bytes:
    """`ftyp` and `moov` of a stream, without media."""
    out, made = io.BytesIO(), b""
    extradata = (
        info.extradata[4:] if info.codec == "av1" and info.extradata[:1] == b"\x81" else info.extradata
    )
    options = {
        "movflags": "empty_moov+default_base_moof+frag_custom",
        "video_track_timescale": str(TIMESCALE),
        "fflags": "bitexact",
    }
    try:
        with av.open(out, "w", format="mp4", options=options) as container:
            stream = container.add_mux_stream(
                info.codec, rate=round(info.fps) or 25, width=info.width, height=info.height
            )
            packet = av.Packet(extradata or b"\0")  # the muxer reads the parameter sets from the first packet
            packet.stream, packet.pts, packet.dts, packet.is_keyframe = stream, 0, 0, True
            container.mux(packet)
            made = out.getvalue()
    except (av.error.FFmpegError, OSError, ValueError):
        made = made or out.getvalue()
    boxes = {box.kind: box for box in boxes_of(made)}
    if "ftyp" not in boxes or "moov" not in boxes:
        raise SourceError("unsupported", f"the parameters of this {info.codec} stream are broken")
    made = made[: boxes["moov"].end]
    return _with_vp9_record(made, info) if info.codec == "vp9" else made


VP9_LEVELS = ((36_864, 10), (122_880, 20), (552_960, 30), (2_228_224, 40), (8_912_896, 50))
"""Pixels of a picture that a level allows (VP9 levels, VP codec ISO media file format binding)."""


def _with_vp9_record(init: bytes, info: StreamInfo) -> bytes:
    """The muxer leaves `vpcC` empty when it has decoded nothing: profile 0, 8 bits, 4:2:0, as every camera that has VP9."""
    level = next((level for pixels, level in VP9_LEVELS if info.width * info.height <= pixels), 60)
    empty, record = b"\0\0\0\x08vpcC", bytes((1, 0, 0, 0, 0, level, 8 << 4 | 1 << 1, 2, 2, 2, 0, 0))
    at = init.find(empty)
    if at < 0:
        return init
    out = bytearray(init)
    for kind in (b"vpcC", b"vp09", b"stsd", b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        size_at = init.rfind(kind, 0, at + 8) - 4
        size = int.from_bytes(out[size_at : size_at + 4], "big") + len(record)
        out[size_at : size_at + 4] = size.to_bytes(4, "big")
    out[at + 8 : at + 8] = record
    return bytes(out)


@dataclass(frozen=True)
class Box:
    """A box of an MP4: its kind, and where it begins and ends in the bytes given."""

    kind: str
    start: int
    end: int


def boxes_of(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """The whole boxes of `data`, stopping before the first that is cut."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size = int.from_bytes(data[start : start + 4], "big")
        if size < 8 or start + size > end:
            return
        yield Box(data[start + 4 : start + 8].decode("latin-1"), start, start + size)
        start += size


def mime_of(info: StreamInfo) -> str:
    """What MediaSource is asked: `video/mp4; codecs="…"` (RFC 6381); `image/jpeg` for motion JPEG. SourceError."""
    return mime_of_init(init_segment(info))


def mime_of_init(init: bytes) -> str:
    """The same, from an init segment of ours. SourceError `unsupported` when it says no codec that we know."""
    for kind, name in ((b"avcC", _avc), (b"hvcC", _hevc), (b"av1C", _av1), (b"vpcC", _vp9)):
        at = init.find(kind)
        if at >= 0 and len(init) >= at + 20:
            return f'video/mp4; codecs="{name(init[at + 4 : at + 36])}"'
    if b"mp4v" in init:
        return JPEG
    raise SourceError("unsupported", "the parameters of this stream are broken")


def _avc(record: bytes) -> str:
    return f"avc1.{record[1:4].hex()}"


def _hevc(record: bytes) -> str:
    """14496-15 annex E.3: profile, reversed compatibility flags, tier and level, constraint bytes without the zeros."""
    space = ("", "A", "B", "C")[record[1] >> 6]
    compatibility = int(f"{int.from_bytes(record[2:6], 'big'):032b}"[::-1], 2)
    tier = "H" if record[1] & 0x20 else "L"
    constraints = record[6:12].rstrip(b"\0")
    tail = "".join(f".{byte:X}" for byte in constraints)
    return f"hvc1.{space}{record[1] & 0x1F}.{compatibility:X}.{tier}{record[12]}{tail}"


def _av1(record: bytes) -> str:
    """AV1 in ISOBMFF, section 5."""
    depth = (12 if record[2] & 0x20 else 10) if record[2] & 0x40 else 8
    return f"av01.{record[1] >> 5}.{record[1] & 0x1F:02d}{'H' if record[2] & 0x80 else 'M'}.{depth:02d}"


def _vp9(record: bytes) -> str:
    """VP codec ISO media file format binding: after version and flags."""
    profile, level, depth = record[4], record[5] or 10, record[6] >> 4
    return f"vp09.{profile:02d}.{level:02d}.{depth:02d}"
