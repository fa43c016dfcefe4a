"""Police, firemen, SAMU, the customer: each by its card, its words, its results (V2, P4; practice «Naive otherwise»)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.acceptance.centre import Centre
from tests.acceptance.room import DEAD_TIME, Seat
from tests.acceptance.test_panes import SEEN

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
    read_by_page_keys(seat)
    ends = seat.page.get_by_role("group", name="Résultat de l’avis")
    expect(ends).to_contain_text("sinistre maîtrisé")
    expect(ends).not_to_contain_text("interpellation")
    seat.does("se déplacent")
    expect(seat.page.get_by_role("log")).to_contain_text("Pompiers : se déplacent")
    assert seat.errors == []


CHALET = """
sites:
  - reference: S-0099
    name: Chalet sans annuaire
    phone: "+33 1 99 00 66 20"
    panels: [{account: "1099", zones: [{number: "001", area: "1", name: Séjour, kind: intrusion}]}]
    contacts: [{name: M. Remi Faure, rank: 1, phone: "+33 6 39 98 66 20", code_word: sapin, duress_word: neige}]
"""


def test_the_police_are_called_where_the_directory_has_no_number(
    sit: Sit, centre: Centre, tmp_path: Path
) -> None:
    """«Composez 17» is a key: the call is made, its text read, its end entered, for goods and for a person."""
    more = tmp_path / "more.yaml"
    more.write_text(CHALET, "utf-8")
    centre.run("sites", "import", str(more))
    seat = sit("claire")
    assert centre.say(centre.panel("1099"), "130", number="001")
    expect(seat.row("Chalet sans annuaire")).to_be_visible()
    incident = seat.incidents()["Chalet sans annuaire"]["id"]
    seat.post(f"/api/incidents/{incident}/take")
    seat.page.goto(f"{centre.url}/dossier/{incident}")
    expect(seat.front.first).to_be_visible()
    seat.page.locator("[data-dossier]").focus()
    seat.page.wait_for_timeout(DEAD_TIME)
    seat.forward("s", "services")
    expect(seat.front).to_contain_text("composez 17")
    expect(seat.front.get_by_role("button", name=" · 17…")).to_be_visible()
    seat.does("Danger pour une personne")
    call = seat.page.locator("[data-card^=service]")
    expect(call.first).to_contain_text("17")
    expect(seat.page.get_by_label("À lire").locator("p").nth(1)).to_contain_text("Chalet sans annuaire")
    seat.does("se déplacent")
    expect(seat.page.get_by_role("log")).to_contain_text("se déplacent")
    back_by_the_word_of_somebody(seat, int(incident))
    assert seat.errors == []


def back_by_the_word_of_somebody(seat: Seat, incident: int) -> None:
    """One key asks whose word it is, with what he said of the alarm; Escape leaves; the entry names him."""
    call = seat.post(f"/api/incidents/{incident}/calls", {"target": "site"})["id"]
    seat.post(f"/api/calls/{call}/word", {"typed": "sapin"})
    expect(seat.page.get_by_text("Mot juste : M. Remi Faure")).to_be_visible()
    seat.post(f"/api/calls/{call}/result", {"result": "answered", "understood": "nothing"})
    seat.page.locator("[data-dossier]").focus()
    seat.page.wait_for_timeout(DEAD_TIME)
    seat.forward("r", "return")
    for answer in ("Escape", "M. Remi Faure"):
        seat.does("Parole d’un destinataire")
        expect(seat.front.get_by_role("button", name="M. Remi Faure")).to_contain_text("rien d’anormal")
        if answer == "Escape":
            seat.press(answer)
        else:
            seat.does(answer)
    expect(seat.page.get_by_text("normal par parole d’un destinataire identifié")).to_be_visible()
    (point,) = seat.get(f"/api/incidents/{incident}")["points"]
    assert point["normal_by"] == "contact"


#: Lines of the text that one can read now, whole, by their place.
READ = """(box) => {
  const at = box.getBoundingClientRect();
  return [...box.querySelectorAll("p")].flatMap((line, place) => {
    const { top, bottom } = line.getBoundingClientRect();
    const top2 = Math.max(at.top, 0), low = Math.min(at.bottom, innerHeight);
    const seen = top >= top2 - 1 && bottom <= low + 1 &&
      line.contains(document.elementFromPoint(at.left + 30, (top + bottom) / 2));
    return seen ? [place] : [];
  });
}"""


def read_by_page_keys(seat: Seat) -> None:
    """A low window: every line by the page key alone, none passed over; the field and the keys stay in sight."""
    seat.page.set_viewport_size({"width": 1024, "height": 600})
    box, last = seat.page.get_by_label("À lire"), seat.front.locator("[data-hotkey]").last
    expect(seat.page.get_by_label("Personne jointe")).to_be_focused()
    seat.page.wait_for_timeout(300)
    read: list[int] = []
    for _ in range(12):
        now = box.evaluate(READ)
        assert now, "nothing can be read"
        assert now[0] <= len(read), f"line {len(read)} was passed over: {now}"
        read += [line for line in now if line >= len(read)]
        expect(last).to_be_in_viewport(ratio=0.99)
        expect(seat.page.get_by_label("Personne jointe")).to_be_in_viewport(ratio=0.99)
        if len(read) == box.locator("p").count():
            break
        seat.press("PageDown")
        seat.page.wait_for_timeout(150)
    assert len(read) == box.locator("p").count()
    seat.page.set_viewport_size({"width": 1920, "height": 1080})


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


def test_the_script_is_whole_when_the_word_is_right(sit: Sit, centre: Centre) -> None:
    """At 1366×768 what is read aloud now, and the keys that answer it, stand in sight."""
    seat = sit("claire", width=1366, height=768)
    assert centre.say(centre.panel("1003"), "130", number="001")
    expect(seat.row("Pharmacie de la Gare")).to_be_visible()
    row = seat.incidents()["Pharmacie de la Gare"]
    if row["state"] == "new":
        seat.post(f"/api/incidents/{row['id']}/take")
    seat.page.goto(f"{centre.url}/dossier/{row['id']}")
    expect(seat.front.first).to_be_visible()
    seat.press("F3")
    seat.does("Mme Rose Talbot")
    expect(seat.page.get_by_label("Mot entendu")).to_be_focused()
    seat.page.keyboard.type("menthe")
    seat.press("Enter")
    expect(seat.page.get_by_label("Ce que dit la personne")).to_be_visible()
    lines = seat.front.locator("blockquote p")
    for place in range(lines.count()):
        expect(lines.nth(place)).to_be_in_viewport(ratio=1)
        assert lines.nth(place).evaluate(SEEN)
    for width, height in ((1366, 768), (1024, 768), (640, 512)):
        seat.page.set_viewport_size({"width": width, "height": height})
        typed_and_pressed_are_seen(seat)
    seat.page.set_viewport_size({"width": 1366, "height": 768})
    seat.does("renseignement donné")
    undo = seat.page.get_by_role("button", name="Annuler ce résultat")
    expect(undo).to_be_in_viewport(ratio=1)
    seat.press("Escape", "v")
    expect(undo).to_be_in_viewport(ratio=1)
    assert undo.evaluate(SEEN)


def typed_and_pressed_are_seen(seat: Seat) -> None:
    """What has the focus and every key of the result, whole, under nothing."""
    field = seat.page.get_by_label("Ce que dit la personne")
    expect(field).to_be_focused()
    buttons = seat.front.locator("[data-hotkey]")
    for part in (field, *(buttons.nth(place) for place in range(buttons.count()))):
        expect(part).to_be_in_viewport(ratio=0.99)
        assert part.evaluate(SEEN)
