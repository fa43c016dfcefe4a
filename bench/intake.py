"""Frames acknowledged **and stored** per second, one reception process, beside pysiaalarm which stores nothing.

Ours and the peer's runs alternate. The end of each of ours counts distinct stored rows = acknowledged frames. The raw
group-commit rate of the same PostgreSQL, at the batch size that was seen, is measured in the same run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from bench.centre import Store, free_port, running, store, veilleur
from bench.report import Series, tell

RUNS = 3
SHAPES = (
    ("one connection per frame", "single", 50, 2_000),
    ("50 connections", "persistent", 50, 5_000),
    ("300 connections", "persistent", 300, 6_000),
)


@dataclass
class Counter:
    """Frames sent so far to one receiver: each run's frames are new ones."""

    sent: int = 0
    generator_cpu: list[float] = field(default_factory=list)


def load(port: int, mode: str, connections: int, frames: int, counter: Counter) -> dict[str, Any]:
    """One run of the generator, in its own process."""
    argv = [
        sys.executable,
        "-m",
        "bench.load",
        str(port),
        mode,
        str(connections),
        str(frames),
        str(counter.sent),
    ]
    answer = json.loads(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)
    counter.sent += frames
    if answer["acknowledged"] != frames:
        raise RuntimeError(f"{answer['acknowledged']} of {frames} frames acknowledged")
    counter.generator_cpu.append(answer["cpu"] / answer["seconds"])
    return dict(answer)


def measure(
    ours: Callable[..., dict[str, Any]],
    peer: Callable[..., dict[str, Any]],
    shape: tuple[str, str, int, int],
    kept: Store,
    counters: tuple[Counter, Counter],
) -> None:
    """A B A B for one shape of load."""
    title, mode, connections, frames = shape
    rates: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        for who, (run, counter) in enumerate(((ours, counters[0]), (peer, counters[1]))):
            answer = run(mode, connections, frames, counter)
            rates[who].append(frames / answer["seconds"])
    distinct = kept.count("SELECT count(DISTINCT (account, sequence, raw)) FROM signal")
    copies = kept.count("SELECT count(*) FROM signal_copy")
    if distinct != counters[0].sent or copies:
        raise RuntimeError(f"acknowledged {counters[0].sent}, distinct stored {distinct}, copies {copies}")
    batch = kept.count(
        "SELECT ceil(avg(count)) FROM (SELECT count FROM intake_batch ORDER BY id DESC LIMIT 500) AS b"
    )
    raw = tuple(raw_rate(kept, max(batch, 1)) for _ in range(RUNS))
    busy = max(counters[0].generator_cpu[-RUNS:])
    tell(
        f"Frames acknowledged and stored, {title} (batch {batch}; generator at most {busy:.0%} of a core; "
        f"distinct stored = acknowledged = {distinct})",
        [
            Series("veilleur reception", "frames/s", tuple(rates[0])),
            Series("pysiaalarm, stores nothing", "frames/s", tuple(rates[1])),
            Series("raw group commit, same batch", "rows/s", raw),
        ],
        peer="pysiaalarm, stores nothing",
    )


def raw_rate(kept: Store, batch: int) -> float:
    """Rows a second of a bare table at this batch size: what the disk and PostgreSQL give at best."""
    rows = max(batch * 200, 2_000)
    with psycopg.connect(kept.owner_dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bench_raw (id bigserial PRIMARY KEY, body bytea)")
        connection.commit()
        start = time.perf_counter()
        for _ in range(rows // batch):
            connection.execute(
                "INSERT INTO bench_raw (body) SELECT %s FROM generate_series(1, %s)", (b"x" * 80, batch)
            )
            connection.commit()
        return rows // batch * batch / (time.perf_counter() - start)


def main() -> None:
    """Starts both receivers, measures every shape."""
    with store() as kept:
        port, peer_port = free_port(), free_port()
        ours = veilleur("run", "reception", "--data-dir", str(kept.data_dir), "--dc09", f"127.0.0.1:{port}")
        peer = [sys.executable, "-m", "bench.peer_pysiaalarm", str(peer_port)]
        counters = (Counter(), Counter())
        with running(ours, port, VEILLEUR_LOG_LEVEL="error"), running(peer, peer_port):
            for shape in SHAPES:
                measure(lambda *a: load(port, *a), lambda *a: load(peer_port, *a), shape, kept, counters)


if __name__ == "__main__":
    main()
