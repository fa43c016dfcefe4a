"""Practice P8: the priority of everything, then the exceptions in their order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.watch.watch_stage import (
    NIGHT,
    cid,
    decided,
    heard,
    incident,
    line_event,
    on_test,
    panel,
    path,
    point,
    sia,
    site,
    told,
    with_zone,
    zone,
)
from veilleur.protocols import contact_id, sia_codes
from veilleur.protocols.codes import Nature
from veilleur.protocols.events import Category, Event
from veilleur.watch.classify import classify
from veilleur.watch.decide import decide
from veilleur.watch.project import Imagined
from veilleur.watch.view import Rules

BY_DAY, BY_NIGHT, NEVER_HEARD = site(armed=False), site(armed=True), site(armed=None)

P8: list[tuple[str, Any, Event, list[str]]] = [
    ("agression", BY_DAY, cid("1122"), ["ouvre person hold_up P1"]),
    ("agression (bouton)", BY_DAY, cid("1120"), ["ouvre person panic P1"]),
    ("contrainte", BY_DAY, cid("1121", "007"), ["ouvre person duress P1"]),
    ("médical", BY_DAY, cid("1100"), ["ouvre person medical P1"]),
    ("personne", BY_DAY, sia("QA"), ["ouvre person personal P1"]),
    ("gaz", BY_DAY, cid("1151"), ["ouvre fire gas P1"]),
    ("monoxyde de carbone", BY_DAY, cid("1162"), ["ouvre fire gas P1"]),
    ("incendie confirmé", BY_DAY, sia("FM"), ["ouvre fire fire P1 [confirmed]"]),
    ("incendie, un point", BY_DAY, cid("1110"), ["ouvre fire fire P2"]),
    (
        "intrusion confirmée par la centrale",
        BY_NIGHT,
        cid("1139"),
        ["ouvre intrusion intrusion P2 [confirmed]"],
    ),
    ("autosurveillance, en service", BY_NIGHT, cid("1144"), ["ouvre intrusion tamper P2"]),
    ("autosurveillance, hors service", BY_DAY, cid("1144"), ["ouvre intrusion tamper P4"]),
    (
        "autosurveillance, état jamais entendu",
        NEVER_HEARD,
        cid("1144"),
        ["ouvre intrusion tamper P2 [presumed_armed]"],
    ),
    ("brouillage radio, en service", BY_NIGHT, sia("XQ"), ["ouvre intrusion tamper P2"]),
    ("intrusion, un point", BY_NIGHT, cid("1130"), ["ouvre intrusion intrusion P3"]),
    ("froid", BY_DAY, cid("1152"), ["ouvre technical environment P3"]),
    ("eau", BY_DAY, cid("1154"), ["ouvre technical water P3"]),
    ("technique vital (ascenseur)", BY_DAY, cid("1150"), ["ouvre technical technical P3"]),
    ("non mise en service", BY_DAY, cid("1454", "003"), ["ouvre intrusion open_close P4"]),
    ("batterie basse", BY_DAY, cid("1302", "000", "00"), ["ouvre technical power P5"]),
    ("défaut de transmission", BY_DAY, cid("1350", "000", "00"), ["ouvre technical communication P5"]),
    ("absence secteur", BY_DAY, cid("1301", "000", "00"), ["ouvre technical power P6"]),
    ("test cyclique : pas de dossier", BY_DAY, cid("1602", "000", "00"), []),
    ("test cyclique SIA : pas de dossier", BY_DAY, sia("RP", "0"), []),
    ("accès : pas de dossier", BY_DAY, cid("1422", "003"), []),
    ("inhibition : pas de dossier", BY_DAY, cid("1570"), []),
    ("mise en service : pas de dossier", BY_DAY, cid("3401", "003"), []),
    ("code inconnu : un opérateur le voit", BY_DAY, cid("1ABC"), ["ouvre service unknown P2 [unknown_code]"]),
]


@pytest.mark.parametrize(("title", "view", "event", "expected"), P8, ids=[c[0] for c in P8])
def test_p8_table_des_priorites(title: str, view: Any, event: Event, expected: list[str]) -> None:
    assert told(decided(view, event)) == expected


LINES: list[tuple[str, Any, list[str]]] = [
    ("une voie de deux, en service", site(), ["ouvre technical path P5"]),
    ("une voie de deux, hors service", site(armed=False), ["ouvre technical path P6"]),
    (
        "toutes voies, en service",
        site(panels=(panel(paths=(path(1), path(2, "lost"))),)),
        ["ouvre intrusion path P2 [all_paths]"],
    ),
    (
        "voie unique, hors service",
        site(armed=False, panels=(panel(paths=(path(1),)),)),
        ["ouvre intrusion path P4 [all_paths]"],
    ),
    (
        "seule voie surveillée (l'autre n'a pas de rythme)",
        site(panels=(panel(paths=(path(1), path(2, "unknown", None))),)),
        ["ouvre intrusion path P2 [all_paths]"],
    ),
    (
        "état jamais entendu, l'horaire dit fermé",
        site(armed=None, schedule=NIGHT, panels=(panel(paths=(path(1),)),)),
        ["ouvre intrusion path P2 [all_paths, presumed_armed]"],
    ),
]


@pytest.mark.parametrize(("title", "view", "expected"), LINES, ids=[c[0] for c in LINES])
def test_p8_table_des_voies(title: str, view: Any, expected: list[str]) -> None:
    decisions = decided(view, line_event("path_lost"), path_id=1)
    assert told(decisions) == expected
    assert told(decisions, states=True)[0] == "voie 1 lost"


def test_la_voie_revenue_clot_son_defaut_et_rend_la_ligne() -> None:
    fault = incident(
        family="technical", category="path", priority=5, state="new", clears_by_restore=True,
        points=(point("path:1", "path", area=None),),
    )  # fmt: skip
    cut = incident(11, category="path", priority=2, state="new", points=(point("line:1", "path", area=None),))
    assert told(decided(site(), line_event("path_back"), fault, cut, path_id=1), states=True) == [
        "voie 1 up",
        "montré dans 10 (restore)",
        "path:1 normal par restore dans 10",
        "clôt 10 (path_back)",
        "montré dans 11 (restore)",
        "line:1 normal par restore dans 11",
    ]


def test_beaucoup_de_voies_perdues_ensemble_n_ouvrent_pas_chacune_un_dossier() -> None:
    assert told(decided(site(), line_event("path_lost", many="2026-000001"), path_id=1), states=True) == [
        "voie 1 lost",
        "inscrit (many_paths)",
    ]


ONE_PATH = site(panels=(panel(paths=(path(1),)),))

MANY: list[tuple[str, Any, Any, list[str]]] = [
    ("intrusion en cours", ONE_PATH, incident(), ["rejoint 10 sonne (higher) P2 [all_paths]"]),
    (
        "agression en cours",
        ONE_PATH,
        incident(family="person", category="panic", priority=1),
        ["ouvre intrusion path P2 lié à 10 [all_paths]"],
    ),
    (
        "site en essai",
        replace(ONE_PATH, on_tests=(on_test(),)),
        None,
        ["ouvre intrusion path P2 [all_paths]", "a percé l'essai line:1"],
    ),
    (
        "un défaut technique seul",
        site(),
        incident(family="technical", category="power", priority=5),
        ["inscrit (many_paths)"],
    ),
]


@pytest.mark.parametrize(("title", "view", "open_one", "expected"), MANY, ids=[c[0] for c in MANY])
def test_une_coupure_parmi_d_autres_se_voit_sur_le_site_dont_on_traite_l_alarme(
    title: str, view: Any, open_one: Any, expected: list[str]
) -> None:
    dossiers = () if open_one is None else (open_one,)
    assert told(decided(view, line_event("path_lost", many="2026-000001"), *dossiers, path_id=1)) == expected


HOURS: list[tuple[str, Any, Event, list[str]]] = [
    (
        "mise hors service dans la plage fermée",
        site(schedule=NIGHT),
        cid("1401", "003"),
        ["ouvre intrusion open_close P4 [outside_hours]"],
    ),
    (
        "la centrale dit «hors plage»",
        site(),
        cid("1450", "003"),
        ["ouvre intrusion open_close P4 [outside_hours]"],
    ),
    ("SIA : anticipée (OK)", site(), sia("OK", "3"), ["ouvre intrusion open_close P4 [outside_hours]"]),
    ("sans horaire : une information", site(), cid("1401", "003"), []),
    ("mise en service dans la plage fermée : une information", site(schedule=NIGHT), cid("3401", "003"), []),
]


@pytest.mark.parametrize(("title", "view", "event", "expected"), HOURS, ids=[c[0] for c in HOURS])
def test_p8_mise_hors_service_hors_plage(title: str, view: Any, event: Event, expected: list[str]) -> None:
    assert told(decided(view, event)) == expected


def test_mise_hors_service_hors_plage_rejoint_l_intrusion_et_sonne() -> None:
    assert told(decided(site(schedule=NIGHT), cid("1401", "003"), incident())) == [
        "montré dans 10 (arming)",
        "rejoint 10 sonne (new_point) [outside_hours]",
    ]


def classified(event: Event, **layers: Any) -> Any:
    """The class of an event with exceptions at the layers named."""
    held = zone("1", codes=layers.get("zone", ()), kind=layers.get("kind"))
    view = replace(
        site(customer_codes=layers.get("customer", ()), codes=layers.get("site", ())),
        panels=(with_zone(panel(model_codes=layers.get("model", ())), held),),
    )
    return classify(view, heard(event), event, Rules(codes=layers.get("centre", ())))


def test_les_exceptions_vont_du_general_au_particulier() -> None:
    order = ["centre", "model", "customer", "site", "zone"]
    for n in range(1, len(order) + 1):
        layers = {name: ({"code": "130", "priority": 3 + i},) for i, name in enumerate(order[:n])}
        assert classified(cid("1130"), **layers).priority == 2 + n, order[n - 1]


def test_une_exception_ne_change_que_ce_qu_elle_dit() -> None:
    cls = classified(cid("1130"), customer=({"code": "130", "take": 20},), zone=({"needs_operator": False},))
    assert (cls.priority, cls.take, cls.act, cls.needs_operator) == (3, 20, 120, False)


def test_une_exception_par_categorie_et_une_autre_de_code() -> None:
    rules = ({"when": "intrusion", "priority": 4}, {"code": "131", "priority": 2})
    assert classified(cid("1130"), site=rules).priority == 4
    assert classified(cid("1131"), site=rules).priority == 2
    assert classified(cid("1144"), site=rules).priority == 2  # tamper while armed: untouched


def test_la_categorie_d_une_couche_particuliere_oublie_la_priorite_generale() -> None:
    cls = classified(cid("1130"), customer=({"code": "130", "priority": 5},), zone=({"category": "fire"},))
    assert (cls.category, cls.priority, cls.family, cls.take) == (Category.FIRE, 2, "fire", 30)


KINDS: list[tuple[str, str, Event, Category, int]] = [
    ("détecteur de fumée câblé sur une entrée qui envoie 130", "fire", cid("1130"), Category.FIRE, 2),
    ("bouton agression câblé en intrusion", "hold_up", cid("1130"), Category.HOLD_UP, 1),
    ("sonde de froid qui envoie 150", "environment", cid("1150"), Category.ENVIRONMENT, 3),
    (
        "un code incendie sur un point déclaré intrusion reste incendie",
        "intrusion",
        cid("1110"),
        Category.FIRE,
        2,
    ),
    (
        "l'autosurveillance d'un point incendie reste autosurveillance",
        "fire",
        cid("1144"),
        Category.TAMPER,
        2,
    ),
    ("le défaut d'un point incendie reste un défaut", "fire", cid("1380"), Category.TECHNICAL, 6),
    (
        "une agression sur un point déclaré intrusion reste une agression",
        "intrusion",
        cid("1122"),
        Category.HOLD_UP,
        1,
    ),
]


@pytest.mark.parametrize(("title", "kind", "event", "category", "priority"), KINDS, ids=[k[0] for k in KINDS])
def test_le_genre_du_point(title: str, kind: str, event: Event, category: Category, priority: int) -> None:
    cls = classified(event, kind=kind)
    assert (cls.category, cls.priority) == (category, priority)


def test_la_fin_d_un_130_de_point_incendie_rend_le_point_incendie() -> None:
    view = site(panels=(with_zone(panel(), zone("1", kind="fire")),))
    dossier = incident(family="fire", category="fire", priority=2, points=(point("zone:1:1/fire", "fire"),))
    assert "zone:1:1/fire normal par restore dans 10" in told(decided(view, cid("3130"), dossier))


def test_en_50518_trente_secondes_pour_les_personnes_et_le_feu() -> None:
    for event, take in (
        (cid("1120"), 30),
        (cid("1110"), 30),
        (cid("1151"), 30),
        (cid("1130"), 90),
        (cid("1301"), 900),  # P8: a fault is no alarm
    ):
        assert classified(event).take == take


@pytest.mark.parametrize("code", sorted(contact_id.TABLE))
def test_chaque_code_contact_id_a_sa_classe(code: str) -> None:
    """P8 as bounds: information 7–10, faults 5–6 (4 when all paths), alarms 1–4."""
    event = cid(f"1{code}")
    cls = classify(site(), heard(event), event)
    low, high = {Nature.ALARM: (1, 4), Nature.FAULT: (5, 6), Nature.INFORMATION: (7, 10)}[cls.nature]
    assert low <= cls.priority <= high
    assert cls.needs_operator is (cls.nature is not Nature.INFORMATION)


@pytest.mark.parametrize("code", sorted(sia_codes.TABLE))
def test_chaque_code_sia_a_sa_classe(code: str) -> None:
    event = sia(code)
    cls = classify(site(), heard(event), event)
    low, high = {Nature.ALARM: (1, 4), Nature.FAULT: (5, 6), Nature.INFORMATION: (7, 10)}[cls.nature]
    assert low <= cls.priority <= high


def test_un_point_decouvert_ne_garde_pas_le_genre_de_son_premier_code() -> None:
    """A point that first dialled a technical code and then 130 is an intrusion all the same."""
    world = Imagined(site())
    for event in (cid("1150", "042"), cid("1130", "042")):
        said = heard(event)
        world = world.after(said, decide(world.site, world.incidents, said, said.at))
    assert [i.family for i in world.incidents] == ["technical", "intrusion"]
