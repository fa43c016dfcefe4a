"""Where the keys act: queue, card, field; what Escape closes; who telephones (U1, U3; desk.md «Keys»; practice need 4)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.acceptance.centre import Centre
from tests.acceptance.room import Seat

Sit = Callable[..., Seat]

SITE = "Entrepôt du Port"
OTHER = "Collège Jean-Macé"
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "operateur.md"
APART = 800  # ms: a letter that far from the last one is no word (core/keys.ts, with the time to look)


def dossier_of(seat: Seat) -> Locator:
    """The dossier in the centre, as a place of the keyboard."""
    return seat.page.locator("[data-dossier]")


@pytest.fixture
def claire(sit: Sit, centre: Centre) -> Seat:
    """Claire holds the warehouse's dossier, and has it before her eyes."""
    seat = sit("claire")
    if SITE not in seat.incidents():
        panel = centre.panel("1001", sequence=random.randrange(9000))
        assert centre.say(panel, "130", number="015")
        expect(seat.row(SITE)).to_be_visible()
    row = seat.incidents()[SITE]
    if row["owner"] is None or row["state"] == "new":
        seat.post(f"/api/incidents/{row['id']}/take")
    elif row["state"] == "parked":
        seat.post(f"/api/incidents/{row['id']}/resume")
    seat.page.goto(f"{centre.url}/dossier/{row['id']}")
    expect(seat.page.get_by_text("À moi · pris à")).to_be_visible()
    expect(seat.front.first).to_be_visible()
    return seat


def alone(seat: Seat, *letters: str) -> None:
    """Letters that no word surrounds."""
    for letter in letters:
        seat.page.wait_for_timeout(APART)
        seat.press(letter)
    seat.page.wait_for_timeout(APART)


def test_letters_typed_in_the_queue_move_no_card_and_open_no_form(claire: Seat) -> None:
    """The front card's letters are the card's: alone or in a word, in the queue they mean nothing."""
    front = claire.front.first.get_attribute("data-card")
    claire.queue.focus()
    alone(claire, "v", "m", "s", "r", "c", "a", "p")
    claire.page.keyboard.type("Voisin vu, mais rien : la marche arrière ?", delay=40)
    claire.page.wait_for_timeout(APART)
    assert claire.front.first.get_attribute("data-card") == front
    expect(claire.page.get_by_label("Rappel dans")).to_have_count(0)
    expect(claire.page.get_by_role("dialog")).to_have_count(0)
    expect(claire.page.get_by_role("tab", name="Procédure")).to_have_attribute("aria-selected", "true")


def test_a_word_typed_on_a_card_opens_no_form(claire: Seat) -> None:
    """U1: even there a letter acts alone; the rest of a word falls nowhere."""
    dossier_of(claire).focus()
    claire.page.wait_for_timeout(APART)
    claire.page.keyboard.type("Madame Martin, émue, entend marcher", delay=40)
    claire.page.wait_for_timeout(APART)
    expect(claire.page.get_by_label("Rappel dans")).to_have_count(0)
    assert claire.incidents()[SITE]["state"] == "taken"


def test_opening_brings_the_hands_to_the_dossier_and_escape_takes_them_back(claire: Seat) -> None:
    """`Enter` on a row: the letters act; Escape closes the open form, then the queue has the arrows again."""
    claire.queue.focus()
    claire.press("Home", "Enter")
    expect(dossier_of(claire)).to_be_focused()
    alone(claire, "v")
    expect(claire.front.first).to_have_attribute("data-card", "verification")
    alone(claire, "m")
    expect(claire.page.get_by_label("Rappel dans")).to_be_focused()
    claire.press("Escape")
    expect(claire.page.get_by_label("Rappel dans")).to_have_count(0)
    expect(dossier_of(claire)).to_be_focused()
    claire.press("Control+i")
    expect(claire.page.get_by_label("Nature de l’indice")).to_be_focused()
    claire.page.get_by_label("Ce qui est vu ou entendu").focus()
    claire.page.keyboard.type("une ombre")
    claire.press("Escape")
    expect(
        claire.page.get_by_label("Nature de l’indice")
    ).to_be_visible()  # a text begun needs a second press
    claire.press("Escape")
    expect(claire.page.get_by_label("Nature de l’indice")).to_have_count(0)
    claire.press("Escape")
    expect(claire.queue).to_be_focused()


def test_escape_closes_the_form_one_has_left_for_another_part(claire: Seat) -> None:
    """The park form is open, the hands are in the queue: it still closes."""
    dossier_of(claire).focus()
    alone(claire, "m")
    expect(claire.page.get_by_label("Rappel dans")).to_be_visible()
    claire.queue.focus()
    claire.press("Escape")
    expect(claire.page.get_by_label("Rappel dans")).to_have_count(0)
    assert claire.incidents()[SITE]["state"] == "taken"


def test_escape_closes_the_help_and_nothing_else(claire: Seat) -> None:
    """What lies on top goes first: the form below it stays, and the hands with it."""
    dossier_of(claire).focus()
    alone(claire, "m")
    expect(claire.page.get_by_label("Rappel dans")).to_be_focused()
    claire.press("F1")
    expect(claire.page.get_by_role("dialog", name="Touches")).to_be_visible()
    claire.press("Escape")
    expect(claire.page.get_by_role("dialog", name="Touches")).to_have_count(0)
    expect(claire.page.get_by_label("Rappel dans")).to_be_focused()
    claire.press("Escape")
    expect(claire.page.get_by_label("Rappel dans")).to_have_count(0)


def test_ctrl_enter_in_an_empty_capture_bar_acts_as_from_elsewhere(claire: Seat) -> None:
    """U1: in a bar that holds words it enters them, and takes up nothing."""
    incident = claire.incidents()[SITE]
    dossier_of(claire).focus()
    alone(claire, "m")
    claire.press("Control+Enter")
    expect(claire.page.locator("main")).to_contain_text("En attente jusqu’à")
    claire.press("Control+Space")
    expect(claire.capture).to_be_focused()
    claire.page.keyboard.type("Le gardien rappelle")
    claire.press("Control+Enter")
    expect(claire.page.get_by_role("log")).to_contain_text("Le gardien rappelle")
    expect(claire.capture).to_have_value("")
    assert claire.incidents()[SITE]["state"] == "parked", "the words were entered, the dossier left alone"
    claire.press("Control+Enter")
    expect(claire.page.get_by_text("À moi · pris à")).to_be_visible()
    expect(claire.capture).to_be_focused()
    assert claire.incidents()[SITE]["id"] == incident["id"]


def test_escape_leaves_what_is_said_by_hand(claire: Seat) -> None:
    """A result said by hand is a second thought: its menu shows the way back, and no key of it is met by accident."""
    claire.front.get_by_role("button", name="Saisir le résultat à la main…").first.press("Enter")
    back = claire.front.get_by_role("button", name="Renoncer")
    expect(back).to_have_attribute("data-hotkey", "Escape")
    expect(back).to_contain_text("Échap")
    claire.press("Escape")
    expect(back).to_have_count(0)
    expect(claire.front.get_by_role("button", name="Saisir le résultat à la main…")).to_be_visible()


def test_escape_from_the_capture_bar_gives_the_hands_back_to_the_dossier(claire: Seat) -> None:
    claire.press("Control+Space")
    claire.press("Escape")
    expect(dossier_of(claire)).to_be_focused()


def test_f3_twice_looks_for_anybody(claire: Seat) -> None:
    """The dossier's own people first, on the keys; then by name, number or site, whoever is on the line."""
    claire.press("F3")
    expect(claire.front).to_contain_text("Un abonné appelle")
    expect(claire.front.get_by_role("button", name="Chercher ailleurs")).to_be_visible()
    claire.press("F3")
    found = claire.page.get_by_role("dialog", name="Barre de commande").get_by_role("option")
    own = claire.get(f"/api/sites/{claire.incidents()[SITE]['site']['id']}")["contacts"]
    expect(found).to_have_count(len(own))
    expect(found.first).to_contain_text(own[0]["name"])
    claire.page.keyboard.type("aubin")
    expect(found.first).to_contain_text(OTHER)
    expect(found.first).to_contain_text("par un destinataire")
    claire.press("Enter")
    expect(claire.head).to_have_text(OTHER)
    claire.does("M. Paul Aubin")
    expect(claire.page.get_by_label("Mot entendu")).to_be_focused()
    assert claire.errors == []


def test_f3_enters_the_call_of_the_dossiers_own_people(claire: Seat) -> None:
    """Found by the digits of his number, in the dossier in hand."""
    site = claire.get(f"/api/sites/{claire.incidents()[SITE]['site']['id']}")
    who = site["contacts"][0]
    claire.press("F3", "F3")
    claire.page.keyboard.type(who["phones"][0]["number"].replace("+33", "0")[:8])
    found = claire.page.get_by_role("dialog", name="Barre de commande").get_by_role("option")
    expect(found.first).to_contain_text(who["name"])
    claire.press("Enter")
    expect(claire.page.get_by_label("Mot entendu")).to_be_visible()
    expect(claire.front).to_contain_text(who["name"])


def test_f8_takes_one_dossier_and_brings_the_hands_to_it(claire: Seat, centre: Centre) -> None:
    """P8: a nervous finger takes no second one; what is as grave stays in hand; the letters act at once."""
    for account, number in (("1002", 11), ("1005", 12)):
        assert centre.say(centre.panel(account, sequence=9000 + number), "120", number="001")
    banner = claire.page.get_by_role("alert").filter(has_text="F8")
    expect(banner).to_contain_text("mettre en attente et prendre")
    claire.press("Control+i")
    field = claire.page.get_by_label("Ce qui est vu ou entendu")
    field.focus()
    claire.page.keyboard.type("une ombre")
    urgent = {name for name, row in claire.incidents().items() if row["priority"] == 1}
    claire.press("F8", "F8")
    expect(claire.page.get_by_text("À moi · pris à")).to_be_visible()
    expect(claire.head).not_to_have_text(SITE)
    claire.page.wait_for_timeout(APART)
    rows = claire.incidents()
    assert [rows[name]["state"] for name in urgent].count("taken") == 1
    assert (rows[SITE]["state"], rows[SITE]["parked_reason"]) == ("parked", "other_priority")
    expect(dossier_of(claire)).to_be_focused()
    alone(claire, "v")
    expect(claire.front.first).to_have_attribute("data-card", "verification")
    dock = claire.page.locator("[data-dock]:visible")
    places = [card.get_attribute("data-dock") for card in dock.all()]
    expect(banner).to_contain_text("celui en main vous reste")
    claire.press("F8")
    expect(dock).to_have_count(len(places) + 1)
    assert [card.get_attribute("data-dock") for card in dock.all()][: len(places)] == places
    rows = claire.incidents()
    assert {rows[name]["state"] for name in urgent} == {"taken"}
    assert claire.errors == []


def guide_keys() -> set[str]:
    """Every key of the guide's table of keys, one by one."""
    table = GUIDE.read_text("utf-8").partition("| touche | effet |")[2].partition("\n\n")[0]
    keys: set[str] = set()
    for line in table.splitlines()[2:]:
        cell, effect = line.strip("| ").split(" | ", 1)
        named = re.findall(r"`([^`]+)`", cell)
        if "…" in cell:
            head, first, last = named[0][:-1], int(named[0][-1]), int(named[-1][-1])
            named = [f"{head}{number}" for number in range(first, last + 1)]
        keys |= set(named) | set(re.findall(r"`([^`]+)`", effect))
    return keys


def test_the_guide_and_the_help_name_the_same_keys(claire: Seat) -> None:
    """Neither promises a key that the other does not know."""
    claire.queue.focus()
    claire.press("F1")
    sheet = claire.page.get_by_role("dialog", name="Touches")
    expect(sheet).to_be_visible()
    shown = {text.strip() for text in sheet.locator("section kbd").all_inner_texts()}
    assert guide_keys() == shown
