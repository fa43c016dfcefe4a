"""Frames acknowledged **and stored** per second, one reception process, beside pysiaalarm which stores nothing.

Ours and the peer's runs alternate. The end of each of ours counts distinct stored rows = acknowledged frames. The raw
group-commit rate of the same PostgreSQL is measured in the same run: a bare psycopg loop that stores the very rows of that
run, in batches of the size that the intake had used, one statement and one commit each, `synchronous_commit=on`.

python -m bench intake [--runs 5] [--part 1.0]
"""

from __future__ import annotations

import argparse
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

RUNS = 5
SHAPES = (
    ("one connection per frame", "single", 50, 6_000),
    ("50 connections", "persistent", 50, 12_000),
    ("300 connections", "persistent", 300, 15_000),
)
QUICK = ("--runs", "2", "--part", "0.05")
OURS, PEER = "veilleur reception", "pysiaalarm, stores nothing"
RAW = ("raw group commit, a statement a batch", "raw group commit, a statement a row")


@dataclass
class Counter:
    """Frames sent so far to one receiver: each run's frames are new ones."""

    sent: int = 0
    generator_cpu: list[float] = field(default_factory=list)


def load(port: int, mode: str, connections: int, frames: int, counter: Counter) -> dict[str, Any]:
    """One run of the generator, in its own process."""
    argv = [*map(str, (port, mode, connections, frames, counter.sent))]
    process = subprocess.run(
        [sys.executable, "-m", "bench.load", *argv], check=True, stdout=subprocess.PIPE, text=True
    )
    answer = json.loads(process.stdout)
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
    runs: int,
) -> None:
    """A B A B for one shape of load, the raw rate between them."""
    title, mode, connections, frames = shape
    rates: tuple[list[float], list[float]] = ([], [])
    raw: tuple[list[float], list[float]] = ([], [])
    batches = []
    for _ in range(runs):
        mark = kept.count("SELECT coalesce(max(id), 0) FROM intake_batch")
        answer = ours(mode, connections, frames, counters[0])
        rates[0].append(frames / answer["seconds"])
        batch = kept.count(f"SELECT round(avg(count)) FROM intake_batch WHERE id > {mark}")
        for apart, found in enumerate(raw):
            found.append(raw_rate(kept, mark, max(batch, 1), apart=bool(apart)))
        batches.append(batch)
        answer = peer(mode, connections, frames, counters[1])
        rates[1].append(frames / answer["seconds"])
        distinct = kept.count("SELECT count(DISTINCT (account, sequence, raw)) FROM signal")
        copies = kept.count("SELECT count(*) FROM signal_copy")
        if distinct != counters[0].sent or copies:
            raise RuntimeError(
                f"acknowledged {counters[0].sent}, distinct stored {distinct}, copies {copies}"
            )
    busy = max(each for counter in counters for each in counter.generator_cpu[-runs:])
    first, *others = (
        Series(name, unit, tuple(values))
        for name, unit, values in (
            (OURS, "frames/s", rates[0]),
            (PEER, "frames/s", rates[1]),
            *((name, "rows/s", found) for name, found in zip(RAW, raw, strict=True)),
        )
    )
    tell(
        f"Frames acknowledged and stored, {title}, {frames:,} frames a run",
        [first, *others],
        peer=PEER,
        notes=[
            f"distinct stored = acknowledged = {distinct:,}, no copy",
            *(f"ours is ×{first.middle / each.middle:.2f} of: {each.name}" for each in others[1:]),
            f"batches of {', '.join(map(str, batches))} on average",
            f"the generator used at most {busy:.0%} of a core",
        ],
    )


def raw_rate(kept: Store, mark: int, batch: int, *, apart: bool) -> float:
    """Rows a second of the rows after `mark`, stored again in a table with the columns and the primary key of `signal` and
    nothing else: what this disk and this PostgreSQL give at best at this batch size. One statement a batch, or `apart`: a
    statement a row by the driver's `executemany`, as one writes it without thinking of groups."""
    with psycopg.connect(kept.owner_dsn) as connection:
        rows = connection.execute(ROWS, [mark]).fetchall()
        at = range(0, len(rows), batch)
        work = [["[" + ",".join(text for (text,) in rows[n : n + batch]) + "]"] for n in at]
        connection.execute("DROP TABLE IF EXISTS bench_raw")
        connection.execute("CREATE TABLE bench_raw (LIKE signal INCLUDING DEFAULTS, PRIMARY KEY (id))")
        connection.execute("SET synchronous_commit = on")
        connection.commit()
        start = time.perf_counter()
        for place, document in zip(at, work, strict=True):
            if apart:
                connection.cursor().executemany(STORE_ROW, rows[place : place + batch])
            else:
                connection.execute(STORE_BATCH, document)
            connection.commit()
        return len(rows) / (time.perf_counter() - start)


# The rows of one run, as documents: the driver then adapts one value a row, not twenty.
ROWS = "SELECT row_to_json(s)::text FROM signal s WHERE batch_id > %s ORDER BY id"
STORE_BATCH = "INSERT INTO bench_raw SELECT * FROM json_populate_recordset(NULL::bench_raw, %s)"
STORE_ROW = "INSERT INTO bench_raw SELECT * FROM json_populate_record(NULL::bench_raw, %s)"


def main(argv: list[str]) -> None:
    """Starts both receivers, measures every shape."""
    parser = argparse.ArgumentParser(prog="bench intake")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--part", type=float, default=1.0, help="of the frames of each run")
    given = parser.parse_args(argv)
    with store() as kept:
        port, peer_port = free_port(), free_port()
        ours = veilleur("run", "reception", "--data-dir", str(kept.data_dir), "--dc09", f"127.0.0.1:{port}")
        peer = [sys.executable, "-m", "bench.peer_pysiaalarm", str(peer_port)]
        counters = (Counter(), Counter())
        with running(ours, port, VEILLEUR_LOG_LEVEL="error"), running(peer, peer_port):
            for title, mode, connections, frames in SHAPES:
                shape = (title, mode, connections, max(round(frames * given.part), connections))
                measure(
                    lambda *a: load(port, *a),
                    lambda *a: load(peer_port, *a),
                    shape,
                    kept,
                    counters,
                    given.runs,
                )


if __name__ == "__main__":
    main(sys.argv[1:])
