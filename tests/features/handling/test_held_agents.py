"""An agent engaged when a person is under threat: told first, held, and known to the police (practice P1, P3)."""

from __future__ import annotations

import pytest

from tests.features.handling.room import NEW_POINT, Room
from tests.features.handling.test_interventions import ask, may_warn, sent, state
from tests.features.handling.test_verification import PERSON, avis, read_aloud
from veilleur.features.handling import commands
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.errors import DuressLockedError

STAGES_OF = {
    "asked": (),
    "accepted": (commands.agent_accepted,),
    "on_the_way": (commands.agent_accepted, commands.agent_on_the_way),
    "on_site": (commands.agent_accepted, commands.agent_on_the_way, commands.agent_on_site),
}


def threatened(room: Room, dossier: int, by: str) -> None:
    """A duress word on the telephone, or the signal of a duress code."""
    if by == "word":
        call_id = room.start(dossier)
        room.clock.advance(5)
        assert room.word(call_id, "orage") == "duress"
    else:
        room.clock.advance(5)
        room.join(dossier, NEW_POINT, ring="higher", priority=1, warn_agent=True, duress=True)
        room.do("Ana", incidents.take, dossier)


@pytest.mark.parametrize("by", ["word", "signal"])
@pytest.mark.parametrize("stage", STAGES_OF)
def test_contrainte_l_agent_est_prevenu_et_retenu(room: Room, stage: str, by: str) -> None:
    """P1, P3: whatever his stage, he is told first, shows himself to nobody, and goes on only by the consigne or the
    police."""
    dossier = room.open()
    agent = ask(room, dossier)
    for command in STAGES_OF[stage]:
        room.do("Ana", command, dossier, agent)
    threatened(room, dossier, by)
    (view,) = room.handling(dossier).interventions
    assert room.incident(dossier).warn_agent
    assert view.threat
    assert view.hold_back
    assert {"held", "warned"} <= set(view.abilities)
    assert ("cancelled" in view.abilities) == (stage == "asked"), "P1: a recall is locked, a request is not"
    with pytest.raises(DuressLockedError):
        room.do("Ana", commands.agent_warned, dossier, agent)
    assert room.incident(dossier).warn_agent
    room.do("Ana", commands.hold_agent, dossier, agent)
    assert not room.incident(dossier).warn_agent
    assert room.sentences()[-1] == "Agent prévenu, retenu à distance : Rondier 7 – il ne se présente pas"
    (view,) = room.handling(dossier).interventions
    assert (view.state, view.hold_back) == ("held", False)
    with pytest.raises(DuressLockedError):
        room.do("Ana", commands.agent_on_the_way, dossier, agent)
    room.do("Ana", commands.agent_on_the_way, dossier, agent, basis="police")
    assert "accord des forces de l’ordre" in room.sentences()[-1]
    assert state(room, dossier) == "on_the_way"


@pytest.mark.parametrize(
    ("basis", "words"), [("consigne", "la consigne le prévoit"), ("police", "accord des")]
)
def test_contrainte_la_consigne_peut_le_laisser_aller(room: Room, basis: str, words: str) -> None:
    dossier = room.open()
    agent = sent(room, dossier)
    threatened(room, dossier, "word")
    room.do("Ana", commands.agent_warned, dossier, agent, basis)
    assert (state(room, dossier), room.incident(dossier).warn_agent) == ("accepted", False)
    assert words in room.sentences()[-1]


def test_contrainte_un_agent_deja_prevenu_l_est_de_nouveau(room: Room) -> None:
    dossier = room.open()
    first = sent(room, dossier)
    second = ask(room, dossier, "Rondier 9")
    room.do("Ana", commands.agent_accepted, dossier, second, 10)
    room.join(dossier, NEW_POINT, warn_agent=True)
    for agent in (first, second):
        room.clock.advance(5)
        room.do("Ana", commands.agent_warned, dossier, agent)
    threatened(room, dossier, "word")
    room.do("Ana", commands.hold_agent, dossier, first)
    assert may_warn(room, dossier) == {"Rondier 7": False, "Rondier 9": True}
    assert room.incident(dossier).warn_agent
    room.do("Ana", commands.agent_refused, dossier, second, "panne")
    assert not room.incident(dossier).warn_agent, "personne d’autre à prévenir"


def test_contrainte_qui_repond_apres_est_prevenu_a_son_tour(room: Room) -> None:
    dossier = room.open()
    agent = ask(room, dossier)
    room.do("Ana", commands.agent_no_answer, dossier, agent)
    threatened(room, dossier, "word")
    assert not room.incident(dossier).warn_agent
    room.do("Ana", commands.agent_accepted, dossier, agent)
    assert room.incident(dossier).warn_agent
    room.do("Ana", commands.hold_agent, dossier, agent)
    other = ask(room, dossier, "Rondier 9", basis="police")
    room.do("Ana", commands.agent_accepted, dossier, other)
    assert not room.incident(dossier).warn_agent, "demandé sous contrainte, il sait"


def test_contrainte_l_agent_d_un_autre_dossier_du_site(room: Room) -> None:
    """Two dossiers of one site: the duress of one is met by the agent of the other, and the police hear of him."""
    other = room.open(group="annexe")
    agent = sent(room, other)
    dossier = room.open(**PERSON)
    threatened(room, dossier, "word")
    assert room.incident(other).warn_agent
    assert not room.incident(dossier).warn_agent
    assert "incident.agent_to_hold" in room.entries(other)
    avis(room, dossier, "persons")
    assert any("Un agent d’intervention est engagé : Rondier 7" in line for line in read_aloud(room, dossier))
    room.do("Ana", commands.hold_agent, other, agent)
    assert not room.incident(other).warn_agent


@pytest.mark.parametrize(
    ("stage", "held", "said"),
    [
        ("asked", False, None),
        ("accepted", False, "« Un agent d’intervention est engagé : Rondier 7, sur place vers "),
        ("on_the_way", False, "« Un agent d’intervention est en route : Rondier 7, sur place vers "),
        ("on_site", False, "« Un agent d’intervention est sur place : Rondier 7. »"),
        ("on_the_way", True, "« Un agent d’intervention attend à distance : Rondier 7. Il n’entre pas. »"),
    ],
)
def test_la_police_sait_ou_est_l_agent(room: Room, stage: str, held: bool, said: str | None) -> None:
    dossier = room.open()
    agent = ask(room, dossier)
    for command in STAGES_OF[stage]:
        room.do("Ana", command, dossier, agent)
    threatened(room, dossier, "word")
    if held:
        room.do("Ana", commands.hold_agent, dossier, agent)
    avis(room, dossier, "persons")
    told = [line for line in read_aloud(room, dossier) if "agent d’intervention" in line]
    assert [line.startswith(said) for line in told] == [True] if said else told == []


def test_la_contrainte_levee_l_agent_repart(room: Room) -> None:
    dossier = room.open()
    agent = sent(room, dossier, on_site=True)
    threatened(room, dossier, "word")
    room.do("Ana", commands.hold_agent, dossier, agent)
    room.do("Chef", incidents.release_duress, dossier, "lead_decision")
    (view,) = room.handling(dossier).interventions
    assert (view.threat, "on-the-way" in view.abilities, "held" in view.abilities) == (False, True, False)
    room.do("Ana", commands.agent_on_site, dossier, agent)
    assert state(room, dossier) == "on_site"
