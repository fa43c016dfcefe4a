"""Watched sites of the town: the jeweller's, the transport depot, the villa."""

from __future__ import annotations

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
from night.figures import Blink, Person, Shimmer
from night.paths import stroll
from night.port import PORTRAIT
from night.scene import NARROW, Clip, Scene


def jeweller() -> Scene:
    """The jeweller's counter: cases under their lamps."""
    canvas = Canvas(113)
    canvas.gradient(0, 330, (46, 44, 48), (58, 54, 56))
    canvas.gradient(330, HEIGHT, (50, 46, 46), (62, 56, 54))
    paving(canvas, 340, (512, 200), (56, 51, 50), 8, 12)
    for n in range(4):
        x = 196 + n * 172
        canvas.box(x, 90, x + 140, 250, (34, 31, 34), 3)
        for shelf in range(3):
            y = 100 + shelf * 50
            canvas.box(x + 8, y, x + 132, y + 40, mix(WARM, (70, 56, 44), 0.5))
            for item in range(5):
                canvas.oval(
                    x + 22 + item * 24, y + 32, 6, 5, mix((214, 178, 92), WHITE, canvas.random.random() * 0.5)
                )
        canvas.glow(x + 70, 170, 120, 110, WARM, 0.55)
    canvas.polygon([(220, 356), (810, 356), (880, 410), (150, 410)], (150, 138, 120))
    canvas.polygon([(236, 360), (796, 360), (854, 402), (176, 402)], (78, 92, 100))
    for n in range(11):
        x = 244 + n * 54
        canvas.oval(x, 382, 17, 6, (58, 40, 48))
        canvas.oval(x, 379, 7, 3.4, (224, 192, 112))
    canvas.box(150, 410, 880, 540, (70, 56, 48), 4)
    for n in range(6):
        canvas.box(166 + n * 119, 424, 268 + n * 119, 528, (82, 66, 56), 3)
    canvas.box(702, 330, 762, 368, (26, 28, 33), 4)
    for x in (330, 512, 694):
        canvas.line([(x, 0), (x, 62)], (24, 24, 27), 1.6)
        canvas.polygon([(x - 22, 84), (x - 9, 60), (x + 9, 60), (x + 22, 84)], (30, 28, 30))
        canvas.oval(x, 85, 19, 4, mix(WARM, WHITE, 0.5))
        canvas.glow(x, 90, 120, 130, WARM, 0.7)
        canvas.glow(x, 380, 210, 90, WARM, 0.8)
    life = [Blink(752, 340, 2.0, (96, 220, 150), 2.0), Blink(196, 84, 2.0, (226, 66, 58), 4.0)]
    someone = Person(
        stroll((0, 130, 560), (5, 420, 552), (14, 520, 552), (16, 540, 552)), 330, 60, (58, 54, 68), pace=1.4
    )
    box = PORTRAIT
    return Scene(canvas, {"calm": Clip(life, 8, box), "person": Clip([*life, someone], 16, box)}, NARROW)


def depot_yard() -> Scene:
    """The transport depot's yard: trailers in a row, a fence, a mast."""
    canvas = Canvas(127)
    sky(canvas, 240)
    skyline(canvas, 232, 16, 50, (24, 31, 41))
    canvas.gradient(232, HEIGHT, (44, 48, 54), (54, 57, 63))
    for n in range(80):
        canvas.line([(n * 13, 196), (n * 13 + 40, 252)], (44, 51, 59), 0.7)
        canvas.line([(n * 13 + 40, 196), (n * 13, 252)], (44, 51, 59), 0.7)
    for n in range(9):
        canvas.box(n * 128, 188, n * 128 + 4, 256, (62, 70, 78))
    tones: list[Colour] = [(112, 116, 122), (56, 84, 112), (124, 66, 54), (104, 108, 100), (60, 66, 76)]
    for n in range(5):
        x = 40 + n * 190
        canvas.box(x + 6, 372, x + 136, 384, (16, 19, 23))
        for wheel in (18, 46, 92, 120):
            canvas.box(x + wheel - 9, 350, x + wheel + 9, 384, (14, 16, 19), 4)
        canvas.box(x, 190, x + 140, 356, tones[n])
        canvas.box(x + 68, 194, x + 72, 352, mix(tones[n], (0, 0, 0), 0.45))
        for bar in (22, 52, 88, 118):
            canvas.line([(x + bar, 198), (x + bar, 350)], mix(tones[n], (0, 0, 0), 0.3), 1.8)
        canvas.box(x, 352, x + 140, 362, (34, 38, 43))
        for lamp_x in (8, 124):
            canvas.box(x + lamp_x, 364, x + lamp_x + 10, 370, (150, 44, 40), 1)
        canvas.line([(x + 165, 386), (x + 152, 480)], (140, 138, 124), 2.4)
    lamp(canvas, 216, 306, 250, COLD, 0.6)
    lamp(canvas, 786, 306, 250, COLD, 0.6)
    canvas.glow(500, 480, 600, 150, COLD, 0.6)
    life = [Blink(786, 46, 1.8, (236, 66, 58), 2.0)]
    someone = Person(
        stroll((0, -40, 470), (9, 380, 440), (12, 400, 440), (16, 560, 430)), 250, 60, (44, 48, 58)
    )
    return Scene(canvas, {"calm": Clip(life, 8), "person": Clip([*life, someone], 16)})


def depot_hall() -> Scene:
    """The depot's hall: racks on both sides of an aisle."""
    canvas = Canvas(131)
    canvas.gradient(0, HEIGHT, (34, 39, 46), (46, 50, 56))
    canvas.polygon([(440, 300), (584, 300), (980, HEIGHT), (44, HEIGHT)], (62, 65, 70))
    canvas.box(440, 150, 584, 300, (52, 58, 66))
    canvas.box(470, 204, 554, 300, (78, 84, 90))
    for n in range(7):
        canvas.line([(470, 212 + n * 13), (554, 212 + n * 13)], (62, 68, 74), 1.4)
    tones: list[Colour] = [(112, 88, 60), (96, 76, 54), (70, 82, 92), (120, 100, 72), (86, 66, 52)]
    for edge, far in ((-30, 440), (WIDTH + 30, 584)):
        wall = Wall(canvas, ((edge, -190), (far, 150), (far, 300), (edge, 640)), (24, 28, 34))
        for row in range(4):
            for bay in range(6):
                u0, u1 = 1 - ((6 - bay) / 6) ** 1.0, 1 - ((5 - bay) / 6) ** 1.0
                v0, v1 = row / 4 + 0.05, (row + 1) / 4 - 0.015
                if canvas.random.random() < 0.86:
                    wall.patch(
                        u0 + 0.02,
                        v0 + 0.03 * canvas.random.random(),
                        u0 + (u1 - u0) * 0.5,
                        v1,
                        canvas.random.choice(tones),
                    )
                    wall.patch(u0 + (u1 - u0) * 0.55, v0 + 0.04, u1 - 0.016, v1, canvas.random.choice(tones))
            wall.patch(0, (row + 1) / 4 - 0.016, 1, (row + 1) / 4, (168, 96, 44))
        for bay in range(7):
            wall.patch(bay / 6 - 0.006, 0, bay / 6 + 0.006, 1, (52, 78, 110))
    for x in (512,):
        for y, size in ((24, 90), (92, 50), (126, 28)):
            canvas.box(x - size, y - size / 12, x + size, y + size / 12, WHITE, 3)
            canvas.glow(x, y, size * 3.6, size * 2.2, WHITE, 0.6)
    for share in (0.1, 0.34, 0.72):
        canvas.glow(512, 300 + 276 * share, 140 + 340 * share, 40 + 80 * share, WHITE, 0.55)
    for n in (-1, 1):
        canvas.line([(512 + n * 56, 302), (512 + n * 380, HEIGHT)], (168, 150, 62), 3)
    life = [Blink(512, 176, 2.2, (96, 220, 150), 2.0)]
    someone = Person(stroll((0, 520, 306), (11, 430, 560), (12, 420, 575)), 330, 220, (48, 56, 72))
    return Scene(canvas, {"calm": Clip(life, 8), "person": Clip([*life, someone], 12)})


def villa() -> Scene:
    """The villa's garden: the house, its terrace, the pool. Nobody may look unless an alarm is open."""
    canvas = Canvas(137)
    sky(canvas, 300, (36, 44, 58))
    canvas.gradient(290, HEIGHT, (26, 40, 34), (34, 50, 40))
    for n in range(12):
        canvas.oval(n * 96, 286, 70, 40, (18, 30, 28))
    wall = Wall(canvas, ((420, 150), (900, 150), (900, 330), (420, 330)), (88, 86, 84))
    canvas.polygon([(396, 154), (500, 74), (824, 74), (926, 154)], (58, 44, 42))
    canvas.polygon([(396, 154), (926, 154), (926, 160), (396, 160)], (40, 34, 34))
    canvas.box(760, 56, 786, 104, (72, 62, 58))
    for u0, u1, shines in ((0.06, 0.2, False), (0.28, 0.6, True), (0.7, 0.84, False)):
        wall.patch(u0 - 0.01, 0.3, u1 + 0.01, 1.0 if shines else 0.74, (48, 48, 50))
        wall.patch(
            u0, 0.33, u1, 1.0 if shines else 0.7, mix(WARM, (80, 62, 44), 0.3) if shines else (18, 26, 36)
        )
        wall.patch((u0 + u1) / 2 - 0.004, 0.33, (u0 + u1) / 2 + 0.004, 1.0 if shines else 0.7, (48, 48, 50))
    canvas.polygon([(400, 330), (930, 330), (WIDTH, 380), (360, 380)], (84, 80, 74))
    canvas.polygon([(430, 410), (860, 410), (960, 500), (390, 500)], (110, 104, 94))
    canvas.polygon([(446, 416), (846, 416), (932, 490), (412, 490)], (30, 92, 110))
    canvas.glow(660, 450, 330, 90, (90, 210, 230), 0.9)
    canvas.glow(640, 350, 340, 70, WARM, 0.9)
    for x, base, height in ((120, 400, 300), (300, 340, 190), (978, 340, 230)):
        tree(canvas, x, base, height, (22, 42, 34))
    for n in range(8):
        canvas.oval(20 + n * 44, 540 - (n % 2) * 8, 40, 24, (22, 44, 34))
    for x, base in ((372, 420), (344, 486), (986, 420)):
        canvas.box(x - 3, base - 22, x + 3, base, (30, 34, 36))
        canvas.oval(x, base - 24, 5, 5, mix(WARM, WHITE, 0.4))
        canvas.glow(x, base - 10, 70, 44, WARM, 0.8)
    life = [
        Shimmer(560, 424, 70, 50, (150, 226, 236)),
        Shimmer(740, 426, 70, 52, (150, 226, 236)),
        Blink(892, 166, 1.8, (226, 66, 58), 2.0),
    ]
    someone = Person(
        stroll((0, 210, 530), (6, 300, 410), (10, 420, 366), (13, 520, 356), (16, 560, 352)),
        250,
        100,
        (40, 44, 54),
        pace=1.5,
    )
    return Scene(canvas, {"calm": Clip(life, 8), "person": Clip([*life, someone], 16)})
