"""A dossier through the real desk: opened by the watch, taken, handled, deferred, closed over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from json import dumps
from typing import Any

import pytest
from sqlalchemy import text

from tests.features.incidents.conftest import OPENING, POINT
from tests.web.serving import Browser, Desk, serve
from veilleur.db.engine import open_database
from veilleur.desk.dossier import compose
from veilleur.features.incidents import commands as c
from veilleur.features.incidents.model import Opening, PointRef, SignalRef
from veilleur.features.sites.tables import Centre, Instruction, OnTest, Site
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Perimeter, Reader
from veilleur.logbook.act import Act, Actor


@pytest.fixture
def desk(database: Any, clock: ManualClock) -> Iterator[Desk]:
    opened = open_database(database.app_dsn)
    with serve(opened, clock, database.app_dsn) as running:
        yield running
    opened.close()


@pytest.fixture
def site_id(desk: Desk) -> int:
    with desk.room.database.write() as session:
        act = desk.room.act(session)
        entry_id = act.record("test.site")
        if session.get(Centre, 1) is None:
            session.add(
                Centre(
                    id=1, name="Station Essai", call_back="+33 1 99 00 00 01", settings={}, entry_id=entry_id
                )
            )
        site = Site(
            reference="S-0001",
            name="Entrepôt du Port",
            sort_key="entrepot",
            services=["intervention"],
            connection="suspended",
            codes=[],
            schedule=[],
            area_groups={},
            search="",
            commune="99001",
            entry_id=entry_id,
        )
        session.add(site)
        session.flush()
        until = desk.room.clock.now() + timedelta(hours=1)
        session.add(
            Instruction(
                site_id=site.id,
                kind="temporary",
                text="Livraison de nuit",
                schedule=[{"days": [2], "from": "02:00", "to": "03:00"}],
                asked_by="la gérante",
                entry_id=entry_id,
            )
        )
        session.add(
            OnTest(
                site_id=site.id,
                scope={"zones": ["99"]},
                asked_by="Technicien",
                word_result="right",
                started_at=desk.room.clock.now() - timedelta(hours=1),
                until=until,
                results=[],
                entry_id=entry_id,
            )
        )
        return site.id


def opened(desk: Desk, site_id: int, **changes: Any) -> int:
    with desk.room.database.write() as session:
        act = Act(session, desk.room.clock.now(), Actor("watch", name="watch"))
        opening = replace(Opening(site_id=site_id, **OPENING), **changes)
        return c.open_incident(act, opening, SignalRef(1, 0, act.now, "opened"), POINT)


@pytest.fixture
def ana(desk: Desk) -> Browser:
    desk.room.user("ana")
    browser = desk.browser("ana")
    assert browser.post(f"/api/posts/{desk.room.post()}/take").status_code == 204
    return browser


def test_a_dossier_from_its_opening_to_its_closing(desk: Desk, site_id: int, ana: Browser) -> None:
    incident_id = opened(desk, site_id)
    path = f"/api/incidents/{incident_id}"
    assert ana.get(path).json()["row"]["abilities"] == ["take", "note", "deferral-done"]
    taken = ana.post(f"{path}/take")
    assert taken.status_code == 200
    assert taken.json()["owner"]["name"] == "Ana"
    until = (desk.room.clock.now() + timedelta(hours=8)).isoformat()
    while current := [
        step
        for step in ana.get(path).json()["steps"]
        if step["state"] == "current" and step["act"] != "return_to_normal"
    ]:
        for step in current:
            answer = ana.post(f"{path}/steps/{step['key']}/skip", {"motif": "no_object"})
            assert answer.status_code == 200
    refused = ana.post(f"{path}/close", {"outcome": "real_damage"})
    assert (refused.status_code, refused.json()["code"]) == (409, "incident_closing_blocked")
    assert [each["code"] for each in refused.json()["params"]["blockers"]] == ["points_open"]
    assert (
        ana.post(f"{path}/deferrals", {"what": "vitre", "who": "vitrier", "until": until}).status_code == 200
    )
    assert ana.get("/api/deferrals").json()[0]["who"] == "vitrier"
    closed = ana.post(f"{path}/close", {"outcome": "real_damage", "note": "vitre brisée"})
    assert (closed.json()["state"], closed.json()["outcome"]) == ("closed", "real_damage")
    whole = ana.get(path).json()
    kinds = [line["kind"] for line in whole["entries"]]
    assert kinds[:2] == ["incident.opened", "incident.taken"]
    assert kinds[-2:] == ["deferral.added", "incident.closed"]
    assert [row["id"] for row in ana.get("/api/incidents?state=closed").json()] == [incident_id]


def test_the_dossier_says_what_the_operator_must_know(desk: Desk, site_id: int, ana: Browser) -> None:
    """The consigne knows the hour (need 5); contract, test and duress are told over the dossier."""
    incident_id = opened(desk, site_id, duress=True, needs_operator=False)
    whole = ana.get(f"/api/incidents/{incident_id}").json()
    assert [(each["kind"], each["tone"]) for each in whole["banners"]] == [
        ("duress", "alarm"),
        ("on_test", "warn"),
        ("connection", "warn"),
        ("silent", "plain"),
    ]
    (consigne,) = whole["instructions"]
    assert consigne["applies"] is False
    assert consigne["why"] == {
        "code": "instruction.hours",
        "params": {"days": ["2"], "from": "02:00", "to": "03:00", "today": "1", "hour": "03:14"},
    }
    assert whole["site"]["call_back"] == "+33 1 99 00 00 01"
    assert whole["procedure"]["source"] == "built_in"
    assert whole["colleagues"] == []
    assert all(each["locked"] for each in whole["closing"]["outcomes"] if each["group"] == "unjustified")


def test_a_colleague_at_his_post_may_be_offered_a_dossier(desk: Desk, site_id: int, ana: Browser) -> None:
    bruno_id = desk.room.user("bruno")
    bruno = desk.browser("bruno")
    bruno.post(f"/api/posts/{desk.room.post('Poste 2')}/take")
    path = f"/api/incidents/{opened(desk, site_id)}"
    ana.post(f"{path}/take")
    assert ana.get(path).json()["colleagues"] == [{"id": bruno_id, "name": "Bruno", "post": "Poste 2"}]
    assert bruno.post(f"{path}/take").json()["params"]["owner"]["name"] == "Ana"
    assert ana.post(f"{path}/hand-over", {"user_id": bruno_id}).json()["state"] == "transferred"
    assert bruno.post(f"{path}/accept").json()["owner"]["name"] == "Bruno"


def test_the_chef_alone_takes_what_was_handed_up(desk: Desk, site_id: int, ana: Browser) -> None:
    path = f"/api/incidents/{opened(desk, site_id)}"
    ana.post(f"{path}/take")
    assert ana.post(f"{path}/hand-up", {"reason": "violence"}).json()["state"] == "handed_up"
    refused = ana.post(f"{path}/take")
    assert (refused.status_code, refused.json()["code"]) == (403, "incident_handed_up")
    desk.room.user("chef", "lead")
    chef = desk.browser("chef")
    chef.post(f"/api/posts/{desk.room.post('Poste 3')}/take")
    assert chef.post(f"{path}/take").json()["state"] == "taken"


def test_outside_the_perimeter_a_dossier_does_not_exist(desk: Desk, site_id: int) -> None:
    incident_id = opened(desk, site_id)
    stranger = Reader(1, "X", frozenset({"operator"}), Perimeter(communes=frozenset({"99002"})), 1)
    with desk.room.database.read() as session, pytest.raises(NotFoundError):
        compose(session, incident_id, stranger, desk.room.clock.now())


def test_drafts_are_kept_for_their_writer(desk: Desk, ana: Browser) -> None:
    """U6: nothing typed is lost; the first key's time stands."""
    assert ana.send("PUT", "/api/drafts/incident:7", {"text": "Deux", "age_ms": 3_000}).status_code == 204
    desk.room.clock.advance(5)
    ana.send("PUT", "/api/drafts/incident:7", {"text": "Deux personnes", "age_ms": 0})
    kept = ana.get("/api/drafts/incident:7").json()
    assert kept["text"] == "Deux personnes"
    assert kept["first_key_at"] == "2026-11-23T02:14:04Z"
    desk.room.user("bruno")
    assert desk.browser("bruno").get("/api/drafts").json() == []
    assert ana.send("DELETE", "/api/drafts/incident:7").status_code == 204
    assert ana.get("/api/drafts/incident:7").status_code == 404
    for field in ("incident:7:step_contact_1", "incident:7:finding_3", "site:3:instruction"):
        assert ana.send("PUT", f"/api/drafts/{field}", {"text": "x"}).status_code == 204
    assert len(ana.get("/api/drafts").json()) == 3
    for wrong in ("elsewhere", "incident:7:step%20un", "incident:x"):
        assert ana.send("PUT", f"/api/drafts/{wrong}", {"text": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("key", "code"), [("line:1", "all_paths_lost"), ("path:1", "path_lost")], ids=["every path", "one of two"]
)
def test_the_loss_of_the_last_path_is_told_as_that_of_all(
    desk: Desk, site_id: int, ana: Browser, key: str, code: str
) -> None:
    """The frame tells one path; what the dossier is about is what the watch judged."""
    event = {"category": "path", "code": "path_lost", "qualifier": "new", "text": "ip", "extended": {}}
    now = desk.room.clock.now()
    with desk.room.database.write() as session:
        session.execute(
            text(
                "INSERT INTO signal (id, batch_id, received_at, line, transport, peer, protocol, token, raw, verdict,"
                " events, encrypted, site_id) OVERRIDING SYSTEM VALUE VALUES (1, 1, :at, 'centre', 'internal', '',"
                " 'internal', 'PATH_LOST', '', 'accepted', cast(:events AS jsonb), false, :site)"
            ),
            {"at": now, "events": dumps([event]), "site": site_id},
        )
        act = Act(session, now, Actor("watch", name="watch"))
        opening = Opening(site_id=site_id, **{**OPENING, "category": "path", "procedure_event": "path"})
        point = PointRef(key, "#line:1001", "path", None, None)
        incident_id = c.open_incident(act, opening, SignalRef(1, 0, now, "opened"), point)
    (line,) = ana.get(f"/api/incidents/{incident_id}").json()["signals"]
    assert (line["event"]["code"], line["role"]) == (code, "opened")
