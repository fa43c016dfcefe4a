"""Practice P5: normal is reached by the restore or by arming, whichever the setting accepts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.watch.watch_stage import cid, decided, incident, panel, point, sia, site, told, with_zone, zone
from veilleur.protocols.events import Event


def sending(word: str) -> Any:
    """A site whose panel says it sends its ends of alarm, or not; its model says nothing."""
    return site(panels=(panel(sends_restores=word),))


BY_RESTORE = "zone:1:1 normal par restore dans 10"
BY_ARMING = "zone:1:1 normal par arming dans 10"

Case = tuple[str, Any, Event, Any, str, bool]
CASES: list[Case] = [
    ("envoie : oui → la fin d'alarme", sending("yes"), cid("3130"), incident(), BY_RESTORE, True),
    (
        "envoie : oui → la mise en service ne suffit pas",
        sending("yes"),
        cid("3401", "003"),
        incident(),
        BY_ARMING,
        False,
    ),
    ("envoie : non → la mise en service", sending("no"), cid("3401", "003"), incident(), BY_ARMING, True),
    (
        "envoie : non → une fin d'alarme reçue compte tout de même",
        sending("no"),
        cid("3130"),
        incident(),
        BY_RESTORE,
        True,
    ),
    (
        "à la mise hors service → la fin d'alarme",
        sending("on_disarm"),
        cid("3130"),
        incident(),
        BY_RESTORE,
        True,
    ),
    (
        "à la mise hors service → la mise en service",
        sending("on_disarm"),
        cid("3401", "003"),
        incident(),
        BY_ARMING,
        True,
    ),
    ("inconnu → la mise en service", sending("unknown"), cid("3401", "003"), incident(), BY_ARMING, True),
    ("inconnu → la fin d'alarme", sending("unknown"), cid("3130"), incident(), BY_RESTORE, True),
    (
        "mise hors service : rien n'est revenu",
        sending("no"),
        cid("1401", "003"),
        incident(),
        BY_ARMING,
        False,
    ),
    (
        "mise en service partielle : l'intérieur n'est pas gardé",
        sending("no"),
        cid("3441", "003"),
        incident(),
        BY_ARMING,
        False,
    ),
    ("autre secteur", sending("no"), cid("3401", "003", "02"), incident(), BY_ARMING, False),
    ("secteur 00 : tout le site", sending("no"), cid("3401", "003", "00"), incident(), BY_ARMING, True),
    ("SIA : CL avec son secteur", sending("no"), sia("CL", "3"), incident(), BY_ARMING, True),
    (
        "un incendie ne revient pas par une mise en service",
        sending("no"),
        cid("3401", "003"),
        incident(family="fire", points=(point("zone:1:1", "fire"),)),
        BY_ARMING,
        False,
    ),
    (
        "une alarme reçue après la mise en service n'est pas effacée par elle",
        sending("no"),
        cid("3401", "003"),
        incident(points=(point("zone:1:1", ago=-5),)),
        BY_ARMING,
        False,
    ),
    (
        "le point l'emporte sur la centrale",
        site(panels=(with_zone(panel(sends_restores="no"), zone("1", sends_restores="yes")),)),
        cid("3401", "003"),
        incident(),
        BY_ARMING,
        False,
    ),
    (
        "le modèle vaut quand la centrale ne dit rien",
        site(panels=(panel(sends_restores="unknown", model_sends_restores="no"),)),
        cid("3401", "003"),
        incident(),
        BY_ARMING,
        True,
    ),
]


@pytest.mark.parametrize(
    ("title", "view", "event", "dossier", "line", "back"), CASES, ids=[c[0] for c in CASES]
)
def test_p5_table_du_retour_a_la_normale(
    title: str, view: Any, event: Event, dossier: Any, line: str, back: bool
) -> None:
    assert (line in told(decided(view, event, dossier))) is back


def test_non_mise_en_service_revient_par_la_mise_en_service() -> None:
    dossier = incident(category="open_close", priority=4, points=(point("area:1", "open_close"),))
    assert "area:1 normal par arming dans 10" in told(decided(sending("yes"), sia("CL", "3"), dossier))


def test_mise_en_service_ne_clot_aucun_dossier() -> None:
    assert not [
        line for line in told(decided(sending("no"), cid("3401", "003"), incident())) if "clôt" in line
    ]


ARMINGS = [
    ("1401 est une mise HORS service", cid("1401", "003"), ["secteur 1 hors service"]),
    ("3401 est une mise EN service", cid("3401", "003"), ["secteur 1 en service"]),
    ("3441 partielle", cid("3441", "003"), ["secteur 1 en service partiel"]),
    ("1463 remise en service après alarme", cid("1463", "003"), ["secteur 1 en service"]),
    ("SIA OP", sia("OP", "3", "2"), ["secteur 2 hors service"]),
    ("SIA CL", sia("CL", "3", "2"), ["secteur 2 en service"]),
    ("SIA NL périmétrique", sia("NL", "1"), ["secteur 1 en service partiel"]),
    ("00 : chaque secteur connu", cid("3401", "003", "00"), ["secteur 1 en service", "secteur 2 en service"]),
    ("6401 état rappelé : ne change rien", cid("6401", "003"), []),
]


@pytest.mark.parametrize(("title", "event", "expected"), ARMINGS, ids=[a[0] for a in ARMINGS])
def test_table_des_mises_en_et_hors_service(title: str, event: Event, expected: list[str]) -> None:
    assert told(decided(site(), event), states=True) == expected


def test_site_sans_secteur_connu_tout_le_site() -> None:
    assert told(decided(site(armed=None), cid("3401", "003", "00")), states=True) == ["secteur 0 en service"]


def test_le_point_neutralise_le_reste_apres_sa_fin_d_alarme() -> None:
    view = site(panels=(with_zone(panel(), replace(zone("1"), state="bypassed")),))
    assert told(decided(view, cid("3130")), states=True) == []
    assert told(decided(view, cid("3570")), states=True) == ["point 1 normal"]
    assert told(decided(site(), cid("1570")), states=True) == ["point 1 bypassed"]
