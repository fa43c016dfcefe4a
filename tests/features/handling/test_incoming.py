"""A customer telephones (need 4): with or without a dossier; only the right word of an authorised contact cancels."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.features.handling.room import Room
from veilleur.features.handling import commands, queries
from veilleur.features.handling.errors import (
    CallResultContradictsLineError,
    CallWordFirstError,
    CancelRefusedError,
    NoNumberError,
)
from veilleur.features.handling.tables import Call
from veilleur.features.incidents.errors import DuressLockedError
from veilleur.features.incidents.points import points_of
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.commands import Asking, CallBackNeededError, TestScope, start_on_test
from veilleur.features.sites.errors import CallProvesNothingError
from veilleur.features.sites.evidence import read_evidence
from veilleur.features.sites.tables import Contact, Site
from veilleur.kernel.errors import InvalidError


def incoming(
    room: Room, dossier: int | None = None, who: str | None = "Gérante", operator: str = "Ana"
) -> int:
    return int(
        room.do(
            operator,
            commands.start_incoming,
            room.site_id,
            caller="Mme Essai",
            contact_id=room.contacts[who] if who else None,
            incident_id=dossier,
        )
    )


def test_rien_n_est_dit_avant_le_mot(room: Room) -> None:
    dossier = room.open()
    call_id = incoming(room, dossier)
    view = room.view(dossier, call_id)
    assert [say.code for say in view.say] == ["call.good_morning", "call.who_are_you", "call.code_word"]
    with pytest.raises(CallWordFirstError):
        room.do("Ana", commands.act_on_call, call_id, "answer")


def test_le_mot_juste_annule_une_fois_le_delai_passe(room: Room) -> None:
    dossier = room.open()
    call_id = incoming(room, dossier)
    assert not room.view(dossier, call_id).may_cancel
    room.word(call_id, "lilas")
    assert room.view(dossier, call_id).may_cancel
    room.do("Ana", commands.act_on_call, call_id, "cancel")
    assert not room.incident(dossier).normal
    room.settle()
    incident = room.incident(dossier)
    assert (incident.normal, incident.verification) == (True, "negative")
    with room.read() as session:
        assert [point.normal_by for point in points_of(session, dossier)] == ["contact"]
    assert "incident.cancelled_by_contact" in room.entries(dossier)
    assert incident.state == "taken"  # la clôture et sa cause restent à l’opérateur
    answered = next(each for each in room.sentences() if each.startswith("Appel reçu traité"))
    assert "fausse manœuvre" not in answered  # personne ne l’a dit
    assert room.call(call_id).understood is None


def test_annuler_se_defait(room: Room) -> None:
    dossier = room.open()
    call_id = incoming(room, dossier)
    room.word(call_id, "lilas")
    room.do("Ana", commands.act_on_call, call_id, "cancel")
    room.do("Ana", commands.undo_call, call_id)
    assert room.settle() == []
    assert not room.incident(dossier).normal


#: famille · mot entendu · habilité → pourquoi l’annulation est refusée
REFUSED = [
    ({}, "marguerite", True, "word"),
    ({}, None, True, None),
    ({"family": "fire", "category": "fire", "procedure_event": "fire"}, "lilas", True, "family"),
    ({"family": "person", "category": "hold_up", "procedure_event": "hold_up"}, "lilas", True, "family"),
    ({"family": "person", "category": "medical", "procedure_event": "medical"}, "lilas", True, "family"),
]


@pytest.mark.parametrize(("kind", "word", "authorised", "reason"), REFUSED)
def test_ce_qui_ne_s_annule_pas(
    room: Room, kind: dict[str, str], word: str | None, authorised: bool, reason: str | None
) -> None:
    dossier = room.open(**kind)
    call_id = incoming(room, dossier)
    if word:
        room.word(call_id, word)
    expected = CancelRefusedError if reason else CallWordFirstError
    with pytest.raises(expected) as refused:
        room.do("Ana", commands.act_on_call, call_id, "cancel")
    if reason:
        assert refused.value.params["reason"] == reason
    assert not room.incident(dossier).normal


def test_un_contact_non_habilite_n_annule_pas(room: Room) -> None:
    dossier = room.open()
    with room.act() as act:
        entry = act.record("test.contact")
        contact = act.session.get_one(Contact, room.contacts["Gérante"])
        contact.authorised, contact.entry_id = False, entry
    call_id = incoming(room, dossier)
    assert room.word(call_id, "lilas") == "wrong"
    with pytest.raises(CancelRefusedError):
        room.do("Ana", commands.act_on_call, call_id, "cancel")


def test_sans_dossier_on_repond_et_on_note(room: Room) -> None:
    call_id = incoming(room, None)
    room.word(call_id, "lilas")
    with pytest.raises(CancelRefusedError):
        room.do("Ana", commands.act_on_call, call_id, "cancel")
    room.do("Ana", commands.act_on_call, call_id, "note", note="Livraison demain à 5 h")
    assert room.settle() == [True]
    with room.read() as session:
        view = queries.call_for(session, call_id, room.reader(), room.clock.now())
    assert (view.settled, view.asked, view.understood) == (True, "note", None)
    assert room.entries()[-3:] == ["call.word_checked", "call.answered", "call.settled"]


def test_la_mise_en_essai_s_appuie_sur_l_appel(room: Room) -> None:
    """The site's own command takes this call as its evidence: word right, second person for the night."""
    call_id = incoming(room, None)
    room.word(call_id, "lilas")
    until = room.clock.now() + timedelta(hours=1)
    night = Asking("Gérante", call_id=call_id, contact_id=room.contacts["Gérante"])
    room.do("Ana", commands.act_on_call, call_id, "on_test", note="technicien sur place")
    with pytest.raises(CallBackNeededError):  # P10 : de nuit, un contre-appel à un numéro enregistré
        room.do("Ana", start_on_test, room.site_id, TestScope(), until, night)
    room.clock.advance(6 * 3600)  # 9 h 14 à Paris : le jour
    second = incoming(room, None)
    room.word(second, "lilas")
    room.do("Ana", commands.act_on_call, second, "on_test")
    day = Asking("Gérante", call_id=second, contact_id=room.contacts["Gérante"])
    until = room.clock.now() + timedelta(hours=1)
    assert room.do("Ana", start_on_test, room.site_id, TestScope(), until, day)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("answer", "renseignement donné"),
        ("on_test", "mise en essai demandée"),
        ("note", "information notée"),
    ],
)
def test_ce_qui_est_demande_s_ecrit_et_rien_de_plus(room: Room, asked: str, words: str) -> None:
    """Who asks for something says nothing of the alarm: the logbook lends him no «rien d’anormal»."""
    dossier = room.open()
    call_id = incoming(room, dossier)
    room.word(call_id, "lilas")
    room.do("Ana", commands.act_on_call, call_id, asked)
    assert room.call(call_id).understood is None
    assert room.sentences()[-1] == f"Appel reçu traité : Mme Essai, {words}, mot de passe juste"
    room.settle()
    assert room.clues(dossier) == []


def test_ce_que_la_personne_dit_de_l_alarme_est_un_indice(room: Room) -> None:
    dossier = room.open()
    call_id = incoming(room, dossier)
    room.word(call_id, "lilas")
    room.do("Ana", commands.act_on_call, call_id, "note", understood="offence", note="on force ma porte")
    room.settle()
    assert room.clues(dossier) == ["told_offence"]


def test_contrainte_sans_dossier_en_ouvre_un_tenu_et_muet(room: Room) -> None:
    call_id = incoming(room, None)
    assert room.word(call_id, "orage") == "duress"
    with room.read() as session:
        incident = session.scalars(select(Incident)).one()
        call = session.get_one(Call, call_id)
    assert (incident.duress, incident.duress_locked, incident.priority) == (True, True, 1)
    assert (incident.state, incident.owner_id) == ("taken", room.users["Ana"])
    assert incident.ringing_since is None
    assert call.incident_id == incident.id
    view = room.view(incident.id, call_id)
    assert [say.code for say in view.say] == ["call.closing"]
    room.do("Ana", commands.end_call, call_id, "answered")
    room.settle()


def test_un_collegue_peut_repondre_pour_un_dossier_qu_il_ne_tient_pas(room: Room) -> None:
    dossier = room.open(taken_by="Ana")
    before = room.incident(dossier).last_act_at
    call_id = incoming(room, dossier, operator="Bruno")
    room.word(call_id, "lilas", who="Bruno")
    room.do("Bruno", commands.act_on_call, call_id, "answer", note="arrive dans 10 min")
    assert room.incident(dossier).last_act_at == before  # l’acte de Bruno n’est pas celui d’Ana
    assert room.incident(dossier).owner_id == room.users["Ana"]


def call_back(room: Room) -> int:
    """Our call to the gérante's registered number, outside any dossier."""
    return int(
        room.do(
            "Ana",
            commands.start_call_back,
            room.site_id,
            target="contact",
            contact_id=room.contacts["Gérante"],
        )
    )


def test_le_contre_appel_sans_dossier_vaut_preuve(room: Room) -> None:
    """P10, V6: at night what is asked rests on our own call to a registered number, answered by its person."""
    call_id = call_back(room)
    room.word(call_id, "lilas")
    room.do("Ana", commands.end_call, call_id, "answered", understood="confirmed")
    with room.read() as session:
        call = session.get_one(Call, call_id)
        assert (call.direction, call.incident_id, call.identified) == ("out", None, True)
        site = session.get_one(Site, room.site_id)
        proof = read_evidence(session, site, call_id, room.clock.now())
        assert proof is not None
        assert proof.registered
        assert proof.identified
    room.settle()
    with room.read() as session:
        assert session.get_one(Call, call_id).settled


def test_sous_la_contrainte_personne_n_est_rappele(room: Room) -> None:
    """P1: not even by the site's own page."""
    dossier = room.open()
    room.word(incoming(room, dossier), "orage")
    assert room.incident(dossier).duress_locked
    with pytest.raises(DuressLockedError):
        call_back(room)


def test_seul_un_numero_de_la_fiche_est_rappele(room: Room) -> None:
    with pytest.raises(NoNumberError):
        room.do("Ana", commands.start_call_back, room.site_id, target="site", number="+33639989999")
    with pytest.raises(InvalidError):
        room.do("Ana", commands.start_call_back, room.site_id, target="responder")


def the_only_dossier(room: Room) -> Incident:
    with room.read() as session:
        return session.scalars(select(Incident)).one()


def proves(room: Room, call_id: int) -> bool:
    """Whether a test asked now may rest on this call."""
    with room.read() as session:
        try:
            return (
                read_evidence(session, session.get_one(Site, room.site_id), call_id, room.clock.now())
                is not None
            )
        except CallProvesNothingError:
            return False


def tell_offence(room: Room, how: str) -> int:
    """The gérante, identified, says that somebody forces her door: she calls us, or we called her from the site's file."""
    call_id = incoming(room, None) if how == "in" else call_back(room)
    room.word(call_id, "lilas")
    if how == "in":
        room.do("Ana", commands.act_on_call, call_id, "note", understood="offence", note="on force ma porte")
    else:
        room.do("Ana", commands.end_call, call_id, "answered", understood="offence", note="on force ma porte")
    return call_id


@pytest.mark.parametrize("how", ["in", "out"])
def test_un_fait_en_cours_dit_au_telephone_ouvre_un_dossier(room: Room, how: str) -> None:
    """Need 4, P4, P6: held by who heard it, with the clue, and never the proof of goods by itself."""
    call_id = tell_offence(room, how)
    incident = the_only_dossier(room)
    assert (incident.state, incident.owner_id, incident.ringing_since) == ("taken", room.users["Ana"], None)
    assert (incident.family, incident.category, incident.priority) == ("intrusion", "intrusion", 2)
    assert incident.verification == "running"
    assert room.call(call_id).incident_id == incident.id
    assert room.view(incident.id, call_id).incident_id == incident.id
    assert room.entries(incident.id)[-1] == ("call.answered" if how == "in" else "call.ended")
    room.settle()
    assert room.clues(incident.id) == ["told_offence"]
    goods = room.handling(incident.id).doors.goods
    assert goods.state == "to_justify"
    assert not proves(room, call_id)


def test_le_fait_en_cours_rejoint_le_dossier_ouvert(room: Room) -> None:
    """Nobody had taken it: who heard the offence holds it. A colleague's stays his."""
    dossier = room.open(taken_by=None)
    tell_offence(room, "in")
    assert (the_only_dossier(room).id, the_only_dossier(room).owner_id) == (dossier, room.users["Ana"])
    room.settle()
    assert room.clues(dossier) == ["told_offence"]


def test_le_dossier_d_un_collegue_reste_le_sien(room: Room) -> None:
    dossier = room.open(taken_by="Bruno")
    tell_offence(room, "in")
    assert (the_only_dossier(room).id, the_only_dossier(room).owner_id) == (dossier, room.users["Bruno"])


def test_un_feu_ouvert_ne_prend_pas_le_fait_en_cours(room: Room) -> None:
    fire = room.open(family="fire", category="fire", procedure_event="fire")
    call_id = tell_offence(room, "in")
    assert room.call(call_id).incident_id not in (None, fire)


def test_le_fait_en_cours_se_defait_sans_second_dossier(room: Room) -> None:
    call_id = tell_offence(room, "in")
    room.do("Ana", commands.undo_call, call_id)
    room.settle()
    assert room.clues(the_only_dossier(room).id) == []
    room.do("Ana", commands.act_on_call, call_id, "note", understood="offence")
    room.settle()
    assert room.clues(the_only_dossier(room).id) == ["told_offence"]


def test_d_un_dossier_ouvert_au_telephone_aucun_signal_n_est_dit(room: Room) -> None:
    """The second contact of the cascade is told what was reported, never an alarm that nobody received."""
    tell_offence(room, "in")
    room.settle()
    dossier = the_only_dossier(room).id
    second = room.start(dossier, "Gardien")
    room.word(second, "tournesol")
    said = [text.code for text in room.view(dossier, second).say]
    assert said == ["call.facts_told", "call.what_do_you_see", "call.closing"]


def test_un_contre_appel_verifie_la_demande_et_ne_dit_aucune_alarme(room: Room) -> None:
    call_id = call_back(room)
    with room.read() as session:
        view = queries.call_for(session, call_id, room.reader(), room.clock.now())
    assert [text.code for text in view.say] == ["call.who_we_are", "call.who_are_you", "call.code_word"]
    room.word(call_id, "lilas")
    with room.read() as session:
        view = queries.call_for(session, call_id, room.reader(), room.clock.now())
    assert [text.code for text in view.say] == ["call.verify", "call.what_did_you_ask", "call.closing"]
    assert view.say[0].params["site"]
    assert view.meanings == ["confirmed", "denied", "unclear", "offence"]
    with pytest.raises(InvalidError):
        room.do("Ana", commands.end_call, call_id, "answered", understood="mistake")


@pytest.mark.parametrize(
    ("understood", "stands"), [("confirmed", True), ("denied", False), ("unclear", False)]
)
def test_seule_une_demande_confirmee_vaut_contre_appel(room: Room, understood: str, stands: bool) -> None:
    call_id = call_back(room)
    room.word(call_id, "lilas")
    room.do("Ana", commands.end_call, call_id, "answered", understood=understood)
    assert proves(room, call_id) is stands
    with room.read() as session:
        assert session.scalars(select(Incident)).all() == []


def test_qui_nous_appelle_est_en_ligne(room: Room) -> None:
    """«Sonne», «occupé», «messagerie», «faux numéro» are ends of our own calls."""
    call_id = incoming(room, None)
    with room.read() as session:
        view = queries.call_for(session, call_id, room.reader(), room.clock.now())
    assert view.results == ["hung_up", "other_person"]
    for result in ("rings", "busy", "voicemail", "wrong_number"):
        with pytest.raises(CallResultContradictsLineError):
            room.do("Ana", commands.end_call, call_id, result)
    room.do("Ana", commands.end_call, call_id, "hung_up")
