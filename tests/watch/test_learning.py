"""P5: «envoie les fins d'alarme», learnt from history; and the hour of closing watched by the station (P8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.watch.watch_stage import cid
from veilleur.features.sites.hours import periods
from veilleur.watch.closing_time import next_closing
from veilleur.watch.learning import Told, learn

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def history(*stories: str) -> list[Told]:
    """Days of a panel: A alarm of a point, R its restore two minutes later, D disarming, r a restore just after."""
    told: list[Told] = []
    for day, story in enumerate(stories):
        at = BEGIN + timedelta(days=day)
        for letter in story:
            at += timedelta(seconds=5 if letter == "r" else 120)
            kind = {"A": "alarm", "D": "disarm"}.get(letter, "restore")
            told.append(Told(at, kind, frozenset() if kind == "disarm" else frozenset({"zone:1:1"})))
    return told


LEARNT = [
    ("cinq alarmes, cinq fins : oui", ["ARD"] * 5, "yes"),
    ("cinq alarmes sans fin : non", ["AD"] * 5, "no"),
    ("fins juste après la mise hors service", ["ADr"] * 5, "on_disarm"),
    ("quatre alarmes : trop peu", ["ARD"] * 4, "unknown"),
    ("moitié moitié : inconnu", ["ARD", "AD"] * 5, "unknown"),
    ("une exception sur dix est pardonnée", ["ARD"] * 9 + ["AD"], "yes"),
    ("alarmes répétées sans fin ni mise hors service", ["AAAAAA"], "no"),
    ("la dernière alarme attend encore : elle ne compte pas", ["ARD"] * 5 + ["A"], "yes"),
    ("fin longtemps après la mise hors service : c'est bien une fin", ["ADR"] * 5, "yes"),
    ("rien", [], "unknown"),
]


@pytest.mark.parametrize(("title", "stories", "word"), LEARNT, ids=[c[0] for c in LEARNT])
def test_table_de_ce_qui_s_apprend(title: str, stories: list[str], word: str) -> None:
    assert learn(history(*stories)) == word


def live(station: Any, days: int, *, restores: bool) -> None:
    for _ in range(days):
        station.clock.advance(3600)
        station.receive(cid("1130"))
        if restores:
            station.clock.advance(120)
            station.receive(cid("3130"))
        station.clock.advance(120)
        station.receive(cid("1401", "003"))
        station.clock.advance(3600)
        station.receive(cid("3401", "003"))
    station.decide_all()


def test_appris_a_la_mise_en_service_et_ecrit_une_fois(station: Any) -> None:
    live(station, 5, restores=False)
    assert station.value("SELECT sends_restores FROM panel") == "no"
    live(station, 1, restores=False)
    assert station.kinds().count("panel.restores_learnt") == 1


def test_ce_que_dit_le_dossier_de_site_ne_se_reapprend_pas(station: Any) -> None:
    from sqlalchemy import text

    with station.act() as act:
        entry = act.record("site.imported", {})
        act.session.execute(text("UPDATE panel SET sends_restores = 'yes', entry_id = :e"), {"e": entry})
    live(station, 5, restores=False)
    assert station.value("SELECT sends_restores FROM panel") == "yes"


def test_une_centrale_qui_envoie_tout_est_apprise_oui(station: Any) -> None:
    live(station, 5, restores=True)
    assert station.value("SELECT sends_restores FROM panel") == "yes"


PARIS = "Europe/Paris"
NIGHTS = [{"days": [1, 2, 3, 4, 5], "from": "20:00", "to": "06:00"}]
NEXT = [
    ("ce soir", NIGHTS, datetime(2026, 11, 23, 12, tzinfo=UTC), datetime(2026, 11, 23, 19, tzinfo=UTC)),
    ("demain, l'heure est passée", NIGHTS, datetime(2026, 11, 23, 19, tzinfo=UTC), datetime(2026, 11, 24, 19, tzinfo=UTC)),
    ("lundi, c'est vendredi soir", NIGHTS, datetime(2026, 11, 27, 22, tzinfo=UTC), datetime(2026, 11, 30, 19, tzinfo=UTC)),
    ("heure d'été", NIGHTS, datetime(2026, 7, 20, 12, tzinfo=UTC), datetime(2026, 7, 20, 18, tzinfo=UTC)),
    ("sans horaire", [], datetime(2026, 11, 23, tzinfo=UTC), None),
]  # fmt: skip


@pytest.mark.parametrize(("title", "rows", "after", "expected"), NEXT, ids=[c[0] for c in NEXT])
def test_la_prochaine_fermeture(title: str, rows: Any, after: datetime, expected: datetime | None) -> None:
    assert next_closing(periods(rows), after, PARIS) == expected


@pytest.fixture
def shop(station: Any) -> Any:
    """A shop closed each night from 20:00 to 06:00; it is Monday 12:00 in Paris."""
    every = [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "20:00", "to": "06:00"}]
    station.site_id, station.panel_id = station.add_site(2, schedule=every)
    station.clock.current = datetime(2026, 11, 23, 11, tzinfo=UTC)
    station.receive(cid("1401", "003"))
    station.receive(cid("1401", "003"))
    station.decide_all()
    return station


def go_to(station: Any, at: datetime) -> None:
    station.clock.current = at
    station.deadlines().run_due()
    station.decide_all()


def test_non_mise_en_service_a_l_heure_priorite_4(shop: Any) -> None:
    assert shop.value("SELECT count(*) FROM deadline WHERE kind = 'late_close'") == 1
    go_to(shop, datetime(2026, 11, 23, 19, 14, tzinfo=UTC))
    assert shop.incidents() == []
    go_to(shop, datetime(2026, 11, 23, 19, 15, tzinfo=UTC))
    (dossier,) = shop.incidents()
    assert (dossier.category, dossier.priority, dossier.headline["code"]) == ("open_close", 4, "not_armed")
    shop.clock.advance(60)
    shop.receive(cid("3401", "003"))
    shop.decide_all()
    (dossier,) = shop.incidents()
    assert dossier.normal is True
    assert [p.normal_by for p in shop.points(dossier.id).values()] == ["arming"]


def test_mis_en_service_a_temps_rien(shop: Any) -> None:
    shop.clock.advance(3600)
    shop.receive(cid("3401", "003"))
    shop.decide_all()
    go_to(shop, datetime(2026, 11, 23, 19, 15, tzinfo=UTC))
    assert shop.incidents() == []
    assert shop.value("SELECT answer FROM deadline WHERE kind = 'late_close'") == "no_longer"


def test_encore_ouvert_le_lendemain_l_heure_est_attendue_de_nouveau(shop: Any) -> None:
    go_to(shop, datetime(2026, 11, 23, 19, 15, tzinfo=UTC))
    go_to(shop, datetime(2026, 11, 24, 19, 15, tzinfo=UTC))
    (dossier,) = shop.incidents()
    assert shop.points(dossier.id)["area:1"].alarms == 2
