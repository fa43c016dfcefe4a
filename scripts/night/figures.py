"""What moves: people who walk, cars, a boat, and the small life of a night (a flag, water, a light that blinks).

A figure draws itself at a time, in seconds, on a patch of its own four times larger than shown.
"""

# ruff: noqa: PLR0917  # coordinates come by position in drawing
from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image, ImageDraw

from night.canvas import COLD, WARM, WHITE, Colour, Point, mix
from night.paths import Path

FINE = 4  # times larger than shown


@dataclass(frozen=True)
class View:
    """A rectangle of the canvas, in logical units, and how many pixels show it."""

    x: float
    y: float
    width: float
    height: float
    pixels: tuple[int, int]

    @property
    def zoom(self) -> float:
        """Pixels per logical unit."""
        return self.pixels[0] / self.width


class Brush:
    """Paints figures over a picture of a view; coordinates are the canvas's."""

    def __init__(self, picture: Image.Image, view: View) -> None:
        self._picture, self._view = picture, view
        self._patch: tuple[float, float] = (0, 0)
        self._draw: ImageDraw.ImageDraw | None = None
        self._image: Image.Image | None = None

    def open(self, x0: float, y0: float, x1: float, y1: float) -> bool:
        """Begins a patch; False when the view does not show it."""
        view = self._view
        if x1 < view.x or y1 < view.y or x0 > view.x + view.width or y0 > view.y + view.height:
            return False
        self._patch = (math.floor((x0 - view.x) * view.zoom), math.floor((y0 - view.y) * view.zoom))
        size = (math.ceil((x1 - x0) * view.zoom) + 1, math.ceil((y1 - y0) * view.zoom) + 1)
        self._image = Image.new("RGBA", (size[0] * FINE, size[1] * FINE))
        self._draw = ImageDraw.Draw(self._image)
        return True

    def close(self) -> None:
        """Puts the patch on the picture."""
        assert self._image is not None
        size = (self._image.width // FINE, self._image.height // FINE)
        small = self._image.resize(size, Image.Resampling.BOX)
        self._picture.paste(small, (round(self._patch[0]), round(self._patch[1])), small)

    def _at(self, point: Point) -> Point:
        view = self._view
        return (
            ((point[0] - view.x) * view.zoom - self._patch[0]) * FINE,
            ((point[1] - view.y) * view.zoom - self._patch[1]) * FINE,
        )

    def polygon(self, points: list[Point], colour: Colour, alpha: int = 255) -> None:
        """A filled shape."""
        assert self._draw is not None
        self._draw.polygon([self._at(point) for point in points], fill=(*colour, alpha))

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: int = 255) -> None:
        """A filled ellipse."""
        assert self._draw is not None
        (x0, y0), (x1, y1) = self._at((x - rx, y - ry)), self._at((x + rx, y + ry))
        self._draw.ellipse((x0, y0, x1, y1), fill=(*colour, alpha))

    def limb(self, points: list[Point], colour: Colour, width: float) -> None:
        """A thick line with round ends."""
        assert self._draw is not None
        thick = max(1, round(width * self._view.zoom * FINE))
        self._draw.line(
            [self._at(point) for point in points], fill=(*colour, 255), width=thick, joint="curve"
        )
        for x, y in points:
            self.oval(x, y, width / 2, width / 2, colour)


@dataclass(frozen=True)
class Person:
    """Somebody who walks along a path. `tall`: height at y = 576, less farther away as the ground's horizon says."""

    path: Path
    tall: float
    horizon: float
    coat: Colour = (30, 36, 46)
    legs: Colour = (18, 21, 27)
    pace: float = 1.7
    raised: float = 0.0  # how much the arms are up

    def depth(self, t: float) -> float:
        """What lies lower is nearer."""
        where = self.path(t)
        return where[1] if where else -1

    def paint(self, brush: Brush, t: float) -> None:
        """The figure at a time."""
        where = self.path(t)
        if where is None:
            return
        x, y, way = where
        h = self.tall * max(0.05, (y - self.horizon) / (576 - self.horizon))
        if not brush.open(x - h * 0.55, y - h * 1.1, x + h * 0.55, y + h * 0.1):
            return
        before = self.path(t - 0.05)
        walks = before is not None and math.hypot(before[0] - x, before[1] - y) > 0.01
        swing = math.sin(t * self.pace * math.pi) if walks else 0.12
        brush.oval(x + h * 0.03, y, h * 0.24, h * 0.045, (4, 6, 9), 120)
        hip, neck = (x, y - h * 0.5), (x + way * h * 0.015, y - h * 0.82)
        for side, shade in ((-1, 0.35), (1, 0.0)):
            reach = swing * side * h * 0.15
            knee = (x + reach * 0.7 + way * h * 0.03, y - h * 0.26)
            foot = (x + reach * 1.35, y - h * 0.015 - max(0.0, -reach * way) * 0.22)
            colour = mix(self.legs, (0, 0, 0), shade)
            brush.limb([hip, knee, foot, (foot[0] + way * h * 0.05, foot[1])], colour, h * 0.085)
        self._arms(brush, h, neck, swing, way)
        head = neck[0] + way * h * 0.012
        brush.oval(head - way * h * 0.014, y - h * 0.932, h * 0.074, h * 0.074, (34, 27, 24))
        brush.oval(head + way * h * 0.018, y - h * 0.908, h * 0.058, h * 0.068, (112, 88, 74))
        brush.close()

    def _arms(self, brush: Brush, h: float, neck: Point, swing: float, way: float) -> None:
        x, y = neck
        for side in (-1, 1):
            if side == 1:
                brush.polygon(
                    [
                        (x - h * 0.115, y + h * 0.02),
                        (x - h * 0.05, y - h * 0.02),
                        (x + h * 0.05, y - h * 0.02),
                        (x + h * 0.115, y + h * 0.02),
                        (x + h * 0.1, y + h * 0.4),
                        (x - h * 0.1, y + h * 0.4),
                    ],
                    self.coat,
                )
            reach = -swing * side * h * 0.12
            up = self.raised * (0.6 + 0.4 * math.sin(swing * 3 + side))
            elbow = (x + reach * 0.6 + way * h * 0.1 * up + side * h * 0.04, y + h * (0.19 - 0.12 * up))
            hand = (x + reach * 1.3 + way * h * (0.03 + 0.2 * up), y + h * (0.36 - 0.4 * up))
            shoulder = (x + side * h * 0.07, y + h * 0.04)
            brush.limb(
                [shoulder, elbow, hand], mix(self.coat, (0, 0, 0), 0.25 if side < 0 else 0.0), h * 0.065
            )


@dataclass(frozen=True)
class Car:
    """A car seen from its side. `length`: in units at y = 576."""

    path: Path
    length: float
    horizon: float
    colour: Colour = (58, 66, 78)
    van: bool = False

    def depth(self, t: float) -> float:
        """What lies lower is nearer."""
        where = self.path(t)
        return where[1] if where else -1

    def paint(self, brush: Brush, t: float) -> None:
        """The car at a time, its lamps on."""
        where = self.path(t)
        if where is None:
            return
        x, y, way = where
        s = self.length * (y - self.horizon) / (576 - self.horizon) / 100
        if not brush.open(x - s * 150, y - s * 52, x + s * 150, y + s * 8):
            return

        def at(px: float, py: float) -> Point:
            return x + way * px * s, y - py * s

        brush.oval(x, y, s * 54, s * 4, (3, 5, 8), 150)
        for n in range(1, 8):  # the beam, fading
            far = 48 + 98 * n / 7
            brush.polygon([at(48, 18), at(far, 18 - n), at(far, 2 - n), at(48, 12)], WARM, 9)
        body = [(-50, 8), (-50, 22), (-46, 27), (-30, 29), (44, 26), (50, 18), (50, 8)]
        roof = (
            [(-48, 26), (-46, 46), (22, 46), (36, 27)]
            if self.van
            else [(-36, 27), (-22, 42), (10, 43), (30, 26)]
        )
        glass = (
            [(2, 29), (2, 42), (20, 42), (31, 29)] if self.van else [(-31, 28), (-19, 39), (9, 40), (25, 27)]
        )
        brush.polygon([at(*p) for p in roof], mix(self.colour, (0, 0, 0), 0.15))
        brush.polygon([at(*p) for p in glass], (14, 20, 29))
        brush.polygon([at(*p) for p in body], self.colour)
        brush.polygon([at(-50, 8), at(50, 8), at(50, 12), at(-50, 12)], mix(self.colour, (0, 0, 0), 0.45))
        for px in (-31, 30):
            brush.oval(*at(px, 8), s * 9, s * 9, (8, 10, 13))
            brush.oval(*at(px, 8), s * 4.5, s * 4.5, (62, 68, 76))
        brush.oval(*at(48, 17), s * 3.4, s * 3, WHITE)
        brush.oval(*at(-49, 19), s * 2.6, s * 3, (214, 52, 44))
        brush.close()


@dataclass(frozen=True)
class Boat:
    """A barge that glides, with its lights and their reflection."""

    path: Path
    length: float

    def depth(self, t: float) -> float:
        """What lies lower is nearer."""
        where = self.path(t)
        return where[1] if where else -1

    def paint(self, brush: Brush, t: float) -> None:
        """The boat at a time."""
        where = self.path(t)
        if where is None:
            return
        x, y, way = where
        s = self.length / 200
        y += math.sin(t * math.pi / 2) * 0.6
        if not brush.open(x - s * 130, y - s * 52, x + s * 130, y + s * 34):
            return

        def at(px: float, py: float) -> Point:
            return x + way * px * s, y - py * s

        brush.polygon([at(-100, 4), at(-92, -14), at(80, -14), at(104, 4)], (8, 13, 20), 160)
        brush.polygon([at(-104, 14), at(-98, 0), at(88, 0), at(108, 16)], (26, 34, 44))
        brush.polygon([at(-104, 14), at(-103, 11), at(106, 13), at(108, 16)], (112, 58, 46))
        brush.polygon([at(-86, 14), at(-86, 34), at(-34, 34), at(-34, 14)], (46, 56, 68))
        brush.polygon([at(-92, 34), at(-92, 37), at(-28, 37), at(-28, 34)], (30, 38, 48))
        for px in (-80, -66, -52):
            brush.polygon([at(px, 20), at(px, 29), at(px + 10, 29), at(px + 10, 20)], WARM)
            brush.polygon([at(px, -4), at(px, -11), at(px + 10, -11), at(px + 10, -4)], WARM, 54)
        brush.polygon([at(-20, 14), at(-16, 19), at(74, 19), at(78, 15)], (36, 45, 56))
        brush.limb([at(92, 16), at(92, 36)], (20, 26, 34), s * 1.6)
        brush.oval(*at(92, 37), s * 2.4, s * 2.4, WHITE)
        brush.oval(*at(92, -16), s * 2, s * 6, WHITE, 46)
        brush.oval(*at(-60, 40), s * 2, s * 2, (80, 220, 130))
        brush.close()


@dataclass(frozen=True)
class Blink:
    """A small light that breathes: the life that every real picture has."""

    x: float
    y: float
    size: float
    colour: Colour = COLD
    period: float = 2.0
    low: float = 0.25

    def depth(self, t: float) -> float:
        """Behind those who walk."""
        return 0.0

    def paint(self, brush: Brush, t: float) -> None:
        """Brighter and darker once a period."""
        share = self.low + (1 - self.low) * (0.5 + 0.5 * math.sin(2 * math.pi * t / self.period))
        if brush.open(
            self.x - self.size * 3, self.y - self.size * 3, self.x + self.size * 3, self.y + self.size * 3
        ):
            brush.oval(self.x, self.y, self.size * 2.4, self.size * 2.4, self.colour, round(46 * share))
            brush.oval(self.x, self.y, self.size, self.size, self.colour, round(255 * share))
            brush.close()


@dataclass(frozen=True)
class Shimmer:
    """Streaks of light that slide on water. The loop's length is a multiple of 4 s."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour = WARM

    def depth(self, t: float) -> float:
        """Behind those who walk."""
        return 0.0

    def paint(self, brush: Brush, t: float) -> None:
        """The streaks at a time."""
        if not brush.open(self.x - self.width, self.y, self.x + self.width, self.y + self.height):
            return
        rows = 12
        for row in range(rows):
            share = row / rows
            wide = (
                self.width * (0.25 + 0.5 * share) * (0.8 + 0.2 * math.sin(2 * math.pi * (t / 4 + row * 0.37)))
            )
            shift = self.width * 0.12 * math.sin(2 * math.pi * (t / 4 + row * 0.21))
            alpha = round(84 * (1 - share) + 10)
            brush.oval(
                self.x + shift,
                self.y + self.height * (share + 0.06),
                wide,
                self.height / rows * 0.4,
                self.colour,
                alpha,
            )
        brush.close()


@dataclass(frozen=True)
class Flag:
    """Blue, white, red in a light wind."""

    x: float
    y: float
    size: float

    def depth(self, t: float) -> float:
        """Behind those who walk."""
        return 0.0

    def paint(self, brush: Brush, t: float) -> None:
        """The cloth at a time."""
        s = self.size
        if not brush.open(self.x, self.y - s * 0.3, self.x + s * 1.7, self.y + s * 1.3):
            return

        def edge(u: float, low: float) -> Point:
            return self.x + u * s * 1.6, self.y + low * s + math.sin(u * 5 - t * math.pi) * s * 0.1 * u

        for part, colour in enumerate(((38, 58, 112), (150, 156, 166), (126, 40, 44))):
            steps = [part / 3 + n / 12 for n in range(5)]
            brush.polygon([edge(u, 0) for u in steps] + [edge(u, 1) for u in reversed(steps)], colour)
        brush.close()
