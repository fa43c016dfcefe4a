"""A centre for the bench: real processes of the command line, on loopback, in a folder of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.load import ACCOUNTS, account
from veilleur.db.embedded import APP_ROLE, OWNER_ROLE, EmbeddedPostgres
from veilleur.db.migrate import upgrade

READY = 60.0  # seconds a process may take to listen


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until something listens. Raises RuntimeError when it does not come."""
    end = time.monotonic() + READY
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on port {port}")


@contextmanager
def running(argv: Sequence[str], port: int, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that listens on a port, ended afterwards."""
    process = subprocess.Popen(argv, env=os.environ | environment, start_new_session=True)
    try:
        wait_port(port, process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class Store:
    """The bench's database and data directory."""

    data_dir: Path
    app_dsn: str
    owner_dsn: str

    def count(self, query: str) -> int:
        """One number."""
        with psycopg.connect(self.app_dsn) as connection:
            row = connection.execute(query).fetchone()  # type: ignore[call-overload]  # the bench's own queries
        return int(row[0]) if row else 0


def veilleur(*argv: str) -> list[str]:
    """A command line of ours."""
    return [sys.executable, "-m", "veilleur", *argv]


def site_lines(accounts: Sequence[tuple[str, str | None]]) -> list[str]:
    """Lines of a site file: a site for each (account, AES key in hexadecimal or None)."""
    return [
        f'  - {{reference: "B-{n:06d}", name: "Site {n}", panels: [{{account: "{name}"'
        + (f", key: '{key}'" if key else "")
        + "}]}"
        for n, (name, key) in enumerate(accounts)
    ]


def import_sites(data_dir: Path, accounts: Sequence[tuple[str, str | None]] | None = None) -> None:
    """A site for each account of the load, or for those given, by the command of anybody."""
    sites = data_dir.parent / "sites.yaml"
    rows = site_lines(accounts or [(account(n), None) for n in range(ACCOUNTS)])
    sites.write_text("sites:\n" + "\n".join(rows) + "\n", "utf-8")
    argv = veilleur("sites", "import", str(sites), "--data-dir", str(data_dir))
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def store(accounts: Sequence[tuple[str, str | None]] | None = None) -> Iterator[Store]:
    """An embedded PostgreSQL with fsync on, on the disk of the folder, migrated, with the bench's sites or those given
    (none for an empty list)."""
    folder = Path(tempfile.mkdtemp(prefix="veilleur-bench-", dir=os.environ.get("BENCH_DIR")))
    try:
        with EmbeddedPostgres(folder / "data") as cluster:
            upgrade(cluster.dsn(OWNER_ROLE))
            if accounts is None or accounts:
                import_sites(folder / "data", accounts)
            yield Store(folder / "data", cluster.dsn(APP_ROLE), cluster.dsn(OWNER_ROLE))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
