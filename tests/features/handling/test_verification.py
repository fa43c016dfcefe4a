"""The verification and the calls to public services on a real database (P4; S10; D613-17 to D613-22)."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from tests.features.handling.room import NEW_POINT, RESERVED, Room
from veilleur.features.handling import commands
from veilleur.features.handling.errors import (
    ClueRefusedError,
    ServiceCallStateError,
    ToJustifyError,
    VerificationRefusedError,
)
from veilleur.features.handling.scripts import SHORT_NUMBERS
from veilleur.features.incidents.model import PointRef
from veilleur.locale.render import catalogue, render

TAMPER = PointRef("zone:1:16/tamper", "Coffret", "tamper", "1", None)
PERSON = {"family": "person", "category": "hold_up", "procedure_event": "hold_up", "priority": 1}


def avis(room: Room, dossier: int, door: str = "goods", **how: object) -> int:
    return int(
        room.do(
            "Ana",
            commands.start_service_call,
            dossier,
            "police",
            door,
            directory_id=room.directory["police"],
            **how,
        )
    )


def test_deux_appels_sans_reponse_ne_justifient_rien(room: Room) -> None:
    dossier = room.open()
    for who in ("site", "Gérante", "Gardien"):
        room.end(room.start(dossier, who), "rings")
        room.settle()
    assert room.clues(dossier) == ["no_answer"] * 3
    goods = room.handling(dossier).doors.goods
    assert (goods.state, goods.supports) == ("to_justify", ["no_answer"])
    with pytest.raises(ToJustifyError) as refused:
        avis(room, dossier)
    assert "subscriber_demand" in refused.value.params["motifs"]  # type: ignore[operator]


def test_deux_personnes_identifiees_qui_comprennent_un_fait_en_cours(room: Room) -> None:
    dossier = room.open()
    room.reached(dossier, "Gérante", "lilas", "offence")
    assert "two_callbacks" not in room.clues(dossier)
    room.reached(dossier, "Gardien", "tournesol", "offence")
    assert room.clues(dossier) == ["told_offence", "told_offence", "two_callbacks"]
    assert avis(room, dossier)


def test_la_meme_personne_deux_fois_ne_suffit_pas(room: Room) -> None:
    dossier = room.open()
    for number in ("+33639981234", "+33199001235"):
        call_id = room.start(dossier, "Gérante", number=number)
        room.word(call_id, "lilas")
        room.end(call_id, "answered", understood="offence")
        room.settle()
    assert "two_callbacks" not in room.clues(dossier)
    assert room.handling(dossier).doors.goods.callbacks.reached == 1
    assert room.handling(dossier).doors.goods.state == "to_justify"


def test_un_resultat_annule_ne_prouve_pas(room: Room) -> None:
    dossier = room.open()
    room.reached(dossier, "Gérante", "lilas", "offence")
    second = room.start(dossier, "Gardien")
    room.word(second, "tournesol")
    room.end(second, "answered", understood="offence")
    room.do("Ana", commands.undo_call, second)
    room.end(second, "answered", understood="mistake")
    room.settle()
    assert "two_callbacks" not in room.clues(dossier)


def test_les_indices_des_signaux_sont_toujours_a_jour(room: Room) -> None:
    dossier = room.open()
    assert room.handling(dossier).clues == []
    room.join(dossier, NEW_POINT)
    room.join(dossier, PointRef("panel:1", "centrale", "tamper", None, None))
    assert [clue.kind for clue in room.handling(dossier).clues] == ["sequence", "tamper"]
    assert room.handling(dossier).doors.goods.state == "to_justify"


def test_un_indice_a_sa_touche_et_ses_faits_et_se_retire(room: Room) -> None:
    dossier = room.open()
    with pytest.raises(ClueRefusedError):
        room.do("Ana", commands.add_clue, dossier, "image", "  ")
    with pytest.raises(ClueRefusedError):
        room.do("Ana", commands.add_clue, dossier, "two_callbacks", "à la main")
    clue = room.do("Ana", commands.add_clue, dossier, "image", "Une personne force le rideau du quai 3")
    goods = room.handling(dossier).doors.goods
    assert goods.state == "justified"
    assert [proof.hotkey for proof in goods.proofs if proof.have] == ["I"]
    room.do("Ana", commands.remove_clue, dossier, clue)
    assert room.handling(dossier).doors.goods.state == "to_justify"
    assert room.entries(dossier)[-2:] == ["clue.added", "clue.removed"]


def test_passer_outre_se_fait_avec_un_motif_et_se_relit(room: Room) -> None:
    dossier = room.open()
    call_id = avis(room, dossier, motif="subscriber_demand")
    view = room.handling(dossier).service_calls[0]
    assert (view.review_needed, view.override_motif) == (True, "subscriber_demand")
    assert any("demande expresse de l’abonné" in line for line in room.sentences())
    room.do("Ana", commands.end_service_call, dossier, call_id, outcome="noted")
    room.do("Chef", commands.review_service_call, dossier, call_id, "Abonné identifié par son mot")
    assert not room.handling(dossier).service_calls[0].review_needed


def test_danger_pour_une_personne_ouvert_en_une_touche(room: Room) -> None:
    dossier = room.open(**PERSON)
    avis(room, dossier, "persons")
    view = room.handling(dossier).service_calls[0]
    assert (view.justification["concrete"], view.review_needed) == (False, False)
    assert any("aucun élément concret hors déclenchement" in line for line in room.sentences())


@pytest.mark.parametrize("service", ["fire", "medical"])
def test_pompiers_et_samu_n_ont_pas_de_porte(room: Room, service: str) -> None:
    dossier = room.open(family="fire", category="fire", procedure_event="fire", priority=2)
    room.do(
        "Ana",
        commands.start_service_call,
        dossier,
        service,
        "goods",
        directory_id=room.directory[service],
    )
    view = room.handling(dossier).service_calls[0]
    assert (view.door, view.justification, view.review_needed) == ("none", {}, False)


def test_le_numero_reserve_n_est_que_dans_l_appel_en_cours_de_qui_le_tient(room: Room) -> None:
    dossier = room.open()
    room.do("Ana", commands.add_clue, dossier, "image", "Une personne force le rideau")
    assert RESERVED not in room.handling(dossier).model_dump_json()
    call_id = avis(room, dossier)
    assert room.handling(dossier).service_calls[0].number == RESERVED
    assert RESERVED not in room.handling(dossier, "Bruno").model_dump_json()
    assert RESERVED not in room.handling(dossier, "Chef").model_dump_json()
    room.do("Ana", commands.end_service_call, dossier, call_id, outcome="coming", call_back_given=True)
    assert RESERVED not in room.handling(dossier).model_dump_json()
    assert RESERVED not in room.everything_written() + "\n".join(room.sentences())
    with room.read() as session:
        rows = session.execute(text("SELECT to_jsonb(service_call)::text FROM service_call")).scalars().all()
    assert RESERVED not in "".join(rows)


def test_le_texte_de_la_loi_dans_son_ordre(room: Room) -> None:
    """D613-17 to D613-22: who we are, object, nature, name and place, useful information, our call-back number."""
    dossier = room.open()
    room.do("Ana", commands.add_clue, dossier, "image", "Une personne force le rideau")
    avis(room, dossier)
    script = room.handling(dossier).service_calls[0].script
    assert [line.code for line in script] == [
        "service.who_we_are",
        "service.object_goods",
        "service.nature",
        "service.clue",
        "service.place",
        "service.risks",
        "service.call_back",
        "service.no_priority",
    ]
    texts = catalogue("fr", "texts")
    aloud = [render("fr", texts[line.code], json.loads(line.model_dump_json())["params"]) for line in script]
    assert "Station Essai" in aloud[0]
    assert "AUT-099" in aloud[0]
    assert "image non équivoque : Une personne force le rideau" in aloud[3]
    assert "14 quai du Test" in aloud[4]
    assert "Portail vert" in aloud[4]
    assert "01 99 00 00 01" in aloud[6]
    said = " ".join(aloud[:-1]).lower()
    assert "priorit" not in said
    assert "—" not in said  # ce qu’on ne sait pas ne se dit pas


def test_chaque_point_est_dit_une_fois(room: Room) -> None:
    """Points are read with their hours; a clue that they make says what they are together, not their names again."""
    dossier = room.open()
    room.clock.advance(20)
    room.join(dossier, NEW_POINT)
    room.clock.advance(20)
    room.join(dossier, TAMPER)
    room.do("Ana", commands.add_clue, dossier, "image", "Une personne force le rideau")
    avis(room, dossier)
    script = room.handling(dossier).service_calls[0].script
    texts = catalogue("fr", "texts")
    aloud = [render("fr", texts[line.code], json.loads(line.model_dump_json())["params"]) for line in script]
    said = " ".join(aloud)
    for once in ("Quai de livraison", "Bureau du quai", "Coffret", "autosurveillance"):
        assert said.count(once) == 1, said
    codes = [line.code for line in script[2:7]]
    assert codes == ["service.nature", "service.point", "service.sequence", "service.clue", "service.clue"]
    hours = [line.params["at"] for line in script[2:7]]
    assert hours == sorted(hours), "lu dans l’ordre des faits"
    assert "2 détecteurs différents ont réagi l’un après l’autre. »" in said
    assert "autosurveillance, Coffret. »" in said


def test_l_autosurveillance_qui_ouvre_le_dossier_n_est_pas_redite(room: Room) -> None:
    dossier = room.open(category="tamper", point=TAMPER)
    room.do("Ana", commands.add_clue, dossier, "image", "Le coffret est arraché")
    avis(room, dossier)
    script = room.handling(dossier).service_calls[0].script
    assert [line.params["clue"] for line in script if line.code == "service.clue"] == ["image"]
    assert "service.point" not in [line.code for line in script]


def test_les_indices_ont_leur_heure_leur_origine_et_ce_qui_fut_dit(room: Room) -> None:
    """What the card, the script and the préfet's file are made of."""
    dossier = room.open()
    room.clock.advance(20)
    room.join(dossier, NEW_POINT)
    seen = room.clock.now()
    room.do("Ana", commands.add_clue, dossier, "hours", "Fermé depuis 19 h")
    room.end(room.start(dossier, "site"), "rings", note="seulement pour nous")
    room.settle()
    call_id = room.start(dossier)
    room.word(call_id, "lilas")
    room.end(call_id, "answered", understood="offence", note="J’entends casser une vitre")
    room.settle()
    view = room.handling(dossier)
    told = [(clue.kind, clue.origin, clue.who, clue.text) for clue in view.clues]
    assert told == [
        ("sequence", "signals", None, None),
        ("hours", "operator", "Ana", "Fermé depuis 19 h"),
        ("no_answer", "call", "Entrepôt du Port", None),
        ("told_offence", "call", "Gérante", "J’entends casser une vitre"),
    ]
    assert view.clues[0].points == ["point 015 Quai de livraison", "point 016 Bureau du quai"]
    assert view.clues[0].at == seen
    assert [clue.at for clue in view.clues] == sorted(clue.at for clue in view.clues)
    assert (view.doors.goods.state, view.doors.goods.callbacks.model_dump()) == (
        "to_justify",
        {"reached": 1, "needed": 2},
    )


def test_le_texte_a_lire_dit_ce_que_la_personne_a_dit(room: Room) -> None:
    dossier = room.open()
    call_id = room.start(dossier)
    room.word(call_id, "lilas")
    room.end(call_id, "answered", understood="offence", note="J’entends casser une vitre")
    room.settle()
    for who in ("site", "Gardien"):
        room.end(room.start(dossier, who), "rings")
        room.settle()
    avis(room, dossier, motif="subscriber_demand")
    aloud = read_aloud(room, dossier)
    said = [line for line in aloud if "J’entends casser une vitre" in line]
    assert len(said) == 1
    assert "Gérante" in said[0]
    assert "fait en cours, dit par une personne identifiée" in said[0]
    silent = [line for line in aloud if "appel sans réponse" in line]
    assert len(silent) == 1, "dit d’un souffle"
    assert "Entrepôt du Port, Gardien" in silent[0]


def test_le_texte_a_lire_nomme_la_personne_et_non_le_numero(room: Room) -> None:
    """The site's telephone was answered by the gérante, identified by her word: it is she who was reached."""
    dossier = room.open()
    call_id = room.start(dossier, "site")
    room.word(call_id, "lilas")
    room.end(call_id, "answered", understood="unknown")
    room.settle()
    avis(room, dossier, motif="subscriber_demand")
    assert "« Un destinataire identifié a été joint : Gérante. »" in read_aloud(room, dossier)


def test_les_faits_se_lisent_dans_leur_ordre(room: Room) -> None:
    """An image seen before the second window: it is read before it."""
    dossier = room.open()
    room.clock.advance(5)
    room.do("Ana", commands.add_clue, dossier, "image", "Une personne force le rideau")
    room.clock.advance(20)
    room.join(dossier, NEW_POINT)
    avis(room, dossier)
    codes = [line.code for line in room.handling(dossier).service_calls[0].script]
    assert codes[2:6] == ["service.nature", "service.clue", "service.point", "service.sequence"]


def test_sous_contrainte_le_texte_ne_nomme_personne(room: Room) -> None:
    dossier = room.open()
    room.reached(dossier, "Gérante", "lilas", "offence")
    room.word(room.start(dossier, "Gardien"), "tempete")
    avis(room, dossier, "persons")
    assert "Gérante" not in " ".join(read_aloud(room, dossier))


def read_aloud(room: Room, dossier: int) -> list[str]:
    """The script of the dossier's last call to a service, in words."""
    texts = catalogue("fr", "texts")
    script = room.handling(dossier).service_calls[-1].script
    return [render("fr", texts[line.code], json.loads(line.model_dump_json())["params"]) for line in script]


def test_un_numero_manquant_se_dit(room: Room) -> None:
    dossier = room.open()
    with room.act() as act:
        entry = act.record("test.directory")
        act.session.execute(
            text("UPDATE directory_entry SET removed_at = :now, entry_id = :e WHERE service = 'police'"),
            {"now": act.now, "e": entry},
        )
    police = room.handling(dossier).services[0]
    assert (police.service, police.directory_id) == ("police", None)
    assert police.missing is not None
    assert police.missing.params["short"] == SHORT_NUMBERS["police"]
    room.do("Ana", commands.start_service_call, dossier, "police", "goods", motif="subscriber_demand")
    assert room.handling(dossier).service_calls[0].number == "17"


def test_l_issue_avance_et_ne_recule_pas(room: Room) -> None:
    dossier = room.open()
    call_id = avis(room, dossier, motif="police_request")
    with pytest.raises(ServiceCallStateError):
        avis(room, dossier, motif="police_request")  # déjà en cours
    for outcome in ("coming", "on_site", "nothing_found"):
        room.do("Ana", commands.end_service_call, dossier, call_id, outcome=outcome)
    with pytest.raises(ServiceCallStateError):
        room.do("Ana", commands.end_service_call, dossier, call_id, outcome="coming")


@pytest.mark.parametrize(
    ("clues", "result", "reason"),
    [
        ([], "goods", "no_proof"),
        (["hours"], "goods", "no_proof"),
        (["image"], "goods", None),
        (["image"], "negative", "proof_stands"),
        ([], "negative", None),
        ([], "persons", None),
        ([], "impossible", None),
        ([], "running", None),
    ],
)
def test_le_resultat_de_la_levee_de_doute(
    room: Room, clues: list[str], result: str, reason: str | None
) -> None:
    dossier = room.open()
    for kind in clues:
        room.do("Ana", commands.add_clue, dossier, kind, "vu")
    if reason is None:
        room.do("Ana", commands.set_verification, dossier, result)
        assert room.incident(dossier).verification == result
    else:
        with pytest.raises(VerificationRefusedError) as refused:
            room.do("Ana", commands.set_verification, dossier, result)
        assert refused.value.params["reason"] == reason


def test_la_levee_de_doute_commence_avec_le_premier_appel(room: Room) -> None:
    dossier = room.open()
    assert room.incident(dossier).verification == "not_done"
    room.start(dossier, "site")
    assert room.incident(dossier).verification == "running"


def test_des_regles_illisibles_ne_ferment_pas_le_dossier(room: Room) -> None:
    dossier = room.open()
    with room.act() as act:
        entry = act.record("test.centre")
        act.session.execute(
            text("UPDATE centre SET settings = CAST(:s AS jsonb), entry_id = :e"),
            {
                "s": json.dumps({"verification_rules": [{"reference": "?"}], "agent_answer": "vite"}),
                "e": entry,
            },
        )
    assert room.handling(dossier).doors.goods.rule.reference.startswith("L613-6")
    assert room.do("Ana", commands.ask_agent, dossier, room.responders["Rondier 7"])
