"""Police, firemen, SAMU: each by its own card, its own words, its own results (V2, P4; practice «Naive otherwise»)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.acceptance.centre import Centre
from tests.acceptance.room import DEAD_TIME, Seat

Sit = Callable[..., Seat]
SITE = "Collège Jean-Macé"
BANK = "Banque des Halles"


def test_a_fire_calls_the_codis_first(sit: Sit, centre: Centre) -> None:
    """S shows the CODIS first, open; the address is read first; firemen arrest nobody. Police stay «à justifier»."""
    seat = sit("claire")
    assert centre.say(centre.panel("1004"), "110", number="112")
    expect(seat.row(SITE)).to_be_visible()
    seat.take_next(SITE)
    seat.page.wait_for_timeout(DEAD_TIME)  # a letter close behind another one is text (core/keys.ts)
    seat.forward("s", "services")
    card = seat.front
    expect(card).to_have_attribute("aria-label", "secours")
    expect(card.locator("p").first).to_contain_text("Appel des secours · ouvert")
    expect(card.get_by_role("button").first).to_contain_text("CODIS de l’Essai")
    expect(card.get_by_role("button").first).not_to_contain_text("…")
    seat.strike("F5")
    script = seat.page.get_by_label("À lire").locator("p")
    expect(script.first).to_contain_text("20 avenue des Écoles")
    expect(script.nth(2)).to_contain_text("Je vous signale une alarme incendie")
    ends = seat.page.get_by_role("group", name="Résultat de l’avis")
    expect(ends).to_contain_text("sinistre maîtrisé")
    expect(ends).not_to_contain_text("interpellation")
    seat.does("se déplacent")
    expect(seat.page.get_by_role("log")).to_contain_text("Pompiers : se déplacent")
    assert seat.errors == []


def test_a_hold_up_opens_the_police_by_one_key(sit: Sit, centre: Centre) -> None:
    """P4, persons: open in one key, always. The dossier comes, `F5`, the reserved number is there."""
    seat = sit("claire")
    assert centre.say(centre.panel("1005"), "122", number="001")
    expect(seat.row(BANK)).to_be_visible()
    seat.take_next(BANK)
    expect(seat.front).to_contain_text("Commissariat de l’Essai")
    seat.keys.clear()
    seat.strike("F5")
    expect(seat.page.locator("main")).to_contain_text("01 99 00 17 02")
    expect(seat.page.get_by_label("À lire")).to_contain_text("danger pour une personne")
    assert seat.keys == ["F5"]
    assert seat.errors == []


def test_a_danger_for_a_person_is_one_key_away_from_goods(sit: Sit, centre: Centre) -> None:
    """P4: on an intrusion the goods door asks for a proof; the persons' door opens by its own key, and is reviewed."""
    seat = sit("claire")
    assert centre.say(centre.panel("1001"), "130", number="015")
    expect(seat.row("Entrepôt du Port")).to_be_visible()
    seat.take_next("Entrepôt du Port")
    seat.page.wait_for_timeout(DEAD_TIME)
    seat.forward("s", "services")
    expect(seat.front).to_contain_text("à justifier")
    seat.does("Danger pour une personne")
    expect(seat.page.get_by_label("À lire")).to_contain_text("danger pour une personne")
    incident = seat.incidents()["Entrepôt du Port"]["id"]
    (call,) = seat.get(f"/api/incidents/{incident}")["service_calls"]
    assert (call["door"], call["override_motif"]) == ("persons", None)
    assert seat.errors == []
