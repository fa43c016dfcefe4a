"""Centres that begin furnished: people, posts and sites are entered once for a run of the tests, then copied."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.centre import PASSWORD, centre_up, enter

SITES = Path(__file__).parent / "sites.yaml"


@dataclass(frozen=True)
class House:
    """What is entered, by the commands of anybody. `people`: login, name, roles; `activities`: of everybody's card."""

    name: str
    people: tuple[tuple[str, str, tuple[str, ...]], ...]
    posts: tuple[str, ...]
    kind: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()

    def enter_all(self, data_dir: Path) -> None:
        """In a centre that runs on this folder."""
        place = ("--data-dir", str(data_dir))
        for post in self.posts:
            assert enter("post", "add", post, *self.kind, *place).returncode == 0
        for login, name, roles in self.people:
            said = enter(
                *("user", "add", login, "--name", name, "--card", f"CAR-099-2029-05-01-2099{login:0>7}"),
                *(word for activity in self.activities for word in ("--activity", activity)),
                *(word for role in roles for word in ("--role", role)),
                *("--expires", "2099-12-31", *place),
                stdin=f"{PASSWORD}\n",
            )
            assert said.returncode == 0, said
        said = enter("sites", "import", str(SITES), "--strict", *place)
        assert said.returncode == 0, said


ROOM = House(
    "room",
    people=(
        ("claire", "Claire Veille", ("operator",)),
        ("samir", "Samir Nuit", ("operator",)),
        ("chef", "Camille Chef", ("operator", "lead", "administrator")),
    ),
    posts=("Poste 1", "Poste 2", "Poste 3"),
)
"""Remote monitoring: three posts, two operators, one who leads."""

TOWN_ROOM = House(
    "town-room",
    people=(
        ("claire", "Claire", ("operator",)),
        ("samir", "Samir", ("operator",)),
        ("chef", "Chef", ("operator", "lead", "administrator")),
    ),
    posts=("Poste 1", "Poste 2", "Poste 3"),
    kind=("--kind", "both"),
    activities=("remote_monitoring", "video"),
)
"""Both trades at every post."""


def furnish(factory: pytest.TempPathFactory, house: House, data_dir: Path) -> Path:
    """`data_dir`, a folder that a centre of this house may start on. The first who asks makes the one to copy, while the
    other workers of this run wait; `cp` keeps the owner that PostgreSQL needs."""
    shared = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    model = shared / f"house-{house.name}"
    with (shared / f"house-{house.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (model / "ready").exists():
            shutil.rmtree(model, ignore_errors=True)  # of one who failed
            model.mkdir()
            with centre_up(model / "data") as running:
                house.enter_all(running.data_dir)
            (model / "ready").touch()
    subprocess.run(["cp", "-a", str(model / "data"), str(data_dir)], check=True, timeout=60)
    return data_dir
