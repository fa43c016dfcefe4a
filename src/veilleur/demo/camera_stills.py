"""A JPEG of what a camera of the demonstration plays: the only place where its packets are decoded."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import av

from veilleur.demo.camera_clips import Clip

if TYPE_CHECKING:
    from veilleur.demo.cameras import Camera

MAX_STILLS = 64  # JPEGs kept, some 50 kB each: many clients ask for the same second
QUALITY = 85


def still(camera: Camera) -> bytes:
    """The keyframe that is shown about now."""
    clip = camera.clip("main")
    return _jpeg(clip, clip.keyframe_before(camera.seconds() % clip.seconds))


def _jpeg(clip: Clip, place: int) -> bytes:
    return _decoded(clip.codec, (*clip.parameter_sets, *clip.pictures[place].units))


@lru_cache(maxsize=MAX_STILLS)
def _decoded(codec: str, units: tuple[bytes, ...]) -> bytes:
    decoder = av.CodecContext.create(codec, "r")
    packet = av.Packet(b"".join(b"\x00\x00\x00\x01" + unit for unit in units))
    frames = [*decoder.decode(packet), *decoder.decode(None)]  # type: ignore[attr-defined]
    out = io.BytesIO()
    frames[0].to_image().save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
