"""The record of connection: what was tested, what never spoke, who accepted it in spite of what (practice need 3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.features.sites.test_sites_cli import veilleur  # noqa: F401  # the fixture
from tests.features.sites.test_sites_http import seated
from tests.web.serving import Browser, Desk, serve
from veilleur.features.sites import commands
from veilleur.features.sites.connecting import MOTIFS, connection_stand
from veilleur.features.sites.errors import (
    ConnectionIncompleteError,
    ConnectionMotifError,
    NotConnectingError,
    TextLengthError,
)
from veilleur.features.sites.tables import ConnectionRecord, Path, PathSeen, Zone
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.sealing import KeyRing
from veilleur.locale.render import render_entry

SITE = """
sites:
  - reference: S-1
    name: École du Lac
    connection: en cours
    address: {postcode: "99001", town: V}
    panels:
      - account: "22"
        paths: [{name: ip, interval: 90}]
        zones:
          - {number: "001", name: Porte, kind: intrusion}
          - {number: "002", name: Fumée cuisine, kind: fire}
          - {number: "003"}
  - {reference: S-2, name: Sans point, connection: en cours, panels: [{account: "23"}]}
  - {reference: S-3, name: En service}
"""


@pytest.fixture
def site(world):
    world.taken(SITE)
    return world


def spoke(world, number: str, state: str) -> None:
    """A point speaks while the site is being connected."""
    (zone,) = world.rows(Zone, Zone.number == number)
    with world.acting() as act:
        commands.set_zone_state(act, zone.id, state, world.clock.now())


def heard(world) -> None:
    with world.database.write() as session:
        for path in world.rows(Path):
            session.merge(PathSeen(path_id=path.id, last_seen=world.clock.now(), holder="r"))


def stand(world, reference: str = "S-1"):
    with world.database.read() as session:
        return connection_stand(session, world.site(reference).id)


def lacking(world, reference: str = "S-1") -> dict[str, tuple[str, ...]]:
    return {each.code: each.items for each in stand(world, reference).missing}


def accept(world, reference: str = "S-1", **asked) -> int:
    with world.acting("Garance") as act:
        return commands.accept_connection(
            act, world.site(reference).id, **({"accepted_by": "M. Fil, installateur"} | asked)
        )


def test_every_point_tested_and_never_seen_is_listed(site):
    assert lacking(site) == {
        "never_seen": ("Porte", "Fumée cuisine", "#zone:003"),
        "paths_unheard": ("#path:ip",),
    }
    heard(site)
    spoke(site, "1", "alarm")
    site.clock.advance(60)
    spoke(site, "2", "alarm")
    spoke(site, "2", "normal")
    assert lacking(site) == {"never_seen": ("#zone:003",), "in_alarm": ("Porte",)}
    found = {point.number: point for point in stand(site).points}
    assert [point.state for point in stand(site).points] == ["never_seen", "in_alarm", "tested"], (
        "what lacks first"
    )
    assert found["002"].tested_at == found["002"].alarm_at == site.clock.now()
    assert found["001"].alarm_at == site.clock.now() - timedelta(seconds=60)
    assert (found["003"].tested_at, found["003"].alarm_at, found["003"].seen_at) == (None, None, None)


def test_a_site_whose_points_are_unknown_lacks_all_of_them(site):
    assert "no_point" in lacking(site, "S-2")


def test_complete_it_goes_in_service_without_a_motif(site):
    heard(site)
    for number in ("1", "2", "3"):
        spoke(site, number, "alarm")
        spoke(site, number, "normal")
    accept(site, motif="later", note="  Rien à dire ")
    assert site.site().connection == "in_service"
    (record,) = site.rows(ConnectionRecord)
    assert (record.accepted_by, record.operator, record.motif) == ("M. Fil, installateur", "Garance", None)
    assert (record.missing, record.note, record.accepted_at) == ([], "Rien à dire", site.clock.now())
    assert [point["state"] for point in record.points] == ["tested"] * 3
    assert record.entry_id == site.site().entry_id


def test_incomplete_it_takes_a_motif_and_keeps_what_lacked(site):
    heard(site)
    spoke(site, "1", "alarm")
    with pytest.raises(ConnectionIncompleteError) as refusal:
        accept(site)
    assert [each["code"] for each in refusal.value.params["missing"]] == ["never_seen", "in_alarm"]
    assert site.site().connection == "connecting"
    with pytest.raises(ConnectionMotifError):
        accept(site, motif="because")
    accept(site, motif="not_wired")
    (record,) = site.rows(ConnectionRecord)
    assert record.motif == "not_wired"
    assert record.missing[0]["items"] == ["Fumée cuisine", "#zone:003"]
    said = render_entry("fr", "connection.accepted", 1, {"params": site.last("connection.accepted")})
    assert said == (
        "Mise en service du raccordement, acceptée par M. Fil, installateur : 3 points, 2 jamais vus, malgré : "
        "Fumée cuisine, point 003, Porte – motif : point pas encore câblé"
    )


def test_a_record_is_a_picture_of_its_day(site):
    heard(site)
    accept(site, motif="later")
    spoke(site, "3", "alarm")
    (record,) = site.rows(ConnectionRecord)
    assert {point["number"]: point["state"] for point in record.points}["003"] == "never_seen"
    assert {point.number: point.tested_at for point in stand(site).points}["003"] is None, (
        "in service: no test"
    )


def test_only_a_connection_en_cours_is_accepted(site):
    with pytest.raises(NotConnectingError):
        accept(site, "S-3")
    with pytest.raises(TextLengthError):
        accept(site, accepted_by="   ")


def test_reopened_it_is_tested_again_and_both_records_stay(site):
    accept(site, motif="later")
    with site.acting() as act:
        commands.reopen_connection(act, site.site().id, reason="centrale changée")
    assert site.site().connection == "connecting"
    with site.acting() as act, pytest.raises(NotConnectingError):
        commands.reopen_connection(act, site.site().id, reason="encore")
    accept(site, motif="takeover")
    assert [row.motif for row in site.rows(ConnectionRecord)] == ["later", "takeover"]


def test_a_point_tested_on_test_says_so(site):
    (zone,) = site.rows(Zone, Zone.number == "1")
    site.clock.advance(12 * 3600)  # in the afternoon, no call-back is asked
    with site.acting() as act:
        asking = commands.Asking("Technicien", word="right", lead=True)
        test = commands.start_on_test(
            act, site.site().id, commands.TestScope(), site.clock.now() + timedelta(hours=1), asking
        )
        commands.note_on_test(
            act, test, point_key=f"zone:{zone.panel_id}:1", label="Porte", category="intrusion", qualifier="new",
            zone_id=zone.id, at=site.clock.now(), signal_id=1,
        )  # fmt: skip
    assert site.rows(Zone, Zone.number == "1")[0].tested_at == site.clock.now()


def test_the_command_line_shows_and_accepts(site, veilleur):  # noqa: F811
    shown = veilleur("connection", "S-1")
    assert shown.exit_code == 1
    assert "Fumée cuisine" in shown.output
    assert "jamais vu" in shown.output
    assert "jamais vus : 3" in shown.output
    refused = veilleur("connection", "S-1", "--accept-by", "M. Fil")
    assert isinstance(refused.exception, ConnectionIncompleteError)
    done = veilleur("connection", "S-1", "--accept-by", "M. Fil", "--motif", "later")
    assert done.exit_code == 0
    assert done.output.startswith("en service")
    assert isinstance(veilleur("connection", "S-9").exception, NotFoundError)


@pytest.fixture
def desk(site) -> Iterator[Desk]:
    provide = {KeyRing: site.keys.contacts}
    with serve(site.database, site.clock, site.database.dsn, provide=provide) as running:
        yield running


@pytest.fixture
def operator(desk: Desk) -> Browser:
    return seated(desk, "anna", post="Poste 1")


def test_from_the_desk_to_the_printed_page(site, desk: Desk, operator: Browser):
    at = f"/api/sites/{site.site().id}"
    assert "connection" in operator.get(at).json()["abilities"]
    told = operator.get(f"{at}/connection").json()
    assert [each["code"] for each in told["missing"]] == ["never_seen", "paths_unheard"]
    assert told["motifs"] == list(MOTIFS)
    assert told["abilities"] == ["connection"]
    page = operator.get(f"{at}/connection/report").text
    assert "PROJET" in page
    assert "Fumée cuisine" in page
    assert "<script" not in page
    refused = operator.post(f"{at}/connection/accept", {"accepted_by": "M. Fil"})
    assert (refused.status_code, refused.json()["code"]) == (409, "connection_incomplete")
    asked = {"accepted_by": "M. <Fil>", "motif": "later", "note": "Cuisine en travaux"}
    assert operator.post(f"{at}/connection/accept", asked).status_code == 201
    told = operator.get(f"{at}/connection").json()
    assert (told["connection"], told["abilities"], told["records"][0]["motif"]) == ("in_service", [], "later")
    assert "connection" not in operator.get(at).json()["abilities"]
    page = operator.get(f"{at}/connection/report").text
    assert "PROJET" not in page
    assert "M. &lt;Fil&gt;" in page
    assert "essai prévu plus tard" in page
    assert "Cuisine en travaux" in page
    assert "jamais" in page


def test_the_lead_reopens_and_the_operator_may_not(site, desk: Desk, operator: Browser):
    at = f"/api/sites/{site.site('S-3').id}/connection/reopen"
    assert operator.post(at, {"reason": "travaux"}).status_code == 403
    desk.room.user("chef", "lead")
    assert desk.browser("chef").post(at, {"reason": "travaux"}).status_code == 204
    assert site.site("S-3").connection == "connecting"
