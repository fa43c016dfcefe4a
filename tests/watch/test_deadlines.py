"""Deadlines on a real database: judged again, retried once alone, set aside, lost by no restart."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from tests.watch.test_deciding import make_user
from tests.watch.watch_stage import cid
from veilleur.features.deadlines.commands import schedule
from veilleur.features.deadlines.tables import Deadline
from veilleur.features.incidents import commands
from veilleur.features.sites.tables import OnTest
from veilleur.logbook.act import Act
from veilleur.watch.effects import EFFECTS
from veilleur.watch.lease import LeaseLostError, acquire, release


def answers(station: Any) -> list[tuple[str, str | None]]:
    with station.database.read() as session:
        return [
            (row.kind, row.answer)
            for row in session.execute(
                text("SELECT kind, answer FROM deadline WHERE done_at IS NOT NULL ORDER BY id")
            )
        ]


def test_non_pris_sonne_partout_puis_chez_le_chef_puis_station_non_tenue(station: Any) -> None:
    """P7: 30 s, 60 s, 180 s for priorities 1 and 2."""
    station.receive(cid("1120"))
    station.decide_all()
    levels = []
    for seconds in (29, 1, 29, 1, 119, 1):
        station.clock.advance(seconds)
        levels.append((station.deadlines().run_due(), station.incidents()[0].escalation))
    assert levels == [(0, 0), (1, 1), (0, 1), (1, 2), (0, 2), (1, 3)]
    assert station.incidents()[0].ring_reason == "overdue"


def test_pris_a_temps_l_echeance_ne_s_applique_plus(station: Any) -> None:
    station.receive(cid("1120"))
    station.decide_all()
    user = make_user(station)
    with station.act(user) as act:
        commands.take(act, station.incidents()[0].id)
    station.clock.advance(31)
    station.deadlines().run_due()
    assert station.incidents()[0].escalation == 0


def test_pris_sans_acte_sonne_puis_revient_dans_la_file(station: Any) -> None:
    station.receive(cid("1130"))
    station.decide_all()
    user = make_user(station)
    with station.act(user) as act:
        commands.take(act, station.incidents()[0].id)
    station.clock.advance(60)
    assert station.deadlines().run_due() == 1
    (dossier,) = station.incidents()
    assert (dossier.state, dossier.ring_reason) == ("taken", "no_act")
    station.clock.advance(60)
    station.deadlines().run_due()
    (dossier,) = station.incidents()
    assert (dossier.state, dossier.owner_id) == ("new", None)


def test_un_redemarrage_n_en_perd_aucune(station: Any) -> None:
    """Due while nobody watched: the next watch applies it, once."""
    station.receive(cid("1120"))
    station.decide_all()
    station.clock.advance(3600)
    release(station.database, station.held)
    station.held = acquire(station.database, "watch", "second", ttl=3600)
    assert station.deadlines().run_due() == 1
    assert station.incidents()[0].escalation == 3
    assert station.deadlines().run_due() == 0


def test_sans_bail_rien_ne_s_applique(station: Any) -> None:
    station.receive(cid("1120"))
    station.decide_all()
    old = station.deadlines()
    release(station.database, station.held)
    assert acquire(station.database, "watch", "second", ttl=3600) is not None
    station.clock.advance(31)
    with pytest.raises(LeaseLostError):
        old.run_due()
    assert station.incidents()[0].escalation == 0


def test_une_echeance_qui_leve_est_mise_de_cote_et_les_autres_passent(station: Any) -> None:
    def broken(act: Act, row: Deadline) -> bool:
        raise RuntimeError("broken")

    calls: list[int] = []

    def fine(act: Act, row: Deadline) -> bool:
        calls.append(row.id)
        return False

    with station.act() as act:
        schedule(act, "deferral", act.now, site_id=station.site_id, subject_id=1)
        schedule(act, "settle_call", act.now, site_id=station.site_id, subject_id=1)
    deadlines = station.deadlines(effects={"deferral": broken, "settle_call": fine})
    assert deadlines.run_due() == 2
    assert answers(station) == [("deferral", "failed"), ("settle_call", "no_longer")]
    assert station.column("SELECT attempts FROM deadline WHERE done_at IS NOT NULL ORDER BY id") == [2, 0]
    assert len(calls) == 1
    (dossier,) = station.incidents()
    assert dossier.headline["code"] == "deadline.deferral"
    assert dossier.headline["marks"] == ["deadline_failed"]
    assert deadlines.counters.deadlines_failed == 1


def test_un_genre_inconnu_est_mis_de_cote(station: Any) -> None:
    with station.act() as act:
        schedule(act, "nonsense", act.now, site_id=station.site_id)
    station.deadlines().run_due()
    assert answers(station) == [("nonsense", "failed")]


def test_chaque_genre_de_la_table_a_son_effet(station: Any) -> None:
    """The kinds that features schedule are those the watch knows."""
    kinds = Deadline.__table__.c.kind.doc
    assert kinds is not None
    written = {kind.strip() for kind in kinds.split("|")}
    assert set(EFFECTS) <= written | {"offer", "late_close", "adopted"}
    assert written - {"transfer"} <= set(EFFECTS)


def start_test(station: Any) -> int:
    """A test of the whole site for an hour, as the sites feature writes it."""
    with station.act() as act:
        entry = act.record("on_test.started", {})
        row = OnTest(
            site_id=station.site_id,
            scope={"panel": None, "areas": None, "zones": None},
            asked_by="Technicien",
            word_result="right",
            started_at=act.now,
            until=act.now + timedelta(hours=1),
            results=[],
            entry_id=entry,
        )
        act.session.add(row)
        act.session.flush()
        schedule(act, "test_end", row.until, site_id=station.site_id, subject_id=row.id)
        return int(row.id)


def test_la_fin_d_essai_ne_peut_etre_silencieuse_avec_un_point_en_alarme(station: Any) -> None:
    """P10, scenario «essai-oublie»: noted while on test; at the end the point still in alarm becomes a dossier."""
    test = start_test(station)
    station.clock.advance(5)
    station.receive(cid("1130"))
    station.receive(cid("1130", "002"))
    station.receive(cid("3130", "002"))
    station.decide_all()
    assert station.incidents() == []
    assert station.value("SELECT jsonb_array_length(results) FROM on_test") == 2
    station.clock.advance(3600)
    assert station.deadlines().run_due() == 1
    station.decide_all()
    assert station.value("SELECT ended_at IS NOT NULL FROM on_test WHERE id = :id", id=test) is True
    (dossier,) = station.incidents()
    assert (dossier.family, dossier.priority) == ("intrusion", 3)
    assert dossier.headline["code"] == "still_in_alarm"
    point = f"zone:{station.panel_id}:1"
    assert list(station.points(dossier.id)) == [point]
    station.receive(cid("3130"))
    station.decide_all()
    assert station.points(dossier.id)[point].normal_at is not None


def test_ce_qui_perce_l_essai_est_dans_sa_liste_avec_son_dossier(station: Any) -> None:
    """P10: a hold-up has a dossier, not a second one at the end; a new point in alarm is answered for at the end."""
    test = start_test(station)
    station.receive(cid("1120"))
    station.receive(cid("1130", "042"))
    station.receive(cid("1130", "002"))
    station.receive(cid("3130", "002"))
    station.decide_all()
    person, intrusion = station.incidents()
    assert (person.family, intrusion.family) == ("person", "intrusion")
    kept = "SELECT results FROM on_test WHERE id = :id"
    listed = {row["key"].rpartition(":")[2]: row for row in station.value(kept, id=test)}
    assert {key: (row["state"], row.get("incident_id")) for key, row in listed.items()} == {
        "1/panic": ("through", person.id),
        "42": ("through", intrusion.id),
        "2": ("normal", None),
    }
    assert listed["1/panic"]["incident"] == person.reference
    body = station.value(
        "SELECT p.body FROM entry_payload p JOIN entry e ON e.id = p.payload_of"
        " WHERE e.kind = 'on_test.broken_through' ORDER BY e.id LIMIT 1"
    )
    entry = json.loads(body)["params"]
    assert (entry["category"], entry["incident"]) == ("panic", person.reference)
    station.receive(cid("3130", "042"))
    station.decide_all()
    station.clock.advance(3600)
    station.deadlines().run_due()
    station.decide_all()
    ended = {row["key"].rpartition(":")[2]: row["state"] for row in station.value(kept, id=test)}
    assert (ended["42"], ended["2"]) == ("normal", "normal")
    assert len(station.incidents()) == 2


def test_la_fin_d_essai_avec_tout_revenu_n_ouvre_rien(station: Any) -> None:
    start_test(station)
    station.receive(cid("1130"))
    station.receive(cid("3130"))
    station.decide_all()
    station.clock.advance(3600)
    station.deadlines().run_due()
    station.decide_all()
    assert station.incidents() == []
