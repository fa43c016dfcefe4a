"""Practice P4: goods are «à justifier», persons always open; two unanswered calls prove nothing; rules are dated data."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from veilleur.features.handling.doors import (
    KINDS,
    Evidence,
    HeardPoint,
    SettledCall,
    clues_of_points,
    doors,
    pass_door,
    two_callbacks,
)
from veilleur.features.handling.rules import all_rules, read_rule, rule_for, shipped_rules, zone_of
from veilleur.features.incidents.naming import own_name
from veilleur.kernel.errors import SettingsError
from veilleur.locale.render import render_entry

RULE = rule_for(shipped_rules(), "*", date(2026, 11, 23))

#: indices réunis → état de la porte des biens
GOODS = [
    ([], "to_justify"),
    (["no_answer", "no_answer"], "to_justify"),  # deux appels sans réponse ne prouvent rien
    (
        ["sequence", "tamper", "path_loss", "no_answer", "wrong_word"],
        "to_justify",
    ),  # jamais assez, même ensemble
    (["image"], "justified"),  # une image non équivoque suffit seule
    (["sound"], "justified"),
    (["agent"], "justified"),
    (["witness"], "justified"),
    (["two_callbacks"], "justified"),
    (["words", "hours", "history"], "to_justify"),
    (["second_button"], "to_justify"),
    (["sequence", "image"], "justified"),
]


@pytest.mark.parametrize(("kinds", "state"), GOODS)
def test_la_porte_des_biens(kinds: list[str], state: str) -> None:
    goods, _ = doors(RULE, [Evidence(kind) for kind in kinds])
    assert goods.state == state


@pytest.mark.parametrize("kinds", [[], ["no_answer"], ["image"], list(KINDS)])
def test_la_porte_des_personnes_est_toujours_ouverte(kinds: list[str]) -> None:
    _, persons = doors(RULE, [Evidence(kind) for kind in kinds])
    assert persons.state == "open"
    assert pass_door(persons, "hold_up", None) is not None


@pytest.mark.parametrize(
    ("kinds", "duress", "concrete"),
    [
        ([], False, False),
        ([], True, True),  # un mot de contrainte est un élément concret
        (["no_answer", "sequence"], False, False),
        (["hours"], False, True),
        (["second_button"], False, True),
        (["sound"], False, True),
        (["image"], False, True),
        (["words"], False, True),
        (["history"], False, True),
    ],
)
def test_l_element_concret_au_dela_du_bouton(kinds: list[str], duress: bool, concrete: bool) -> None:
    _, persons = doors(RULE, [Evidence(kind) for kind in kinds], duress=duress)
    passage = pass_door(persons, "hold_up", None)
    assert passage is not None
    assert (passage.concrete, passage.review) == (concrete, False)


def test_passer_outre_est_une_touche_un_motif_toujours_relu() -> None:
    goods, _ = doors(RULE, [])
    assert pass_door(goods, "intrusion", None) is None
    assert pass_door(goods, "intrusion", "parce que") is None
    for motif in RULE.override_motifs:
        passage = pass_door(goods, "intrusion", motif)
        assert passage is not None
        assert (passage.override, passage.review) == (motif, True)


def test_la_porte_des_personnes_n_est_pas_le_detour_des_biens() -> None:
    """In a dossier of goods, without a concrete element, it opens all the same and is reviewed."""
    _, persons = doors(RULE, [])
    passage = pass_door(persons, "intrusion", None)
    assert passage is not None
    assert passage.review
    _, told = doors(RULE, [Evidence("words")])
    assert not pass_door(told, "intrusion", None).review  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("points", "kinds"),
    [
        ([], ()),
        ([("z:15", "intrusion")], ()),
        ([("z:15", "intrusion"), ("z:15", "intrusion")], ()),  # le même point deux fois n’est pas une suite
        ([("z:15", "intrusion"), ("z:16", "intrusion")], ("sequence",)),
        ([("z:15", "intrusion"), ("z:15t", "tamper")], ("tamper",)),
        ([("p:1", "path")], ("path_loss",)),
        ([("z:1", "hold_up"), ("z:2", "hold_up")], ("second_button",)),
        ([("z:15", "intrusion"), ("z:16", "intrusion"), ("x", "tamper"), ("p", "path")],
         ("sequence", "tamper", "path_loss")),
    ],
)  # fmt: skip
def test_les_indices_des_signaux(points: list[tuple[str, str]], kinds: tuple[str, ...]) -> None:
    assert clues_of_points([HeardPoint(key, category) for key, category in points]) == kinds


def settled(number: int, **changes: Any) -> SettledCall:
    given: dict[str, Any] = {
        "id": number, "direction": "out", "result": "answered", "word": "right", "identified": True,
        "person_id": number, "number": f"+3363998000{number}", "understood": "offence",
    }  # fmt: skip
    return SettledCall(**(given | changes))


CALLBACKS = [
    ([settled(1)], False),
    ([settled(1), settled(2)], True),
    ([settled(1), settled(2, understood="mistake")], False),
    ([settled(1), settled(2, understood="unknown")], False),
    ([settled(1), settled(2, identified=False, word="wrong")], False),
    ([settled(1), settled(2, result="rings", identified=False, word=None)], False),
    ([settled(1), settled(2, person_id=1)], False),  # deux fois la même personne
    ([settled(1), settled(2, direction="in")], False),  # un appel reçu n’est pas un contre-appel
    ([settled(1, result="rings", understood=None), settled(2, result="rings", understood=None)], False),
]


@pytest.mark.parametrize(("calls", "proof"), CALLBACKS)
def test_deux_contre_appels_aboutis(calls: list[SettledCall], proof: bool) -> None:
    assert bool(two_callbacks(RULE, calls)) == proof


def test_les_regles_sont_des_donnees_datees_par_zone() -> None:
    own = {
        "reference": "Instruction du préfet 99, 01/01/2026", "zone": "99", "in_force": "2026-01-01",
        "approved_by": "Responsable d’essai", "proofs": ["image"], "supports": [], "callbacks": 2,
        "distinct_persons": True, "override_motifs": ["subscriber_demand"],
    }  # fmt: skip
    rules = all_rules({"verification_rules": [own]})
    assert rule_for(rules, "99", date(2026, 11, 23)).reference.startswith("Instruction du préfet")
    assert rule_for(rules, "99", date(2025, 11, 23)).zone == "*"  # pas encore en vigueur
    assert rule_for(rules, "69", date(2026, 11, 23)).zone == "*"
    assert rule_for(rules, "*", date(2016, 1, 1)).in_force == date(2015, 3, 26)
    with pytest.raises(SettingsError):
        rule_for(rules, "69", date(2010, 1, 1))
    goods, _ = doors(rule_for(rules, "99", date(2026, 11, 23)), [Evidence("agent")])
    assert goods.state == "to_justify"


@pytest.mark.parametrize("change", [{"callbacks": 1}, {"override_motifs": ["other"]}, {"in_force": "hier"}])
def test_une_regle_illisible_est_refusee(change: dict[str, Any]) -> None:
    good = {
        "reference": "r", "zone": "*", "in_force": "2026-01-01", "approved_by": "a", "proofs": ["image"],
        "supports": [], "callbacks": 2, "distinct_persons": True, "override_motifs": ["subscriber_demand"],
    }  # fmt: skip
    with pytest.raises(SettingsError):
        read_rule(good | change)


@pytest.mark.parametrize(
    ("commune", "postcode", "zone"),
    [
        ("99001", None, "99"),
        (None, "99002", "99"),
        ("2A004", None, "2A"),
        ("97105", None, "971"),
        (None, None, "*"),
    ],
)
def test_la_zone_du_prefet(commune: str | None, postcode: str | None, zone: str) -> None:
    assert zone_of(commune, postcode) == zone


@pytest.mark.parametrize(
    ("service", "name", "said"),
    [
        ("gendarmerie", "Gendarmerie, CORG", "Gendarmerie, CORG"),
        ("gendarmerie", "CORG de l’Essai", "Gendarmerie, CORG de l’Essai"),
        ("gendarmerie", None, "Gendarmerie"),
        ("police", "Police nationale, circonscription 2", "Police nationale, circonscription 2"),
        ("police", "Circonscription 2", "Police nationale, Circonscription 2"),
        ("fire", "CODIS", "Pompiers, CODIS"),
    ],
)
def test_l_unite_se_dit_une_fois(service: str, name: str | None, said: str) -> None:
    params = {"service": service, "name": own_name("public_service", service, name), "door": "goods"}
    sentence = render_entry("fr", "service_call.started", 1, {"params": params})
    assert sentence.startswith(f"Appel lancé : {said} (")
