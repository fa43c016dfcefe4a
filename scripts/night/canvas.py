"""A canvas for flat night scenes: shapes in logical units (1024×576), light added as lamps shed it.

Shapes are painted three times larger than shown, so that edges are smooth and a view may be zoomed into. Light is kept apart
and applied at the end: it brightens a surface in the surface's own colour, with a little haze.
"""

# ruff: noqa: PLR0917  # coordinates come by position in drawing
from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT, SCALE = 1024, 576, 3

Point = tuple[float, float]
Colour = tuple[int, int, int]
WARM: Colour = (255, 196, 120)
COLD: Colour = (170, 205, 255)
WHITE: Colour = (235, 240, 255)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two."""
    return (
        round(one[0] + (other[0] - one[0]) * share),
        round(one[1] + (other[1] - one[1]) * share),
        round(one[2] + (other[2] - one[2]) * share),
    )


class Canvas:
    """What stands still in a scene. `front`: what hides those who walk behind it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        size = (WIDTH * SCALE, HEIGHT * SCALE)
        self.back = Image.new("RGB", size)
        self.front = Image.new("RGBA", size)
        self.light = np.zeros((HEIGHT, WIDTH, 3), np.float32)
        self._draw = ImageDraw.Draw(self.back)

    def behind(self) -> None:
        """What is painted from now on belongs to the back."""
        self._draw = ImageDraw.Draw(self.back)

    def before(self) -> None:
        """What is painted from now on hides the figures."""
        self._draw = ImageDraw.Draw(self.front)

    def gradient(self, top: float, bottom: float, above: Colour, below: Colour) -> None:
        """A band of the whole width, from one colour to another."""
        height = round((bottom - top) * SCALE)
        share = np.linspace(0, 1, height)[:, None]
        band = np.array(above) * (1 - share) + np.array(below) * share
        pixels = np.repeat(band.astype(np.uint8)[:, None, :], WIDTH * SCALE, axis=1)
        self.back.paste(Image.fromarray(pixels), (0, round(top * SCALE)))

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled shape."""
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=colour)

    def box(self, x0: float, y0: float, x1: float, y1: float, colour: Colour, radius: float = 0) -> None:
        """A filled rectangle."""
        self._draw.rounded_rectangle(
            (x0 * SCALE, y0 * SCALE, x1 * SCALE, y1 * SCALE), radius * SCALE, fill=colour
        )

    def oval(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        """A filled ellipse around a point."""
        self._draw.ellipse(
            ((x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE), fill=colour
        )

    def line(self, points: Sequence[Point], colour: Colour, width: float = 1) -> None:
        """A line through points."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(scaled, fill=colour, width=max(1, round(width * SCALE)), joint="curve")

    def glow(self, x: float, y: float, rx: float, ry: float, colour: Colour, strength: float = 1.0) -> None:
        """Light around a point, fading to nothing at the ellipse."""
        x0, x1 = max(0, int(x - rx)), min(WIDTH, int(x + rx) + 1)
        y0, y1 = max(0, int(y - ry)), min(HEIGHT, int(y + ry) + 1)
        if x0 >= x1 or y0 >= y1:
            return
        ys, xs = np.mgrid[y0:y1, x0:x1]
        fall = np.clip(1 - np.hypot((xs - x) / rx, (ys - y) / ry), 0, 1) ** 2
        self.light[y0:y1, x0:x1] += fall[..., None] * (np.array(colour, np.float32) / 255 * strength)

    def lit(self) -> Image.Image:
        """The back under its light, three times larger than shown."""
        small = np.clip(self.light / 4 * 255, 0, 255).astype(np.uint8)
        light = np.asarray(
            Image.fromarray(small).resize(self.back.size, Image.Resampling.BICUBIC), np.float32
        )
        light *= 4 / 255
        shown = np.asarray(self.back, np.float32) * (1 + 2.2 * light) + 16 * light
        shown *= np.minimum(
            1, 246 / np.maximum(shown.max(axis=2, keepdims=True), 1)
        )  # brighter keeps its hue
        return Image.fromarray(shown.astype(np.uint8))


class Wall:
    """A facade seen at any angle: (u, v) from its top left (0, 0) to its bottom right (1, 1)."""

    def __init__(self, canvas: Canvas, quad: tuple[Point, Point, Point, Point], colour: Colour) -> None:
        self._canvas, self._quad = canvas, quad
        canvas.polygon(quad, colour)

    def at(self, u: float, v: float) -> Point:
        """A place on the wall, in units of the canvas."""
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = self._quad
        top, low = (ax + (bx - ax) * u, ay + (by - ay) * u), (dx + (cx - dx) * u, dy + (cy - dy) * u)
        return top[0] + (low[0] - top[0]) * v, top[1] + (low[1] - top[1]) * v

    def patch(self, u0: float, v0: float, u1: float, v1: float, colour: Colour) -> None:
        """A rectangle of the wall."""
        self._canvas.polygon([self.at(u0, v0), self.at(u1, v0), self.at(u1, v1), self.at(u0, v1)], colour)

    def windows(
        self,
        columns: int,
        rows: int,
        *,
        top: float = 0.08,
        bottom: float = 0.72,
        lit: float = 0.12,
        dark: Colour = (13, 20, 29),
        frame: Colour = (38, 49, 62),
    ) -> None:
        """Rows of windows, a few of them lit."""
        step_u, step_v = 1 / columns, (bottom - top) / rows
        for row in range(rows):
            for column in range(columns):
                u, v = (column + 0.5) * step_u, top + (row + 0.5) * step_v
                half_u, half_v = step_u * 0.22, step_v * 0.34
                self.patch(u - half_u * 1.25, v - half_v * 1.12, u + half_u * 1.25, v + half_v * 1.12, frame)
                shines = self._canvas.random.random() < lit
                tone = mix(WARM, (120, 84, 48), self._canvas.random.random() * 0.7)
                self.patch(u - half_u, v - half_v, u + half_u, v + half_v, tone if shines else dark)
                if shines:
                    x, y = self.at(u, v)
                    self._canvas.glow(x, y, 26, 26, WARM, 0.35)


def lamp(
    canvas: Canvas, x: float, base: float, height: float, colour: Colour = WARM, power: float = 1.0
) -> None:
    """A street lamp with its pool of light on the ground."""
    top, thin = base - height, max(1.4, height / 70)
    canvas.line([(x, base), (x, top)], (10, 14, 19), thin)
    canvas.box(x - thin * 1.6, base - height * 0.06, x + thin * 1.6, base, (10, 14, 19), 1)
    head = height / 26
    canvas.polygon(
        [
            (x - head * 1.3, top - head * 2),
            (x + head * 1.3, top - head * 2),
            (x + head, top),
            (x - head, top),
        ],
        mix(colour, WHITE, 0.45),
    )
    canvas.polygon(
        [(x - head * 1.6, top - head * 2), (x + head * 1.6, top - head * 2), (x, top - head * 3)],
        (10, 14, 19),
    )
    canvas.glow(x, top - head, height * 0.42, height * 0.42, colour, 1.0 * power)
    canvas.glow(x, top - head, height * 1.5, height * 1.2, colour, 0.30 * power)
    canvas.glow(x, base + height * 0.02, height * 1.25, height * 0.36, colour, 0.85 * power)


def tree(canvas: Canvas, x: float, base: float, height: float, tone: Colour = (20, 36, 32)) -> None:
    """A tree: a trunk and a crown of rounds, lighter at its upper left."""
    canvas.line([(x, base), (x, base - height * 0.5)], (15, 17, 19), height / 22)
    spread = height * 0.26
    rounds = [
        (canvas.random.uniform(-1, 1) * spread, canvas.random.uniform(0.42, 0.86) * height) for _ in range(16)
    ]
    for shade, shift in (
        (mix(tone, (0, 0, 0), 0.35), 0.0),
        (tone, height * 0.035),
        (mix(tone, (62, 78, 68), 0.3), height * 0.085),
    ):
        for dx, up in rounds:
            size = height * (0.15 - shift / height * 0.62)
            canvas.oval(x + dx - shift * 0.6, base - up - shift, size, size * 0.9, shade)


def paving(
    canvas: Canvas, horizon: float, vanish: Point, colour: Colour, rows: int = 11, columns: int = 18
) -> None:
    """Lines of a ground that run to a vanishing point, and those across."""
    for column in range(-columns, columns + 1):
        x = vanish[0] + column * WIDTH / columns * 1.6
        share = (horizon - vanish[1]) / (HEIGHT - vanish[1])
        canvas.line([(vanish[0] + (x - vanish[0]) * share, horizon), (x, HEIGHT)], colour, 1)
    for row in range(1, rows):
        y = horizon + (HEIGHT - horizon) * (row / rows) ** 1.9
        canvas.line([(0, y), (WIDTH, y)], colour, 1)


def sky(canvas: Canvas, horizon: float, haze: Colour = (44, 52, 66)) -> None:
    """A night sky over a town: dark above, hazy below, a few stars."""
    canvas.gradient(0, horizon, (9, 15, 25), haze)
    for _ in range(26):
        x, y = canvas.random.uniform(0, WIDTH), canvas.random.uniform(0, horizon * 0.5)
        canvas.oval(x, y, 0.7, 0.7, (96, 110, 130))


def skyline(canvas: Canvas, base: float, low: float, high: float, colour: Colour) -> None:
    """Far roofs."""
    x = -20.0
    while x < WIDTH:
        width, top = canvas.random.uniform(40, 110), base - canvas.random.uniform(low, high)
        canvas.polygon(
            [
                (x, base),
                (x, top + 8),
                (x + 8, top),
                (x + width - 8, top),
                (x + width, top + 8),
                (x + width, base),
            ],
            colour,
        )
        for _ in range(3):
            wx, wy = canvas.random.uniform(x + 8, x + width - 12), canvas.random.uniform(top + 10, base - 8)
            canvas.box(wx, wy, wx + 3.5, wy + 5, mix(WARM, colour, canvas.random.uniform(0.35, 0.9)))
        x += width
