"""`veilleur up --demo` and `veilleur demo`, as a visitor starts them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.acceptance.centre import Centre, centre_up, enter

FIRST_DOSSIER = 60.0
"""Seconds from ready to the first intrusion: a visitor does not wait longer."""


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
