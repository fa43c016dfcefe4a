"""Motion, health and masks on pictures drawn here, and on films that a third-party encoder made."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFilter

from tests.video.test_fragments import play
from veilleur.video.looking import Looker, Seen, View
from veilleur.video.measures import (
    HEIGHT,
    WIDTH,
    Pace,
    below_floor,
    faults_of,
    mask_present,
    measure,
    shift_of,
    unsure_of,
)
from veilleur.video.motion import Background
from veilleur.video.strips import UNSEEN

Picture = npt.NDArray[np.uint8]
MASK = ((0.1, 0.1), (0.4, 0.1), (0.4, 0.5), (0.1, 0.5))


def scene(seed: int = 1, *, wide: int = WIDTH, high: int = HEIGHT) -> npt.NDArray[np.float64]:
    """Façades and windows: rectangles of all sizes."""
    rng = np.random.default_rng(seed)
    picture = np.full((high, wide), 110.0)
    for _ in range(260):
        x, y = rng.integers(0, wide), rng.integers(0, high)
        w, h = rng.integers(3, wide // 6), rng.integers(3, high // 5)
        picture[y : y + h, x : x + w] = rng.integers(30, 220)
    return picture


def shot(picture: npt.NDArray[np.float64], seed: int = 0, noise: float = 2.0) -> Picture:
    """As a sensor gives it."""
    rng = np.random.default_rng(seed)
    return np.clip(picture + rng.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)


def watched(pictures: list[Picture], step: float = 0.2) -> list[tuple[int, int]]:
    """Cells that moved and amount, per picture."""
    background = Background()
    return [(int(moved.cells.sum()), moved.amount) for moved in (background.look(p, step) for p in pictures)]


def test_noise_is_no_motion() -> None:
    for noise in (1.0, 3.0, 6.0):
        small = scene(wide=160, high=90)
        told = watched([shot(small, n, noise) for n in range(150)])
        assert sum(cells for cells, _ in told[20:]) <= 2, noise


def test_a_person_is_motion_where_he_is_and_then_no_more() -> None:
    small, background = scene(wide=160, high=90), Background()
    for n in range(40):
        background.look(shot(small, n), 0.2)
    for n in range(20):
        walking = small.copy()
        x = 10 + 5 * n
        walking[50:62, x : x + 5] = 235 if n % 2 else 20
        moved = background.look(shot(walking, 100 + n), 0.2)
        where = {(int(r), int(c)) for r, c in np.argwhere(moved.cells)}
        assert where, n
        assert where <= {(r, c) for r in (4, 5, 6) for c in range(max(0, x // 10 - 2), x // 10 + 3)}, n
        assert moved.amount > 0
        bits = np.unpackbits(np.frombuffer(moved.grid, np.uint8)).reshape(9, 16)
        assert (bits == moved.cells).all()
    rest = [background.look(shot(small, 200 + n), 0.2).amount for n in range(100)]
    assert sum(rest[50:]) == 0


def test_light_is_no_motion_but_a_person_in_it_is() -> None:
    small = scene(wide=160, high=90)
    steady = [shot(small, n) for n in range(30)]
    lamp = [shot(small * 1.35 + 12, 50 + n) for n in range(30)]
    cloud = [shot(small * (1.35 - 0.01 * n) + 12, 90 + n) for n in range(40)]
    told = watched([*steady, *lamp, *cloud, *steady])
    assert sum(cells > 2 for cells, _ in told) <= 3
    background = Background()
    for picture in (*steady, *lamp):
        background.look(picture, 0.2)
    person = small * 1.35 + 12
    person[40:60, 70:80] = 10
    assert background.look(shot(person, 300), 0.2).cells.sum() >= 2


def test_a_parked_car_becomes_background() -> None:
    small, background = scene(wide=160, high=90), Background()
    for n in range(40):
        background.look(shot(small, n), 0.2)
    parked = small.copy()
    parked[60:75, 100:130] = 240
    amounts = [background.look(shot(parked, 50 + n), 1.0).amount for n in range(300)]
    assert amounts[0] > 0
    assert sum(amounts[250:]) == 0


def blur(picture: Picture, radius: float) -> Picture:
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def test_health_of_pictures() -> None:
    reference = shot(scene(), 1)
    rolled = np.roll(np.roll(scene(2, wide=WIDTH + 80, high=HEIGHT + 60), 0, 0), 0, 1)
    here, there = rolled[:HEIGHT, :WIDTH], rolled[20 : HEIGHT + 20, 40 : WIDTH + 40]
    bag = np.full((HEIGHT, WIDTH), 90.0) + np.linspace(0, 30, WIDTH)
    half = scene().copy()
    half[:, : WIDTH * 4 // 5] = 60
    cases: list[tuple[str, Picture, Picture, set[str]]] = [
        ("the same", shot(scene(), 2), reference, set()),
        ("night", shot(scene() * 0.3 + 8, 2), reference, set()),
        ("noisy night", shot(scene() * 0.25 + 20, 2, 6), reference, set()),
        ("somebody near", _with_person(scene()), reference, set()),
        ("cap on", shot(np.full((HEIGHT, WIDTH), 14.0), 3), reference, {"dark"}),
        ("out of focus", shot(blur(reference, 5).astype(float), 3, 0.5), reference, {"blurred"}),
        ("turned", shot(there, 4), shot(here, 5), {"moved"}),
        ("elsewhere", shot(scene(9), 4), reference, {"moved"}),
        ("a bag", shot(bag, 4), reference, {"masked"}),
        ("a hand", shot(half, 4, 1), reference, {"masked"}),
    ]
    for name, picture, against, wanted in cases:
        assert faults_of(measure(picture, against)) == wanted, (name, measure(picture, against))
    wall = shot(np.full((HEIGHT, WIDTH), 200.0) + np.linspace(0, 20, WIDTH), 4)
    assert "masked" not in faults_of(measure(wall, wall)), "a camera of a white wall"
    assert faults_of(measure(reference)) == set()
    asphalt = np.full((HEIGHT, WIDTH), 115.0) + np.linspace(0, 25, WIDTH)
    asphalt[:, 65:85] = 200
    assert faults_of(measure(shot(asphalt, 6, 3.0))) == set(), (
        "without a reference, a plain view is not a mask"
    )
    assert faults_of(measure(shot(np.full((HEIGHT, WIDTH), 90.0), 6, 1.0))) == {"masked"}


def test_near_a_threshold_nothing_is_told() -> None:
    """A camera that was moved is not put back by a picture that is only a little more like its reference."""
    own = measure(shot(scene(), 2), shot(scene(), 1))
    for likeness, shift, moved, unsure in (
        (0.15, 0.0, True, False),
        (0.25, 0.0, False, True),
        (0.4, 0.0, False, False),
        (0.5, 0.1, True, False),
        (0.75, 0.1, False, True),
        (0.5, 0.03, False, True),
        (0.9, 0.1, False, False),
    ):
        seen = replace(own, likeness=likeness, shift=shift, peak=0.2)
        assert ("moved" in faults_of(seen), "moved" in unsure_of(seen)) == (moved, unsure), (likeness, shift)
    dark = replace(own, brightness=10.0, contrast=2.0)
    assert unsure_of(dark) == {"masked", "mask_lost", "blurred", "moved"}, "in the dark nothing else is seen"
    assert unsure_of(own) == set()


def _with_person(picture: npt.NDArray[np.float64]) -> Picture:
    some = picture.copy()
    some[60:, 120:180] = 35
    return shot(some, 7)


def test_the_shift_is_measured() -> None:
    whole = scene(3, wide=WIDTH + 60, high=HEIGHT + 40)
    for dx, dy in ((0, 0), (8, 0), (30, 12), (50, 30)):
        moved, peak = shift_of(
            shot(whole[:HEIGHT, :WIDTH], 1), shot(whole[dy : dy + HEIGHT, dx : dx + WIDTH], 2)
        )
        assert moved == pytest.approx(np.hypot(dx, dy) / WIDTH, abs=1.5 / WIDTH)
        assert peak > 0.02


def test_a_legal_mask_is_there_or_lost() -> None:
    masked = scene()
    masked[round(0.1 * HEIGHT) : round(0.5 * HEIGHT), round(0.1 * WIDTH) : round(0.4 * WIDTH)] = 128
    out = io.BytesIO()
    Image.fromarray(shot(masked, 1, 0)).save(out, "JPEG", quality=60)
    seen = np.asarray(Image.open(out))
    assert mask_present(seen, MASK)
    assert not mask_present(shot(scene(), 1), MASK)
    assert faults_of(measure(shot(scene(), 1), shot(masked, 2), [(7, MASK)])) >= {"mask_lost"}
    assert measure(seen, None, [(7, MASK)]).masks_lost == ()
    for odd in (
        (),
        ((0, 0),),
        ((0, 0), (1, 1)),
        ((-5, -5), (9, -5), (9, 9), (-5, 9)),
        ((0, 0), (0, 0), (0, 0)),
    ):
        mask_present(seen, odd)


def test_the_legal_floor() -> None:
    assert not below_floor(704, 576, 12, narrow=True)
    assert below_floor(640, 480, 25, narrow=True)
    assert below_floor(1920, 1080, 10, narrow=True)
    assert not below_floor(1920, 1080, 10, narrow=False)
    assert below_floor(320, 240, 25, narrow=False)
    assert below_floor(1920, 1080, 3, narrow=False)
    assert not below_floor(1920, 1080, 0, narrow=True), "not known yet"
    pace = Pace()
    assert pace.fps == 0
    for n in range(300):
        pace.frame(n * 83_000)
    assert pace.fps == pytest.approx(12.05, abs=0.05)


def look(
    path: Path, *, keyframes: bool = False, view: View | None = None, moving: bool = False
) -> list[Seen]:
    """What a looker tells of a film, fed as fast as it decodes."""
    info, frames = play(path)
    seen: list[Seen] = []
    last = threading.Event()

    def told(one: Seen) -> None:
        seen.append(one)
        if one.wall >= frames[-1].wall - 1_500_000:
            last.set()

    looker = Looker(info, told, keyframes=keyframes, view=view)
    looker.moving(moving)
    for frame in frames:
        looker.feed(frame)
        while len(looker._queue) > 50:
            threading.Event().wait(0.005)
    assert last.wait(30)
    looker.close()
    assert looker.broken == looker.dropped == 0
    return seen


WALK = (
    "color=gray:s=640x360:r=25:d={d},noise=alls=8:allf=t+u[a];color=white:s=40x80:r=25:d={d}[b];"
    "[a][b]overlay=x='if(lt(t,4),-100,80*(t-4))':y=200"
)


@pytest.mark.peer
@pytest.mark.parametrize(
    ("codec", "keyframes"),
    [("h264", False), ("h264_b", False), ("h264", True), ("hevc", False), ("av1", True)],
)
def test_a_film_is_looked_at(film: Callable[..., Path], codec: str, keyframes: bool) -> None:
    seen = look(film(codec, seconds=10, source=WALK.format(d=10)), keyframes=keyframes)
    assert [one.second for one in seen[1:]] == sorted({one.second for one in seen[1:]})
    assert seen[0].amount == UNSEEN
    begin = seen[0].wall
    before = [one.amount for one in seen[1:] if one.second < begin + 2_500_000]
    after = [one for one in seen if one.second >= begin + 5_000_000 and one.amount != UNSEEN]
    assert before
    assert not any(before)
    assert after
    assert all(one.amount for one in after)
    rows = {
        r
        for one in after
        for r in np.argwhere(np.unpackbits(np.frombuffer(one.grid, np.uint8)).reshape(9, 16))[:, 0]
    }
    assert rows <= {4, 5, 6, 7}
    jpegs = [one for one in seen if one.jpeg]
    assert 4 <= len(jpegs) <= 6
    assert Image.open(io.BytesIO(jpegs[0].jpeg or b"")).size == (320, 180)
    assert [one.measures is not None for one in seen].count(True) == 2
    suspended = look(film(codec, seconds=10, source=WALK.format(d=10)), keyframes=keyframes, moving=True)
    assert {one.amount for one in suspended} == {UNSEEN}


@pytest.mark.peer
def test_a_frozen_picture_is_told_though_packets_arrive(film: Callable[..., Path]) -> None:
    still = look(
        film("h264", seconds=20, source="testsrc2=s=640x360:r=25:d=0.04,loop=-1:1,trim=duration=20", gop=500)
    )
    measures = [one.measures for one in still if one.measures]
    assert "frozen" in faults_of(measures[-1])
    assert measures[0].same < 1
    for early in measures[:-1]:
        told = {"frozen"} & (faults_of(early) | unsure_of(early))
        assert told, "before it is known to be frozen, it is not said to be alive"
    alive = look(film("h264", seconds=20, source="testsrc2=s=640x360:r=25:d=20", gop=500))
    assert all("frozen" not in faults_of(one.measures) for one in alive if one.measures)
    assert "frozen" not in unsure_of([one.measures for one in alive if one.measures][-1])


@pytest.mark.peer
def test_damage_and_slowness_are_survived(film: Callable[..., Path]) -> None:
    info, frames = play(film("h264", seconds=10))
    seen: list[Seen] = []
    looker = Looker(info, seen.append)
    rng = np.random.default_rng(5)
    for number, frame in enumerate(frames):
        data = frame.data if number % 3 else rng.bytes(len(frame.data))
        looker.feed(type(frame)(frame.wall, frame.keyframe, data, frame.duration))
        if number % 20 == 0:
            threading.Event().wait(0.02)
    again = Looker(info, lambda _: threading.Event().wait(0.2))
    for frame in frames * 3:
        again.feed(frame)
    assert again.dropped > 0
    assert len(again._queue) <= 100
    looker.close()
    again.close()
    assert not looker._thread.is_alive()
    assert not again._thread.is_alive()
