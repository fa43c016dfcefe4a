"""What an operator reads of a signal: words, each said once, never a raw code, never «(s)»."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.watch.watch_stage import cid, heard, line_event, panel, sia, site, with_zone, zone
from veilleur.features.incidents.naming import names_category, place_of, said_of
from veilleur.locale.render import HERE, catalogue, render
from veilleur.watch.classify import classify
from veilleur.watch.decide import decide
from veilleur.watch.decisions import Open
from veilleur.watch.points import point_of
from veilleur.watch.view import Rules

ROOT = Path(__file__).parents[2]
BOX = with_zone(
    with_zone(panel(), replace(zone("2"), name="Autosurveillance du boîtier")), replace(zone("4"), name=None)
)
FILE = site(panels=(BOX,))

# What is received → what the main courante says of it, between the priority and the site's name.
SAID = {
    "une intrusion": (cid("1130", "001"), "Intrusion – Point 1"),
    "un point sans nom": (cid("1130", "004"), "Intrusion – point 004"),
    "un point hors fiche": (cid("1130", "088"), "Intrusion – point 088"),
    "un point qui dit déjà sa nature": (cid("1137", "002"), "Autosurveillance du boîtier"),
    "le texte de la centrale est le nom": (
        replace(cid("1130", "088"), text="COULOIR"),
        "Intrusion – COULOIR",
    ),
    "l’absence secteur": (cid("1301", "000"), "Absence secteur"),
    "la batterie d’un module": (cid("1338", "004"), "Batterie basse de module – n° 4"),
    "un code utilisateur sous contrainte": (
        cid("1121", "012"),
        "Contrainte (code utilisateur) – utilisateur 012",
    ),
    "un code inconnu": (cid("1ABC", "000"), "Signal inconnu – code ABC"),
    "une voie": (line_event("path_lost"), "Perte de liaison (une voie) – voie ip"),
    "SIA": (sia("AT", None), "Absence secteur"),
}


@pytest.mark.parametrize("case", SAID)
def test_la_main_courante_dit_l_alarme_en_mots(case: str) -> None:
    event, expected = SAID[case]
    decisions = decide(
        FILE, (), heard(event, path_id=1 if event.code == "path_lost" else None), heard(event).at, Rules()
    )
    (opened,) = (each for each in decisions if isinstance(each, Open))
    params = said_of(opened.headline, opened.category, opened.point.label if opened.point else None)
    template = catalogue("fr", "entries")["incident.opened"]
    said = render("fr", template, {"reference": "X", "priority": 3, "site": "S", **params})
    assert said == f"Dossier X ouvert, P3 – {expected} – S"


def test_the_return_to_normal_names_the_fault_and_not_its_code() -> None:
    event = cid("3301", "000")
    began = replace(event, qualifier=cid("1301").qualifier)
    label = point_of(FILE, heard(began), began, classify(FILE, heard(began), began)).label
    said = render(
        "fr", catalogue("fr", "entries")["incident.point_normal"], {"point": label, "by": "restore"}
    )
    assert said == "Retour à la normale : Absence secteur, par fin d’alarme"


def test_a_panels_text_never_passes_for_a_label_of_ours() -> None:
    event = replace(cid("1130", "077"), text="#code:110")
    assert point_of(FILE, heard(event), event, classify(FILE, heard(event), event)).label == "code:110"


def test_the_place_of_an_alarm_is_read_aloud() -> None:
    assert place_of({"zone": "015", "zone_name": "Quai"}) == "Quai"
    assert place_of({"zone": "000", "zone_name": None}) is None
    facts = catalogue("fr", "texts")["service.nature"]
    told = render(
        "fr",
        facts,
        {"category": "fire", "zone": place_of({"zone": "015"}), "at": "2026-11-23T02:14:07+00:00"},
    )
    assert told == "« Nature : Feu, point 015, premier signal à 03:14:07. »"


def test_a_name_that_says_its_nature_is_enough() -> None:
    assert names_category("AUTOSURVEILLANCE centrale", "tamper")
    assert names_category("Fire, kitchen", "fire")
    assert not names_category("Quai de livraison", "intrusion")
    assert not names_category(None, "fire")


def test_no_plural_in_brackets_is_left() -> None:
    files = [*HERE.glob("*/*.json"), *(ROOT / "desk" / "src" / "locales" / "fr").glob("*.po")]
    assert len(files) > 20
    left = [
        line
        for path in files
        for line in path.read_text("utf-8").splitlines()
        if re.search(r"\w\((s|e|es|x)\)", line)
    ]
    assert left == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_counted_word_has_its_plural(language: str) -> None:
    """`{count|n_…}` looks in a vocabulary with 0, 1 and «*»: none may fall back to the number itself."""
    words = catalogue(language, "vocabulary")
    counted = {
        name
        for path in (HERE / language).glob("*.json")
        for name in re.findall(r"\|(n_\w+)\}", json.dumps(json.loads(path.read_text("utf-8"))))
    }
    assert len(counted) > 10
    assert {name: sorted(words[name]) for name in counted} == {
        name: sorted(["0", "1", "*"]) for name in counted
    }


@pytest.mark.parametrize(
    "code", ["call.who_we_are", "call.good_morning", "call.voicemail", "service.who_we_are"]
)
def test_a_centre_without_a_name_is_not_read_as_a_dash(code: str) -> None:
    """A station that has imported no «centre» yet answers the telephone all the same."""
    said = render("fr", catalogue("fr", "texts")[code], {"centre": "", "operator": "Ana"})
    assert "—" not in said
    assert "{" not in said
