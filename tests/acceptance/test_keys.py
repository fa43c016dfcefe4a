"""A dossier by function keys and letters alone, counted; what a hasty finger cannot do (U1, U3, U6; desk.md «Keys»)."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.acceptance.centre import Centre
from tests.acceptance.room import Seat

Sit = Callable[..., Seat]

SITE = "Entrepôt du Port"
SETTLED = 30_000  # ms: a result may be undone for some seconds before anything follows from it
MOST_KEYS = 45


def burglary(seat: Seat) -> None:
    """Two points in a row, taken with `N`."""
    panel = seat.centre.panel("1001", sequence=random.randrange(9000))
    assert seat.centre.say(panel, "130", number="015")
    assert seat.centre.say(panel, "130", number="016")
    expect(seat.row(SITE)).to_contain_text("P2")
    seat.take_next(SITE)


def card(seat: Seat, name: str) -> None:
    """The card in front is this one."""
    expect(seat.front.first).to_contain_text(name, timeout=SETTLED)


def agent_to_the_finding(seat: Seat) -> None:
    """`A` brings the agent's card; each stage is a key that stands on its button."""
    page = seat.page
    seat.forward("a", "agent")
    seat.does("Accepte")
    expect(page.get_by_text("Équipe Vigie 2 accepté")).to_be_visible()
    seat.does("En route")
    expect(page.get_by_text("Équipe Vigie 2 en route")).to_be_visible()
    seat.does("Sur place")
    expect(page.get_by_text("Équipe Vigie 2 sur place")).to_be_visible()
    seat.press("Control+e")
    expect(page.get_by_label("Constat de l’agent")).to_be_focused()
    page.keyboard.type("vitre du bureau brisée")
    seat.does("effraction")
    expect(page.get_by_text("Équipe Vigie 2 constat fait")).to_be_visible()
    seat.does("Terminée")
    expect(page.get_by_text("Équipe Vigie 2 terminé")).to_be_visible()


def police_called(seat: Seat) -> None:
    """From the step itself; the script is in the main column, its buttons in sight at 1366×768."""
    page = seat.page
    seat.forward("p", "step")
    card(seat, "Avis aux forces de l’ordre")
    seat.does("Commissariat de l’Essai")
    script = page.get_by_label("À lire")
    expect(script).to_contain_text("après levée de doute")
    expect(page.get_by_label("Personne jointe")).to_be_focused()
    for text in (script.locator("p").first, seat.front.get_by_role("button", name="se déplacent")):
        expect(text).to_be_in_viewport(ratio=1)
    page.keyboard.type("Brigadier Test")
    seat.does("N° de rappel donné")
    seat.does("se déplacent")
    expect(page.get_by_text("se déplacent · Brigadier Test")).to_be_visible()


def points_back(seat: Seat) -> None:
    """The first open point has the first two keys; the other is put off."""
    page = seat.page
    expect(seat.front).to_have_attribute("data-card", "return")
    seat.does("Constat d’agent")
    expect(page.get_by_text("normal par constat d’agent")).to_be_visible()
    seat.does("Suivi en attente…")
    expect(page.get_by_label("Ce qui reste à faire")).to_be_focused()
    page.keyboard.type("Vitre à remplacer")
    page.get_by_label("Qui s’en charge").focus()
    page.keyboard.type("M. Lenoir")
    seat.press("Control+Enter")  # U1: validates the form
    expect(page.get_by_text("Suivi en attente : Vitre à remplacer, M. Lenoir")).to_be_visible()


@pytest.mark.long
def test_a_burglary_by_function_keys_and_letters(sit: Sit) -> None:
    """From the alarm to its closed dossier without Tab nor mouse, at 1366×768; every key is counted."""
    seat = sit("claire", width=1366, height=768)
    page = seat.page
    burglary(seat)
    card(seat, "Envoyer l’agent d’intervention")
    seat.does("Demander")
    expect(page.get_by_text("Équipe Vigie 2 demandé")).to_be_visible()

    card(seat, "Contre-appel du site")
    seat.does("Appeler le site")
    expect(page.get_by_label("Mot entendu")).to_be_focused()
    page.keyboard.type("lilas")
    seat.press("Enter")
    expect(page.locator("blockquote")).to_contain_text("Nous avons reçu à")
    seat.does("fait délictueux en cours")
    expect(page.get_by_role("button", name="Annuler ce résultat")).to_be_visible()

    agent_to_the_finding(seat)
    seat.forward("v", "verification")
    seat.does("positive – biens")
    expect(page.get_by_role("button", name="positive – biens")).to_have_attribute("aria-pressed", "true")
    police_called(seat)

    incident = int(seat.incidents()[SITE]["id"])
    card(seat, "Prévenir le 1er destinataire")
    seat.does("Passer l’étape…")
    seat.does("fait autrement")
    points_back(seat)
    seat.forward("c", "closing")
    seat.does("Réelle")
    seat.does("Réelle – intrusion")
    expect(page.get_by_label("Conclusion")).to_be_focused()
    page.keyboard.type("Effraction par le bureau.")
    seat.press("Enter")
    expect(seat.row(SITE)).to_have_count(0)
    assert seat.get(f"/api/incidents/{incident}")["row"]["state"] == "closed"
    assert "Tab" not in seat.keys
    assert len(seat.keys) <= MOST_KEYS, seat.keys
    assert seat.errors == []


def test_a_second_press_falls_on_nothing(sit: Sit) -> None:
    """Two presses in a row: one act. A key that means nothing reloads no page; behind the command bar none acts."""
    seat = sit("claire")
    burglary(seat)
    card(seat, "Envoyer l’agent d’intervention")
    seat.page.evaluate("window.here = true")  # gone if the page is loaded again
    path = f"/api/incidents/{seat.incidents()[SITE]['id']}"
    for _ in range(5):  # a slow machine paints the card anew, and its keys wait again
        seat.strike("F5")
        for _ in range(4):
            seat.press("F5")
            seat.page.wait_for_timeout(60)
        seat.page.wait_for_timeout(1_500)
        if seat.get(path)["interventions"]:
            break
    expect(seat.page.get_by_text("Équipe Vigie 2 demandé")).to_be_visible()
    dossier = seat.get(path)
    assert len(dossier["interventions"]) == 1
    assert dossier["calls"] == [], "the next card's first key is «Appeler le site»"

    card(seat, "Contre-appel du site")
    seat.press("Control+k")
    expect(seat.page.get_by_role("dialog", name="Barre de commande")).to_be_visible()
    seat.strike("F5")
    seat.press("Escape")
    seat.press("F10")
    seat.page.wait_for_timeout(300)
    assert seat.get(f"/api/incidents/{dossier['row']['id']}")["calls"] == []
    assert seat.page.evaluate("window.here") is True, "nothing was loaded again"

    # On a narrow screen the dossier may lie behind the queue: its keys sleep.
    seat.page.set_viewport_size({"width": 900, "height": 800})
    seat.page.get_by_role("button", name="File", exact=True).click()
    expect(seat.head).to_be_hidden()
    seat.strike("F5")
    seat.page.wait_for_timeout(300)
    assert seat.get(f"/api/incidents/{dossier['row']['id']}")["calls"] == []


def test_a_call_takes_no_focus_from_a_text_being_typed(sit: Sit, centre: Centre) -> None:
    """U3: F5 starts the call while one writes in the capture bar; the words stay where they were begun."""
    seat = sit("samir")
    assert centre.say(centre.panel("1004"), "130", number="112")
    expect(seat.row("Collège Jean-Macé")).to_be_visible()
    seat.take_next("Collège Jean-Macé")
    card(seat, "Contre-appel du site")
    seat.press("Control+Space")
    seat.page.keyboard.type("Le gardien rap")
    seat.strike("F5")
    expect(seat.page.get_by_label("Mot entendu")).to_be_visible()
    expect(seat.capture).to_be_focused()
    seat.page.keyboard.type("pelle")
    expect(seat.capture).to_have_value("Le gardien rappelle")
    seat.press("Control+e")
    expect(seat.page.get_by_label("Mot entendu")).to_be_focused()


def test_what_is_undone_by_ctrl_z_is_so_for_ten_seconds(sit: Sit, centre: Centre) -> None:
    """A step's «Annuler» leaves the screen with its delay."""
    seat = sit("claire")
    assert centre.say(centre.panel("1003"), "130", number="001")
    expect(seat.row("Pharmacie de la Gare")).to_be_visible()
    incident = seat.incidents()["Pharmacie de la Gare"]["id"]
    seat.post(f"/api/incidents/{incident}/take")
    seat.page.goto(f"{centre.url}/dossier/{incident}")
    seat.does("Passer l’étape…")
    seat.does("impossible à faire")
    undo = seat.page.get_by_role("button", name="Annuler", exact=True)
    expect(undo).to_have_attribute("data-hotkey", "Ctrl+Z")
    seat.press("Control+z")
    expect(seat.page.get_by_text("Passée : impossible à faire")).to_have_count(0)
    seat.does("Passer l’étape…")
    seat.does("impossible à faire")
    expect(undo).to_be_visible()
    expect(undo).to_have_count(0, timeout=20_000)
    expect(seat.page.get_by_text("Passée : impossible à faire")).to_be_visible()
