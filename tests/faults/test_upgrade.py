"""Another version takes over while a storm runs: no call is refused, nothing acknowledged is lost or doubled.

The version after is a copy of this one under another number, with a migration that adds to the very table that
reception writes, and one that takes away.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.acceptance.centre import PASSWORD, Centre, centre_up
from tests.contract.test_processes import child, postmaster, wait
from tests.faults.storm import Storm, query, reckon, sites_yaml
from tests.migration.releases import Release, add, environment, next_version, present
from tests.migration.witnesses import Panels, Screen, witness_sites

CALM = 1.0  # seconds of storm before and after
MILD = 2.0  # an upgrade lasts: the watch must not be left with a night's alarms to decide on a busy machine
ROLES = ("watch", "reception", "desk", "worker")
ADD = ("ALTER TABLE signal ADD COLUMN later text, ADD COLUMN counted int NOT NULL DEFAULT 0", False)
TAKE_AWAY = ("ALTER TABLE signal DROP COLUMN later", True)


@dataclass(frozen=True)
class Scene:
    """A running centre of the version under test, and the folder where others are installed."""

    centre: Centre
    now: Release
    place: Path

    def later(self, version: str, *migrations: tuple[str, bool]) -> Release:
        """A version after."""
        return next_version(self.place / version, version, *migrations)

    def upgrade(self, release: Release) -> str:
        """`veilleur upgrade` of a version, which must succeed."""
        done = release.run("upgrade", "--data-dir", str(self.centre.data_dir))
        assert done.returncode == 0, done.stdout + done.stderr + self.log
        return done.stdout

    @property
    def log(self) -> str:
        """What `up` and its roles said."""
        return (self.centre.data_dir.parent / "up.log").read_text()

    def versions(self) -> dict[str, str]:
        """The version each role that works says it is."""
        return {role: said["version"] for role, said in self.centre.health()[1]["roles"].items()}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """With a site for each panel of the storm and each witness, and an operator."""
    now = present(tmp_path / "now")
    with centre_up(tmp_path / "data", python=str(now.python), environment={"PYTHONPATH": ""}) as centre:
        file = tmp_path / "sites.yaml"
        file.write_text(sites_yaml() + witness_sites(), "utf-8")
        centre.told("sites", "import", str(file), "--strict")
        argv = ("user", "add", "claire", "--name", "Claire Test", "--role", "lead")
        centre.run(*argv, stdin=f"{PASSWORD}\n")
        yield Scene(centre, now, tmp_path)


def position(centre: Centre) -> int:
    return int(query(centre.data_dir, "SELECT coalesce(max(position), 0) AS n FROM entry_position")[0]["n"])


def unsealed(centre: Centre) -> int:
    return int(query(centre.data_dir, "SELECT count(*) AS n FROM entry_unsealed")[0]["n"])


def still_whole(scene: Scene, release: Release, storm: Storm, panels: Panels) -> None:
    """What every upgrade owes the panels."""
    centre = scene.centre
    assert panels.faults == []
    assert panels.unanswered == []
    assert panels.calls > 100, "nobody called"
    assert len(storm.acknowledged) > 20, "no storm"
    assert storm.given_up == 0
    left = reckon(centre, []).undecided
    while left:  # a busy machine has much to catch up with: it need only go on
        wait(lambda left=left: reckon(centre, []).undecided < left)
        left = reckon(centre, []).undecided
    found = reckon(centre, storm.acknowledged + panels.acknowledged)
    assert (found.missing, found.twice, found.quarantined) == (set(), set(), 0)
    assert found.alarms_without_dossier == []
    wait(lambda: unsealed(centre) == 0)
    said = release.run("logbook", "verify", "--data-dir", str(centre.data_dir))
    assert "CONFORME" in said.stdout, said


@pytest.mark.long
def test_another_version_takes_over_and_nobody_is_refused(scene: Scene) -> None:
    centre = scene.centre
    later = scene.later("9.0.0", ADD, TAKE_AWAY)
    before = {role: child(centre, role).pid for role in ROLES}  # type: ignore[union-attr]
    database = postmaster(centre)
    with Screen(centre, "claire") as screen, Storm(centre, pause=MILD) as storm, Panels(centre) as panels:
        time.sleep(CALM)
        said = scene.upgrade(later)
        time.sleep(CALM)
        storm.stop()
        panels.stop()
        wait(lambda: unsealed(centre) == 0)
        wait(lambda: screen.reached(position(centre)))
        assert screen.faults == []
        assert screen.resumed >= 1, "its desk was not replaced"
    for role in ROLES:
        assert f"{role} : remplacé (version 9.0.0)" in said
        replaced = child(centre, role)
        assert replaced is not None
        assert replaced.pid != before[role]
        assert replaced.cmdline()[0] == str(later.python)
    assert scene.versions() == dict.fromkeys(ROLES, "9.0.0")
    assert postmaster(centre) == database, "the database went on all the while"
    # Added before the first role was replaced, taken away once the last had been.
    head = max(path.name[:4] for path in later.versions.glob("[0-9]*.py"))
    assert f"→ {head}." in said
    columns = query(centre.data_dir, "SELECT attname FROM pg_attribute WHERE attrelid = 'signal'::regclass")
    names = {row["attname"] for row in columns}
    assert "counted" in names
    assert "later" not in names
    assert panels.closed >= 1, "no held line was ended"
    still_whole(scene, later, storm, panels)
    # Whoever still has the version before is told in one sentence.
    refused = scene.now.run("signals", "--json", "--data-dir", str(centre.data_dir))
    assert refused.returncode == 1
    assert "fait par une version plus récente" in " ".join(refused.stderr.split())


@pytest.mark.long
def test_a_version_that_does_not_start_changes_nothing(scene: Scene) -> None:
    centre = scene.centre
    broken = scene.later("9.0.1", ADD)
    (broken.source / "reception" / "role.py").write_text("raise RuntimeError('a faulty version')\n", "utf-8")
    with Storm(centre, pause=MILD) as storm, Panels(centre) as panels:
        done = broken.run("upgrade", "--data-dir", str(centre.data_dir))
        assert done.returncode == 1
        assert "reception de la version 9.0.1 n’a pas pris la relève" in " ".join(done.stderr.split())
        assert scene.versions() == {
            role: "9.0.1" if role == "watch" else scene.versions()["desk"] for role in ROLES
        }
        # and back: the version under test takes its watch again
        said = scene.upgrade(scene.now)
        assert "watch : remplacé" in said
        assert len(set(scene.versions().values())) == 1
        time.sleep(CALM)
    still_whole(scene, scene.now, storm, panels)


@pytest.mark.long
def test_several_versions_one_after_the_other_in_one_storm(scene: Scene) -> None:
    first = scene.later("9.1.0", ADD)
    with Storm(scene.centre, pause=MILD) as storm, Panels(scene.centre) as panels:
        scene.upgrade(first)
        scene.upgrade(scene.now)  # nothing was taken away: one may go back
        scene.upgrade(first)
        second = scene.later("9.2.0", ADD)
        add(second.versions, TAKE_AWAY)
        said = scene.upgrade(second)
        assert scene.versions() == dict.fromkeys(ROLES, "9.2.0")
        time.sleep(CALM)
    assert "Reste la migration" not in said
    still_whole(scene, second, storm, panels)


@pytest.mark.long
def test_a_newcomer_killed_while_it_takes_over_leaves_the_one_before(scene: Scene) -> None:
    centre = scene.centre
    later = scene.later("9.0.0", ADD)
    before = child(centre, "reception")
    assert before is not None
    with Storm(centre, pause=MILD) as storm, Panels(centre) as panels:
        asked = psutil.Popen(
            [str(later.python), "-m", "veilleur", "upgrade", "--data-dir", str(centre.data_dir)],
            env=environment(),
        )

        def newcomers() -> list[psutil.Process]:
            found = []
            for each in psutil.Process(centre.process.pid).children():
                with suppress(psutil.Error):  # the one before a role's end is a zombie for a moment
                    if each.cmdline()[3:5] == ["run", "reception"] and each.pid != before.pid:
                        found.append(each)
            return found

        wait(newcomers)
        newcomers()[0].send_signal(signal.SIGKILL)
        assert asked.wait(120) == 1
        assert before.is_running()
        wait(lambda: centre.health()[0] == 200)
        time.sleep(CALM)
    still_whole(scene, scene.now, storm, panels)
