"""Open loop at 3,000 frames/s, half of them AES, one reception process: latency from the **intended** send time.

A closed loop waits for an answer before it sends again, and so leaves out the frames that a stall would have delayed
(coordinated omission). Here a frame's hour is fixed before the run; the generator's own lateness is told beside it.

python -m bench wire [--runs 5] [--rate 3000] [--seconds 30] [--connections 300]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import Any

import psutil

from bench.centre import Store, free_port, running, store, veilleur
from bench.openload import account, key_of
from bench.report import Series, tell

RUNS = 5
RATE = 3000.0
SECONDS = 30.0  # a disk that stalls once for 100 ms is 1 % of ten seconds: p99 would be the luck of a run
CONNECTIONS = 300
WARM = 2.0  # seconds at the same rate before the first run, not counted
QUICK = ("--runs", "2", "--rate", "300", "--seconds", "2", "--connections", "30")
BOTTLENECK = 0.8  # of a core: a generator that uses more measures itself
DISTINCT = "SELECT count(DISTINCT (account, sequence, raw)) FROM signal WHERE verdict = 'accepted'"


def load(port: int, rate: float, seconds: float, connections: int, first: int) -> dict[str, Any]:
    """One run of the generator, in its own process. Raises RuntimeError when a frame was not acknowledged."""
    argv = [*map(str, (port, rate, seconds, connections, first))]
    process = subprocess.run(
        [sys.executable, "-m", "bench.openload", *argv], check=True, stdout=subprocess.PIPE, text=True
    )
    answer: dict[str, Any] = json.loads(process.stdout)
    if answer["acknowledged"] != round(rate * seconds):
        raise RuntimeError(f"{answer['acknowledged']} of {round(rate * seconds)} frames acknowledged")
    return answer


def seconds_of_cpu(*roots: psutil.Process) -> float:
    """User and system time of processes and their children."""
    found = [each for root in roots for each in (root, *root.children(recursive=True))]
    times = [each.cpu_times() for each in found]
    return float(sum(each.user + each.system for each in times))


def postmaster(kept: Store) -> psutil.Process:
    """The database's first process."""
    pid = (kept.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0]
    return psutil.Process(int(pid))


def main(argv: list[str]) -> None:
    """Starts a reception, measures."""
    parser = argparse.ArgumentParser(prog="bench wire")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    given = parser.parse_args(argv)
    answers, busy, sequence = [], [], 0
    with store([(account(n), key_of(n)) for n in range(given.connections)]) as kept:
        port = free_port()
        ours = veilleur("run", "reception", "--data-dir", str(kept.data_dir), "--dc09", f"127.0.0.1:{port}")
        with running(ours, port, VEILLEUR_LOG_LEVEL="error") as process:
            reception, database = psutil.Process(process.pid), postmaster(kept)
            expected = 0
            for seconds in (WARM, *[given.seconds] * given.runs):
                before = seconds_of_cpu(reception), seconds_of_cpu(database)
                answer = load(port, given.rate, seconds, given.connections, sequence)
                after = seconds_of_cpu(reception), seconds_of_cpu(database)
                sequence += int(given.rate * seconds / given.connections) + 1
                expected += answer["acknowledged"]
                distinct = kept.count(DISTINCT)
                copies = kept.count("SELECT count(*) FROM signal_copy")
                if distinct != expected or copies:
                    raise RuntimeError(
                        f"acknowledged {expected}, distinct stored {distinct}, copies {copies}"
                    )
                answers.append(answer)
                busy.append([(now - then) / seconds for now, then in zip(after, before, strict=True)])
    report(answers[1:], busy[1:], given, f"distinct stored = acknowledged = {expected:,}, no copy")


def report(
    answers: list[dict[str, Any]], busy: list[list[float]], given: argparse.Namespace, end: str
) -> None:
    """Tells latencies, then what shows whether they are the receiver's."""

    def series(name: str, key: str, unit: str = "ms", *, steady: bool = False, times: float = 1) -> Series:
        return Series(name, unit, tuple(each[key] * times for each in answers), steady)

    tell(
        f"Open loop at {given.rate:,.0f} frames/s, half of them AES, {given.connections} connections: "
        "latency from the intended send time",
        [
            series("latency p50", "latency_p50", steady=True),
            series("latency p99", "latency_p99", steady=True),
            series("latency p99.9", "latency_p999"),
            series("latency, worst frame", "latency_max"),
            series("rate sent", "rate", "frames/s", steady=True),
            series("generator’s own lateness p50", "lateness_p50"),
            series("generator’s own lateness p99", "lateness_p99"),
            series("generator’s own lateness, worst", "lateness_max"),
            series("generator", "cpu", "% of a core", times=100),
            Series("reception", "% of a core", tuple(each[0] * 100 for each in busy), steady=False),
            Series("database", "% of a core", tuple(each[1] * 100 for each in busy), steady=False),
        ],
        notes=[end, bottleneck(answers)],
    )


def bottleneck(answers: list[dict[str, Any]]) -> str:
    """Whether the generator could have sent more."""
    share = max(each["cpu"] for each in answers)
    late = max(each["lateness_p99"] for each in answers)
    verdict = "not the bottleneck" if share < BOTTLENECK else "the BOTTLENECK"
    return f"the generator used at most {share:.0%} of a core and was at most {late:.1f} ms late (p99): {verdict}"


if __name__ == "__main__":
    main(sys.argv[1:])
