"""What a stream is, read from its parameter sets: those of the description, or those inside a keyframe."""

from __future__ import annotations

import io
from dataclasses import replace

import av
import av.error

from veilleur.video.model import SourceError, StreamInfo

CODECS = {"h264": "h264", "hevc": "hevc", "av1": "av1", "libdav1d": "av1", "vp9": "vp9", "mjpeg": "mjpeg"}
"""The demuxer's names of the decoders, and ours."""
DEMUXERS = {"h264": "h264", "hevc": "hevc", "av1": "obu"}
"""What reads a bare keyframe."""
MAX_FRAME = 16 * 1024**2
"""Bytes of one frame; a 4K keyframe at the best quality is about 3 MB. Beyond, the source is broken or hostile."""
MAX_SIDE = 16_384
"""Pixels of a side; no camera has more."""
PARAMETERS = {"h264": frozenset((7, 8)), "hevc": frozenset((32, 33, 34))}
"""Types of the NAL units that are parameter sets: SPS and PPS (H.264 table 7-1), VPS, SPS and PPS (H.265 table 7-1)."""
AV1_SEQUENCE_HEADER = 1  # AV1 bitstream 6.2.2, obu_type


def nal_units(data: bytes) -> list[bytes]:
    """The NAL units of an Annex B stream. Zeros before a start code belong to it: a NAL unit never ends with one."""
    return [unit for unit in (each.rstrip(b"\0") for each in data.split(b"\0\0\1")[1:]) if unit]


def nal_type(codec: str, unit: bytes) -> int:
    """The type of a NAL unit of `h264` or `hevc`."""
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F


def parameters_in(codec: str, keyframe: bytes) -> bytes:
    """The parameter sets inside a keyframe, as extradata (Annex B, or AV1's sequence header); b"" when there are none."""
    if codec in PARAMETERS:
        wanted = PARAMETERS[codec]
        head = keyframe[:65_536]  # they stand before the picture, which is long and need not be searched
        found = [unit for unit in nal_units(head)[:-1] if nal_type(codec, unit) in wanted]
        return b"".join(b"\0\0\0\1" + unit for unit in dict.fromkeys(found))
    if codec == "av1":
        return next((obu for kind, obu in _obus(keyframe) if kind == AV1_SEQUENCE_HEADER), b"")
    return b""


def _obus(data: bytes) -> list[tuple[int, bytes]]:
    """AV1's units that say their size (5.3.2), the first few of a temporal unit."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data) and len(found) < 8:
        begun, header = at, data[at]
        at += 2 if header & 4 else 1
        if not header & 2:
            break
        size = shift = 0
        while at < len(data) and shift < 35:
            byte = data[at]
            size |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if not byte & 0x80:
                break
        at += size
        found.append((header >> 3 & 15, data[begun:at]))
    return found


def canonical(codec: str, extradata: bytes) -> frozenset[bytes]:
    """The parameter sets themselves, whatever their order and framing, to tell a change from a repetition."""
    if codec in PARAMETERS:
        return frozenset(nal_units(extradata))
    if extradata[:1] == b"\x81":  # av1C: four bytes, then the sequence header (AV1 in ISOBMFF 2.3.3)
        extradata = extradata[4:]
    return frozenset((extradata,)) if extradata else frozenset()


def changed(info: StreamInfo, keyframe: bytes) -> StreamInfo | None:
    """The stream's new description when a keyframe brings other parameters than `info`; None when it does not.

    SourceError `unsupported` when they cannot be read."""
    found = parameters_in(info.codec, keyframe)
    if not found or canonical(info.codec, found) <= canonical(info.codec, info.extradata):
        return None
    width, height = size_of(info.codec, keyframe)
    return replace(info, width=width, height=height, extradata=found)


def size_of(codec: str, keyframe: bytes) -> tuple[int, int]:
    """Width and height that a keyframe with its parameter sets says."""
    size = (0, 0)
    try:
        # Twice: some parsers give a frame only when the next begins.
        with av.open(io.BytesIO(keyframe * 2), "r", format=DEMUXERS[codec]) as container:
            stream = container.streams.video[0]
            size = (stream.codec_context.width, stream.codec_context.height)
    except (av.error.FFmpegError, IndexError, KeyError, ValueError):
        size = (0, 0)
    return checked_size(*size)


def checked_size(width: int, height: int) -> tuple[int, int]:
    """The same, or SourceError `unsupported`."""
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise SourceError("unsupported", f"the stream's pictures are {width}×{height}")
    return width, height
