"""`veilleur up` until it is ready, cold and warm; what each role weighs at rest and at work.

python -m bench life [--runs 5]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from bench.centre import free_port, import_sites, veilleur
from bench.load import ACCOUNTS, account
from bench.report import Series, tell
from veilleur.demo.dialler import Address, Panel, dial
from veilleur.kernel.clock import SystemClock
from veilleur.protocols import dc09

RUNS = 5
QUICK = ("--runs", "1")
READY = 120.0
REST = 8.0  # seconds after «ready» before roles are weighed
WORK = 20.0  # seconds of signals before they are weighed again
RATE = 20.0  # signals a second


@contextmanager
def up(data_dir: Path, http: int, dc09_port: int) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """A centre, and the seconds until `/healthz` said 200."""
    begun = time.monotonic()
    argv = veilleur("up", "--data-dir", str(data_dir), "--http", f"127.0.0.1:{http}")
    process = subprocess.Popen(
        [*argv, "--dc09", f"127.0.0.1:{dc09_port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not ready(http):
            if process.poll() is not None or time.monotonic() - begun > READY:
                raise RuntimeError("the centre did not start")
            time.sleep(0.02)
        yield process, time.monotonic() - begun
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def ready(http: int) -> bool:
    """Whether the centre says that it is."""
    url = f"http://127.0.0.1:{http}/healthz"
    with suppress(OSError, urllib.error.HTTPError), urllib.request.urlopen(url, timeout=2) as answer:
        return bool(json.load(answer)["ready"])
    return False


def weights(supervisor: subprocess.Popen[bytes], data_dir: Path) -> dict[str, float]:
    """MB that each role alone holds (USS), the supervisor and the whole database among them."""
    root = psutil.Process(supervisor.pid)
    found = {"supervisor": root.memory_full_info().uss / 1e6}
    for child in root.children():
        words = child.cmdline()
        if words[3:4] == ["run"]:
            found[words[4]] = child.memory_full_info().uss / 1e6
    postmaster = psutil.Process(int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0]))
    # Shared buffers are counted once: the proportional set.
    found["database"] = sum(p.memory_full_info().pss for p in [postmaster, *postmaster.children()]) / 1e6
    return found


def work(port: int) -> None:
    """Alarms of many accounts at a steady rate."""
    import asyncio  # noqa: PLC0415

    async def send() -> None:
        clock, end = SystemClock(), time.monotonic() + WORK
        tasks, number = set(), 0
        while time.monotonic() < end:
            number += 1
            panel = Panel(account(number % ACCOUNTS), Address("127.0.0.1", port), sequence=number % 9000)
            data = dc09.cid_data(panel.account, "130", qualifier="1", area="01", number=f"{number % 9:03d}")
            tasks.add(asyncio.create_task(dial(panel, clock, "ADM-CID", data)))
            await asyncio.sleep(1 / RATE)
        await asyncio.gather(*tasks)

    thread = threading.Thread(target=lambda: asyncio.run(send()))
    thread.start()
    thread.join()


def main(argv: list[str]) -> None:
    """Prints both figures."""
    parser = argparse.ArgumentParser(prog="bench life")
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args(argv)
    cold, warm, rest, busy = [], [], [], []
    folder = Path(tempfile.mkdtemp(prefix="veilleur-life-", dir=os.environ.get("BENCH_DIR")))
    try:
        for run in range(given.runs):
            data = folder / str(run) / "data"
            data.parent.mkdir()
            http, port = free_port(), free_port()
            with up(data, http, port) as (_, seconds):
                cold.append(seconds)
                import_sites(data)
            with up(data, http, port) as (process, seconds):
                warm.append(seconds)
                time.sleep(REST)
                rest.append(weights(process, data))
                work(port)
                busy.append(weights(process, data))
            shutil.rmtree(data.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tell("`veilleur up` until ready", [Series("cold", "s", tuple(cold)), Series("warm", "s", tuple(warm))])
    for title, taken in (
        ("Memory at rest", rest),
        (f"Memory after {WORK:.0f} s of {RATE:.0f} signals/s", busy),
    ):
        tell(title, [Series(role, "MB", tuple(one[role] for one in taken)) for role in sorted(taken[0])])


if __name__ == "__main__":
    main(sys.argv[1:])
