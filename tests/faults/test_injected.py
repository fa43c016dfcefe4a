"""In a storm: one role's machine has another hour; a signal makes decide() raise (issue 3 «Faults»)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.centre import Centre, centre_up
from tests.contract.test_processes import child, wait
from tests.faults.storm import Storm, account, query
from tests.faults.test_kills import CALM, furnish, still_whole

INJECTED = Path(__file__).parent / "injected"
HOUR = 3600


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is written here happens in the roles (injected/sitecustomize.py)."""
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="module")
def centre(faults: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre whose processes read the faults."""
    path = os.pathsep.join(filter(None, (str(INJECTED), os.environ.get("PYTHONPATH"))))
    environment = {"PYTHONPATH": path, "FAULTS_DIR": str(faults)}
    with centre_up(tmp_path_factory.mktemp("injected") / "data", environment=environment) as running:
        furnish(running)
        yield running


@contextmanager
def stepped(faults: Path, role: str, seconds: int) -> Iterator[None]:
    """Somebody sets the clock of that role's machine."""
    file = faults / f"step-{role}"
    file.write_text(str(seconds))
    try:
        yield
    finally:
        file.unlink()


def hours(centre: Centre) -> list[dict[str, Any]]:
    """The open dossiers «heure du centre»."""
    return query(
        centre.data_dir,
        "SELECT id, headline->>'text' AS text FROM incident "
        "WHERE closed_at IS NULL AND headline->>'code' = 'centre_clock'",
    )


def early(centre: Centre) -> list[dict[str, Any]]:
    """What was done before its time, by the database's clock; and silence that was none."""
    return query(
        centre.data_dir,
        "SELECT id, kind FROM deadline WHERE answer = 'applied' AND due_at > clock_timestamp() "
        "UNION ALL SELECT id, 'path_lost' FROM signal WHERE transport = 'internal' AND token = 'PATH_LOST' "
        "UNION ALL SELECT id, headline->>'code' FROM incident WHERE headline->>'code' = 'reception_silent'",
    )


def awry(centre: Centre) -> list[dict[str, Any]]:
    """What bears another hour than the one at which it was written: entries are sealed within seconds."""
    return query(
        centre.data_dir,
        "SELECT e.id, e.kind, e.entered_at, clock_timestamp() FROM entry e "
        "WHERE abs(extract(epoch FROM e.entered_at - clock_timestamp())) > 1800 "
        "UNION ALL SELECT id, 'signal', received_at, clock_timestamp() FROM signal "
        "WHERE abs(extract(epoch FROM received_at - clock_timestamp())) > 1800",
    )


ROLES = ("reception", "watch", "desk", "worker")
STEPS = [(role, step * HOUR) for role in ROLES for step in (1, -1)]


@pytest.mark.parametrize(
    ("role", "seconds"),
    [
        pytest.param(role, step, marks=[] if (role, step) == STEPS[3] else pytest.mark.long)
        for role, step in STEPS
    ],
)
def test_a_machine_has_another_hour(centre: Centre, faults: Path, role: str, seconds: int) -> None:
    with Storm(centre, sequence=1000 * (1 + STEPS.index((role, seconds)))) as storm:
        time.sleep(CALM)
        with stepped(faults, role, seconds):
            wait(lambda: hours(centre), 30)
            (told,) = hours(centre)
            assert told["text"] == f"{role} {'+' if seconds > 0 else '−'}3600 s"
            time.sleep(CALM)
            assert centre.health()[0] == 200, "the role works on, by the database's hour"
        wait(lambda: not hours(centre), 30)
        time.sleep(CALM)
    assert early(centre) == []
    assert awry(centre) == []
    assert [panel.account for panel in storm.panels if abs(panel.offset.total_seconds()) > 10] == [], "NAKed"
    still_whole(centre, storm)


@pytest.mark.long
@pytest.mark.parametrize("role", ["reception", "watch"])
def test_a_role_starts_with_another_hour(centre: Centre, faults: Path, role: str) -> None:
    """No hour of before to hold on to: it asks the database before it does anything."""
    with Storm(centre, sequence=500 if role == "watch" else 9500) as storm:
        time.sleep(CALM)
        with stepped(faults, role, HOUR):
            victim = child(centre, role)
            assert victim is not None
            victim.kill()
            wait(lambda: hours(centre), 30)
            time.sleep(CALM)
        wait(lambda: not hours(centre), 30)
    assert early(centre) == []
    assert awry(centre) == []
    still_whole(centre, storm)


def test_a_signal_makes_decide_raise(centre: Centre, faults: Path) -> None:
    """It is tried twice, then put before people with its raw frame; the others are decided meanwhile."""
    (faults / "poison").write_text("099")
    poisoned = centre.panel(account(2), sequence=20)
    with Storm(centre, seed=2, sequence=300) as storm:
        time.sleep(CALM)
        assert centre.say(poisoned, "122", number="099")
        wait(lambda: set_aside(centre), 30)
        before = decided(centre)
        time.sleep(CALM)
        assert decided(centre) > before, "the queue stands still"
    (dossier,) = set_aside(centre)
    assert dossier["priority"] == 1, "the priority of its raw category: a hold-up"
    assert "not_interpreted" in dossier["marks"]
    signal = query(centre.data_dir, "SELECT account, attempts FROM signal WHERE id = %s", dossier["signal"])
    assert signal == [{"account": account(2), "attempts": 2}]
    storm.acknowledged.append((poisoned.account, f"{poisoned.sequence:04d}"))
    still_whole(centre, storm, quarantined=1)


def decided(centre: Centre) -> int:
    """How many signals are decided."""
    return int(query(centre.data_dir, "SELECT count(decided_at) AS n FROM signal")[0]["n"])


def set_aside(centre: Centre) -> list[dict[str, Any]]:
    """The dossiers «signal non interprété»."""
    return query(
        centre.data_dir,
        "SELECT priority, headline->'marks' AS marks, (headline->>'signal')::int AS signal FROM incident "
        "WHERE headline->'marks' ? 'not_interpreted'",
    )
