"""Who reads without a post; what the room shows; a page loaded again; a refusal beside its form (issue 2 §8, U5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.acceptance.centre import PASSWORD, Centre, enter
from tests.acceptance.room import Seat

Sit = Callable[..., Seat]
SITE = "Entrepôt du Port"


@pytest.fixture
def incident(sit: Sit, centre: Centre) -> tuple[Seat, dict[str, Any]]:
    """Claire holds the warehouse's dossier."""
    seat = sit("claire", sound=True)
    if SITE not in seat.incidents():
        assert centre.say(centre.panel("1001"), "130", number="015")
        expect(seat.row(SITE)).to_be_visible()
    row = seat.incidents()[SITE]
    if row["state"] == "new":
        row = seat.post(f"/api/incidents/{row['id']}/take")
    return seat, row


def test_an_address_of_a_dossier_is_read_without_a_post(sit: Sit, incident: tuple[Seat, Any]) -> None:
    """The chef without a post: the dossier, not the prise de poste; one click from taking one."""
    chef = sit("chef", post=False)
    page = chef.page
    expect(page.get_by_text("Prise de poste")).to_be_visible()
    page.goto(f"{chef.centre.url}/dossier/{incident[1]['id']}")
    expect(chef.head).to_have_text(SITE)
    expect(page.get_by_role("button", name="Appeler le site")).to_have_count(0)
    page.get_by_role("button", name="sans poste – en prendre un").click()
    expect(page.get_by_text("Prise de poste")).to_be_visible()
    page.get_by_role("button", name="Consulter sans poste").click()
    expect(chef.queue).to_be_visible()


def test_the_auditor_reads_a_dossier_by_its_address(sit: Sit, incident: tuple[Seat, Any]) -> None:
    """Nothing asks him for a post, which he may not take; no act is offered."""
    place = ("--data-dir", str(incident[0].centre.data_dir))
    said = enter(
        *("user", "add", "alix", "--name", "Alix Contrôle", "--role", "auditor", *place),
        stdin=f"{PASSWORD}\n",
    )
    assert said.returncode == 0, said
    alix = sit("alix", post=False)
    expect(alix.queue).to_be_visible()
    expect(alix.page.get_by_text("sans poste, lecture seule")).to_be_visible()
    alix.page.goto(f"{alix.centre.url}/dossier/{incident[1]['id']}")
    expect(alix.head).to_have_text(SITE)
    expect(alix.page.locator("main [data-hotkey^=F]")).to_have_count(0)
    expect(alix.page.get_by_role("button", name="Mettre en attente")).to_have_count(0)


def test_the_room_says_what_is_put_aside(sit: Sit, incident: tuple[Seat, Any]) -> None:
    """A colleague's dossier that waits for its hour is not one that is being handled."""
    claire, row = incident
    samir = sit("samir")
    samir.page.goto(f"{samir.centre.url}/salle")
    line = samir.page.locator("main li").filter(has_text=SITE)
    expect(line).to_be_visible()
    expect(line).not_to_contain_text("en attente jusqu’à")
    claire.page.goto(f"{claire.centre.url}/dossier/{row['id']}")
    claire.page.get_by_role("button", name="Mettre en attente…").click()
    claire.page.get_by_role("button", name="Mettre en attente", exact=True).click()
    expect(line).to_contain_text("en attente jusqu’à")
    claire.post(f"/api/incidents/{row['id']}/resume")


def test_a_page_loaded_again_is_not_entered_as_mute(sit: Sit, centre: Centre) -> None:
    """A browser stays mute until the first key: that key comes, and the main courante says nothing of it."""
    seat = sit("samir", sound=True)
    seat.press("Escape")
    assert centre.say(centre.panel("1004"), "130", number="112")
    expect(seat.row("Collège Jean-Macé")).to_be_visible()
    seat.heard()
    seat.page.reload()
    expect(seat.row("Collège Jean-Macé")).to_be_visible()
    seat.page.wait_for_timeout(8_000)  # longer than an unheard ringing is borne in a window that could sound
    seat.press("Escape")
    seat.heard()
    expect(seat.page.get_by_role("log")).not_to_contain_text("Essai du son")
    seat.post(f"/api/incidents/{seat.incidents()['Collège Jean-Macé']['id']}/take")


def test_a_post_that_nobody_hears_says_so_in_red(sit: Sit, centre: Centre) -> None:
    """Issue 2 §8: «Je n’entends rien», and the window that lets sound out stays red until an ear says otherwise."""
    seat = sit("samir", sound=True)
    page = seat.page
    seat.post("/api/me/sound", {"ok": False})
    red = page.get_by_role("banner").get_by_role("alert").get_by_role("button", name="CE POSTE NE SONNE PAS")
    seat.press("Escape")
    expect(red).to_be_visible()
    page.reload()
    seat.press("Escape")
    expect(red).to_be_visible()
    red.press("Enter")
    for heard, left in (("Je n’entends rien", 1), ("J’entends", 0)):
        page.get_by_role("button", name="Essayer les quatre sonneries").press("Enter")
        page.get_by_role("button", name=heard).press("Enter")
        expect(red).to_have_count(left)
    page.goto(centre.url)
    expect(seat.queue).to_be_visible()
    expect(red).to_have_count(0)
    assert seat.errors == []


@pytest.mark.long
def test_an_open_dossier_follows_the_hour(incident: tuple[Seat, dict[str, Any]]) -> None:
    """Need 5: what applies by the hour is judged again as the minute turns, with nothing in the main courante."""
    seat, row = incident
    seat.page.goto(f"{seat.centre.url}/dossier/{row['id']}")
    expect(seat.head).to_have_text(SITE)
    expect(seat.front.first).to_be_visible()
    address = f"/api/incidents/{row['id']}"
    asked: list[str] = []
    seat.page.on("response", lambda said: asked.append(said.url) if said.url.endswith(address) else None)
    clock = seat.page.get_by_role("banner").locator("time")
    minute = clock.inner_text()[:5]
    turned = False
    while not turned:
        asked.clear()
        turned = clock.inner_text()[:5] != minute
        seat.page.wait_for_timeout(100)
    seat.page.wait_for_timeout(5_000)
    assert asked, "the dossier is read again"


def test_a_refusal_stands_beside_its_form(sit: Sit, incident: tuple[Seat, Any]) -> None:
    """Not in the corner of the screen: there where the hands are."""
    claire, row = incident
    page = claire.page
    page.goto(f"{claire.centre.url}/dossier/{row['id']}")
    expect(page.get_by_role("tab", name="Fiche site")).to_be_visible()
    claire.press("4")
    page.get_by_role("button", name="Mettre en essai…").click()
    form = page.get_by_role("form", name="Mise en essai")
    form.get_by_label("Demandé par").fill("M. Technicien")
    form.get_by_label("Mot entendu").fill("faux")
    form.get_by_role("button", name="Mettre en essai").click()
    expect(form.get_by_role("alert")).to_be_visible()
    expect(form.get_by_role("alert")).to_be_in_viewport()
