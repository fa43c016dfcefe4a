"""The hour burnt into the pictures of the drawn scenes, as real cameras do: no picture of a loop ever comes twice.

One picture is added behind each keyframe (ITU-T H.264 §7.3): its macroblocks are skipped, but those of the hour, which are
plain samples (I_PCM) over what the keyframe shows there. The pictures that follow count one more (`frame_num`), and keep it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import av
import numpy as np
import numpy.typing as npt

from veilleur.demo.camera_clips import Clip

AFTER_KEYFRAME = (
    0.002  # seconds from the keyframe to the picture with the hour: no screen shows the one without it
)
ZONE = ZoneInfo("Europe/Paris")  # what the cameras of the town are set to
BRIGHT = 210  # grey of the digits in a main stream
FAINT = 3  # grey levels by which a sub-stream differs: less than any motion, enough to be another picture
MAX_KEYFRAMES = 1024  # whose patch of samples is kept, 4 kB each

#: Five pixels by seven, a row a number.
_GLYPHS = {
    "0": (14, 17, 17, 17, 17, 17, 14), "1": (4, 12, 4, 4, 4, 4, 14), "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (14, 17, 1, 6, 1, 17, 14), "4": (2, 6, 10, 18, 31, 2, 2), "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14), "7": (31, 1, 2, 4, 4, 8, 8), "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12), ":": (0, 4, 4, 0, 4, 4, 0),
}  # fmt: skip
_MACROBLOCK = 16

#: Bytes that would look like a start code (§7.4.1).
_EMULATED: re.Pattern[bytes] = re.compile(rb"\x00\x00(?=[\x00-\x03])")

Samples = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Form:
    """What is written of a stream's parameter sets: its size in macroblocks, the width of `frame_num` in bits."""

    columns: int
    rows: int
    bits: int


#: A second picture parameter set: as the first, but coded without arithmetic (CAVLC).
HOUR_SET = bytes.fromhex("68538f20")


@lru_cache(maxsize=128)
def form_of(clip: Clip) -> Form | None:
    """None for a clip that is not ours, or whose pictures cannot be counted so (H.265)."""
    if not clip.drawn or clip.codec != "h264":
        return None
    bits = "".join(f"{byte:08b}" for byte in clip.parameter_sets[0][4:24])
    numbers: list[int] = []
    at = 0
    while len(numbers) < 3:
        zeros = bits.index("1", at) - at
        numbers.append(int(bits[at + zeros : at + 2 * zeros + 1], 2) - 1)
        at += 2 * zeros + 1
    _, log2_minus_4, order = numbers
    assert order == 2, "our scenes are shown in the order in which they are decoded"
    return Form(-(-clip.width // _MACROBLOCK), -(-clip.height // _MACROBLOCK), log2_minus_4 + 4)


def pictures_of(clip: Clip, place: int, hour: datetime) -> list[tuple[float, tuple[bytes, ...]]]:
    """What is sent for one picture of a clip, with the hour in it: (seconds after it is due, its units)."""
    picture, form = clip.pictures[place], form_of(clip)
    if form is None:
        return [(0.0, picture.units)]
    if not picture.keyframe:
        return [(0.0, tuple(_counted(unit, form) for unit in picture.units))]
    return [(0.0, picture.units), (AFTER_KEYFRAME, (_hour_picture(clip, place, form, hour),))]


def sets_of(clip: Clip) -> tuple[bytes, ...]:
    """The parameter sets that such a stream needs."""
    return clip.parameter_sets if form_of(clip) is None else (*clip.parameter_sets, HOUR_SET)


def _counted(unit: bytes, form: Form) -> bytes:
    """The slice with its `frame_num` one more. It stands behind first_mb 0 (1 bit), slice type 5 (5) and set 0 (1)."""
    if unit[0] & 31 != 1:
        return unit
    head = int.from_bytes(unit[1:5], "big")
    shift = 32 - 7 - form.bits
    number = (head >> shift) % (1 << form.bits)
    head += ((number + 1) % (1 << form.bits) - number) << shift
    return unit[:1] + head.to_bytes(4, "big") + unit[5:]


def _hour_picture(clip: Clip, place: int, form: Form, hour: datetime) -> bytes:
    y, u, v = _patch(clip, place)
    y = y.copy()
    text = f"{hour.astimezone(ZONE):%H:%M:%S}"
    scale = 2 if y.shape[1] > 3 * _MACROBLOCK else 1
    left, top = 0, 1
    for number, sign in enumerate(text):
        for row, code in enumerate(_GLYPHS[sign]):
            for column in range(5):
                if code >> (4 - column) & 1:
                    x, at = left + (number * 6 + column) * scale, top + row * scale
                    cell = y[at : at + scale, x : x + scale]
                    cell[:] = BRIGHT if scale > 1 else np.where(cell > 128, cell - FAINT, cell + FAINT)
    blocks = y.shape[1] // _MACROBLOCK
    before = (form.rows - 2) * form.columns + 1
    bits = _ue(0) + _ue(5) + _ue(1) + f"{1:0{form.bits}b}" + "000" + _ue(0) + _ue(1) + _ue(before)
    out = bytearray()
    for number in range(blocks):
        bits += _ue(30)  # I_PCM in a P slice
        bits += "0" * (-len(bits) % 8)
        out += int(bits, 2).to_bytes(len(bits) // 8, "big")
        for plane, side in ((y, 16), (u, 8), (v, 8)):
            out += plane[:, number * side : (number + 1) * side].tobytes()
        bits = _ue(0 if number < blocks - 1 else form.rows * form.columns - before - blocks)
    bits += "1"
    bits += "0" * (-len(bits) % 8)
    out += int(bits, 2).to_bytes(len(bits) // 8, "big")
    unit: bytes = b"\x41" + _EMULATED.sub(b"\x00\x00\x03", bytes(out))
    return unit


@lru_cache(maxsize=MAX_KEYFRAMES)
def _patch(clip: Clip, place: int) -> tuple[Samples, Samples, Samples]:
    """What a keyframe shows where the hour is written: luma and both chromas, never zero."""
    decoder = av.CodecContext.create(clip.codec, "r")
    units = (*clip.parameter_sets, *clip.pictures[place].units)
    packet = av.Packet(b"".join(b"\x00\x00\x00\x01" + unit for unit in units))
    frame = [*decoder.decode(packet), *decoder.decode(None)][0]  # type: ignore[attr-defined]
    whole = frame.to_ndarray()  # planes one under the other: yuv420p
    height, width = frame.height, frame.width
    planes = (
        whole[:height],
        whole[height : height + height // 4].reshape(height // 2, width // 2),
        whole[height + height // 4 :].reshape(height // 2, width // 2),
    )
    blocks = 6 if width > 400 else 3
    row = -(-height // _MACROBLOCK) - 2
    found = []
    for plane, side in zip(planes, (16, 8, 8), strict=True):
        part = plane[row * side : (row + 1) * side, side : (1 + blocks) * side]
        found.append(np.maximum(part, 1))
    return found[0], found[1], found[2]


def _ue(number: int) -> str:
    """Exp-Golomb (§9.1)."""
    coded = f"{number + 1:b}"
    return "0" * (len(coded) - 1) + coded
