"""A site outside any dossier: who, where, in what state, what happened lately; it follows the panel (U16, need 4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.acceptance.centre import Centre
from tests.acceptance.room import Seat
from tests.acceptance.test_axe import THEMES, faults
from veilleur.kernel.clock import SystemClock

Sit = Callable[..., Seat]

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def site_of(seat: Seat, words: str) -> int:
    """The id of a site found by what a caller says."""
    return int(seat.get(f"/api/sites?q={words}")[0]["id"])


def open_site(seat: Seat, words: str, name: str) -> Page:
    """The site's own page."""
    seat.page.goto(f"{seat.centre.url}/site/{site_of(seat, words)}")
    expect(seat.head).to_have_text(name)
    return seat.page


def part(page: Page, name: str) -> Locator:
    """A part of the file, by its heading."""
    return page.get_by_role("region", name=name, exact=True)


def test_one_screen_says_who_where_and_what_is_due(sit: Sit) -> None:
    seat = sit("claire")
    page = open_site(seat, "entrepot", "Entrepôt du Port")
    head = page.locator("main header")
    for words in (
        "14 quai de l’Arsenal, 99001 Villeneuve-sur-Essai",
        "Portail bleu ; clés n° 118",
        "01 99 00 12 34",
        "intervention",
        "Commissariat de l’Essai",
        "Accumulateurs au lithium travée 4",
    ):
        expect(head).to_contain_text(words)
    people = part(page, "Destinataires d’alerte")
    expect(people.get_by_role("listitem").first).to_contain_text("Mme Garance Vidal · gérante")
    expect(people.get_by_role("button", name="Appeler 06 39 98 12 35")).to_be_visible()
    expect(people).to_contain_text("joignable maintenant")
    expect(page.locator("main")).to_contain_text("Ne jamais laisser l’agent entrer seul par le quai")
    expect(page.locator("main")).to_contain_text("Équipe Vigie 2")
    for secret in ("lilas", "orage", "+33 1 99 00 17 02", "01 99 00 17 02"):
        assert secret not in page.content(), "nothing sensitive before the word is right (P6, D613-17)"
    assert seat.errors == []


def test_the_screen_follows_the_panel_without_a_reload(sit: Sit, centre: Centre) -> None:
    """Frames dialled to the socket: armed, a point in alarm and back, the dossier, its end; the page is never loaded again."""
    seat = sit("claire")
    page = open_site(seat, "entrepot", "Entrepôt du Port")
    page.evaluate("window.__same = true")
    panel = centre.panel("1001")
    state, areas, points = page.locator("main header dl"), part(page, "Secteurs"), part(page, "Points")
    quay = points.get_by_role("row").filter(has_text="Quai de livraison")

    assert centre.say(panel, "401", number="003", qualifier="3")
    expect(areas).to_contain_text("en service depuis")
    expect(areas).to_contain_text("utilisateur 003")
    expect(state).to_contain_text("● en service depuis")
    assert centre.say(panel, "401", number="003")
    expect(areas).to_contain_text("hors service depuis")

    assert centre.say(panel, "130", number="015")
    expect(quay).to_contain_text("▲ en alarme depuis")
    expect(page.get_by_role("status").filter(has_text="1 point en alarme")).to_be_visible()
    past = part(page, "Derniers dossiers")
    expect(past).to_contain_text("En cours")
    expect(part(page, "Dernières entrées")).to_contain_text("Quai de livraison")
    reference = seat.incidents()["Entrepôt du Port"]["reference"]
    expect(page.locator("main header").get_by_role("button", name=reference)).to_be_visible()

    incident = seat.incidents()["Entrepôt du Port"]["id"]
    seat.post(f"/api/incidents/{incident}/take")
    tomorrow = (SystemClock().now() + timedelta(days=1)).isoformat()
    waiting = {
        "what": "Porte forcée",
        "who": "Serrurier Essai",
        "until": tomorrow,
        "point_ids": None,
    }
    seat.post(f"/api/incidents/{incident}/deferrals", waiting)
    expect(part(page, "Suivis en attente")).to_contain_text("Porte forcée · Serrurier Essai")
    assert centre.say(panel, "130", number="015", qualifier="3")
    expect(quay).to_contain_text("normal depuis")
    expect(page.get_by_text("1 point en alarme")).to_have_count(0)
    seat.post(f"/api/incidents/{incident}/closing", {"outcome": "unjustified_user", "note": None})
    expect(past).to_contain_text(reference)
    past.get_by_role("link", name=reference).click()
    expect(page.get_by_role("tab", name="Procédure")).to_be_visible()
    assert page.evaluate("window.__same") is True
    assert seat.errors == []


def test_the_file_says_how_its_path_stands(sit: Sit, centre: Centre) -> None:
    """A panel has dialled: its path is established, heard at that hour, and due again within its interval."""
    seat = sit("claire")
    page = open_site(seat, "entrepot", "Entrepôt du Port")
    paths = part(page, "Centrale et voies")
    assert centre.say(centre.panel("1001"), "602")
    expect(paths).to_contain_text("ip : établie")
    expect(paths).to_contain_text("attendue toutes les 3600 s")


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(sit: Sit, theme: str) -> None:
    """WCAG 2.2 AA, with the form of a test open."""
    seat = sit("claire")
    page = seat.page
    page.evaluate(f"localStorage.setItem('veilleur.theme', '{theme}')")
    open_site(seat, "entrepot", "Entrepôt du Port")
    page.get_by_role("button", name="Mettre en essai…").click()
    page.get_by_label("Portée").select_option(label="des points…")
    for width, height in ((1920, 1080), (1366, 768), (640, 900)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(SIDEWAYS) <= 0, width
        assert faults(page) == [], width
