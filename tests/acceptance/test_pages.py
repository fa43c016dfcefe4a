"""Beyond the queue: an AZERTY’s keys, a customer who telephones, the logbook, the monitor (issue 2 §2, §5, §6, §8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.acceptance.centre import PASSWORD, Centre
from tests.acceptance.room import Seat

Sit = Callable[..., Seat]

QUIET = 1500
"""ms during which a page left alone is listened to; it once sent hundreds of requests in that time."""
FEW = 3  # of them may still be under way
AZERTY = ("&", "é", '"', "'", "(")  # what the first five keys of the upper row write, without Shift


def test_digits_are_physical_keys(sit: Sit, centre: Centre) -> None:
    """desk.md «Keys», U2: on an AZERTY keyboard digits need no Shift."""
    seat = sit("claire")
    assert centre.say(centre.panel("1001"), "130", number="015")
    expect(seat.row("Entrepôt du Port")).to_be_visible()
    # By its row: what `N` takes first may be a dossier of the centre itself, on a machine under load.
    incident = seat.incidents()["Entrepôt du Port"]["id"]
    seat.post(f"/api/incidents/{incident}/take")
    seat.page.goto(f"{centre.url}/dossier/{incident}")
    expect(seat.head).to_have_text("Entrepôt du Port")
    keyboard = seat.context.new_cdp_session(seat.page)
    for place, mark in list(enumerate(AZERTY, start=1))[::-1]:
        for kind in ("keyDown", "keyUp"):
            press: dict[str, Any] = {
                "type": kind,
                "code": f"Digit{place}",
                "key": mark,
                "text": mark if kind == "keyDown" else "",
            }
            keyboard.send("Input.dispatchKeyEvent", press)
        expect(seat.page.get_by_role("tab").nth(place - 1)).to_have_attribute("aria-selected", "true")
    # Ctrl+1, from elsewhere: back to the first dossier in hand.
    seat.page.goto(f"{centre.url}/")
    expect(seat.page.locator(f"[data-dock='{incident}']:visible").first).to_be_visible()
    press = {"type": "keyDown", "code": "Digit1", "key": "&", "modifiers": 2}
    keyboard.send("Input.dispatchKeyEvent", press)
    expect(seat.head).to_have_text("Entrepôt du Port")


def find(seat: Seat, typed: str, site: str) -> None:
    """Ctrl+K, a few letters: the site is found."""
    seat.press("Control+k")
    seat.page.keyboard.type(typed)
    result = seat.page.get_by_role("dialog", name="Barre de commande").get_by_role("option")
    expect(result.filter(has_text=site).first).to_be_visible()


def test_a_customer_who_telephones_is_found_by_what_he_says(sit: Sit) -> None:
    """Need 4: name, town, telephone or account; nothing sensitive before the word is checked."""
    seat = sit("claire")
    for typed in ("jean-mace", "+33 6 39 98 55 20", "0639985520", "1004", "aubin"):
        find(seat, typed, "Collège Jean-Macé")
        seat.press("Escape")
    find(seat, "villeneuve", "Collège Jean-Macé")
    seat.press("Escape")

    find(seat, "jean-mac", "Collège Jean-Macé")
    seat.press("Enter")
    expect(seat.head).to_have_text("Collège Jean-Macé")
    seat.does("M. Paul Aubin")
    expect(seat.page.get_by_label("Mot entendu")).to_be_focused()
    assert "tableau" not in seat.page.content()
    seat.page.keyboard.type("tablau")
    seat.press("Enter")
    expect(seat.page.get_by_text("Presque : faites répéter.")).to_be_visible()
    seat.page.keyboard.type("tableau")
    seat.press("Enter")
    seat.does("information notée")
    expect(seat.page.get_by_role("log")).to_contain_text("Appel reçu traité")


def test_enter_opens_what_was_typed_not_what_fewer_letters_found(sit: Sit) -> None:
    """A slow answer changes nothing: Enter waits for it, and never opens what stood first for the letters before."""
    seat = sit("claire")
    seat.press("Control+k")
    seat.page.keyboard.type("ta")  # «Station», and a pharmacy by its keyholder
    options = seat.page.get_by_role("dialog", name="Barre de commande").get_by_role("option")
    expect(options.first).to_be_visible()
    held: list[Any] = []

    def hold_back(route: Any) -> None:
        held.append(route)

    seat.page.route("**/api/sites?q=*", hold_back)
    seat.page.get_by_role("combobox").fill("talbot")
    seat.press("Enter")
    deadline = 100
    while not held and deadline:
        seat.page.wait_for_timeout(100)
        deadline -= 1
    assert seat.page.url.rstrip("/") == seat.centre.url, "nothing is opened before the server has answered"
    for route in held:
        route.continue_()
    expect(seat.head).to_have_text("Pharmacie de la Gare")
    assert seat.errors == []


def pharmacy_in_hand(seat: Seat, centre: Centre, zone: str) -> int:
    """The pharmacy's dossier, taken by this person; its id."""
    if "Pharmacie de la Gare" not in seat.incidents():
        assert centre.say(centre.panel("1003"), "130", number=zone)
        expect(seat.row("Pharmacie de la Gare")).to_be_visible()
    incident = int(seat.incidents()["Pharmacie de la Gare"]["id"])
    if seat.incidents()["Pharmacie de la Gare"]["owner"] is None:
        seat.post(f"/api/incidents/{incident}/take")
    return incident


def test_a_customer_whose_alarm_is_open_cancels_it(sit: Sit, centre: Centre) -> None:
    """Need 4: found, entered and identified in four keys; one more cancels. The wrong word cancels nothing."""
    seat = sit("claire")
    incident = pharmacy_in_hand(seat, centre, "002")
    expect(seat.row("Pharmacie de la Gare")).to_be_visible()
    seat.keys.clear()
    find(seat, "talbot", "Pharmacie de la Gare")
    seat.press("Enter")
    expect(seat.head).to_have_text("Pharmacie de la Gare")
    seat.does("Mme Rose Talbot")
    expect(seat.page.get_by_label("Mot entendu")).to_be_focused()
    assert seat.keys == ["Control+k", "Enter", "F5"], "the call is entered: one key is left for the word"

    seat.page.keyboard.type("menton")
    seat.press("Enter")
    expect(seat.page.get_by_text("Mot faux")).to_be_visible()
    expect(seat.front.get_by_role("button", name="annulation demandée")).to_be_disabled()
    seat.page.keyboard.type("menthe")
    seat.press("Enter")
    seat.does("annulation demandée")
    assert len(seat.keys) == 6
    expect(seat.page.get_by_role("log")).to_contain_text(
        "Alarme annulée par un destinataire identifié", timeout=30_000
    )
    assert seat.get(f"/api/incidents/{incident}")["row"]["normal"] is True
    assert seat.get(f"/api/incidents/{incident}")["closing"]["blockers"] == [], "one confirmation is left"
    expect(seat.front).to_contain_text("Clôture")


def test_f3_is_the_telephone(sit: Sit, centre: Centre) -> None:
    """Need 4 in the dossier one has before one's eyes: one key, and who calls is asked; it is not lost by a reload."""
    seat = sit("claire")
    incident = pharmacy_in_hand(seat, centre, "001")
    seat.page.goto(f"{centre.url}/dossier/{incident}")
    expect(seat.front.first).to_be_visible()
    seat.press("F3")
    expect(seat.front).to_contain_text("Un abonné appelle")
    seat.does("Mme Rose Talbot")
    expect(seat.page.get_by_label("Mot entendu")).to_be_focused()
    seat.page.reload()
    expect(seat.page.get_by_label("Mot entendu")).to_be_visible()
    seat.page.get_by_label("Mot entendu").focus()
    seat.page.keyboard.type("menthe")
    seat.press("Enter")
    seat.does("renseignement donné")
    expect(seat.page.get_by_role("button", name="Annuler ce résultat")).to_be_visible()


def asks_for_a_test(seat: Seat, who: str, word: str) -> None:
    """His word, then what he wants; the form comes, filled with who asks, and the logbook says just that."""
    seat.does(who)
    expect(seat.page.get_by_label("Mot entendu")).to_be_focused()
    seat.page.keyboard.type(word)
    seat.press("Enter")
    seat.does("mise en essai demandée")
    form = seat.page.get_by_role("form", name="Mise en essai")
    expect(form.get_by_label("Portée")).to_be_focused()
    expect(form.get_by_label("Demandé par")).to_have_value(who)
    expect(form.get_by_label("Destinataire").locator("option:checked")).to_have_text(who)
    expect(form).to_contain_text(f"Mot de passe juste au téléphone : {who}")
    log = seat.page.get_by_role("log")
    expect(log).to_contain_text(f"Appel reçu traité : {who}, mise en essai demandée, mot de passe juste")
    expect(log).not_to_contain_text("rien d’anormal")


def test_who_asks_for_a_test_gets_the_form_of_the_test(sit: Sit, centre: Centre) -> None:
    """Need 4, P10: from the site's page and from a dossier. At night our call-back and a second person stay asked for."""
    seat = sit("claire")
    incident = pharmacy_in_hand(seat, centre, "003")
    seat.page.goto(f"{centre.url}/dossier/{incident}")
    expect(seat.front.first).to_be_visible()
    seat.press("F3")
    asks_for_a_test(seat, "Mme Rose Talbot", "menthe")
    expect(seat.page.get_by_role("tab", name="Site")).to_have_attribute("aria-selected", "true")
    seat.page.get_by_role("button", name="Mettre en essai", exact=True).click()
    expect(seat.page.get_by_text("contre-appel").first).to_be_visible()
    assert seat.incidents()["Pharmacie de la Gare"]["on_test"] is False
    seat.press("Escape")

    find(seat, "jean-mac", "Collège Jean-Macé")
    seat.press("Enter")
    expect(seat.head).to_have_text("Collège Jean-Macé")
    asks_for_a_test(seat, "M. Paul Aubin", "tableau")


def test_the_logbook_is_searched_corrected_and_proven(sit: Sit) -> None:
    seat = sit("chef")
    page = seat.page
    seat.press("Control+Space")
    expect(seat.capture).to_be_focused()
    page.keyboard.type("Ronde faite à l’Écluse, rien à signaler")
    seat.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Ronde faite à l’Écluse")
    seat.press("Alt+m")
    expect(page.get_by_label("Chercher (sans accents)")).to_be_focused()
    page.keyboard.type("ronde ecluse")
    table = page.get_by_role("table", name="Main courante")
    line = table.get_by_role("row").filter(has_text="Ronde faite à l’Écluse, rien à signaler")
    expect(line).to_be_visible()
    expect(table.get_by_role("row")).to_have_count(2)  # the heading, and what was asked for

    page.emulate_media(media="print")
    expect(page.get_by_role("heading", name="Main courante – Station d’essai")).to_be_visible()
    expect(page.get_by_text("par Camille Chef · «ronde ecluse» · 1 entrée")).to_be_visible()
    page.emulate_media(media="screen")
    expect(page.get_by_role("heading", name="Main courante – Station d’essai")).to_be_hidden()

    line.get_by_role("button", name="Preuve").focus()
    seat.press("Enter")
    expect(line).to_contain_text("signé le")
    expect(line).to_contain_text("Racine signée")

    line.get_by_role("button", name="Corriger").focus()
    seat.press("Enter")
    expect(page.get_by_label("Texte juste")).to_be_focused()
    page.get_by_label("Texte juste").press("End")
    page.keyboard.type(", porte sud comprise")
    seat.press("Enter")
    expect(table).to_contain_text("porte sud comprise")
    expect(line.first).to_be_visible()  # what was written stays

    # By a site's name, of which the sentence says nothing; then narrowed to one site by its own field.
    words = page.get_by_label("Chercher (sans accents)")
    words.fill("macé rhododendron")
    expect(page.get_by_text("Aucune entrée ne correspond")).to_be_visible()
    words.fill("mace")
    rows = table.get_by_role("row").filter(has=page.get_by_role("cell"))
    expect(rows.first).to_contain_text("Collège Jean-Macé")
    words.fill("")
    page.get_by_label("Site", exact=True).fill("Collège Jean-Macé")
    expect(rows.filter(has_not_text="Collège Jean-Macé")).to_have_count(0)
    expect(rows.first).to_be_visible()


def test_who_is_here_is_asked_once_after_a_session_or_a_password_that_does_not_hold(
    sit: Sit, centre: Centre
) -> None:
    """A workstation left with an ended session, or with a wrong password, asks the server nothing until somebody acts."""
    seat = sit("chef")
    page, asked = seat.page, list[str]()
    page.on("request", lambda request: asked.append(request.url.removeprefix(centre.url)))
    seat.post("/api/posts/leave")
    seat.post("/api/logout")
    seat.press("Alt+m")
    expect(page.get_by_label("Mot de passe")).to_be_visible()
    asked.clear()
    page.wait_for_timeout(QUIET)
    assert len(asked) <= FEW, asked

    page.get_by_label("Identifiant").fill("chef")
    page.get_by_label("Mot de passe").fill("ce n’est pas le bon")
    seat.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("mot de passe")
    page.wait_for_timeout(QUIET)
    assert asked.count("/api/login") == 1
    assert len(asked) <= FEW + 1, asked

    page.get_by_label("Mot de passe").fill(PASSWORD)
    seat.press("Enter")
    expect(page.get_by_label("Mot de passe")).to_be_hidden()
    assert asked.count("/api/login") == 2


def test_the_installer_sees_his_frame_and_gives_a_ghost_its_site(sit: Sit, centre: Centre) -> None:
    """The live monitor; a ghost whose number is a site's reference becomes its panel in two keys, another by its name."""
    seat = sit("chef")
    page = seat.page
    page.goto(f"{centre.url}/moniteur")
    expect(page.get_by_label("N° de transmetteur")).to_be_focused()
    assert centre.say(centre.panel("0004"), "602")
    assert centre.say(centre.panel("7777"), "602")
    ghost = page.get_by_role("listitem").filter(has_text="0004")
    expect(ghost).to_be_visible()
    page.keyboard.type("4")
    expect(page.get_by_role("listitem").filter(has_text="7777")).to_have_count(0)
    frame = page.get_by_role("row").filter(has_text="0004")
    expect(frame.first).to_be_visible()
    seat.press("Enter")
    expect(page.get_by_label("À quel site ?")).to_be_focused()
    expect(ghost.get_by_role("button", name="Collège Jean-Macé")).to_contain_text("Entrée")
    seat.press("Enter")
    expect(ghost.filter(has_text="Adopter")).to_have_count(0)
    expect(page.get_by_label("N° de transmetteur")).to_be_focused()
    assert centre.say(centre.panel("0004", sequence=10), "602")
    verdicts = [line["verdict"] for line in centre.lines("signals", "--json", "--account", "0004")]
    assert (verdicts[0], verdicts[-1]) == ("ghost", "accepted")
    expect(page.get_by_role("listitem").filter(has_text="0004")).to_contain_text("dernier signal reçu le")
    assert centre.alive(centre.panel("0004"))
    expect(page.get_by_role("listitem").filter(has_text="0004")).to_contain_text(
        "dernier test de liaison reçu le"
    )
    seat.press("Backspace")
    page.keyboard.type("7777")
    other = page.get_by_role("listitem").filter(has_text="7777")
    expect(other).to_be_visible()
    seat.press("Enter")
    expect(page.get_by_label("À quel site ?")).to_be_focused()
    page.keyboard.type("college")
    expect(other.get_by_role("button", name="Collège Jean-Macé")).to_be_visible()
    seat.press("Enter")
    expect(other.filter(has_text="Adopter")).to_have_count(0)
