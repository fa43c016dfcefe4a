"""The auditor (audit, lecture seule): reads and proves everything he should, changes nothing (issue 2 §7, J1)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.acceptance.centre import PASSWORD, Centre, enter
from tests.acceptance.room import Seat
from tests.acceptance.test_site import site_of
from veilleur.web.factory import openapi_json

Sit = Callable[..., Seat]

#: His own session, password and sound.
OWN = {"/api/login", "/api/logout", "/api/me/password", "/api/me/sound"}
#: What entries of the room's acts begin with.
ROOM = {
    "call", "camera", "centre", "clue", "consent", "contact", "event", "incident", "instruction", "intervention", "layout",
    "log", "mark", "on_test", "patrol", "post", "ptz", "service_call", "site", "step", "title", "user", "verification",
    "viewing",
}  # fmt: skip
#: Words of acts: none stands on a button of his.
ACTS = (
    "Prendre", "Appeler", "Ajouter", "Consigne temporaire", "Mettre en", "Terminer", "Prolonger", "Lever", "Adopter",
    "Corriger", "Clore", "Clôture", "Rendre", "Confier", "Accepter", "Relu", "Remarque", "Reprendre", "Libérer", "Inscrire",
    "Créer", "Noter", "Désactiver", "Je m’en occupe", "Remettre en cours", "Demander", "Une autre personne",
)  # fmt: skip


@pytest.fixture
def alix(sit: Sit, centre: Centre) -> Seat:
    """An auditor, and a dossier in Claire's hands."""
    place = ("--data-dir", str(centre.data_dir))
    enter(
        *("user", "add", "audit", "--name", "Alix Contrôle", "--role", "auditor", *place),
        stdin=f"{PASSWORD}\n",
    )
    claire = sit("claire")
    if "Pharmacie de la Gare" not in claire.incidents():
        assert centre.say(centre.panel("1003"), "130", number="001")
        expect(claire.row("Pharmacie de la Gare")).to_be_visible()
        claire.post(f"/api/incidents/{claire.incidents()['Pharmacie de la Gare']['id']}/take")
    return sit("audit", post=False)


def test_no_screen_offers_him_an_act(alix: Seat, centre: Centre) -> None:
    page = alix.page
    dossier = alix.incidents()["Pharmacie de la Gare"]["id"]
    assert centre.say(centre.panel("7788"), "602")  # a ghost: nothing to adopt for him
    pages = {
        "/": "Pharmacie de la Gare",
        f"/dossier/{dossier}": "Contre-appel du site",  # a step: the whole dossier is there
        f"/site/{site_of(alix, 'talbot')}": "Mme Rose Talbot",
        "/main-courante": "Prise de poste",
        "/moniteur": "7788",
        "/salle": "Claire Veille",
        "/personnes": "Claire Veille",
    }
    for path, sign in pages.items():
        page.goto(f"{centre.url}{path}")
        expect(page.get_by_text(sign).locator("visible=true").first).to_be_visible()
        offered = [text.strip() for text in page.locator("button:visible").all_inner_texts()]
        bad = [text for text in offered if any(text.startswith(act) for act in ACTS)]
        assert bad == [], path
        keyed = page.locator("main [data-hotkey^=F]").all_inner_texts()
        assert keyed == [], path
    expect(page.locator("footer input")).to_have_count(0)
    assert alix.errors == []


def test_he_reads_searches_and_proves_the_logbook(alix: Seat, centre: Centre) -> None:
    page = alix.page
    page.goto(f"{centre.url}/main-courante")
    page.get_by_label("Chercher (sans accents)").fill("prise de poste claire")
    line = (
        page.get_by_role("table", name="Main courante")
        .get_by_role("row")
        .filter(has_text="Claire Veille")
        .first
    )
    expect(line).to_be_visible()
    line.get_by_role("button", name="Preuve").click()
    expect(line).to_contain_text("Racine signée")
    expect(page.get_by_role("button", name="Corriger")).to_have_count(0)
    dossier = alix.incidents()["Pharmacie de la Gare"]["id"]
    report = alix.context.request.get(f"{centre.url}/api/incidents/{dossier}/report?for=internal")
    assert report.ok
    assert enter("logbook", "verify", "--data-dir", str(centre.data_dir)).returncode == 0


def test_every_act_is_refused_to_him(alix: Seat) -> None:
    """Whatever the screen shows: each route that changes something of the room answers 403, and nothing moved."""
    dossier = alix.incidents()["Pharmacie de la Gare"]
    site = site_of(alix, "talbot")
    known = {"incident_id": str(dossier["id"]), "site_id": str(site)}
    tried, open_to_him = 0, []
    for path, methods in json.loads(openapi_json())["paths"].items():
        if "post" not in methods or path in OWN:
            continue
        status = alix.try_post(re.sub(r"{(\w+)}", lambda name: known.get(name[1], "1"), path))
        tried += 1
        if status != 403:
            open_to_him.append((path, status))
    assert tried > 60
    assert open_to_him == []
    # Its clocks may have rung meanwhile; nothing of it is his.
    assert alix.incidents()["Pharmacie de la Gare"]["owner"] == dossier["owner"]
    his = {
        line["kind"] for line in alix.get("/api/logbook")["lines"] if line["actor_name"] == "Alix Contrôle"
    }
    assert not {kind for kind in his if kind.partition(".")[0] in ROOM}, his
