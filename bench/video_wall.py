"""A wall in one real Chromium: a whole centre, cameras whose pictures say their number, somebody at a post of images.

For the benches of video. Each video of the page tells, in `window.__shown`, what is on the screen and when.
"""

from __future__ import annotations

import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench import coded
from bench.centre import free_port, running, veilleur
from bench.paint import CHROMIUM, FLAGS, PASSWORD, log_in

PATIENCE = 60_000  # ms
EACH = 12  # cameras of a recorder, as the product has them
MOTIF = "surveillance générale"

MASK = """,
         masks: [{kind: role, name: "Voisin", polygon: [{x: 0.5, y: 0.5}, {x: 1, y: 0.5}, {x: 1, y: 1}, {x: 0.5, y: 1}]}]"""

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
    """A centre with its cameras, somebody at its wall. `ids`: of cameras in their order; `still`, `moving`: stand, turn."""

    url: str
    context: BrowserContext
    page: Page
    csrf: str
    still: list[int]
    moving: list[int]
    ids: list[int]
    folder: Path
    up: int

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


def site(port: int, count: int, masked: Sequence[int] = ()) -> str:
    """The site's file: camera 1 would turn if anybody asked; `masked` ones have a mask of role over a quarter."""
    rows = [
        f'      - {{reference: "C-{n:02d}", name: "Caméra {n:02d}", regime: private, ptz: {"yes" if n == 1 else "no"},\n'
        f'         address: {{kind: rtsp, main: "{main}", sub: "{sub}"}}{MASK if n in masked else ""}}}'
        for n, (main, sub) in enumerate(coded.urls(port, count))
    ]
    return (
        'sites:\n  - reference: "V-1"\n    name: "Site filmé"\n    services: [video]\n    cameras:\n'
        + "\n".join(rows)
    )


@contextmanager
def wall(count: int, *more: str, masked: Sequence[int] = (), hook: str = HOOK) -> Iterator[Wall]:
    """Draws the films, starts cameras, centre and browser. `more`: of `veilleur up`. `hook`: what each page runs first."""
    with tempfile.TemporaryDirectory(prefix="veilleur-bench-") as name, sync_playwright() as driver:
        folder = Path(name)
        films, data = folder / "films", ["--data-dir", str(folder / "data")]
        films.mkdir()
        coded.draw(films)
        http, dc09, video, port = (free_port() for _ in range(4))
        (folder / "site.yaml").write_text(site(port, count, masked), "utf-8")
        up = veilleur("up", *data, "--http", f"127.0.0.1:{http}", "--dc09", f"127.0.0.1:{dc09}", *more)
        environment = {"VEILLEUR_LOG_LEVEL": "error", "VEILLEUR_VIDEO_HTTP": f"127.0.0.1:{video}"}
        environment |= {"VEILLEUR_RECORDERS": str(-(-count // EACH))}
        with coded.cameras(films, port), running(up, http, **environment) as process:
            furnish(data, folder / "site.yaml")
            browser = driver.chromium.launch(executable_path=CHROMIUM.read_text().strip(), args=FLAGS)
            context = browser.new_context(
                locale="fr-FR", viewport={"width": 1920, "height": 1080}, bypass_csp=True
            )
            context.add_init_script(hook)
            yield sit_down(context, http, films, process.pid)
            browser.close()


def recorders(up: int) -> list[psutil.Process]:
    """The processes that record, of a centre."""
    found = psutil.Process(up).children()
    return [each for each in found if each.cmdline()[3:4] == ["run"] and "recorder" in each.cmdline()[4]]


def spent(processes: Sequence[psutil.Process]) -> float:
    """Seconds of CPU so far."""
    return float(sum(sum(each.cpu_times()[:2]) for each in processes))


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


def sit_down(context: BrowserContext, http: int, films: Path, up: int) -> Wall:
    """Somebody takes the post, with a motif, once every camera gives pictures."""
    url = f"http://127.0.0.1:{http}"
    me = log_in(context, url)
    taken = context.request.post(
        f"{url}/api/posts/{me['posts'][0]['id']}/take",
        data={"motif": MOTIF},
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
    ids = [each["id"] for each in sorted(cameras, key=lambda each: str(each["reference"]))]
    still = [each["id"] for each in cameras if not each["ptz"]]
    moving = [each["id"] for each in cameras if each["ptz"]]
    page.goto(f"{url}/mur")
    page.wait_for_selector("main")
    return Wall(url, context, page, me["csrf"], still, moving, ids, films, up)
