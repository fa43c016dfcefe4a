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
import subprocess
import sys
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench import coded
from bench.centre import free_port, running, veilleur
from bench.paint import CHROMIUM, FLAGS, PASSWORD, log_in
from bench.report import Series, tell
from veilleur.demo.camera_clips import read_clip
from veilleur.video.fragments import HEAD

RUNS = 5
SECONDS = 12.0
CAMERAS = 16
QUICK = ("--runs", "1", "--seconds", "4", "--cameras", "4")
PATIENCE = 60_000  # ms
SWITCHES = 8  # first pictures a run
SETTLE = 2000  # ms before latency is looked at: a picture that has just been opened is told by the first one

# Every video of the page: its pictures' numbers with the hour of each on the screen, and the hour of its first.
HOOK = """
window.__shown = []; window.__first = []; window.__came = []; window.__stalls = 0;
window.WebSocket = class extends WebSocket {
  constructor(...all) {
    super(...all);
    this.addEventListener("message", ({ data }) => {
      if (!(data instanceof ArrayBuffer)) return;
      const head = new DataView(data);
      if (head.getUint8(0) !== 1) return;
      const wall = Number(head.getBigUint64(1)) / 1000;
      window.__came.push([data.byteLength - 9, wall, performance.timeOrigin + performance.now()]);
    });
  }
};
const seen = new WeakSet();
const watch = (video) => {
  if (seen.has(video)) return;
  seen.add(video);
  const canvas = new OffscreenCanvas(BITS, 1), pen = canvas.getContext("2d", { willReadFrequently: true });
  let first = true;
  const look = (now, said) => {
    const at = performance.timeOrigin + said.expectedDisplayTime;
    if (first) { window.__first.push(at); first = false; }
    pen.drawImage(video, 0, video.videoHeight / 32, video.videoWidth, video.videoHeight / 16, 0, 0, BITS, 1);
    const bits = pen.getImageData(0, 0, BITS, 1).data;
    let number = 0;
    for (let bit = 0; bit < BITS; bit++) number |= (bits[bit * 4] > 127 ? 1 : 0) << bit;
    window.__shown.push([video.videoWidth, number, at, video.srcObject ? 1 : 0]);
    video.requestVideoFrameCallback(look);
  };
  video.addEventListener("loadstart", () => { first = true; });
  video.addEventListener("waiting", () => { window.__stalls += 1; });
  video.requestVideoFrameCallback(look);
};
const find = () => document.querySelectorAll("video").forEach(watch);
new MutationObserver(find).observe(document, { childList: true, subtree: true });
""".replace("BITS", str(coded.BITS))


@dataclass(frozen=True)
class Wall:
    """A centre with its cameras, somebody at its wall. `still`, `moving`: camera ids that stand, that turn."""

    url: str
    context: BrowserContext
    page: Page
    csrf: str
    still: list[int]
    moving: list[int]
    folder: Path

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """A command."""
        headers = {"X-CSRF-Token": self.csrf, "Idempotency-Key": str(uuid.uuid4())}
        answer = self.context.request.post(self.url + path, data=body, headers=headers)
        if not answer.ok:
            raise RuntimeError(answer.text())
        return answer.json()

    def layout(self, cameras: list[int], side: int) -> int:
        """A saved wall of these cameras; its id."""
        tiles = [{"camera": each, "span": 1, "sequence": [], "hotspot": False} for each in cameras]
        tiles += [{"camera": None, "span": 1, "sequence": [], "hotspot": False}] * (side * side - len(tiles))
        body = {"name": f"{side} {cameras[0]}", "shared": False, "columns": side, "rows": side, "seconds": 20}
        return int(self.post("/api/layouts", {**body, "tiles": tiles})["id"])

    def show(self, layout: int) -> None:
        """Goes to a layout."""
        self.page.goto(f"{self.url}/mur/{layout}")

    def switch(self, camera: str) -> float:
        """Puts a camera on the selected tile, by the list of cameras; how long its first picture took (ms)."""
        asked: float = self.page.evaluate(
            "(name) => { const found = [...document.querySelectorAll('li button')].find(b => b.innerText.includes(name));"
            " window.__first = []; found.click(); return performance.timeOrigin + performance.now(); }",
            camera,
        )
        self.wait(1)
        return float(self.page.evaluate("window.__first[0]")) - asked

    def wait(self, videos: int) -> None:
        """Until so many tiles show their first picture."""
        self.page.wait_for_function(f"window.__first.length >= {videos}", timeout=PATIENCE)


def site(port: int, count: int) -> str:
    """The site's file: half of the cameras would turn if anybody asked."""
    rows = [
        f'      - {{reference: "C-{n:02d}", name: "Caméra {n:02d}", regime: private, ptz: {"yes" if n == 1 else "no"},\n'
        f'         address: {{kind: rtsp, main: "{main}", sub: "{sub}"}}}}'
        for n, (main, sub) in enumerate(coded.urls(port, count))
    ]
    return (
        'sites:\n  - reference: "V-1"\n    name: "Site filmé"\n    services: [video]\n    cameras:\n'
        + "\n".join(rows)
    )


@contextmanager
def wall(count: int, *more: str) -> Iterator[Wall]:
    """Draws the films, starts cameras, centre and browser. `more`: further arguments of `veilleur up`."""
    with tempfile.TemporaryDirectory(prefix="veilleur-bench-") as name, sync_playwright() as driver:
        folder = Path(name)
        films, data = folder / "films", ["--data-dir", str(folder / "data")]
        films.mkdir()
        coded.draw(films)
        http, dc09, video, port = (free_port() for _ in range(4))
        (folder / "site.yaml").write_text(site(port, count), "utf-8")
        up = veilleur("up", *data, "--http", f"127.0.0.1:{http}", "--dc09", f"127.0.0.1:{dc09}", *more)
        environment = {"VEILLEUR_LOG_LEVEL": "error", "VEILLEUR_VIDEO_HTTP": f"127.0.0.1:{video}"}
        environment |= {"VEILLEUR_RECORDERS": str(-(-count // 12))}
        with coded.cameras(films, port), running(up, http, **environment):
            furnish(data, folder / "site.yaml")
            browser = driver.chromium.launch(executable_path=CHROMIUM.read_text().strip(), args=FLAGS)
            yield sit_down(
                browser.new_context(
                    locale="fr-FR", viewport={"width": 1920, "height": 1080}, bypass_csp=True
                ),
                http,
                films,
            )
            browser.close()


def furnish(data: list[str], file: Path) -> None:
    """The site with its cameras, a post that sees images, an operator, by the commands of anybody."""
    card = ("--card", "CAR-099-2099-01-01-20990000099", "--expires", "2099-12-31", "--activity", "video")
    for argv, stdin in (
        (("sites", "import", str(file)), ""),
        (("post", "add", "Mur", "--kind", "both"), ""),
        (
            (
                "user",
                "add",
                "banc",
                "--name",
                "Banc Essai",
                "--role",
                "operator",
                *card,
                "--activity",
                "remote_monitoring",
            ),
            f"{PASSWORD}\n",
        ),
    ):
        done = subprocess.run(
            veilleur(*argv, *data), input=stdin, text=True, capture_output=True, timeout=60, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)


def sit_down(context: BrowserContext, http: int, films: Path) -> Wall:
    """Somebody takes the post, with a motif, once every camera gives pictures."""
    url = f"http://127.0.0.1:{http}"
    context.add_init_script(HOOK)
    me = log_in(context, url)
    taken = context.request.post(
        f"{url}/api/posts/{me['posts'][0]['id']}/take",
        data={"motif": "surveillance générale"},
        headers={"X-CSRF-Token": me["csrf"], "Idempotency-Key": "bench-take"},
    )
    if not taken.ok:
        raise RuntimeError(taken.text())
    page = context.new_page()
    for _ in range(120):
        cameras = context.request.get(f"{url}/api/cameras").json()
        if cameras and all(each["state"] == "online" for each in cameras):
            break
        page.wait_for_timeout(500)
    else:
        raise RuntimeError("a camera gives no picture")
    still = [each["id"] for each in cameras if not each["ptz"]]
    moving = [each["id"] for each in cameras if each["ptz"]]
    page.goto(f"{url}/mur")
    page.wait_for_selector("main")
    return Wall(url, context, page, me["csrf"], still, moving, films)


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
