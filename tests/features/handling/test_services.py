"""Firemen, SAMU, police: whose matter it is first, in its own words, with its own results (V2; D613-17 to D613-22)."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.features.handling.room import NEW_POINT, Room
from tests.features.handling.test_verification import PERSON, avis, read_aloud
from veilleur.features.handling import commands
from veilleur.features.handling.errors import ToJustifyError
from veilleur.features.sites.tables import Site
from veilleur.kernel.errors import InvalidError
from veilleur.locale.render import catalogue, render

FIRE = {"family": "fire", "category": "fire", "procedure_event": "fire", "priority": 2}
MEDICAL = {"family": "person", "category": "medical", "procedure_event": "medical", "priority": 1}


def secours(room: Room, dossier: int, service: str) -> int:
    directory = room.directory[service]
    return int(
        room.do(
            "Ana",
            commands.start_service_call,
            dossier,
            service,
            "none",
            directory_id=directory,
            step_key=None,
        )
    )


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ({}, ["police", "fire", "medical"]),
        (PERSON, ["police", "fire", "medical"]),
        (FIRE, ["fire", "medical", "police"]),
        (FIRE | {"category": "gas", "procedure_event": "gas"}, ["fire", "medical", "police"]),
        (MEDICAL, ["medical", "fire", "police"]),
    ],
)
def test_le_service_dont_c_est_l_affaire_vient_en_premier(
    room: Room, kind: dict[str, Any], first: list[str]
) -> None:
    """V2: fire to the CODIS, medical to the SAMU; the door to justify is the police's own and never theirs."""
    dossier = room.open(**kind)
    services = room.handling(dossier).services
    assert [one.service for one in services] == first
    assert {one.door for one in services if one.service != "police"} == {"none"}


def test_sous_contrainte_les_forces_de_l_ordre_d_abord(room: Room) -> None:
    dossier = room.open(**FIRE)
    room.word(room.start(dossier), "orage")
    assert room.handling(dossier).services[0].service == "police"


@pytest.mark.parametrize(
    ("service", "own", "foreign"),
    [
        ("fire", {"on_site", "mastered", "helped", "nothing_found"}, {"arrest", "advised"}),
        ("medical", {"on_site", "helped", "advised"}, {"arrest", "mastered"}),
        ("police", {"on_site", "arrest", "nothing_found"}, {"mastered", "helped", "advised"}),
    ],
)
def test_les_resultats_sont_ceux_du_service(
    room: Room, service: str, own: set[str], foreign: set[str]
) -> None:
    dossier = room.open(**FIRE)
    begun = {"police": lambda: avis(room, dossier, motif="police_request")}
    call_id = begun.get(service, lambda: secours(room, dossier, service))()
    offered = set(room.handling(dossier).service_calls[0].next_outcomes)
    assert own | {"coming", "refused", "no_answer"} <= offered
    assert not offered & foreign
    for outcome in sorted(foreign):
        with pytest.raises(InvalidError):
            room.do("Ana", commands.end_service_call, dossier, call_id, outcome=outcome)
    words = catalogue("fr", "vocabulary")
    assert offered <= set(words["service_outcome"]) & set(words["step_result"])


def test_le_sinistre_maitrise_suit_l_arrivee_des_pompiers(room: Room) -> None:
    dossier = room.open(**FIRE)
    call_id = secours(room, dossier, "fire")
    for outcome in ("coming", "on_site", "mastered"):
        room.do("Ana", commands.end_service_call, dossier, call_id, outcome=outcome)
    assert room.step(dossier, "fire").result == "coming"
    assert any("Pompiers : sinistre maîtrisé" in line for line in room.sentences())


@pytest.mark.parametrize(("kind", "service"), [(FIRE, "fire"), (MEDICAL, "medical")])
def test_aux_secours_l_adresse_d_abord(room: Room, kind: dict[str, Any], service: str) -> None:
    dossier = room.open(**kind)
    secours(room, dossier, service)
    codes = [line.code for line in room.handling(dossier).service_calls[0].script]
    assert codes[:4] == [
        "service.place",
        "service.who_we_are",
        "service.object_fire" if service == "fire" else "service.object_medical",
        "service.nature",
    ]
    assert codes.count("service.place") == 1
    assert codes[-1] == "service.do_not_hang_up"


def test_chaque_point_est_lu_avec_son_heure(room: Room) -> None:
    """To whom we call and to the services: the second window broken is no less a fact than the first."""
    dossier = room.open()
    room.clock.advance(20)
    room.join(dossier, NEW_POINT)
    later = room.clock.now().astimezone(ZoneInfo("Europe/Paris")).strftime("%H:%M:%S")
    call_id = room.start(dossier)
    assert all(say.code != "call.point" for say in room.view(dossier, call_id).say), "rien avant le mot"
    room.word(call_id, "lilas")
    texts = catalogue("fr", "texts")
    said = room.view(dossier, call_id).say
    assert [say.code for say in said][:2] == ["call.facts", "call.point"]
    facts = [render("fr", texts[say.code], json.loads(say.model_dump_json())["params"]) for say in said]
    assert facts[1] == f"« Puis à {later} : point 016 Bureau du quai. »"
    assert "une alarme intrusion, point Quai de livraison, au site Entrepôt du Port." in facts[0]
    room.end(call_id, "answered", understood="unknown")
    avis(room, dossier, motif="police_request")
    assert f"« À {later} : point 016 Bureau du quai. »" in read_aloud(room, dossier)
    secours(room, dossier, "fire")
    assert f"« À {later} : point 016 Bureau du quai. »" in read_aloud(room, dossier)


@pytest.mark.parametrize(
    ("family", "category", "door"),
    [
        ("intrusion", "intrusion", "goods"),
        ("person", "hold_up", "persons"),
        ("service", "hold_up", "persons"),  # a refused clear frame that claims a hold-up
        ("service", "panic", "persons"),
        ("service", "unknown", "goods"),
    ],
)
def test_la_porte_proposee_suit_ce_que_l_alarme_dit(
    room: Room, family: str, category: str, door: str
) -> None:
    """P4: a danger for a person opens at once; from goods the other door is accepted as well."""
    dossier = room.open(family=family, category=category)
    police = next(each for each in room.handling(dossier).services if each.service == "police")
    assert police.door == door
    avis(room, dossier, "persons")
    assert room.handling(dossier).service_calls[0].door == "persons"


@pytest.mark.parametrize(
    ("calls", "named"),
    [
        ([("Gardien", "lilas", "offence"), ("site", "tournesol", "offence")], {"Gérante": 1, "Gardien": 1}),
        ([("Gardien", "lilas", "unknown")], {"Gérante": 1, "Gardien": 0}),
        ([("Gardien", "lilas", "unknown"), ("site", "tournesol", "nothing")], {"Gérante": 1, "Gardien": 1}),
        (
            [("Gardien", "tournesol", "unknown"), ("site", "tournesol", "offence")],
            {"Gérante": 0, "Gardien": 1},
        ),
    ],
)
def test_qui_a_repondu_est_nomme_une_fois(
    room: Room, calls: list[tuple[str, str, str]], named: dict[str, int]
) -> None:
    """Who gave his word, not whose number was dialled."""
    dossier = room.open()
    for who, word, understood in calls:
        room.reached(dossier, who, word, understood)
    avis(room, dossier, motif="police_request")
    script = "\n".join(read_aloud(room, dossier))
    assert {name: script.count(name) for name in named} == named, script
    proof = [clue.who for clue in room.handling(dossier).clues if clue.kind == "two_callbacks"]
    assert proof == (["Gérante, Gardien"] if [each[2] for each in calls] == ["offence", "offence"] else [])


@pytest.mark.parametrize(
    ("category", "zone", "zone_name", "said"),
    [
        ("intrusion", "015", None, "une alarme intrusion, point 015, au site"),
        ("intrusion", "000", None, "une alarme intrusion, au site"),
        ("fire", "004", "Réserve", "une alarme incendie, point Réserve, au site"),
        ("medical", "000", None, "un appel d’urgence médicale, au site"),
        ("test", "000", None, "une alarme, au site"),
    ],
)
def test_les_faits_se_lisent_comme_on_les_dit(
    room: Room, category: str, zone: str, zone_name: str | None, said: str
) -> None:
    headline = {"category": category, "zone": zone, "zone_name": zone_name, "marks": []}
    dossier = room.open(category=category, headline=headline)
    call_id = room.start(dossier)
    room.word(call_id, "lilas")
    line = room.view(dossier, call_id).say[0]
    params = json.loads(line.model_dump_json())["params"]
    assert f" {said} " in render("fr", catalogue("fr", "texts")[line.code], params)


def test_sans_commune_ni_annuaire_l_avis_se_compose_s_enregistre_et_se_lit(room: Room) -> None:
    """The first site of a centre has neither: 17 is dialled, the call is read, made and told like another."""
    with room.act() as act:
        entry_id = act.record("test.site")
        site = act.session.get_one(Site, room.site_id)
        site.commune = site.postcode = site.town = None
        site.entry_id = entry_id
    dossier = room.open()
    offered = {each.service: each for each in room.handling(dossier).services}
    assert {name: offered[name].missing.params["short"] for name in ("police", "fire", "medical")} == {
        "police": "17", "fire": "18", "medical": "15",
    }  # fmt: skip
    said = offered["police"].missing
    sentence = render("fr", catalogue("fr", "texts")[said.code], said.params)
    assert "composez 17" in sentence
    assert "—" not in sentence
    assert offered["police"].script
    with pytest.raises(ToJustifyError):
        room.do("Ana", commands.start_service_call, dossier, "police", "goods")
    made = room.do("Ana", commands.start_service_call, dossier, "police", "persons")
    (call,) = room.handling(dossier).service_calls
    assert (call.id, call.number, call.name) == (made, "17", None)
    room.do("Ana", commands.end_service_call, dossier, made, outcome="coming", reached="le 17")
    (call,) = room.handling(dossier).service_calls
    assert (call.outcome, call.reached, room.step(dossier, "police").result) == ("coming", "le 17", "coming")


@pytest.mark.parametrize("category", ["panic", "hold_up"])
def test_une_agression_commence_par_l_avis(room: Room, category: str) -> None:
    """The button of CID 120 and of SIA PA is the hold-up of its panel: its procedure is the same."""
    dossier = room.open(family="person", category=category, priority=1, procedure_event=category)
    steps = room.incident(dossier).procedure["steps"]
    assert (steps[0]["act"], room.step(dossier, "police").state) == ("call_police", "current")
