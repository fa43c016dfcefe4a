"""A burglary from the panel's frame to its closed report, by the keyboard alone (issue 2 §5, §8; desk.md; U1; P1, P4–P6)."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Browser, Locator, expect

from tests.acceptance.centre import PASSWORD, Centre
from tests.acceptance.room import Seat, new_context, watch_errors

SOUND_TEST = 30_000  # ms: four patterns of sound, one after the other
SETTLED = 30_000  # ms: a result may be undone for some seconds before anything follows from it
SITE = "Entrepôt du Port"


def by_keyboard(chromium: Browser, centre: Centre) -> Seat:
    """Somebody who logs in, hears the four bells and takes a post without a mouse."""
    context = new_context(chromium)
    page = context.new_page()
    seat = Seat("claire", centre, context, page, "", [])
    watch_errors(page, seat.errors)
    page.goto(centre.url)
    expect(page.get_by_label("Identifiant")).to_be_focused()
    page.keyboard.type("claire")
    seat.press("Tab")
    page.keyboard.type(PASSWORD)
    seat.press("Enter")
    expect(page.get_by_role("button", name="Lancer l’essai")).to_be_focused()
    seat.press("Enter")
    expect(page.get_by_role("button", name="J’entends")).to_be_focused(timeout=SOUND_TEST)
    seat.press("Enter")
    expect(page.get_by_role("button", name="Prendre le poste")).to_be_focused()
    seat.press("Enter")
    expect(seat.queue).to_be_focused()
    return seat


def step_in_front(seat: Seat) -> Locator:
    """The step that holds the keys."""
    return seat.page.locator("li[aria-current=step]")


def start_call(seat: Seat) -> None:
    """The first function key starts the call of the step in front; the hands are in the word's field."""
    expect(step_in_front(seat).get_by_role("button", name="Appeler").first).to_contain_text("F5")
    seat.strike("F5")
    expect(seat.page.get_by_label("Mot entendu")).to_be_focused()


def say_word(seat: Seat, word: str) -> None:
    """Types what is heard."""
    seat.page.keyboard.type(word)
    seat.press("Enter")


def take_burglary(seat: Seat) -> None:
    """Two points in a row: the dossier rings, is taken with `N`."""
    panel = seat.centre.panel("1001")
    assert seat.centre.say(panel, "130", number="015")
    assert seat.centre.say(panel, "130", number="016")
    expect(seat.row(SITE)).to_contain_text("P2")
    seat.take_next(SITE)


def agent_asked(seat: Seat) -> None:
    """The agent leaves first: he is 25 minutes away."""
    expect(step_in_front(seat)).to_contain_text("Envoyer l’agent d’intervention")
    expect(step_in_front(seat).get_by_role("button").first).to_contain_text("F5")
    seat.strike("F5")
    expect(seat.page.get_by_text("Équipe Vigie 2 demandé")).to_be_visible()


def called_the_site(seat: Seat) -> None:
    """P6: nothing of the alarm is on the screen before the word is right; then the facts, then what is understood."""
    expect(step_in_front(seat)).to_contain_text("Contre-appel du site")
    start_call(seat)
    said = seat.page.locator("blockquote")
    expect(said).to_contain_text("Votre mot de passe, s’il vous plaît ?")
    expect(said).not_to_contain_text("Quai de livraison")
    say_word(seat, "Lilás".upper())  # case and accents do not count
    expect(said).to_contain_text("Nous avons reçu à")
    expect(said).to_contain_text("Quai de livraison")
    seat.strike("F5")
    expect(seat.page.get_by_role("button", name="Annuler ce résultat")).to_be_visible()


def doubt_lifted(seat: Seat) -> None:
    """A clue by Ctrl+I, then the verification's result."""
    seat.press("Control+i")
    seat.pick("Nature de l’indice", "écoute non équivoque")
    seat.tab_to("Ce qui est vu ou entendu")
    seat.page.keyboard.type("bris de verre et voix entendus")
    seat.press("Enter")
    expect(seat.page.get_by_text("bris de verre et voix entendus", exact=True)).to_be_visible()
    seat.choose("positive – biens")
    expect(seat.page.get_by_role("button", name="positive – biens")).to_have_attribute("aria-pressed", "true")


def agent_followed(seat: Seat) -> None:
    """Accepted, on the way, on site, finding, done: each by its own button, each timed."""
    page = seat.page
    seat.choose("Accepte")
    expect(page.get_by_text("Équipe Vigie 2 accepté")).to_be_visible()
    seat.choose("En route")
    expect(page.get_by_text("Équipe Vigie 2 en route")).to_be_visible()
    seat.choose("Sur place")
    expect(page.get_by_text("Équipe Vigie 2 sur place")).to_be_visible()
    seat.tab_to("Constat de l’agent")
    page.keyboard.type("vitre du bureau brisée")
    seat.choose("effraction")
    expect(page.get_by_text("Équipe Vigie 2 constat fait")).to_be_visible()
    seat.choose("Terminée")
    expect(page.get_by_text("Équipe Vigie 2 terminé")).to_be_visible()


def police_told(seat: Seat) -> None:
    """The step comes when the call's result is settled; the door is justified; the law's script is read aloud (P4)."""
    page = seat.page
    expect(step_in_front(seat)).to_contain_text("Avis aux forces de l’ordre", timeout=SETTLED)
    expect(page.get_by_text("justifié", exact=True)).to_be_visible()
    assert "01 99 00 17 02" not in page.locator("main").inner_text(), (
        "the reserved number shows in the call only"
    )
    seat.choose("Commissariat de l’Essai")
    script = page.locator("blockquote")
    expect(script).to_contain_text("Je vous avise d’une atteinte aux biens en cours, après levée de doute")
    expect(script).to_contain_text("AUT-099-2125-01-01-20990000000")
    expect(script).to_contain_text("14 quai de l’Arsenal")
    expect(script).to_contain_text("Notre numéro de rappel")
    expect(page.locator("main")).to_contain_text("01 99 00 17 02")
    seat.tab_to("Personne jointe")
    page.keyboard.type("Brigadier Test")
    seat.choose("se déplacent")
    expect(page.get_by_text("se déplacent · Brigadier Test")).to_be_visible()


def contact_told(seat: Seat) -> None:
    """The first contact's voicemail: a neutral text, a function key, five seconds to undo."""
    expect(step_in_front(seat)).to_contain_text("Prévenir le 1er destinataire")
    start_call(seat)
    seat.choose("messagerie")
    expect(seat.page.get_by_role("button", name="Annuler ce résultat")).to_be_visible()
    expect(step_in_front(seat)).to_contain_text("Retour à la normale", timeout=SETTLED)


def back_to_normal(seat: Seat) -> None:
    """One point by the agent's finding, the other put off: what, who, until when (P5)."""
    page = seat.page
    seat.choose("Constat d’agent")
    expect(page.get_by_text("normal par constat d’agent")).to_be_visible()
    seat.choose("Suivi en attente…")
    seat.tab_to("Ce qui reste à faire")
    page.keyboard.type("Vitre à remplacer")
    seat.tab_to("Qui s’en charge")
    page.keyboard.type("M. Lenoir")
    seat.press("Enter")
    expect(page.get_by_text("Suivi en attente : Vitre à remplacer, M. Lenoir")).to_be_visible()


def closed(seat: Seat) -> int:
    """With its cause; the id of the dossier."""
    incident = int(seat.incidents()[SITE]["id"])
    seat.forward("c", "closing")
    seat.does("Réelle")
    seat.does("Réelle – intrusion")
    expect(seat.page.get_by_label("Conclusion")).to_be_focused()
    seat.page.keyboard.type("Effraction par le bureau, police sur place.")
    seat.press("Enter")
    expect(seat.row(SITE)).to_have_count(0)
    return incident


def test_a_burglary_by_the_keyboard_alone(chromium: Browser, centre: Centre) -> None:
    seat = by_keyboard(chromium, centre)
    try:
        take_burglary(seat)
        agent_asked(seat)
        called_the_site(seat)
        doubt_lifted(seat)
        agent_followed(seat)
        police_told(seat)
        contact_told(seat)
        back_to_normal(seat)
        incident = closed(seat)
        the_three_reports(seat, incident)
        assert seat.errors == []
    finally:
        seat.sign()
        seat.leave()


def the_three_reports(seat: Seat, incident: int) -> None:
    """Each says what its reader may know, and no more (practice, «Three reports»)."""
    told = {}
    for reader in ("customer", "prefect", "internal"):
        page = seat.context.new_page()
        page.goto(f"{seat.centre.url}/api/incidents/{incident}/report?for={reader}")
        told[reader] = page.locator("body").inner_text()
        page.close()
        assert "Preuve d’inscription à la main courante" in told[reader]
        assert "L612-14" in told[reader]
        for secret in ("01 99 00 17 02", "+33199001702", "lilas", "orage", "remorque", "tempête"):
            assert secret not in told[reader], (reader, secret)
    for hidden in ("Équipe Vigie 2", "Brigadier Test", "Claire Veille", "détecteurs successifs", "n° 118"):
        assert hidden not in told["customer"], hidden
        assert hidden in told["internal"], hidden
    assert "Réelle – intrusion" in told["customer"]
    assert "Procédure contradictoire" in told["prefect"]
    assert "bris de verre et voix entendus" in told["prefect"]
    assert "Effraction par le bureau" in told["internal"]
    assert "Effraction par le bureau" not in told["prefect"]


def test_the_word_of_duress_turns_the_dossier_in_silence(sit: Callable[..., Seat], centre: Centre) -> None:
    """P1: the customer hears the very sentence that ends any good call; the screen says CONTRAINTE."""
    seat = sit("samir")
    page, said = seat.page, seat.page.locator("blockquote")

    assert centre.say(centre.panel("1003"), "130", number="001")
    expect(seat.row("Pharmacie")).to_be_visible()
    seat.take_next("Pharmacie de la Gare")
    start_call(seat)
    say_word(seat, "menthe")
    expect(said).to_contain_text("Nous avons reçu à")
    goodbye = said.inner_text().split("\n\n")[-1]
    assert "au revoir" in goodbye
    seat.strike("F6")

    assert centre.say(centre.panel("1002"), "130", number="002")
    expect(seat.row("Bijouterie")).to_be_visible()
    seat.take_next("Bijouterie de l’Écluse")
    expect(step_in_front(seat)).to_contain_text("Envoyer l’agent")
    seat.press("Control+ArrowDown")
    expect(step_in_front(seat)).to_contain_text("Contre-appel du site")
    start_call(seat)
    say_word(seat, "Grenat")
    expect(page.get_by_text("CONTRAINTE — danger pour une personne")).to_be_visible()
    expect(said).to_have_text(goodbye)
    expect(seat.row("Bijouterie")).to_contain_text("CONTRAINTE")
    expect(page.get_by_role("group", name="Résultat de l’appel").get_by_role("button").first).to_contain_text(
        "F5"
    )
    seat.strike("F5")
    expect(step_in_front(seat)).to_contain_text("Avis aux forces de l’ordre : contrainte")
    expect(page.get_by_text("danger pour une personne", exact=True)).to_be_visible()

    incident = seat.incidents()["Bijouterie de l’Écluse"]
    assert (incident["priority"], incident["duress"], incident["ringing_since"]) == (1, True, None)
    seat.forward("c", "closing")
    seat.does("Injustifiée")
    unjustified = page.get_by_role("group", name="Cause").get_by_role(
        "button", name=re.compile("injustifiée")
    )
    expect(unjustified.first).to_be_visible()
    assert unjustified.count() > 3
    for option in unjustified.all():
        expect(option).to_be_disabled()
    refused = seat.try_post(
        f"/api/incidents/{incident['id']}/close", {"outcome": "unjustified_user", "note": None}
    )
    assert 400 <= refused < 500
    assert seat.incidents()["Bijouterie de l’Écluse"]["state"] == "taken"
