"""`veilleur up --demo` and `veilleur demo`, as a visitor starts them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.acceptance.centre import Centre, centre_up, enter, free_port
from veilleur.composition import Context
from veilleur.db.engine import Database
from veilleur.demo.silence import SILENCE_FILE
from veilleur.features.cameras.tables import CameraStatus
from veilleur.settings import load_settings

SCENARIO = 150.0
"""Seconds within which a scenario of a minute and a half is over: a patience of the test."""

FIRST_DOSSIER = 60.0
"""Seconds from ready to the first intrusion: a visitor does not wait longer."""

CAMERAS_ON = 120.0
"""Seconds until the cameras are opened: a patience of the test, on a busy machine."""

ENOUGH = 12
"""Of sixteen: the villa is a home, which nobody may look into without an alarm, and some fail on purpose."""


@pytest.mark.slow
def test_the_night_begins_within_a_minute_and_scenarios_add_to_it(tmp_path: Path) -> None:
    """Real panels dial real sockets: an intrusion by itself, a test that is forgotten and ends in a dossier, a cut path
    that comes back when the terminal is closed."""
    with centre_up(tmp_path / "data", "--demo") as centre:
        forgotten, cut = played(centre, "essai-oublie"), played(centre, "liaison")
        end = time.monotonic() + FIRST_DOSSIER
        close_terminal(centre, cut)
        while not intrusions(centre):
            assert time.monotonic() < end, centre.lines("incidents", "--json")
            time.sleep(1)
        out, _ = forgotten.communicate(timeout=SCENARIO)
        assert forgotten.returncode == 0, out
        assert "en essai, jusqu’à" in out
        assert "Fini." in out
        school = [row for row in centre.lines("incidents", "--json") if row["site"] == "S-0022"]
        assert [(row["category"], row["priority"]) for row in school] == [("intrusion", 3)], out


def played(centre: Centre, scenario: str) -> subprocess.Popen[str]:
    """A scenario that runs beside the centre."""
    argv = [sys.executable, "-m", "veilleur", "demo", scenario, "--data-dir", str(centre.data_dir)]
    # Tests that run behind a closed terminal would hand down that its end means nothing.
    held = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    finally:
        signal.signal(signal.SIGHUP, held)


def close_terminal(centre: Centre, playing: subprocess.Popen[str]) -> None:
    """SIGHUP once a path is cut: it says that it was interrupted, and no path stays cut."""
    file, end = centre.data_dir / SILENCE_FILE, time.monotonic() + SCENARIO
    while not file.exists():
        assert playing.poll() is None, playing.communicate()
        assert time.monotonic() < end
        time.sleep(0.05)
    playing.send_signal(signal.SIGHUP)
    out, _ = playing.communicate(timeout=SCENARIO)
    assert "Interrompu." in out
    assert not file.exists()


def intrusions(centre: Centre) -> list[object]:
    """The intrusion dossiers there are."""
    return [row for row in centre.lines("incidents", "--json") if row["category"] == "intrusion"]


def test_demo_refuses_data_that_is_no_town(tmp_path: Path) -> None:
    """A real centre's panels are never played: refused before anything is dialled or written."""
    said = enter("demo", "burglary", "--data-dir", str(tmp_path / "data"))
    assert said.returncode != 0
    assert "démonstration" in said.stdout + said.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.peer
def test_the_towns_cameras_are_played_and_recorded(tmp_path: Path) -> None:
    """Real RTSP cameras, opened with their sealed passwords: pictures come, and are kept."""
    http, played = f"127.0.0.1:{free_port(2)}", f"127.0.0.1:{free_port(2)}"
    environment = {
        "VEILLEUR_RECORDERS": "2",
        "VEILLEUR_VIDEO_HTTP": http,
        "VEILLEUR_DEMO_RTSP": played,
    }
    with centre_up(tmp_path / "data", "--demo", environment=environment) as centre:
        context = Context(load_settings(data_dir=centre.data_dir))
        try:
            database, end = context.database(), time.monotonic() + CAMERAS_ON
            while (seen := online(database)) < ENOUGH:
                assert time.monotonic() < end, f"{seen} cameras online"
                time.sleep(1)
        finally:
            context.close()


def online(database: Database) -> int:
    """How many cameras a recorder sees pictures of."""
    with database.read() as session:
        return len(session.scalars(select(CameraStatus).where(CameraStatus.state == "online")).all())
