"""Supervision of paths on a real database (receiver's rule 11, practice P8)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.watch.watch_stage import cid
from veilleur.watch.paths import TOLD


@pytest.fixture
def paths(station: Any) -> list[int]:
    """Site S-0002 with two paths, up, seen now; the reception has written now; the watch listens from now."""
    site, panel = station.add_site(2, paths=2)
    station.site_id, station.panel_id = site, panel
    ids = station.column("SELECT id FROM panel_path ORDER BY id")
    for each in ids:
        station.seen(each)
    station.watermark()
    return ids


def pass_time(station: Any, watch: Any, seconds: float, *alive: int) -> None:
    """Time passes; the reception writes; these paths speak; the watch looks and decides."""
    station.clock.advance(seconds)
    for each in alive:
        station.seen(each)
    station.watermark()
    watch.look()
    station.decide_all()


def test_une_voie_perdue_un_defaut_technique_qui_se_clot_a_son_retour(station: Any, paths: list[int]) -> None:
    watch = station.paths()
    pass_time(station, watch, 200, paths[1])
    assert station.incidents() == []
    pass_time(station, watch, 1, paths[1])
    (dossier,) = station.incidents()
    assert (dossier.family, dossier.category, dossier.priority) == ("technical", "path", 5)
    assert station.column("SELECT state FROM panel_path ORDER BY id") == ["lost", "up"]
    pass_time(station, watch, 2, *paths)
    assert station.incidents() == []
    assert station.column("SELECT state FROM panel_path ORDER BY id") == ["up", "up"]
    assert station.incidents(closed=True)[0].outcome == "path_back"


def test_toutes_voies_perdues_en_service_priorite_2_et_rien_ne_la_clot(
    station: Any, paths: list[int]
) -> None:
    watch = station.paths()
    pass_time(station, watch, 201)
    technical, line = station.incidents()
    assert (technical.family, technical.priority) == ("technical", 5)
    assert (line.family, line.priority, line.headline["marks"]) == ("intrusion", 2, ["all_paths"])
    pass_time(station, watch, 5, *paths)
    (dossier,) = station.incidents()
    assert (dossier.id, dossier.normal) == (line.id, True)


def test_rien_n_est_dit_deux_fois(station: Any, paths: list[int]) -> None:
    watch = station.paths()
    pass_time(station, watch, 201, paths[1])
    before = station.value("SELECT count(*) FROM signal")
    for _ in range(3):
        pass_time(station, watch, 2, paths[1])
    assert station.value("SELECT count(*) FROM signal") == before == 1


def test_pas_deux_signaux_quand_le_premier_n_est_pas_encore_decide(station: Any, paths: list[int]) -> None:
    watch = station.paths()
    station.clock.advance(201)
    station.watermark()
    station.seen(paths[1])
    assert watch.look() == 1
    assert watch.look() == 0


def test_le_silence_ne_compte_que_jusqu_ou_la_reception_a_ecrit(station: Any, paths: list[int]) -> None:
    """300 s have passed, but the reception has only written the first 195 and may hold the rest."""
    watch = station.paths()
    station.clock.advance(205)
    station.watermark(ago=6)
    watch.look()
    assert station.value("SELECT count(*) FROM signal") == 0
    station.watermark(ago=4)
    watch.look()
    assert station.value("SELECT count(*) FROM signal") == 2


def test_rien_n_expire_avant_un_intervalle_d_ecoute_apres_notre_demarrage(
    station: Any, paths: list[int]
) -> None:
    station.clock.advance(3600)
    watch = station.paths()
    pass_time(station, watch, 0)
    pass_time(station, watch, 200)
    assert station.value("SELECT count(*) FROM signal") == 0
    pass_time(station, watch, 1)
    assert station.value("SELECT count(*) FROM signal") == 2


def test_rien_n_expire_avant_un_intervalle_d_ecoute_apres_celui_de_la_reception(
    station: Any, paths: list[int]
) -> None:
    watch = station.paths()
    station.clock.advance(190)
    station.watermark(stopped=True)
    station.clock.advance(60)
    station.watermark("r2", started=0)
    watch.look()
    assert station.value("SELECT count(*) FROM signal") == 0
    station.clock.advance(201)
    station.watermark("r2", started=201)
    watch.look()
    assert station.value("SELECT count(*) FROM signal") == 2


def test_sans_reception_vivante_rien_n_expire(station: Any, paths: list[int]) -> None:
    watch = station.paths()
    station.watermark(stopped=True)
    station.clock.advance(3600)
    watch.look()
    assert station.value("SELECT count(*) FROM signal") == 0


def test_reception_muette_un_incident_de_la_station_et_l_expiration_suspendue(
    station: Any, paths: list[int]
) -> None:
    watch = station.paths()
    station.seen(paths[0], holder="r1")
    station.seen(paths[1], holder="r2")
    station.watermark("r1")
    station.watermark("r2")
    station.clock.advance(201)
    station.watermark("r2")
    watch.look()
    watch.look()
    station.decide_all()
    centre = station.value("SELECT id FROM site WHERE reference = 'CENTRE'")
    (silence,) = station.incidents(centre)
    assert (silence.category, silence.priority, silence.headline["code"]) == (
        "communication",
        2,
        "reception_silent",
    )
    assert station.column("SELECT state FROM panel_path ORDER BY id") == ["up", "lost"]
    station.watermark("r1")
    watch.look()
    assert station.incidents(centre) == []


def test_reception_morte_et_relancee_sous_un_autre_nom_n_est_pas_muette(
    station: Any, paths: list[int]
) -> None:
    watch = station.paths()
    station.watermark("r1")
    station.clock.advance(15)
    station.watermark("r2", started=13)
    watch.look()
    assert station.value("SELECT count(*) FROM incident") == 0


@pytest.mark.parametrize("connection", ["connecting", "terminated"])
def test_site_non_en_service_pas_de_supervision(station: Any, connection: str) -> None:
    station.add_site(3, paths=1, connection=connection)
    station.seen(station.value("SELECT id FROM panel_path"))
    station.watermark()
    pass_time(station, station.paths(), 500)
    assert station.value("SELECT count(*) FROM signal") == 0


def test_voie_jamais_entendue_ni_perdue_ni_bruyante(station: Any) -> None:
    station.add_site(3, paths=1)
    station.watermark()
    pass_time(station, station.paths(), 500)
    assert station.value("SELECT count(*) FROM signal") == 0


def test_le_premier_signe_de_vie_n_est_pas_un_retour(station: Any) -> None:
    station.add_site(3, paths=1)
    (path_id,) = station.column("SELECT id FROM panel_path")
    with station.act() as act:
        entry = act.record("site.imported", {"n": 3})
        act.session.execute(
            text("UPDATE panel_path SET state = 'unknown', entry_id = :entry"), {"entry": entry}
        )
    station.seen(path_id)
    station.watermark()
    watch = station.paths()
    watch.look()
    station.decide_all()
    (event,) = station.value("SELECT events FROM signal")
    assert (event["code"], event["qualifier"]) == ("path_first", "new")
    assert station.value("SELECT state FROM panel_path") == "up"
    assert station.value("SELECT count(*) FROM incident") == 0
    assert (watch.counters.paths_back, watch.counters.paths_lost) == (0, 0)


@pytest.fixture
def carrier(station: Any) -> list[int]:
    """Six sites of one carrier and one of another, each with one path, seen now."""
    sites = [station.add_site(n, paths=1, carrier="Opérateur A")[0] for n in range(2, 8)]
    sites.append(station.add_site(8, paths=1, carrier="Opérateur B")[0])
    for each in station.column("SELECT id FROM panel_path"):
        station.seen(each)
    station.watermark()
    return sites


def test_beaucoup_de_sites_perdus_ensemble_un_incident_avec_sa_liste(
    station: Any, carrier: list[int]
) -> None:
    watch = station.paths()
    pass_time(station, watch, 201)
    centre = station.value("SELECT id FROM site WHERE reference = 'CENTRE'")
    (common,) = station.incidents(centre)
    assert (common.headline["text"], common.priority) == ("Opérateur A", 3)
    assert common.headline["marks"] == ["many_paths"]
    labels = [p.label for p in station.points(common.id).values()]
    assert labels == [f"S-000{n} Site {n} — voie 1" for n in range(2, 8)]
    assert [len(station.incidents(site)) for site in carrier] == [0, 0, 0, 0, 0, 0, 1]
    assert set(station.column("SELECT state FROM panel_path")) == {"lost"}
    assert station.kinds().count("signal.path_of_many") == 6


def test_parmi_eux_celui_dont_on_traite_l_alarme_sonne_de_nouveau(station: Any, carrier: list[int]) -> None:
    """P3: a burglar may cut a line while a carrier fails, or make it fail."""
    watch = station.paths()
    panel = station.value("SELECT id FROM panel WHERE site_id = :id", id=carrier[0])
    station.receive(cid("1130"), panel=panel, site=carrier[0])
    station.decide_all()
    (dossier,) = station.incidents(carrier[0])
    assert dossier.priority == 3
    pass_time(station, watch, 201)
    (dossier,) = station.incidents(carrier[0])
    assert (dossier.priority, dossier.rings) == (2, 2)
    assert any(key.startswith("line:") for key in station.points(dossier.id))
    assert [len(station.incidents(site)) for site in carrier[1:]] == [0, 0, 0, 0, 0, 1]


def test_les_suivants_rejoignent_la_liste_et_le_retour_de_tous_la_clot(
    station: Any, carrier: list[int]
) -> None:
    watch = station.paths()
    ids = station.column("SELECT id FROM panel_path ORDER BY id")
    pass_time(station, watch, 201, ids[0])
    centre = station.value("SELECT id FROM site WHERE reference = 'CENTRE'")
    (common,) = station.incidents(centre)
    assert len(station.points(common.id)) == 5
    station.watermark(started=0)
    pass_time(station, station.paths(), 2, *ids)
    station.watermark()
    watch.look()
    assert station.incidents(centre) == []
    assert station.incidents(centre, closed=True)[0].outcome == "path_back"


def test_encore_perdu_un_quart_d_heure_apres_le_site_est_dit_seul(station: Any, carrier: list[int]) -> None:
    watch = station.paths()
    ids = station.column("SELECT id FROM panel_path ORDER BY id")
    pass_time(station, watch, 201)
    pass_time(station, watch, 899, *ids[1:])
    assert station.incidents(carrier[0]) == []
    pass_time(station, watch, 2, *ids[1:])
    (dossier,) = station.incidents(carrier[0])
    assert (dossier.family, dossier.priority, dossier.headline["marks"]) == ("intrusion", 2, ["all_paths"])
    count = station.value("SELECT count(*) FROM signal")
    pass_time(station, watch, 60, *ids[1:])
    assert station.value("SELECT count(*) FROM signal") == count


def test_une_panne_d_operateur_ne_fait_pas_attendre_une_alarme(station: Any) -> None:
    """Law 3: what one look tells is bounded, and an alarm is decided before the next; in the end, each is told once."""
    for number in range(2, 2 + 2 * TOLD + 3):
        station.add_site(number, paths=1, carrier="Opérateur A")
    ids = station.column("SELECT id FROM panel_path ORDER BY id")
    for each in ids:
        station.seen(each)
    station.watermark()
    watch = station.paths()
    station.clock.advance(201)
    station.watermark()
    told = []
    while not told or watch.more:
        told.append(watch.look())
        station.decide_all()
    assert told == [TOLD, TOLD, 3]
    centre = station.value("SELECT id FROM site WHERE reference = 'CENTRE'")
    (common,) = station.incidents(centre)
    assert len(station.points(common.id)) == len(ids)
    assert station.kinds().count("signal.path_of_many") == len(ids)
    told = []
    while not told or watch.more:
        pass_time(station, watch, 2, *ids)
        told.append(station.value("SELECT count(*) FROM panel_path WHERE state = 'up'"))
    assert told[:3] == [TOLD, 2 * TOLD, len(ids)]
    assert station.incidents(centre) == []


def test_quatre_sites_ne_font_pas_un_incident_commun(station: Any) -> None:
    sites = [station.add_site(n, paths=1, carrier="Opérateur A")[0] for n in range(2, 6)]
    for each in station.column("SELECT id FROM panel_path"):
        station.seen(each)
    station.watermark()
    pass_time(station, station.paths(), 201)
    assert [len(station.incidents(site)) for site in sites] == [1, 1, 1, 1]


def test_nos_signaux_sont_prouvables_comme_les_autres(station: Any, paths: list[int]) -> None:
    """Law 1: a batch, its entry, its root over the raw bytes."""
    from veilleur.logbook.merkle import leaf_hash, root_of

    pass_time(station, station.paths(), 201)
    raws = [bytes(raw) for raw in station.column("SELECT raw FROM signal ORDER BY id")]
    assert bytes(station.value("SELECT root FROM intake_batch")) == root_of([leaf_hash(raw) for raw in raws])
    entry = station.value("SELECT entry_id FROM intake_batch")
    assert station.value("SELECT kind FROM entry WHERE id = :id", id=entry) == "signals.received"
