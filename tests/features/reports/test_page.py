"""The page: self-contained, escaped, marked, with the footer of L612-15 and the proof of its entries."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from tests.features.handling.room import NEW_POINT, Room
from tests.features.reports.test_redaction import handled, page
from veilleur.features.handling import commands
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.tables import Incident
from veilleur.features.reports.facts import facts_of
from veilleur.features.reports.markup import Markup, join, safe, tag
from veilleur.features.reports.redaction import AUDIENCES
from veilleur.features.sites.tables import Site
from veilleur.locale.render import catalogue
from veilleur.logbook.keys import open_log_key
from veilleur.logbook.merkle import root_from_proof
from veilleur.logbook.sealer import seal_once


class Strict(HTMLParser):
    """Refuses what is not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.urls: list[str] = []

    def handle_starttag(self, name: str, attrs: list[tuple[str, str | None]]) -> None:
        if name != "meta":
            self.open.append(name)
        self.urls += [value or "" for key, value in attrs if key in ("src", "href", "action")]

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name


@pytest.mark.parametrize("audience", AUDIENCES)
def test_une_page_complete_seule_et_bien_formee(room: Room, audience: str) -> None:
    html = page(room, handled(room), audience)
    parser = Strict()
    parser.feed(html)
    assert parser.open == []
    assert parser.urls == []
    assert "<script" not in html
    assert ' style="' not in html
    assert '<style nonce="n0nce">' in html
    assert "report." not in re.sub(r"<style.*?</style>", "", html)
    assert "{" not in re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)


def test_ce_que_les_gens_ecrivent_est_echappe(room: Room) -> None:
    dossier = room.open()
    room.do("Ana", incidents.note, dossier, "<script>alert('x')</script> & \"fin\"")
    html = page(room, dossier, "internal")
    assert "<script" not in html
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp; &quot;fin&quot;" in html


def test_le_balisage_n_echappe_qu_une_fois() -> None:
    assert safe("a<b") == "a&lt;b"
    assert safe(Markup("<b>")) == "<b>"
    assert tag("td", "a&b", tag("b", 'x"'), class_="when", data_id="1") == (
        '<td class="when" data-id="1">a&amp;b<b>x&quot;</b></td>'
    )
    assert join("", None, 0, "a") == "0a"


def test_pied_de_page_l612_15(room: Room) -> None:
    dossier = room.open()
    assert "Autorisation d’exercice n° AUT-099" in page(room, dossier, "customer")
    set_centre(room, authorisation=None)
    assert "à compléter" in page(room, dossier, "customer")
    set_centre(room, name="")
    assert "Nom de la station à compléter" in page(room, dossier, "customer")
    set_centre(room, settings='{"internal_service": true}')
    html = page(room, dossier, "customer")
    assert "L612-15" not in html  # service interne (SE3)
    assert "L612-14" not in html


def set_centre(room: Room, **values: str | None) -> None:
    with room.act() as act:
        entry = act.record("test.centre")
        for name, value in values.items():
            cast = "::jsonb" if name == "settings" else ""
            act.session.execute(
                text(f"UPDATE centre SET {name} = CAST(:v AS text){cast}, entry_id = :e"),
                {"v": value, "e": entry},
            )


def test_marques_de_demonstration_et_de_dossier_ouvert(room: Room) -> None:
    dossier = room.open()
    assert "DÉMONSTRATION" not in page(room, dossier, "customer")
    html = page(room, dossier, "customer", demo=True)
    assert "DÉMONSTRATION – DONNÉES FICTIVES" in html
    assert "DOSSIER EN COURS" in html
    assert "DOSSIER EN COURS" not in page(room, handled(room), "customer")


def test_le_prefet_lit_le_dossier_de_levee_de_doute(room: Room) -> None:
    """law.md: means, started and ended, operator, result, concordant clues, calls, record of the police call."""
    html = unescape(page(room, handled(room), "prefect"))
    for said in (
        "Dossier de levée de doute",
        "L613-6",
        "Résultat : négative",
        "appel téléphonique avec mot de passe, personne sur place",
        "Commencée",
        "Terminée",
        "Règle appliquée",
        "appel sans réponse",
        "heures d’ouverture",
        '<td class="what">détecteurs successifs</td>',
        '<td class="what">signaux de la centrale</td>',
        "sonne, pas de réponse",
        "Police, circonscription 2",
        "demande expresse de l’abonné identifié",
        "Brigadier SECRET",
        "01 99 00 00 01",
        "rien constaté",
    ):
        assert said in html, said


def test_le_prefet_lit_ce_qui_fut_dit_avec_son_heure_et_son_origine(room: Room) -> None:
    dossier = room.open()
    call_id = room.start(dossier)
    room.word(call_id, "lilas")
    heard = room.clock.now().astimezone(ZoneInfo("Europe/Paris"))  # not when the delay to undo is over
    room.end(call_id, "answered", understood="offence", note="J’entends casser une vitre")
    room.settle()
    row = (
        f'<tr><td class="when">{heard:%d/%m %H:%M:%S}</td>'
        '<td class="what">fait en cours, dit par une personne identifiée</td><td class="what">appui</td>'
        '<td class="what">appel téléphonique</td><td class="what">Gérante</td>'
        '<td class="what">J’entends casser une vitre</td></tr>'
    )
    html = unescape(page(room, dossier, "prefect"))
    assert row in html, re.findall(r"<section class=.clues.*?</section>", html)
    assert "casser une vitre" not in page(room, dossier, "customer")


#: Results set, each so many minutes after the opening; the police called at 10, a contact told by voicemail at 20.
ENDS: list[tuple[list[tuple[int, str]], int | None, str | None, int | None]] = [
    ([(5, "goods")], 5, None, None),
    ([(5, "impossible"), (8, "goods")], 8, None, None),
    ([(5, "goods"), (30, "impossible")], 5, "positive – biens", 30),
    ([(30, "goods")], 30, None, None),
    ([(5, "goods"), (8, "goods")], 5, None, None),
    ([(5, "running")], None, None, None),
    ([], None, None, None),
]


@pytest.mark.parametrize(("results", "ended", "then", "changed"), ENDS)
def test_la_levee_de_doute_finit_quand_son_resultat_est_pose(
    room: Room, results: list[tuple[int, str]], ended: int | None, then: str | None, changed: int | None
) -> None:
    """L613-6: before the police call it rests on; a voicemail left afterwards is neither a check nor a clue."""
    dossier = room.open()
    begun = room.clock.now()
    room.do("Ana", commands.add_clue, dossier, "image", "Une personne force le rideau")
    acts = [(minute, "verification", result) for minute, result in results]
    for minute, what, result in sorted([*acts, (10, "police", ""), (20, "voicemail", "")]):
        room.clock.advance((begun + timedelta(minutes=minute) - room.clock.now()).total_seconds())
        if what == "verification":
            room.do("Ana", commands.set_verification, dossier, result)
        elif what == "police":
            room.do("Ana", commands.start_service_call, dossier, "police", "goods")
        else:
            room.end(room.start(dossier), "voicemail")
            room.settle()
    with room.read() as session:
        incident = session.get_one(Incident, dossier)
        record = facts_of(session, incident, session.get_one(Site, room.site_id))["verification"]

    def at(minute: int | None) -> datetime | None:
        return None if minute is None else begun + timedelta(minutes=minute)

    assert (record["ended_at"], record["changed_at"]) == (at(ended), at(changed))
    assert room.clues(dossier) == ["image"]
    assert room.entries(dossier).count("verification.set") == len(
        {result for _, result in results} - {"running"}
    )
    html = unescape(page(room, dossier, "prefect"))
    assert ("Résultat à cette heure" in html) == (then is not None)
    assert then is None or then in html


def test_le_prefet_lit_ce_qui_fut_fait_pour_et_contre(room: Room) -> None:
    """L613-6, contradictoire: an image that showed nothing, a listening that could not be made are told as well."""
    dossier = room.open()
    room.do("Ana", incidents.step_done, dossier, "clip", "unavailable", "enregistreur injoignable")
    room.do("Ana", incidents.step_done, dossier, "listen", "nothing", "silence pendant une minute")
    html = unescape(page(room, dossier, "prefect"))
    checks = re.search(r'<section class="checks">.*?</section>', html)
    assert checks is not None
    for said in (
        "Indisponible",
        "enregistreur injoignable",
        "Rien d’anormal",
        "silence pendant une minute",
        "Ana",
    ):
        assert said in checks[0], said
    means = re.search(r"<dt>Moyens</dt><dd>(.*?)</dd>", html)
    assert means is not None
    assert means[1] == "écoute", "who could not look has not looked"
    assert 'class="checks"' not in page(room, dossier, "customer")
    nothing = unescape(page(room, room.open(), "prefect"))
    assert "Ni image regardée, ni écoute faite." in nothing


def test_une_etape_passee_l_est_avec_son_motif_chez_le_prefet(room: Room) -> None:
    dossier = room.open()
    room.do("Ana", incidents.step_skipped, dossier, "listen", "impossible")
    html = unescape(page(room, dossier, "prefect"))
    checks = re.search(r'<section class="checks">.*?</section>', html)
    assert checks is not None
    assert catalogue("fr", "vocabulary")["skip_motif"]["impossible"] in checks[0]
    assert "<dt>Moyens</dt>" not in html


@pytest.mark.parametrize("audience", AUDIENCES)
def test_chaque_point_est_nomme_avec_son_heure(room: Room, audience: str) -> None:
    dossier = room.open()
    first = room.clock.now().astimezone(ZoneInfo("Europe/Paris"))
    room.clock.advance(20)
    room.join(dossier, NEW_POINT)
    then = room.clock.now().astimezone(ZoneInfo("Europe/Paris"))
    html = unescape(page(room, dossier, audience))
    said = f"point 015 Quai de livraison ({first:%H:%M:%S}), point 016 Bureau du quai ({then:%H:%M:%S})"
    assert f"<dt>Points</dt><dd>{said}</dd>" in html


def test_chaque_etape_faite_dit_par_qui(room: Room) -> None:
    """A call's result is written by the watch once its delay is over: the step is still that of who called."""
    dossier = handled(room)
    html = unescape(page(room, dossier, "internal"))
    steps = re.search(r'<section class="steps">.*?</section>', html)
    assert steps is not None
    done = [row for row in re.findall(r"<tr>.*?</tr>", steps[0]) if "fait" in row and "<td" in row]
    assert done
    assert [row for row in done if not row.endswith(("Ana</td></tr>", "automatique</td></tr>"))] == []
    site = next(row for row in done if "Contre-appel" in row)
    assert site.endswith("Ana</td></tr>")


@pytest.mark.parametrize("audience", AUDIENCES)
def test_rien_d_incertain_n_est_imprime(room: Room, audience: str) -> None:
    """No text that nobody checked, no machine as a witness, no clue without its hour."""
    html = unescape(page(room, handled(room), audience))
    assert "à vérifier" not in html
    assert "déduit par le système" not in html
    clues = re.search(r'<section class="clues">.*?</section>', html)
    if audience != "customer":
        assert clues is not None
        assert '<td class="when"></td><td class="what">' not in clues[0].replace("</td></tr>", "")


def test_anglais_entier(room: Room) -> None:
    html = page(room, handled(room), "internal", language="en")
    assert "Internal report" in html
    assert "Résultat" not in html


def test_chaque_ligne_se_prouve_par_ce_que_la_page_imprime(room: Room, tmp_path: Path) -> None:
    """From the printed leaf, path, position and root alone, RFC 6962 gives the signed root."""
    dossier = handled(room)
    assert "Aucune empreinte signée" in page(room, dossier, "internal")
    seal_once(room.database.dsn, room.clock, open_log_key(tmp_path / "log.key"))
    for audience in AUDIENCES:
        html = unescape(page(room, dossier, audience))
        found = re.search(r"(\d+) entrées, racine (\S+)\. ", html)
        assert found is not None
        size, root = int(found[1]), base64.b64decode(found[2])
        rows = re.findall(
            r'<tr><td class="when">(\d+)</td><td class="leaf"><code>(\S+)</code></td>'
            r'<td class="path"><code>([^<]*)</code></td></tr>',
            html,
        )
        lines = re.findall(r'<td class="when small">n° (\d+)</td>', html)
        assert [row[0] for row in rows] == lines
        assert len(rows) > 10
        for position, leaf, path in rows:
            steps = [base64.b64decode(step) for step in path.split()]
            assert root_from_proof(int(position), size, base64.b64decode(leaf), steps) == root
