"""The test of cameras at the start of a shift (C1.1): listed as they are, ticked, signed, entered; the blind are not «seen»."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.features.viewing.conftest import town
from tests.features.viewing.town import Town
from veilleur.features.cameras.tables import CameraStatus

__all__ = ["town"]
PATH = "/api/camera-check"
VILLA = "villa"


def seen(town: Town, *dark: str) -> None:
    """What the recorders last said: pictures of all but these."""
    with town.database.write() as session:
        for name, camera in town.cameras.items():
            last = town.now - timedelta(minutes=12 if name in dark else 0)
            row = CameraStatus(
                camera_id=camera, state="offline" if name in dark else "online", since=last, seen_at=town.now,
                last_frame_at=last, recording=name not in dark, detail={},
            )  # fmt: skip
            session.merge(row)


def ticks(check: Any, **notes: str) -> Any:
    """Everything seen, but the cameras of these names, whose defect is said."""
    return {
        "ticks": [
            {"camera": each["camera"], "result": "defect", "note": notes[each["name"]]}
            if each["name"] in notes
            else {"camera": each["camera"], "result": "seen"}
            for each in check["cameras"]
        ]
    }


def test_each_camera_of_the_post_is_listed_as_it_is_now_and_what_is_wrong_comes_first(town: Town) -> None:
    seen(town, "gare")
    check = town.get("ana", PATH)
    first = check["cameras"][0]
    assert (first["camera"], first["state"], first["age_s"], first["sound"]) == (
        town.cameras["gare"], "offline", 720, False,
    )  # fmt: skip
    assert all(each["sound"] for each in check["cameras"][1:])
    listed = {each["camera"] for each in check["cameras"]}
    assert town.cameras["carnot"] in listed
    assert town.cameras[VILLA] not in listed, "nobody looks into a home without an alarm"
    assert (check["signed_at"], check["late"]) == (None, False)
    other = {each["camera"] for each in town.get("garde", PATH)["cameras"]}
    assert town.cameras["carnot"] not in other, "of another commune"
    assert town.get("tele", PATH)["cameras"] == [], "a post that watches no images"
    town.get("controle", PATH, 403)


def test_it_is_signed_when_every_camera_is_ticked_and_each_defect_is_said(town: Town) -> None:
    seen(town, "gare")
    check = town.get("ana", PATH)
    name = check["cameras"][0]["name"]
    some = {"ticks": ticks(check)["ticks"][:1]}
    assert town.send("ana", PATH, some, 409)["code"] == "camera_check_incomplete"
    refused = town.send("ana", PATH, ticks(check), 409)
    assert (refused["code"], refused["params"]["cameras"]) == ("camera_check_blind", [name])
    assert town.send("ana", PATH, ticks(check, **{name: " "}), 422)["params"]["field"] == "note"
    assert town.sentences("camera_check.signed") == []
    signed = town.send("ana", PATH, ticks(check, **{name: "noire depuis l’orage"}))
    assert signed["signed_at"] is not None
    assert town.sentences("camera_check.defect") == [
        f"Essai des caméras : {name}, hors ligne – noire depuis l’orage"
    ]
    (told,) = town.sentences("camera_check.signed")
    count = len(check["cameras"])
    assert told.startswith(
        f"Essai des caméras à la prise de service, Poste ana : {count - 1} vues sur {count}, 1 en défaut"
    )
    assert town.get("bruno", PATH)["signed_at"] is None, "each holder tests his own post"


def test_it_is_late_after_a_quarter_of_an_hour_and_asked_again_of_the_next_holder(town: Town) -> None:
    town.clock.advance(16 * 60)
    seen(town)
    check = town.get("ana", PATH)
    assert check["late"]
    assert town.send("ana", PATH, ticks(check))["late"], "signed, but not in time"
    post = check["post"]["id"]
    town.send("ana", "/api/posts/leave", {}, 204)
    town.get("ana", PATH, 403)
    town.clock.advance(60)
    town.send("ana", f"/api/posts/{post}/take", {"motif": "surveillance générale, centre"}, 204)
    seen(town)
    again = town.get("ana", PATH)
    assert (again["signed_at"], again["late"]) == (None, False)


@pytest.mark.parametrize("body", [{"ticks": [{"camera": 1, "result": "fine"}]}, {"ticks": 3}, {}])
def test_a_list_that_is_none_is_refused(town: Town, body: Any) -> None:
    town.send("ana", PATH, body, 422)
