"""R253-5, S5, need 11: no image without a viewing, each refusal by its rule, tickets that serve once."""

from __future__ import annotations

import hashlib
from datetime import date, datetime, timedelta

import pytest

from tests.features.viewing.town import RECORDER, Town
from veilleur.features.cameras.tables import Authorisation, Camera
from veilleur.features.people.refusals import AGAIN, enter_refusals
from veilleur.features.people.titles import set_title_status, titles_of
from veilleur.features.sites.tables import Area
from veilleur.features.viewing.admitting import admit, still_allowed, sweep
from veilleur.features.viewing.looking import end_viewing
from veilleur.features.viewing.tables import Ticket, Viewing


def codes(answer: dict[str, object]) -> list[str]:
    return [each["code"] for each in answer["refused"]]  # type: ignore[attr-defined]


def test_live_inherits_the_motif_of_the_post_and_names_its_cameras_once(town: Town) -> None:
    answer = town.look("ana", "carnot", "gare")
    assert answer["motif"] == "surveillance générale, centre"
    assert [ticket["url"] for ticket in answer["tickets"]] == ["ws://127.0.0.1:8601/live"] * 2
    assert answer["tickets"][0]["whep"] == f"{RECORDER}/whep"
    assert [ticket["masked"] for ticket in answer["tickets"]] == [True, False], (
        "a mask of role is on the first alone"
    )
    (entry,) = town.entries("viewing.opened")
    assert entry["cameras"] == ["Place Carnot nord", "Gare, presqu’île"]
    assert town.sentences("viewing.opened") == [
        "Ana regarde (direct) : Place Carnot nord, Gare, presqu’île – motif : surveillance générale, centre"
    ]


def test_a_ticket_is_32_random_bytes_kept_as_its_hash_and_serves_once_within_30_s(town: Town) -> None:
    ticket = town.look("ana", "carnot")["tickets"][0]
    assert len(ticket["token"]) == 43
    with town.database.read() as session:
        row = session.get(Ticket, hashlib.sha256(ticket["token"].encode()).digest())
        assert row is not None
        assert row.ptz
    with town.database.write() as session:
        assert admit(session, "no such ticket", town.now) is None
        admitted = admit(session, ticket["token"], town.now)
    assert admitted is not None
    assert (admitted.camera_id, admitted.user_id, admitted.masked) == (
        town.cameras["carnot"],
        town.users["ana"],
        True,
    )
    with town.database.write() as session:
        assert admit(session, ticket["token"], town.now) is None
    late = town.look("ana", "carnot")["tickets"][0]["token"]
    town.clock.advance(31)
    with town.database.write() as session:
        assert admit(session, late, town.now) is None


def test_one_key_changes_the_motif(town: Town) -> None:
    viewing = town.look("ana", "carnot")["viewing"]
    town.send("ana", f"/api/viewings/{viewing}/motif", {"motif": "police_call"}, 204)
    assert town.sentences("viewing.motif_changed")[0].startswith(
        "Ana change le motif : surveillance générale, centre devient appel FO"
    )
    assert (
        town.send("bruno", f"/api/viewings/{viewing}/motif", {"motif": "event"}, 404)["code"] == "not_found"
    )


def test_playback_and_lifted_masks_ask_for_a_motif_or_a_dossier(town: Town) -> None:
    period = {"kind": "recorded", "from": town.ago(600), "until": town.ago(300)}
    assert town.look("ana", "quai-1", status=422, **period)["code"] == "motif_needed"
    assert town.look("chef", "quai-1", status=422, kind="lifted")["code"] == "motif_needed"
    assert (
        town.look("ana", "quai-1", status=403, kind="lifted", motif="réquisition")["code"] == "camera_refused"
    )
    lifted = town.look("chef", "quai-1", kind="lifted", motif="contrôle du masque")["tickets"][0]
    assert (lifted["masked"], lifted["url"]) == (False, "ws://127.0.0.1:8601/live")
    played = town.look("ana", "quai-1", **period, motif="relecture demandée par la Gérante")
    assert played["tickets"][0]["url"] == "ws://127.0.0.1:8601/play"
    assert played["tickets"][0]["whep"] is None
    incident = town.alarm()
    of_dossier = town.look("ana", "quai-1", **period, incident_id=incident)
    assert of_dossier["motif"] == "incident"


def test_a_lifted_mask_comes_back_by_itself(town: Town) -> None:
    """P11: for a bounded time, with its motif; then no socket stays, none opens, and the end is entered."""
    asked = {"kind": "lifted", "motif": "réquisition 12/2026"}
    for minutes in (0, 31):
        town.look("chef", "quai-1", status=422, minutes=minutes, **asked)
    told = town.look("chef", "quai-1", minutes=2, **asked)
    assert datetime.fromisoformat(told["lifted_until"]) == town.now + timedelta(minutes=2)
    assert "masques levés jusqu’à" in town.sentences("viewing.opened")[-1]
    town.clock.advance(119)
    more = f"/api/viewings/{told['viewing']}/tickets"
    late = town.send("chef", more, {"cameras": [town.cameras["quai-1"]]})["tickets"][0]["token"]
    with town.database.read() as session:
        assert told["viewing"] in still_allowed(session, [told["viewing"]], town.now)
    town.clock.advance(1)
    with town.database.read() as session:
        assert still_allowed(session, [told["viewing"]], town.now) == {}
    with town.database.write() as session:
        assert admit(session, late, town.now) is None
    assert town.send("chef", more, {"cameras": [town.cameras["quai-1"]]}, 409)["code"] == "viewing_ended"
    with town.act() as act:
        assert sweep(act) == 1
    assert "délai de levée écoulé" in town.sentences("viewing.ended")[-1]
    assert town.look("ana", "quai-1")["lifted_until"] is None


@pytest.mark.parametrize(
    ("begin", "end", "kind"),
    [(300, 600, "recorded"), (25 * 3600, 0, "recorded"), (60, -3600, "recorded"), (600, 300, "live")],
    ids=["backwards", "too long", "in the future", "live has none"],
)
def test_a_period_is_bounded(town: Town, begin: float, end: float, kind: str) -> None:
    asked = {"kind": kind, "from": town.ago(begin), "until": town.ago(end), "motif": "relecture"}
    assert town.look("ana", "quai-1", status=422, **asked)["code"] == "viewing_period"


def test_a_playback_has_its_period(town: Town) -> None:
    assert town.look("ana", "quai-1", status=422, kind="recorded", motif="essai")["code"] == "viewing_period"


def test_nothing_is_played_beyond_the_retention_of_each_camera(town: Town) -> None:
    """15 days on the quay; 30 asked on the square, 21 authorised (L252-5)."""
    begin = 20 * 86_400
    asked = {"kind": "recorded", "from": town.ago(begin), "until": town.ago(begin - 60), "motif": "relecture"}
    answer = town.look("ana", "quai-1", "carnot", **asked)
    assert [ticket["camera"] for ticket in answer["tickets"]] == [town.cameras["carnot"]]
    assert codes(answer) == ["camera_retention"]
    asked |= {"from": town.ago(22 * 86_400), "until": town.ago(22 * 86_400 - 60)}
    assert codes(town.look("ana", "carnot", **asked)) == ["camera_retention"]


def test_each_refusal_names_its_rule_and_its_document(town: Town) -> None:
    no_title = town.look("tele", "carnot", "quai-1", motif="levée de doute")
    assert [ticket["camera"] for ticket in no_title["tickets"]] == [town.cameras["quai-1"]]
    assert no_title["refused"][0]["code"] == "camera_title"
    assert no_title["refused"][0]["params"] == {
        "document": "card", "number": "CAR-tele", "reason": "wrong_activity", "rule": "R612-16", "activity": "video",
    }  # fmt: skip
    outside = town.look("garde", "carnot", "loin")
    assert outside["refused"][0]["code"] == "camera_outside"
    assert (outside["refused"][0]["params"]["number"], outside["refused"][0]["params"]["commune"]) == (
        "CAR-garde",
        "99001",
    )
    assert [ticket["camera"] for ticket in outside["tickets"]] == [town.cameras["loin"]]
    assert "hors de la désignation" in town.sentences("viewing.refused")[-1]
    town.change(Camera, town.cameras["gare"], live_roles=["lead"])
    assert codes(town.look("ana", "gare")) == ["camera_role"]
    assert codes(town.look("chef", "gare")) == []


def test_the_same_refusal_is_entered_once_then_counted(town: Town) -> None:
    """A screen asks again by itself: the register keeps the first, then how often, once in ten minutes."""
    town.change(Camera, town.cameras["carnot"], suspended_at=town.now, suspended_reason="mask_lost")
    for _ in range(4):
        assert codes(town.look("ana", "carnot")) == ["camera_suspended"]
    town.look("bruno", "carnot")
    assert len(town.entries("viewing.refused")) == 2, "each person's own"
    town.clock.advance(AGAIN.total_seconds())
    with town.act() as act:
        enter_refusals(act)
    assert town.sentences("viewing.refused_again") == [
        "Ana : images encore refusées (direct), 3 fois de plus en 10 min : Place Carnot nord – caméra suspendue"
    ]
    with town.act() as act:
        assert enter_refusals(act) == 0
    town.look("ana", "carnot")
    assert len(town.entries("viewing.refused")) == 3


def test_a_view_that_is_replaced_was_ended_by_nobody(town: Town) -> None:
    viewing = town.look("ana", "carnot")["viewing"]
    assert town.send("ana", f"/api/viewings/{viewing}/end", {"why": "sockets"}, 422)["code"] == "invalid"
    town.send("ana", f"/api/viewings/{viewing}/end", {"why": "replaced"}, 204)
    assert "remplacé par une autre vue" in town.sentences("viewing.ended")[-1]
    viewing = town.look("ana", "carnot")["viewing"]
    town.send("ana", f"/api/viewings/{viewing}/end", None, 204)
    assert "par l’opérateur" in town.sentences("viewing.ended")[-1]


def test_an_authorisation_that_is_over_shows_nothing(town: Town) -> None:
    with town.database.read() as session:
        paper = session.get_one(Camera, town.cameras["carnot"]).authorisation_id
    town.change(Authorisation, paper, expires_on=date(2026, 11, 22))
    answer = town.look("ana", "carnot")
    assert answer["viewing"] is None
    assert answer["refused"][0]["code"] == "camera_unauthorised"
    assert answer["refused"][0]["params"]["number"] == "2024-118"


def test_a_home_shows_nothing_but_during_an_alarm_of_its_own_with_an_armed_area(town: Town) -> None:
    assert town.look("ana", "villa")["refused"][0]["params"]["lacks"] == "alarm"
    elsewhere = town.alarm("quai")
    assert codes(town.look("ana", "villa", incident_id=elsewhere)) == ["camera_home"]
    alarm = town.alarm("villa")
    assert town.look("ana", "villa", incident_id=alarm)["refused"][0]["params"]["lacks"] == "armed"
    with town.database.read() as session:
        area = session.query(Area).one().id
    town.change(Area, area, armed=True)
    opened = town.look("ana", "villa", incident_id=alarm)
    assert codes(opened) == []
    with town.database.read() as session:
        assert still_allowed(session, [opened["viewing"]], town.now)[opened["viewing"]] == {
            town.cameras["villa"]
        }
    town.change(Area, area, armed=False)
    with town.database.read() as session:
        assert still_allowed(session, [opened["viewing"]], town.now)[opened["viewing"]] == frozenset()


def test_a_camera_without_recorder_or_suspended_says_so(town: Town) -> None:
    town.lease("gare", seconds=-1)
    assert codes(town.look("ana", "gare")) == ["camera_not_running"]
    town.change(Camera, town.cameras["carnot"], suspended_at=town.now, suspended_reason="mask_lost")
    refused = town.look("ana", "carnot")["refused"][0]
    assert (refused["code"], refused["params"]) == ("camera_suspended", {"reason": "mask_lost"})
    before = {
        "kind": "recorded",
        "from": town.ago(600),
        "until": town.ago(300),
        "motif": "avant la perte du masque",
    }
    assert codes(town.look("ana", "carnot", **before)) == []


def test_a_viewing_ends_by_command_with_its_sockets_or_with_its_session(town: Town) -> None:
    first = town.look("ana", "carnot")["viewing"]
    town.send("ana", f"/api/viewings/{first}/end", status=204)
    assert (
        town.send("ana", f"/api/viewings/{first}/tickets", {"cameras": [town.cameras["carnot"]]}, 409)["code"]
        == "viewing_ended"
    )
    second = town.look("ana", "carnot")["viewing"]
    with town.act() as act:
        assert end_viewing(act, second, "sockets")
        assert not end_viewing(act, second, "sockets")
    third = town.look("ana", "carnot")
    with town.database.write() as session:
        admit(session, third["tickets"][0]["token"], town.now)
    with town.act() as act:
        assert sweep(act) == 0
    assert town.browsers["ana"].post("/api/logout").status_code == 204
    with town.database.read() as session:
        assert still_allowed(session, [third["viewing"]], town.now) == {}
    with town.act() as act:
        assert sweep(act) == 1
    assert [entry["why"] for entry in town.entries("viewing.ended")] == ["command", "sockets", "session"]


def test_a_viewing_that_no_socket_used_ends(town: Town) -> None:
    town.look("ana", "carnot")
    with town.act() as act:
        assert sweep(act) == 0
    town.clock.advance(121)
    with town.act() as act:
        assert sweep(act) == 1
    assert town.entries("viewing.ended")[0]["why"] == "unused"


def test_a_withdrawn_title_takes_its_sockets_away(town: Town) -> None:
    viewing = town.look("ana", "carnot", "quai-1")["viewing"]
    with town.act() as act:
        (title,) = titles_of(act.session, town.users["ana"])
        set_title_status(act, title.id, "withdrawn", "test")
    with town.database.read() as session:
        left = still_allowed(session, [viewing], town.now)[viewing]
    assert left == frozenset(), "those that ask for no title too (L612-20)"
    assert codes(town.look("ana", "quai-1")) == ["camera_withdrawn"]
    assert "titre retiré ou suspendu" in town.sentences("viewing.refused")[-1]
    assert town.get("ana", "/api/cameras") == []


def test_a_motif_says_something(town: Town) -> None:
    period = {"kind": "recorded", "from": town.ago(600), "until": town.ago(300)}
    for nothing in (".", "ab", "12 34 56"):
        assert town.look("ana", "quai-1", status=422, **period, motif=nothing)["code"] == "motif_needed"
    viewing = town.look("ana", "quai-1")["viewing"]
    assert town.send("ana", f"/api/viewings/{viewing}/motif", {"motif": "…"}, 422)["code"] == "motif_needed"


def test_tickets_of_a_running_viewing_write_no_second_entry(town: Town) -> None:
    viewing = town.look("ana", "carnot")["viewing"]
    again = town.send("ana", f"/api/viewings/{viewing}/tickets", {"cameras": [town.cameras["carnot"]]})
    assert len(again["tickets"]) == 1
    assert len(town.entries("viewing.opened")) == 1
    other = {"cameras": [town.cameras["gare"]]}
    assert town.send("ana", f"/api/viewings/{viewing}/tickets", other, 422)["code"] == "invalid"


def test_the_register_tells_who_looked_at_what(town: Town) -> None:
    town.look("ana", "carnot", "gare")
    town.clock.advance(60)
    town.look(
        "bruno",
        "quai-1",
        kind="recorded",
        motif="relecture",
        **{"from": town.ago(600), "until": town.ago(300)},
    )
    lines = town.get("chef", "/api/viewings")
    assert [(line["user"]["name"], line["kind"]) for line in lines] == [
        ("Bruno", "recorded"),
        ("Ana", "live"),
    ]
    assert lines[0]["from"] is not None
    of_gare = town.get("chef", f"/api/viewings?camera={town.cameras['gare']}")
    assert [line["user"]["name"] for line in of_gare] == ["Ana"]
    of_bruno = town.get("controle", f"/api/viewings?user={town.users['bruno']}")
    assert [line["motif"] for line in of_bruno] == ["relecture"]
    later = (town.now + timedelta(hours=1)).isoformat()
    with town.act() as act:
        for line in lines:
            end_viewing(act, line["id"], "sockets")
    assert town.get("chef", "/api/viewings", params={"from": later}) == []
    assert town.get("ana", "/api/viewings", status=403)["code"] == "forbidden"


def test_hostile_bodies_are_refused(town: Town) -> None:
    for body in (
        {"cameras": [], "kind": "live"},
        {"cameras": list(range(1, 99)), "kind": "live"},
        {"cameras": [1], "kind": "x"},
    ):
        assert town.send("ana", "/api/viewings", body, 422)["code"] == "invalid"
    assert codes(town.send("ana", "/api/viewings", {"cameras": [999_999], "kind": "live"})) == [
        "camera_unknown"
    ]
    with town.database.read() as session:
        assert session.query(Viewing).count() == 0
