"""Fixtures of the database tests: a cluster of the test's own, and an outside PostgreSQL 15."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from veilleur.db.embedded import APP_ROLE, OWNER_ROLE, SUPERUSER, EmbeddedPostgres
from veilleur.db.embedded.accounts import account_for
from veilleur.db.embedded.attach import RunningCluster
from veilleur.db.embedded.cluster import ensure_roles
from veilleur.db.embedded.spawn import Spawner
from veilleur.db.embedded.waiting import wait_until
from veilleur.kernel.clock import SystemClock

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def own_cluster(tmp_path) -> Iterator[EmbeddedPostgres]:
    """A started cluster that the test may maltreat."""
    with EmbeddedPostgres(tmp_path / "data") as cluster:
        yield cluster


@dataclass(frozen=True)
class OutsidePostgres:
    """A PostgreSQL that Veilleur does not supervise; its database `veilleur` is empty at first."""

    superuser_dsn: str
    owner_dsn: str
    app_dsn: str


def _debian_15() -> Path:
    """Debian's PostgreSQL 15; in CI it is installed when absent, elsewhere the test is skipped."""
    if DEBIAN_15.is_dir():
        return DEBIAN_15
    if os.environ.get("CI") != "true" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        pytest.skip(f"NOT TESTED on PostgreSQL 15: no {DEBIAN_15}; apt-get install postgresql-15")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command, seconds in (("update", 120), ("install -y --no-install-recommends postgresql-15", 400)):
        try:
            subprocess.run(
                ["apt-get", "-q", *command.split()],
                env=environment,
                stdin=subprocess.DEVNULL,
                timeout=seconds,
                check=True,
            )
        except subprocess.SubprocessError as fault:
            pytest.skip(f"NOT TESTED on PostgreSQL 15: apt-get {command} failed here: {fault}")
    return DEBIAN_15


@pytest.fixture(scope="session")
def outside_postgres() -> Iterator[OutsidePostgres]:
    """Debian's PostgreSQL 15 with plain settings, the two roles and the database `veilleur`."""
    programs = _debian_15()
    account = account_for(None)
    folder = Path(tempfile.mkdtemp(prefix="veilleur-pg15-"))
    account.give(folder, 0o700)
    data = folder / "data"
    data.mkdir()
    account.give(data, 0o700)
    spawner = Spawner(account)
    server = None
    try:
        with (folder / "log").open("wb") as log:
            options = ["-D", str(data), "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C"]
            made = spawner.spawn(
                [str(programs / "initdb"), *options], cwd=data, output=log, death_signal=signal.SIGKILL
            )
            assert made.wait(120) == 0, (folder / "log").read_text()
            options = ["-D", str(data), "-k", str(folder), "-c", "listen_addresses="]
            server = spawner.spawn(
                [str(programs / "postgres"), *options], cwd=data, output=log, death_signal=signal.SIGINT
            )
        running = RunningCluster(folder)
        assert wait_until(running.is_ready, 60, SystemClock()), (folder / "log").read_text()
        ensure_roles(running.dsn(SUPERUSER, "postgres"))
        yield OutsidePostgres(running.dsn(SUPERUSER), running.dsn(OWNER_ROLE), running.dsn(APP_ROLE))
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)
            server.wait(60)
        spawner.close()
        shutil.rmtree(folder, ignore_errors=True)
