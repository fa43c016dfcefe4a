"""Decoding one picture, and encoding it as JPEG: the only places where a recording is decoded."""

from __future__ import annotations

import io
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt
from PIL import Image

Rgb = npt.NDArray[np.uint8]
"""Height × width × 3."""
QUALITY = 88
"""Of a still that is looked at and printed."""


def picture_at(film: bytes, at: int) -> tuple[int, Rgb] | None:
    """The last picture of a piece of film (init and fragments) shown at or before the wall `at`, and its wall.

    None when none can be decoded. The first picture when all are later."""
    best: Any = None
    try:
        with av.open(io.BytesIO(film), "r", format="mp4") as container:
            for frame in container.decode(video=0):
                if frame.pts is not None and (best is None or frame.pts <= at):
                    best = frame
    except (av.error.FFmpegError, ValueError):
        if best is None:
            return None
    return None if best is None else (int(best.pts), best.to_ndarray(format="rgb24"))


def jpeg_of(picture: Rgb, width: int | None = None, *, quality: int = QUALITY) -> bytes:
    """A JPEG, `width` pixels wide when that is smaller."""
    image = Image.fromarray(picture)
    if width is not None and width < image.width:
        image = image.resize(
            (width, max(1, round(image.height * width / image.width))), Image.Resampling.BILINEAR
        )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()
