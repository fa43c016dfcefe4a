"""kill -9 while a storm runs: of each role, of PostgreSQL, of everything (issue 3 «Faults»).

After each: what was acknowledged is stored exactly once, every stored alarm has its dossier, the logbook verifies, and
the roles are back by themselves.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.acceptance.centre import Centre, centre_up
from tests.contract.test_processes import child, postmaster, wait
from tests.faults.storm import Storm, query, reckon, sites_yaml

CALM = 2.0  # seconds of storm before and after a fault


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of one centre, which several runs of `up` share."""
    return tmp_path_factory.mktemp("kills") / "data"


@pytest.fixture(scope="module")
def centre(data: Path) -> Iterator[Centre]:
    """A centre with a site for each panel of the storm."""
    with centre_up(data) as running:
        furnish(running)
        yield running


def furnish(centre: Centre) -> None:
    """Its sites, known to reception."""
    file = centre.data_dir.parent / "sites.yaml"
    file.write_text(sites_yaml(), "utf-8")
    centre.told("sites", "import", str(file), "--strict")
    time.sleep(2)  # «takes effect in every role within 2 s» (ARCHITECTURE.md §7)


def still_whole(centre: Centre, storm: Storm, quarantined: int = 0) -> None:
    """What must hold after any fault."""
    wait(lambda: centre.health()[0] == 200)
    wait(lambda: reckon(centre, []).undecided == 0)
    found = reckon(centre, storm.acknowledged)
    assert len(storm.acknowledged) > 20, "no storm"
    assert found.missing == set()
    assert found.twice == set()
    assert found.alarms_without_dossier == []
    assert found.quarantined == quarantined
    wait(lambda: query(centre.data_dir, "SELECT count(*) AS n FROM entry_unsealed")[0]["n"] == 0)
    assert "CONFORME" in centre.told("logbook", "verify")


ROLES = ("reception", "watch", "desk", "worker")


@pytest.mark.parametrize(
    "role", [*ROLES[:2], *(pytest.param(role, marks=pytest.mark.long) for role in ROLES[2:])]
)
def test_a_role_dies(centre: Centre, role: str) -> None:
    sequence = 1000 * (1 + ROLES.index(role))
    with Storm(centre, sequence=sequence) as storm:
        time.sleep(CALM)
        victim = child(centre, role)
        assert victim is not None
        victim.kill()
        wait(lambda: (now := child(centre, role)) is not None and now.pid != victim.pid)
        wait(lambda: centre.health()[0] == 200)
        time.sleep(CALM)
    still_whole(centre, storm)


@pytest.mark.long
def test_postgresql_dies(centre: Centre) -> None:
    with Storm(centre, sequence=6000) as storm:
        time.sleep(CALM)
        before = postmaster(centre)
        assert before is not None
        os.kill(before, signal.SIGKILL)
        wait(lambda: postmaster(centre) not in (None, before))
        wait(lambda: centre.health()[0] == 200)
        time.sleep(CALM)
    still_whole(centre, storm)


def test_everything_dies_at_once(centre: Centre) -> None:
    """As a power cut does to processes; a second `up` on the same data takes over, on the same port."""
    with Storm(centre, sequence=8000) as storm:
        time.sleep(CALM)
        everybody = [
            psutil.Process(centre.process.pid),
            *psutil.Process(centre.process.pid).children(recursive=True),
        ]
        database = postmaster(centre)
        assert database is not None
        everybody += [psutil.Process(database), *psutil.Process(database).children()]
        for process in everybody:
            if process.is_running():
                process.kill()
        centre.process.wait(30)
        with centre_up(centre.data_dir, "--dc09", f"127.0.0.1:{centre.dc09_port}") as again:
            time.sleep(CALM)
            storm.stop()
            still_whole(again, storm)
