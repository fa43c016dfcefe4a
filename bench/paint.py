"""From «frame sent» to «row painted»: a whole centre, one real Chromium on the desk, ten more stream clients, 20 signals/s.

A panel per site dials at a steady pace, on one machine clock. In the page, a MutationObserver sees the row of the site come
and the second animation frame after it is the paint: an upper bound, one frame (17 ms) at most too long. Each run has a
centre of its own, so that the list begins empty; the window is high enough to draw every row of the run.

python -m bench paint [--runs 5] [--frames 100] [--clients 10]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.centre import free_port, running, veilleur
from bench.report import Series, tell
from veilleur.db.embedded import APP_ROLE, attach
from veilleur.demo.dialler import Address, Panel, dial
from veilleur.kernel.clock import SystemClock
from veilleur.protocols import dc09

RUNS = 5
FRAMES = 100  # distinct accounts per run
RATE = 20.0  # frames a second
CLIENTS = 10  # other streams
HEIGHT = 9_000  # px: every row of a run is on the screen, none waits for a scroll
PATIENCE = 60_000  # ms that the last row may take
PASSWORD = "mot-de-passe-de-banc"  # of a centre that lives one minute, on loopback
CHROMIUM = Path(__file__).parents[1] / ".make" / "browser-path"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
QUICK = ("--runs", "1", "--frames", "20", "--clients", "3")
DISTINCT = (
    "SELECT count(DISTINCT (account, sequence, raw)), count(*) FROM signal WHERE transport <> 'internal'"
)

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


def furnish(folder: Path, data: list[str], frames: int) -> None:
    """Sites, a post and an operator, by the commands of anybody."""
    rows = "\n".join(
        f'  - {{reference: "P-{n:03d}", name: "{name(n)}", panels: [{{account: "7{n:03d}"}}]}}'
        for n in range(frames)
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


def log_in(context: BrowserContext, url: str) -> dict[str, Any]:
    """A session; who it is."""
    context.request.post(
        f"{url}/api/login", data={"login": "banc", "password": PASSWORD}, headers={"X-CSRF-Token": "none"}
    )
    me: dict[str, Any] = context.request.get(f"{url}/api/me").json()
    return me


def sit_down(browser: Browser, url: str) -> Page:
    """An operator at a post, the desk live in front of them."""
    context = browser.new_context(locale="fr-FR", viewport={"width": 1920, "height": HEIGHT}, bypass_csp=True)
    context.add_init_script(HOOK)
    me = log_in(context, url)
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


@contextmanager
def watchers(browser: Browser, url: str, count: int) -> Iterator[subprocess.Popen[str]]:
    """Other streams, in a process of their own."""
    cookies, position = [], 0
    for _ in range(count):
        context = browser.new_context()
        log_in(context, url)
        position = context.request.get(f"{url}/api/snapshot").json()["position"]
        cookies.append("; ".join(f"{each['name']}={each['value']}" for each in context.cookies()))
        context.close()
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.watchers", url.rpartition(":")[2], str(position), *cookies],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise RuntimeError("the stream clients did not start")
        yield process
    finally:
        process.kill()
        process.wait()


async def storm(port: int, frames: int) -> dict[str, int]:
    """Dials each account at the pace; when each frame left, in ms since 1970, by site name."""
    sent: dict[str, int] = {}

    async def one(number: int) -> None:
        panel = Panel(f"7{number:03d}", Address("127.0.0.1", port))
        data = dc09.cid_data(panel.account, "130", area="01", number="001")
        sent[name(number)] = time.time_ns() // 1_000_000
        if not await dial(panel, SystemClock(), "ADM-CID", data):
            raise RuntimeError(f"account {panel.account} was not acknowledged")

    begun = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(frames):
            await asyncio.sleep(begun + number / RATE - time.monotonic())
            group.create_task(one(number))
    return sent


@dataclass(frozen=True)
class Run:
    """One run: when each frame left, by site name; latencies in ms, sorted, until painted, and until told to the last of the
    other streams; shares of a core by part."""

    sent: dict[str, int]
    latencies: list[float]
    cores: dict[str, float]
    told: list[float] = field(default_factory=list)


def parts(supervisor: psutil.Process, data_dir: Path, others: subprocess.Popen[str]) -> dict[str, float]:
    """Seconds of CPU so far, by part."""
    here = psutil.Process()
    postmaster = int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    found = {
        "supervisor": [supervisor],
        "database": [psutil.Process(postmaster), *psutil.Process(postmaster).children(recursive=True)],
        "panels and bench": [here],
        "stream clients": [psutil.Process(others.pid)],
        # The browser's driver and its browser: whatever else was started here.
        "browser": list(
            {*here.children(recursive=True)} - {supervisor, *supervisor.children(recursive=True)}
        ),
    }
    found["browser"] = [each for each in found["browser"] if each.pid not in (postmaster, others.pid)]
    for child in supervisor.children():
        words = child.cmdline()
        if words[3:4] == ["run"]:
            found[words[4]] = [child]
    return {part: sum(sum(each.cpu_times()[:2]) for each in each_of) for part, each_of in found.items()}


def measure(page: Page, dc09_port: int, frames: int, count: Any) -> Run:
    """Latencies and CPU of one run. Raises playwright's TimeoutError when a row does not come."""
    before, begun = count(), time.monotonic()
    with ThreadPoolExecutor(1) as thread:  # the browser's driver has its loop in this one
        sent = thread.submit(asyncio.run, storm(dc09_port, frames)).result()
    names = [name(number) for number in range(frames)]
    page.wait_for_function("(names) => names.every((n) => window.__painted[n])", arg=names, timeout=PATIENCE)
    seconds, after = time.monotonic() - begun, count()
    painted: dict[str, Any] = page.evaluate("window.__painted")
    return Run(
        sent,
        sorted(painted[each] - sent[each] for each in names),
        {part: 100 * (after[part] - spent) / seconds for part, spent in before.items()},
    )


def hear(run: Run, others: subprocess.Popen[str]) -> Run:
    """The run with what the other streams say of it, which end. Raises RuntimeError when one was not told of all."""
    out, _ = others.communicate("", timeout=20)
    clients: list[dict[str, int]] = json.loads(out.splitlines()[-1])
    if any(each.keys() != run.sent.keys() for each in clients):
        raise RuntimeError(
            f"stream clients were told of {[len(each) for each in clients]} of {len(run.sent)}"
        )
    return replace(
        run,
        told=sorted(max(each[name] for each in clients) - at for name, at in run.sent.items()),
    )


def one_run(browser: Browser, given: argparse.Namespace) -> Run:
    """A centre of its own, from its first start to its end."""
    with tempfile.TemporaryDirectory(prefix="veilleur-bench-", ignore_cleanup_errors=True) as made:
        folder, port, dc09_port = Path(made), free_port(), free_port()
        data, url = ["--data-dir", str(folder / "data")], f"http://127.0.0.1:{port}"
        up = veilleur("up", *data, "--http", f"127.0.0.1:{port}", "--dc09", f"127.0.0.1:{dc09_port}")
        with running(up, port, VEILLEUR_LOG_LEVEL="error") as process:
            furnish(folder, data, given.frames)
            page = sit_down(browser, url)
            with watchers(browser, url, given.clients) as others:
                supervisor = psutil.Process(process.pid)
                run = measure(
                    page, dc09_port, given.frames, lambda: parts(supervisor, folder / "data", others)
                )
                run = hear(run, others)
            with psycopg.connect(attach(folder / "data").dsn(APP_ROLE)) as connection:
                kept = connection.execute(DISTINCT).fetchone()
            if kept != (given.frames, given.frames):
                raise RuntimeError(f"acknowledged {given.frames}, stored (distinct, all) {kept}")
            page.context.close()
            return run


def quantile(ordered: list[float], share: float) -> float:
    """The nearest-rank quantile."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main(argv: list[str]) -> None:
    """Runs, each in a centre of its own, one browser for all."""
    parser = argparse.ArgumentParser(prog="bench paint")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    given = parser.parse_args(argv)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM.read_text("utf-8").strip(), args=FLAGS)
        runs = [one_run(browser, given) for _ in range(given.runs)]
        browser.close()
    tell(
        f"Frame sent → row painted, {given.frames} accounts at {RATE:.0f} frames/s, one desk in Chromium, "
        f"{given.clients} more streams",
        [
            Series("p50", "ms", tuple(quantile(run.latencies, 0.5) for run in runs)),
            Series("p99", "ms", tuple(quantile(run.latencies, 0.99) for run in runs)),
            Series("told to the last stream, p50", "ms", tuple(quantile(run.told, 0.5) for run in runs)),
            Series("told to the last stream, p99", "ms", tuple(quantile(run.told, 0.99) for run in runs)),
            *(
                Series(f"CPU, {part}", "% of a core", tuple(run.cores[part] for run in runs), steady=False)
                for part in sorted(runs[0].cores)
            ),
        ],
        notes=[
            f"distinct stored = acknowledged = painted = {given.frames} in each run; each stream was told of all"
        ],
    )


if __name__ == "__main__":
    main(sys.argv[1:])
