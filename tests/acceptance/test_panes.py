"""What lies over the panes and what scrolls in them: banners, command bar, cards, forms (desk.md; U1, U3, U6)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, expect

from tests.acceptance.centre import Centre
from tests.acceptance.room import Seat
from veilleur.kernel.clock import SystemClock
from veilleur.protocols import dc09

Sit = Callable[..., Seat]

SITE = "Entrepôt du Port"
SMALL = {"width": 1366, "height": 768}
#: What a second and a third red line would take, in px.
MORE_LINES = 80
#: Everything that could move but the panes: how far it has scrolled.
MOVED = """() => [document.documentElement, document.body, ...document.querySelectorAll(
  '#root, #root > div, main, aside')].map((part) => part.scrollTop)"""
#: The same after a script has tried: it cannot.
PUSHED = """() => [document.body, ...document.querySelectorAll('#root > div, main, aside')].map((part) => {
  part.scrollTop = 500;
  return part.scrollTop;
})"""
#: What scrolls the dossier: its pane, or in a low window head and pane as one.
SCROLLER = """(part) => {
  while (!/auto|scroll/.test(getComputedStyle(part).overflowY)) part = part.parentElement;
  return part;
}"""
#: Whether what one would touch in the middle of a part is that part.
SEEN = """(part) => {
  const at = part.getBoundingClientRect();
  return [at.top + 2, (at.top + at.bottom) / 2, at.bottom - 2].every((y) =>
    part.contains(document.elementFromPoint((at.left + at.right) / 2, y)));
}"""


def hold(seat: Seat, centre: Centre) -> int:
    """The warehouse's dossier in these hands and before these eyes."""
    if SITE not in seat.incidents():
        assert centre.say(centre.panel("1001"), "130", number="015")
        expect(seat.row(SITE)).to_be_visible()
    row = seat.incidents()[SITE]
    if row["state"] == "new":
        seat.post(f"/api/incidents/{row['id']}/take")
    elif row["state"] == "parked":
        seat.post(f"/api/incidents/{row['id']}/resume")
    seat.page.goto(f"{centre.url}/dossier/{row['id']}")
    expect(seat.page.get_by_text("À moi · pris à")).to_be_visible()
    expect(seat.front.first).to_be_visible()
    return int(row["id"])


def whole(seat: Seat, banners: Locator, sheet: Locator) -> None:
    """Neither hides the other: every line of the banners, every corner of the sheet."""
    expect(sheet).to_be_visible()
    above, below = banners.bounding_box(), sheet.bounding_box()
    assert above is not None
    assert below is not None
    assert below["y"] >= above["y"] + above["height"]
    assert below["y"] + below["height"] <= SMALL["height"]
    for part in (banners.locator("div").first, sheet.locator("input, header").first):
        assert part.evaluate(SEEN)


def test_sheets_open_under_the_banners(sit: Sit, centre: Centre) -> None:
    """An urgent call is never behind anything, and what is typed is never behind it."""
    seat = sit("claire", **SMALL)
    hold(seat, centre)
    assert centre.say(centre.panel("1002"), "120", number="001")
    banners = seat.page.get_by_role("alert").filter(has_text="Bijouterie de l’Écluse")
    expect(banners).to_be_visible()
    bar = seat.page.get_by_role("dialog", name="Barre de commande")
    for grown in (0, MORE_LINES):
        banners.evaluate("(slot, more) => { slot.style.paddingBottom = `${more}px`; }", grown)
        for key in ("Control+k", "F3"):
            seat.press(*([key, key] if key == "F3" else [key]))
            seat.page.keyboard.type("e")
            whole(seat, banners, bar)
            seat.press("Escape")
            expect(bar).to_have_count(0)
            seat.press("Escape")
        seat.press("F1")
        whole(seat, banners, seat.page.get_by_role("dialog", name="Touches"))
        seat.press("Escape")
    assert seat.errors == []


def test_front_presses_scroll_the_pane_and_never_the_page(sit: Sit, centre: Centre) -> None:
    """desk.md «Screens»: five clues, a short window, every card brought forward and its last key pressed."""
    seat = sit("claire", width=1366, height=560)
    incident = hold(seat, centre)
    for each in range(5):
        seat.post(f"/api/incidents/{incident}/clues", {"kind": "hours", "text": f"Bruit {each}"})
    seat.page.reload()
    expect(seat.front.first).to_be_visible()
    seat.page.locator("[data-dossier]").focus()
    seat.forward("v", "verification")
    pane = seat.page.get_by_role("tabpanel")
    for place in ("0", "part.scrollHeight"):
        pane.evaluate(f"(inner) => {{ const part = ({SCROLLER})(inner); part.scrollTop = {place}; }}")
        keys = seat.front.locator("[data-hotkey^=F]")
        last = keys.nth(keys.count() - 1 if place == "0" else 0)
        expect(last).to_be_visible()
        seat.strike(str(last.get_attribute("data-hotkey")))
        expect(last).to_be_in_viewport(ratio=0.9)
        assert set(seat.page.evaluate(MOVED)) == {0}
    for _ in range(6):
        seat.press("Control+ArrowDown")
        assert set(seat.page.evaluate(MOVED)) == {0}
    assert set(seat.page.evaluate(PUSHED)) == {0}
    expect(seat.page.get_by_role("tab").first).to_be_in_viewport()
    assert seat.errors == []


def test_the_digits_reach_the_panes_of_a_closed_dossier(sit: Sit, centre: Centre) -> None:
    """desk.md: panes reached by one key, whatever the dossier in view."""
    seat = sit("claire")
    assert centre.say(centre.panel("1004"), "301", number="000")
    expect(seat.row("Collège Jean-Macé")).to_be_visible()
    row = seat.incidents()["Collège Jean-Macé"]
    assert centre.say(centre.panel("1004", sequence=77), "301", number="000", qualifier="3")
    expect(seat.row("Collège Jean-Macé")).to_have_count(0)
    seat.page.goto(f"{centre.url}/dossier/{row['id']}")
    expect(seat.head).to_have_text("Collège Jean-Macé")
    for place in (2, 4, 5, 3, 1):
        seat.press(str(place))
        expect(seat.page.get_by_role("tab").nth(place - 1)).to_have_attribute("aria-selected", "true")


def test_a_correction_is_kept_and_validated_by_ctrl_enter(sit: Sit, centre: Centre) -> None:
    """U1, U6: what another row's proof covers comes back with the form, after a reload too."""
    seat = sit("claire")
    page = seat.page
    seat.press("Control+Space")
    page.keyboard.type("Ronde faite a 3 h")
    seat.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Ronde faite a 3 h")  # it is in the main courante
    page.goto(f"{centre.url}/main-courante")
    rows = page.get_by_role("table", name="Main courante").get_by_role("row")
    mine = rows.filter(has_text="Ronde faite a 3 h").first
    mine.get_by_role("button", name="Corriger").click()
    field = page.get_by_label("Texte juste")
    expect(field).to_have_value("Ronde faite a 3 h")
    field.fill("Ronde faite à 3 h 10")
    rows.filter(has_text="Prise de poste").first.get_by_role("button", name="Preuve").click()
    expect(field).to_have_count(0)
    with page.expect_response(lambda said: "/api/drafts/entry" in said.url and said.ok):
        mine.get_by_role("button", name="Corriger").click()
        expect(field).to_have_value("Ronde faite à 3 h 10")
    page.reload()
    mine.get_by_role("button", name="Corriger").click()
    expect(field).to_have_value("Ronde faite à 3 h 10")
    field.focus()
    seat.press("Control+Enter")
    expect(field).to_have_count(0)
    expect(rows.filter(has_text="Ronde faite à 3 h 10").first).to_be_visible()
    mine.get_by_role("button", name="Corriger").click()
    expect(field).to_have_value("Ronde faite a 3 h")  # sent: nothing is left of the draft
    assert seat.errors == []


@pytest.mark.parametrize("typed", ["", "Serrure à refaire"])
def test_escape_closes_the_deferral(sit: Sit, centre: Centre, typed: str) -> None:
    """Typed or emptied again: at most two presses."""
    seat = sit("claire", **SMALL)
    hold(seat, centre)
    seat.page.locator("[data-dossier]").focus()
    seat.forward("r", "return")
    seat.does("Suivi en attente…")
    field = seat.page.get_by_label("Ce qui reste à faire")
    expect(field).to_be_focused()
    seat.page.keyboard.type(typed or "Serrure")
    if typed == "":
        for _ in "Serrure":
            seat.press("Backspace")
        expect(field).to_have_value("")
        seat.press("Escape")
    else:
        seat.press("Escape")
        expect(field).to_be_visible()
        seat.press("Escape")
    expect(field).to_have_count(0)


def test_an_empty_field_is_told_in_french(sit: Sit, centre: Centre) -> None:
    """The browser's own words follow its language, not the desk's."""
    seat = sit("claire", **SMALL)
    hold(seat, centre)
    seat.page.locator("[data-dossier]").focus()
    seat.forward("r", "return")
    expect(seat.front).to_have_attribute("data-card", "return")
    seat.page.wait_for_timeout(1_000)  # another card may still come and go behind the letter
    seat.does("Suivi en attente…")
    field = seat.page.get_by_label("Qui s’en charge")
    field.fill("")
    seat.page.get_by_label("Ce qui reste à faire").fill("Serrure")
    seat.press("Control+Enter")
    said = "(field) => field.validationMessage"
    assert field.evaluate(said) == "À remplir avant de valider."
    field.fill("Le rondier")
    assert field.evaluate(said) == ""
    seat.page.get_by_label("Dans combien d’heures").fill("deux")
    seat.press("Control+Enter")
    assert "forme attendue" in seat.page.get_by_label("Dans combien d’heures").evaluate(said)


def test_the_form_a_call_asks_for_is_alone_in_front(sit: Sit, centre: Centre) -> None:
    """Need 4, P10: no key above the form belongs to a next caller; closed, the telephone is back."""
    seat = sit("claire", **SMALL)
    site = next(each for each in seat.get("/api/sites?q=jean-mac") if each["name"] == "Collège Jean-Macé")
    seat.page.goto(f"{centre.url}/site/{site['id']}")
    seat.does("M. Paul Aubin")
    expect(seat.page.get_by_label("Mot entendu")).to_be_focused()
    seat.page.keyboard.type("tableau")
    seat.press("Enter")
    seat.does("mise en essai demandée")
    form = seat.page.get_by_role("form", name="Mise en essai")
    expect(form.get_by_label("Portée")).to_be_focused()
    expect(seat.page.get_by_text("Un abonné appelle")).to_have_count(0)
    expect(seat.page.locator("main [data-hotkey=F5]")).to_have_count(0)
    expect(form.get_by_role("button", name="Mettre en essai")).to_be_in_viewport(ratio=1)
    seat.press("Escape")
    expect(form).to_have_count(0)
    expect(seat.page.get_by_text("Un abonné appelle")).to_be_visible()


def points_in_words(seat: Seat) -> str:
    """What the return to normal says of its points."""
    seat.page.locator("[data-dossier]").focus()
    seat.forward("r", "return")
    return str(seat.front.first.inner_text())


def test_points_are_told_in_words(sit: Sit, centre: Centre) -> None:
    """A point that nobody named, and an event that is of no point: words, never the key they are kept by."""
    seat = sit("claire")
    hold(seat, centre)
    assert centre.say(centre.panel("1001", sequence=901), "130", number="077")
    expect(seat.page.get_by_role("region", name="Retour à la normale")).to_contain_text("77")
    assert "#" not in points_in_words(seat)
    told_by_frames(seat, centre)
    assert seat.errors == []


def told_by_frames(seat: Seat, centre: Centre) -> None:
    """What a frame carried beside its event, its clock, its verdict: in words, in the pane of signals and in the head."""
    tomorrow = SystemClock().now() + timedelta(
        days=1, seconds=30
    )  # a frame shows whole seconds, and takes some
    beside = [
        ("V", "https://verif.example/78"),
        ("X", "002E17.669"),
        ("Y", "48N51.502"),
        ("I", "<b>bris</b>"),
    ]
    for number, data in ((903, dc09.cid_data("1005", "130", area="01", number="078")), (904, "#1005|?")):
        frame = dc09.build_frame(
            "ADM-CID", sequence=number, account="1005", data=data, extended=beside, timestamp=tomorrow
        )
        assert b"1005" in centre.ask(frame)
        expect(seat.row("Banque des Halles")).to_have_count(number - 902)
    seat.page.get_by_role("tab", name="Fiche site").click()
    expect(seat.page.get_by_role("tab", name="Fiche site")).to_have_attribute("aria-selected", "true")
    seat.row("Banque des Halles").filter(has_text="illisible").click()
    expect(seat.page.get_by_role("tab", name="Procédure")).to_have_attribute("aria-selected", "true")
    expect(seat.page.locator("header [data-marks]")).to_contain_text("illisible")
    seat.page.get_by_role("tab", name="Signaux").click()
    lines = seat.page.get_by_role("region", name="Signaux", exact=True).locator("[data-verdict]")
    expect(lines.filter(has_text="illisible")).to_contain_text("Trame dont le contenu n’a pas été lu")
    said = lines.filter(has_text="Intrusion point 078")
    for words in ("horloge du transmetteur : +24 h 00", "48.85837, 2.29448", "<b>bris</b>"):
        expect(said).to_contain_text(words)
    link = said.get_by_role("link", name="https://verif.example/78")
    expect(link).to_have_attribute("rel", "noreferrer noopener")
    seat.row(SITE).first.click()  # back: as one had left it
    expect(seat.page.get_by_role("tab", name="Fiche site")).to_have_attribute("aria-selected", "true")


def test_a_pane_begins_at_its_top(sit: Sit, centre: Centre) -> None:
    """Wherever the one before it stood; in a low window its tabs stay."""
    for height in (768, 560):
        seat = sit("claire", width=1366, height=height)
        hold(seat, centre)
        seat.page.locator("[data-dossier]").focus()
        pane = seat.page.get_by_role("tabpanel")
        pane.evaluate(
            f"(inner) => {{ const part = ({SCROLLER})(inner); part.scrollTop = part.scrollHeight; }}"
        )
        seat.page.wait_for_timeout(600)
        seat.press("2")
        expect(seat.page.get_by_role("tab", name="Signaux")).to_have_attribute("aria-selected", "true")
        tabs, work = seat.page.get_by_role("tablist").bounding_box(), pane.bounding_box()
        assert tabs is not None
        assert work is not None
        assert work["y"] >= tabs["y"] + tabs["height"] - 1
        expect(seat.page.get_by_role("tab").first).to_be_in_viewport()
        assert pane.evaluate("(inner) => inner.scrollTop") == 0
        seat.leave()


@pytest.mark.parametrize(("width", "height"), [(960, 540), (683, 384)])
def test_at_200_percent_the_front_card_is_in_view(sit: Sit, centre: Centre, width: int, height: int) -> None:
    """U10: 1920×1080 and 1366×768 at 200 %, a banner above, a long head: what the function keys act on is seen."""
    seat = sit("claire", width=width, height=height)
    hold(seat, centre)
    if "Bijouterie de l’Écluse" not in seat.incidents():
        assert centre.say(centre.panel("1002"), "120", number="001")
    expect(seat.page.get_by_role("alert").filter(has_text="Bijouterie de l’Écluse")).to_be_visible()
    seat.page.locator("[data-dossier]").focus()
    seat.forward("v", "verification")
    key = seat.front.locator("[data-hotkey=F5]")
    seat.strike("F5")
    expect(key).to_be_in_viewport(ratio=0.9)
    expect(seat.page.get_by_role("tab").first).to_be_in_viewport()
    assert set(seat.page.evaluate(MOVED)) == {0}
    assert seat.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert seat.errors == []


def test_a_dossier_that_is_none_says_so(sit: Sit, centre: Centre) -> None:
    """An empty centre says what to do next."""
    seat = sit("claire")
    for address in ("999999", "autre"):
        seat.page.goto(f"{centre.url}/dossier/{address}")
        expect(seat.page.locator("main")).to_contain_text("Ce dossier n’existe pas")
        expect(seat.page.locator("main")).to_contain_text("Ctrl+K")


def test_after_a_closing_the_hands_are_on_the_next_dossier_or_the_queue(sit: Sit, centre: Centre) -> None:
    """The queue rings on: `N` and the next dossier's keys are not lost with the form that closed this one."""
    seat = sit("claire")
    for other in seat.incidents_list():
        if other["owner"] is not None and other["state"] == "taken":
            seat.try_post(f"/api/incidents/{other['id']}/release", {"reason": None})
    college = "Collège Jean-Macé"
    for held in (None, hold):
        assert centre.say(centre.panel("1004", sequence=200 + bool(held)), "301", number="000")
        expect(seat.row(college)).to_be_visible()
        row = seat.incidents()[college]
        seat.post(f"/api/incidents/{row['id']}/take")
        if held is not None:
            held(seat, centre)
        restored = centre.panel("1004", sequence=300 + bool(held))
        assert centre.say(restored, "301", number="000", qualifier="3")
        seat.page.goto(f"{centre.url}/dossier/{row['id']}")
        expect(seat.front.first).to_be_visible()
        for step in seat.get(f"/api/incidents/{row['id']}")["steps"]:
            path = f"/api/incidents/{row['id']}/steps/{step['key']}/done"
            said = next((each["key"] for each in step["results"] if each["by_hand"]), None)
            seat.try_post(path, {"result": said, "note": None})
        seat.page.locator("[data-dossier]").focus()
        seat.forward("c", "closing")
        seat.does("Technique")
        seat.strike("F5")
        expect(seat.page.get_by_label("Conclusion")).to_be_focused()
        seat.press("Control+Enter")
        if held is None:
            expect(seat.queue).to_be_focused()
        else:
            expect(seat.head).to_have_text(SITE)
            expect(seat.page.locator("[data-dossier]")).to_be_focused()
    assert seat.errors == []
