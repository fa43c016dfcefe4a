"""Calls on a real database: P6 (order, word, results, undo, cascade) and P1 (duress)."""

from __future__ import annotations

import json

import pytest

from tests.features.handling.room import CODE_WORDS, DURESS_WORDS, POINT, Room, opening
from veilleur.features.handling import commands
from veilleur.features.handling.errors import (
    CallRunningError,
    CallSettledError,
    CallTooManyTriesError,
    CallUnsettledError,
    CallWordFirstError,
    CallWordNotTypedError,
    NoNumberError,
)
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.errors import DuressLockedError, NotYoursError
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.locale.render import catalogue, render


def test_les_faits_n_existent_dans_aucune_vue_avant_le_mot_juste(room: Room) -> None:
    dossier = room.open()
    appel = room.start(dossier)
    for typed in (None, "marguerite"):  # rien, faux
        if typed:
            room.word(appel, typed)
        vue = room.handling(dossier).model_dump_json(include={"calls"})
        assert "call.facts" not in vue
        assert "Quai de livraison" not in vue
    assert room.word(appel, "Lilas") == "right"
    vue = room.view(dossier, appel)
    assert vue.phase == "facts"
    assert vue.say[0].code == "call.facts"
    assert vue.say[0].params["named"] == "Quai de livraison"


def test_le_mot_n_est_ecrit_nulle_part(room: Room) -> None:
    dossier = room.open()
    appel = room.start(dossier)
    for typed in ("lila", "lilas"):
        room.word(appel, typed)
    room.do("Ana", commands.end_call, appel, "answered", understood="mistake")
    autre = room.start(dossier, "Gardien")
    room.do("Ana", commands.reveal_word, room.ring, autre)
    room.word(autre, "tempête")
    written = room.everything_written() + "\n".join(room.sentences())
    for secret in (*CODE_WORDS.values(), *DURESS_WORDS.values(), "tempête", "lila"):
        assert secret not in written


@pytest.mark.parametrize(
    ("typed", "verdict", "phase"),
    [
        ("lilas", "right", "facts"),
        ("LILAS", "right", "facts"),
        ("le lilas", "right", "facts"),
        ("lila", "near", "word"),
        ("marguerite", "wrong", "leaving"),
        ("orage", "duress", "duress"),
        ("tournesol", "right", "facts"),  # le mot du gardien : c’est lui qui a décroché
    ],
)
def test_juste_faux_contrainte_presque(room: Room, typed: str, verdict: str, phase: str) -> None:
    dossier = room.open()
    appel = room.start(dossier)
    assert room.word(appel, typed) == verdict
    vue = room.view(dossier, appel)
    assert vue.phase == phase
    assert vue.near == (verdict == "near")
    assert vue.result is None


def test_qui_a_decroche_est_celui_dont_le_mot_est_juste(room: Room) -> None:
    dossier = room.open()
    appel = room.start(dossier)
    room.word(appel, "tournesol")
    vue = room.view(dossier, appel)
    assert (vue.person, vue.heard and vue.heard.reason) == ("Gardien", "other_person")


def test_affiche_le_mot_est_un_second_choix_trace(room: Room) -> None:
    dossier = room.open()
    appel = room.start(dossier)
    with pytest.raises(CallWordNotTypedError):
        room.do("Ana", commands.declare_word, appel, "right")
    shown = room.do("Ana", commands.reveal_word, room.ring, appel)
    assert (shown.code_word, shown.duress_word) == ("lilas", "orage")
    assert "call.word_revealed" in room.entries(dossier)
    room.do("Ana", commands.declare_word, appel, "right")
    assert room.call(appel).identified


def test_trois_mots_tapes_puis_plus_aucun_sauf_la_contrainte(room: Room) -> None:
    dossier = room.open()
    appel = room.start(dossier)
    for _ in range(3):
        assert room.word(appel, "lila") == "near"
    with pytest.raises(CallTooManyTriesError):
        room.word(appel, "lilas")
    assert room.view(dossier, appel).tries_left == 0
    assert room.word(appel, "orage") == "duress"


def test_apres_un_mot_faux_une_seule_seconde_saisie(room: Room) -> None:
    """P6: a word misheard is typed again; then one thanks, and calls a number of the file. Not by ear either."""
    dossier = room.open()
    appel = room.start(dossier)
    assert room.word(appel, "marguerite") == "wrong"
    assert room.view(dossier, appel).tries_left == 1
    assert room.word(appel, "pivoine") == "wrong"
    with pytest.raises(CallTooManyTriesError):
        room.word(appel, "lilas")
    room.do("Ana", commands.reveal_word, room.ring, appel)
    with pytest.raises(CallTooManyTriesError):
        room.do("Ana", commands.declare_word, appel, "right")
    assert (room.view(dossier, appel).phase, room.call(appel).identified) == ("leaving", False)
    room.end(appel, "hung_up")


def test_repondu_sans_mot_juge_est_refuse(room: Room) -> None:
    dossier = room.open()
    appel = room.start(dossier)
    with pytest.raises(CallWordFirstError):
        room.end(appel, "answered")
    with pytest.raises(InvalidError):
        room.end(appel, "no_idea")
    assert room.call(appel).result is None


def test_rien_ne_suit_avant_que_le_resultat_soit_acquis(room: Room) -> None:
    dossier = room.open()
    appel = room.start(dossier, "site", step_key="site")
    room.end(appel, "rings")
    assert room.settle(seconds=4) == []
    assert room.clues(dossier) == []
    assert room.step(dossier, "site").state != "done"
    assert room.handling(dossier).next_call is None
    assert room.settle(seconds=7) == [True]
    assert room.clues(dossier) == ["no_answer"]
    assert (room.step(dossier, "site").state, room.step(dossier, "site").result) == ("done", "no_answer")
    suivant = room.handling(dossier).next_call
    assert suivant is not None
    assert (suivant.name, suivant.number) == ("Gérante", "+33639981234")


def test_annuler_dans_le_delai_ne_laisse_qu_une_ligne(room: Room) -> None:
    dossier = room.open()
    appel = room.start(dossier, step_key="contact_1")
    room.end(appel, "busy")
    room.clock.advance(4)
    room.do("Ana", commands.undo_call, appel)
    assert room.settle() == []
    assert room.clues(dossier) == []
    vue = room.view(dossier, appel)
    assert (vue.result, vue.phase) == (None, "word")
    assert "call.result_undone" in room.entries(dossier)
    room.end(appel, "voicemail")
    room.settle()
    with pytest.raises(CallSettledError):
        room.do("Ana", commands.undo_call, appel)


def test_un_appel_lance_par_erreur_s_abandonne(room: Room) -> None:
    dossier = room.open()
    appel = room.start(dossier)
    room.do("Ana", commands.undo_call, appel)
    suivant = room.handling(dossier).next_call
    assert suivant is not None
    assert suivant.number == "+33639981234"  # il n’a pas été essayé


def test_la_cascade_passe_a_un_autre_numero(room: Room) -> None:
    """P6: after a wrong word nothing is cancelled, a clue is recorded, the next *other* number is proposed."""
    dossier = room.open()
    appel = room.start(dossier)
    assert room.word(appel, "marguerite") == "wrong"
    assert [say.code for say in room.view(dossier, appel).say] == ["call.goodbye"]
    room.end(appel, "answered")
    room.settle()
    assert room.clues(dossier) == ["wrong_word"]
    assert room.incident(dossier).state == "taken"
    order = []
    for result in ("busy", "rings"):
        following = room.handling(dossier).next_call
        assert following is not None
        order.append(following.number)
        who = following.name
        room.end(room.start(dossier, who, number=following.number), result)
        room.settle()
    assert order == ["+33199001235", "+33639981235"]
    assert room.handling(dossier).next_call is None


@pytest.mark.parametrize("whom", ["site", "Gérante"])
def test_le_meme_numero_ne_se_rappelle_pas_pendant_l_annulation(room: Room, whom: str) -> None:
    """P6: a wrong word leads to another number; a second try at once would be a second chance at the facts."""
    dossier = room.open()
    appel = room.start(dossier, whom)
    assert room.word(appel, "marguerite") == "wrong"
    room.end(appel, "answered")
    assert room.handling(dossier).next_call is None
    with pytest.raises(CallUnsettledError):
        room.start(dossier, whom)
    assert len(room.handling(dossier).calls) == 1
    room.start(dossier, "Gardien")  # another number is free
    room.do("Ana", commands.undo_call, room.handling(dossier).calls[-1].id)
    room.settle()
    following = room.handling(dossier).next_call
    assert following is not None
    assert following.number != room.call(appel).number


def test_un_resultat_repris_rend_le_numero(room: Room) -> None:
    dossier = room.open()
    appel = room.start(dossier, "site")
    room.end(appel, "busy")
    room.do("Ana", commands.undo_call, appel)
    room.do("Ana", commands.undo_call, appel)  # abandoned
    room.start(dossier, "site")


def test_seuls_les_numeros_de_la_fiche_s_appellent(room: Room) -> None:
    dossier = room.open()
    with pytest.raises(NoNumberError):
        room.start(dossier, number="+33639980000")
    with pytest.raises(NotFoundError):
        room.do("Ana", commands.start_call, dossier, target="contact", contact_id=999_999)
    room.start(dossier)
    with pytest.raises(CallRunningError):
        room.start(dossier)


def test_seul_qui_tient_le_dossier_appelle(room: Room) -> None:
    dossier = room.open(taken_by="Bruno")
    with pytest.raises(NotYoursError):
        room.start(dossier)


def test_la_messagerie_recoit_toujours_le_meme_texte_neutre(room: Room) -> None:
    dossiers = [room.open(), room.open(category="fire", family="fire", procedure_event="fire", priority=2)]
    textes = []
    for dossier in dossiers:
        vue = room.view(dossier, room.start(dossier))
        assert vue.voicemail is not None
        textes.append((vue.voicemail.code, json.dumps(vue.voicemail.params)))
    assert textes[0] == textes[1]
    assert "Entrepôt" not in textes[0][1]


def test_contrainte_un_seul_retour_a_la_normale(room: Room) -> None:
    """The points were back before the duress: only the new procedure's own step says so, and not by a restore alone (P1)."""
    dossier = room.open()
    room.do("watch", incidents.mark_point_normal, dossier, POINT.key, "restore", room.clock.now())
    assert room.step(dossier, "normal").state == "done"
    room.word(room.start(dossier), "orage")
    assert room.step(dossier, "normal").state == "absent"
    assert room.step(dossier, "duress_normal").state in ("pending", "current")
    room.do("Chef", incidents.release_duress, dossier, "lead_decision")
    assert room.step(dossier, "duress_normal").state == "done"


def test_contrainte_le_retour_dit_avant_elle_ne_reste_pas(room: Room) -> None:
    """Without a point to follow the return is said by hand: said before the duress, it is to be said again, once."""
    with room.act() as act:
        dossier = incidents.open_incident(act, opening(room.site_id), None, None)
    room.do("Ana", incidents.take, dossier)
    room.do("Ana", incidents.step_done, dossier, "normal", "normal")
    room.word(room.start(dossier), "orage")
    assert room.step(dossier, "normal").state == "absent"
    assert room.step(dossier, "duress_normal").state in ("pending", "current")


def test_contrainte_les_paroles_sont_lues_aux_forces_de_l_ordre(room: Room) -> None:
    """P4: the customer's words are the concrete element; who spoke them is not named."""
    dossier = room.open()
    room.word(room.start(dossier), "orage")
    police = room.directory["police"]
    room.do("Ana", commands.start_service_call, dossier, "police", "persons", directory_id=police)
    script = room.handling(dossier).service_calls[0].script
    told = [line.params for line in script if line.code == "service.clue"]
    texts = catalogue("fr", "texts")
    assert [params["clue"] for params in told] == ["duress_word"]
    said = render("fr", texts["service.clue"], json.loads(json.dumps(told[0], default=str)))
    assert said.endswith(": paroles de l’abonné : mot de contrainte donné. »")
    assert "Gérante" not in said


def test_contrainte_le_dossier_tourne_en_silence(room: Room) -> None:
    """P1: at once, same operator, priority 1, no ring; the customer's side hears the sentence of the right word."""
    juste, contrainte = room.open(), room.open()
    appels = {dossier: room.start(dossier) for dossier in (juste, contrainte)}
    room.word(appels[juste], "lilas")
    room.word(appels[contrainte], "orage")
    dossier = room.incident(contrainte)
    assert (dossier.duress, dossier.priority, dossier.state) == (True, 1, "taken")
    assert dossier.owner_id == room.users["Ana"]
    assert dossier.ringing_since is None
    assert "silent" in dossier.headline["marks"]
    fin = room.view(juste, appels[juste]).say[-1]
    assert room.view(contrainte, appels[contrainte]).say == [fin]
    assert room.handling(contrainte).doors.persons.state == "open"


def test_contrainte_ce_que_l_abonne_verrait_est_verrouille(room: Room) -> None:
    dossier = room.open()
    agent = room.do("Ana", commands.ask_agent, dossier, room.responders["Rondier 7"])
    room.do("Ana", commands.agent_accepted, dossier, agent, 20)
    appel = room.start(dossier)
    room.word(appel, "orage")
    room.end(appel, "answered")
    room.settle()
    refused = [
        (commands.recall_agent, (agent, "fausse alerte")),
        (commands.ask_agent, (room.responders["Rondier 9"],)),
        (commands.set_verification, ("negative",)),
        (incidents.close, ("unjustified_user",)),
    ]
    for command, args in refused:
        with pytest.raises(DuressLockedError):
            room.do("Ana", command, dossier, *args)
    with pytest.raises(DuressLockedError):
        room.start(dossier, "Gardien")
    assert room.start(dossier, "Gardien", basis="police")  # avec leur accord, tracé
    room.do("Chef", incidents.release_duress, dossier, "lead_decision")
    room.do("Ana", commands.recall_agent, dossier, agent, "levée par le chef")


def test_contrainte_levee_par_l_issue_des_forces_de_l_ordre(room: Room) -> None:
    dossier = room.open()
    room.word(room.start(dossier), "orage")
    avis = room.do(
        "Ana",
        commands.start_service_call,
        dossier,
        "police",
        "persons",
        directory_id=room.directory["police"],
    )
    room.do("Ana", commands.end_service_call, dossier, avis, outcome="coming", reached="Brigadier")
    assert room.incident(dossier).duress_locked
    room.do("Ana", commands.end_service_call, dossier, avis, outcome="nothing_found")
    assert not room.incident(dossier).duress_locked


def test_contrainte_tapee_par_presque_ne_tourne_pas_mais_se_voit(room: Room) -> None:
    dossier = room.open()
    appel = room.start(dossier)
    assert room.word(appel, "orages") == "near"
    vue = room.view(dossier, appel)
    assert vue.heard is not None
    assert vue.heard.near_of == "duress"
    assert not room.incident(dossier).duress
