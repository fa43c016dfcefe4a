"""Practice P10: what a test covers is noted, what always breaks through, and the states of the connection (need 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.watch.watch_stage import (
    NIGHT,
    NOW,
    cid,
    decided,
    incident,
    line_event,
    on_test,
    panel,
    path,
    point,
    sia,
    site,
    told,
)
from veilleur.protocols.events import Event
from veilleur.watch.decisions import BrokeThrough, TestNote

WHOLE = site(on_tests=(on_test(),))
ZONE_2 = site(on_tests=(on_test(zones=frozenset({"2"})),))
AREA_2 = site(on_tests=(on_test(areas=frozenset({"2"})),))

P10: list[tuple[str, Any, Event, list[str]]] = [
    ("intrusion d'un point du dossier de site : notée", WHOLE, cid("1130"), ["noté en essai zone:1:1"]),
    ("incendie : noté", WHOLE, cid("1110", "004"), ["noté en essai zone:1:4/fire"]),
    ("défaut : noté", WHOLE, cid("1301", "000", "00"), ["noté en essai panel:1:301"]),
    ("fin d'alarme : notée", WHOLE, cid("3130"), ["noté en essai zone:1:1"]),
    (
        "point jamais vu au dossier : traverse",
        WHOLE,
        cid("1130", "042"),
        ["ouvre intrusion intrusion P3 [on_test, unknown_zone]", "a percé l'essai zone:1:42"],
    ),
    (
        "autosurveillance : traverse",
        WHOLE,
        cid("1144"),
        ["ouvre intrusion tamper P2 [on_test]", "a percé l'essai zone:1:1/tamper"],
    ),
    (
        "brouillage : traverse",
        WHOLE,
        sia("XQ"),
        ["ouvre intrusion tamper P2 [on_test]", "a percé l'essai panel:1:XQ:1"],
    ),
    (
        "défaut de ligne dit par la centrale : traverse",
        WHOLE,
        cid("1351", "000", "00"),
        ["ouvre technical communication P5 [on_test]", "a percé l'essai panel:1:351"],
    ),
    (
        "agression : traverse",
        WHOLE,
        cid("1120"),
        ["ouvre person panic P1 [on_test]", "a percé l'essai zone:1:1/panic"],
    ),
    (
        "contrainte : traverse",
        WHOLE,
        cid("1121", "007"),
        ["ouvre person duress P1 [on_test]", "a percé l'essai user:1:7:121"],
    ),
    (
        "médical : traverse",
        WHOLE,
        cid("1100"),
        ["ouvre person medical P1 [on_test]", "a percé l'essai zone:1:1/medical"],
    ),
    (
        "code inconnu : traverse",
        WHOLE,
        cid("1ABC"),
        ["ouvre service unknown P2 [on_test, unknown_code]", "a percé l'essai panel:1:ABC:1"],
    ),
    ("hors du périmètre (autre point) : traité", ZONE_2, cid("1130"), ["ouvre intrusion intrusion P3"]),
    ("dans le périmètre : noté", ZONE_2, cid("1130", "002"), ["noté en essai zone:1:2"]),
    ("hors du périmètre (autre secteur) : traité", AREA_2, cid("1130"), ["ouvre intrusion intrusion P3"]),
    ("dans le secteur en essai : noté", AREA_2, cid("1130", "005", "02"), ["noté en essai zone:1:5"]),
    (
        "secteur que le signal ne dit pas : celui du point",
        AREA_2,
        cid("1130", "005", "00"),
        ["noté en essai zone:1:5"],
    ),
    (
        "défaut de centrale pendant l'essai d'un secteur : traité",
        AREA_2,
        cid("1302", "000", "00"),
        ["ouvre technical power P5"],
    ),
    ("test cyclique : rien", WHOLE, cid("1602", "000", "00"), []),
    (
        "mise hors service la nuit pendant l'essai : jamais «hors plage»",
        replace(WHOLE, schedule=NIGHT),
        cid("1401", "003"),
        ["noté en essai user:1:3:401"],
    ),
]


@pytest.mark.parametrize(("title", "view", "event", "expected"), P10, ids=[c[0] for c in P10])
def test_p10_table_de_l_essai(title: str, view: Any, event: Event, expected: list[str]) -> None:
    assert told(decided(view, event)) == expected


def test_perte_de_voie_pendant_l_essai_traverse() -> None:
    view = site(on_tests=(on_test(),), panels=(panel(paths=(path(1),)),))
    assert told(decided(view, line_event("path_lost"), path_id=1)) == [
        "ouvre intrusion path P2 [all_paths]",
        "a percé l'essai line:1",
    ]


@pytest.mark.parametrize(
    ("verdict", "event"), [("unreadable", None), ("clear_refused", cid("1130")), ("other_line", cid("1130"))]
)
def test_ce_que_l_on_ne_croit_pas_est_dit_dans_la_liste_de_l_essai(verdict: str, event: Event | None) -> None:
    opened, through = told(decided(WHOLE, event, verdict=verdict))
    assert opened.startswith("ouvre service")
    assert through.startswith("a percé l'essai panel:1:")
    assert len(told(decided(AREA_2, None, verdict="unreadable"))) == 1, (
        "no area is known of it: not of the test"
    )


@pytest.mark.parametrize(
    ("title", "test"),
    [
        ("pas encore commencé", on_test(started_at=NOW + timedelta(seconds=1))),
        ("l'heure est passée, même si personne ne l'a encore clos", on_test(until=NOW)),
        ("autre centrale", on_test(panel_id=9)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_essai_qui_ne_couvre_pas(title: str, test: Any) -> None:
    assert told(decided(site(on_tests=(test,)), cid("1130"))) == ["ouvre intrusion intrusion P3"]


def test_signal_recu_pendant_l_essai_et_decide_apres() -> None:
    """The hour of reception decides, not ours: a late watch judges as a prompt one."""
    over = site(on_tests=(on_test(until=NOW - timedelta(seconds=5)),))
    assert told(decided(over, cid("1130"), at=NOW - timedelta(seconds=30))) == ["noté en essai zone:1:1"]


def test_l_essai_ne_touche_pas_au_dossier_deja_ouvert_sauf_retour_du_point() -> None:
    assert told(decided(WHOLE, cid("1130"), incident())) == ["noté en essai zone:1:1"]
    assert "zone:1:1 normal par restore dans 10" in told(decided(WHOLE, cid("3130"), incident()))


NEED_3: list[tuple[str, str, Event | None, str, list[str]]] = [
    (
        "en cours : intrusion",
        "connecting",
        cid("1130"),
        "accepted",
        ["point 1 alarm", "inscrit (connecting)"],
    ),
    (
        "en cours : agression, encore au PV",
        "connecting",
        cid("1120"),
        "accepted",
        ["point 1 alarm", "inscrit (connecting)"],
    ),
    (
        "en cours : fin d'alarme",
        "connecting",
        cid("3130"),
        "accepted",
        ["point 1 normal", "inscrit (connecting)"],
    ),
    (
        "en cours : point nouveau",
        "connecting",
        cid("1130", "042"),
        "accepted",
        ["nouveau point 42", "point 42 alarm", "inscrit (connecting)"],
    ),
    ("en cours : test cyclique", "connecting", cid("1602", "000"), "accepted", ["inscrit (connecting)"]),
    (
        "en cours : mise en service",
        "connecting",
        cid("3401", "003"),
        "accepted",
        ["secteur 1 en service", "inscrit (connecting)"],
    ),
    ("en cours : illisible", "connecting", None, "unreadable", ["inscrit (connecting)"]),
    (
        "en service : traité",
        "in_service",
        cid("1130"),
        "accepted",
        ["point 1 alarm", "ouvre intrusion intrusion P3"],
    ),
    (
        "suspendu : traité avec l'avis",
        "suspended",
        cid("1130"),
        "accepted",
        ["point 1 alarm", "ouvre intrusion intrusion P3 [suspended]"],
    ),
    ("résilié : écrit, jamais traité", "terminated", cid("1130"), "accepted", ["inscrit (terminated)"]),
    ("résilié : agression, jamais traitée", "terminated", cid("1120"), "accepted", ["inscrit (terminated)"]),
    ("résilié : test cyclique, rien", "terminated", cid("1602", "000"), "accepted", []),
]


@pytest.mark.parametrize(
    ("title", "state", "event", "verdict", "expected"), NEED_3, ids=[c[0] for c in NEED_3]
)
def test_besoin_3_le_raccordement_decide(
    title: str, state: str, event: Event | None, verdict: str, expected: list[str]
) -> None:
    assert told(decided(site(connection=state), event, verdict=verdict), states=True) == expected


VERDICTS: list[tuple[str, Event | None, str, list[str]]] = [
    ("illisible : un dossier", None, "unreadable", ["ouvre service unknown P2 [unreadable]"]),
    (
        "non authentifié : le contenu est montré, sa priorité aussi",
        cid("1130"),
        "clear_refused",
        ["ouvre service intrusion P3 [unauthenticated]"],
    ),
    (
        "non authentifié : une agression prétendue",
        cid("1120"),
        "clear_refused",
        ["ouvre service panic P1 [unauthenticated]"],
    ),
    (
        "non authentifié : une fin d'alarme n'efface rien",
        cid("3130"),
        "clear_refused",
        ["ouvre service intrusion P3 [unauthenticated]"],
    ),
    (
        "compte connu sur une autre ligne : un dossier, sans toucher au point ni au service",
        cid("1130"),
        "other_line",
        ["ouvre service intrusion P3 [other_line]"],
    ),
    (
        "compte connu sur une autre ligne, code inconnu : P2",
        cid("1ABC"),
        "other_line",
        ["ouvre service unknown P2 [other_line]"],
    ),
    ("compte connu sur une autre ligne, essai : compté", cid("1602"), "other_line", []),
    ("compte connu sur une autre ligne, fin d'alarme : comptée", cid("3130"), "other_line", []),
    ("compte connu sur une autre ligne, test de liaison : compté", None, "other_line", []),
    ("fantôme : la file des fantômes", cid("1130"), "ghost", []),
    ("sans clé : trouble de sécurité", None, "no_key", []),
    ("mauvaise clé : trouble de sécurité", None, "bad_key", []),
    ("hors de l'heure : trouble de dérive", cid("1130"), "stale", []),
    ("code inconnu", cid("1ABC"), "unknown_code", ["ouvre service unknown P2 [unknown_code]"]),
]


@pytest.mark.parametrize(("title", "event", "verdict", "expected"), VERDICTS, ids=[c[0] for c in VERDICTS])
def test_table_des_verdicts(title: str, event: Event | None, verdict: str, expected: list[str]) -> None:
    assert told(decided(site(), event, verdict=verdict), states=True) == expected


def test_non_authentifie_ne_rejoint_jamais_une_vraie_intrusion_et_ne_sonne_qu_une_fois() -> None:
    assert told(decided(site(), cid("1130"), incident(), verdict="clear_refused")) == [
        "ouvre service intrusion P3 lié à 10 [unauthenticated]"
    ]
    known = incident(11, family="service", points=(point("panel:1:unauthenticated", area=None),))
    assert told(decided(site(), cid("1130"), known, verdict="clear_refused")) == [
        "rejoint 11 sans sonner [unauthenticated]"
    ]


def test_deux_essais_qui_se_recouvrent_ont_chacun_leur_liste() -> None:
    both = site(on_tests=(on_test(), replace(on_test(zones=frozenset({"1"})), id=8)))
    noted = [each for each in decided(both, cid("1130")) if isinstance(each, TestNote)]
    assert [each.test_id for each in noted] == [on_test().id, 8]
    through = [each for each in decided(both, cid("1120")) if isinstance(each, BrokeThrough)]
    assert [each.test_id for each in through] == [on_test().id, 8]
