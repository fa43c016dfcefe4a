"""Rondes vidéo (C1.2, S1): planned by a file, ticked, paused by an événement, missed views explained, overdue ones known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer
from typer.testing import CliRunner

from tests.features.viewing.town import Town
from veilleur.features.cameras.faults import open_fault
from veilleur.features.cameras.reading import STATUS_FRESH
from veilleur.features.cameras.tables import Authorisation, Camera, CameraStatus
from veilleur.features.patrols.cli import add_to
from veilleur.features.patrols.commands import LEAST_LOOK
from veilleur.features.patrols.errors import PatrolHomeError, PatrolInvalidError
from veilleur.features.patrols.planning import dues, import_patrols, next_due, read_file
from veilleur.features.viewing.tables import Patrol

FILE = """
patrols:
  - reference: nuit
    name: Ronde de nuit
    times: ["05:00", "03:30"]
    views:
      - {camera: carnot, preset: "1", seconds: 30, look_for: attroupements}
      - {camera: gare}
      - {camera: quai-1, seconds: 15}
"""


def plan(town: Town, content: str = FILE) -> Any:
    with town.act() as act:
        return import_patrols(act, read_file(content))


def the_patrol(town: Town, who: str = "ana") -> Any:
    (found,) = town.get(who, "/api/patrols")
    return found


def test_a_file_plans_rounds_and_is_safe_to_repeat(town: Town) -> None:
    assert plan(town).added == 1
    assert plan(town).same == 1
    found = the_patrol(town)
    assert [(v["name"], v["preset"], v["seconds"], v["look_for"]) for v in found["views"]] == [
        ("Place Carnot nord", "1", 30, "attroupements"), ("Gare, presqu’île", None, 20, None), ("Quai 1", None, 15, None),
    ]  # fmt: skip
    assert found["times"] == ["03:30", "05:00"]
    assert plan(town, FILE.replace("Ronde de nuit", "Ronde de 3 h")).changed == 1
    assert plan(town, "patrols: []").removed == 1
    assert town.get("ana", "/api/patrols") == []
    assert town.sentences("patrol.imported")[0] == "Ronde vidéo « Ronde de nuit » (nuit) : ajoutée, 3 vues"


@pytest.mark.parametrize(
    ("content", "field"),
    [("patrols: [", "file"), ("a: &x [1]\npatrols: *x", "file"), ("patrols: 3", "patrols"),
     ("centre: {name: Autre fichier}", "patrols"),
     (FILE.replace("05:00", "25:00"), "times"), (FILE.replace("gare", "nulle-part"), "camera"),
     (FILE.replace("seconds: 15", "seconds: 4"), "patrols.0.views.2.seconds"), (FILE + "extra: 1\n", "extra")],
    ids=["no YAML", "an alias", "no list", "another file", "no hour", "no camera", "too short", "an unknown field"],
)  # fmt: skip
def test_a_wrong_file_changes_nothing_and_says_where(town: Town, content: str, field: str) -> None:
    with pytest.raises(PatrolInvalidError) as refused:
        plan(town, content)
    assert refused.value.params["field"] == field
    assert "{" not in str(refused.value.params.get("value")), "no part of the file is told whole"
    assert town.get("chef", "/api/patrols") == []


def test_a_home_camera_is_never_in_a_round(town: Town) -> None:
    with pytest.raises(PatrolHomeError):
        plan(town, FILE.replace("gare", "villa"))
    plan(town)
    town.change(Camera, town.cameras["gare"], regime="home")
    assert town.send("ana", f"/api/patrols/{the_patrol(town)['id']}/start", {}, 422)["code"] == "patrol_home"


def begin(town: Town, who: str = "ana", **body: Any) -> Any:
    return town.send(who, f"/api/patrols/{the_patrol(town, who)['id']}/start", body)


def looked(town: Town, **states: str) -> None:
    """Two seconds pass; the recorder has just said how its cameras are, online unless `states` says otherwise."""
    town.clock.advance(LEAST_LOOK.total_seconds())
    with town.database.write() as session:
        for name, id_ in town.cameras.items():
            session.merge(
                CameraStatus(
                    camera_id=id_, state=states.get(name, "online"), since=town.now, seen_at=town.now,
                    last_frame_at=town.now, recording=True, detail={},
                )
            )  # fmt: skip


def test_each_view_is_ticked_and_what_was_missed_is_explained(town: Town) -> None:
    plan(town)
    run = begin(town)
    assert (run["state"], run["at"]) == ("running", 0)
    path = f"/api/patrol-runs/{run['id']}"
    looked(town)
    assert town.send("ana", path + "/tick", {"index": 0, "result": "clear"})["at"] == 1
    assert town.send("ana", path + "/tick", {"index": 1, "result": "observation"}, 422)["code"] == "invalid"
    seen = {"index": 1, "result": "observation", "note": "portail ouvert"}
    assert town.send("ana", path + "/tick", seen)["views"][1]["tick"]["note"] == "portail ouvert"
    assert town.send("ana", path + "/tick", {"index": 3, "result": "clear"}, 422)["code"] == "invalid"
    assert town.send("bruno", path + "/tick", {"index": 2, "result": "clear"}, 403)["code"] == "forbidden"
    unexplained = town.send("ana", path + "/end", {}, 409)
    assert (unexplained["code"], unexplained["params"]["cameras"]) == ("patrol_unexplained", ["Quai 1"])
    ended = town.send("ana", path + "/end", {"explanations": {"2": "image figée"}})
    assert (ended["state"], ended["views"][2]["tick"]["result"]) == ("ended", "missed")
    assert town.sentences("patrol.ended") == [
        "Ronde vidéo « Ronde de nuit » terminée, 2 vues faites sur 3 – non faite : Quai 1"
    ]
    assert town.send("ana", path + "/tick", {"index": 2, "result": "clear"}, 409)["code"] == "patrol_state"
    assert the_patrol(town)["last_run"]["missed"] == 1


@pytest.mark.parametrize("state", ["offline", "frozen", "unknown", "starting"])
def test_nothing_to_report_is_not_said_of_a_view_that_shows_nothing(town: Town, state: str) -> None:
    plan(town)
    path = f"/api/patrol-runs/{begin(town)['id']}/tick"
    looked(town, carnot=state)
    refused = town.send("ana", path, {"index": 0, "result": "clear"}, 409)
    assert (refused["code"], refused["params"]["why"]) == ("patrol_blind", state)
    assert town.entries("patrol.ticked") == []
    seen = {"index": 0, "result": "observation", "note": "on ne voit rien"}
    assert town.send("ana", path, seen)["at"] == 1
    looked(town)
    assert town.send("ana", path, {"index": 0, "result": "clear"})["views"][0]["tick"]["result"] == "clear"


def test_nor_of_a_suspended_or_covered_one_nor_of_one_that_says_nothing_any_more(town: Town) -> None:
    plan(town)
    path = f"/api/patrol-runs/{begin(town)['id']}/tick"

    def why(index: int) -> str:
        refused = town.send("ana", path, {"index": index, "result": "clear"}, 409)
        assert refused["code"] == "patrol_blind"
        return str(refused["params"]["why"])

    looked(town)
    town.change(Camera, town.cameras["carnot"], suspended_at=town.now, suspended_reason="mask_lost")
    assert why(0) == "suspended"
    with town.act() as act:
        open_fault(act, town.cameras["gare"], "masked")
    assert why(1) == "masked"
    town.clock.advance(STATUS_FRESH.total_seconds() + 1)
    assert why(2) == "unknown"


def test_a_view_is_looked_at_before_it_is_ticked(town: Town) -> None:
    plan(town)
    path = f"/api/patrol-runs/{begin(town)['id']}"
    looked(town)
    town.send("ana", path + "/tick", {"index": 0, "result": "clear"})
    refused = town.send("ana", path + "/tick", {"index": 1, "result": "clear"}, 409)
    assert (refused["code"], refused["params"]["seconds"]) == ("patrol_glance", 2)
    looked(town)
    town.send("ana", path + "/tick", {"index": 1, "result": "clear"})
    town.send("ana", path + "/pause", {})
    looked(town)
    town.send("ana", path + "/resume", {})
    assert town.send("ana", path + "/tick", {"index": 2, "result": "clear"}, 409)["code"] == "patrol_glance"


def test_a_round_waits_for_the_evenement_that_its_operator_opens(town: Town) -> None:
    plan(town)
    run = begin(town)
    path = f"/api/patrol-runs/{run['id']}"
    looked(town)
    town.send("ana", path + "/tick", {"index": 0, "result": "clear"})
    made = town.send("ana", "/api/events", {"camera": town.cameras["gare"], "first_key_age_ms": 0})
    assert the_patrol(town)["running"]["state"] == "paused"
    assert town.entries("patrol.paused")[0]["incident"] == made["incident"]["reference"]
    assert town.send("ana", path + "/tick", {"index": 1, "result": "clear"}, 409)["code"] == "patrol_state"
    resumed = town.send("ana", path + "/resume", {})
    assert (resumed["state"], resumed["at"]) == ("running", 1)
    assert town.send("ana", path + "/pause", {"incident_id": made["incident"]["id"]})["state"] == "paused"
    assert (
        town.send("bruno", f"/api/patrols/{the_patrol(town)['id']}/start", {}, 409)["code"]
        == "patrol_running"
    )


def test_a_camera_without_authorisation_asks_for_a_logged_override(town: Town) -> None:
    plan(town)
    with town.database.read() as session:
        paper = session.get_one(Camera, town.cameras["gare"]).authorisation_id
    town.change(Authorisation, paper, expires_on=date(2026, 11, 22))
    path = f"/api/patrols/{the_patrol(town)['id']}/start"
    refused = town.send("ana", path, {}, 409)
    assert (refused["code"], refused["params"]["cameras"]) == (
        "patrol_unauthorised", ["Gare, presqu’île", "Place Carnot nord"],
    )  # fmt: skip
    town.send("ana", path, {"override": "renouvellement déposé, accord du responsable"})
    assert "accord du responsable" in town.sentences("patrol.overridden")[0]


def test_an_overdue_round_is_known_until_it_is_made(town: Town) -> None:
    """It is 03:14; a round is due at 03:30."""
    plan(town)
    due = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
    assert datetime.fromisoformat(the_patrol(town)["next_due_at"]) == due
    for _ in range(3):
        town.clock.advance(15 * 60)
        the_patrol(town)
    assert datetime.fromisoformat(the_patrol(town)["next_due_at"]) == due < town.now
    run = begin(town)
    town.send("ana", f"/api/patrol-runs/{run['id']}/end", {"explanation": "essai"})
    assert datetime.fromisoformat(the_patrol(town)["next_due_at"]) == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_hours_are_those_of_the_centre_when_the_clocks_change() -> None:
    zone = ZoneInfo("Europe/Paris")
    since = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    assert dues(["05:00"], zone, since, since + timedelta(days=2)) == [
        datetime(2026, 10, 25, 4, 0, tzinfo=UTC), datetime(2026, 10, 26, 4, 0, tzinfo=UTC),
    ]  # fmt: skip
    assert next_due([], zone, since, [], since) is None


def test_a_round_exists_for_those_alone_who_may_see_all_its_cameras(town: Town) -> None:
    plan(town)
    assert town.get("garde", "/api/patrols") == []
    assert town.get("tele", "/api/patrols") == []
    with town.database.read() as session:
        patrol = session.query(Patrol).one().id
    assert town.send("tele", f"/api/patrols/{patrol}/start", {}, 404)["code"] == "not_found"


def test_the_chef_plans_one_over_http(town: Town) -> None:
    body = {"reference": "jour", "name": "Ronde de jour", "times": ["14:00"], "views": [{"camera": "carnot"}]}
    assert town.send("chef", "/api/patrols", body)["name"] == "Ronde de jour"
    assert town.send("ana", "/api/patrols", body, 403)["code"] == "forbidden"
    assert town.send("chef", "/api/patrols", body | {"times": ["8h"]}, 422)["code"] == "patrol_invalid"


def test_the_command_imports_a_file(town: Town, tmp_path: Any) -> None:
    """Its own code, on the running database; a wrong file leaves everything and says where."""
    context = SimpleNamespace(at=lambda _: SimpleNamespace(database=lambda: town.database, clock=town.clock))
    app = typer.Typer()

    @app.callback()
    def root(ctx: typer.Context) -> None:
        ctx.obj = context

    add_to(app)
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(FILE)
    bad.write_text(FILE.replace("05:00", "5 h"))
    assert CliRunner().invoke(app, ["patrols", "import", str(good)]).output == "+1 ~0 -0 =0\n"
    refused = CliRunner().invoke(app, ["patrols", "import", str(bad)])
    assert (refused.exit_code, "times" in refused.output) == (1, True)
    absent = CliRunner(env={"LC_ALL": "fr_FR.UTF-8"}).invoke(
        app, ["patrols", "import", str(tmp_path / "absent")]
    )
    assert (absent.exit_code, "introuvable" in absent.output) == (1, True)
    assert the_patrol(town)["times"] == ["03:30", "05:00"]
