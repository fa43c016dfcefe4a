"""The routes of sites in a real desk: the file without secrets, night changes, on-test with its second person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.features.people.conftest import PASSWORD
from tests.features.sites.test_night import call
from tests.web.serving import Browser, Desk, serve
from veilleur.features.sites import commands
from veilleur.features.sites.files import read_site_file
from veilleur.features.sites.tables import Contact, OnTest
from veilleur.kernel.ports import Reader
from veilleur.kernel.sealing import KeyRing

SITE = """
centre: {name: Station d'essai, call_back: "+33 1 99 00 00 99"}
customers: [{reference: C-1, name: Commune}, {reference: C-2, name: Autre}]
brands: [{reference: B-1, name: Chaussures, contacts: [{name: Direction, phone: "+33 6 39 98 00 10", code_word: semelle}],
          instructions: [{text: Appeler la direction, kind: permanent}]}]
responders: [{reference: R-1, name: Rondes, phone: "+33 1 99 00 00 20"}]
directory:
  - {commune: "99001", town: V, service: police, name: Commissariat, number: "+33 1 99 00 00 17"}
  - {commune: "99001", town: V, service: gendarmerie, name: Brigade, number: "+33 1 99 00 00 16"}
procedures: [{event: intrusion, steps: [{key: a, act: call_site}]}]
sites:
  - reference: S-1
    name: École du Lac
    customer: C-1
    brand: B-1
    police_zone: gendarmerie
    address: {street: 1 rue du Test, postcode: "99001", town: V}
    phone: "+33 1 99 00 00 01"
    areas: [{number: 1, name: Classes}]
    schedule: [{days: [1, 2, 3, 4, 5, 6, 7], from: "19:30", to: "09:00"}]
    panels:
      - {account: "22", line: R1, key: "0123456789abcdef", zones: [{number: "001", area: 1, name: Porte}],
         paths: [{name: ip, interval: 90}]}
    contacts:
      - {name: Directrice, phone: "+33 6 39 98 00 01", code_word: lilas, duress_word: orage,
         availability: [{days: [2], from: "08:00", to: "18:00"}]}
    instructions:
      - {text: Livraison, schedule: [{days: [2], from: "02:00", to: "03:00"}], asked_by: Directrice}
      - {text: Passée, kind: temporary, until: 2026-01-01}
    procedures: [{event: intrusion, steps: [{key: a, act: call_site}]}]
    responders: [{responder: R-1, keys: "118", minutes: 25}]
  - {reference: S-2, name: Ailleurs, customer: C-2, commune: "99002"}
"""


@pytest.fixture
def desk(world) -> Iterator[Desk]:
    world.taken(SITE)
    with serve(
        world.database, world.clock, world.database.dsn, provide={KeyRing: world.keys.contacts}
    ) as running:
        yield running


def seated(desk: Desk, login: str, *roles: str, post: str) -> Browser:
    desk.room.user(login, *roles)
    post_id = desk.room.post(post)
    browser = desk.browser(login)
    assert browser.post(f"/api/posts/{post_id}/take", {"motif": "surveillance générale"}).status_code == 204
    return browser


@pytest.fixture
def operator(desk: Desk) -> Browser:
    return seated(desk, "anne", "operator", post="Poste 1")


@pytest.fixture
def noon(world) -> None:
    """Broad day, before anybody logs in."""
    world.clock.current = world.clock.current.replace(hour=11)


def site_id(world, reference="S-1") -> int:
    return world.site(reference).id


def test_the_file_says_everything_but_secrets(world, operator):
    answer = operator.get(f"/api/sites/{site_id(world)}")
    assert answer.status_code == 200, answer.text
    said = answer.text
    for secret in ("lilas", "orage", "semelle", "0123456789abcdef", "99000017", "99000016", "***"):
        assert secret not in said
    file = answer.json()
    assert file["site"]["call_back"] == "+33199000099"
    assert file["site"]["competent"] == {"service": "gendarmerie", "name": "Brigade"}
    assert file["missing_services"] == ["fire", "medical"]
    assert file["panels"][0]["encrypted"] is True
    assert file["zones"][0]["number"] == "001"
    assert [(c["name"], c["available"], c["of_brand"]) for c in file["contacts"]] == [
        ("Directrice", False, False),
        ("Direction", True, True),
    ]
    assert file["contacts"][0]["availability"] == {
        "code": "contact.hours",
        "params": {"days": ["2"], "from": "08:00", "to": "18:00"},
    }
    assert [(i["text"], i["applies"]) for i in file["instructions"]] == [
        ("Appeler la direction", True),
        ("Livraison", False),
    ], "an expired one is gone"
    assert file["instructions"][1]["why"]["params"] == {
        "today": "1", "hour": "03:14", "days": ["2"], "from": "02:00", "to": "03:00",
    }  # fmt: skip
    assert file["procedures"] == [{"event": "intrusion", "source": "site"}]
    assert (file["schedule"], file["closed_now"]) == (
        [{"days": [1, 2, 3, 4, 5, 6, 7], "start": "19:30", "end": "09:00"}],
        True,
    ), "03:14 on the site's clock"
    assert file["responders"][0] | {"id": 0} == {
        "id": 0, "name": "Rondes", "firm": None, "rank": 1, "keys": "118", "minutes": 25,
    }  # fmt: skip
    assert file["abilities"] == ["contacts", "instructions", "on-test"]


def test_an_auditor_reads_and_changes_nothing(world, desk):
    desk.room.user("audit", "auditor")
    browser = desk.browser("audit")
    path = f"/api/sites/{site_id(world)}"
    assert browser.get(path).json()["abilities"] == []
    assert (
        browser.post(f"{path}/contacts", {"name": "X", "phone": "0639980011", "motif": "m"}).status_code
        == 403
    )


def test_a_site_outside_the_perimeter_does_not_exist(world, desk, operator):
    from sqlalchemy import text

    customer = world.site("S-2").customer_id
    with world.acting() as act:
        entry = act.record("user.created", {"name": "Anne", "login": "anne", "roles": ["operator"]})
        act.session.execute(
            text("UPDATE user_account SET perimeter = :p, entry_id = :e WHERE login = 'anne'"),
            {"p": json.dumps({"organisations": None, "customers": [customer], "communes": None}), "e": entry},
        )
    assert operator.get(f"/api/sites/{site_id(world)}").status_code == 404
    assert operator.get(f"/api/sites/{site_id(world)}/connection").status_code == 404
    assert operator.get(f"/api/incidents?site={site_id(world)}").json() == []
    assert operator.get(f"/api/logbook?site={site_id(world)}").json()["lines"] == []
    for path in ("contacts", "instructions", "on-test", "on-test/1/end", "instructions/1/end"):
        until = (world.clock.now() + timedelta(hours=1)).isoformat()
        body = {
            "name": "X",
            "phone": "0639980011",
            "motif": "m",
            "text": "x",
            "asked_by": "y",
            "valid_until": until,
        }
        answer = operator.post(f"/api/sites/{site_id(world)}/{path}", {**body, "until": until})
        assert answer.status_code == 404, path
    assert [row["reference"] for row in operator.get("/api/sites?q=ailleurs").json()] == ["S-2"]
    assert operator.get("/api/sites?q=lac").json() == []


def test_a_caller_is_found(world, operator):
    (found,) = operator.get("/api/sites?q=06 39 98 00 01").json()
    assert found == {
        "id": site_id(world), "reference": "S-1", "name": "École du Lac", "town": "V", "customer": "Commune",
        "matched": "phone", "open_incidents": 0, "on_test": False,
    }  # fmt: skip


def test_night_changes_show_in_the_file(world, operator):
    path = f"/api/sites/{site_id(world)}"
    refused = operator.post(f"{path}/contacts", {"name": "Carole", "phone": "06 39 98 00 77"})
    assert (refused.status_code, refused.json()["code"]) == (409, "call_back_needed")
    made = operator.post(
        f"{path}/contacts", {"name": "Carole", "phone": "06 39 98 00 77", "motif": "urgence"}
    )
    assert made.status_code == 201
    bad = operator.post(f"{path}/contacts", {"name": "Carole", "phone": "12", "motif": "urgence"})
    assert (bad.status_code, bad.json()["code"]) == (422, "not_a_phone")
    until = (world.clock.now() + timedelta(hours=4)).isoformat()
    consigne = operator.post(
        f"{path}/instructions",
        {
            "text": "Portail ouvert",
            "asked_by": "Directrice",
            "valid_until": until,
            "schedule": [{"start": "22:00", "end": "06:00"}],
        },
    )
    assert consigne.status_code == 201, consigne.text
    file = operator.get(path).json()
    assert [c["name"] for c in file["contacts"]] == ["Directrice", "Direction", "Carole"]
    assert file["contacts"][2]["provisional_until"] == "2026-11-23T11:00:00Z"
    temporary = next(i for i in file["instructions"] if i["text"] == "Portail ouvert")
    assert (temporary["applies"], temporary["abilities"]) == (True, ["end"])
    assert operator.post(f"{path}/instructions/{temporary['id']}/end", {}).status_code == 204
    assert "Portail" not in operator.get(path).text
    naive = operator.post(
        f"{path}/instructions", {"text": "x", "asked_by": "y", "valid_until": "2026-11-23T10:00:00"}
    )
    assert naive.status_code == 422


def test_the_word_heard_now_opens_a_test_and_a_bad_one_leaves_its_trace(world, noon, operator):
    path = f"/api/sites/{site_id(world)}/on-test"
    until = (world.clock.now() + timedelta(hours=1)).isoformat()
    body = {
        "until": until,
        "asked_by": "Technicien",
        "scope": {"panel": None, "areas": ["01"], "zones": None},
    }
    contact = world.rows(Contact, Contact.name == "Directrice")[0]
    for typed, word in (
        ("rose", "wrong"),
        ("lila", "near"),
    ):  # a duress word: features/handling/test_on_test.py
        answer = operator.post(path, {**body, "typed": typed, "contact_id": contact.id})
        assert (answer.status_code, answer.json()) == (
            403,
            {"code": "word_refused", "params": {"word": word}},
        )
    assert world.entries("on_test.refused") == 2
    assert world.rows(OnTest) == []
    answer = operator.post(path, body)
    assert (answer.status_code, answer.json()["params"]) == (403, {"reason": "no_word"})
    answer = operator.post(path, {**body, "typed": "Le Lilas"})
    assert answer.status_code == 201, answer.text
    test = world.rows(OnTest)[0]
    assert (test.word_result, test.contact_id, test.scope["areas"]) == ("right", contact.id, ["1"])
    file = operator.get(f"/api/sites/{site_id(world)}").json()
    assert file["tests"][0]["abilities"] == ["extend", "end"]
    assert [(p["label"], p["state"]) for p in file["tests"][0]["points"]] == [("Porte", "never_seen")]
    assert operator.get("/api/sites?q=lac").json()[0]["on_test"] is True
    later = (world.clock.now() + timedelta(hours=2)).isoformat()
    extended = operator.post(
        f"{path}/{test.id}/extend", {"until": later, "asked_by": "Technicien", "typed": "lilas"}
    )
    assert extended.status_code == 200, extended.text
    ended = operator.post(f"{path}/{test.id}/end", {})
    assert ended.json()["points"][0]["state"] == "never_seen"
    file = operator.get(f"/api/sites/{site_id(world)}").json()
    assert file["tests"] == []
    assert [(each["id"], each["points"], each["abilities"]) for each in file["ended_tests"]] == [
        (test.id, ended.json()["points"], [])
    ], "its list stays to be read"
    reader, tomorrow = Reader(1, "Anne", frozenset({"operator"})), world.clock.now() + timedelta(days=1)
    with world.database.read() as session:
        assert read_site_file(session, test.site_id, reader, tomorrow).ended_tests != []
        later = tomorrow + timedelta(seconds=1)
        assert read_site_file(session, test.site_id, reader, later).ended_tests == [], "for a day"


def test_a_second_person_agrees_by_his_own_password(world, desk, operator):
    site = world.site()
    desk.room.user("brun", "operator")
    desk.room.user("audit", "auditor")
    with world.acting() as act:
        commands.set_area_state(act, site.id, "1", armed=True, partial=False, at=act.now, by=None)
        call_id = call(act, site)
    path = f"/api/sites/{site.id}/on-test"
    until = (world.clock.now() + timedelta(hours=1)).isoformat()
    body = {"until": until, "asked_by": "Technicien", "call_id": call_id}
    alone = operator.post(path, body)
    assert (alone.status_code, alone.json()["params"]) == (403, {"reason": "armed_at_night"})
    for login, password, reason in (
        ("brun", "mauvais", "bad_login"),
        ("anne", PASSWORD, "same_person"),
        ("audit", PASSWORD, "role"),
    ):
        refused = operator.post(path, {**body, "second": {"login": login, "password": password}})
        assert (refused.status_code, refused.json()) == (
            403,
            {"code": "second_person_refused", "params": {"reason": reason}},
        )
    agreed = operator.post(path, {**body, "second": {"login": "brun", "password": PASSWORD}})
    assert agreed.status_code == 201, agreed.text
    assert world.last("on_test.started")["second"] == "Brun"


def test_a_site_that_never_told_its_state_is_not_said_to_be_armed(world, desk, operator):
    """The night's rule applies to it all the same (P10)."""
    site = world.site()
    with world.acting() as act:
        call_id = call(act, site)
    until = (world.clock.now() + timedelta(hours=1)).isoformat()
    body = {"until": until, "asked_by": "Technicien", "call_id": call_id}
    alone = operator.post(f"/api/sites/{site.id}/on-test", body)
    assert (alone.status_code, alone.json()["params"]) == (403, {"reason": "unknown_at_night"})


def test_the_chef_de_salle_needs_the_call_back_only(world, desk):
    site = world.site()
    lead = seated(desk, "chef", "lead", post="Poste 2")
    with world.acting() as act:
        commands.set_area_state(act, site.id, "1", armed=True, partial=False, at=act.now, by=None)
        call_id = call(act, site)
    until = (world.clock.now() + timedelta(hours=1)).isoformat()
    body = {"until": until, "asked_by": "Technicien"}
    answer = lead.post(f"/api/sites/{site.id}/on-test", {**body, "typed": "lilas"})
    assert (answer.status_code, answer.json()["code"]) == (409, "call_back_needed")
    assert lead.post(f"/api/sites/{site.id}/on-test", {**body, "call_id": call_id}).status_code == 201
