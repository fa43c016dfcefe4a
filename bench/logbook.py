"""The logbook: entries sealed a second, and a million of them verified from an export by the 300-line file.

python -m bench logbook [--entries 1000000] [--runs 5]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg

from bench.centre import Store, store, veilleur
from bench.report import Series, tell
from veilleur.kernel.clock import SystemClock
from veilleur.logbook.building import Actor, Subject, build_entry
from veilleur.logbook.keys import open_log_key
from veilleur.logbook.sealer import seal_once

ENTRIES = 1_000_000
BATCH = 20_000
RUNS = 5
QUICK = ("--runs", "2", "--entries", "4000")
VERIFIER = "verifier.py"
ENTRY = (
    "id", "kind", "version", "happened_at", "entered_at", "actor_kind", "actor_id", "organisation", "touched", "leaf",
)  # fmt: skip


def write(store: Store, count: int) -> None:
    """Free entries as an operator's, by COPY: the sealer and the verifier are what is measured, not this."""
    clock, actor = SystemClock(), Actor("user", 1, "Garance Opératrice")
    begun = clock.now() - timedelta(days=365)
    with psycopg.connect(store.app_dsn) as connection:
        for first in range(0, count, BATCH):
            ids = [
                row[0]
                for row in connection.execute(
                    "SELECT nextval('entry_id_seq') FROM generate_series(1, %s)", [min(BATCH, count - first)]
                )
            ]
            built = [
                build_entry(
                    number,
                    "log.entry",
                    {
                        "text": f"Ronde {number} : rien à signaler au quai {number % 97}, portes 1 à 12 fermées."
                    },
                    now=begun + timedelta(seconds=number),
                    actor=actor,
                    subject=Subject(),
                )
                for number in ids
            ]
            with connection.cursor() as cursor:
                with cursor.copy(f"COPY entry ({', '.join(ENTRY)}) FROM STDIN") as copy:
                    for one in built:
                        row = (one.id, one.kind, one.version, one.happened_at, one.entered_at)
                        copy.write_row((*row, actor.kind, actor.id, "centre", "{}", one.leaf))
                with cursor.copy("COPY entry_payload (payload_of, salt, body, search) FROM STDIN") as copy:
                    for one in built:
                        copy.write_row((one.id, one.salt, one.body, one.search))
            connection.commit()


@dataclass(frozen=True)
class Reading:
    """One run of the verifier: seconds, seconds of CPU, largest resident set in MB."""

    seconds: float
    cpu: float
    memory: float


def verified(export: Path) -> Reading:
    """Runs the verifier of the export as a court's expert would. Raises RuntimeError when it does not conform."""
    begun, largest = time.monotonic(), 0.0
    with (export.parent / "verified.txt").open("w+") as said:
        process = subprocess.Popen([sys.executable, "-I", str(export / VERIFIER), str(export)], stdout=said)
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            largest = max(largest, high_water(process.pid))
            time.sleep(0.02)
        _, status, used = ended
        if os.waitstatus_to_exitcode(status) != 0:
            said.seek(0)
            raise RuntimeError(said.read())
    return Reading(time.monotonic() - begun, used.ru_utime + used.ru_stime, largest)


def high_water(pid: int) -> float:
    """The largest resident set of a process so far, in MB; `ru_maxrss` would count its parent's before the exec."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0


def main(argv: list[str]) -> None:
    """Prints both figures."""
    parser = argparse.ArgumentParser(prog="bench logbook")
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args(argv)
    with store() as held:
        key = open_log_key(held.data_dir / "keys" / "log.key")
        seal_once(held.app_dsn, SystemClock(), key)
        rates, part = [], given.entries // given.runs
        small: Reading | None = None
        for run in range(given.runs):
            write(held, part)
            begun = time.monotonic()
            sealed = seal_once(held.app_dsn, SystemClock(), key)
            rates.append(sealed / (time.monotonic() - begun))
            if run == 0:
                small = verified(exported(held, "small"))
        tell("Entries sealed", [Series("sealer", "entries/s", tuple(rates))])
        whole = exported(held, "whole")
        readings = [verified(whole) for _ in range(given.runs)]
        tell(
            f"{given.entries:,} entries verified from an export by {VERIFIER}",
            [
                Series("wall", "s", tuple(each.seconds for each in readings)),
                Series("CPU", "s", tuple(each.cpu for each in readings)),
                Series("memory, all of it", "MB", tuple(each.memory for each in readings)),
                Series("memory, the first run’s part", "MB", (small.memory if small else 0.0,), steady=False),
                Series("size of the export", "MB", (size(whole) / 1e6,), steady=False),
            ],
        )


def exported(held: Store, name: str) -> Path:
    """`veilleur logbook export --to`, in a folder beside the data."""
    folder = held.data_dir.parent / name
    shutil.rmtree(folder, ignore_errors=True)
    argv = veilleur("logbook", "export", "--to", str(folder), "--data-dir", str(held.data_dir))
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return folder


def size(folder: Path) -> int:
    """Bytes of a folder's files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main(sys.argv[1:])
