"""Supervision over UDP, AES: link tests a second and what they cost, with one and two reception processes; what a
supervised panel weighs; how soon a thousand lost paths are noticed.

python -m bench supervision [--only speed|weight|noticed] [--runs 5] [--rounds 4] [--few 10000] [--many 110000] [--lost 1000]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import psycopg

from bench.centre import Store, free_port, running, store, veilleur
from bench.many_sites import add
from bench.report import Series, tell
from bench.wire import postmaster, seconds_of_cpu

RUNS = 5
FEW, MANY = 10_000, 110_000
ROUNDS = 4  # link tests of each panel per run
LOST = 1_000
SILENCE = 10  # seconds after which one of those is lost
SETTLED = 3.0  # seconds after a start, or after the last frame, before something is read
CALM = 600.0  # seconds that the paths may take to be up and decided, or lost and decided
QUICK = ("--runs", "2", "--rounds", "1", "--few", "500", "--many", "2500", "--lost", "100")


@dataclass
class Load:
    """The link tests sent so far: every frame has a number of its own."""

    kept: Store
    turn: int = 0
    busiest: float = 0.0
    again: int = 0
    told: list[str] = field(default_factory=list)

    def __call__(self, port: int, panels: int, rounds: int) -> dict[str, Any]:
        """One run. Raises RuntimeError when a panel was not acknowledged, or acknowledged and not kept."""
        begun = self.moment()
        argv = [*map(str, (port, 0, panels, rounds, self.turn % 9000 + 1))]
        process = subprocess.run(
            [sys.executable, "-m", "bench.nulls", *argv], check=True, stdout=subprocess.PIPE, text=True
        )
        answer: dict[str, Any] = json.loads(process.stdout)
        self.turn += rounds
        self.busiest, self.again = max(self.busiest, answer["cpu"]), self.again + answer["again"]
        if answer["acknowledged"] != panels * rounds:
            raise RuntimeError(f"{answer['acknowledged']} of {panels * rounds} link tests acknowledged")
        time.sleep(SETTLED)
        kept = self.kept.count(f"SELECT count(*) FROM path_seen WHERE last_seen >= '{begun}'")
        if kept != answer["panels"]:
            raise RuntimeError(f"{answer['panels']} panels acknowledged, {kept} kept as seen")
        return answer

    def moment(self) -> str:
        """The database's hour."""
        with psycopg.connect(self.kept.app_dsn) as connection:
            row = connection.execute("SELECT clock_timestamp()::text").fetchone()
        return str(row[0]) if row else ""


@contextmanager
def receptions(kept: Store, count: int) -> Iterator[tuple[int, list[psutil.Process]]]:
    """Processes that share a port, each with a line of its own besides; the port and the processes."""
    port = free_port()
    shared = json.dumps([{"name": "R2", "listen": f"127.0.0.1:{port}", "share_port": True}])
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            own = free_port()
            argv = veilleur(
                "run", "reception", "--data-dir", str(kept.data_dir), "--dc09", f"127.0.0.1:{own}"
            )
            started = stack.enter_context(
                running(argv, own, VEILLEUR_LOG_LEVEL="error", VEILLEUR_LINES=shared)
            )
            found.append(psutil.Process(started.pid))
        time.sleep(SETTLED)
        yield port, found


def speed(load: Load, given: argparse.Namespace) -> None:
    """Link tests a second and CPU, one and two processes alternating."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    costs: dict[tuple[int, str], list[float]] = {}
    for _ in range(given.runs):
        for count in (1, 2):
            with receptions(load.kept, count) as (port, ours):
                database = postmaster(load.kept)
                before = seconds_of_cpu(*ours), seconds_of_cpu(database)
                answer = load(port, given.few, given.rounds)
                after = seconds_of_cpu(*ours), seconds_of_cpu(database)
            rates[count].append(answer["acknowledged"] / answer["seconds"])
            for part, now, then in zip(("reception", "database"), after, before, strict=True):
                spent = (now - then) / answer["acknowledged"] * 1000
                costs.setdefault((count, part), []).append(spent * 1000)
    words = {1: "one process", 2: "two processes"}
    tell(
        f"Link tests (NULL) over UDP, AES, {given.few:,} panels",
        [
            *(Series(words[count], "frames/s", tuple(values)) for count, values in rates.items()),
            *(
                Series(f"{part}, {words[count]}", "CPU ms/1,000", tuple(values), part == "reception")
                for (count, part), values in sorted(costs.items())
            ),
        ],
        notes=[
            "panels seen in the database = panels acknowledged, after every run",
            f"the generator used at most {load.busiest:.0%} of a core; {load.again} datagrams sent again",
        ],
    )


def weight(load: Load, given: argparse.Namespace) -> None:
    """Resident bytes per panel: fresh processes with few panels, then with many; then after each panel has spoken."""
    sizes: dict[int, list[int]] = {}
    spoken: list[int] = []
    for panels in (given.few, given.many):
        if panels == given.many:
            add(load.kept, given.few, given.many - given.few)
        for run in range(given.runs):
            with receptions(load.kept, 1) as (port, (ours,)):
                sizes.setdefault(panels, []).append(ours.memory_info().rss)
                if run == given.runs - 1:
                    load(port, panels, 1)
                    spoken.append(ours.memory_info().rss)
    more = given.many - given.few
    per_panel = [(many - few) / more for few, many in zip(*sizes.values(), strict=True)]
    tell(
        f"Memory of a reception, keys loaded, (RSS at {given.many:,} − RSS at {given.few:,}) ÷ {more:,}",
        [
            Series("per supervised panel", "bytes", tuple(per_panel)),
            Series("per panel, each having spoken", "bytes", ((spoken[1] - spoken[0]) / more,), steady=False),
            *(
                Series(f"whole process, {panels:,} panels", "MB", tuple(each / 1e6 for each in values))
                for panels, values in sizes.items()
            ),
        ],
        notes=["the panels were put into the tables by COPY (bench/many_sites.py)"],
    )


# Beyond its silence, how long until each lost path was decided upon; a path's last sign of life is the database's.
NOTICED = """
SELECT extract(epoch FROM s.decided_at - ps.last_seen) - %s FROM signal s JOIN path_seen ps ON ps.path_id = s.path_id
WHERE s.token = 'PATH_LOST' AND s.received_at > %s::timestamptz AND s.decided_at IS NOT NULL ORDER BY 1"""
UNCALM = f"""
SELECT (SELECT count(*) FROM panel_path WHERE state <> 'up' AND interval = {SILENCE // 2})
  + (SELECT count(*) FROM signal WHERE decided_at IS NULL)"""


def noticed(load: Load, given: argparse.Namespace) -> None:
    """A thousand panels speak, then fall silent together."""
    first, last = [], []
    watch = veilleur("run", "watch", "--data-dir", str(load.kept.data_dir))
    with receptions(load.kept, 1) as (port, _), beside(watch):
        for _ in range(given.runs):
            calm(load, port, given.lost)
            mark = load.moment()
            late = until_lost(load, mark, given.lost)
            first.append(late[0])
            last.append(late[-1])
    tell(
        f"{given.lost:,} of {given.many:,} paths fall silent together: decided upon, after their {SILENCE} s of silence",
        [Series("the first", "s", tuple(first), steady=False), Series("the last", "s", tuple(last))],
        notes=[f"every one of the {given.lost:,} was told once in each run"],
    )


@contextmanager
def beside(argv: list[str]) -> Iterator[None]:
    """A process that listens nowhere."""
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def calm(load: Load, port: int, panels: int) -> None:
    """They speak until all are known to be up and nothing waits for a decision, and a last time then."""
    end = time.monotonic() + CALM
    load(port, panels, 1)
    while load.kept.count(UNCALM):
        if time.monotonic() > end:
            raise RuntimeError("the paths do not come up")
        load(port, panels, 1)
    load(port, panels, 1)


def until_lost(load: Load, mark: str, wanted: int) -> list[float]:
    """Seconds by which each loss was noticed late, in order. Raises RuntimeError."""
    end = time.monotonic() + SILENCE + CALM
    with psycopg.connect(load.kept.app_dsn, autocommit=True) as connection:
        while time.monotonic() < end:
            rows = connection.execute(NOTICED, [SILENCE, mark]).fetchall()
            if len(rows) >= wanted:
                if len(rows) != wanted:
                    raise RuntimeError(f"{len(rows)} losses told of {wanted} paths")
                return [float(row[0]) for row in rows]
            time.sleep(0.2)
    raise RuntimeError(f"{len(rows)} of {wanted} losses noticed")


def main(argv: list[str]) -> None:
    """The three figures, in one database."""
    parser = argparse.ArgumentParser(prog="bench supervision")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--few", type=int, default=FEW)
    parser.add_argument("--many", type=int, default=MANY)
    parser.add_argument("--lost", type=int, default=LOST)
    parser.add_argument("--only", choices=["speed", "weight", "noticed"])
    given = parser.parse_args(argv)
    with store([]) as kept:
        # The key file is made by whoever needs it first; here it is the bench, as the command line would.
        add(kept, 0, given.few, brief=given.lost, silence=SILENCE)
        load = Load(kept)
        if given.only in (None, "speed"):
            speed(load, given)
        if given.only in (None, "weight"):
            weight(load, given)
        if given.only in (None, "noticed"):
            if given.only:
                add(kept, given.few, given.many - given.few)
            noticed(load, given)


if __name__ == "__main__":
    main(sys.argv[1:])
