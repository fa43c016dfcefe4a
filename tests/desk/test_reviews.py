"""«À relire»: what was done by exception waits for the chef, is marked once, and may be taken back (S19, V1, P4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.desk import test_dossier_http as dossiers
from tests.web.serving import Browser, Desk
from veilleur.features.people import commands as people
from veilleur.features.people.queries import titles_of, user_by_login

desk, site_id, ana = dossiers.desk, dossiers.site_id, dossiers.ana

CONTACT = {"name": "Voisine", "phone": "+33 6 39 98 00 42", "motif": "la gérante, jointe hors registre"}


@pytest.fixture
def chef(desk: Desk) -> Browser:
    desk.room.user("chef", "lead")
    return desk.browser("chef")


def skipped(desk: Desk, site_id: int, ana: Browser) -> tuple[int, str]:
    """A dossier with one step skipped that waits for its review: its id and the step's key."""
    incident_id = dossiers.opened(desk, site_id)
    path = f"/api/incidents/{incident_id}"
    assert ana.post(f"{path}/take").status_code == 200
    step = next(each for each in ana.get(path).json()["steps"] if each["state"] == "current")
    assert ana.post(f"{path}/steps/{step['key']}/skip", {"motif": "impossible"}).status_code == 200
    return incident_id, step["key"]


def skip_all(ana: Browser, path: str) -> None:
    """Every step of the procedure, but the return to normal."""
    while current := [
        step
        for step in ana.get(path).json()["steps"]
        if step["state"] == "current" and step["act"] != "return_to_normal"
    ]:
        for step in current:
            assert ana.post(f"{path}/steps/{step['key']}/skip", {"motif": "no_object"}).status_code == 200


def the_list(browser: Browser) -> dict[str, Any]:
    answer = browser.get("/api/reviews")
    assert answer.status_code == 200
    return answer.json()


def kinds(desk: Desk, browser: Browser) -> list[str]:
    desk.seal()
    return [line["kind"] for line in browser.get("/api/logbook").json()["lines"]]


def test_a_skipped_step_is_listed_marked_and_taken_back(
    desk: Desk, site_id: int, ana: Browser, chef: Browser
) -> None:
    assert the_list(chef) == {"count": 0, "oldest": None, "pending": [], "done": []}
    incident_id, _ = skipped(desk, site_id, ana)
    desk.room.clock.advance(900)
    (item,) = the_list(chef)["pending"]
    assert (item["kind"], item["by"], item["motif"], item["own"]) == ("step", "Ana", "impossible", False)
    assert (item["incident"]["id"], item["site"]["name"]) == (incident_id, "Entrepôt du Port")
    assert the_list(chef)["oldest"] == item["at"]
    route = f"/api/reviews/step/{item['id']}"
    assert chef.post(f"{route}/done", {"note": "images en panne, signalé"}).status_code == 204
    again = chef.post(f"{route}/done")
    assert (again.status_code, again.json()["code"]) == (409, "step_state")
    after = the_list(chef)
    assert (after["count"], [done["id"] for done in after["done"]]) == (0, [item["id"]])
    assert kinds(desk, chef)[0] == "step.reviewed"
    assert chef.post(f"{route}/undone").status_code == 204
    assert kinds(desk, chef)[0] == "step.review_undone"
    assert [waiting["id"] for waiting in the_list(chef)["pending"]] == [item["id"]]


def test_a_closing_that_nothing_verified_is_justified_and_reviewed(
    desk: Desk, site_id: int, ana: Browser, chef: Browser
) -> None:
    """P4: never locked. The route says what to write; what was written is what the chef reads."""
    incident_id = dossiers.opened(desk, site_id)
    path = f"/api/incidents/{incident_id}"
    assert ana.post(f"{path}/take").status_code == 200
    skip_all(ana, path)
    until = (desk.room.clock.now() + timedelta(hours=8)).isoformat()
    left = ana.post(f"{path}/deferrals", {"what": "porte à voir", "who": "gérante", "until": until})
    assert left.status_code == 200
    refused = ana.post(f"{path}/close", {"outcome": "unjustified_user"})
    assert (refused.status_code, refused.json()["code"]) == (409, "closing_to_justify")
    causes = {each["key"]: each["justify"] for each in ana.get(path).json()["closing"]["outcomes"]}
    assert causes["unjustified_user"] == {"code": "outcome.justify", "params": {}}
    assert causes["real_intrusion"] is None
    closed = ana.post(f"{path}/close", {"outcome": "unjustified_user", "note": "livreur attendu"})
    assert closed.status_code == 200, closed.text
    (item,) = [each for each in the_list(chef)["pending"] if each["kind"] == "closing"]
    assert (item["what"], item["what_list"], item["motif"]) == (
        "unjustified_user",
        "outcome",
        "livreur attendu",
    )
    assert (item["incident"]["id"], item["by"], item["own"]) == (incident_id, "Ana", False)
    route = f"/api/reviews/closing/{incident_id}"
    assert chef.post(f"{route}/done", {"note": "vu"}).status_code == 204
    assert chef.post(f"{route}/done").json()["code"] == "incident_state"
    assert kinds(desk, chef)[0] == "incident.closing_reviewed"
    assert chef.post(f"{route}/undone").status_code == 204
    assert incident_id in [each["id"] for each in the_list(chef)["pending"] if each["kind"] == "closing"]
    assert chef.post("/api/reviews/closing/999999/done").status_code == 404


def test_what_was_read_leaves_the_list_after_a_day(
    desk: Desk, site_id: int, ana: Browser, chef: Browser
) -> None:
    skipped(desk, site_id, ana)
    (item,) = the_list(chef)["pending"]
    assert chef.post(f"/api/reviews/step/{item['id']}/done").status_code == 204
    desk.room.clock.advance(25 * 3600)
    chef = desk.browser("chef")
    assert the_list(chef)["done"] == []


def test_a_call_without_proof_a_night_contact_and_a_corrected_title(
    desk: Desk, site_id: int, ana: Browser, chef: Browser
) -> None:
    incident_id = dossiers.opened(desk, site_id)
    path = f"/api/incidents/{incident_id}"
    assert ana.post(f"{path}/take").status_code == 200
    called = ana.post(
        f"{path}/service-calls", {"service": "police", "door": "goods", "motif": "subscriber_demand"}
    )
    assert called.status_code == 200, called.text
    desk.room.clock.advance(60)
    added = ana.post(f"/api/sites/{site_id}/contacts", CONTACT)
    assert added.status_code == 201, added.text
    desk.room.clock.advance(60)
    with desk.room.database.write() as session:
        user = user_by_login(session, "ana")
        assert user is not None
        people.correct_title(
            desk.room.act(session),
            titles_of(session, user.id)[0].id,
            number="CAR-ana",
            issued_on=None,
            expires_on=date(2031, 1, 1),
            activities=["remote_monitoring"],
            proof="carte vue au poste",
        )
    items = the_list(chef)["pending"]
    assert [(item["kind"], item["what"], item["motif"]) for item in items] == [
        ("service_call", "police", "subscriber_demand"),
        ("contact", "Voisine", "la gérante, jointe hors registre"),
        ("title", "Ana, n° CAR-ana", "carte vue au poste"),
    ]
    for item in items:
        route = f"/api/reviews/{item['kind']}/{item['id']}"
        assert chef.post(f"{route}/done").status_code == 204, item
        assert chef.post(f"{route}/undone").status_code == 204, item
        assert chef.post(f"{route}/done").status_code == 204, item
    assert the_list(chef)["count"] == 0
    assert {"service_call.reviewed", "contact.reviewed", "title.reviewed"} <= set(kinds(desk, chef))


def test_an_administrator_reads_all_and_marks_titles_only(desk: Desk, site_id: int, ana: Browser) -> None:
    skipped(desk, site_id, ana)
    desk.room.user("adm", "administrator", card=False)
    browser = desk.browser("adm")
    (item,) = the_list(browser)["pending"]
    assert item["may_mark"] is False
    refused = browser.post(f"/api/reviews/step/{item['id']}/done")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_outside_the_perimeter_nothing_is_listed_nor_marked(
    desk: Desk, site_id: int, ana: Browser, chef: Browser
) -> None:
    skipped(desk, site_id, ana)
    (item,) = the_list(chef)["pending"]
    with desk.room.database.write() as session:
        user = user_by_login(session, "chef")
        assert user is not None
        people.set_perimeter(desk.room.act(session), user.id, {"communes": ["99777"]})
    assert the_list(chef)["count"] == 0
    assert chef.post(f"/api/reviews/step/{item['id']}/done").status_code == 404


def test_ones_own_act_is_reviewed_but_the_entry_says_so(desk: Desk, site_id: int) -> None:
    desk.room.user("chef", "lead")
    alone = desk.browser("chef")
    assert alone.post(f"/api/posts/{desk.room.post()}/take").status_code == 204
    skipped(desk, site_id, alone)
    (item,) = the_list(alone)["pending"]
    assert item["own"] is True
    assert alone.post(f"/api/reviews/step/{item['id']}/done").status_code == 204
    desk.seal()
    line = alone.get("/api/logbook").json()["lines"][0]
    assert line["params"]["own"] == "own"
