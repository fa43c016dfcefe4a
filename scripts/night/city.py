"""Place Carnot, from two sides."""

# ruff: noqa: PLR0917  # coordinates come by position in drawing
from __future__ import annotations

from night.canvas import (
    COLD,
    HEIGHT,
    WARM,
    WIDTH,
    Canvas,
    Colour,
    Wall,
    lamp,
    mix,
    paving,
    sky,
    skyline,
    tree,
)
from night.figures import Blink, Car, Person, Shimmer
from night.paths import scuffle, stroll, walk
from night.scene import Clip, Scene

STONE: Colour = (52, 58, 68)
ROAD: Colour = (38, 43, 51)
ROOF: Colour = (27, 33, 42)


def houses(
    canvas: Canvas, x0: float, x1: float, base: float, height: float, tones: tuple[Colour, ...]
) -> None:
    """A row of tall houses seen from the front, with slate roofs and shop fronts."""
    x, number = x0, 0
    while x < x1 - 30:
        width = min(canvas.random.uniform(110, 165), x1 - x)
        top = base - height * canvas.random.uniform(0.88, 1.06)
        canvas.polygon([(x, top), (x + 9, top - 22), (x + width - 9, top - 22), (x + width, top)], ROOF)
        for part in (0.25, 0.7):
            canvas.box(x + width * part, top - 34, x + width * part + 8, top - 20, (33, 36, 42))
        columns = max(3, round(width / 30))
        for column in range(columns):
            middle = x + width * (column + 0.5) / columns
            canvas.box(middle - 4, top - 15, middle + 4, top - 4, (14, 20, 28), 2)
        wall = Wall(
            canvas, ((x, top), (x + width, top), (x + width, base), (x, base)), tones[number % len(tones)]
        )
        wall.windows(columns, 4, top=0.03, bottom=0.75, lit=0.09)
        for row in range(1, 5):
            v = 0.03 + 0.18 * row
            wall.patch(0, v - 0.006, 1, v + 0.004, mix(tones[number % len(tones)], (90, 98, 110), 0.25))
        _shop(canvas, wall, x, x + width, base)
        x, number = x + width, number + 1


def _shop(canvas: Canvas, wall: Wall, x0: float, x1: float, base: float) -> None:
    awning = canvas.random.choice([(92, 44, 44), (38, 72, 66), (70, 62, 44), (44, 54, 84)])
    shines = canvas.random.random() < 0.45
    wall.patch(0.06, 0.82, 0.94, 0.99, (18, 24, 32))
    inside = mix(WARM, (60, 44, 30), 0.35) if shines else (24, 31, 40)
    wall.patch(0.09, 0.86, 0.6, 0.97, inside)
    wall.patch(0.66, 0.85, 0.86, 1.0, mix(inside, (14, 18, 24), 0.4))
    wall.patch(0.05, 0.79, 0.95, 0.845, awning)
    if shines:
        canvas.glow((x0 + x1) / 2, base + 4, (x1 - x0) * 0.75, 44, WARM, 0.8)


def bandstand(canvas: Canvas, x: float, base: float, size: float) -> None:
    """The kiosk of the square."""
    canvas.oval(x, base, size * 1.12, size * 0.2, (40, 46, 55))
    canvas.box(x - size, base - size * 0.2, x + size, base, (58, 64, 74), 2)
    canvas.oval(x, base - size * 0.2, size, size * 0.16, (70, 76, 86))
    for part in (-0.88, -0.5, 0.5, 0.88):
        canvas.line(
            [(x + part * size, base - size * 0.2), (x + part * size, base - size * 1.2)],
            (30, 38, 46),
            size / 26,
        )
    canvas.polygon(
        [
            (x - size * 1.15, base - size * 1.16),
            (x, base - size * 1.75),
            (x + size * 1.15, base - size * 1.16),
        ],
        (36, 54, 56),
    )
    canvas.polygon(
        [
            (x - size * 1.15, base - size * 1.16),
            (x, base - size * 1.75),
            (x - size * 0.3, base - size * 1.16),
        ],
        (44, 66, 66),
    )
    canvas.box(x - size * 1.15, base - size * 1.18, x + size * 1.15, base - size * 1.1, (60, 74, 76), 2)
    canvas.line([(x, base - size * 1.75), (x, base - size * 1.98)], (60, 74, 76), size / 30)
    canvas.glow(x, base - size * 1.0, size * 1.1, size * 0.9, WARM, 0.9)


def bench(canvas: Canvas, x: float, base: float, width: float) -> None:
    """A bench."""
    canvas.box(x, base - width * 0.3, x + width, base - width * 0.24, (66, 56, 44), 1)
    canvas.box(x, base - width * 0.19, x + width, base - width * 0.13, (74, 63, 50), 1)
    for part in (0.12, 0.84):
        canvas.box(x + width * part, base - width * 0.3, x + width * (part + 0.04), base, (20, 24, 29))


def square(seed: int) -> Canvas:
    """Place Carnot: houses around, the bandstand, planes and lamps on a paved ground."""
    canvas = Canvas(seed)
    sky(canvas, 250)
    skyline(canvas, 236, 20, 70, (22, 29, 39))
    houses(canvas, -14, WIDTH + 14, 262, 176, (STONE, (60, 60, 64), (48, 56, 66)))
    canvas.gradient(262, HEIGHT, (44, 49, 57), (54, 59, 67))
    paving(canvas, 286, (512, 190), (48, 53, 61))
    canvas.box(0, 262, WIDTH, 270, (34, 39, 47))
    canvas.box(0, 270, WIDTH, 286, (30, 34, 41))
    for x in range(-10, WIDTH, 60):
        canvas.box(x, 277, x + 26, 278.6, (120, 122, 120))
    return canvas


def carnot() -> Scene:
    """Place Carnot, camera 1 (PTZ)."""
    canvas = square(11)
    for x, base, height in ((90, 318, 150), (262, 306, 128), (770, 308, 134), (948, 322, 158)):
        canvas.oval(x, base, height * 0.2, height * 0.035, (30, 34, 36))
        tree(canvas, x, base, height)
    bandstand(canvas, 520, 362, 66)
    for x, base, height in ((176, 332, 118), (392, 316, 96), (664, 318, 98), (868, 336, 122)):
        lamp(canvas, x, base, height)
    for x, base, width in ((222, 404, 62), (700, 400, 60), (392, 472, 84)):
        bench(canvas, x, base, width)
    canvas.before()
    lamp(canvas, 70, 556, 330, power=0.8)
    canvas.behind()
    canvas.glow(330, 500, 460, 130, WARM, 0.45)
    canvas.glow(800, 520, 360, 110, WARM, 0.35)
    life = [Blink(905, 190, 1.5, (236, 66, 58), 2.0), Blink(604, 233, 1.6, COLD, 4.0)]
    late = [
        Person(walk(-30, 400, 560, 420, 0, 14.5), 150, 170, (46, 54, 70)),
        Person(walk(1050, 470, 640, 440, 4, 15.9), 152, 170, (70, 52, 46)),
        Car(walk(-80, 282, 1100, 282, 2, 10), 172, 90, (74, 80, 92)),
    ]
    fight = [
        Person(scuffle(470, 452, turn, 25), 152, 170, coat, pace=3.4, raised=1.0)
        for turn, coat in ((0.4, (44, 56, 78)), (2.6, (92, 52, 46)), (4.5, (62, 66, 62)))
    ]
    witness = Person(stroll((0, 800, 436), (6, 690, 432), (16, 690, 432)), 150, 170, (58, 58, 66))
    views = {"kiosque": (290, 232, 448, 252), "terrasses": (0, 150, 448, 252), "tram": (624, 160, 400, 225)}
    clips = {"calm": Clip([*life, *late]), "rixe": Clip([*life, *fight, witness])}
    clips |= {f"calm-{name}": Clip([*life, *late], 8, box) for name, box in views.items()}
    clips["rixe-kiosque"] = Clip([*life, *fight, witness], 8, views["kiosque"])
    return Scene(canvas, clips)


def carnot_2() -> Scene:
    """Place Carnot, camera 2 (PTZ): the fountain and the terraces, from the other side."""
    canvas = square(29)
    for x, base, height in ((196, 326, 160), (860, 330, 168), (1000, 312, 138)):
        tree(canvas, x, base, height, (24, 38, 32))
    canvas.oval(600, 402, 150, 34, (64, 70, 80))
    canvas.oval(600, 396, 142, 29, (24, 46, 62))
    canvas.box(592, 330, 608, 396, (72, 78, 88), 3)
    canvas.oval(600, 344, 48, 9, (78, 84, 94))
    canvas.oval(600, 330, 13, 15, (82, 88, 98))
    canvas.glow(600, 392, 190, 70, COLD, 1.0)
    for n in range(5):
        x, base = 60 + n * 62, 360 + (n % 2) * 26
        canvas.oval(x, base - 17, 17, 4.5, (86, 78, 66))
        canvas.line([(x, base - 16), (x, base)], (20, 24, 29), 2.4)
        for side in (-24, 24):
            canvas.box(x + side - 5, base - 22, x + side + 5, base - 8, (58, 48, 42), 2)
    for x, base, height in ((330, 322, 108), (738, 322, 108), (930, 352, 132)):
        lamp(canvas, x, base, height)
    canvas.glow(420, 510, 520, 130, WARM, 0.5)
    life: list[Blink | Shimmer] = [Blink(288, 226, 1.5, (236, 66, 58), 2.0)]
    life += [Shimmer(600 + dx, 384, 40, 26, COLD) for dx in (-70, 0, 70)]
    late = [
        Person(walk(1050, 420, 700, 446, 1, 15), 150, 170, (52, 60, 76)),
        Person(walk(-30, 480, 420, 452, 0, 15.9), 154, 170, (84, 60, 48)),
        Person(walk(-62, 482, 388, 454, 0, 15.9), 148, 170, (40, 46, 54), pace=1.8),
    ]
    views = {"fontaine": (420, 230, 384, 216), "terrasses": (0, 190, 400, 225), "rue": (640, 150, 384, 216)}
    clips = {"calm": Clip([*life, *late])}
    clips |= {f"calm-{name}": Clip([*life, *late], 8, box) for name, box in views.items()}
    return Scene(canvas, clips)
