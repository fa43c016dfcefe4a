"""Law 1 and the version of a dossier: every command writes its entry, moves `incident.entry_id`, and reads in words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.features.handling.room import Room
from veilleur.features.handling import commands
from veilleur.features.handling.tables import Clue
from veilleur.features.incidents import commands as incidents
from veilleur.features.sites.commands import Asking


def call_out(room: Room, dossier: int) -> int:
    return room.start(dossier)


def heard(room: Room, dossier: int) -> int:
    call_id = room.start(dossier)
    room.word(call_id, "lilas")
    return call_id


def ended(room: Room, dossier: int) -> int:
    call_id = room.start(dossier)
    room.end(call_id, "rings")
    return call_id


def received(room: Room, dossier: int) -> int:
    call_id: int = room.do(
        "Ana",
        commands.start_incoming,
        room.site_id,
        caller="Mme Essai",
        contact_id=room.contacts["Gérante"],
        incident_id=dossier,
    )
    room.word(call_id, "lilas")
    return call_id


def agent(room: Room, dossier: int, *stages: Callable[..., None]) -> int:
    number: int = room.do("Ana", commands.ask_agent, dossier, room.responders["Rondier 7"])
    for stage in stages:
        room.do("Ana", stage, dossier, number)
    return number


def avis(room: Room, dossier: int) -> int:
    number: int = room.do(
        "Ana", commands.start_service_call, dossier, "police", "goods", motif="subscriber_demand"
    )
    return number


def clue(room: Room, dossier: int) -> int:
    number: int = room.do("Ana", commands.add_clue, dossier, "image", "vu")
    return number


def closed_avis(room: Room, dossier: int) -> int:
    number = avis(room, dossier)
    room.do("Ana", commands.end_service_call, dossier, number, outcome="noted")
    return number


GOES, LEAVES, ARRIVES = commands.agent_accepted, commands.agent_on_the_way, commands.agent_on_site

#: commande → ce qu’il faut avant, puis qui et avec quoi
WALK: dict[str, Callable[[Room, int], tuple[Any, ...]]] = {
    "start_call": lambda r, d: (d,),
    "check_word": lambda r, d: (r.ring, call_out(r, d), "lila"),
    "declare_word": lambda r, d: (call_out(r, d), "not_obtained"),
    "reveal_word": lambda r, d: (r.ring, call_out(r, d)),
    "end_call": lambda r, d: (call_out(r, d), "busy"),
    "undo_call": lambda r, d: (ended(r, d),),
    "start_incoming": lambda r, d: (r.site_id,),
    "hear_duress_on_test": lambda r, d: (r.site_id, Asking("Gérante", word="duress")),
    "act_on_call": lambda r, d: (received(r, d), "answer"),
    "add_clue": lambda r, d: (d, "image", "Une personne force le rideau"),
    "remove_clue": lambda r, d: (d, clue(r, d)),
    "set_verification": lambda r, d: (d, "impossible"),
    "start_service_call": lambda r, d: (d, "fire", "goods"),
    "end_service_call": lambda r, d: (d, avis(r, d)),
    "review_service_call": lambda r, d: (d, closed_avis(r, d), "relu"),
    "undo_service_call_review": lambda r, d: (d, reviewed_avis(r, d)),
    "ask_agent": lambda r, d: (d, r.responders["Rondier 7"]),
    "agent_accepted": lambda r, d: (d, agent(r, d), 20),
    "agent_refused": lambda r, d: (d, agent(r, d), "en intervention"),
    "agent_no_answer": lambda r, d: (d, agent(r, d)),
    "agent_on_the_way": lambda r, d: (d, agent(r, d, GOES)),
    "agent_on_site": lambda r, d: (d, agent(r, d, GOES, LEAVES)),
    "agent_found": lambda r, d: (d, agent(r, d, GOES, LEAVES, ARRIVES), "nothing"),
    "agent_done": lambda r, d: (d, found(r, d)),
    "recall_agent": lambda r, d: (d, agent(r, d, GOES), "levée de doute négative"),
    "hold_agent": lambda r, d: (d, agent(r, d, GOES)),
    "agent_warned": lambda r, d: (d, agent(r, d, GOES)),
}
NAMED: dict[str, Callable[[Room, int], dict[str, Any]]] = {
    "start_call": lambda r, d: {"target": "site"},
    "start_incoming": lambda r, d: {"caller": "Mme Essai", "incident_id": d},
    "end_service_call": lambda r, d: {"outcome": "noted"},
}
#: Deadlines of the watch, walked in their own tests, and what is no command.
OTHERS = {"settle_call", "agent_unanswered", "agent_late", "start_call_back", "Revealed"}


def reviewed_avis(room: Room, dossier: int) -> int:
    number = closed_avis(room, dossier)
    room.do("Chef", commands.review_service_call, dossier, number)
    return number


def found(room: Room, dossier: int) -> int:
    number = agent(room, dossier, GOES, LEAVES, ARRIVES)
    room.do("Ana", commands.agent_found, dossier, number, "nothing")
    return number


def test_la_marche_nomme_chaque_commande() -> None:
    assert set(WALK) | OTHERS == set(commands.__all__)


@pytest.mark.parametrize("name", list(WALK))
def test_chaque_commande_deplace_la_version_du_dossier(room: Room, name: str) -> None:
    dossier = room.open()
    args = WALK[name](room, dossier)
    before, entries = room.incident(dossier).entry_id, len(room.entries(dossier))
    who = "Chef" if name in ("review_service_call", "undo_service_call_review") else "Ana"
    room.do(who, getattr(commands, name), *args, **NAMED.get(name, lambda r, d: {})(room, dossier))
    assert room.incident(dossier).entry_id > before
    assert len(room.entries(dossier)) > entries
    said = room.sentences()[-1]
    assert said != room.entries()[-1]  # chaque ligne a sa phrase
    assert not re.search(r"[{}|]|\b[a-z]+_[a-z]+\b", said), said
    assert "—" not in said


@pytest.mark.parametrize("due", ["settle_call", "agent_unanswered", "agent_late"])
def test_chaque_echeance_aussi(room: Room, due: str) -> None:
    dossier = room.open()
    if due == "settle_call":
        ended(room, dossier)
        wait = 11.0
    elif due == "agent_unanswered":
        agent(room, dossier)
        wait = 121.0
    else:
        room.do("Ana", GOES, dossier, agent(room, dossier), 1)
        wait = 61.0
    before = room.incident(dossier).entry_id
    assert True in room.settle(wait)
    assert room.incident(dossier).entry_id > before
    assert room.settle(60) == []  # jugée une fois


def test_un_indice_retire_n_est_pas_efface(room: Room) -> None:
    number = clue(room, dossier := room.open())
    room.do("Ana", commands.remove_clue, dossier, number)
    with room.read() as session:
        assert session.get_one(Clue, number).removed_at is not None


def test_un_dossier_remis_au_chef_n_arrete_pas_l_echeance(room: Room) -> None:
    """A call settles although the dossier was handed up meanwhile: its step stays, the fact is written."""
    dossier = room.open()
    room.end(room.start(dossier, "site", step_key="site"), "rings")
    room.do("Ana", incidents.hand_up, dossier, "unclear_order")
    assert room.settle() == [True]
    assert room.clues(dossier) == ["no_answer"]
