"""Streets of the town, the station, the school, the quay, the car park, the bridge."""

from __future__ import annotations

import math

from night.canvas import (
    COLD,
    HEIGHT,
    WARM,
    WHITE,
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
from night.city import ROAD, ROOF, STONE
from night.figures import Blink, Boat, Car, Flag, Person, Shimmer
from night.paths import stroll, walk
from night.scene import Clip, Scene


def presquile() -> Scene:
    """A shopping street at night, in perspective."""
    canvas = Canvas(37)
    sky(canvas, 330)
    skyline(canvas, 322, 30, 90, (24, 31, 41))
    canvas.gradient(318, HEIGHT, (42, 47, 55), (60, 64, 71))
    end, vanish = 318.0, 300.0
    for side, edge, far in ((0, -40, 430), (1, WIDTH + 40, 600)):
        for n in range(5):
            a, b = 1 - (n / 5) ** 0.7, 1 - ((n + 1) / 5) ** 0.7
            x0, x1 = far + (edge - far) * a, far + (edge - far) * b
            low0, low1 = end + (620 - end) * a, end + (620 - end) * b
            top0, top1 = vanish - 470 * a - 40, vanish - 470 * b - 40
            tone = mix(STONE, (66, 60, 58), 0.3 * ((n + side) % 3))
            wall = Wall(
                canvas, ((x0, top0), (x1, top1), (x1, low1), (x0, low0)), mix(tone, (30, 36, 46), n / 7)
            )
            wall.windows(3, 4, top=0.02, bottom=0.66, lit=0.1)
            shines = (n + side) % 2 == 0
            wall.patch(0.05, 0.74, 0.95, 0.97, (18, 23, 30))
            wall.patch(0.1, 0.78, 0.9, 0.95, mix(WARM, (70, 52, 36), 0.4) if shines else (28, 35, 45))
            wall.patch(
                0.04, 0.71, 0.96, 0.755, canvas.random.choice([(108, 48, 48), (40, 82, 76), (54, 66, 104)])
            )
            if shines:
                canvas.glow(*wall.at(0.5, 1.0), 60 + 190 * a, 26 + 60 * a, WARM, 0.9)
    for n in range(-7, 8):
        canvas.line([(515 + n * 12, end + 2), (515 + n * 150, HEIGHT)], (52, 57, 65), 1)
    for row in range(1, 9):
        y = end + (HEIGHT - end) * (row / 9) ** 2
        canvas.line([(0, y), (WIDTH, y)], (52, 57, 65), 1)
    for y, span in ((150, 330), (222, 190), (262, 110)):
        points = [(515 + span * (u / 10 - 1), y + 18 * math.sin(u / 20 * math.pi)) for u in range(21)]
        canvas.line(points, (20, 26, 34), 0.8)
        for x, py in points[1:-1]:
            canvas.oval(x, py + 2, span / 130, span / 130, mix(WARM, WHITE, 0.4))
            canvas.glow(x, py, 20, 20, WARM, 0.16)
    lamp(canvas, 330, 430, 190)
    lamp(canvas, 662, 398, 140)
    figures = [
        Blink(515, 246, 1.8, (96, 220, 150), 2.0),
        Person(walk(470, 352, 380, 560, 0, 15), 190, 306, (62, 70, 88)),
        Person(walk(690, 560, 560, 350, 1, 15.5), 188, 306, (96, 62, 54)),
        Person(walk(730, 566, 590, 352, 1, 15.5), 182, 306, (50, 54, 60)),
    ]
    return Scene(canvas, {"calm": Clip(figures)})


def station() -> Scene:
    """The station's forecourt."""
    canvas = Canvas(41)
    sky(canvas, 300)
    skyline(canvas, 290, 20, 60, (24, 31, 41))
    canvas.gradient(300, HEIGHT, (46, 50, 57), (56, 60, 67))
    wall = Wall(canvas, ((150, 120), (874, 120), (874, 312), (150, 312)), (64, 66, 70))
    canvas.polygon([(134, 122), (170, 84), (854, 84), (890, 122)], ROOF)
    for n in range(7):
        u = (n + 0.5) / 7
        x, y = wall.at(u, 0.4)
        inside = mix(WARM, (84, 64, 44), 0.25)
        canvas.oval(x, y, 36, 40, inside)
        canvas.box(x - 36, y, x + 36, 308, inside)
        for bar in (-18, 0, 18):
            canvas.line([(x + bar, y - 38), (x + bar, 308)], (60, 54, 48), 1.4)
        canvas.line([(x - 36, y + 40), (x + 36, y + 40)], (60, 54, 48), 1.6)
        canvas.glow(x, 318, 90, 60, WARM, 0.8)
    canvas.polygon([(432, 122), (452, 52), (572, 52), (592, 122)], (72, 74, 79))
    canvas.polygon([(440, 54), (512, 26), (584, 54)], ROOF)
    canvas.oval(512, 86, 25, 25, (30, 34, 40))
    canvas.oval(512, 86, 22, 22, (226, 222, 206))
    canvas.line([(512, 86), (512, 70)], (30, 34, 40), 1.6)
    canvas.line([(512, 86), (523, 90)], (30, 34, 40), 2)
    canvas.glow(512, 86, 60, 60, WHITE, 0.7)
    paving(canvas, 318, (512, 220), (50, 54, 61))
    canvas.polygon([(0, 430), (WIDTH, 404), (WIDTH, 500), (0, 536)], (40, 44, 51))
    for n in range(12):
        x = n * 92
        canvas.polygon(
            [(x, 482 - n * 2.6), (x + 44, 480 - n * 2.6), (x + 44, 484 - n * 2.6), (x, 486 - n * 2.6)],
            (132, 134, 132),
        )
    for x, base in ((92, 398), (300, 384), (724, 384), (936, 396)):
        lamp(canvas, x, base, 152)
    for n in range(9):
        canvas.box(180 + n * 84, 384, 184 + n * 84, 402, (22, 26, 32), 2)
    canvas.box(40, 322, 190, 328, (58, 70, 84))
    canvas.box(46, 328, 184, 380, (34, 48, 60))
    canvas.box(46, 366, 184, 369, (70, 74, 78))
    figures = [
        Blink(512, 86, 1.2, (180, 60, 50), 2.0, 0.0),
        Car(walk(1200, 478, -180, 496, 1, 9), 300, 160, (128, 126, 112)),
        Person(walk(560, 340, 660, 560, 0, 15.5), 150, 160, (54, 62, 80)),
        Person(walk(250, 336, 420, 414, 2, 15.9), 150, 160, (92, 66, 52)),
        Person(stroll((0, 118, 382), (15, 118, 382), (16, 120, 382)), 150, 160, (62, 58, 70)),
        Person(walk(60, 404, 980, 530, 16, 47.8), 150, 160, (70, 60, 54)),
        Person(walk(690, 340, 470, 560, 17, 33), 150, 160, (50, 66, 72)),
        Person(walk(400, 430, 270, 336, 31, 47), 150, 160, (84, 70, 60)),
        Person(stroll((16, 120, 382), (47, 120, 382), (48, 118, 382)), 150, 160, (62, 58, 70)),
    ]
    return Scene(canvas, {"calm": Clip(figures, seconds=48)})


DWELLING = (((46, 92), (254, 118), (254, 246), (46, 246)),)


def school() -> Scene:
    """Around the school: its gate, a crossing, and a dwelling whose windows the law hides."""
    canvas = Canvas(53)
    sky(canvas, 326)
    skyline(canvas, 290, 20, 60, (24, 31, 41))
    house = Wall(canvas, ((0, 60), (280, 96), (280, 330), (0, 340)), (62, 60, 60))
    canvas.polygon([(-10, 66), (40, 24), (250, 66), (292, 100)], ROOF)
    house.windows(4, 3, top=0.1, bottom=0.76, lit=0.5)
    house.patch(0.42, 0.79, 0.6, 1.0, (46, 38, 34))
    wall = Wall(canvas, ((470, 128), (1060, 92), (1060, 330), (470, 318)), (76, 66, 60))
    wall.windows(8, 2, top=0.1, bottom=0.8, lit=0.03)
    wall.patch(0, 0.0, 1, 0.05, ROOF)
    wall.patch(0, 0.44, 1, 0.46, (92, 82, 74))
    canvas.gradient(318, HEIGHT, (46, 51, 58), (40, 45, 53))
    canvas.polygon([(-10, 340), (280, 328), (WIDTH, 326), (WIDTH, 372), (0, 398)], (58, 62, 69))
    canvas.polygon([(0, 398), (WIDTH, 372), (WIDTH, 376), (0, 403)], (84, 87, 92))
    for n in range(7):
        x, low = 470 + n * 46, 420 + n * 64
        canvas.polygon([(x, 402 - n), (x + 25, 401 - n), (low + 36, 560), (low, 561)], (150, 152, 150))
    for n in range(58):
        x = 300 + n * 13
        canvas.line([(x, 326 - n * 0.02), (x, 260 - n * 0.1)], (24, 30, 36), 1.4)
    canvas.line([(300, 266), (1040, 260)], (24, 30, 36), 2)
    canvas.box(620, 232, 640, 328, (74, 68, 62))
    canvas.box(740, 232, 760, 328, (74, 68, 62))
    canvas.box(610, 214, 770, 236, (52, 62, 78), 3)
    canvas.box(632, 221, 748, 229, (150, 156, 166), 2)
    tree(canvas, 396, 336, 168)
    tree(canvas, 930, 336, 186)
    lamp(canvas, 330, 372, 190)
    lamp(canvas, 838, 360, 176)
    canvas.glow(640, 470, 380, 120, WARM, 0.55)
    figures = [
        Flag(754, 176, 26),
        Car(walk(-200, 492, 1220, 470, 3, 10), 300, 160, (70, 84, 104)),
        Person(stroll((0, 1040, 352), (9, 790, 356), (16, 560, 360)), 140, 130, (66, 60, 74)),
    ]
    canvas.line([(752, 232), (752, 170)], (120, 124, 130), 1.6)
    return Scene(
        canvas,
        {"calm": Clip(figures, masks=DWELLING), "mask_lost": Clip(figures, 8)},
    )


def quay() -> Scene:
    """The river quay: steps, planes, the lights of the other bank, a barge."""
    canvas = Canvas(61)
    sky(canvas, 250, (50, 56, 70))
    skyline(canvas, 240, 40, 110, (30, 38, 49))
    canvas.gradient(240, 500, (16, 28, 42), (11, 19, 29))
    canvas.box(0, 236, WIDTH, 246, (40, 47, 56))
    lights = []
    for n, x in enumerate(range(40, WIDTH, 104)):
        lamp(canvas, x, 240, 44, power=0.45)
        lights.append(Shimmer(x, 250, 26, 104 + 14 * (n % 3)))
    canvas.polygon([(0, 470), (WIDTH, 384), (WIDTH, HEIGHT), (0, HEIGHT)], (56, 60, 67))
    canvas.polygon([(0, 470), (WIDTH, 384), (WIDTH, 396), (0, 488)], (78, 82, 88))
    canvas.polygon([(0, 488), (WIDTH, 396), (WIDTH, 399), (0, 493)], (34, 38, 44))
    for n in range(1, 9):
        canvas.line([(n * 128 - 60, 480 - n * 11), (n * 190 - 330, HEIGHT)], (49, 53, 60), 1)
    for y0, y1 in ((520, 430), (556, 462)):
        canvas.line([(0, y0), (WIDTH, y1)], (49, 53, 60), 1)
    for x in (210, 560, 850):
        y = 482 - x * 0.084
        canvas.box(x - 8, y - 18, x + 8, y, (20, 25, 31), 4)
        canvas.oval(x, y - 18, 11, 4.5, (30, 36, 43))
    lamp(canvas, 700, 450, 230)
    lamp(canvas, 200, 520, 290)
    canvas.before()
    tree(canvas, 962, 560, 330, (20, 34, 30))
    canvas.behind()
    figures = [
        *lights,
        Boat(walk(1250, 330, -230, 330, 0, 16), 250),
        Person(walk(1040, 440, 380, 520, 0, 15.9), 170, 220, (64, 70, 86)),
    ]
    return Scene(canvas, {"calm": Clip(figures)})


def parking() -> Scene:
    """A public car park under its masts."""
    canvas = Canvas(71)
    sky(canvas, 210)
    skyline(canvas, 206, 30, 84, (24, 31, 41))
    canvas.gradient(204, HEIGHT, (40, 45, 52), (50, 54, 61))
    canvas.box(0, 196, WIDTH, 214, (26, 38, 34))
    for n in range(14):
        canvas.oval(n * 80 + 12, 198, 52, 18, (24, 38, 33))
    for row, (y, size) in enumerate(((268, 78), (372, 122))):
        step = size * 1.42
        for n in range(int(WIDTH / step) + 2):
            x = n * step - 40
            canvas.polygon(
                [
                    (x, y + size * 0.1),
                    (x + 3, y + size * 0.1),
                    (x + 3 - size * 0.28, y - size * 0.46),
                    (x - size * 0.28, y - size * 0.46),
                ],
                (124, 126, 126),
            )
            if canvas.random.random() < 0.62:
                _parked(
                    canvas,
                    x + step * 0.46,
                    y,
                    size,
                    canvas.random.choice(
                        [(58, 66, 80), (86, 84, 82), (92, 50, 48), (44, 58, 64), (110, 112, 116)]
                    ),
                )
        canvas.line([(0, y + size * 0.1), (WIDTH, y + size * 0.1)], (124, 126, 126), 1 + row)
    for x in (180, 700):
        lamp(canvas, x, 300, 226, COLD, 0.9)
    canvas.glow(440, 470, 560, 150, COLD, 0.6)
    canvas.box(900, 420, 924, 540, (150, 152, 150), 3)
    canvas.box(900, 436, 924, 450, (170, 58, 50))
    canvas.line([(904, 446), (700, 470)], (196, 198, 196), 4)
    for n in range(4):
        canvas.line([(880 - n * 50, 448.8 + n * 5.9), (858 - n * 50, 451.4 + n * 5.9)], (176, 60, 52), 4.4)
    figures = [
        Blink(912, 428, 3, (90, 220, 130), 2.0),
        Car(walk(-220, 520, 1240, 520, 5, 13), 300, 120, (126, 128, 132)),
        Person(walk(1040, 420, 430, 436, 0, 15.9), 140, 110, (60, 66, 84)),
    ]
    return Scene(canvas, {"calm": Clip(figures)})


def _parked(canvas: Canvas, x: float, base: float, size: float, colour: Colour) -> None:
    """A parked car seen from behind."""
    w, h = size * 0.5, size * 0.52
    canvas.oval(x, base, w * 1.04, size * 0.07, (18, 21, 26))
    for side in (-1, 1):
        canvas.box(
            x + side * w * 0.74 - size * 0.07,
            base - h * 0.3,
            x + side * w * 0.74 + size * 0.07,
            base,
            (12, 14, 18),
            2,
        )
    canvas.polygon(
        [
            (x - w * 0.84, base - h * 0.55),
            (x - w * 0.6, base - h),
            (x + w * 0.6, base - h),
            (x + w * 0.84, base - h * 0.55),
        ],
        mix(colour, (0, 0, 0), 0.2),
    )
    canvas.polygon(
        [
            (x - w * 0.7, base - h * 0.58),
            (x - w * 0.52, base - h * 0.93),
            (x + w * 0.52, base - h * 0.93),
            (x + w * 0.7, base - h * 0.58),
        ],
        (18, 25, 34),
    )
    canvas.box(x - w, base - h * 0.58, x + w, base - h * 0.14, colour, size * 0.07)
    canvas.box(x - size * 0.14, base - h * 0.4, x + size * 0.14, base - h * 0.28, (190, 190, 180), 1)
    for side in (-1, 1):
        canvas.box(
            x + side * w * 0.82 - size * 0.07,
            base - h * 0.5,
            x + side * w * 0.82 + size * 0.07,
            base - h * 0.36,
            (120, 40, 38),
            1,
        )


def bridge() -> Scene:
    """The old bridge, along its road."""
    canvas = Canvas(83)
    sky(canvas, 256, (50, 56, 70))
    skyline(canvas, 250, 30, 96, (30, 38, 49))
    canvas.gradient(250, HEIGHT, (17, 29, 43), (11, 19, 29))
    lights = [Shimmer(x, 262, 24, 90) for x in (60, 150, 880, 968)]
    canvas.polygon([(486, 252), (560, 252), (1010, HEIGHT), (60, HEIGHT)], (60, 64, 71))
    canvas.polygon([(497, 252), (549, 252), (860, HEIGHT), (210, HEIGHT)], ROAD)
    for n in range(9):
        a, b = (n / 9) ** 2.2, ((n + 0.5) / 9) ** 2.2
        y0, y1 = 254 + 322 * a, 254 + 322 * b
        x0, x1 = 523 + 12 * a, 523 + 12 * b
        canvas.polygon(
            [(x0 - 4 * a - 0.5, y0), (x0 + 4 * a + 0.5, y0), (x1 + 4 * b + 0.5, y1), (x1 - 4 * b - 0.5, y1)],
            (150, 150, 142),
        )
    for side, near, far in ((-1, 40, 486), (1, 1030, 560)):
        canvas.polygon(
            [
                (far, 240),
                (far, 252),
                (near, HEIGHT + 10),
                (near + side * 60, HEIGHT + 10),
                (near + side * 60, 430),
            ],
            (86, 82, 76),
        )
        canvas.line([(far, 240), (near + side * 60, 430)], (112, 108, 100), 4)
        for n in range(1, 9):
            a = (n / 9) ** 2
            x = far + (near + side * 30 - far) * a
            y = 246 + 260 * a
            canvas.line([(x, y - 6 - 50 * a), (x, y + 6 + 60 * a)], (66, 63, 59), 1 + 2 * a)
    for a in (0.07, 0.17, 0.36, 0.74):
        for near, far in ((70, 488), (1000, 558)):
            x, base = far + (near - far) * a, 252 + 300 * a
            lamp(canvas, x, base, 40 + 330 * a, power=0.75)
    figures = [
        *lights,
        Blink(522, 186, 1.6, (236, 66, 58), 2.0),
        Person(walk(440, 290, 300, 520, 0, 15.9), 170, 236, (62, 70, 86)),
        Person(walk(820, 560, 640, 330, 1, 15.5), 170, 236, (88, 62, 54)),
    ]
    return Scene(canvas, {"calm": Clip(figures)})
