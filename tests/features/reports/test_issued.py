"""A report that is opened to be handed over leaves its line in the logbook: who, which rendering, of which dossier."""

from __future__ import annotations

import pytest

from tests.features.handling.test_http import Seat, seat  # noqa: F401  # the fixture
from veilleur.features.incidents import commands as incidents
from veilleur.features.reports.redaction import AUDIENCES


def ask(seat: Seat, dossier: int, audience: str) -> int:  # noqa: F811
    return int(seat.browser.get(f"/api/incidents/{dossier}/report?for={audience}").status_code)


def issued(seat: Seat) -> list[str]:  # noqa: F811
    return [line for line in seat.room.sentences() if line.startswith("Compte rendu édité")]


@pytest.mark.parametrize(
    ("audience", "words"),
    [("customer", "pour l’abonné"), ("prefect", "pour le préfet"), ("internal", "interne")],
)
def test_chaque_edition_dit_qui_quoi_et_quel_dossier(seat: Seat, audience: str, words: str) -> None:  # noqa: F811
    dossier = seat.dossier()
    assert ask(seat, dossier, audience) == 200
    (line,) = issued(seat)
    assert words in line
    assert seat.room.incident(dossier).reference in line
    assert "report.issued" in seat.room.entries(dossier)


def test_recharger_dans_la_minute_est_la_meme_edition(seat: Seat) -> None:  # noqa: F811
    dossier = seat.dossier()
    for audience in (*AUDIENCES, *AUDIENCES):
        ask(seat, dossier, audience)
    assert len(issued(seat)) == 3, "une par version, pas une par rechargement"
    seat.room.clock.advance(30)
    ask(seat, dossier, "prefect")
    assert len(issued(seat)) == 3
    seat.room.clock.advance(31)
    ask(seat, dossier, "prefect")
    assert len(issued(seat)) == 4


def test_un_refus_n_est_pas_une_edition(seat: Seat) -> None:  # noqa: F811
    dossier = seat.dossier()
    call = seat.post(f"/api/incidents/{dossier}/calls", {"target": "site"})
    seat.post(f"/api/calls/{call['id']}/word", {"typed": "orage"})
    assert ask(seat, dossier, "customer") == 403
    assert ask(seat, 999_999, "prefect") == 404
    assert issued(seat) == []


def test_editer_un_dossier_clos_ne_le_change_pas(seat: Seat) -> None:  # noqa: F811
    dossier = seat.room.open(taken_by=None)
    with seat.room.act() as act:
        incidents.close_by_itself(act, dossier, "restored", None)
    before = seat.room.incident(dossier)
    assert ask(seat, dossier, "internal") == 200
    after = seat.room.incident(dossier)
    assert (after.entry_id, after.state) == (before.entry_id, "closed")
    assert len(issued(seat)) == 1
