"""The main courante over HTTP: rights, search, free entry, correction, proof."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.web.conftest import desk  # noqa: F401  # a fixture
from tests.web.serving import Desk
from veilleur.features.people.sessions import ANSWERS_KEPT
from veilleur.locale.render import render_entry
from veilleur.logbook import verifier
from veilleur.logbook.commands import MAX_AGE
from veilleur.logbook.keys import open_log_key
from veilleur.logbook.sealer import seal_once


def test_a_free_entry_is_read_found_corrected_and_proven(desk: Desk, tmp_path: Path) -> None:  # noqa: F811
    desk.room.user("anna")
    anna = desk.browser("anna")
    written = anna.post("/api/logbook", {"text": "L’écluse est fermée", "age_ms": 1_500})
    assert written.status_code == 200, written.text
    line = written.json()
    assert (line["kind"], line["params"], line["actor_name"]) == (
        "log.entry",
        {"text": "L’écluse est fermée"},
        "Anna",
    )
    assert line["position"] is None
    proof = anna.get(f"/api/logbook/{line['id']}/proof")
    assert (proof.status_code, proof.json()["code"]) == (409, "not_sealed")
    corrected = anna.post(f"/api/logbook/{line['id']}/correct", {"text": "elle est ouverte"}).json()
    assert corrected["corrects"] == line["id"]
    key = open_log_key(tmp_path / "log.key")
    seal_once(desk.dsn, desk.room.clock, key)
    found = anna.get("/api/logbook", params={"q": "ECLUSE ferm"}).json()
    assert [each["id"] for each in found["lines"]] == [line["id"]]
    assert found["before"] is None
    assert found["lines"][0]["position"] is not None
    assert (
        anna.get("/api/logbook", params={"q": "ouvert", "kind": "entry"}).json()["lines"][0]["id"]
        == corrected["id"]
    )
    path = tmp_path / "preuve.json"
    path.write_text(anna.get(f"/api/logbook/{line['id']}/proof").text, "utf-8")  # saved as it is
    assert verifier.run(path, [], [key.vkey])[0] == 0


def test_repeating_a_command_writes_one_entry(desk: Desk) -> None:  # noqa: F811
    desk.room.user("anna")
    anna = desk.browser("anna")
    body = {"text": "une fois", "age_ms": 0}
    first = anna.post("/api/logbook", body, key="cle-unique-1")
    again = anna.post("/api/logbook", body, key="cle-unique-1")
    assert first.json()["id"] == again.json()["id"]


def test_an_entry_that_waited_offline_is_entered_once_and_says_so(desk: Desk) -> None:  # noqa: F811
    """U15: each try of one entry is older than the last; the first that was stored stands."""
    desk.room.user("anna")
    anna = desk.browser("anna")
    said = {"text": "Coupure du réseau, ronde faite", "incident_id": None}
    pressed = desk.room.clock.now()
    first = anna.post("/api/logbook", {**said, "age_ms": 0}, key="attente-1")  # its answer is lost
    desk.room.clock.advance(1200)
    again = anna.post("/api/logbook", {**said, "age_ms": 1_200_000, "offline": True}, key="attente-1")
    assert again.json()["id"] == first.json()["id"]
    assert datetime.fromisoformat(again.json()["happened_at"]) == pressed
    other = anna.post("/api/logbook", {"text": "Autre", "incident_id": None, "age_ms": 5}, key="attente-1")
    assert other.json()["code"] == "command_id_reused"
    waited = anna.post("/api/logbook", {**said, "age_ms": 1_200_000, "offline": True}, key="attente-2").json()
    assert waited["params"] == {"text": said["text"], "captured": "offline"}
    assert datetime.fromisoformat(waited["happened_at"]) == pressed
    assert waited["late"] is True
    assert render_entry("fr", "log.entry", 1, waited).endswith("ronde faite – saisie hors connexion")


def test_an_offline_entry_waits_longer_than_its_answer_is_forgotten() -> None:
    assert ANSWERS_KEPT > MAX_AGE


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"text": " ", "age_ms": 0}, "log_text"),
        ({"text": "x" * 4_050, "age_ms": 0}, "log_text"),
        ({"text": "x", "age_ms": 10**9}, "log_age"),
        ({"text": "x", "age_ms": 10**18}, "log_age"),
        ({"text": "x", "age_ms": -1}, "invalid"),
        ({"text": "x"}, "invalid"),
        ({"text": "x", "age_ms": 0, "incident_id": 4242}, "not_found"),
    ],
)
def test_what_is_refused(desk: Desk, body: dict[str, object], code: str) -> None:  # noqa: F811
    desk.room.user("anna")
    assert desk.browser("anna").post("/api/logbook", body).json()["code"] == code


def test_no_such_entry(desk: Desk) -> None:  # noqa: F811
    desk.room.user("anna")
    anna = desk.browser("anna")
    assert anna.get("/api/logbook/4242/proof").json() == {"code": "log_entry_gone", "params": {"entry": 4242}}
    assert anna.post("/api/logbook/4242/correct", {"text": "x"}).status_code == 404


def test_the_auditor_reads_and_writes_nothing(desk: Desk) -> None:  # noqa: F811
    desk.room.user("odile", "auditor", card=False)
    odile = desk.browser("odile")
    assert odile.get("/api/logbook").status_code == 200
    assert odile.post("/api/logbook", {"text": "x", "age_ms": 0}).status_code == 403
    assert odile.post("/api/logbook/1/correct", {"text": "x"}).status_code == 403


def test_the_administrator_of_machines_does_not_read_what_happens_on_sites(desk: Desk) -> None:  # noqa: F811
    desk.room.user("rene", "administrator", card=False)
    assert desk.browser("rene").get("/api/logbook").status_code == 403


def test_a_hostile_search_is_only_a_search(desk: Desk) -> None:  # noqa: F811
    desk.room.user("anna")
    anna = desk.browser("anna")
    for words in ("'", "a' | 'b", ":*&!", "\\", "%", "x" * 200):
        assert anna.get("/api/logbook", params={"q": words}).status_code == 200, words
    anna.post("/api/logbook", {"text": "RAS", "age_ms": 0})
    for signs in ("%", "((", "🔥"):
        assert anna.get("/api/logbook", params={"q": signs}).json()["lines"] == []
    assert anna.get("/api/logbook", params={"q": "x" * 201}).status_code == 422
    assert anna.get("/api/logbook", params={"from": "2026-11-23T02:00:00"}).status_code == 422
