"""Masks of role over pictures that are decoded one by one: stills, the strip, and what is played back under masks."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import av
import av.error
from PIL import Image, ImageDraw

from veilleur.video.model import Still

Polygon = Sequence[tuple[float, float]]

EVERY_US = 250_000
"""Microseconds between two pictures of a masked playback: each is decoded, drawn upon and encoded."""
MOST_WIDTH = 640
QUALITY = 75


def polygons_of(masks: Iterable[Any]) -> tuple[Polygon, ...]:
    """All masks of a camera, whatever their preset: nobody knows where it stood then."""
    return tuple(mask.polygon for mask in masks)


def covered(image: Any, polygons: Iterable[Polygon]) -> bytes:
    """A picture (PIL's) with these polygons black, as JPEG."""
    if image.width > MOST_WIDTH:
        image = image.resize((MOST_WIDTH, max(2, round(image.height * MOST_WIDTH / image.width))))
    pen = ImageDraw.Draw(image)
    for polygon in polygons:
        if len(polygon) >= 3:
            pen.polygon([(x * image.width, y * image.height) for x, y in polygon], fill=(0, 0, 0))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def covered_still(still: Still, polygons: Iterable[Polygon]) -> Still:
    """A JPEG with its masks."""
    with Image.open(io.BytesIO(still.jpeg)) as image:
        return Still(still.wall, covered(image.convert("RGB"), polygons))


def covered_film(film: bytes, polygons: Iterable[Polygon]) -> list[Still]:
    """Pictures of a piece of film (init and fragments), four a second at most, with their masks."""
    made: list[Still] = []
    masks, last = tuple(polygons), 0
    container: Any
    try:
        with av.open(io.BytesIO(film), "r", format="mp4") as container:
            for frame in container.decode(video=0):
                if frame.pts is not None and frame.pts - last >= EVERY_US:
                    last = frame.pts
                    made.append(Still(last, covered(frame.to_image(), masks)))
    except (av.error.FFmpegError, ValueError):
        return made
    return made
