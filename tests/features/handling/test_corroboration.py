"""One person who tells an offence ends no cascade; the police call is proposed beside it, never locked (P4)."""

from __future__ import annotations

import pytest

from tests.features.handling.room import Room
from veilleur.features.handling import commands
from veilleur.features.handling.errors import ToJustifyError
from veilleur.features.incidents import commands as incidents


def current(room: Room, dossier: int) -> set[str]:
    """The steps of calls that are proposed now."""
    keys = ("site", "contact_1", "contact_2", "contact_3", "police")
    return {key for key in keys if room.step(dossier, key).state == "current"}


def open_quiet(room: Room) -> int:
    """A burglary whose pictures and sound say nothing, with an agent on his way."""
    dossier = room.open()
    room.do("Ana", incidents.step_done, dossier, "clip", "nothing")
    room.do("Ana", incidents.step_done, dossier, "listen", "nothing")
    room.do("Ana", incidents.step_done, dossier, "agent", "engaged")
    return dossier


def said(room: Room, dossier: int, who: str, step: str, word: str, understood: str) -> None:
    call_id = room.start(dossier, who, step_key=step)
    assert room.word(call_id, word) == "right"
    room.end(call_id, "answered", understood=understood)
    room.settle()


def unanswered(room: Room, dossier: int, who: str, step: str, result: str = "rings") -> None:
    room.end(room.start(dossier, who, step_key=step), result)
    room.settle()


def test_le_premier_temoignage_ne_termine_pas_la_cascade(room: Room) -> None:
    dossier = open_quiet(room)
    unanswered(room, dossier, "site", "site")
    said(room, dossier, "Gérante", "contact_1", "lilas", "offence")
    assert current(room, dossier) == {"contact_2", "police"}
    suivant = room.handling(dossier).next_call
    assert suivant is not None
    assert suivant.name == "Gardien", "le second numéro de la même personne ne recoupe rien"
    assert room.handling(dossier).doors.goods.state == "to_justify"
    said(room, dossier, "Gardien", "contact_2", "tournesol", "offence")
    assert room.handling(dossier).doors.goods.state == "justified"
    assert current(room, dossier) == {"police"}


def test_le_site_dit_un_fait_en_cours_le_premier_destinataire_suit(room: Room) -> None:
    dossier = open_quiet(room)
    said(room, dossier, "site", "site", "lilas", "offence")
    assert current(room, dossier) == {"contact_1", "police"}
    suivant = room.handling(dossier).next_call
    assert suivant is not None
    assert suivant.name == "Gardien", "la gérante a parlé du site : c’est une autre personne qu’il faut"


@pytest.mark.parametrize("result", ["rings", "busy", "voicemail", "wrong_number", "hung_up", "other_person"])
def test_apres_un_temoignage_personne_au_suivant_la_cascade_va_plus_loin(room: Room, result: str) -> None:
    dossier = open_quiet(room)
    said(room, dossier, "site", "site", "lilas", "offence")
    unanswered(room, dossier, "Gardien", "contact_1", result)
    assert current(room, dossier) == {"contact_2", "police"}


def test_passer_outre_termine_la_cascade_et_un_refus_la_reprend(room: Room) -> None:
    dossier = open_quiet(room)
    said(room, dossier, "site", "site", "lilas", "offence")
    with pytest.raises(ToJustifyError):
        room.do("Ana", commands.start_service_call, dossier, "police", "goods")
    avis = room.do("Ana", commands.start_service_call, dossier, "police", "goods", motif="subscriber_demand")
    assert current(room, dossier) == {"police"}
    room.do("Ana", commands.end_service_call, dossier, avis, outcome="refused")
    assert room.step(dossier, "police").result == "refused"
    assert current(room, dossier) == {"contact_1"}


def test_une_preuve_par_l_image_termine_la_cascade_son_retrait_la_reprend(room: Room) -> None:
    dossier = open_quiet(room)
    said(room, dossier, "site", "site", "lilas", "offence")
    indice = room.do("Ana", commands.add_clue, dossier, "image", "Une personne force le rideau")
    assert current(room, dossier) == {"police"}
    room.do("Ana", commands.remove_clue, dossier, indice)
    assert current(room, dossier) == {"contact_1", "police"}


def test_l_avis_lance_par_sa_carte_remplit_son_etape(room: Room) -> None:
    """Before its turn too: what was done is a fact, and is not asked for a second time."""
    dossier = room.open()
    avis = room.do("Ana", commands.start_service_call, dossier, "police", "goods", motif="police_request")
    room.do("Ana", commands.end_service_call, dossier, avis, outcome="coming")
    assert (room.step(dossier, "police").state, room.step(dossier, "police").result) == ("done", "coming")


def test_contrainte_rien_a_recouper(room: Room) -> None:
    dossier = open_quiet(room)
    said(room, dossier, "site", "site", "lilas", "offence")
    appel = room.start(dossier, "Gardien", step_key="contact_1")
    assert room.word(appel, "tempete") == "duress"
    room.end(appel, "hung_up")
    room.settle()
    with room.read() as session:
        from veilleur.features.incidents.tables import Incident

        assert not session.get_one(Incident, dossier).procedure.get("corroborate")
    assert room.handling(dossier).doors.persons.state == "open"
