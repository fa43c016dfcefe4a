"""Marks and holds, walls, the PTZ reservation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.features.viewing.town import Town
from veilleur.features.viewing.errors import PtzHeldError
from veilleur.features.viewing.marks import held_stretches
from veilleur.features.viewing.steering import moved


def mark(
    town: Town, camera: str = "carnot", begin: float = 600, end: float = 540, status: int = 200, **more: Any
) -> Any:
    body = {"camera": town.cameras[camera], "from": town.ago(begin), "until": town.ago(end), **more}
    return town.send("ana", "/api/marks", body, status)


def test_a_mark_is_kept_in_sight_and_found_by_camera_and_period(town: Town) -> None:
    made = mark(town, label="rixe")
    assert made["abilities"] == ["remove", "hold"]
    mark(town, "gare")
    found = town.get("ana", "/api/marks", params={"camera": town.cameras["carnot"]})
    assert [(each["label"], each["made_by"]) for each in found] == [("rixe", "Ana")]
    assert town.get("ana", "/api/marks", params={"from": town.ago(60)}) == []
    assert town.get("garde", "/api/marks") == []


def test_a_mark_has_a_period_inside_what_is_kept(town: Town) -> None:
    assert mark(town, begin=540, end=600, status=422)["code"] == "mark_period"
    assert mark(town, begin=8 * 3600, end=0, status=422)["code"] == "mark_period"
    assert mark(town, begin=22 * 86_400, end=22 * 86_400 - 60, status=422)["code"] == "mark_period"


def test_a_hold_never_goes_beyond_the_authorised_retention(town: Town) -> None:
    """The camera keeps 30 days, the authorisation 21: 21 days after the pictures (L252-5, R253-4)."""
    made = mark(town)
    path = f"/api/marks/{made['id']}/hold"
    latest = town.now - timedelta(seconds=600) + timedelta(days=21)
    too_far = {"reason": "réquisition annoncée", "until": (latest + timedelta(seconds=1)).isoformat()}
    refused = town.send("ana", path, too_far, 422)
    assert (refused["code"], refused["params"]["latest"]) == ("hold_too_long", latest.isoformat())
    held = town.send("ana", path, {"reason": "réquisition annoncée", "until": latest.isoformat()})
    assert held["hold"]["reason"] == "réquisition annoncée"
    with town.database.read() as session:
        assert len(held_stretches(session, town.cameras["carnot"], town.now)) == 1
        assert held_stretches(session, town.cameras["carnot"], latest) == []


def test_a_hold_is_lifted_by_the_chef_with_its_trace(town: Town) -> None:
    made = mark(town)["id"]
    until = (town.now + timedelta(days=3)).isoformat()
    town.send("ana", f"/api/marks/{made}/hold", {"reason": "plainte", "until": until})
    assert town.send("ana", f"/api/marks/{made}", None, 409, "DELETE")["code"] == "mark_state"
    assert town.send("ana", f"/api/marks/{made}/release", {}, 403)["code"] == "forbidden"
    free = town.send("chef", f"/api/marks/{made}/release", {"reason": "plainte retirée"})
    assert free["hold"] is None
    assert town.send("chef", f"/api/marks/{made}/release", {}, 409)["code"] == "mark_state"
    (said,) = town.sentences("mark.released")
    assert said.startswith("Gel conservatoire levé par Chef sur Place Carnot nord")
    assert said.endswith("plainte retirée")


def test_a_mark_removed_by_mistake_comes_back(town: Town) -> None:
    made = mark(town)["id"]
    town.send("ana", f"/api/marks/{made}", None, 204, "DELETE")
    assert town.get("ana", "/api/marks") == []
    town.send("ana", f"/api/marks/{made}/restore", {})
    assert len(town.get("ana", "/api/marks")) == 1
    town.send("ana", f"/api/marks/{made}", None, 204, "DELETE")
    town.clock.advance(601)
    assert town.send("ana", f"/api/marks/{made}/restore", {}, 409)["code"] == "removal_undo_late"


def tile(camera: int | None = None, **more: Any) -> dict[str, Any]:
    return {"camera": camera, "span": 1, "sequence": [], "hotspot": False, **more}


def wall(town: Town, **more: Any) -> dict[str, Any]:
    ids = town.cameras
    tiles = [tile(ids["carnot"], span=2), tile(sequence=[ids["gare"], ids["quai-1"]]), tile(hotspot=True)]
    return {"name": "Centre-ville", "columns": 3, "rows": 2, "tiles": tiles, **more}


def test_a_wall_is_kept_shared_changed_removed_and_brought_back(town: Town) -> None:
    mine = town.send("ana", "/api/layouts", wall(town))
    assert (mine["mine"], mine["seconds"], len(mine["tiles"])) == (True, 20, 3)
    assert town.get("bruno", "/api/layouts") == []
    assert town.send("ana", "/api/layouts", wall(town, shared=True), 403)["code"] == "layout_not_yours"
    shared = town.send("chef", "/api/layouts", wall(town, name="Salle", shared=True))
    assert [each["name"] for each in town.get("bruno", "/api/layouts")] == ["Salle"]
    path = f"/api/layouts/{shared['id']}"
    assert town.send("bruno", path, wall(town), 403, "PUT")["code"] == "layout_not_yours"
    changed = town.send(
        "chef", path, wall(town, name="Nuit", shared=True, version=shared["version"]), 200, "PUT"
    )
    assert (
        town.send("chef", path, wall(town, version=shared["version"]), 409, "PUT")["code"] == "layout_moved"
    )
    assert changed["version"] > shared["version"]
    town.send("chef", path, None, 204, "DELETE")
    assert town.get("bruno", "/api/layouts") == []
    assert town.send("chef", path + "/restore", {})["name"] == "Nuit"
    town.send("chef", path, None, 204, "DELETE")
    town.clock.advance(601)
    assert town.send("chef", path + "/restore", {}, 409)["code"] == "removal_undo_late"


def test_a_wall_shows_no_camera_outside_the_readers_designation(town: Town) -> None:
    shared = wall(town, shared=True)
    shared["tiles"][2] = tile(town.cameras["loin"])
    town.send("chef", "/api/layouts", shared)
    (seen,) = town.get("garde", "/api/layouts")
    assert [(each["camera"], each["sequence"]) for each in seen["tiles"]] == [
        (None, []), (None, []), (town.cameras["loin"], []),
    ]  # fmt: skip
    theirs = wall(town)
    assert town.send("garde", "/api/layouts", theirs, 422)["params"]["field"] == "camera"


@pytest.mark.parametrize(
    ("change", "field"),
    [({"tiles": [tile(hotspot=True), tile(hotspot=True)]}, "hotspot"), ({"tiles": [tile(span=3)]}, "span"),
     ({"name": " "}, "name"), ({"tiles": [tile(999_999)]}, "camera")],
    ids=["two hotspots", "does not fit", "no name", "unknown camera"],
)  # fmt: skip
def test_a_wall_that_cannot_be_is_refused(town: Town, change: dict[str, Any], field: str) -> None:
    refused = town.send("ana", "/api/layouts", wall(town, **change), 422)
    assert (refused["code"], refused["params"]["field"]) == ("layout_invalid", field)


def test_a_wall_has_25_tiles_at_most(town: Town) -> None:
    big = wall(town, columns=5, rows=5, tiles=[tile() for _ in range(25)])
    assert len(town.send("ana", "/api/layouts", big)["tiles"]) == 25
    assert (
        town.send("ana", "/api/layouts", wall(town, columns=8, rows=8, tiles=[tile()] * 26), 422)["code"]
        == "invalid"
    )


def take(town: Town, who: str, camera: str = "carnot", status: int = 200, **body: Any) -> Any:
    return town.send(who, f"/api/cameras/{town.cameras[camera]}/ptz/take", body, status)


def test_who_steers_keeps_the_camera_until_60_s_after_the_last_move(town: Town) -> None:
    assert take(town, "ana")["priority"] == 5
    refused = take(town, "bruno", status=409)
    until = (town.now + timedelta(seconds=60)).isoformat()
    assert refused["code"] == "ptz_held"
    assert (refused["params"]["holder"]["name"], refused["params"]["until"]) == ("Ana", until)
    town.clock.advance(30)
    with town.act("ana") as act:
        assert moved(act, town.cameras["carnot"], town.users["ana"]) == town.now + timedelta(seconds=60)
    with town.act("ana") as act:
        moved(act, town.cameras["carnot"], town.users["ana"])
    assert len(town.entries("ptz.moved")) == 1, "an entry a quarter of a minute, not one per key"
    town.clock.advance(59)
    take(town, "bruno", status=409)
    town.clock.advance(1)
    assert take(town, "bruno")["priority"] == 5
    with pytest.raises(PtzHeldError), town.act("ana") as act:
        moved(act, town.cameras["carnot"], town.users["ana"])


def test_the_chef_comes_before_operators_and_an_alarm_before_a_round(town: Town) -> None:
    take(town, "ana")
    assert take(town, "chef")["priority"] == 2
    assert take(town, "ana", status=409)["params"]["holder"]["name"] == "Chef"
    assert take(town, "ana", "quai-2", priority=7)["priority"] == 7
    town.alarm("quai", taken_by="bruno")
    assert take(town, "bruno", "quai-2")["priority"] == 3
    assert town.entries("ptz.taken")[-1]["from"] == "Ana"
    assert take(town, "ana", "quai-2", priority=1, status=409)["params"]["holder"]["name"] == "Bruno"


def test_a_camera_given_back_is_free(town: Town) -> None:
    take(town, "ana")
    town.send("bruno", f"/api/cameras/{town.cameras['carnot']}/ptz/release", {}, 204)
    take(town, "bruno", status=409)
    town.send("ana", f"/api/cameras/{town.cameras['carnot']}/ptz/release", {}, 204)
    take(town, "bruno")


def test_only_what_turns_and_may_be_seen_is_steered(town: Town) -> None:
    assert take(town, "ana", "quai-1", 409)["code"] == "ptz_none"
    assert take(town, "garde", "carnot", 404)["code"] == "not_found"
