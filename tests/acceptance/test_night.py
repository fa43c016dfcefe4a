"""What an operator changes at night, in a browser: a test from its start to its list, a contact, a consigne (P10, V6)."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.acceptance.centre import PASSWORD, Centre
from tests.acceptance.room import Seat
from tests.acceptance.test_site import open_site, part

Sit = Callable[..., Seat]


def call_back(seat: Seat, who: str, number: str, word: str) -> None:
    """A registered number is called from the site's page, and says its word."""
    page = seat.page
    people = part(page, "Destinataires d’alerte").get_by_role("listitem").filter(has_text=who)
    people.get_by_role("button", name=f"Appeler {number}").click()
    seat.front.get_by_label("Mot entendu").fill(word)
    seat.press("Enter")
    expect(seat.front).to_contain_text("pour vérifier une demande qui nous a été faite")
    expect(seat.front).not_to_contain_text("Nous avons reçu")
    seat.does("demande confirmée")
    expect(page.get_by_role("log")).to_contain_text(who)


def test_a_test_from_its_start_to_its_list(sit: Sit, centre: Centre) -> None:
    """P10 whole: points by name, our call-back, a second person; noted, broken through, refused in silence, its list."""
    seat, panel = sit("claire", width=1920, height=768), centre.panel("1001")
    page = open_site(seat, "entrepot", "Entrepôt du Port")
    page.get_by_role("button", name="Mettre en essai…").click()
    form = page.get_by_role("form", name="Mise en essai")
    call_back(seat, "Mme Garance Vidal", "06 39 98 12 34", "lilas")
    expect(form.get_by_label("Demandé par")).to_be_focused()  # back to what is to be filled
    form.get_by_label("Portée").select_option(label="des points…")
    form.get_by_label("015 Quai de livraison").check()
    form.get_by_label("016 Bureau du quai").check()
    form.get_by_label("Demandé par").fill("Technicien Essai")
    expect(form.get_by_label("Contre-appel fait")).to_contain_text("Vidal")
    form.get_by_label("Mot entendu").fill("lilas")
    form.get_by_role("button", name="Mettre en essai").click()
    second = form.get_by_label("Seconde personne : identifiant")
    expect(second).to_be_focused()
    for asked in (second, form.get_by_role("alert"), form.get_by_role("button", name="Mettre en essai")):
        expect(asked).to_be_in_viewport(ratio=0.99)
    second.fill("samir")
    form.get_by_label("Son mot de passe").fill(PASSWORD)
    form.get_by_role("button", name="Mettre en essai").click()

    running = part(page, "Essai en cours")
    expect(running).to_contain_text(
        "demandé par Technicien Essai : 015 Quai de livraison, 016 Bureau du quai"
    )
    quay = running.get_by_role("listitem").filter(has_text="Quai de livraison")
    office = running.get_by_role("listitem").filter(has_text="Bureau du quai")
    expect(quay).to_contain_text("jamais vu")
    expect(page.get_by_role("log")).to_contain_text("avec l’accord de Samir Nuit")

    # Longer, with the same evidence as its start.
    running.get_by_role("button", name="Prolonger…").click()
    longer = running.get_by_role("form", name="Prolongation de l’essai")
    longer.get_by_label("Durée").select_option(label="120 min")
    longer.get_by_label("Demandé par").fill("Technicien Essai")
    longer.get_by_label("Mot entendu").fill("lilas")
    longer.get_by_role("button", name="Prolonger l’essai").click()
    longer.get_by_label("Seconde personne : identifiant").fill("samir")
    longer.get_by_label("Son mot de passe").fill(PASSWORD)
    longer.get_by_role("button", name="Prolonger l’essai").click()
    expect(longer).to_have_count(0)
    expect(page.get_by_role("log")).to_contain_text("Essai prolongé jusqu’au")

    # A signal of the scope is noted: the list, no dossier.
    assert centre.say(panel, "130", number="015")
    expect(quay).to_contain_text("encore en alarme")
    assert "Entrepôt du Port" not in seat.incidents()

    # The end is refused in silence while a point is in alarm, by the form and by the server.
    running.get_by_role("button", name="Terminer l’essai").click()
    expect(running).to_be_visible()
    site = int(page.url.rpartition("/")[2])
    test = seat.get(f"/api/sites/{site}")["tests"][0]["id"]
    assert seat.try_post(f"/api/sites/{site}/on-test/{test}/end", {"note": None}) == 409
    assert centre.say(panel, "130", number="015", qualifier="3")
    expect(quay).to_contain_text("revenu normal")

    # A tamper of the very point on test breaks through: a dossier, in the queue.
    assert centre.say(panel, "144", number="015")
    expect(seat.row("Entrepôt du Port")).to_be_visible()
    assert seat.incidents()["Entrepôt du Port"]["on_test"] is True
    expect(office).to_contain_text("jamais vu")
    reference = seat.incidents()["Entrepôt du Port"]["reference"]
    through = running.get_by_role("listitem").filter(has_text="Autosurveillance")
    expect(through).to_contain_text("encore en alarme")
    expect(through.get_by_role("link", name=reference)).to_be_visible()

    running.get_by_label("Ce qui est fait des points en alarme").fill("Technicien reparti")
    running.get_by_role("button", name="Terminer l’essai").click()
    ended = part(page, "Essai terminé")
    expect(ended).to_contain_text("Technicien reparti")
    expect(ended).to_be_focused()
    expect(ended.get_by_role("listitem").first).to_be_in_viewport(ratio=0.99)
    expect(ended.get_by_role("listitem").filter(has_text="Bureau du quai")).to_contain_text("jamais vu")
    quay = ended.get_by_role("listitem").filter(has_text="Quai de livraison")
    expect(quay.filter(has_not_text=reference)).to_contain_text("revenu normal")
    expect(quay.filter(has_text=reference)).to_contain_text("015 Quai de livraison")
    expect(running).to_have_count(0)
    expect(page.get_by_role("log")).to_contain_text("ont percé : Quai de livraison")

    # What dials now is treated again.
    before = seat.incidents()["Entrepôt du Port"]["signal_count"]
    assert centre.say(panel, "130", number="016")
    expect(part(page, "Points").get_by_role("row").filter(has_text="Bureau du quai")).to_contain_text(
        "en alarme"
    )
    assert seat.incidents()["Entrepôt du Port"]["signal_count"] > before
    assert seat.errors == []


def test_a_contact_added_at_night_rests_on_a_call_back(sit: Sit) -> None:
    """V6: after our call to the old registered number; it adds, and says until when."""
    seat = sit("claire")
    page = open_site(seat, "talbot", "Pharmacie de la Gare")
    call_back(seat, "Mme Rose Talbot", "06 39 98 44 01", "menthe")
    page.get_by_role("button", name="Ajouter un destinataire…").click()
    page.get_by_label("Nom", exact=True).fill("M. Hugo Lemaire")
    page.get_by_label("Téléphone", exact=True).fill("+33 6 39 98 44 77")
    expect(page.get_by_label("Contre-appel fait")).to_contain_text("Talbot")
    page.get_by_role("button", name="Ajouter, provisoire").click()
    people = part(page, "Destinataires d’alerte")
    added = people.get_by_role("listitem").filter(has_text="M. Hugo Lemaire")
    expect(added).to_contain_text("provisoire jusqu’au")
    expect(people.get_by_role("listitem").filter(has_text="Mme Rose Talbot")).to_be_visible()
    expect(page.get_by_role("log")).to_contain_text(
        "Destinataire ajouté à titre provisoire : M. Hugo Lemaire"
    )
    expect(page.get_by_role("log")).to_contain_text("rappel d’un numéro enregistré")
    assert seat.errors == []


def test_a_temporary_consigne_is_written_applies_and_is_lifted(sit: Sit) -> None:
    """Need 5: it says that it applies, who asked, until when; a colleague's screen has it at once; lifted, it is gone."""
    seat, other = sit("claire"), sit("samir")
    page = open_site(seat, "jean-mac", "Collège Jean-Macé")
    seen = part(open_site(other, "jean-mac", "Collège Jean-Macé"), "Consignes")
    page.get_by_role("button", name="Consigne temporaire…").click()
    page.get_by_label("Consigne", exact=True).fill("Concert jusqu’à minuit, ne pas envoyer d’agent")
    page.get_by_label("Demandée par").fill("M. Paul Aubin")
    page.get_by_label("Pendant (heures)").fill("3")
    page.get_by_role("button", name="Inscrire", exact=True).click()
    expect(seen).to_contain_text("S’APPLIQUE · Concert jusqu’à minuit")
    expect(seen).to_contain_text("demandée par M. Paul Aubin")
    expect(page.get_by_role("log")).to_contain_text("Consigne temporaire ajoutée")
    part(page, "Consignes").get_by_role("button", name="Lever la consigne").click()
    expect(seen).not_to_contain_text("Concert")
    expect(page.get_by_role("log")).to_contain_text("Consigne temporaire levée")
    assert seat.errors == other.errors == []
