"""`veilleur up --demo` and `veilleur demo`, as a visitor starts them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.acceptance.centre import Centre, centre_up, enter, free_port
from veilleur.composition import Context
from veilleur.db.engine import Database
from veilleur.features.cameras.tables import CameraStatus
from veilleur.settings import load_settings

FIRST_DOSSIER = 60.0
"""Seconds from ready to the first intrusion: a visitor does not wait longer."""

CAMERAS_ON = 120.0
"""Seconds until the cameras are opened: a patience of the test, on a busy machine."""

ENOUGH = 12
"""Of sixteen: the villa is a home, which nobody may look into without an alarm, and some fail on purpose."""


@pytest.mark.slow
def test_the_night_begins_within_a_minute_and_a_scenario_adds_to_it(tmp_path: Path) -> None:
    """Real panels dial real sockets: an intrusion dossier by itself, then more signals by the scenario."""
    with centre_up(tmp_path / "data", "--demo") as centre:
        end = time.monotonic() + FIRST_DOSSIER
        while not intrusions(centre):
            assert time.monotonic() < end, centre.lines("incidents", "--json")
            time.sleep(1)
        before = len(centre.lines("signals", "--json"))
        told = centre.run("demo", "essai-oublie")
        assert "Fini." in told.stdout
        codes = [
            event["code"] for row in centre.lines("signals", "--json")[before:] for event in row["events"]
        ]
        assert "158" in codes


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
