"""The right word of a person who may no longer identify (practice P6): told for what it is, granting nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.features.handling.room import Room
from tests.features.handling.test_incoming import incoming
from veilleur.features.handling import commands
from veilleur.features.handling.errors import CancelRefusedError
from veilleur.features.sites.tables import Contact


@pytest.mark.parametrize("direction", ["in", "out"])
@pytest.mark.parametrize("how", ["withdrawn", "expired"])
@pytest.mark.parametrize("judged", ["typed", "declared"])
def test_le_mot_juste_d_une_personne_qui_n_est_plus_habilitee(
    room: Room, how: str, judged: str, direction: str
) -> None:
    """P6: said for what it is, after the word; the caller hears the same sentence, nothing is granted."""
    dossier = room.open()
    call_id = incoming(room, dossier) if direction == "in" else room.start(dossier)
    if judged == "declared":
        room.do("Ana", commands.reveal_word, room.ring, call_id, room.contacts["Gérante"])
    with room.act() as act:
        entry = act.record("test.contact")
        contact = act.session.get_one(Contact, room.contacts["Gérante"])
        contact.entry_id = entry
        contact.authorised = how != "withdrawn"
        if how == "expired":
            contact.provisional_until = act.now - timedelta(hours=1)
            contact.provisional_at = act.now - timedelta(hours=9)
    assert all(said.code != "call.not_authorised" for said in room.view(dossier, call_id).say)
    if judged == "typed":
        assert room.word(call_id, "lilas") == "wrong"
    else:
        room.do("Ana", commands.declare_word, call_id, "right")
    view = room.view(dossier, call_id)
    assert [said.code for said in view.say] == ["call.goodbye", "call.not_authorised"]
    assert view.say[1].params["person"] == "Gérante"
    assert (view.say[1].params["since"] is not None) == (how == "expired")
    assert (view.word, view.identified, view.may_cancel) == ("not_authorised", False, False)
    assert "Mot de passe juste, mais personne non habilitée : " in room.sentences()[-1]
    assert "Gérante" in room.sentences()[-1]
    assert ("depuis" in room.sentences()[-1]) == (how == "expired")
    if direction == "in":
        with pytest.raises(CancelRefusedError):
            room.do("Ana", commands.act_on_call, call_id, "cancel")
        room.do("Ana", commands.act_on_call, call_id, "note")
    else:
        room.end(call_id, "answered")
    assert "mot de passe juste, mais personne non habilitée" in room.sentences()[-1]
    room.settle()
    assert room.clues(dossier) == ["not_authorised"]
    assert not any(call.identified for call in room.handling(dossier).calls)
    assert "lilas" not in room.everything_written()
