"""Entries of a dossier: correcting or erasing one moves the dossier's version, so that no screen keeps the old one."""

from __future__ import annotations

from sqlalchemy import text

from tests.features.incidents.conftest import (
    Room,
    room,  # noqa: F401  # a fixture
)
from veilleur.features.incidents import commands as incidents
from veilleur.logbook.commands import correct_entry, erase
from veilleur.logbook.lines import lines_by_id


def test_a_correction_stays_in_its_dossier_and_moves_its_version(room: Room) -> None:  # noqa: F811
    dossier = room.open()
    noted = room.do("Ana", incidents.note, dossier, "L’agent est là à 3 h 20", age_ms=0)
    new = room.do("Ana", correct_entry, noted, "3 h 10 et non 3 h 20")
    assert room.incident(dossier).entry_id == new
    with room.read() as session:
        line = lines_by_id(session, [new])[0]
    assert line.line.incident is not None
    assert (line.line.incident.id, line.line.corrects, dict(line.touched)) == (
        dossier,
        noted,
        {"incident": [dossier]},
    )
    assert line.scope.customer_id == room.incident(dossier).customer_id


def test_an_erasure_moves_it_too(room: Room) -> None:  # noqa: F811
    dossier = room.open()
    noted = room.do("Ana", incidents.note, dossier, "Mme Martin rappelle", age_ms=0)
    erasing = room.do("Ana", erase, noted, "RGPD art. 17")
    assert room.incident(dossier).entry_id == erasing
    with room.read() as session:
        assert lines_by_id(session, [noted])[0].line.params == {}


def test_entries_of_a_site_are_numbered_under_its_lock(room: Room) -> None:  # noqa: F811
    """ADR 0002: a correction that waits for the site takes its number after whoever held it."""
    dossier = room.open()
    noted = room.do("Ana", incidents.note, dossier, "un", age_ms=0)
    with room.act("Ana") as act:
        correct_entry(act, noted, "deux")
        with room.database.write() as other:
            other.execute(text("SET LOCAL lock_timeout = '50ms'"))
            held = other.execute(text("SELECT id FROM site FOR UPDATE SKIP LOCKED")).all()
    assert held == []
