"""The images of a dossier: linked cameras, the lost one, the customer's recorder, the clue of an image (S10, P4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests.features.viewing.town import Town
from veilleur.features.cameras.tables import CameraFault, CameraZone, PulledClip
from veilleur.features.handling.tables import Clue
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.model import PointRef, SignalRef
from veilleur.locale.render import catalogue, render


def shown(town: Town, incident: int, who: str = "ana") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.get(who, f"/api/incidents/{incident}/images")["cameras"]
    return found


def z(moment: Any) -> str:
    return str(moment.isoformat()).replace("+00:00", "Z")


def test_the_cameras_of_the_point_come_first_then_those_of_its_area_then_of_the_site(town: Town) -> None:
    incident = town.alarm("quai", "15")
    found = shown(town, incident)
    assert [(each["camera"]["name"], each["zone"], each["preset"]) for each in found] == [
        ("Quai 1", "point 15", None), ("Quai 2", None, "2"), ("Dépôt", None, None),
    ]  # fmt: skip
    first = found[0]
    assert first["alarm_at"] == z(town.now)
    assert (first["from"], first["until"]) == (
        z(town.now - timedelta(seconds=15)),
        z(town.now + timedelta(seconds=30)),
    )


def test_another_point_of_the_area_has_no_camera_of_its_own(town: Town) -> None:
    assert [each["camera"]["name"] for each in shown(town, town.alarm("quai", "16"))] == ["Quai 2", "Dépôt"]


def test_the_stretch_grows_while_the_point_goes_on_speaking(town: Town) -> None:
    incident = town.alarm("quai", "15")
    opened = town.now
    town.clock.advance(120)
    with town.act() as act:
        point = PointRef("zone:1:15", "point 15", "intrusion", "1", None)
        incidents.join_signal(act, incident, SignalRef(99, 0, town.now, "joined"), point)
    first = shown(town, incident)[0]
    assert (first["alarm_at"], first["until"]) == (z(opened), z(town.now + timedelta(seconds=30)))


def test_without_any_link_the_cameras_of_the_site_are_offered(town: Town) -> None:
    with town.act() as act:
        entry = act.record("test.changed")
        for link in act.session.scalars(select(CameraZone)):
            link.removed_at, link.entry_id = act.now, entry
    names = {each["camera"]["name"] for each in shown(town, town.alarm("quai"))}
    assert names == {"Quai 1", "Quai 2", "Bureau", "Dépôt"}


def lose(town: Town, minutes: float, *, back: float | None = None) -> None:
    with town.act() as act:
        entry = act.record("test.changed")
        fault = CameraFault(
            camera_id=town.cameras["bureau"], kind="unreachable", since=act.now - timedelta(minutes=minutes), detail={},
            entry_id=entry, until=None if back is None else act.now - timedelta(minutes=back),
        )  # fmt: skip
        act.session.add(fault)


def test_a_camera_lost_in_the_half_hour_before_is_offered_as_a_clue(town: Town) -> None:
    lose(town, 9)
    found = {each["camera"]["name"]: each["lost_before"] for each in shown(town, town.alarm("quai", "15"))}
    assert found["Bureau"] == {"since": z(town.now - timedelta(minutes=9)), "fault": "unreachable"}
    assert found["Quai 1"] is None


def test_a_camera_lost_long_before_is_not(town: Town) -> None:
    lose(town, 31)
    assert "Bureau" not in {each["camera"]["name"] for each in shown(town, town.alarm("quai", "15"))}


def test_a_camera_that_was_back_before_the_alarm_is_not(town: Town) -> None:
    lose(town, 9, back=1)
    incident = town.alarm("quai", "15", taken_by="ana")
    assert "Bureau" not in {each["camera"]["name"] for each in shown(town, incident)}
    path, body = f"/api/incidents/{incident}/images/lost", {"camera": town.cameras["bureau"]}
    assert town.send("ana", path, body, 404)["code"] == "not_found"


def test_a_clue_of_an_image_read_aloud_names_its_camera_and_what_it_shows(town: Town) -> None:
    """Never the place that the camera's file gives: nobody looked at it."""
    incident = town.alarm("quai", "15", taken_by="ana")
    path = f"/api/incidents/{incident}/images/clue"
    seen = {"camera": town.cameras["quai-1"], "at": (town.now - timedelta(seconds=3)).isoformat()}
    town.send("ana", path, seen)
    town.send("ana", path, {**seen, "camera": town.cameras["quai-2"], "text": "une personne force le rideau"})
    call = {"service": "police", "door": "goods", "directory_id": town.police}
    started = town.send("ana", f"/api/incidents/{incident}/service-calls", call)
    texts = catalogue("fr", "texts")
    said = [
        render("fr", texts[line["code"]], line["params"])
        for line in started["service_calls"][-1]["script"]
        if line["params"].get("clue") == "image"
    ]
    assert said == [
        "« À 03:14:04 : image non équivoque, caméra Quai 1. »",
        "« À 03:14:04 : image non équivoque, caméra Quai 2 : une personne force le rideau. »",
    ]


def test_the_customers_recorder_is_asked_once(town: Town) -> None:
    incident = town.alarm("quai", "15", taken_by="ana")
    (depot,) = [each for each in shown(town, incident) if each["camera"]["name"] == "Dépôt"]
    assert (depot["source"], depot["clip"]) == ("customer", None)
    path = f"/api/incidents/{incident}/images/pull"
    asked = town.send("ana", path, {"camera": town.cameras["depot"]})
    assert asked["state"] == "asked"
    assert town.send("ana", path, {"camera": town.cameras["depot"]})["id"] == asked["id"]
    assert town.send("ana", path, {"camera": town.cameras["quai-1"]}, 409)["code"] == "clip_not_pulled"
    town.change(PulledClip, asked["id"], state="failed", fault="unreachable")
    assert town.get("ana", f"{path}/{asked['id']}")["fault"] == "unreachable"
    (depot,) = [each for each in shown(town, incident) if each["camera"]["name"] == "Dépôt"]
    assert depot["clip"]["state"] == "failed"
    assert town.send("ana", path, {"camera": town.cameras["depot"]})["id"] != asked["id"]


def test_one_key_on_an_image_is_a_proof_of_the_goods_door_with_its_camera_and_hour(town: Town) -> None:
    incident = town.alarm("quai", "15", taken_by="ana")
    call = {"service": "police", "door": "goods", "directory_id": town.police}
    assert town.send("ana", f"/api/incidents/{incident}/service-calls", call, 409)["code"] == "to_justify"
    taken = town.now - timedelta(seconds=3)
    body = {"camera": town.cameras["quai-1"], "at": taken.isoformat()}
    made = town.send("ana", f"/api/incidents/{incident}/images/clue", body)
    with town.database.read() as session:
        clue = session.get_one(Clue, made["id"])
        assert (clue.kind, clue.strength, clue.door, clue.camera_id, clue.at) == (
            "image", "proof", "both", town.cameras["quai-1"], taken,
        )  # fmt: skip
    assert town.sentences("clue.added") == [
        "Indice (preuve) : image non équivoque – Quai 1, image de 03:14:04"
    ]
    (clue,) = town.get("ana", f"/api/incidents/{incident}/handling")["clues"]
    assert (clue["camera"], clue["text"]) == ("Quai 1", None), "nothing was said of what it shows"
    goods = town.get("ana", f"/api/incidents/{incident}/handling")["doors"]["goods"]
    assert goods["state"] == "justified"
    assert town.get("ana", f"/api/incidents/{incident}/row")["verification"] == "running"
    town.send("ana", f"/api/incidents/{incident}/service-calls", call)


def test_a_clue_of_an_image_is_of_this_dossier_and_of_its_holder(town: Town) -> None:
    incident = town.alarm("quai", "15", taken_by="ana")
    path = f"/api/incidents/{incident}/images/clue"
    body = {"camera": town.cameras["quai-1"], "at": town.now.isoformat()}
    assert town.send("bruno", path, body, 409)["code"] == "incident_not_yours"
    assert town.send("ana", path, body | {"camera": town.cameras["carnot"]}, 404)["code"] == "not_found"
    assert town.send("ana", path, body | {"at": town.ago(7_200)}, 422)["code"] == "image_hour"
    assert town.send("ana", path, body | {"at": town.ago(-60)}, 422)["code"] == "image_hour"


def test_images_of_another_commune_do_not_exist(town: Town) -> None:
    incident = town.alarm("quai", "15")
    town.get("garde", f"/api/incidents/{incident}/images", status=404)


def test_a_camera_lost_before_the_alarm_backs_up_a_proof_and_is_none(town: Town) -> None:
    lose(town, 9)
    since = town.now - timedelta(minutes=9)
    incident = town.alarm("quai", "15", taken_by="ana")
    path, body = f"/api/incidents/{incident}/images/lost", {"camera": town.cameras["bureau"]}
    made = town.send("ana", path, body)["id"]
    assert town.send("ana", path, body)["id"] == made, "pressed again: the same clue"
    with town.database.read() as session:
        clue = session.get_one(Clue, made)
        assert (clue.kind, clue.strength, clue.at) == ("camera_lost", "support", since)
    assert town.sentences("clue.added") == [
        "Indice (appui) : caméra perdue peu avant l’alarme – Bureau, depuis 03:05:07"
    ]
    handling = town.get("ana", f"/api/incidents/{incident}/handling")
    goods, persons = handling["doors"]["goods"], handling["doors"]["persons"]
    assert (goods["state"], goods["supports"]) == ("to_justify", ["camera_lost"])
    assert not persons["concrete"]
    call = {"service": "police", "door": "goods", "directory_id": town.police}
    assert town.send("ana", f"/api/incidents/{incident}/service-calls", call, 409)["code"] == "to_justify"
    call["motif"] = "police_request"
    started = town.send("ana", f"/api/incidents/{incident}/service-calls", call)
    (told,) = [
        line for line in started["service_calls"][-1]["script"] if line["params"].get("clue") == "camera_lost"
    ]
    assert (told["params"]["camera"], told["params"]["at"]) == ("Bureau", since.isoformat())
    assert told["params"]["text"] is None
    town.send("ana", f"/api/incidents/{incident}/clues/{made}/remove", {})
    assert town.get("ana", f"/api/incidents/{incident}/handling")["doors"]["goods"]["supports"] == []


def test_a_camera_that_was_not_lost_is_no_clue(town: Town) -> None:
    incident = town.alarm("quai", "15", taken_by="ana")
    path = f"/api/incidents/{incident}/images/lost"
    assert town.send("ana", path, {"camera": town.cameras["quai-1"]}, 404)["code"] == "not_found"


def test_what_a_camera_pushed_just_before_the_alarm_is_of_its_dossier(town: Town) -> None:
    def push(minutes: float) -> int:
        came = town.now - timedelta(minutes=minutes)
        with town.act() as act:
            clip = PulledClip(
                camera_id=town.cameras["quai-1"], from_at=came, until_at=came + timedelta(seconds=3), asked_at=came,
                state="kept", source="HTTP", entry_id=act.record("test.changed"),
            )  # fmt: skip
            act.session.add(clip)
            act.session.flush()
            return clip.id

    push(3)
    pushed = push(1)
    (quay, *_) = shown(town, town.alarm("quai", "15"))
    assert (quay["clip"]["id"], quay["clip"]["state"]) == (pushed, "kept")
    town.clock.advance(600)
    (later, *_) = shown(town, town.alarm("quai", "15"))
    assert later["clip"] is None
