"""Pane 3 of a dossier: the clip of its cameras around the alarm, a proof in one key, the direct in another."""

from __future__ import annotations

import time

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.centre import Centre
from tests.acceptance.room import Seat
from tests.acceptance.test_axe import faults
from tests.acceptance.test_panes import SITE
from tests.acceptance.test_playback import labels, until
from tests.acceptance.test_wall import NAMES, PICTURE, Town, centre, film, seat, town

__all__ = ["centre", "film", "seat", "town"]
pytestmark = pytest.mark.peer

LED_UP_TO = 18
"""s of recording before the alarm: the clip begins 15 s before it."""


def speak(page: Page, town: Town) -> None:
    """The key is held: the camera's loudspeaker hears the browser's microphone, and nothing once it is up."""
    state = page.locator("[data-talk]")
    expect(state).to_have_attribute("data-talk", "off")
    page.keyboard.down("Alt")
    page.keyboard.down("v")
    expect(page.get_by_text("VOUS PARLEZ")).to_be_visible()
    until(lambda: loud(town) > 0.2, "a voice in the loudspeaker")
    assert faults(page) == []
    page.keyboard.up("v")
    page.keyboard.up("Alt")
    expect(state).to_have_attribute("data-talk", "off")
    until(lambda: silent(page, town, 1_000), "the end of what was said, which a slow camera still hears")
    assert silent(page, town, 2_000)


def silent(page: Page, town: Town, milliseconds: int) -> bool:
    """Whether the loudspeaker hears nothing so long."""
    told = town.heard.stat().st_size
    page.wait_for_timeout(milliseconds)
    return town.heard.stat().st_size == told


def loud(town: Town) -> float:
    """Seconds during which the loudspeaker was loud."""
    if not town.heard.exists():
        return 0.0
    heard = np.frombuffer(town.heard.read_bytes()[: town.heard.stat().st_size // 2 * 2], "<i2").astype(int)
    return float((np.abs(heard) > 1_500).sum()) / 8_000


def test_an_alarm_shows_its_images(seat: Seat, centre: Centre, town: Town) -> None:
    time.sleep(LED_UP_TO)
    assert centre.say(centre.panel("1001"), "130", number="015")
    until(lambda: SITE in seat.incidents(), "the dossier")
    incident = seat.incidents()[SITE]["id"]
    seat.post(f"/api/incidents/{incident}/take")
    page = seat.page
    page.goto(f"{centre.url}/dossier/{incident}")
    expect(seat.front.first).to_be_visible()
    page.keyboard.press("Digit3")
    until(lambda: len(labels(page)) == len(NAMES), "the clip of each camera")
    first = labels(page)[0]
    until(lambda: labels(page)[0] > first + 1, "a clip that plays at once")
    assert faults(page) == []

    page.locator("[data-dossier]").focus()
    page.wait_for_timeout(600)  # a letter close behind another key's text is text
    page.keyboard.press("u")
    until(
        lambda: any(
            clue["kind"] == "image" for clue in seat.get(f"/api/incidents/{incident}/handling")["clues"]
        ),
        "the proof",
    )
    page.wait_for_timeout(600)
    page.keyboard.press("d")
    expect(page.locator("[data-state=live]").first).to_be_visible(timeout=PICTURE)
    expect(page.get_by_text("DIRECT", exact=False).first).to_be_visible()
    speak(page, town)
    until(
        lambda: "talk.ended" in {line["kind"] for line in seat.get("/api/snapshot")["entries"]}, "the entry"
    )
    assert "le son n’est pas conservé" in page.get_by_role("log").first.inner_text()
    page.wait_for_timeout(600)
    page.keyboard.press("o")
    expect(page.get_by_role("main", name="Relecture en cours")).to_be_visible()
    expect(page.get_by_text("Motif :")).to_be_visible()
