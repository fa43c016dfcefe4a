"""WCAG 2.2 AA by axe where the frame's own test does not go: before the desk, over it, in the midst of a call, on paper."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.centre import PASSWORD, Centre
from tests.acceptance.room import Seat, new_context

Sit = Callable[..., Seat]

AXE = Path(__file__).parents[2] / "desk" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
THEMES = ("nuit", pytest.param("crepuscule", marks=pytest.mark.long), "jour")
SITE = "Pharmacie de la Gare"
ZOOMED = (960, 540)  # CSS px of a 1920×1080 screen at 200 %


def faults(page: Page) -> list[tuple[str, list[Any]]]:
    """What axe finds: the rule, and where."""
    page.evaluate(AXE.read_text("utf-8"))
    report = page.evaluate("(rules) => axe.run(document, { runOnly: rules })", RULES)
    return [(fault["id"], [node["target"] for node in fault["nodes"][:3]]) for fault in report["violations"]]


@pytest.fixture
def stranger(chromium: Browser, centre: Centre, theme: str) -> Iterator[Page]:
    """A browser that nobody has logged in with."""
    context = new_context(chromium)
    context.add_init_script(f"localStorage.setItem('veilleur.theme', '{theme}')")
    page = context.new_page()
    page.goto(centre.url)
    yield page
    context.close()


@pytest.mark.parametrize("theme", THEMES)
def test_before_the_desk(stranger: Page) -> None:
    expect(stranger.get_by_label("Identifiant")).to_be_focused()
    assert faults(stranger) == []
    stranger.keyboard.type("claire")
    stranger.keyboard.press("Tab")
    stranger.keyboard.type(PASSWORD)
    stranger.keyboard.press("Enter")
    expect(stranger.get_by_role("button", name="Lancer l’essai")).to_be_visible()
    assert faults(stranger) == []


def dossier_in_a_call(seat: Seat) -> int:
    """A dossier of this operator with a call on the line, in the centre of the screen."""
    if SITE not in seat.incidents():
        assert seat.centre.say(seat.centre.panel("1003"), "130", number="001")
        expect(seat.row(SITE)).to_have_count(1)
    incident = seat.incidents()[SITE]
    if incident["owner"] is None:
        seat.post(f"/api/incidents/{incident['id']}/take")
    if not any(call["result"] is None for call in seat.get(f"/api/incidents/{incident['id']}")["calls"]):
        seat.post(f"/api/incidents/{incident['id']}/calls", {"target": "site"})
    seat.page.goto(f"{seat.centre.url}/dossier/{incident['id']}")
    expect(seat.page.get_by_label("Mot entendu")).to_be_visible()
    return int(incident["id"])


@pytest.mark.parametrize("theme", THEMES)
def test_over_the_desk_and_in_a_call(sit: Sit, theme: str) -> None:
    seat = sit("claire")
    page = seat.page
    page.evaluate("(theme) => localStorage.setItem('veilleur.theme', theme)", theme)
    dossier_in_a_call(seat)
    found = {"call": faults(page)}
    for pane in (2, 3, 4, 5):
        page.evaluate("document.activeElement.blur()")
        seat.press(str(pane))
        expect(page.get_by_role("tab").nth(pane - 1)).to_have_attribute("aria-selected", "true")
        found[f"pane {pane}"] = faults(page)
    seat.press("Control+k")
    page.keyboard.type("gare")
    expect(page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    found["command bar"] = faults(page)
    seat.press("Escape", "F1")
    expect(page.get_by_role("dialog", name="Touches")).to_be_visible()
    found["keys"] = faults(page)
    assert {where: what for where, what in found.items() if what} == {}


def test_the_reports(sit: Sit, centre: Centre) -> None:
    seat = sit("claire")
    incident = dossier_in_a_call(seat)
    for reader in ("customer", "prefect", "internal"):
        seat.page.goto(f"{centre.url}/api/incidents/{incident}/report?for={reader}")
        assert faults(seat.page) == []


@pytest.mark.parametrize("width", [700, ZOOMED[0], 1280, 1366])
def test_a_dossier_in_a_call_never_scrolls_sideways(sit: Sit, width: int) -> None:
    """U10: 200 %, and one pane at a time below 1280."""
    seat = sit("claire", width=width, height=ZOOMED[1])
    dossier_in_a_call(seat)
    spilt = seat.page.evaluate(
        """() => [document.documentElement, ...document.querySelectorAll("header, main, footer, main section")]
            .filter((part) => part.scrollWidth > part.clientWidth + 1)
            .map((part) => `${part.tagName} ${part.className} ${part.scrollWidth} > ${part.clientWidth}`)"""
    )
    assert spilt == []
