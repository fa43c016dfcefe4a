"""The chef's review, people, an absence, entries without the server: in real browsers (issue 2 §5–§7; S19, N8, U15)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.acceptance.centre import PASSWORD, Centre
from tests.acceptance.room import Seat
from tests.acceptance.test_axe import THEMES, faults

Sit = Callable[..., Seat]

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def held(centre: Centre, seat: Seat, account: str, zone: str, site: str) -> int:
    """A dossier opened by a panel and taken by this person."""
    assert centre.say(centre.panel(account), "130", number=zone)
    expect(seat.row(site)).to_be_visible()
    row = seat.incidents()[site]
    if row["owner"] is None or row["state"] == "new":
        seat.post(f"/api/incidents/{row['id']}/take")
    return int(row["id"])


def told(centre: Centre, kind: str) -> list[dict[str, Any]]:
    """The entries of a kind, oldest first."""
    return [line for line in centre.lines("logbook", "--json") if line["kind"] == kind]


def lose(context: BrowserContext) -> None:
    """The network is gone for this browser; what is already open, too."""
    context.set_offline(True)


def test_entries_typed_without_the_server_arrive_once_in_order(sit: Sit, centre: Centre) -> None:
    """U15: the bar takes them, says how many wait, and sends them at the return, with the time of their first key."""
    claire = sit("claire")
    bar, page = claire.capture, claire.page
    before = len(told(centre, "log.entry"))
    lose(claire.context)
    for text in ("Coupure du réseau", "Ronde de Samir finie", "Le gardien rappelle à 5 h"):
        bar.fill(text)
        bar.press("Enter")
        expect(bar).to_have_value("")
    expect(page.get_by_text("3 saisies en attente")).to_be_visible()
    assert len(told(centre, "log.entry")) == before
    claire.context.set_offline(False)
    expect(page.get_by_text("saisies en attente")).to_have_count(0, timeout=20_000)
    arrived = told(centre, "log.entry")[before:]
    assert [line["params"]["text"] for line in arrived] == [
        "Coupure du réseau",
        "Ronde de Samir finie",
        "Le gardien rappelle à 5 h",
    ]
    assert {line["params"].get("captured") for line in arrived} == {"offline"}
    assert all(line["happened_at"] < line["entered_at"] for line in arrived)
    kept = page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('veilleur.waiting'))")
    assert kept == [], "what has arrived is no longer on this machine"


def test_an_answer_that_is_lost_enters_nothing_twice(sit: Sit, centre: Centre) -> None:
    """U15: the server has it, the browser does not know; it asks again under the same key."""
    claire = sit("claire")
    lost: list[str] = []

    def cut(route: Any) -> None:
        if lost:
            route.continue_()
            return
        answer = route.fetch()
        assert answer.ok
        lost.append(route.request.headers["idempotency-key"])
        route.abort()

    claire.page.route("**/api/logbook", cut)
    claire.capture.fill("Portail du quai vérifié")
    claire.capture.press("Enter")
    expect(claire.page.get_by_text("1 saisie en attente")).to_be_visible()
    expect(claire.page.get_by_text("saisie en attente")).to_have_count(0, timeout=20_000)
    texts = [line["params"]["text"] for line in told(centre, "log.entry")]
    assert lost
    assert texts.count("Portail du quai vérifié") == 1


def test_i_step_away_and_a_colleague_accepts(sit: Sit, centre: Centre) -> None:
    """Need 8, in two browsers: offered by one key, still mine until the colleague accepts."""
    claire = sit("claire")
    incident = held(centre, claire, "1001", "015", "Entrepôt du Port")
    samir = sit("samir")
    claire.page.goto(f"{centre.url}/dossier/{incident}")
    expect(claire.page.get_by_text("À moi · pris à")).to_be_visible()
    claire.press("Alt+a")
    choice = claire.page.get_by_role("combobox", name="Mes dossiers")
    expect(choice).to_be_focused()
    expect(claire.page.get_by_text("Vous êtes seul en salle.")).to_have_count(0)
    choice.select_option(label="sont proposés à Samir Nuit (Poste 2)")
    claire.page.get_by_role("button", name="Je m’absente").click()
    expect(claire.page.get_by_text("Vos dossiers sont proposés à Samir Nuit")).to_be_visible()
    expect(samir.row("Entrepôt du Port")).to_be_visible()
    assert samir.incidents()["Entrepôt du Port"]["owner"]["name"] == "Claire Veille"
    samir.page.goto(f"{centre.url}/dossier/{incident}")
    expect(samir.page.get_by_role("button", name="Accepter ce dossier")).to_be_visible()
    samir.press("Control+Enter")
    expect(samir.page.get_by_text("À moi · pris à")).to_be_visible()
    assert samir.incidents()["Entrepôt du Port"]["owner"]["name"] == "Samir Nuit"
    assert claire.errors == samir.errors == []


def test_the_chef_reviews_by_one_key_and_takes_it_back(sit: Sit, centre: Centre) -> None:
    """S19, V1: the list, the count in the top bar, R, and the review taken back as a new entry."""
    claire = sit("claire")
    incident = held(centre, claire, "1003", "001", "Pharmacie de la Gare")
    steps = claire.get(f"/api/incidents/{incident}")["steps"]
    first = next(step for step in steps if step["state"] == "current")
    claire.post(f"/api/incidents/{incident}/steps/{first['key']}/skip", {"motif": "impossible"})
    chef = sit("chef", post=False)
    chef.page.goto(f"{centre.url}/compte")
    count = chef.page.get_by_role("button", name="À relire : 1")
    expect(count).to_be_visible()
    count.click()
    panel = chef.page.get_by_role("region", name="À relire")
    line = panel.get_by_role("listitem").filter(has_text="Pharmacie de la Gare")
    expect(line).to_contain_text("Claire Veille")
    expect(line).to_contain_text("impossible à faire")
    line.get_by_role("button", name="Relu").focus()
    chef.press("r")
    expect(panel.get_by_text("Tout est relu")).to_be_visible()
    assert told(centre, "step.reviewed")[-1]["actor_name"] == "Camille Chef"
    panel.get_by_text("Relus depuis 24 h · 1").click()
    panel.get_by_role("button", name="Reprendre la relecture").click()
    expect(panel.get_by_role("button", name="Relu")).to_be_visible()
    assert len(told(centre, "step.review_undone")) == 1
    panel.get_by_role("button", name="Remarque").click()
    chef.page.keyboard.type("vu avec Claire, caméra en panne")
    chef.press("Enter")
    expect(panel.get_by_text("Tout est relu")).to_be_visible()
    assert told(centre, "step.reviewed")[-1]["params"]["note"] == "vu avec Claire, caméra en panne"
    assert chef.errors == []


def test_an_administrator_adds_a_person_her_title_and_a_post(sit: Sit, centre: Centre) -> None:
    """Issue 2 §7 without the command line: who was added takes the post that was made."""
    chef = sit("chef", post=False)
    page = chef.page
    page.goto(f"{centre.url}/personnes")
    people = page.get_by_role("region", name="Personnes", exact=True)
    people.get_by_role("button", name="Ajouter").click()
    page.get_by_label("Prénom et nom").fill("Zoé Nouvelle")
    page.get_by_label("Identifiant").fill("zoe")
    page.get_by_label("Premier mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Créer le compte").click()
    card = page.get_by_role("region", name="Zoé Nouvelle")
    expect(card).to_contain_text("Aucun titre")
    expect(people.get_by_role("button", name="Zoé Nouvelle")).to_contain_text("sans titre valable")
    card.get_by_role("button", name="Noter un titre").click()
    card.get_by_label("Numéro").fill("CAR-099-2030-05-01-20990000777")
    card.get_by_label("Dernier jour").fill("2030-05-01")
    card.get_by_role("button", name="Noter le titre").click()
    expect(card).to_contain_text("valable jusqu’au 01/05/2030")
    card.get_by_role("button", name="Changer", exact=True).click()
    card.get_by_role("group", name="Communes").get_by_label("Sans limite").uncheck()
    card.get_by_role("group", name="Communes").get_by_role("checkbox").nth(1).check()
    card.get_by_role("button", name="Enregistrer le périmètre").click()
    expect(card).to_contain_text("Communes :")
    posts = page.get_by_role("region", name="Postes")
    posts.get_by_role("button", name="Ajouter").click()
    page.get_by_label("Nom du poste").fill("Poste Z")
    page.get_by_role("button", name="Créer le poste").click()
    expect(posts.get_by_role("listitem").filter(has_text="Poste Z")).to_be_visible()
    kinds = [line["kind"] for line in centre.lines("logbook", "--json")]
    for kind in ("user.created", "title.granted", "user.perimeter_changed", "post.created"):
        assert kind in kinds
    zoe = sit("zoe", post=False)
    post = next(each for each in zoe.get("/api/me")["posts"] if each["name"] == "Poste Z")
    zoe.post(f"/api/posts/{post['id']}/take", {"motif": None})
    expect(posts.get_by_role("listitem").filter(has_text="Poste Z")).to_contain_text("Zoé Nouvelle")
    assert chef.errors == []


def test_a_closed_dossier_is_found_by_its_number(sit: Sit, centre: Centre) -> None:
    """Ctrl+K finds what is over, by number and by site, and opens it."""
    chef = sit("chef")
    assert centre.say(centre.panel("1004"), "301", number="000")
    expect(chef.row("Collège Jean-Macé")).to_be_visible()
    row = chef.incidents()["Collège Jean-Macé"]
    assert centre.say(centre.panel("1004", sequence=77), "301", number="000", qualifier="3")
    expect(chef.row("Collège Jean-Macé")).to_have_count(0)
    for typed in (row["reference"], "collège jean"):
        chef.press("Control+k")
        chef.page.keyboard.type(typed)
        dialog = chef.page.get_by_role("dialog", name="Barre de commande")
        found = dialog.get_by_role("option").filter(has_text=row["reference"])
        expect(found).to_be_visible()
        if typed == row["reference"]:
            chef.press("Escape")
    found.click()
    expect(chef.head).to_have_text("Collège Jean-Macé")


@pytest.mark.parametrize("theme", THEMES)
def test_the_chefs_screens_by_axe_and_narrow(sit: Sit, centre: Centre, theme: str) -> None:
    """WCAG 2.2 AA, with a line to review, a person's card and its forms open; nothing scrolls sideways at 640 px."""
    claire = sit("claire")
    dossier = held(centre, claire, "1003", "001", "Pharmacie de la Gare")
    steps = claire.get(f"/api/incidents/{dossier}")["steps"]
    current = next(step for step in steps if step["state"] == "current")
    claire.post(f"/api/incidents/{dossier}/steps/{current['key']}/skip", {"motif": "impossible"})
    chef = sit("chef", post=False)
    page = chef.page
    page.evaluate(f"localStorage.setItem('veilleur.theme', '{theme}')")
    page.goto(f"{centre.url}/salle")
    expect(
        page.get_by_role("region", name="À relire").get_by_role("button", name="Relu").first
    ).to_be_visible()
    page.get_by_role("button", name="Remarque").first.click()
    assert faults(page) == []
    page.set_viewport_size({"width": 640, "height": 900})
    assert page.evaluate(SIDEWAYS) <= 0
    page.goto(f"{centre.url}/personnes")
    page.get_by_role("region", name="Personnes", exact=True).get_by_role(
        "button", name="Claire Veille"
    ).click()
    card = page.get_by_role("region", name="Claire Veille")
    card.get_by_role("button", name="Corriger").click()
    card.get_by_role("button", name="Changer", exact=True).click()
    card.get_by_role("group", name="Communes").get_by_label("Sans limite").uncheck()
    assert page.evaluate(SIDEWAYS) <= 0
    page.set_viewport_size({"width": 1366, "height": 768})
    assert faults(page) == []


LIST = """
on_call:
  - {reference: A-1, name: Alix Réserve, rank: 1, ways: [{channel: relais, to: "+33639980041"}]}
  - {reference: A-2, name: Station de renfort, kind: centre, ways: [{channel: relais, to: renfort}]}
"""


def test_the_on_call_list_is_seen_and_tried(sit: Sit, centre: Centre, tmp_path: Path) -> None:
    """P7: the chef sees who is called, tries a way, and sees that this one does not work; an operator does not."""
    file = tmp_path / "astreinte.yaml"
    file.write_text(LIST, "utf-8")
    centre.told("sites", "import", str(file))
    chef = sit("chef")
    chef.press("Control+k")
    chef.page.keyboard.type("astreinte")
    chef.press("Enter")
    person = chef.page.get_by_role("region", name="Alix Réserve")
    expect(person).to_contain_text("06 39 98 00 41")
    expect(person).to_contain_text("jamais essayé")
    expect(chef.page.get_by_role("region", name="Station de renfort")).to_contain_text("centre de secours")
    assert faults(chef.page) == []
    person.get_by_role("button", name="Essayer…").press("Enter")
    assert told(centre, "escalation.trial") == [], "asked twice: it rings at somebody's"
    person.get_by_role("button", name="Appeler vraiment Alix Réserve").press("Enter")
    expect(person).to_contain_text("aucun canal de ce nom dans les réglages", timeout=30_000)
    expect(person).to_contain_text("essai")
    (entry,) = told(centre, "escalation.trial")
    assert entry["params"]["name"] == "Alix Réserve"
    assert sit("claire").try_post("/api/on-call/1/try") == 403
