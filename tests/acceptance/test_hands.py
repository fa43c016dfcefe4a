"""From hand to hand by the keyboard alone, in two browsers: confier, refuser, accepter, chef, absence (need 8, U6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.acceptance.centre import Centre
from tests.acceptance.room import Seat

Sit = Callable[..., Seat]
SITE = "Pharmacie de la Gare"


def command(seat: Seat, words: str, name: str) -> None:
    """Ctrl+K, a few letters, Enter: an act of the command bar."""
    seat.press("Control+k")
    seat.page.keyboard.type(words)
    wanted = seat.page.get_by_role("dialog", name="Barre de commande").get_by_role("option", selected=True)
    expect(wanted).to_contain_text(name)
    seat.press("Enter")


@pytest.fixture
def incident(sit: Sit, centre: Centre) -> tuple[Seat, int]:
    """Claire holds the pharmacy's dossier, and has it before her eyes."""
    seat = sit("claire")
    if SITE not in seat.incidents():
        assert centre.say(centre.panel("1003"), "130", number="001")
        expect(seat.row(SITE)).to_have_count(1)
    row = seat.incidents()[SITE]
    if row["owner"] is None:
        seat.post(f"/api/incidents/{row['id']}/take")
    elif row["owner"]["name"] != "Claire Veille":
        seat.post(f"/api/incidents/{row['id']}/take-over", {"reason": "agreed"})
    elif row["state"] == "parked":
        seat.post(f"/api/incidents/{row['id']}/resume")
    seat.page.goto(f"{centre.url}/dossier/{row['id']}")
    expect(seat.page.get_by_text("À moi · pris à")).to_be_visible()
    return seat, int(row["id"])


def see(seat: Seat, incident: int) -> None:
    """The dossier in the centre of another person's screen."""
    seat.page.goto(f"{seat.centre.url}/dossier/{incident}")
    expect(seat.head).to_have_text(SITE)


def a_reason_is_chosen_never_met(seat: Seat, verb: str) -> None:
    """Validated before one is chosen, the form enters nothing, says so and keeps the hands on the choice."""
    expect(seat.page.get_by_role("button", name=verb, exact=True)).to_be_visible()
    expect(seat.page.get_by_label("Motif")).to_be_focused()
    expect(seat.page.get_by_label("Motif")).to_have_value("")
    seat.press("Control+Enter")
    expect(seat.page.get_by_role("alert").filter(has_text="Choisissez d’abord un motif")).to_be_visible()
    expect(seat.page.get_by_label("Motif")).to_be_focused()


def test_a_dossier_goes_from_hand_to_hand(sit: Sit, incident: tuple[Seat, int]) -> None:
    claire, id_ = incident
    samir = sit("samir")
    see(samir, id_)
    claire.page.reload()  # a colleague has come since
    expect(claire.page.get_by_role("button", name="Confier à…")).to_be_visible()
    command(claire, "confier", "Confier à…")
    claire.pick("À qui", "Samir Nuit")
    claire.press("Control+Enter")
    expect(samir.page.get_by_role("button", name="Accepter ce dossier")).to_be_visible()
    command(samir, "laisser", "Le laisser à celui qui le tient")
    expect(samir.page.get_by_role("button", name="Accepter ce dossier")).to_have_count(0)
    assert samir.incidents()[SITE]["owner"]["name"] == "Claire Veille"

    command(claire, "confier", "Confier à…")
    claire.pick("À qui", "Samir Nuit")
    claire.press("Control+Enter")
    expect(samir.page.get_by_role("button", name="Accepter ce dossier")).to_contain_text("Ctrl+Entrée")
    samir.press("Control+Enter")
    expect(samir.page.get_by_text("À moi · pris à")).to_be_visible()
    expect(claire.page.get_by_text("Tenu par Samir Nuit")).to_be_visible()
    command(claire, "reprendre", "Reprendre à un collègue…")
    a_reason_is_chosen_never_met(claire, "Reprendre le dossier")
    assert samir.incidents()[SITE]["owner"]["name"] == "Samir Nuit", "no reason, no take-over"
    claire.pick("Motif", "d’accord avec le collègue")
    claire.press("Control+Enter")
    expect(claire.page.get_by_text("À moi · pris à")).to_be_visible()
    told_until_seen(samir, id_)


def told_until_seen(seat: Seat, incident: int) -> None:
    """Who held the dossier is told by whom it was taken and why, on each page, over a reload, until he says «vu»."""
    notice = seat.page.get_by_role("status").filter(has_text="Claire Veille a repris votre dossier")
    address = f"{seat.centre.url}/dossier/{incident}"
    for page in (None, "/main-courante", "/mur", "/"):
        if page is not None:
            seat.page.goto(seat.centre.url + page)
        expect(notice).to_contain_text(SITE)
        expect(notice).to_contain_text("d’accord avec le collègue")
        expect(notice.get_by_role("link", name="voir le dossier")).to_have_attribute(
            "href", address.removeprefix(seat.centre.url)
        )
    notice.get_by_role("button", name="Vu").press("Enter")
    expect(notice).to_have_count(0)
    seat.page.reload()
    expect(seat.page.get_by_role("listbox", name="File des dossiers")).to_be_visible()
    expect(notice).to_have_count(0)
    assert seat.errors == []


def test_the_chef_is_asked(sit: Sit, incident: tuple[Seat, int]) -> None:
    claire, id_ = incident
    chef = sit("chef")
    see(chef, id_)
    command(claire, "demander au chef", "Demander au chef…")
    a_reason_is_chosen_never_met(claire, "Passer au chef de salle")
    claire.pick("Motif", "décision hors de mes limites")
    claire.press("Control+Enter")
    expect(chef.page.get_by_role("button", name="Prendre en compte", exact=True)).to_be_visible()
    chef.press("Control+Enter")
    expect(chef.page.get_by_text("À moi · pris à")).to_be_visible()
    assert claire.incidents()[SITE]["owner"]["name"] == "Camille Chef"


def test_put_aside_and_away(incident: tuple[Seat, int]) -> None:
    """`M` puts aside, Ctrl+Entrée takes up again; «je m’absente» leaves everything with a clock."""
    claire, _ = incident
    claire.page.locator("[data-keyscope=card]").focus()
    claire.press("m")
    expect(claire.page.get_by_label("Rappel dans")).to_be_focused()
    claire.press("Control+Enter")
    expect(claire.page.locator("main")).to_contain_text("En attente jusqu’à")
    claire.press("Control+Enter")
    expect(claire.page.get_by_text("À moi · pris à")).to_be_visible()
    command(claire, "me rappellent", "Je m’absente")
    expect(claire.page.locator("main")).to_contain_text("En attente jusqu’à")
    assert claire.incidents()[SITE]["state"] == "parked"


def test_a_closing_is_prepared_and_given_up(incident: tuple[Seat, int]) -> None:
    """The cause is known and a point is still in alarm: it is said now, kept through a reload, and can be given up."""
    claire, _ = incident
    page = claire.page
    card = page.get_by_role("region", name="Clôture")
    card.get_by_role("button", name="Alarme injustifiée").press("Enter")
    card.get_by_role("button", name="erreur d’utilisateur").press("Enter")
    expect(card.get_by_label("Conclusion")).to_be_focused()
    page.keyboard.type("la pharmacienne a oublié le code")
    claire.press("Enter")
    expect(card).to_contain_text(
        "Clôture préparée : Alarme injustifiée – cause : erreur d’utilisateur – la pharmacienne a oublié le code"
    )
    assert claire.incidents()[SITE]["state"] == "closing"
    page.reload()
    expect(card).to_contain_text("Clôture préparée")
    expect(card.get_by_label("Conclusion")).not_to_be_focused()
    card.get_by_role("button", name="Reprendre le dossier").press("Enter")
    expect(card).not_to_contain_text("Clôture préparée")
    assert claire.incidents()[SITE]["state"] == "taken"


def test_a_draft_comes_back_at_another_workstation(sit: Sit, incident: tuple[Seat, int]) -> None:
    """U6: kept within a second; the window, the browser, the very machine may go."""
    claire, id_ = incident
    claire.press("Control+Space")
    claire.page.keyboard.type("Rideau baissé, le voisin")
    claire.press("Escape")
    claire.page.locator("[data-keyscope=card]").focus()
    claire.forward("r", "return")
    claire.does("Suivi en attente…")
    claire.page.keyboard.type("Serrure à changer")
    claire.page.wait_for_timeout(1_500)
    claire.leave()  # this machine's storage is gone with its browser

    again = sit("claire")
    again.page.goto(f"{again.centre.url}/dossier/{id_}")
    expect(again.capture).to_have_value("Rideau baissé, le voisin")
    again.press("Control+Space", "End")
    again.page.keyboard.type(" n’a rien vu")
    again.press("Enter")
    expect(again.page.get_by_role("log")).to_contain_text("Rideau baissé, le voisin n’a rien vu")
    again.page.locator("[data-keyscope=card]").focus()
    again.forward("r", "return")
    again.does("Suivi en attente…")
    expect(again.page.get_by_label("Ce qui reste à faire")).to_have_value("Serrure à changer")
    kept = {draft["key"] for draft in again.get("/api/drafts")}
    assert f"incident:{id_}:defer_what" in kept
    again.page.wait_for_timeout(1_500)
    assert f"incident:{id_}" not in {draft["key"] for draft in again.get("/api/drafts")}
