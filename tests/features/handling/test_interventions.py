"""Agents (duties S6, S11; practice P3, P4, P5): the table of stages, delays, findings, «prévenir l'agent»."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.features.handling.room import NEW_POINT, Room
from tests.features.handling.test_verification import avis, read_aloud
from veilleur.features.handling import commands, queries
from veilleur.features.handling.errors import (
    InterventionStateError,
    NoWarningError,
    ResponderBusyError,
    ResponderCardError,
)
from veilleur.features.handling.stages import STAGES, Agent, may_become, next_agent, ranked
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.model import PointRef, SignalRef
from veilleur.features.incidents.points import points_of
from veilleur.features.sites.commands import Asking, TestScope, start_on_test
from veilleur.features.sites.files import read_site_file
from veilleur.features.sites.states import set_zone_state
from veilleur.features.sites.tables import Panel, Responder, Zone
from veilleur.kernel.errors import InvalidError


def ask(room: Room, dossier: int, who: str = "Rondier 7", **how: object) -> int:
    return int(room.do("Ana", commands.ask_agent, dossier, room.responders[who], **how))


def sent(room: Room, dossier: int, *, on_site: bool = False) -> int:
    agent = ask(room, dossier)
    room.do("Ana", commands.agent_accepted, dossier, agent, 20)
    if on_site:
        room.do("Ana", commands.agent_on_the_way, dossier, agent)
        room.do("Ana", commands.agent_on_site, dossier, agent)
    return agent


def state(room: Room, dossier: int, number: int = 0) -> str:
    return room.handling(dossier).interventions[number].state


def test_la_table_des_etapes() -> None:
    path = ["asked", "accepted", "on_the_way", "on_site", "finding", "done"]
    assert all(may_become(a, b) for a, b in itertools.pairwise(path))
    assert may_become("no_answer", "accepted")  # il rappelle
    for finished in ("done", "refused", "cancelled"):
        assert STAGES[finished] == ()
    for skipped in (("asked", "on_site"), ("accepted", "done"), ("on_site", "done"), ("finding", "accepted")):
        assert not may_become(*skipped)


def test_chaque_etape_est_horodatee(room: Room) -> None:
    dossier = room.open()
    agent = ask(room, dossier)
    steps = [
        (commands.agent_accepted, (20,)),
        (commands.agent_on_the_way, ()),
        (commands.agent_on_site, ()),
        (commands.agent_found, ("nothing", "Tout est fermé")),
        (commands.agent_done, ()),
    ]
    for command, args in steps:
        room.clock.advance(60)
        room.do("Ana", command, dossier, agent, *args)
    view = room.handling(dossier).interventions[0]
    times = [view.asked_at, view.answered_at, view.left_at, view.arrived_at, view.found_at, view.done_at]
    assert [later - earlier for earlier, later in itertools.pairwise(times)] == [  # type: ignore[operator]
        timedelta(minutes=1)
    ] * 5
    with pytest.raises(InterventionStateError):
        room.do("Ana", commands.agent_on_site, dossier, agent)


def test_sans_reponse_le_suivant_est_propose(room: Room) -> None:
    dossier = room.open()
    ask(room, dossier)
    assert room.settle(seconds=119) == []
    assert room.settle(seconds=2) == [True]
    assert state(room, dossier) == "no_answer"
    assert [row.name for row in room.handling(dossier).responders if row.suggested] == ["Rondier 9"]
    assert any("Agent sans réponse : Rondier 7 – suivant : Rondier 9" in line for line in room.sentences())


def test_accepte_a_temps_le_delai_ne_compte_plus(room: Room) -> None:
    dossier = room.open()
    sent(room, dossier)
    assert room.settle(seconds=200) == []
    assert state(room, dossier) == "accepted"


def test_en_retard_il_se_voit_et_un_dossier_en_attente_sonne(room: Room) -> None:
    dossier = room.open()
    sent(room, dossier)
    room.do(
        "Ana",
        incidents.park,
        dossier,
        room.clock.now() + timedelta(minutes=25),
        "waiting_agent",
    )
    assert not room.handling(dossier).interventions[0].late
    assert room.settle(seconds=20 * 60 + 1) == [True]
    assert room.handling(dossier).interventions[0].late
    assert room.incident(dossier).state == "new"
    assert room.incident(dossier).ringing_since is not None
    assert room.settle(seconds=60) == []


def test_une_nouvelle_heure_annoncee_remplace_la_premiere(room: Room) -> None:
    dossier = room.open()
    agent = sent(room, dossier)
    room.clock.advance(600)
    room.do("Ana", commands.agent_on_the_way, dossier, agent, 30)
    assert room.settle(seconds=601) == []
    assert not room.handling(dossier).interventions[0].late


def test_le_constat_d_effraction_est_une_preuve(room: Room) -> None:
    dossier = room.open()
    agent = sent(room, dossier, on_site=True)
    room.do(
        "Ana", commands.agent_found, dossier, agent, "break_in", "Vitrine brisée, une personne à l’intérieur"
    )
    assert room.clues(dossier) == ["agent"]
    assert room.handling(dossier).doors.goods.state == "justified"


def test_le_constat_sans_note_se_dit_en_mots_et_jamais_par_son_code(room: Room) -> None:
    """What is read to the gendarmerie: «effraction», of each finding its own, with the words typed beside."""
    dossier = room.open()
    agent = sent(room, dossier, on_site=True)
    room.do("Ana", commands.agent_found, dossier, agent, "break_in")
    room.clock.advance(60)
    room.do("Ana", commands.agent_found, dossier, agent, "person", "Un homme cagoulé")
    told = [(clue.kind, clue.finding, clue.text) for clue in room.handling(dossier).clues]
    assert told == [("agent", "break_in", None), ("agent", "person", "Un homme cagoulé")]
    avis(room, dossier)
    said = [line for line in read_aloud(room, dossier) if "constat" in line]
    assert [line.partition(" : ")[2] for line in said] == [
        "constat de l’agent sur place (effraction), Rondier 7. »",
        "constat de l’agent sur place (une personne sur place), Rondier 7 : Un homme cagoulé. »",
    ]
    assert "break_in" not in " ".join(read_aloud(room, dossier))


def test_un_constat_ecrit_autrefois_par_son_code_ne_se_lit_pas(room: Room) -> None:
    dossier = room.open()
    agent = sent(room, dossier, on_site=True)
    room.do("Ana", commands.agent_found, dossier, agent, "break_in")
    with room.act() as act:
        entry = act.record("intervention.finding", {"name": "Rondier 7", "finding": "break_in"})
        act.session.execute(text("UPDATE clue SET text = 'break_in', entry_id = :e"), {"e": entry})
    assert [(clue.finding, clue.text) for clue in room.handling(dossier).clues] == [("break_in", None)]


def test_rien_d_anormal_n_est_pas_une_preuve_et_ramene_les_points_a_la_normale(room: Room) -> None:
    """P5: the finding of an agent brings the points he names back to normal."""
    dossier = room.open()
    room.join(dossier, NEW_POINT)
    agent = sent(room, dossier, on_site=True)
    with room.read() as session:
        points = [point.id for point in points_of(session, dossier)]
    room.do("Ana", commands.agent_found, dossier, agent, "nothing", "RAS", normal_points=points[:1])
    assert room.clues(dossier) == []
    with room.read() as session:
        found = [(point.normal_by, point.normal_at is not None) for point in points_of(session, dossier)]
    assert found == [("agent", True), (None, False)]
    assert not room.incident(dossier).normal


def test_prevenir_l_agent(room: Room) -> None:
    dossier = room.open()
    agent = sent(room, dossier)
    room.clock.advance(30)
    room.join(dossier, NEW_POINT, ring="agent", warn_agent=True)
    assert room.incident(dossier).warn_agent
    room.do("Ana", incidents.take, dossier)
    room.clock.advance(5)
    room.do("Ana", commands.agent_warned, dossier, agent)
    assert not room.incident(dossier).warn_agent
    assert "intervention.warned" in room.entries(dossier)


def test_prevenir_chacun_des_agents(room: Room) -> None:
    dossier = room.open()
    first = sent(room, dossier)
    second = ask(room, dossier, "Rondier 9")
    room.do("Ana", commands.agent_accepted, dossier, second, 10)
    room.clock.advance(30)
    room.join(dossier, NEW_POINT, warn_agent=True)
    room.do("Ana", commands.agent_warned, dossier, first)
    assert room.incident(dossier).warn_agent
    room.do("Ana", commands.agent_warned, dossier, second)
    assert not room.incident(dossier).warn_agent


def may_warn(room: Room, dossier: int) -> dict[str, bool]:
    """Agent → whether the screen offers to say that he was told."""
    return {one.responder.name: "warned" in one.abilities for one in room.handling(dossier).interventions}


def test_prevenir_n_est_propose_que_s_il_y_a_du_nouveau(room: Room) -> None:
    dossier = room.open()
    agent = sent(room, dossier)
    assert may_warn(room, dossier) == {"Rondier 7": False}, "il part en sachant tout"
    room.clock.advance(30)
    room.join(dossier, NEW_POINT, warn_agent=True)
    assert may_warn(room, dossier) == {"Rondier 7": True}
    room.clock.advance(5)
    room.do("Ana", commands.agent_warned, dossier, agent)
    assert may_warn(room, dossier) == {"Rondier 7": False}


def test_une_fin_d_alarme_n_est_pas_une_nouvelle_pour_l_agent(room: Room) -> None:
    dossier = room.open()
    first = sent(room, dossier)
    second = ask(room, dossier, "Rondier 9")
    room.do("Ana", commands.agent_accepted, dossier, second, 10)
    room.clock.advance(30)
    room.join(dossier, NEW_POINT, warn_agent=True)
    room.clock.advance(5)
    room.do("Ana", commands.agent_warned, dossier, first)
    assert may_warn(room, dossier) == {"Rondier 7": False, "Rondier 9": True}
    room.clock.advance(5)
    room.do("watch", incidents.attach, dossier, SignalRef(99, 0, room.clock.now(), "restore"))
    assert may_warn(room, dossier) == {"Rondier 7": False, "Rondier 9": True}
    room.clock.advance(5)
    room.do("Ana", commands.agent_warned, dossier, second)
    assert not room.incident(dossier).warn_agent


def test_une_nouvelle_d_un_autre_dossier_se_dit_aussi_deux_fois(room: Room) -> None:
    dossier = room.open()
    agent = sent(room, dossier)
    for number in (98, 99):
        room.clock.advance(30)
        room.do("watch", incidents.warn_agent, dossier, SignalRef(number, 0, room.clock.now(), "info"))
        assert may_warn(room, dossier) == {"Rondier 7": True}
        room.do("Ana", commands.agent_warned, dossier, agent)
        assert not room.incident(dossier).warn_agent


def test_personne_a_prevenir(room: Room) -> None:
    dossier = room.open()
    agent = ask(room, dossier)
    with pytest.raises(NoWarningError):
        room.do("Ana", commands.agent_warned, dossier, agent)


def test_la_presence_declaree(room: Room) -> None:
    """P3: from «sur place» to «terminé»."""
    dossier = room.open()
    agent = sent(room, dossier)

    def there() -> str | None:
        with room.read() as session:
            found = queries.presence(session, dossier)
        return found.responder if found else None

    assert there() is None
    room.do("Ana", commands.agent_on_site, dossier, agent)
    assert there() == "Rondier 7"
    room.do("Ana", commands.agent_found, dossier, agent, "nothing")
    assert there() == "Rondier 7"
    room.do("Ana", commands.agent_done, dossier, agent)
    assert there() is None


def test_deux_fois_le_meme_agent_est_refuse(room: Room) -> None:
    dossier = room.open()
    ask(room, dossier)
    with pytest.raises(ResponderBusyError):
        ask(room, dossier)


def test_une_carte_perimee_n_est_pas_envoyee(room: Room) -> None:
    dossier = room.open()
    with room.act() as act:
        entry = act.record("test.card")
        row = act.session.get_one(Responder, room.responders["Rondier 7"])
        row.card_expires_on, row.entry_id = act.now - timedelta(days=1), entry
    assert [row.name for row in room.handling(dossier).responders if row.suggested] == ["Rondier 9"]
    with pytest.raises(ResponderCardError):
        ask(room, dossier)


def test_rappeler_un_agent_demande_un_motif(room: Room) -> None:
    dossier = room.open()
    agent = sent(room, dossier)
    with pytest.raises(InvalidError):
        room.do("Ana", commands.recall_agent, dossier, agent, " ")
    room.do("Ana", commands.recall_agent, dossier, agent, "Levée de doute négative")
    assert state(room, dossier) == "cancelled"


def test_l_ordre_des_agents(room: Room) -> None:
    now = room.clock.now()

    def agent(number: int, **changes: object) -> Agent:
        given: dict[str, object] = {
            "id": number, "name": f"Agent {number}", "firm": None, "phone": "", "rank": None, "keys": None,
            "minutes": None, "card_expires": None, "asked": None,
        }  # fmt: skip
        return Agent(**(given | changes))  # type: ignore[arg-type]

    rows = [
        agent(1, minutes=5),
        agent(2, rank=2),
        agent(3, rank=1, asked="refused"),
        agent(4, rank=1),
        agent(5, rank=1, card_expires=now - timedelta(days=1)),
        agent(6, keys="118", minutes=30),
    ]
    assert [row.id for row in ranked(rows, now)] == [4, 2, 6, 1, 3, 5]
    assert next_agent([rows[2], rows[4]], now) is None


def test_la_fiche_dit_normal_le_point_que_l_agent_a_constate(room: Room) -> None:
    """P5: a panel that sends no restore leaves its point «en alarme»; the file says what the dossier knows, until it
    speaks again."""
    with room.act() as act:
        entry = act.record("test.panel")
        panel = Panel(
            site_id=room.site_id, account="1001", canonical="1001", sends_restores="no", entry_id=entry
        )
        act.session.add(panel)
        act.session.flush()
        zone = Zone(
            site_id=room.site_id, panel_id=panel.id, number="16", shown="016", codes=[], state="alarm",
            state_since=act.now, seen_at=act.now, entry_id=entry,
        )  # fmt: skip
        act.session.add(zone)
        act.session.flush()
        zone_id = zone.id
    dossier = room.open(point=PointRef("zone:1:16", "point 016", "intrusion", "1", zone_id))

    call_id = room.reached(dossier, "Gérante", "lilas", "unknown")
    asking = Asking(
        "Gérante", word="right", call_id=call_id, contact_id=room.contacts["Gérante"], second="Bruno"
    )
    room.do("Ana", start_on_test, room.site_id, TestScope(), room.clock.now() + timedelta(hours=1), asking)

    def shown() -> tuple[str, object, str | None]:
        """As the file says it, and the list of the test beside it agrees."""
        with room.read() as session:
            file = read_site_file(session, room.site_id, room.reader(), room.clock.now())
        (row,), (test,) = file.zones, file.tests
        (point,) = test.points
        assert (point.state == "in_alarm") == (row.normal_at is None), point
        return row.state, row.normal_at, row.normal_by

    assert shown() == ("alarm", None, None)
    room.clock.advance(60)
    agent = sent(room, dossier, on_site=True)
    with room.read() as session:
        points = [point.id for point in points_of(session, dossier)]
    room.do("Ana", commands.agent_found, dossier, agent, "nothing", normal_points=points)
    assert shown() == ("alarm", room.clock.now(), "agent")
    room.clock.advance(60)
    with room.act() as act:
        set_zone_state(act, zone_id, "alarm", act.now)
    assert shown() == ("alarm", None, None)
