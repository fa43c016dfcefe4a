"""The room: frames that ring, two operators, réveil, typing while alarms come (issue 2 §5, §8; P3; U1–U3)."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Route, expect

from tests.acceptance.centre import Centre
from tests.acceptance.room import Seat

Sit = Callable[..., Seat]

TEXT = (
    "non rien de nouveau le gardien n’a rien vu devant le portail ; 3 portes, 12 fenêtres fermées : tout est en ordre "
    "Noter qu’il rappelle à 5 h ? Été, où, çà et là, Nantes, «quai n° 7», l’œil ! Xavier est venu avec la clé n° 118"
)
KEYS = 500


@pytest.fixture
def alarm(centre: Centre) -> Callable[..., None]:
    """`alarm("1003", "001")`: a panel says an intrusion; each call is a new message."""
    sequences: dict[str, Any] = {}

    def say(account: str, zone: str, code: str = "130") -> None:
        panel = sequences.setdefault(account, centre.panel(account, sequence=random.randrange(9000)))
        assert centre.say(panel, code, number=zone)

    return say


def in_hand(seat: Seat, site: str) -> int:
    """The dossier of a site, taken by this person and in the centre of the screen."""
    expect(seat.row(site)).to_be_visible()
    incident = int(seat.incidents()[site]["id"])
    if seat.incidents()[site]["owner"] is None:
        seat.post(f"/api/incidents/{incident}/take")
    seat.page.goto(f"{seat.centre.url}/dossier/{incident}")
    expect(seat.head).to_have_text(site)
    expect(seat.page.get_by_text("À moi · pris à")).to_be_visible()
    return incident


def written_by(seat: Seat, name: str, after: int) -> list[dict[str, Any]]:
    """Entries of somebody behind a position."""
    lines = seat.centre.lines("logbook", "--json", "--after", str(after))
    return [line for line in lines if line["actor_name"] == name]


def position(seat: Seat) -> int:
    """Where the logbook is."""
    return int(seat.get("/api/snapshot")["position"])


def test_a_frame_becomes_a_row_that_rings(sit: Sit, alarm: Callable[..., None]) -> None:
    seat = sit("claire", sound=True)
    seat.press("Escape")  # the gesture without which a browser stays mute
    alarm("1004", "112")
    expect(seat.row("Collège Jean-Macé")).to_be_visible()
    row = seat.row("Collège Jean-Macé")
    expect(row).to_have_attribute("data-ringing", "true")
    expect(row).to_contain_text("P3")
    expect(row).to_contain_text("Réserve de chimie")
    expect(seat.page.get_by_role("button", name="Sonnerie en cours")).to_be_visible()
    seat.heard()
    expect(seat.page.get_by_title("Priorité 2 ou 3\u00a0: 1 à prendre")).to_be_visible()
    seat.take_next("Collège Jean-Macé")
    expect(seat.row("Collège Jean-Macé")).to_have_attribute("data-ringing", "false")
    expect(seat.page.get_by_role("button", name="Sonnerie en cours")).to_have_count(0)
    assert seat.errors == []


def test_only_one_of_two_operators_takes(sit: Sit, alarm: Callable[..., None]) -> None:
    claire, samir = sit("claire"), sit("samir")
    alarm("1003", "001")
    for seat in (claire, samir):
        expect(seat.row("Pharmacie de la Gare")).to_be_visible()
    incident = int(samir.incidents()["Pharmacie de la Gare"]["id"])
    samir.page.goto(f"{samir.centre.url}/dossier/{incident}")
    expect(samir.page.get_by_role("button", name="Prendre en compte", exact=True)).to_be_visible()
    claire.post(f"/api/incidents/{incident}/take")
    expect(samir.page.get_by_text("Tenu par Claire Veille")).to_be_visible()
    expect(samir.page.get_by_role("button", name="Prendre en compte")).to_have_count(0)
    assert 400 <= samir.try_post(f"/api/incidents/{incident}/take") < 500
    assert samir.incidents()["Pharmacie de la Gare"]["owner"]["name"] == "Claire Veille"
    # Those of others fold into one line.
    expect(samir.queue.get_by_text("Claire Veille")).to_be_visible()


def test_a_new_point_wakes_what_was_put_aside(sit: Sit, alarm: Callable[..., None]) -> None:
    """P3: it rings again, must be taken again, and says why."""
    seat = sit("claire", sound=True)
    alarm("1003", "001")
    in_hand(seat, "Pharmacie de la Gare")
    seat.choose("Mettre en attente…")
    seat.choose("Mettre en attente")
    expect(seat.page.locator("main")).to_contain_text("En attente jusqu’à")
    row = seat.row("Pharmacie de la Gare")
    expect(row).to_contain_text("en attente jusqu’à")
    expect(row).to_have_attribute("data-ringing", "false")
    assert seat.page.evaluate("window.__played.splice(0)") is not None
    seat.page.wait_for_timeout(3_000)
    assert seat.page.evaluate("window.__played") == [], "what is put aside is silent"
    alarm("1003", "003")
    expect(row).to_have_attribute("data-ringing", "true")
    expect(row).to_contain_text("priorité plus haute")  # two points: a confirmed intrusion (P8)
    expect(row).to_contain_text("à reprendre")
    seat.heard()
    expect(seat.page.get_by_role("button", name="Prendre en compte", exact=True)).to_be_visible()
    seat.press("Control+Enter")
    expect(row).to_have_attribute("data-ringing", "false")
    assert seat.incidents()["Pharmacie de la Gare"]["state"] == "taken"


def test_alarms_that_arrive_take_neither_focus_nor_text(sit: Sit, alarm: Callable[..., None]) -> None:
    """U3, and the capture bar: the chip holds the dossier of the first key, the entry has that key's time."""
    seat = sit("claire")
    alarm("1003", "001")
    incident = in_hand(seat, "Pharmacie de la Gare")
    before = position(seat)
    seat.press("Control+Space")
    expect(seat.capture).to_be_focused()
    seat.page.keyboard.type("L")
    seat.page.wait_for_timeout(2_500)
    calls = threading.Thread(
        target=lambda: [alarm("1002", "002"), alarm("1005", "001", "122"), alarm("1001", "015")]
    )
    calls.start()
    seat.page.keyboard.type("e rideau est baissé, rien n’est ouvert ; N ? 4", delay=60)
    calls.join()
    for site in ("Bijouterie", "Banque des Halles", "Entrepôt"):
        expect(seat.row(site)).to_be_visible()
    expect(seat.page.get_by_role("alert").filter(has_text="Banque des Halles")).to_contain_text("F8")
    expect(seat.capture).to_be_focused()
    expect(seat.capture).to_have_value("Le rideau est baissé, rien n’est ouvert ; N ? 4")
    expect(seat.head).to_have_text("Pharmacie de la Gare")

    # Another dossier comes in view: the text stays with the first one's. What the server kept of it comes too late.
    late: list[tuple[Route, APIResponse]] = []
    seat.page.route("**/api/drafts", lambda route: late.append((route, route.fetch())))
    other = int(seat.incidents()["Bijouterie de l’Écluse"]["id"])
    seat.post(f"/api/incidents/{other}/take")
    card = seat.page.get_by_role("button", name="Bijouterie de l’Écluse")
    expect(card).to_contain_text("Ctrl+")
    seat.press("Control+" + re.findall(r"Ctrl\+(\d)", card.inner_text())[0])
    expect(seat.head).to_have_text("Bijouterie de l’Écluse")
    expect(seat.page.locator("footer")).to_contain_text("→ Pharmacie de la Gare")
    while not late:
        seat.page.wait_for_timeout(50)
    seat.press("Enter")
    expect(seat.capture).to_have_value("")
    ((route, answer),) = late
    assert "Le rideau est baiss" in answer.text(), "who types without a pause is saved all the same"
    route.fulfill(response=answer)
    seat.page.wait_for_timeout(500)
    expect(seat.capture).to_have_value("")
    expect(seat.page.get_by_role("log")).to_contain_text("rien n’est ouvert ; N ? 4")
    (entry,) = [line for line in written_by(seat, "Claire Veille", before) if line["kind"] == "incident.note"]
    assert entry["incident"]["id"] == incident
    happened, entered = (datetime.fromisoformat(entry[key]) for key in ("happened_at", "entered_at"))
    assert 2.0 <= (entered - happened).total_seconds() < 60


def french(seed: int) -> Iterator[str]:
    """Words until KEYS keys are typed."""
    chance, typed = random.Random(seed), 0
    while typed < KEYS:
        word = chance.choice(TEXT.split()) + " "
        typed += len(word)
        yield word


@pytest.mark.parametrize("place", ["body", "[role=listbox]", "button"])
def test_french_text_typed_anywhere_changes_no_dossier(
    sit: Sit, alarm: Callable[..., None], place: str
) -> None:
    """desk.md «Keys»: the focus on nothing, on the queue, on any button of a dossier in hand."""
    seat = sit("claire")
    alarm("1003", "001")
    alarm("1004", "112")
    incident = in_hand(seat, "Pharmacie de la Gare")
    expect(seat.page.locator("li[aria-current=step]")).to_be_visible()
    held = seat.page.locator("main button" if place == "button" else place)
    before = position(seat)
    for turn, word in enumerate(french(seed=len(place))):
        if turn % 10 == 0:
            seat.press("Escape")
            seat.page.wait_for_timeout(600)  # a pause: the next letter stands first
            many = held.count()
            held.nth(turn // 10 % many if many else 0).evaluate(
                "(at) => at.tagName === 'BODY' ? document.activeElement.blur() : at.focus()"
            )
        seat.page.keyboard.type(word)
    seat.press("Escape")
    seat.page.wait_for_timeout(1_000)
    assert [line["sentence"] for line in written_by(seat, "Claire Veille", before)] == []
    assert seat.incidents()["Pharmacie de la Gare"]["id"] == incident
    assert seat.errors == []


def test_a_motif_is_chosen_never_met(sit: Sit, alarm: Callable[..., None]) -> None:
    """Practice, «Naive otherwise»: a skip takes a motif from six; WCAG 3.2.2: moving in a list sends nothing."""
    seat = sit("claire")
    alarm("1003", "001")
    in_hand(seat, "Pharmacie de la Gare")
    seat.choose("Passer l’étape…")
    seat.choose("impossible à faire")
    expect(seat.page.locator("main")).to_contain_text("Passée : impossible à faire")
