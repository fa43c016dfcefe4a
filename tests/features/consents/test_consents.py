"""A person at home, identified on the telephone, lets the operator look for some minutes: bounded, traced, withdrawn."""

from __future__ import annotations

from typing import Any

import pytest

from tests.features.viewing.town import Town
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.secrets import word_row
from veilleur.features.sites.tables import Contact
from veilleur.features.viewing.admitting import still_allowed
from veilleur.kernel.sealing import KeyRing


@pytest.fixture
def owner(town: Town) -> int:
    """Who lives there; her word is «lilas», her duress word «glycine»."""
    ring: KeyRing = town.desk.app.state.gate.provided[KeyRing]
    with town.act() as act:
        entry = act.record("test.contact")
        contact = Contact(
            site_id=town.sites["villa"], name="Mme Vidal", rank=1, phones=[{"number": "+33639980101", "label": None}],
            availability=[], authorised=True, entry_id=entry,
        )  # fmt: skip
        act.session.add(contact)
        act.session.flush()
        contact.code_word = ring.seal(b"lilas", word_row(contact.id, "code_word"))
        contact.duress_word = ring.seal(b"glycine", word_row(contact.id, "duress_word"))
        return contact.id


def call(town: Town, incident: int, owner: int) -> str:
    body = {"target": "contact", "contact_id": owner}
    made = town.send("ana", f"/api/incidents/{incident}/calls", body)["id"]
    return f"/api/incidents/{incident}/calls/{made}"


def look(town: Town, incident: int, **asked: Any) -> list[str]:
    return [each["code"] for each in town.look("ana", "villa", incident_id=incident, **asked)["refused"]]


def ask(town: Town, incident: int, minutes: int = 10, status: int = 200) -> Any:
    """A moment after what was done before: an act of the holder is dated, and has its entry."""
    town.clock.advance(1)
    return town.send("ana", f"/api/incidents/{incident}/consents", {"minutes": minutes}, status)


def test_only_who_gave_the_right_word_and_is_still_on_the_line_consents(town: Town, owner: int) -> None:
    incident = town.alarm("villa", taken_by="ana")
    assert ask(town, incident, status=409)["params"]["reason"] == "nobody"
    path = call(town, incident, owner)
    assert ask(town, incident, status=409)["params"]["reason"] == "nobody", "before the word"
    town.send("ana", f"{path}/word", {"typed": "lilas"})
    told = town.get("ana", f"/api/incidents/{incident}/consents")
    assert told == {"home": True, "consent": None, "may": "Mme Vidal"}
    assert look(town, incident) == ["camera_home"]
    given = ask(town, incident)
    assert given["consent"]["person"] == "Mme Vidal"
    assert look(town, incident) == []
    period = {"from": town.ago(600), "until": town.ago(300)}
    assert look(town, incident, kind="recorded", motif="avant", **period) == ["camera_home"], (
        "now, not before"
    )
    assert town.sentences("consent.given") == [
        "Consentement de Mme Vidal, au téléphone : regarder le domicile pendant 10 min, jusqu’à 03:24:10"
    ]
    town.send("ana", f"{path}/result", {"result": "answered", "understood": "nothing"})
    assert ask(town, incident, status=409)["params"]["reason"] == "nobody", "she has hung up"


def consented(town: Town, owner: int) -> tuple[int, int]:
    """A dossier with a consent, and a viewing that it allowed."""
    incident = town.alarm("villa", taken_by="ana")
    town.send("ana", f"{call(town, incident, owner)}/word", {"typed": "lilas"})
    ask(town, incident)
    opened = town.look("ana", "villa", incident_id=incident)
    assert opened["viewing"] is not None
    return incident, opened["viewing"]


def allowed(town: Town, viewing: int) -> bool:
    with town.database.read() as session:
        return bool(still_allowed(session, [viewing], town.now).get(viewing))


def test_it_ends_by_itself(town: Town, owner: int) -> None:
    incident, viewing = consented(town, owner)
    town.clock.advance(599)
    assert allowed(town, viewing)
    town.clock.advance(2)
    assert not allowed(town, viewing)
    assert look(town, incident) == ["camera_home"]


def test_it_is_withdrawn_by_a_key_and_only_once(town: Town, owner: int) -> None:
    incident, viewing = consented(town, owner)
    held = town.get("ana", f"/api/incidents/{incident}/consents")["consent"]["id"]
    path = f"/api/incidents/{incident}/consents/{held}/withdraw"
    town.send("bruno", path, {}, 409)
    town.clock.advance(1)
    town.send("ana", path, {}, 204)
    assert not allowed(town, viewing)
    assert town.send("ana", path, {}, 409)["params"]["reason"] == "over"
    assert town.sentences("consent.withdrawn") == [
        "Consentement de Mme Vidal retiré : le domicile n’est plus regardé"
    ]


def test_it_ends_with_its_dossier_and_serves_no_other(town: Town, owner: int) -> None:
    incident, viewing = consented(town, owner)
    other = town.alarm("villa", "16", group="other")
    assert look(town, other) == ["camera_home"], "another dossier of the same site"
    town.change(Incident, incident, closed_at=town.now, state="closed")
    assert not allowed(town, viewing)


def test_nobody_consents_under_duress(town: Town, owner: int) -> None:
    incident, viewing = consented(town, owner)
    town.change(Incident, incident, duress=True)
    assert not allowed(town, viewing)
    assert ask(town, incident, status=409)["params"]["reason"] == "duress"
    assert town.get("ana", f"/api/incidents/{incident}/consents")["may"] is None


def test_it_is_bounded_and_for_homes(town: Town, owner: int) -> None:
    incident = town.alarm("villa", taken_by="ana")
    ask(town, incident, 31, 422)
    ask(town, incident, 0, 422)
    elsewhere = town.alarm("quai", taken_by="ana")
    assert ask(town, elsewhere, status=409)["params"]["reason"] == "no_home"
    town.send("controle", f"/api/incidents/{incident}/consents", {"minutes": 5}, 403)
