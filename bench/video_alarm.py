"""The alarm path while images are recorded and watched: «frame sent → row painted», with and without video, in turn.

As `paint` (bench/paint.py): the same panels, pace, page and stream clients, a centre of its own for each half of a run. With
video: so many cameras (1280×720 at 25 a second, 4 Mbit/s, each with its sub-stream) are recorded and looked at, and a wall of
tiles is open in a second window of the same person, in the same browser. Both have the same roles: only the cameras differ.
Cameras, recorders, decoding browser and desk share this one machine, which a control room's never do: the CPU of each is told.

python -m bench video_alarm [--runs 5] [--frames 100] [--cameras 24] [--tiles 16]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench import coded, paint
from bench.centre import free_port, running, veilleur
from bench.paint import CHROMIUM, FLAGS, Run, log_in, quantile
from bench.report import Series, tell
from bench.video_wall import EACH, MOTIF, furnish, spent
from bench.video_wall import site as filmed

RUNS, FRAMES, CLIENTS, CAMERAS, TILES = 5, 100, 10, 24, 16
QUICK = ("--runs", "1", "--frames", "20", "--clients", "3", "--cameras", "4", "--tiles", "4")
PATIENCE = 120_000  # ms that cameras and tiles may take to begin
SETTLE = 5_000  # ms after the last tile's first picture
WORSE = 1.2  # times: what the p99 may be with video

# Each video of the wall counts the pictures it painted.
COUNTS = """[...document.querySelectorAll("video")].map((each) => {
  const said = each.getVideoPlaybackQuality(); return said.totalVideoFrames - said.droppedVideoFrames; })"""


class Seat:
    """Somebody who holds a post of images and alarms: the desk, and a wall when there are cameras."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.url = url
        self.context: BrowserContext = browser.new_context(
            locale="fr-FR", viewport={"width": 1920, "height": paint.HEIGHT}, bypass_csp=True
        )
        self.csrf = log_in(self.context, url)["csrf"]
        post = self.get("/api/me")["posts"][0]["id"]
        self.post(f"/api/posts/{post}/take", {"motif": MOTIF})

    def get(self, path: str) -> Any:
        """Reads."""
        return self.context.request.get(self.url + path).json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """A command."""
        headers = {"X-CSRF-Token": self.csrf, "Idempotency-Key": str(uuid.uuid4())}
        answer = self.context.request.post(self.url + path, data=body, headers=headers)
        if not answer.ok:
            raise RuntimeError(answer.text())
        return answer.json() if answer.body() else None

    def desk(self) -> Page:
        """The desk, live, which tells when rows are painted."""
        page = self.context.new_page()
        page.add_init_script(paint.HOOK)
        page.goto(self.url)
        page.wait_for_selector("[data-state=live]")
        return page

    def wall(self, tiles: int) -> Page:
        """So many sub-streams in another window, all of them moving."""
        page = self.context.new_page()
        page.set_viewport_size({"width": 1920, "height": 1080})
        for _ in range(PATIENCE // 500):
            cameras = self.get("/api/cameras")
            if cameras and all(each["state"] == "online" for each in cameras):
                break
            page.wait_for_timeout(500)
        else:
            raise RuntimeError("a camera gives no picture")
        side = next(side for side in range(1, 6) if side * side >= tiles)
        held = [
            {"camera": each["id"], "span": 1, "sequence": [], "hotspot": False} for each in cameras[:tiles]
        ]
        held += [{"camera": None, "span": 1, "sequence": [], "hotspot": False}] * (side * side - tiles)
        asked = {"name": "banc", "shared": False, "columns": side, "rows": side, "seconds": 20, "tiles": held}
        page.goto(f"{self.url}/mur/{self.post('/api/layouts', asked)['id']}")
        page.wait_for_function(f"{COUNTS}.filter((count) => count > 5).length >= {tiles}", timeout=PATIENCE)
        page.wait_for_timeout(SETTLE)
        return page


@contextmanager
def centre(folder: Path, films: Path | None, given: argparse.Namespace) -> Iterator[tuple[int, str, int]]:
    """A centre with its panels, and its cameras when there are films: the supervisor's id, its address, its panels' port."""
    http, dc09, video, port = (free_port() for _ in range(4))
    data = ["--data-dir", str(folder / "data")]
    up = veilleur("up", *data, "--http", f"127.0.0.1:{http}", "--dc09", f"127.0.0.1:{dc09}")
    environment = {"VEILLEUR_LOG_LEVEL": "error", "VEILLEUR_VIDEO_HTTP": f"127.0.0.1:{video}"}
    environment |= {"VEILLEUR_RECORDERS": str(-(-given.cameras // EACH))}
    panels = [
        f'  - {{reference: "P-{n:03d}", name: "{paint.name(n)}", panels: [{{account: "7{n:03d}"}}]}}'
        for n in range(given.frames)
    ]
    head = filmed(port, given.cameras if films else 0) if films else "sites:"
    (folder / "sites.yaml").write_text("\n".join([head, *panels, ""]), "utf-8")
    with ExitStack() as held:
        if films:
            held.enter_context(coded.cameras(films, port))
        process = held.enter_context(running(up, http, **environment))
        furnish(data, folder / "sites.yaml")
        yield process.pid, f"http://127.0.0.1:{http}", dc09


def one_run(browser: Browser, films: Path | None, given: argparse.Namespace) -> tuple[Run, float]:
    """A centre from its first start to its end; the pictures a second of the slowest tile while alarms came (0 without)."""
    with tempfile.TemporaryDirectory(prefix="veilleur-bench-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        with centre(folder, films, given) as (supervisor, url, dc09):
            seat = Seat(browser, url)
            wall = seat.wall(given.tiles) if films else None
            desk = seat.desk()
            with paint.watchers(browser, url, given.clients) as others:
                before = (wall.evaluate(COUNTS), float(wall.evaluate("performance.now()"))) if wall else None
                run = paint.measure(
                    desk, dc09, given.frames,
                    lambda: parts(psutil.Process(supervisor), folder / "data", others),
                )  # fmt: skip
                rate = slowest(wall, given.tiles, *before) if wall and before else 0.0
                run = paint.hear(run, others)
            if films and not all(each["state"] == "online" for each in seat.get("/api/cameras")):
                raise RuntimeError("a camera was lost during the run")
            seat.context.close()
            return run, rate


def parts(supervisor: psutil.Process, data_dir: Path, others: subprocess.Popen[str]) -> dict[str, float]:
    """Seconds of CPU so far, by part; the cameras', which are ours too, apart from the browser's."""
    found = paint.parts(supervisor, data_dir, others)
    cameras = [each for each in psutil.Process().children() if "bench.coded" in each.cmdline()]
    found["cameras"] = spent(cameras)
    found["browser"] -= found["cameras"]
    return found


def slowest(wall: Page, tiles: int, before: list[int], begun: float) -> float:
    """Pictures a second of the slowest tile since then."""
    after, ended = wall.evaluate(COUNTS), float(wall.evaluate("performance.now()"))
    shown = sorted((now - then for now, then in zip(after, before, strict=False)), reverse=True)
    return shown[tiles - 1] * 1000 / (ended - begun)


def main(argv: list[str]) -> None:
    """Runs with and without video, in turn, one browser for all."""
    parser = argparse.ArgumentParser(prog="bench video_alarm")
    for name, value in (
        ("runs", RUNS),
        ("frames", FRAMES),
        ("clients", CLIENTS),
        ("cameras", CAMERAS),
        ("tiles", TILES),
    ):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="veilleur-films-") as made, sync_playwright() as driver:
        films = Path(made)
        coded.draw(films)
        browser = driver.chromium.launch(executable_path=CHROMIUM.read_text("utf-8").strip(), args=FLAGS)
        without, along, rates = list[Run](), list[Run](), list[float]()
        for _ in range(given.runs):
            without.append(one_run(browser, None, given)[0])
            run, rate = one_run(browser, films, given)
            along.append(run)
            rates.append(rate)
        browser.close()
    report(given, without, along, rates)


def report(given: argparse.Namespace, without: list[Run], along: list[Run], rates: list[float]) -> None:
    """Prints the figures."""
    video = f"{given.cameras} cameras recorded, {given.tiles} tiles open"
    for share, name in ((0.99, "p99"), (0.5, "p50")):
        plain, filmed_ = (tuple(quantile(run.latencies, share) for run in runs) for runs in (without, along))
        tell(
            f"Frame sent → row painted, {name}, {given.frames} accounts at {paint.RATE:.0f} frames/s",
            [Series(video, "ms", filmed_), Series("no camera", "ms", plain)],
            peer="no camera",
            notes=[f"aim: ×{WORSE} at most"] if name == "p99" else (),
        )
    tell(
        "Frame sent → told to the last of the streams, p99: what the roles take, without the browser that paints",
        [
            Series(name, "ms", tuple(quantile(run.told, 0.99) for run in runs))
            for name, runs in ((video, along), ("no camera", without))
        ],
        peer="no camera",
    )
    tell(
        f"The same: what it took with {video}",
        [
            Series("pictures a second, slowest tile", "1/s", tuple(rates), steady=False),
            *(
                Series(
                    f"CPU, {part}",
                    "% of a core",
                    tuple(run.cores.get(part, 0.0) for run in along),
                    steady=False,
                )
                for part in sorted({each for run in along for each in run.cores})
            ),
        ],
        notes=[
            f"stored and painted {given.frames} in each run; the cameras' own process counts with the browser"
        ],
    )


if __name__ == "__main__":
    main(sys.argv[1:])
