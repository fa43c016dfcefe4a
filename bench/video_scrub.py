"""Looking back by hand: from the pointer's or the key's event to the picture of that moment on the screen.

A camera is recorded for a while; a consultation of it is opened in one real Chromium, and the time bar dragged by steps of some
seconds, first over moments that were never asked for, then back over the same; then the head is moved by keys. The browser says
by itself when an event was born (`timeStamp`) and when a picture was painted: of the strip by Element Timing, of the video by
`requestVideoFrameCallback`. A step counts with the first of the two that shows it.

python -m bench.video_scrub [--runs 5] [--seconds 180] [--step 12]
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from playwright.sync_api import Locator, Page

from bench.report import Series, tell
from bench.video_wall import PATIENCE, Wall, wall
from veilleur.kernel.clock import SystemClock

RUNS, SECONDS, STEP = 5, 180.0, 12.0
QUICK = ("--runs", "1", "--seconds", "60", "--step", "8")
LATEST = 3000  # ms that a picture may take: then the step is told as missed
BREATH = 60  # ms between a picture and the next step, as a hand that goes on
SHOWS = 1200.0  # seconds that the bar shows when it is opened (features/playback/session.ts)
KEY = 10.0  # seconds that an arrow moves the head
EDGE = 6.0  # seconds at the ends of the recording that are left out
AIM = 20  # ms

# When each picture of the tile was painted, and when the hand or the key moved.
HOOK = """
window.__asked = []; window.__painted = [];
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) window.__painted.push([each.renderTime || each.loadTime, "strip"]);
}).observe({ type: "element", buffered: true });
for (const kind of ["pointermove", "keydown"])
  addEventListener(kind, (event) => window.__asked.push(event.timeStamp), { capture: true });
const found = new WeakSet();
new MutationObserver(() => {
  for (const each of document.querySelectorAll("figure[data-camera] img")) each.setAttribute("elementtiming", "strip");
  for (const each of document.querySelectorAll("figure[data-camera] video")) {
    if (found.has(each)) continue;
    found.add(each);
    const look = (now, said) => {
      window.__painted.push([said.expectedDisplayTime, "video"]);
      each.requestVideoFrameCallback(look);
    };
    each.requestVideoFrameCallback(look);
  }
}).observe(document, { childList: true, subtree: true });
"""


@dataclass
class Steps:
    """Milliseconds of the steps of one passage. `by`: what showed each; `missed`: those that nothing showed in time."""

    taken: list[float] = field(default_factory=list)
    by: list[str] = field(default_factory=list)
    missed: int = 0

    def take(self, page: Page, act: Any) -> None:
        """One step, and the picture that it brings."""
        page.evaluate("window.__asked.length = 0; window.__painted.length = 0")
        act()
        # A picture of an earlier step may come late: only what was painted after this event counts.
        after = "window.__painted.find(([at]) => at >= window.__asked[0])"
        try:
            page.wait_for_function(f"window.__asked.length > 0 && {after} !== undefined", timeout=LATEST)
        except Exception:  # noqa: BLE001  # playwright's TimeoutError: a step that shows nothing is told, not hidden
            self.missed += 1
            return
        at, by = page.evaluate(after)
        self.taken.append(at - page.evaluate("window.__asked[0]"))
        self.by.append(by)
        page.wait_for_timeout(BREATH)


def open_playback(held: Wall, camera: int, at: datetime) -> Locator:
    """A consultation of one camera, at a moment; its time bar."""
    page = held.page
    page.goto(f"{held.url}/relecture?cameras={camera}&at={at.isoformat().replace('+00:00', 'Z')}")
    page.get_by_role("group", name="Caméras choisies : 1 sur 9").wait_for(timeout=PATIENCE)
    motif = page.get_by_label("Motif de la consultation")
    motif.fill("essai du banc", timeout=PATIENCE)
    motif.press("Control+Enter")
    bar = page.get_by_role("slider", name="Barre de temps")
    bar.wait_for(timeout=PATIENCE)
    page.wait_for_function("window.__painted.length > 0", timeout=PATIENCE)
    return bar


def passages(held: Wall, camera: int, begun: datetime, given: argparse.Namespace) -> dict[str, Steps]:
    """One consultation: a drag over what was never asked, back over it, then keys."""
    page, ended = held.page, SystemClock().now()
    first, last = begun + timedelta(seconds=EDGE), ended - timedelta(seconds=EDGE)
    bar = open_playback(held, camera, first)
    box = bar.bounding_box()
    if box is None:
        raise RuntimeError("the time bar is not on the screen")
    cursor = bar.locator("div").first.bounding_box()
    if cursor is None:
        raise RuntimeError("the head is not on the time bar")
    # The bar shows as much before the moment that was asked for as after it: its middle is the head.
    head = cursor["x"]
    names = 2 * (head - box["x"]) - box["width"]  # px of the names' column, left of the bar's own scale
    pixels = (box["width"] - names) / SHOWS * given.step
    count = int((last - first).total_seconds() / given.step)
    places = [head + number * pixels for number in range(1, count + 1)]
    y = box["y"] + box["height"] / 2
    told = {"fresh": Steps(), "again": Steps(), "keys": Steps()}
    page.mouse.move(head, y)
    page.mouse.down()
    for x in places:
        told["fresh"].take(page, lambda x=x: page.mouse.move(x, y))
    for x in reversed(places[:-1]):
        told["again"].take(page, lambda x=x: page.mouse.move(x, y))
    page.mouse.up()
    bar.focus()
    for _ in range(int(count * given.step / KEY) - 1):
        told["keys"].take(page, lambda: page.keyboard.press("ArrowRight"))
    return told


def main(argv: list[str]) -> None:
    """Measures each passage, so many times, each in a consultation of its own."""
    parser = argparse.ArgumentParser(prog="bench video_scrub")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of recording, before the first drag")
    parser.add_argument(
        "--step", type=float, default=STEP, help="seconds of a step: a strip has one picture in two"
    )
    given = parser.parse_args(argv)
    with wall(2, hook=HOOK) as held:
        begun = datetime.now(UTC)
        held.page.wait_for_timeout(given.seconds * 1000)
        runs = [passages(held, held.ids[0], begun, given) for _ in range(given.runs)]
    report(runs, given.step)


def report(runs: list[dict[str, Steps]], step: float) -> None:
    """Prints the figures."""
    words = {
        "fresh": "dragged over what was never asked",
        "again": "dragged back over it",
        "keys": "by keys",
    }
    series, notes = [], []
    for key, name in words.items():
        steps = [run[key] for run in runs]
        if all(each.taken for each in steps):
            series += [
                Series(
                    f"{name}, p{part}",
                    "ms",
                    tuple(float(np.percentile(s.taken, part)) for s in steps),
                    part == 50,
                )
                for part in (50, 95)
            ]
        shown = [by for each in steps for by in each.by]
        missed = sum(each.missed for each in steps)
        notes.append(
            f"{name}: {len(shown)} steps, {shown.count('strip')} shown by the strip, {shown.count('video')} by the video, "
            f"{missed} by nothing in {LATEST / 1000:.0f} s"
        )
    tell(
        f"A step of {step:g} s by hand, event → picture on the screen (aim: under {AIM} ms)",
        series,
        notes=notes,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
