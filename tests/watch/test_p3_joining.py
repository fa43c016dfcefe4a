"""Practice P3 and need 1 («réveil»): what joins, what opens, what rings again. The twelve cases first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.watch.watch_stage import (
    NOW,
    cid,
    decided,
    incident,
    line_event,
    panel,
    path,
    point,
    sia,
    site,
    told,
)
from veilleur.protocols.events import Event
from veilleur.watch.decisions import Join, Open
from veilleur.watch.view import Rules

GROUPS = {"boutique A": ("1",), "boutique B": ("2",)}

# title, site, event, open dossiers, what is decided
Case = tuple[str, Any, Event, tuple[Any, ...], list[str]]
TWELVE: list[Case] = [
    (
        "1. point connu, dossier pris : compté et montré, ne sonne pas",
        site(),
        cid("1130"),
        (incident(),),
        ["rejoint 10 sans sonner"],
    ),
    (
        "2. nouveau point, dossier pris : sonne, et l'intrusion est confirmée",
        site(),
        cid("1130", "002"),
        (incident(),),
        ["rejoint 10 sonne (higher) P2 [confirmed]"],
    ),
    (
        "3. troisième point, dossier pris déjà confirmé : sonne comme nouveau point",
        site(),
        cid("1130", "003"),
        (incident(priority=2, points=(point("zone:1:1"), point("zone:1:2"))),),
        ["rejoint 10 sonne (new_point) [confirmed]"],
    ),
    (
        "4. point connu, dossier en attente : sonne",
        site(),
        cid("1130"),
        (incident(state="parked"),),
        ["rejoint 10 sonne (parked)"],
    ),
    (
        "5. point connu, agent en route : sonne, prévenir l'agent",
        site(),
        cid("1130"),
        (incident(agent="on_the_way"),),
        ["rejoint 10 sonne (agent) prévenir l'agent"],
    ),
    (
        "6. nouveau point, agent en route : sonne, prévenir l'agent",
        site(),
        cid("1130", "003"),
        (incident(priority=2, agent="on_the_way", points=(point("zone:1:1"), point("zone:1:2"))),),
        ["rejoint 10 sonne (new_point) prévenir l'agent [confirmed]"],
    ),
    (
        "7. point connu pendant la présence de l'agent : montré et dit, ne sonne pas",
        site(),
        cid("1130"),
        (incident(agent="on_site"),),
        ["rejoint 10 sans sonner pendant la présence"],
    ),
    (
        "8. nouveau point pendant la présence de l'agent : sonne, prévenir l'agent",
        site(),
        cid("1130", "003"),
        (incident(priority=2, agent="finding", points=(point("zone:1:1"), point("zone:1:2"))),),
        ["rejoint 10 sonne (new_point) prévenir l'agent pendant la présence [confirmed]"],
    ),
    (
        "9. autosurveillance du même détecteur, site en service : priorité plus haute, sonne",
        site(),
        cid("1144"),
        (incident(),),
        ["rejoint 10 sonne (higher) P2"],
    ),
    (
        "10. autre famille (agression) : dossier lié qui sonne, l'agent est prévenu",
        site(),
        cid("1120", "004"),
        (incident(agent="accepted"),),
        ["ouvre person panic P1 lié à 10", "prévenir l'agent de 10"],
    ),
    (
        "11. autre groupe de secteurs (autre boutique) : dossier lié",
        site(area_groups=GROUPS),
        cid("1130", "005", "02"),
        (incident(group="boutique A"),),
        ["ouvre intrusion intrusion P3 lié à 10"],
    ),
    (
        "12. toutes voies perdues pendant l'intrusion : la ligne rejoint, priorité plus haute",
        site(panels=(panel(paths=(path(1), path(2, "lost"))),)),
        line_event("path_lost"),
        (incident(state="parked"),),
        ["rejoint 10 sonne (higher) P2 [all_paths]"],
    ),
]


@pytest.mark.parametrize(
    ("title", "view", "event", "dossiers", "expected"), TWELVE, ids=[c[0] for c in TWELVE]
)
def test_besoin_1_table_du_reveil(
    title: str, view: Any, event: Event, dossiers: tuple[Any, ...], expected: list[str]
) -> None:
    assert told(decided(view, event, *dossiers, path_id=1)) == expected


MORE: list[Case] = [
    ("une alarme seule ouvre", site(), cid("1130"), (), ["ouvre intrusion intrusion P3"]),
    (
        "incendie pendant une intrusion : dossier lié",
        site(),
        cid("1110", "004"),
        (incident(),),
        ["ouvre fire fire P2 lié à 10"],
    ),
    (
        "gaz pendant un incendie : même famille, priorité plus haute",
        site(),
        cid("1151", "004"),
        (incident(family="fire", category="fire", priority=2, points=(point("zone:1:3", "fire"),)),),
        ["rejoint 10 sonne (higher) P1"],
    ),
    (
        "technique pendant une intrusion : dossier lié, l'agent n'est pas dérangé par un défaut",
        site(),
        cid("1302", "000", "00"),
        (incident(agent="on_the_way"),),
        ["ouvre technical power P5 lié à 10"],
    ),
    (
        "même groupe, autre secteur : rejoint",
        site(),
        cid("1130", "005", "02"),
        (incident(),),
        ["rejoint 10 sonne (higher) P2 [confirmed]"],
    ),
    (
        "dossier nouveau que personne n'a pris : le nouveau point sonne aussi",
        site(),
        cid("1144", "002"),
        (incident(state="new", priority=2),),
        ["rejoint 10 sonne (new_point)"],
    ),
    (
        "dossier en cours de clôture : rouvert par le point connu",
        site(),
        cid("1130"),
        (incident(state="closing"),),
        ["rejoint 10 sonne (closing)"],
    ),
    (
        "une voie perdue de deux pendant l'intrusion d'une autre boutique : la ligne est à tous",
        site(area_groups=GROUPS),
        line_event("path_lost"),
        (incident(group="boutique B"),),
        ["rejoint 10 sonne (new_point)"],
    ),
    (
        "défaut de ligne dit par la centrale pendant une intrusion : une seule famille, rejoint et sonne",
        site(),
        cid("1351", "000", "00"),
        (incident(agent="on_the_way"),),
        ["rejoint 10 sonne (new_point) prévenir l'agent"],
    ),
    (
        "défaut de transmission pendant l'intrusion d'une autre boutique : la ligne est à tous",
        site(area_groups=GROUPS),
        cid("1350", "000", "01"),
        (incident(group="boutique B"),),
        ["rejoint 10 sonne (new_point)"],
    ),
    (
        "défaut de ligne seul : un défaut, P5",
        site(),
        cid("1351", "000", "00"),
        (),
        ["ouvre technical communication P5"],
    ),
    (
        "défaut de ligne pendant un incendie : dossier lié",
        site(),
        cid("1351", "000", "00"),
        (incident(family="fire", category="fire", priority=2, points=(point("zone:1:3", "fire"),)),),
        ["ouvre technical communication P5 lié à 10"],
    ),
    (
        "deux dossiers de la famille : celui qui connaît le point, non le plus grave",
        site(),
        cid("1130", "004"),
        (incident(10, priority=2), incident(11, points=(point("zone:1:4"),))),
        ["rejoint 11 sans sonner"],
    ),
    (
        "agression puis contrainte : même famille, autre point, sonne",
        site(),
        cid("1121", "007"),
        (incident(family="person", category="panic", priority=1, points=(point("zone:1:4", "panic"),)),),
        ["rejoint 10 sonne (new_point)"],
    ),
    (
        "toujours présent (qualificatif 6) : le point est connu, ne sonne pas",
        site(),
        cid("6130"),
        (incident(),),
        ["rejoint 10 sans sonner"],
    ),
    (
        "toujours présent sans dossier : nous avons manqué le début, un dossier s'ouvre",
        site(),
        cid("6130"),
        (),
        ["ouvre intrusion intrusion P3"],
    ),
    (
        "annulation par l'usager : montrée, ne clôt rien",
        site(),
        sia("BC", "3"),
        (incident(),),
        ["montré dans 10 (info)"],
    ),
]


@pytest.mark.parametrize(("title", "view", "event", "dossiers", "expected"), MORE, ids=[c[0] for c in MORE])
def test_p3_table_des_rattachements(
    title: str, view: Any, event: Event, dossiers: tuple[Any, ...], expected: list[str]
) -> None:
    assert told(decided(view, event, *dossiers, path_id=1)) == expected


def test_les_limites_suivent_la_priorite_qui_monte() -> None:
    (joined,) = [d for d in decided(site(), cid("1130", "002"), incident()) if isinstance(d, Join)]
    assert joined.limits == {"take": 90, "act": 120}


def test_la_contrainte_marque_le_dossier() -> None:
    (joined,) = [
        d
        for d in decided(site(), cid("1121", "007"), incident(family="person", category="panic", priority=1))
        if isinstance(d, Join)
    ]
    assert joined.duress is True
    (opened,) = [d for d in decided(site(), cid("1121", "007")) if isinstance(d, Open)]
    assert (opened.duress, opened.priority, opened.family) == (True, 1, "person")


@pytest.mark.parametrize(("seconds", "confirmed"), [(60, True), (3600, True), (3601, False)])
def test_deux_points_confirment_dans_leur_delai_seulement(seconds: int, confirmed: bool) -> None:
    old = incident(points=(point("zone:1:1", ago=seconds),), opened_at=NOW - timedelta(seconds=seconds))
    (joined,) = [d for d in decided(site(), cid("1130", "002"), old, rules=Rules()) if isinstance(d, Join)]
    assert (joined.priority == 2) is confirmed


def test_le_meme_point_deux_fois_ne_confirme_rien() -> None:
    (joined,) = [d for d in decided(site(), cid("1131"), incident()) if isinstance(d, Join)]
    assert joined.priority is None
    assert joined.ring is None
