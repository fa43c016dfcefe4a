"""A scene: what stands still, and its clips: who moves in it, what the camera shows of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PIL import Image, ImageDraw

from night.canvas import HEIGHT, SCALE, WIDTH, Canvas, Colour, Point
from night.figures import Brush, View

WHOLE = (0.0, 0.0, float(WIDTH), float(HEIGHT))
NARROW = (704, 576)  # the floor of a narrow view: arrêté of 3 August 2007
WIDE = (WIDTH, HEIGHT)
MASK: Colour = (5, 6, 8)


class Figure(Protocol):
    """What moves."""

    def depth(self, t: float) -> float:
        """What is greater hides what is less."""

    def paint(self, brush: Brush, t: float) -> None:
        """Draws it at a time, in seconds."""


@dataclass(frozen=True)
class Clip:
    """What a camera shows in a loop. `box`: x, y, width, height of the canvas. `masks`: hidden stretches of the picture."""

    figures: Sequence[Figure] = ()
    seconds: int = 16
    box: tuple[float, float, float, float] = WHOLE
    masks: Sequence[Sequence[Point]] = ()


@dataclass
class Scene:
    """A place. `size`: pixels of its main stream."""

    canvas: Canvas
    clips: dict[str, Clip]
    size: tuple[int, int] = WIDE
    _ground: dict[tuple[float, ...], tuple[Image.Image, Image.Image]] = field(default_factory=dict)

    def picture(self, clip: Clip, t: float) -> Image.Image:
        """One picture of a clip."""
        view = View(*clip.box, pixels=self.size)
        back, front = self._layers(clip)
        picture = back.copy()
        brush = Brush(picture, view)
        for figure in sorted(clip.figures, key=lambda each: each.depth(t)):
            figure.paint(brush, t)
        picture.paste(front, (0, 0), front)
        pen = ImageDraw.Draw(picture)
        for mask in clip.masks:
            pen.polygon([((x - view.x) * view.zoom, (y - view.y) * view.zoom) for x, y in mask], fill=MASK)
        return picture

    def _layers(self, clip: Clip) -> tuple[Image.Image, Image.Image]:
        if clip.box not in self._ground:
            x, y, width, height = clip.box
            edges = (x * SCALE, y * SCALE, (x + width) * SCALE, (y + height) * SCALE)
            self._ground[clip.box] = (
                self.canvas.lit().resize(self.size, Image.Resampling.LANCZOS, box=edges),
                self.canvas.front.resize(self.size, Image.Resampling.LANCZOS, box=edges),
            )
        return self._ground[clip.box]
