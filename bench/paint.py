"""From «frame sent» to «row painted»: a whole centre, one real Chromium on the desk, one machine clock.

A panel dials distinct accounts at a steady pace. In the page, a MutationObserver sees the row of the site come and
the second animation frame after it is the paint: an upper bound, one frame (17 ms) at most too long.
"""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.centre import free_port, running, veilleur
from bench.report import Series, tell
from veilleur.demo.dialler import Address, Panel, dial
from veilleur.kernel.clock import SystemClock
from veilleur.protocols import dc09

RUNS = 3
FRAMES = 40  # distinct accounts per run
PACE = 0.25  # seconds between two frames
HEIGHT = 9_000  # px: every row of every run is on the screen, none waits for a scroll
PATIENCE = 20_000  # ms that the last row may take
PASSWORD = "mot-de-passe-de-banc"  # of a centre that lives one minute, on loopback
CHROMIUM = Path(__file__).parents[1] / ".make" / "browser-path"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# Dossiers by the name of their site, with the time at which their row was on the screen.
HOOK = """
window.__painted = {};
const look = () => {
  for (const row of document.querySelectorAll("[data-incident]")) {
    const name = (row.textContent.match(/Site P\\d{3}/) || [])[0];
    if (name && !(name in window.__painted)) {
      window.__painted[name] = null;
      requestAnimationFrame(() => requestAnimationFrame(() => { window.__painted[name] = Date.now(); }));
    }
  }
};
new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
"""


def name(number: int) -> str:
    """A site's name, as its row shows it."""
    return f"Site P{number:03d}"


def furnish(folder: Path, data: list[str]) -> None:
    """Sites, a post and an operator, by the commands of anybody."""
    rows = "\n".join(
        f'  - {{reference: "P-{n:03d}", name: "{name(n)}", panels: [{{account: "7{n:03d}"}}]}}'
        for n in range(RUNS * FRAMES)
    )
    (folder / "sites.yaml").write_text(f"sites:\n{rows}\n", "utf-8")
    card = ("--card", "CAR-099-2099-01-01-20990000099", "--expires", "2099-12-31")
    for argv, stdin in (
        (("sites", "import", str(folder / "sites.yaml")), ""),
        (("post", "add", "Poste 1"), ""),
        (("user", "add", "banc", "--name", "Banc Essai", "--role", "operator", *card), f"{PASSWORD}\n"),
    ):
        subprocess.run(
            veilleur(*argv, *data), input=stdin, text=True, check=True, stdout=subprocess.DEVNULL, timeout=60
        )


def sit_down(browser: Browser, url: str) -> Page:
    """An operator at a post, the desk live in front of them."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1920, "height": HEIGHT}, bypass_csp=True)
    context.add_init_script(HOOK)
    context.request.post(
        f"{url}/api/login", data={"login": "banc", "password": PASSWORD}, headers={"X-CSRF-Token": "none"}
    )
    me = context.request.get(f"{url}/api/me").json()
    taken = context.request.post(
        f"{url}/api/posts/{me['posts'][0]['id']}/take",
        data={"motif": None},
        headers={"X-CSRF-Token": me["csrf"], "Idempotency-Key": "bench-paint"},
    )
    if not taken.ok:
        raise RuntimeError(taken.text())
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector("[data-state=live]")
    return page


async def storm(port: int, first: int) -> dict[str, int]:
    """Dials each account of a run at the pace; when each frame left, in ms since 1970, by site name."""
    sent: dict[str, int] = {}

    async def one(number: int) -> None:
        panel = Panel(f"7{number:03d}", Address("127.0.0.1", port))
        data = dc09.cid_data(panel.account, "130", area="01", number="001")
        sent[name(number)] = time.time_ns() // 1_000_000
        if not await dial(panel, SystemClock(), "ADM-CID", data):
            raise RuntimeError(f"account {panel.account} was not acknowledged")

    async with asyncio.TaskGroup() as group:
        for number in range(first, first + FRAMES):
            group.create_task(one(number))
            await asyncio.sleep(PACE)
    return sent


def one_run(page: Page, port: int, first: int) -> list[float]:
    """Latencies of one run, in ms, sorted. Raises playwright's TimeoutError when a row does not come."""
    with ThreadPoolExecutor(1) as thread:  # the browser's driver has its loop in this one
        sent = thread.submit(asyncio.run, storm(port, first)).result()
    names = [name(number) for number in range(first, first + FRAMES)]
    page.wait_for_function("(names) => names.every((n) => window.__painted[n])", arg=names, timeout=PATIENCE)
    painted: dict[str, Any] = page.evaluate("window.__painted")
    return sorted(painted[each] - sent[each] for each in names)


def quantile(ordered: list[float], share: float) -> float:
    """The nearest-rank quantile."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    """Starts the centre and the browser, measures RUNS times."""
    with tempfile.TemporaryDirectory(prefix="veilleur-bench-", ignore_cleanup_errors=True) as made:
        folder, port, dc09_port = Path(made), free_port(), free_port()
        data = ["--data-dir", str(folder / "data")]
        up = veilleur("up", *data, "--http", f"127.0.0.1:{port}", "--dc09", f"127.0.0.1:{dc09_port}")
        with running(up, port, VEILLEUR_LOG_LEVEL="error") as process, sync_playwright() as driver:
            furnish(folder, data)
            if process.poll() is not None:
                raise RuntimeError("the centre stopped")
            browser = driver.chromium.launch(executable_path=CHROMIUM.read_text("utf-8").strip(), args=FLAGS)
            page = sit_down(browser, f"http://127.0.0.1:{port}")
            runs = [one_run(page, dc09_port, run * FRAMES) for run in range(RUNS)]
            browser.close()
    tell(
        f"Frame sent → row painted, {FRAMES} accounts at {1 / PACE:.0f} frames/s, one desk in Chromium",
        [
            Series("p50", "ms", tuple(quantile(run, 0.5) for run in runs)),
            Series("p99", "ms", tuple(quantile(run, 0.99) for run in runs)),
        ],
    )


if __name__ == "__main__":
    main()
