"""An événement in one key, closed in three, found a week later: a dossier like any other (V9, P2, P3, P4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests.features.viewing.town import Town
from veilleur.features.cameras.tables import Camera
from veilleur.features.deadlines.tables import Deadline
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.tables import Incident
from veilleur.watch.joining import candidate


def press(town: Town, who: str = "ana", camera: str = "carnot", **more: Any) -> Any:
    return town.send(who, "/api/events", {"camera": town.cameras[camera], "first_key_age_ms": 4_000, **more})


def test_one_key_opens_a_dossier_held_by_who_pressed_it_begun_at_the_first_key(town: Town) -> None:
    made = press(town)
    row = made["incident"]
    assert (row["family"], row["state"], row["owner"]["name"]) == ("event", "taken", "Ana")
    assert (row["site"]["name"], made["place"], row["headline"]["text"]) == (
        "Ville d’Essai",
        "Place Carnot",
        "Place Carnot",
    )
    assert row["opened_at"] == made["first_key_at"] == town.ago(4).replace("+00:00", "Z")
    assert row["ringing_since"] is None
    assert [each["hotkey"] for each in made["natures"]] == list("1234567890")
    marks = {mark["camera"]["name"]: mark for mark in made["marks"]}
    assert set(marks) == {"Place Carnot nord", "Place Carnot sud", "Gare, presqu’île"}
    assert marks["Place Carnot nord"]["from"] == town.ago(124).replace("+00:00", "Z")
    assert town.sentences("event.opened") == [
        (
            "Événement à Place Carnot, vu sur Place Carnot nord ; repère des 2 min 00 qui précèdent : "
            "Place Carnot nord, Place Carnot sud, Gare, presqu’île"
        )
    ]


def test_it_rings_nobody_and_is_no_part_of_the_figures(town: Town) -> None:
    made = press(town)
    with town.database.read() as session:
        waiting = session.scalars(select(Deadline.kind).where(Deadline.incident_id == made["incident"]["id"]))
        assert list(waiting) == []
    snapshot = town.get("bruno", "/api/snapshot")
    assert [row["id"] for row in snapshot["incidents"]] == [made["incident"]["id"]]
    assert snapshot["gauge"]["count"] == 0
    dossier = town.get("ana", f"/api/incidents/{made['incident']['id']}")
    assert dossier["banners"] == []
    assert dossier["row"]["next"]["label"]["key"] in {"follow", "event_follow"}


def test_back_in_the_queue_it_rings_as_any_dossier(town: Town) -> None:
    made = press(town)["incident"]["id"]
    row = town.send("ana", f"/api/incidents/{made}/release", {"reason": "leaving"})
    assert row["ringing_since"] is not None
    assert town.send("bruno", f"/api/incidents/{made}/take")["owner"]["name"] == "Bruno"


def test_the_operator_switches_cameras_says_what_it_is_and_whom_he_informed(town: Town) -> None:
    made = press(town)["incident"]["id"]
    town.clock.advance(30)
    followed = town.send("ana", f"/api/events/{made}/camera", {"camera": town.cameras["carnot-sud"]})
    assert [(each["name"], each["until"] is None) for each in followed["cameras"]] == [
        ("Place Carnot nord", False), ("Place Carnot sud", True),
    ]  # fmt: skip
    again = town.send("ana", f"/api/events/{made}/camera", {"camera": town.cameras["carnot-sud"]})
    assert len(again["cameras"]) == 2
    named = town.send("ana", f"/api/events/{made}/nature", {"nature": "fight"})
    assert (named["nature"], named["incident"]["priority"]) == ("fight", 2)
    assert named["incident"]["headline"]["category"] == "event_fight"
    assert town.sentences("event.nature") == ["Événement à Place Carnot : Rixe, P2"]
    told = town.send(
        "ana",
        f"/api/events/{made}/inform",
        {"service": "municipal_police", "age_ms": 9_000, "outcome": "on_the_way"},
    )
    assert told["informed"][0]["at"] == town.ago(9).replace("+00:00", "Z")
    assert told["abilities"] == ["camera", "nature", "inform", "close"]
    assert (
        town.send("bruno", f"/api/events/{made}/nature", {"nature": "theft"}, 409)["code"]
        == "incident_not_yours"
    )
    assert town.send("ana", f"/api/events/{made}/nature", {"nature": "suspect"}, 422)["code"] == "invalid"


def test_it_closes_in_three_keys_with_its_own_outcomes_and_no_levee_de_doute(town: Town) -> None:
    made = press(town)["incident"]["id"]
    town.clock.advance(60)
    assert (
        town.send("ana", f"/api/events/{made}/close", {"outcome": "event_over"}, 409)["code"]
        == "event_nature_needed"
    )
    town.send("ana", f"/api/events/{made}/nature", {"nature": "gathering"})
    wrong = town.send("ana", f"/api/events/{made}/close", {"outcome": "unjustified_user"}, 422)
    assert wrong["code"] == "unknown_choice"
    assert wrong["params"]["known"][0] == "event_police"
    closed = town.send("ana", f"/api/events/{made}/close", {"outcome": "event_over"})
    assert (closed["incident"]["state"], closed["incident"]["verification"]) == ("closed", "not_done")
    assert closed["cameras"][0]["until"] is not None
    assert closed["abilities"] == []
    stretches = [mark for mark in closed["marks"] if mark["camera"]["name"] == "Place Carnot nord"]
    assert {mark["until"] for mark in stretches} >= {closed["cameras"][0]["until"]}


def test_it_is_found_a_week_later_by_place_and_nature_without_accents(town: Town) -> None:
    fight = press(town, nature="fight")["incident"]["id"]
    town.clock.advance(5)
    theft = press(town, camera="gare", nature="theft")["incident"]["id"]
    town.clock.advance(7 * 86_400)
    ana = town.enter("ana")

    def found(**asked: str) -> list[int]:
        answer = ana.get("/api/events", params=asked)
        assert answer.status_code == 200, answer.text
        return [line["id"] for line in answer.json()]

    assert found() == [theft, fight]
    assert found(place="presquile") == []
    assert found(place="presqu ile") == found(q="gare VOL") == [theft]
    assert found(place="carnot", nature="fight") == found(q="rixe carnot") == found(q="fight") == [fight]
    assert found(nature="damage") == []
    week = (town.now - timedelta(days=8)).isoformat()
    assert found(**{"from": week, "to": (town.now - timedelta(days=6)).isoformat()}) == [theft, fight]
    assert found(**{"from": (town.now - timedelta(days=1)).isoformat()}) == []
    assert found(q="'; drop table event; --") == []
    garde = town.enter("garde")
    assert garde.get("/api/events").json() == []


def test_the_whole_handling_works_on_it(town: Town) -> None:
    made = press(town, nature="theft")["incident"]["id"]
    town.send(
        "ana",
        f"/api/incidents/{made}/note",
        {"text": "Une personne en veste rouge part vers la gare", "age_ms": 0},
    )
    clue = {
        "camera": town.cameras["carnot"],
        "at": town.now.isoformat(),
        "text": "Une personne force une vitrine",
    }
    town.send("ana", f"/api/incidents/{made}/images/clue", clue)
    call = {"service": "police", "door": "goods", "directory_id": town.police}
    handling = town.send("ana", f"/api/incidents/{made}/service-calls", call)
    running = handling["service_calls"][0]["id"]
    town.send("ana", f"/api/events/{made}/close", {"outcome": "event_police"}, 409)
    done = {"outcome": "coming", "reached": "Brigadier", "call_back_given": True}
    town.send("ana", f"/api/incidents/{made}/service-calls/{running}/done", done)
    for audience in ("customer", "prefect", "internal"):
        page = town.browsers["ana"].get(f"/api/incidents/{made}/report?for={audience}")
        assert page.status_code == 200, page.text
    assert (
        town.send("ana", f"/api/events/{made}/close", {"outcome": "event_police"})["incident"]["state"]
        == "closed"
    )
    lines = town.get("ana", f"/api/incidents/{made}")["entries"]
    assert {"incident.opened", "event.opened", "incident.note", "clue.added", "incident.closed"} <= {
        e["kind"] for e in lines
    }


def test_its_police_door_is_justified_like_any_other(town: Town) -> None:
    made = press(town)["incident"]["id"]
    call = {"service": "police", "door": "goods", "directory_id": town.police}
    assert town.send("ana", f"/api/incidents/{made}/service-calls", call, 409)["code"] == "to_justify"


def test_an_alarm_of_the_same_site_never_joins_it(town: Town) -> None:
    """P3: a signal joins only its own family; P2 and the verification of the alarm are its own."""
    made = press(town)["incident"]["id"]
    alarm = town.alarm("ville", taken_by="bruno")
    assert alarm != made
    with town.database.read() as session:
        rows = list(session.scalars(select(Incident).order_by(Incident.id)))
        for family in ("intrusion", "fire", "person", "technical", "service"):
            assert candidate([row for row in rows if row.id == made], family, None, "zone:1:15") is None  # type: ignore[arg-type]
        assert session.get_one(Incident, alarm).ringing_since is None
    blocked = town.send("bruno", f"/api/incidents/{alarm}/close", {"outcome": "real_intrusion"}, 409)
    assert {each["code"] for each in blocked["params"]["blockers"]} >= {"points_open"}
    assert (
        town.send("bruno", f"/api/incidents/{alarm}/close", {"outcome": "event_over"}, 422)["code"]
        == "unknown_choice"
    )
    assert (
        town.send("bruno", f"/api/events/{alarm}/nature", {"nature": "fight"}, 409)["code"] == "event_not_one"
    )


def test_no_event_on_what_may_not_be_looked_at(town: Town) -> None:
    body = {"camera": town.cameras["villa"], "first_key_age_ms": 0}
    refused = town.send("ana", "/api/events", body, 403)
    assert (refused["code"], refused["params"]["why"]) == ("camera_refused", "camera_home")
    body["camera"] = town.cameras["carnot"]
    assert town.send("tele", "/api/events", body, 404)["code"] == "not_found"
    assert town.send("ana", "/api/events", body | {"first_key_age_ms": 3_600_000}, 422)["code"] == "invalid"
    town.change(Camera, town.cameras["gare"], live_roles=["lead"])
    names = {mark["camera"]["name"] for mark in press(town)["marks"]}
    assert "Gare, presqu’île" not in names


def test_closed_by_the_ordinary_way_it_was_followed_until_then(town: Town) -> None:
    made = press(town, nature="other")["incident"]["id"]
    town.clock.advance(10)
    with town.act("ana") as act:
        incidents.close(act, made, "event_nothing")
    assert town.get("ana", f"/api/events/{made}")["cameras"][0]["until"] == town.now.isoformat().replace(
        "+00:00", "Z"
    )
