"""A cancelled alarm closes in one confirmation (need 4); what speaks afterwards, or was proven before, does not (P3, P4)."""

from __future__ import annotations

import pytest

from tests.features.handling.room import NEW_POINT, Room
from tests.features.handling.test_incoming import incoming
from veilleur.features.handling import commands
from veilleur.features.handling.errors import CallTooManyTriesError, CancelRefusedError
from veilleur.features.handling.incoming import TRIES_KEPT
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.closing import blockers_of
from veilleur.features.incidents.errors import UndoTooLateError
from veilleur.features.incidents.points import points_of
from veilleur.features.incidents.tables import Incident


def cancelled(room: Room, dossier: int) -> None:
    """The gérante telephones, gives the right word and cancels; the delay to undo has passed."""
    call_id = incoming(room, dossier)
    room.word(call_id, "lilas")
    room.do("Ana", commands.act_on_call, call_id, "cancel")
    room.settle()


def still_asked(room: Room, dossier: int) -> list[str]:
    with room.read() as session:
        return [each.code for each in blockers_of(session, session.get_one(Incident, dossier))]


def test_une_alarme_annulee_se_clot_d_un_seul_geste(room: Room) -> None:
    """Need 4, and a non-event's closing is the fastest path: one entry, nothing for the morning's review."""
    dossier = room.open()
    cancelled(room, dossier)
    told = "Alarme annulée par un destinataire identifié : Gérante, mot de passe juste"
    assert next(each for each in room.sentences() if each.startswith(told)).count("Sans objet : ") == 1
    assert "step.skipped" not in room.entries(dossier)
    for key in ("agent", "site", "contact_1", "contact_2", "police"):
        step = room.step(dossier, key)
        assert (step.state, step.motif, step.note) == ("skipped", "cancelled", "Gérante"), key
        assert not step.review_needed
    assert room.incident(dossier).last_act_at == room.clock.now()
    room.settle(200)
    assert room.incident(dossier).ringing_since is None
    assert still_asked(room, dossier) == []
    room.do("Ana", incidents.close, dossier, "unjustified_user")
    assert room.incident(dossier).state == "closed"


def test_une_etape_sans_objet_se_reprend_dans_le_delai(room: Room) -> None:
    dossier = room.open()
    cancelled(room, dossier)
    room.do("Ana", incidents.step_undone, dossier, "agent")
    assert room.step(dossier, "agent").state == "current"
    assert still_asked(room, dossier) == ["steps_open"]
    room.clock.advance(11)
    with pytest.raises(UndoTooLateError):
        room.do("Ana", incidents.step_undone, dossier, "site")


def test_un_signal_apres_l_annulation_rend_les_etapes(room: Room) -> None:
    """P3: the customer cancelled what had spoken, not what speaks afterwards."""
    dossier = room.open()
    cancelled(room, dossier)
    room.join(dossier, NEW_POINT, ring="new_point")
    assert (room.step(dossier, "agent").state, room.step(dossier, "agent").motif) == ("pending", None)
    assert room.incident(dossier).verification == "running"
    assert set(still_asked(room, dossier)) == {"steps_open", "points_open"}


def test_un_point_qui_parle_pendant_le_delai_n_est_pas_annule(room: Room) -> None:
    dossier = room.open()
    call_id = incoming(room, dossier)
    room.word(call_id, "lilas")
    room.do("Ana", commands.act_on_call, call_id, "cancel")
    room.clock.advance(2)
    room.join(dossier, NEW_POINT, ring="new_point")
    room.settle()
    with room.read() as session:
        assert [point.normal_by for point in points_of(session, dossier)] == ["contact", None]
    assert room.incident(dossier).verification != "negative"
    assert room.step(dossier, "agent").state == "pending"


def test_une_preuve_ne_s_annule_pas_par_telephone(room: Room) -> None:
    """P4: an unequivocal image is enough alone, whatever somebody says on the telephone."""
    dossier = room.open()
    room.do("Ana", commands.add_clue, dossier, "image", "un homme force la porte du quai")
    call_id = incoming(room, dossier)
    room.word(call_id, "lilas")
    with pytest.raises(CancelRefusedError) as refused:
        room.do("Ana", commands.act_on_call, call_id, "cancel")
    assert refused.value.params["reason"] == "proof"


def test_a_priorite_1_les_etapes_restent(room: Room) -> None:
    dossier = room.open(priority=1)
    cancelled(room, dossier)
    assert room.incident(dossier).verification == "negative"
    assert room.step(dossier, "agent").state == "pending"


def test_une_liaison_perdue_reste_a_reparer(room: Room) -> None:
    """What repairs is not what verifies: the technician stays to be called."""
    dossier = room.open(family="technical", category="path", procedure_event="path")
    cancelled(room, dossier)
    assert still_asked(room, dossier) == ["steps_open"]
    assert room.step(dossier, "technician").state in ("current", "pending")
    assert room.step(dossier, "site").motif == "cancelled"


def test_ce_que_dit_la_personne_en_annulant_est_ecrit_quand_elle_le_dit(room: Room) -> None:
    dossier = room.open()
    call_id = incoming(room, dossier)
    room.word(call_id, "lilas")
    room.do("Ana", commands.act_on_call, call_id, "cancel", understood="mistake")
    assert room.call(call_id).understood == "mistake"


def test_qui_rappelle_ne_recommence_pas_ses_essais(room: Room) -> None:
    """P6: a stranger who telephones again and again does not guess the word; a number of the file is called back."""
    dossier = room.open()
    first = incoming(room, dossier)
    for wrong in ("marguerite", "pivoine"):
        assert room.word(first, wrong) == "wrong"
    room.end(first, "hung_up")
    again = incoming(room, dossier)
    assert room.view(dossier, again).tries_left == 1
    assert room.word(again, "tartempion") == "wrong"
    room.end(again, "hung_up")
    last = incoming(room, dossier)
    assert room.view(dossier, last).tries_left == 0
    with pytest.raises(CallTooManyTriesError):
        room.word(last, "lilas")
    back = room.start(dossier)
    assert room.word(back, "lilas") == "right"
    room.clock.advance(TRIES_KEPT.total_seconds() + 1)
    assert room.word(incoming(room, dossier), "lilas") == "right"
