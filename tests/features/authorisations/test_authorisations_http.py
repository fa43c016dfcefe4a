"""Authorisations over HTTP: who knows them, what an arrêté may say, a renewal that brings its cameras back, an early end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.features.cameras.conftest import camera, desk, person, town, world
from tests.web.serving import Browser
from veilleur.features.authorisations.commands import years_after
from veilleur.features.cameras.authorisations import watch_authorisations
from veilleur.features.cameras.tables import Authorisation, CameraFault
from veilleur.features.incidents.tables import Incident
from veilleur.features.people.commands import set_perimeter
from veilleur.locale.render import render_entry

__all__ = ["desk", "town", "world"]

ENDS = date(2028, 12, 18)


@pytest.fixture
def lead(desk) -> Browser:
    return person(desk, "camille", "lead", post=False)


def lines(browser: Browser) -> list[dict[str, Any]]:
    answer = browser.get("/api/authorisations")
    assert answer.status_code == 200, answer.text
    return answer.json()


def asked(town, **more: Any) -> dict[str, Any]:
    today = town.clock.now().date()
    return {
        "reference": "A-2", "system": "Gare", "number": "2026-9", "authority": "Préfet de l’Essai",
        "expires_on": (today + timedelta(days=500)).isoformat(), "purposes": ["traffic", "assaults_thefts"],
        "retention_days": 20, "commune": "99001",
    } | more  # fmt: skip


def test_the_first_to_end_comes_first_with_its_cameras(town, lead) -> None:
    assert lead.post("/api/authorisations", asked(town)).status_code == 201
    first, second = lines(lead)
    assert (second["reference"], second["stage"], second["retention_days"]) == ("A-1", "running", 15)
    assert [each["name"] for each in second["cameras"]] == ["Place Carnot"]
    assert (first["reference"], first["purposes"], first["cameras"]) == (
        "A-2",
        ["traffic", "assaults_thefts"],
        [],
    )
    said = town.last("authorisation.made")
    assert (said["number"], said["system"]) == ("2026-9", "Gare")
    assert "Gare (A-2), Préfet de l’Essai" in render_entry("fr", "authorisation.made", 1, {"params": said})
    again = lead.post("/api/authorisations", asked(town))
    assert (again.status_code, again.json()["code"]) == (409, "authorisation_known")


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"purposes": ["curiosity"]}, "purposes"),
        ({"purposes": []}, "purposes"),
        ({"granted_on": "2031-01-01", "expires_on": "2030-01-01"}, "ends_before_it_begins"),
        ({"expires_on": "2020-01-01"}, "over_already"),
        ({"granted_on": "2026-01-01", "expires_on": "2031-01-02"}, "five_years"),
        ({"expires_on": "2099-01-01"}, "five_years"),
        ({"min_retention_days": 21}, "minimum_over_maximum"),
    ],
)
def test_what_no_prefet_grants(town, lead, more: dict[str, Any], rule: str) -> None:
    before = town.entries()
    answer = lead.post("/api/authorisations", asked(town, **more))
    assert (answer.status_code, answer.json()["code"]) == (422, "authorisation_rule")
    assert answer.json()["params"]["rule"] == rule
    assert town.entries() == before
    assert len(town.rows(Authorisation)) == 1


def test_a_form_that_is_none_is_refused(town, lead) -> None:
    for more in (
        {"number": "  "},
        {"retention_days": 31},
        {"reference": "#"},
        {"secret": 1},
    ):
        assert lead.post("/api/authorisations", asked(town, **more)).status_code == 422
    assert len(town.rows(Authorisation)) == 1


def test_a_renewal_brings_its_cameras_back_and_caps_their_keeping(town, lead) -> None:
    town.clock.current = datetime.combine(ENDS + timedelta(days=1), town.clock.now().timetz())
    with town.acting() as act:
        watch_authorisations(act)
    assert camera(town).suspended_reason == "unauthorised"
    lead = Browser(lead.http)
    assert lead.login("camille").status_code == 200
    (line,) = lines(lead)
    assert line["stage"] == "ended"
    path = f"/api/authorisations/{line['id']}/renew"
    late = lead.post(path, {"number": "2028-7", "granted_on": "2028-12-19", "expires_on": "2033-12-20"})
    assert late.json()["params"]["rule"] == "five_years"
    body = {"number": "2028-7", "granted_on": "2028-12-19", "expires_on": "2033-12-19", "retention_days": 10}
    assert lead.post(path, body).status_code == 204
    (line,) = lines(lead)
    assert (line["number"], line["stage"], line["retention_days"]) == ("2028-7", "running", 10)
    assert camera(town).suspended_at is None
    (view,) = [each for each in lead.get("/api/cameras").json() if each["reference"] == "VP-1"]
    assert (view["retention_days"], view["authorisation"]["number"]) == (10, "2028-7")


def test_withdrawn_its_cameras_stop_at_once_and_no_dossier_asks_for_it(town, lead) -> None:
    (line,) = lines(lead)
    path = f"/api/authorisations/{line['id']}/withdraw"
    assert lead.post(path, {"reason": " "}).status_code == 422
    assert lead.post(path, {"reason": "retrait par le préfet"}).status_code == 204
    assert camera(town).suspended_reason == "unauthorised"
    assert [fault.kind for fault in town.rows(CameraFault)] == ["unauthorised"]
    assert [row.headline["code"] for row in town.rows(Incident)] == ["camera_unauthorised"]
    said = render_entry("fr", "authorisation.withdrawn", 1, {"params": town.last("authorisation.withdrawn")})
    assert "close avant sa fin" in said
    assert "retrait par le préfet" in said
    again = lead.post(path, {"reason": "encore"})
    assert (again.status_code, again.json()["code"]) == (409, "authorisation_over")


def test_outside_the_perimeter_they_do_not_exist(town, desk) -> None:
    user = desk.room.user("anne", "lead", activities=["video"])
    with desk.room.database.write() as session:
        set_perimeter(desk.room.act(session), user, {"communes": ["99002"]})
    browser = desk.browser("anne")
    assert lines(browser) == []
    known = town.rows(Authorisation)[0].id
    body = {"number": "1", "expires_on": "2027-01-01"}
    assert browser.post(f"/api/authorisations/{known}/renew", body).status_code == 404
    assert browser.post(f"/api/authorisations/{known}/withdraw", {"reason": "x"}).status_code == 404
    assert browser.post("/api/authorisations", asked(town)).status_code == 404
    assert browser.post("/api/authorisations", asked(town, commune="99002")).status_code == 201


def test_an_operator_keeps_none(town, desk) -> None:
    browser = person(desk, "octave", "operator")
    assert browser.get("/api/authorisations").status_code == 403
    auditor = person(desk, "aude", "auditor", post=False)
    assert len(lines(auditor)) == 1
    assert auditor.post("/api/authorisations", asked(town)).status_code == 403


def test_years_after_a_leap_day() -> None:
    assert years_after(date(2028, 2, 29), 5) == date(2033, 2, 28)
    assert years_after(date(2026, 11, 29), 5) == date(2031, 11, 29)
