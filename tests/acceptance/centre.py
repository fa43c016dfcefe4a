"""A whole centre for a test: `veilleur up` on loopback, in a folder of its own, and hands to drive it."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from veilleur.__main__ import main
from veilleur.demo.dialler import Address, Panel, dial
from veilleur.kernel.clock import SystemClock
from veilleur.protocols import dc09

READY = 90.0
PORTS = (12_000, 32_000)
PASSWORD = "mot-de-passe-de-test"


def ports_of_this_worker() -> Iterator[int]:
    """Round and round a share of PORTS that no other worker of this run takes from, from anywhere in it: a centre takes
    its ports seconds after they were found free."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    first, behind = PORTS
    share = (behind - first) // workers
    start = random.randrange(share)
    return (first + worker * share + (start + step) % share for step in itertools.count())


NEXT_PORTS = ports_of_this_worker()


def free_port(count: int = 1) -> int:
    """The first of so many ports in a row that nobody has now, TCP or UDP; below those that the system gives to outgoing
    connections, which a storm takes by the hundred."""
    while True:
        ports = list(itertools.islice(NEXT_PORTS, count))
        with suppress(OSError), ExitStack() as probes:
            for port in ports:
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    probes.enter_context(socket.socket(socket.AF_INET, kind)).bind(("127.0.0.1", port))
            if ports[-1] - ports[0] == count - 1:
                return ports[0]


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    returncode: int
    stdout: str
    stderr: str


def enter(*argv: str, stdin: str = "") -> Said:
    """Runs a command by `veilleur`'s own entry point in this process: as from a shell, without its seconds of imports."""
    out, err = io.StringIO(), io.StringIO()
    before, sys.argv, sys.stdin = (sys.argv, sys.stdin), ["veilleur", *argv], io.StringIO(stdin)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    finally:
        sys.argv, sys.stdin = before
    return Said(code, out.getvalue(), err.getvalue())


@dataclass
class Centre:
    """A running centre."""

    data_dir: Path
    http: str
    dc09_port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """The desk's address."""
        return f"http://{self.http}"

    def run(
        self, *argv: str, stdin: str = "", check: bool = True, data_dir: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Runs `veilleur …` beside the centre."""
        place = ["--data-dir", str(self.data_dir)] if data_dir else []
        done = subprocess.run(
            [sys.executable, "-m", "veilleur", *argv, *place],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"veilleur {' '.join(argv)}: {done.stdout}{done.stderr}")
        return done

    def told(self, *argv: str) -> str:
        """What a command prints that must succeed; entered in this process: quick."""
        said = enter(*argv, "--data-dir", str(self.data_dir))
        assert said.returncode == 0, said
        return said.stdout

    def lines(self, *argv: str) -> list[dict[str, Any]]:
        """The JSON lines a command prints."""
        return [json.loads(line) for line in self.told(*argv).splitlines()]

    def panel(self, account: str, key: str | None = None, transport: str = "tcp", **more: Any) -> Panel:
        """A panel that dials this centre."""
        return Panel(
            account,
            Address("127.0.0.1", self.dc09_port, transport),
            dc09.parse_key(key) if key else None,
            **more,
        )

    def say(
        self, panel: Panel, code: str, area: str = "01", number: str = "000", qualifier: str = "1"
    ) -> bool:
        """The panel says a Contact ID event; True when acknowledged."""
        data = dc09.cid_data(panel.account, code, qualifier=qualifier, area=area, number=number)
        # A thread of its own: a browser test has a running loop in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, dial(panel, SystemClock(), "ADM-CID", data)).result()

    def alive(self, panel: Panel) -> bool:
        """The panel (without a key) tests its link, once; True when acknowledged."""
        return b'"ACK"' in self.ask(dc09.build_frame("NULL", sequence=0, account=panel.account))

    def answer(self, panel: Panel, code: str, number: str, patience: float = 3.0) -> bytes:
        """One frame on one socket, no second try: what came back within `patience` seconds, b"" when nothing."""
        frame = dc09.build_frame(
            "ADM-CID",
            sequence=panel.next_sequence(),
            account=panel.account,
            prefix=panel.prefix,
            data=dc09.cid_data(panel.account, code, qualifier="1", area="01", number=number),
            timestamp=SystemClock().now(),
            key=panel.key,
        )
        return self.ask(frame, patience)

    def ask(self, frame: bytes, patience: float = 3.0) -> bytes:
        """What a frame on a socket of its own is answered, b"" when nothing comes."""
        with socket.create_connection(("127.0.0.1", self.dc09_port), timeout=patience) as line:
            line.sendall(frame)
            try:
                return line.recv(4096)
            except TimeoutError:
                return b""

    def health(self) -> tuple[int, dict[str, Any]]:
        """Status and body of /healthz; (0, {}) when nothing answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")
        except OSError:
            return 0, {}


@contextmanager
def centre_up(
    data_dir: Path,
    *options: str,
    environment: Mapping[str, str] | None = None,
    python: str = sys.executable,
) -> Iterator[Centre]:
    """Starts a centre, waits until it says it is ready, stops it with SIGTERM afterwards."""
    http, dc09_port = f"127.0.0.1:{free_port()}", free_port(3)  # the demonstration has three lines
    log = data_dir.parent / "up.log"
    # Sixteen cameras that play and are recorded are the matter of their own tests, which ask for them.
    without = {"VEILLEUR_RECORDERS": "0"} if "--demo" in options else {}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [
                *(python, "-m", "veilleur", "up", "--data-dir", str(data_dir)),
                *("--http", http, "--dc09", f"127.0.0.1:{dc09_port}", *options),
            ],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ | {"COLUMNS": "200"} | without | dict(environment or {}),
            start_new_session=True,
        )
    centre = Centre(data_dir, http, dc09_port, process)
    try:
        end = time.monotonic() + READY
        while centre.health()[0] != 200:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, f"not ready: {centre.health()} {log.read_text()}"
            time.sleep(0.2)
        yield centre
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
