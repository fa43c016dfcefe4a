"""Clocks that are set: «heure du centre», supervised paths, deadlines (issue 3 «Faults»)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from veilleur.features.deadlines import commands as deadlines
from veilleur.watch.clocks import Clocks

HOUR = timedelta(hours=1)


def said(station: Any, role: str, **detail: Any) -> None:
    """A sign of life of a role."""
    with psycopg.connect(station.database.dsn) as connection:
        connection.execute(
            "INSERT INTO role_status (role, holder, started_at, seen_at, ready, detail) "
            "VALUES (%s, %s, %s, %s, true, %s) "
            "ON CONFLICT (role, holder) DO UPDATE SET seen_at = excluded.seen_at, detail = excluded.detail",
            (role, f"run/{role}", station.clock.now(), station.clock.now(), json.dumps(detail)),
        )


def dossiers(station: Any) -> list[str]:
    """What the open dossiers about the hour say."""
    centre = station.value("SELECT id FROM site WHERE reference = 'CENTRE'")
    if centre is None:
        return []
    return [i.headline["text"] for i in station.incidents(centre) if i.headline["code"] == "centre_clock"]


def test_un_role_a_une_autre_heure(station: Any) -> None:
    watch = Clocks(station.database, station.clock, station.held)
    said(station, "reception", clock_ahead=0.4)
    said(station, "desk", clock_ahead=-3600.2)
    watch.look()
    assert dossiers(station) == [], "one look may have met a step half-way"
    watch.look()
    watch.look()
    assert dossiers(station) == ["desk −3600 s"]
    said(station, "desk", clock_ahead=-0.1)
    watch.look()
    assert dossiers(station) == []


def test_les_transmetteurs_trouvent_notre_heure_fausse(station: Any) -> None:
    watch = Clocks(station.database, station.clock, station.held)
    said(station, "reception", clock_ahead=0.0, clock_suspect=True, clock_offset=-1800.0)
    watch.look()
    watch.look()
    assert dossiers(station) == ["reception DC-09 +1800 s"]
    # A reception that is gone says nothing any more.
    station.clock.advance(10)
    watch.look()
    assert dossiers(station) == []


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_une_horloge_mise_a_l_heure_ne_fait_perdre_aucune_voie(station: Any, step: timedelta) -> None:
    """Silence is an interval: it begins again with the new hour, and is noticed in its time."""
    station.add_site(2, paths=1)
    (path,) = station.column("SELECT id FROM panel_path")
    watch = station.paths()
    station.seen(path)
    station.watermark()
    watch.look()
    station.clock.advance(2)
    station.clock.current += step
    station.watermark()
    watch.look()
    assert station.value("SELECT count(*) FROM signal") == 0
    station.clock.advance(199)
    station.watermark()
    watch.look()
    assert station.value("SELECT count(*) FROM signal") == 0
    station.clock.advance(2)
    station.watermark()
    watch.look()
    assert station.value("SELECT count(*) FROM signal") == 1, "and a silent path is still noticed"


def test_une_echeance_ne_sonne_qu_une_fois(station: Any) -> None:
    with station.act() as act:
        deadlines.schedule(
            act, "warn_on_test", act.now + timedelta(minutes=30), site_id=station.site_id, subject_id=0
        )
    rung: list[int] = []

    def ring(_act: Any, row: Any) -> bool:
        rung.append(row.id)
        return True

    runner = station.deadlines()
    runner.effects = {"warn_on_test": ring}
    for step in (timedelta(0), HOUR, -HOUR, HOUR):
        station.clock.current += step
        runner.run_due()
        runner.run_due()
    assert len(rung) == 1
