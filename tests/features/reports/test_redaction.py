"""Three reports, each with its redaction test: what is planted everywhere appears only where the table says (S10, S21)."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text

from tests.features.handling.room import CODE_WORDS, DURESS_WORDS, NEW_POINT, RESERVED, Room
from veilleur.features.handling import commands
from veilleur.features.handling.tables import Call
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.errors import DuressLockedError
from veilleur.features.incidents.stepping import rows_of
from veilleur.features.reports.facts import facts_of
from veilleur.features.reports.queries import renderings, report_page
from veilleur.features.reports.redaction import AUDIENCES, FIELDS, LINES, blotted, line_params, redact
from veilleur.features.sites.queries import site_row
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.kernel.ports import Perimeter, Reader
from veilleur.locale.render import catalogue, render

ALL = set(AUDIENCES)
HOUSE = {"internal"}
FILE = {"prefect", "internal"}

#: ce qui est écrit quelque part → qui le lit
PLANTED: dict[str, set[str]] = {
    # jamais dans aucun compte rendu
    "0123456789abcdef": set(),
    RESERVED: set(),
    "01 99 00 99 17": set(),
    **{word: set() for word in (*CODE_WORDS.values(), *DURESS_WORDS.values())},
    # nos doutes et nos notes
    "SECRET-NOTE-LIBRE": HOUSE,
    "SECRET-NOTE-APPEL": HOUSE,
    "SECRET-NOTE-LEVEE": HOUSE,
    "SECRET-NOTE-FO": HOUSE,
    "SECRET-NOTE-CLOTURE": HOUSE,
    "SECRET-MOTIF-RAPPEL": HOUSE,
    # ce qu’une trame portait avec son signal, et le doute qu’on en a
    "https://verif.example/SECRET-LEVEE": HOUSE,
    "48.85837, 2.29448": HOUSE,
    "en clair, refusé": HOUSE,
    "−24 h 00": HOUSE,
    "SECRET-INDICE": FILE,
    "appel sans réponse": FILE,
    "demande expresse de l’abonné identifié": FILE,
    "Brigadier SECRET": FILE,
    "SECRET-CONSTAT": FILE,
    # les noms des agents et des nôtres
    "Rondier 7": FILE,
    "Rondier 9": FILE,
    "RONDIER 9": FILE,
    "rondier 9": FILE,
    "Ana": FILE,
    "Bruno": FILE,
    # les paroles et les numéros des autres destinataires
    "fausse manœuvre, d’après la personne": FILE,
    "06 39 98 12 34": FILE,
    "mot de passe juste": FILE,
    # ce qui n’aide que ceux qui vont sur place
    "Portail vert": HOUSE,
    "Stock de solvants": HOUSE,
    # ce que chacun lit
    "Entrepôt du Port": ALL,
    "Quai de livraison": ALL,
    "14 quai du Test": ALL,
    "Police nationale": ALL,
    "rien constaté": ALL,
    "rien d’anormal": ALL,
    "Gérante": ALL,
    "Vitre à remplacer": ALL,
    "Le vigile": ALL,
    "AUT-099-2112-01-01-20260000001": ALL,
    "aucune prérogative de puissance publique": ALL,
}


def page(room: Room, dossier: int, audience: str, who: str = "Ana", **how: Any) -> str:
    with room.read() as session:
        return report_page(
            session, dossier, audience, room.reader(who), now=room.clock.now(), nonce="n0nce", **how
        )


def heard(room: Room) -> None:
    """The frame behind the next dossier's first signal: in clear from a keyed account, a day late, with data beside."""
    event = {
        "category": "intrusion", "code": "130", "qualifier": "new", "area": None, "zone": "015", "user": None,
        "text": None,
        "extended": {"V": "https://verif.example/SECRET-LEVEE", "X": "002E17.669", "Y": "48N51.502", "K": "0123456789abcdef"},
    }  # fmt: skip
    with room.act() as act:
        act.session.execute(
            text(
                "INSERT INTO signal (id, batch_id, received_at, line, transport, peer, protocol, token, raw, verdict, "
                "events, encrypted, drift) OVERRIDING SYSTEM VALUE VALUES (:id, 1, :at, 'R1', 'tcp', '127.0.0.1', "
                "'dc09', 'ADM-CID', '', 'clear_refused', cast(:events AS jsonb), false, -86400)"
            ),
            {"id": room.signals + 1, "at": room.clock.now(), "events": json.dumps([event])},
        )


def handled(room: Room) -> int:
    """A dossier in which something secret was written at every place where one can write."""
    do = room.do
    heard(room)
    dossier = room.open()
    room.join(dossier, NEW_POINT)
    room.end(room.start(dossier, "site"), "rings", note="SECRET-NOTE-APPEL")
    room.settle()
    call_id = room.start(dossier)
    do("Ana", commands.reveal_word, room.ring, call_id)
    room.word(call_id, "lilas")
    room.end(call_id, "answered", understood="mistake", note="SECRET-NOTE-APPEL")
    room.settle()
    rung = do(
        "Ana",
        commands.start_incoming,
        room.site_id,
        caller="Le vigile rondier 9, pour Bruno",
        incident_id=dossier,
    )
    room.word(rung, "faux")
    do("Ana", commands.act_on_call, rung, "note", note="SECRET-NOTE-APPEL, Bruno")
    room.settle()
    do("Ana", incidents.note, dossier, "SECRET-NOTE-LIBRE, Bruno et Rondier 9")
    do("Ana", commands.add_clue, dossier, "hours", "SECRET-INDICE, Bruno et Rondier 9")
    first = do("Ana", commands.ask_agent, dossier, room.responders["Rondier 9"])
    do("Ana", commands.agent_accepted, dossier, first, 5)
    do("Ana", commands.recall_agent, dossier, first, "SECRET-MOTIF-RAPPEL")
    agent = do("Ana", commands.ask_agent, dossier, room.responders["Rondier 7"])
    do("Ana", commands.agent_accepted, dossier, agent, 10)
    do("Ana", commands.start_call, dossier, target="responder", responder_id=room.responders["Rondier 7"])
    room.end(max_call(room), "answered", note="SECRET-NOTE-APPEL")
    room.settle()
    do("Ana", commands.agent_on_the_way, dossier, agent)
    do("Ana", commands.agent_on_site, dossier, agent)
    do("Ana", commands.agent_found, dossier, agent, "nothing", "SECRET-CONSTAT, Bruno")
    do("Ana", commands.agent_done, dossier, agent)
    avis = do(
        "Ana",
        commands.start_service_call,
        dossier,
        "police",
        "goods",
        directory_id=room.directory["police"],
        motif="subscriber_demand",
    )
    do(
        "Ana",
        commands.end_service_call,
        dossier,
        avis,
        outcome="coming",
        reached="Brigadier SECRET",
        call_back_given=True,
        note="SECRET-NOTE-FO",
    )
    do("Ana", commands.end_service_call, dossier, avis, outcome="nothing_found", note="SECRET-NOTE-FO")
    do("Ana", commands.set_verification, dossier, "negative", "SECRET-NOTE-LEVEE, Bruno")
    until = room.clock.now().replace(hour=18)
    do("Ana", incidents.defer, dossier, "Vitre à remplacer, vue par RONDIER 9 et Bruno", "Rondier 7", until)
    for _ in range(30):
        step = next((s for s in steps(room, dossier) if s.state == "current"), None)
        if step is None:
            break
        do("Ana", incidents.step_skipped, dossier, step.key, "no_object")
    do("Ana", incidents.close, dossier, "unjustified_user", "SECRET-NOTE-CLOTURE, Rondier 9")
    return dossier


def steps(room: Room, dossier: int) -> list[Any]:
    with room.read() as session:
        return list(rows_of(session, dossier))


def max_call(room: Room) -> int:
    with room.read() as session:
        return int(session.scalar(select(func.max(Call.id))) or 0)


def test_chaque_secret_seulement_ou_la_table_le_dit(room: Room) -> None:
    dossier = handled(room)
    pages = {audience: page(room, dossier, audience) for audience in AUDIENCES}
    wrong = [
        (audience, secret, "présent" if secret in pages[audience] else "absent")
        for secret, readers in PLANTED.items()
        for audience in AUDIENCES
        if (secret in pages[audience]) != (audience in readers)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Vu avec Gérard Écluse.", "Vu avec […]."),
        ("vu avec GERARD ECLUSE, puis œuvre", "vu avec […], puis œuvre"),
        ("Rondier 7", "[…]"),
        ("Rondier 70", "Rondier 70"),
        ("Anatole", "Anatole"),
        ("Anne-Ana", "Anne-[…]"),
        ("rien", "rien"),
    ],
)
def test_un_nom_des_notres_est_couvert_dans_ce_qui_fut_tape(said: str, left: str) -> None:
    assert blotted(said, ["Rondier 7", "Gérard Écluse", "Ana", " "]) == left


def test_la_table_et_les_faits_nomment_les_memes_champs(room: Room) -> None:
    """A new fact without a line is refused, a line without its fact is dead."""
    dossier = handled(room)
    with room.read() as session:
        incident = room.incident(dossier)
        facts = facts_of(session, incident, site_row(session, incident.site_id))
    named = {
        f"{section}.{field}"
        for section, value in facts.items()
        for row in ([value] if isinstance(value, dict) else value)
        for field in row
    }
    assert named == set(FIELDS)
    facts["incident"]["new_secret"] = "x"
    for audience in AUDIENCES:
        with pytest.raises(KeyError):
            redact(audience, facts, ())
    with pytest.raises(ValueError, match="voisin"):
        redact("voisin", {}, ())


def test_chaque_ligne_a_sa_phrase_dans_les_deux_langues() -> None:
    kinds = set(catalogue("fr", "entries"))
    for kind, cells in LINES.items():
        assert kind in kinds
        assert len(cells) == 2
        for language in ("fr", "en"):
            assert f"report.line.{kind}" in catalogue(language, "texts")


IMAGES: dict[str, dict[str, Any]] = {
    "consent.given": {"person": "Mme SECRET", "minutes": 10, "until": "2026-11-23T02:10:00+00:00", "call": 4},
    "consent.withdrawn": {"person": "Mme SECRET"},
    "clip.pushed": {
        "camera": 3, "name": "Quai", "reference": "REF-1", "count": 2, "by": "FTP", "file": "FICHIER.jpg", "sha256": "5ec2e7",
    },
    "clip.kept": {
        "camera": "Quai", "from": "2026-11-23T02:00:00+00:00", "until": "2026-11-23T02:10:00+00:00",
        "source": "SOURCE", "clock_offset_ms": 41_000,
    },
}  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "en"])
def test_accords_et_images_du_client_n_ont_que_ce_que_la_table_dit(language: str) -> None:
    """A person at home is named to the préfet alone, the hash too; a sender's file name and our sources to nobody outside."""
    told = {}
    for kind, params in IMAGES.items():
        for audience in ("customer", "prefect"):
            line = line_params(audience, kind, params, ())
            assert line is not None
            code, shown = line
            told[kind, audience] = render(language, catalogue(language, "texts")[code], shown)
            assert line_params("internal", kind, params, ()) == (None, params)
    assert [key for key, said in told.items() if "SECRET" in said] == [
        ("consent.given", "prefect"), ("consent.withdrawn", "prefect"),
    ]  # fmt: skip
    assert [key for key, said in told.items() if "5ec2e7" in said] == [("clip.pushed", "prefect")]
    assert [
        key for key, said in told.items() for word in ("FICHIER", "REF-1", "SOURCE", "—") if word in said
    ] == []
    assert all("03:10" in said for (kind, _), said in told.items() if kind in ("consent.given", "clip.kept"))
    assert all("Quai" in said for (kind, _), said in told.items() if kind.startswith("clip"))


def test_rien_ne_sort_pour_l_abonne_sous_contrainte(room: Room) -> None:
    """P1: no automatic or printed word reaches the customer's side; afterwards the report does not tell it either."""
    dossier = room.open()
    room.word(room.start(dossier), "orage")
    with pytest.raises(DuressLockedError):
        page(room, dossier, "customer")
    assert "Contrainte" in page(room, dossier, "prefect")
    room.do("Chef", incidents.release_duress, dossier, "lead_decision")
    told = page(room, dossier, "customer")
    assert "ontrainte" not in told
    assert "orage" not in told


def test_le_mot_de_contrainte_est_un_indice_date_pour_le_prefet(room: Room) -> None:
    dossier = room.open()
    heard = f"{room.clock.now().astimezone(ZoneInfo('Europe/Paris')):%d/%m %H:%M:%S}"
    room.word(room.start(dossier), "orage")
    assert room.handling(dossier).doors.persons.proofs[0].kind == "duress_word"
    assert room.handling(dossier).doors.persons.proofs[0].have
    html = page(room, dossier, "prefect")
    row = f'<td class="when">{heard}</td><td class="what">paroles de l’abonné : mot de contrainte donné</td>'
    assert row in html
    assert "orage" not in html
    room.do("Chef", incidents.release_duress, dossier, "lead_decision")
    assert "contrainte" not in page(room, dossier, "customer")


def test_le_constat_de_l_agent_sans_note_est_imprime_en_mots(room: Room) -> None:
    dossier = room.open()
    agent = room.do("Ana", commands.ask_agent, dossier, room.responders["Rondier 7"])
    for stage in (commands.agent_accepted, commands.agent_on_site):
        room.do("Ana", stage, dossier, agent)
    room.do("Ana", commands.agent_found, dossier, agent, "break_in")
    for audience in ("customer", "prefect", "internal"):
        html = page(room, dossier, audience)
        assert "break_in" not in html
        assert "effraction" in html
    clues = page(room, dossier, "prefect").partition("Indices concordants")[2].partition("</section>")[0]
    assert '<td class="what">effraction</td>' in clues


def test_un_dossier_ouvert_par_la_contrainte_ne_la_nomme_pas_a_l_abonne(room: Room) -> None:
    dossier = room.open(family="person", category="duress", procedure_event="duress", priority=1, duress=True)
    room.do("Chef", incidents.release_duress, dossier, "lead_decision")
    assert "ontrainte" not in page(room, dossier, "customer").replace("point 015", "")


def test_hors_perimetre_et_inconnus(room: Room) -> None:
    dossier = room.open()
    elsewhere = Reader(
        room.users["Bruno"], "Bruno", frozenset({"operator"}), Perimeter(communes=frozenset({"99999"}))
    )
    with room.read() as session:
        with pytest.raises(NotFoundError):
            report_page(session, dossier, "internal", elsewhere, now=room.clock.now())
        with pytest.raises(InvalidError):
            report_page(session, dossier, "press", room.reader(), now=room.clock.now())


def test_la_version_de_l_abonne_est_grisee_avec_sa_raison(room: Room) -> None:
    dossier = room.open()
    assert [(each.audience, each.locked) for each in renderings(room.incident(dossier))] == [
        ("customer", None), ("prefect", None), ("internal", None),
    ]  # fmt: skip
    room.word(room.start(dossier), "orage")
    held = {each.audience: each.locked for each in renderings(room.incident(dossier))}
    assert held["customer"] is not None
    assert "contrainte" in catalogue("fr", "errors")[held["customer"].code]
    assert (held["prefect"], held["internal"]) == (None, None)
    room.do("Chef", incidents.release_duress, dossier, "lead_decision")
    assert all(each.locked is None for each in renderings(room.incident(dossier)))
