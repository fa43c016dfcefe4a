"""Live images, from the camera to the screen: a whole centre, coded pictures over real RTSP, the wall in one real Chromium.

- latency: the number in the picture says when the camera sent it; the page reads it in the frame that is on the screen
  (`requestVideoFrameCallback`), on the same machine clock. By MediaSource (a camera that stands) and by WHEP (one that turns).
- where the time goes: the wall of each fragment says when the recorder had the picture, its arrival at the socket when the
  browser had it. Fragments are told apart by their size.
- first picture: another camera is put on a tile by a click; until its first frame is on the screen.
- 16 tiles of sub-streams: pictures a second of the slowest tile.

python -m bench.video_live [--runs 5] [--seconds 12] [--cameras 16]      (also: python -m bench video_live)
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from bench import coded
from bench.report import Series, tell
from bench.video_wall import Wall, wall
from veilleur.demo.camera_clips import read_clip
from veilleur.video.fragments import HEAD

RUNS = 5
SECONDS = 12.0
CAMERAS = 16
QUICK = ("--runs", "1", "--seconds", "4", "--cameras", "4")
SWITCHES = 8  # first pictures a run
SETTLE = 2000  # ms before latency is looked at: a picture that has just been opened is told by the first one


@dataclass
class Legs:
    """Milliseconds of each picture on each leg of its way, in one run; the last is the whole of it. `stalls`: of playback."""

    recorder: list[float]
    browser: list[float]
    screen: list[float]
    whole: list[float]
    stalls: int = 0


def sizes(folder: Path) -> dict[int, int]:
    """Sizes of fragments of the main film that only one picture has, and its number."""
    pictures = read_clip(folder / coded.FILMS[0][0]).pictures
    found = [HEAD + sum(4 + len(unit) for unit in each.units) for each in pictures]
    once = Counter(found)
    return {size: n for n, size in enumerate(found) if once[size] == 1}


def latencies(wall: Wall, seconds: float, *, whep: bool) -> Legs:
    """How long the pictures shown in so many seconds took. `whep`: those of WebRTC, else those of MediaSource."""
    times, of_size = coded.sent(wall.folder), sizes(wall.folder)
    last = coded.SECONDS * coded.FILMS[0][3]
    legs = Legs([], [], [], [])
    wall.page.evaluate("window.__shown = []; window.__came = []; window.__stalls = 0")
    came: dict[int, tuple[float, float]] = {}
    for _ in range(round(seconds)):
        wall.page.wait_for_timeout(1000)
        pieces, shown = wall.page.evaluate("[window.__came.splice(0), window.__shown.splice(0)]")
        left = np.array(times[0]) * 1000
        for size, taken, at in pieces:
            if (number := of_size.get(size)) is not None and left[number]:
                came[number] = (taken, at)
                legs.recorder.append(taken - left[number])
                legs.browser.append(at - taken)
        for width, number, at, by_whep in shown:
            if width != coded.FILMS[0][1] or bool(by_whep) is not whep or number >= last or not left[number]:
                continue
            legs.whole.append(at - left[number])
            if number in came:
                legs.screen.append(at - came[number][0 if whep else 1])
    legs.stalls = int(wall.page.evaluate("window.__stalls"))
    for leg in (legs.recorder, legs.browser, legs.screen, legs.whole):
        leg[:] = [each for each in leg if -100 < each < coded.SECONDS * 500]
    return legs


def main(argv: list[str]) -> None:
    """Measures each in turn, so many times."""
    parser = argparse.ArgumentParser(prog="bench video_live")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--cameras", type=int, default=CAMERAS)
    given = parser.parse_args(argv)
    report(given.cameras, *measure(given.runs, given.seconds, given.cameras))


def measure(
    runs: int, seconds: float, cameras: int
) -> tuple[list[Legs], list[Legs], list[list[float]], list[float]]:
    """By run: what fragments took, what WebRTC took, the first pictures (ms), the slowest tile (pictures a second)."""
    mse: list[Legs] = []
    whep: list[Legs] = []
    first: list[list[float]] = []
    slowest: list[float] = []
    with wall(cameras) as held:
        single = [held.layout([each], 1) for each in (held.still[0], *held.moving[:1])]
        tiles = held.layout([*held.still, *held.moving][:cameras], 4)
        for _ in range(runs):
            held.show(single[0])
            held.wait(1)
            first.append([held.switch(f"Caméra {2 if n % 2 else 3:02d}") for n in range(SWITCHES)])
            held.page.wait_for_timeout(SETTLE)
            mse.append(latencies(held, seconds, whep=False))
            if held.moving:
                held.show(single[1])
                held.wait(2)  # fragments, and WebRTC above them
                held.page.wait_for_timeout(SETTLE)
                whep.append(latencies(held, seconds, whep=True))
            held.show(tiles)
            held.wait(cameras)
            slowest.append(rate_of_slowest(held, seconds))
    return mse, whep, first, slowest


def report(
    cameras: int, mse: list[Legs], whep: list[Legs], first: list[list[float]], slowest: list[float]
) -> None:
    """Prints the figures."""
    told = [
        ("first picture, p50", first, 50),
        ("first picture, p95", first, 95),
        ("camera to screen by MediaSource, p50", [run.whole for run in mse], 50),
        ("camera to screen by MediaSource, p95", [run.whole for run in mse], 95),
        ("  camera to recorder, p50", [run.recorder for run in mse], 50),
        ("  recorder to the browser's socket, p50", [run.browser for run in mse], 50),
        ("  socket to screen by MediaSource, p50", [run.screen for run in mse], 50),
        ("camera to screen by WHEP, p50", [run.whole for run in whep], 50),
        ("camera to screen by WHEP, p95", [run.whole for run in whep], 95),
        ("  recorder to screen by WHEP, p50", [run.screen for run in whep], 50),
    ]
    tell(
        f"Live images, 1280×720 at 25 a second, 4 Mbit/s, {cameras} cameras recorded meanwhile",
        [
            Series(
                name,
                "ms",
                tuple(float(np.percentile(run, part)) for run in runs),
                steady=part == 50 and name[0] != " ",
            )
            for name, runs, part in told
            if runs and all(runs)
        ],
        notes=[
            f"{median(len(run.whole) for run in mse):.0f} pictures a run by MediaSource",
            f"{sum(run.stalls for run in mse)} stalls",
            f"{median(len(run.whole) for run in whep) if whep else 0:.0f} by WHEP",
        ],
    )
    tell(
        f"{cameras} tiles, sub-streams of 10 pictures a second",
        [Series("pictures a second, slowest tile", "1/s", tuple(slowest))],
    )


def rate_of_slowest(wall: Wall, seconds: float) -> float:
    """Pictures a second that the slowest video of the page painted."""
    counts = "[...document.querySelectorAll('video')].filter(v => v.readyState).map(v => {"
    counts += " const q = v.getVideoPlaybackQuality();"
    counts += " return q.totalVideoFrames - q.droppedVideoFrames; })"
    before = wall.page.evaluate(counts)
    wall.page.wait_for_timeout(seconds * 1000)
    after = wall.page.evaluate(counts)
    return min(now - then for now, then in zip(after, before, strict=True)) / seconds


if __name__ == "__main__":
    main(sys.argv[1:])
