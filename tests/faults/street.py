"""Cameras in processes of their own, which can be stopped, killed and changed, and the account of what was recorded of them.

`python -m tests.faults.street FOLDER HOST:PORT` plays the town's cameras; FOLDER/demo-cameras.json changes them.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.acceptance.centre import Centre, free_port
from tests.faults.storm import query
from tests.recorder.stage import Stage
from veilleur.demo.camera_controls import write_control
from veilleur.demo.camera_plans import read_plans
from veilleur.kernel.clock import SystemClock
from veilleur.video.checking import CameraReport, check
from veilleur.video.films import read_film
from veilleur.video.model import Gap

PLANS = {plan.key: plan for plan in read_plans()}


@dataclass
class Street:
    """The town's cameras on a port of their own. `kill` and `start` keep the port."""

    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Plays, and answers."""
        self.folder.mkdir(exist_ok=True)
        self.port = self.port or free_port(2)
        argv = [sys.executable, "-m", "tests.faults.street", str(self.folder), f"127.0.0.1:{self.port}"]
        with (self.folder / "log").open("ab") as out:
            self.process = subprocess.Popen(argv, stdout=out, stderr=out)
        end = time.monotonic() + 90
        while time.monotonic() < end and self.process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.1)
        raise AssertionError((self.folder / "log").read_text())

    def kill(self) -> None:
        """As a power cut."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def freeze(self) -> None:
        """Its sockets stay, nothing comes."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def change(self, key: str, **values: Any) -> None:
        """Changes a camera; no values: as usual again."""
        write_control(self.folder, key, **values)

    def url(self, key: str, view: str = "main") -> str:
        """Where a stream is."""
        return f"rtsp://127.0.0.1:{self.port}/{key}/{view}"

    def onvif(self, key: str) -> str:
        """Its device service."""
        return f"http://127.0.0.1:{self.port + 1}/onvif/{key}/device_service"


@contextmanager
def streets(folder: Path, count: int) -> Iterator[Sequence[Street]]:
    """So many processes of cameras, ended afterwards, frozen or not."""
    made = [Street(folder / f"street-{number}") for number in range(count)]
    try:
        for each in made:
            each.start()
        yield made
    finally:
        for each in made:
            each.kill()


@dataclass
class Account:
    """What a folder of recordings says after faults, camera by camera."""

    folder: Path

    def report(self, camera: int) -> CameraReport:
        """The camera's, films read."""
        [found] = check(self.folder, cameras=[str(camera)])
        return found

    def gaps(self, camera: int) -> list[Gap]:
        """The holes of its recording, and their reasons."""
        return self.report(camera).gaps

    def longest_silence(self, camera: int) -> float:
        """Seconds between two pictures that follow each other in one film, the longest."""
        return max(
            (
                (after.wall - before.wall) / 1e6
                for path in sorted((self.folder / str(camera)).glob("*/*/*.mp4"))
                for pieces in [read_film(path).pieces]
                for before, after in pairwise(pieces)
            ),
            default=0.0,
        )


def dossiers(centre: Centre, camera: int) -> list[dict[str, Any]]:
    """The dossiers of a camera's faults."""
    sql = 'SELECT state, outcome, priority, closed_at FROM incident WHERE "group" = %s ORDER BY id'
    return query(centre.data_dir, sql, f"camera:{camera}")


def over(centre: Centre, stage: Stage, camera: int) -> bool:
    """Whether nothing is wrong with a camera any more, and its dossier has closed by itself."""
    return not stage.faults(camera) and all(row["closed_at"] for row in dossiers(centre, camera))


def _main() -> None:
    from veilleur.demo.cameras import run_cameras  # tests import this module without «av»

    asyncio.run(run_cameras(SystemClock(), Path(sys.argv[1]), sys.argv[2], None))


if __name__ == "__main__":
    _main()
