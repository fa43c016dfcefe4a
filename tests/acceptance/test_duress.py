"""Duress of a customer seen from three screens: who talks, the other post, the chef in the room (P1)."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.acceptance.centre import Centre
from tests.acceptance.room import Seat

Sit = Callable[..., Seat]
SITE = "Entrepôt du Port"


def forget_sounds(*pages: Page) -> None:
    for page in pages:
        page.evaluate("window.__played.splice(0)")


def test_duress_is_seen_by_the_room_and_heard_by_nobody(sit: Sit, centre: Centre) -> None:
    """P1: the second operator and the chef are warned without a sound; who talks reads the closing sentence at once."""
    talking = sit("claire", sound=True, width=1366, height=768)
    other = sit("samir", sound=True)
    chef = sit("chef", sound=True, post=False)
    chef.page.goto(f"{centre.url}/salle")

    for point in ("015", "016"):
        assert centre.say(centre.panel("1001", sequence=int(point)), "130", number=point)
    expect(talking.row(SITE)).to_contain_text("P2")
    talking.take_next(SITE)
    expect(other.queue).to_contain_text("Pris par d’autres · 1")
    expect(other.queue).not_to_contain_text("CONTRAINTE")
    room_line = chef.page.get_by_role("listitem").filter(has_text=SITE)
    expect(room_line.first).to_be_visible()
    expect(room_line.filter(has_text="CONTRAINTE")).to_have_count(0)

    expect(talking.front).to_contain_text("Envoyer l’agent")
    talking.does("Demander")
    expect(talking.front).to_contain_text("Contre-appel du site")
    talking.does("Appeler le site")
    expect(talking.page.get_by_label("Mot entendu")).to_be_focused()
    forget_sounds(talking.page, other.page, chef.page)
    talking.page.keyboard.type("orage")
    talking.press("Enter")

    goodbye = talking.page.get_by_role("status").get_by_text("Merci, au revoir")
    expect(talking.page.get_by_text("CONTRAINTE — danger pour une personne.")).to_be_visible()
    whole_in_view(goodbye)
    expect(talking.page.locator("blockquote")).to_have_text(goodbye.inner_text())
    whole_in_view(talking.front.get_by_role("button", name="répondu"))
    the_agent_is_not_forgotten(talking)
    talking.page.set_viewport_size({"width": 640, "height": 512})
    talking.page.get_by_role("tabpanel").locator("li").last.scroll_into_view_if_needed()
    whole_in_view(talking.page.get_by_text("CONTRAINTE : n’envoyez rien"))
    talking.page.set_viewport_size({"width": 1366, "height": 768})
    expect(other.row(SITE)).to_contain_text("CONTRAINTE")
    expect(room_line.filter(has_text="CONTRAINTE").first).to_be_visible()
    for seat in (talking, other, chef):
        expect(sign_of(seat)).to_be_in_viewport(ratio=1)
        expect(
            seat.page.get_by_role("banner").get_by_role("button", name="Touches et aide")
        ).to_be_in_viewport(
            ratio=1  # the bar holds it without losing its end
        )
    talking.page.wait_for_timeout(1500)  # longer than the pause between two rings
    for seat in (talking, other, chef):
        assert seat.page.evaluate("window.__played") == [], f"something sounded at {seat.login}’s"
        assert seat.errors == []

    incident = talking.incidents()[SITE]
    assert (incident["duress"], incident["ringing_since"]) == (True, None)
    stands_on_every_page(other)
    the_hour_stands_on_every_page(chef)
    police_reads_the_words(talking)
    lifted_by_the_chef(talking, chef, int(incident["id"]))


def the_agent_is_not_forgotten(seat: Seat) -> None:
    """P1: whoever was asked to go there is told first; a request that nobody took may be withdrawn."""
    told = seat.page.get_by_role("alert").filter(has_text="PRÉVENIR L’AGENT")
    told.scroll_into_view_if_needed()
    whole_in_view(told)
    expect(told).to_contain_text("il attend à distance")
    incident = seat.incidents()[SITE]["id"]
    (asked,) = seat.get(f"/api/incidents/{incident}")["interventions"]
    seat.post(f"/api/incidents/{incident}/interventions/{asked['id']}/cancelled", {"reason": "contrainte"})
    expect(told).to_have_count(0)


def sign_of(seat: Seat) -> Locator:
    """The standing sign in the top bar; in no part that a screen reader speaks by itself."""
    sign = seat.page.get_by_role("banner").get_by_role("button", name="CONTRAINTE · 1")
    spoken = seat.page.locator("[role=alert], [role=status], [aria-live]").filter(has_text="CONTRAINTE · 1")
    expect(spoken).to_have_count(0)
    return sign


def stands_on_every_page(seat: Seat) -> None:
    """It moved nothing of the work in hand; it is there on any page, and opens the dossier."""
    expect(seat.head).to_have_count(0)
    seat.page.goto(f"{seat.centre.url}/main-courante")
    expect(sign_of(seat)).to_be_visible()
    sign_of(seat).press("Enter")
    expect(seat.head).to_have_text(SITE)
    assert seat.page.evaluate("window.__played") == []


def the_hour_stands_on_every_page(seat: Seat) -> None:
    """desk.md «Top bar»: with the sign and a page's name, in a small window, words give way; hour, theme, `?` never."""
    seat.page.set_viewport_size({"width": 1366, "height": 768})
    for page in ("/salle", "/personnes", "/compte", "/main-courante"):
        seat.page.goto(seat.centre.url + page)
        bar = seat.page.get_by_role("banner")
        for part in (bar.locator("time"), bar.get_by_role("button", name="Thème"), sign_of(seat)):
            expect(part).to_be_in_viewport(ratio=1)
        expect(bar.get_by_role("button", name="Touches et aide")).to_be_in_viewport(ratio=1)
        assert bar.evaluate("(bar) => bar.scrollWidth <= bar.clientWidth"), page


def whole_in_view(sentence: Locator) -> None:
    """The sentence to read is on the screen, whole, without a scroll."""
    expect(sentence).to_be_in_viewport(ratio=1)


def police_reads_the_words(seat: Seat) -> None:
    """The call ends as any good one; the police call is the next card, and says what the customer said."""
    seat.does("répondu")
    expect(seat.front).to_contain_text("Avis aux forces de l’ordre : contrainte")
    seat.does("Commissariat de l’Essai")
    script = seat.page.get_by_label("À lire")
    expect(script).to_contain_text("paroles de l’abonné : mot de contrainte donné")
    expect(script).not_to_contain_text("Aucun élément concret")
    expect(script).not_to_contain_text("Vidal")
    seat.does("se déplacent")
    expect(seat.page.locator("main")).to_contain_text("Commissariat de l’Essai · se déplacent")


def lifted_by_the_chef(seat: Seat, chef: Seat, incident: int) -> None:
    """«Lever la contrainte» is the chef's alone: an operator is not offered it; then «injustifiée» may be said."""
    unjustified = seat.page.get_by_role("group", name="Cause").get_by_role(
        "button", name=re.compile("injustifiée")
    )
    seat.forward("c", "closing")
    seat.does("Injustifiée")
    expect(unjustified.first).to_be_disabled()
    lift = "Lever la contrainte"
    expect(seat.page.get_by_role("button", name=lift)).to_have_count(0)
    assert seat.try_post(f"/api/incidents/{incident}/release-duress") == 403
    chef.page.goto(f"{chef.centre.url}/dossier/{incident}")
    chef.page.get_by_role("button", name=lift).click()
    expect(chef.page.get_by_role("button", name=lift)).to_have_count(0)
    kinds = [line["kind"] for line in chef.centre.lines("logbook", "--json")]
    assert kinds.count("incident.duress_released") == 1
    expect(unjustified.first).to_be_enabled()
    expect(seat.row(SITE)).to_contain_text("CONTRAINTE")  # it stays said
