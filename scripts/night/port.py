"""The warehouse of the port: its gate, its docks, its office."""

# ruff: noqa: PLR0917  # coordinates come by position in drawing
from __future__ import annotations

from night.canvas import (
    COLD,
    HEIGHT,
    WARM,
    WHITE,
    WIDTH,
    Canvas,
    Colour,
    lamp,
    mix,
    sky,
    skyline,
)
from night.figures import Blink, Car, Person, Shimmer
from night.paths import stroll
from night.scene import NARROW, Clip, Scene

PORTRAIT = (160.0, 0.0, 704.0, 576.0)  # what a narrow view shows of the canvas
STEEL: Colour = (56, 64, 74)


def spot(canvas: Canvas, x: float, y: float, reach: float, colour: Colour = COLD) -> None:
    """A floodlight on a wall and what it lights below."""
    canvas.box(x - 9, y - 5, x + 9, y + 3, mix(colour, WHITE, 0.4), 2)
    canvas.box(x - 10, y - 9, x + 10, y - 4, (18, 22, 28), 2)
    canvas.glow(x, y, reach * 0.5, reach * 0.5, colour, 0.9)
    canvas.glow(x, y + reach * 0.75, reach, reach * 0.9, colour, 0.75)


def ribs(
    canvas: Canvas, x0: float, y0: float, x1: float, y1: float, colour: Colour, step: float = 14
) -> None:
    """Corrugated steel."""
    canvas.box(x0, y0, x1, y1, colour)
    x = x0
    while x < x1:
        canvas.line([(x, y0), (x, y1)], mix(colour, (0, 0, 0), 0.16), 1.6)
        x += step


def portal() -> Scene:
    """Cam 01: the sliding gate, the road, the wall."""
    canvas = Canvas(101)
    sky(canvas, 250)
    skyline(canvas, 244, 30, 90, (24, 31, 41))
    ribs(canvas, 640, 120, WIDTH, 300, (46, 54, 63))
    canvas.polygon([(628, 122), (WIDTH, 96), (WIDTH, 126), (628, 126)], (30, 36, 44))
    canvas.gradient(250, HEIGHT, (42, 46, 53), (52, 56, 62))
    canvas.polygon([(330, 300), (640, 300), (900, HEIGHT), (60, HEIGHT)], (40, 44, 50))
    for x0, x1 in ((0, 296), (690, WIDTH)):
        canvas.box(x0, 232, x1, 336, (72, 72, 72))
        canvas.box(x0, 226, x1, 236, (92, 92, 90))
        canvas.box(x0, 326, x1, 338, (54, 55, 57))
    for x in (282, 690):
        canvas.box(x - 16, 196, x + 16, 344, (84, 82, 78))
        canvas.box(x - 20, 188, x + 20, 200, (104, 102, 96), 2)
    for n in range(25):
        x = 302 + n * 15.4
        canvas.line([(x, 214), (x, 340)], (112, 118, 124), 2.4)
    for y in (220, 334):
        canvas.box(298, y - 4, 676, y + 4, (120, 126, 132), 2)
    canvas.box(298, 340, 676, 344, (24, 27, 32))
    canvas.box(728, 262, 756, 300, (30, 36, 44), 3)
    canvas.box(733, 268, 751, 280, (70, 110, 120), 2)
    spot(canvas, 690, 182, 210)
    lamp(canvas, 232, 352, 246)
    canvas.glow(480, 460, 420, 130, COLD, 0.6)
    life = [Blink(742, 291, 2.4, (226, 66, 58), 2.0), Blink(282, 184, 3.2, (255, 170, 60), 4.0, 0.1)]
    someone = Person(
        stroll((0, 210, 560), (5, 330, 400), (9, 420, 392), (12, 430, 392), (16, 620, 560)),
        220,
        120,
        (40, 44, 54),
    )
    car = Car(
        stroll((0, 60, 520), (4, 470, 520), (12, 470, 520), (16, 980, 520)), 330, 120, (88, 92, 98), van=True
    )
    clips = {
        "calm": Clip(life, 8, PORTRAIT),
        "person": Clip([*life, someone], 16, PORTRAIT),
        "vehicle": Clip([*life, car], 16, PORTRAIT),
    }
    return Scene(canvas, clips, NARROW)


def dock() -> Scene:
    """Cam 02: the front of the warehouse at quay 3, four shutters over a platform."""
    canvas = Canvas(103)
    sky(canvas, 120)
    ribs(canvas, 0, 70, WIDTH, 390, (60, 68, 78), 12)
    canvas.box(0, 56, WIDTH, 74, (38, 45, 54))
    canvas.box(0, 84, WIDTH, 92, (52, 60, 70))
    canvas.gradient(390, HEIGHT, (46, 50, 57), (58, 62, 68))
    for n in range(4):
        x = 70 + n * 240
        canvas.box(x - 12, 166, x + 172, 390, (42, 49, 58))
        canvas.box(x, 178, x + 160, 384, (92, 98, 104))
        for row in range(13):
            y = 180 + row * 15.8
            canvas.line([(x, y), (x + 160, y)], (70, 76, 83), 1.8)
        canvas.box(x, 374, x + 160, 384, (190, 160, 60))
        for dash in range(5):
            canvas.polygon(
                [
                    (x + dash * 34, 384),
                    (x + 12 + dash * 34, 374),
                    (x + 24 + dash * 34, 374),
                    (x + 12 + dash * 34, 384),
                ],
                (26, 28, 32),
            )
        canvas.box(x + 62, 122, x + 98, 152, (24, 30, 38), 4)
        _digit(canvas, n + 1, x + 80, 137)
        spot(canvas, x + 80, 108, 150, WARM if n % 2 else COLD)
    canvas.box(0, 386, WIDTH, 398, (104, 106, 106))
    canvas.box(0, 398, WIDTH, 446, (66, 68, 72))
    for x in range(24, WIDTH, 120):
        canvas.box(x, 404, x + 20, 440, (18, 21, 25), 2)
    canvas.polygon([(880, 398), (WIDTH, 398), (WIDTH, 470), (960, 470)], (78, 80, 84))
    for n in range(3):
        canvas.line([(150 + n * 250, 450), (60 + n * 330, HEIGHT)], (128, 118, 70), 3)
    canvas.box(20, 340, 62, 388, (96, 72, 50), 2)
    canvas.box(26, 306, 58, 340, (110, 84, 58), 2)
    canvas.glow(500, 520, 620, 120, COLD, 0.35)
    life = [Blink(316, 116, 2.2, (226, 66, 58), 2.0), Blink(976, 120, 1.6, (96, 220, 150), 4.0)]
    someone = Person(
        stroll((0, 1060, 566), (6, 720, 552), (8, 640, 536), (11, 632, 536), (13, 560, 530), (18, 500, 528), (20, 496, 528)),
        236, 40, (34, 40, 52), pace=1.5,
    )  # fmt: skip
    clips = {"calm": Clip(life, 8), "person": Clip([*life, someone], 20)}
    return Scene(canvas, clips)


_SEGMENTS = {1: "bc", 2: "abged", 3: "abgcd", 4: "fgbc"}


def _digit(canvas: Canvas, number: int, x: float, y: float) -> None:
    """A dock's number, in seven segments."""
    w, h = 6.0, 9.0
    lines = {
        "a": ((-w, -h), (w, -h)), "b": ((w, -h), (w, 0)), "c": ((w, 0), (w, h)), "d": ((-w, h), (w, h)),
        "e": ((-w, 0), (-w, h)), "f": ((-w, -h), (-w, 0)), "g": ((-w, 0), (w, 0)),
    }  # fmt: skip
    for segment in _SEGMENTS[number]:
        (ax, ay), (bx, by) = lines[segment]
        canvas.line([(x + ax, y + ay), (x + bx, y + by)], (236, 226, 196), 2.6)


def dock_east() -> Scene:
    """Cam 03: along the water, containers and a crane. Its camera gets pushed: `moved`."""
    canvas = Canvas(107)
    sky(canvas, 280, (48, 55, 68))
    skyline(canvas, 272, 24, 70, (27, 35, 45))
    canvas.gradient(270, 560, (16, 28, 41), (11, 19, 28))
    canvas.polygon([(560, 290), (WIDTH, 300), (WIDTH, HEIGHT), (0, HEIGHT), (0, 480)], (54, 58, 64))
    canvas.polygon([(560, 290), (570, 290), (30, 500), (0, 508), (0, 488)], (96, 94, 84))
    for n in range(1, 6):
        canvas.line([(600 + n * 70, 296), (120 + n * 170, HEIGHT)], (48, 52, 58), 1)
    tones: list[Colour] = [(104, 56, 48), (44, 74, 92), (72, 82, 62), (112, 92, 52), (58, 62, 72)]
    for row, (x, base, width, height) in enumerate(
        ((640, 340, 150, 62), (800, 352, 170, 70), (712, 280, 156, 60))
    ):
        for level in range(2 if row < 2 else 1):
            y = base - height * (level + 1)
            ribs(canvas, x, y, x + width, y + height, tones[(row * 2 + level) % 5], 9)
            canvas.box(x, y, x + width, y + 3, (22, 26, 32))
            canvas.box(x, y + height - 3, x + width, y + height, (22, 26, 32))
    canvas.line([(330, 300), (380, 60), (430, 300)], (132, 112, 52), 5)
    canvas.line([(150, 96), (560, 66)], (132, 112, 52), 5)
    canvas.line([(380, 40), (200, 92)], (96, 84, 46), 2)
    canvas.line([(380, 40), (530, 68)], (96, 84, 46), 2)
    canvas.line([(196, 94), (196, 210)], (60, 60, 56), 1.4)
    canvas.box(186, 210, 206, 222, (90, 84, 60), 2)
    canvas.box(366, 86, 396, 116, (70, 76, 84), 2)
    for x, base, height in ((604, 330, 170), (960, 440, 290)):
        lamp(canvas, x, base, height, COLD)
    for x, y in ((420, 344), (250, 412), (90, 474)):
        canvas.box(x - 8, y - 16, x + 8, y, (20, 24, 29), 4)
    canvas.glow(520, 500, 520, 140, COLD, 0.5)
    life = [
        Blink(380, 38, 2.4, (236, 66, 58), 2.0),
        Shimmer(250, 300, 40, 110, WARM),
        Shimmer(90, 300, 46, 130, COLD),
        Shimmer(420, 290, 26, 60, COLD),
    ]
    someone = Person(
        stroll((0, 600, 340), (8, 520, 400), (10, 520, 404), (20, 330, 570)), 250, 200, (36, 42, 52), pace=1.6
    )
    straight, pushed = (0.0, 0.0, 896.0, 504.0), (128.0, 60.0, 896.0, 504.0)
    clips = {
        "calm": Clip(life, 8, straight),
        "person": Clip([*life, someone], 20, straight),
        "moved": Clip(life, 8, pushed),
    }
    return Scene(canvas, clips)


def office() -> Scene:
    """Cam 04: the office of the quay, by the light of a screen and of the street."""
    canvas = Canvas(109)
    canvas.gradient(0, 330, (44, 48, 55), (54, 58, 65))
    canvas.gradient(330, HEIGHT, (40, 40, 43), (50, 49, 50))
    canvas.polygon([(0, 0), (150, 70), (150, 350), (0, 470)], (48, 52, 59))
    canvas.polygon([(0, 470), (150, 350), (WIDTH, 350), (WIDTH, 338), (150, 338), (0, 452)], (34, 37, 42))
    canvas.box(330, 84, 640, 262, (30, 34, 40), 3)
    canvas.box(338, 92, 632, 254, (20, 34, 50))
    for n in range(15):
        canvas.line([(338, 98 + n * 10.6), (632, 98 + n * 10.6)], (58, 66, 76), 2.2)
    canvas.box(482, 92, 488, 254, (30, 34, 40))
    canvas.box(770, 96, 892, 350, (66, 58, 50))
    canvas.box(778, 104, 884, 350, (84, 74, 62))
    canvas.oval(868, 236, 5, 5, (170, 160, 130))
    canvas.box(180, 150, 290, 350, (74, 78, 84))
    for n in range(4):
        canvas.box(186, 156 + n * 49, 284, 200 + n * 49, (88, 93, 100), 2)
        canvas.box(224, 174 + n * 49, 246, 179 + n * 49, (46, 50, 56), 2)
    canvas.polygon([(350, 372), (700, 372), (770, 430), (300, 430)], (96, 80, 62))
    canvas.box(300, 430, 770, 444, (74, 61, 48))
    for x in (316, 736):
        canvas.box(x, 444, x + 18, 556, (58, 49, 40))
    canvas.box(436, 290, 560, 366, (16, 19, 23), 4)
    canvas.box(442, 296, 554, 358, (72, 108, 140), 2)
    for n in range(4):
        canvas.box(450, 304 + n * 12, 450 + (84, 60, 92, 44)[n], 309 + n * 12, (126, 160, 188), 1)
    canvas.box(490, 366, 506, 378, (22, 25, 30))
    canvas.box(430, 392, 560, 406, (36, 40, 46), 3)
    canvas.box(600, 380, 660, 396, (150, 148, 138), 1)
    canvas.box(560, 470, 640, 484, (30, 34, 40), 6)
    canvas.box(592, 484, 604, 540, (26, 29, 34))
    canvas.box(548, 404, 652, 470, (34, 39, 46), 14)
    canvas.glow(498, 330, 330, 210, COLD, 0.9)
    canvas.glow(486, 180, 300, 210, WARM, 0.55)
    canvas.glow(486, 480, 480, 130, WARM, 0.45)
    canvas.glow(880, 200, 240, 260, WARM, 0.35)
    life = [Blink(552, 374, 1.6, (96, 220, 150), 2.0), Blink(960, 70, 2.0, (226, 66, 58), 4.0)]
    someone = Person(
        stroll((0, 830, 392), (3, 820, 420), (8, 700, 520), (13, 640, 560), (16, 300, 560)),
        330,
        0,
        (36, 40, 50),
        pace=1.5,
    )
    return Scene(canvas, {"calm": Clip(life, 8), "person": Clip([*life, someone], 16)})
