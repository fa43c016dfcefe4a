"""Cameras in the file of sites (the whole form: tests/features/sites/test_import_whole.py)."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from tests.features.cameras.conftest import AUTHORISATION, PASSWORD, TOWN, camera
from veilleur.features.cameras.secrets import CameraRing, address_of
from veilleur.features.cameras.tables import Authorisation, Camera, CameraMask, CameraPreset, CameraZone
from veilleur.kernel.sealing import SealError
from veilleur.locale.render import render


def faults(report) -> list[tuple[str, str]]:
    return [(issue.where, issue.code) for issue in report.issues]


def test_what_is_read_is_what_was_written(town) -> None:
    row, quay = camera(town), camera(town, "P-1")
    assert (row.regime, row.purpose, row.ptz, row.record) == ("public_road", "assaults_thefts", True, True)
    assert (row.customer_id, row.commune) == (town.site("S-1").customer_id, "99001")
    assert row.neighbours == [quay.id], "a camera of a site that comes later in the file"
    assert (row.live_roles, row.recorded_roles) == (["operator", "lead"], ["operator", "lead"])
    ring = CameraRing(town.keys.cameras)
    address = address_of(row, ring)
    assert (address.main, address.sub) == ("rtsp://192.0.2.10/main", "rtsp://192.0.2.10/sub")
    assert (address.user, address.password) == ("veilleur", PASSWORD)
    assert PASSWORD not in repr(address)
    with pytest.raises(SealError):
        ring.open(quay.id, row.password_sealed)
    assert [(mask.kind, mask.state) for mask in town.rows(CameraMask)] == [
        ("legal", "unchecked"),
        ("role", "unchecked"),
    ]
    (zone,) = town.rows(CameraZone)
    assert (zone.camera_id, zone.area, zone.zone) == (quay.id, "1", "15"), "numbers as points have them"
    (paper,) = town.rows(Authorisation)
    assert (paper.expires_on, paper.retention_days, paper.commune) == (date(2028, 12, 18), 15, "99001")


def test_again_it_writes_nothing_and_the_export_gives_it_back(town) -> None:
    before = town.entries()
    assert town.taken(TOWN).total("unchanged") == 5
    text = town.export()
    assert PASSWORD not in text
    told = yaml.safe_load(text)["sites"][0]["cameras"][0]
    assert told["password"] == "***"
    assert told["address"]["user"] == "veilleur"
    assert town.taken(text).total("unchanged") == 5
    assert town.entries() == before


def test_a_dry_run_changes_nothing_and_names_neighbours_to_come(world) -> None:
    report = world.load(TOWN, dry_run=True)
    assert report.ok, faults(report)
    assert report.counts["sites"] == {"added": 2}
    assert world.rows(Camera) == []
    assert world.entries() == 0


def test_a_strict_import_with_one_fault_takes_nothing(world) -> None:
    report = world.load(TOWN.replace("regime: home", "regime: garden"), strict=True)
    assert not report.committed
    assert world.rows(Camera) == []


def test_what_the_list_no_longer_holds_is_removed_and_comes_back(town) -> None:
    lines = [line for line in TOWN.splitlines() if "H-1" not in line]
    town.taken("\n".join(lines))
    assert camera(town, "H-1").removed_at is not None
    town.taken(TOWN)
    assert camera(town, "H-1").removed_at is None
    assert len(town.rows(Camera)) == 3
    town.taken(TOWN.replace('presets: [{token: "1", name: Large}]', "presets: []"))
    assert town.rows(CameraPreset)[0].removed_at is not None
    town.taken(TOWN)
    assert [row.removed_at for row in town.rows(CameraPreset)] == [None]


def test_a_camera_follows_the_perimeter_of_its_site(town) -> None:
    town.taken('sites: [{reference: S-2, name: Entrepôt, customer: C-1, commune: "99001"}]')
    assert camera(town, "P-1").commune == "99001"
    assert camera(town, "P-1").customer_id == town.site("S-1").customer_id


def test_a_mask_that_is_drawn_anew_is_to_be_checked_anew(town) -> None:
    from veilleur.features.cameras.commands import check_mask

    mask = town.rows(CameraMask, CameraMask.kind == "legal")[0]
    with town.acting() as act:
        check_mask(act, mask.id, there=True, proof=b"\xff\xd8jpeg")
    town.taken(TOWN)
    assert town.rows(CameraMask)[0].state == "there", "the same drawing keeps its proof"
    town.taken(TOWN.replace("{x: 0.2, y: 0.3}", "{x: 0.2, y: 0.4}"))
    changed = town.rows(CameraMask)[0]
    assert (changed.state, changed.proof, changed.checked_at) == ("unchecked", None, None)


def test_a_password_inside_a_url_is_sealed(town) -> None:
    text = TOWN.replace("rtsp://192.0.2.20/main", "rtsp://root:hydromelune@192.0.2.20/main")
    town.taken(text)
    row = camera(town, "P-1")
    assert row.source["main"] == "rtsp://192.0.2.20/main"
    assert row.source["user"] == "root"
    assert CameraRing(town.keys.cameras).open(row.id, row.password_sealed) == "hydromelune"
    assert town.taken(text).total("changed") == 0
    assert "hydromelune" not in str(town.last("site.changed"))


CAMERA = "reference: X-1, name: X, regime: private"
PUBLIC = "reference: X-1, name: X, regime: public_road"
ADDRESS = 'address: {kind: rtsp, main: "rtsp://192.0.2.9/"}'


@pytest.mark.parametrize(
    ("camera", "where", "code"),
    [
        (f"{CAMERA}", "cameras[X-1]", "required"),
        (f"{CAMERA}, address: {{kind: rtsp, main: 'file:///etc/passwd'}}", ".address", "bad_scheme"),
        (f"{CAMERA}, address: {{kind: carrier-pigeon, main: 'x'}}", ".address.kind", "not_among"),
        (f"{CAMERA}, address: {{kind: snapshot, main: 'http://x/?pwd=zibelhonte'}}", ".address", "secret_in_address"),
        (f"{CAMERA}, address: {{kind: rtsp, main: 'rtsp://a:1@x/', sub: 'rtsp://a:2@x/'}}", ".address", "two_passwords"),
        (f"{CAMERA}, password: autre, address: {{kind: rtsp, main: 'rtsp://a:zibelhonte@x/'}}", ".address", "two_passwords"),
        (f"{CAMERA}, {ADDRESS}, password: '***'", ".password", "masked_without_secret"),
        (f"{CAMERA}, {ADDRESS}, retention_days: 31", ".retention_days", "not_between"),
        (f"{CAMERA}, {ADDRESS}, retention_days: 5, min_retention_days: 9", ".min_retention_days", "minimum_over_maximum"),
        (f"{CAMERA}, {ADDRESS}, live_roles: [janitor]", ".live_roles[1]", "not_among"),
        (f"{CAMERA}, {ADDRESS}, bearing: 400", ".bearing", "not_between"),
        (f"{CAMERA}, {ADDRESS}, neighbours: [NOBODY]", ".neighbours", "unknown_camera"),
        (f"{CAMERA}, {ADDRESS}, neighbours: [X-1]", ".neighbours", "unknown_camera"),
        (f"{CAMERA}, {ADDRESS}, zones: [{{zone: '1', preset: '7'}}]", ".zones", "unknown_preset"),
        (f"{CAMERA}, {ADDRESS}, zones: [{{zone: '1'}}, {{zone: '1'}}]", ".zones", "twice"),
        (f"{CAMERA}, {ADDRESS}, masks: [{{kind: legal, name: M, polygon: [{{x: 0, y: 0}}]}}]", ".masks[M].polygon", "bad_mask"),
        (f"{CAMERA}, {ADDRESS}, masks: [{{kind: legal, name: M, polygon: [{{x: 2, y: 0}}]}}]", ".x", "not_between"),
        (f"{PUBLIC}, purpose: traffic, {ADDRESS}", "[X-1]", "camera_needs_authorisation"),
        (f"{PUBLIC}, purpose: traffic, authorisation: null, {ADDRESS}", "[X-1]", "camera_needs_authorisation"),
        (f"{PUBLIC}, authorisation: A-1, {ADDRESS}", ".purpose", "camera_needs_purpose"),
        (f"{PUBLIC}, purpose: fun, authorisation: A-1, {ADDRESS}", ".purpose", "camera_needs_purpose"),
        (f"{PUBLIC}, purpose: traffic, authorisation: A-9, {ADDRESS}", ".authorisation", "unknown_reference"),
        (f"reference: VP-1, name: X, regime: private, {ADDRESS}", ".reference", "camera_held"),
    ],
)  # fmt: skip
def test_a_fault_tells_its_line_and_its_field(town, camera, where, code) -> None:
    before = town.entries()
    text = (
        f"{AUTHORISATION}\nsites:\n  - reference: S-9\n    name: Neuf\n    cameras:\n      - {{{camera}}}\n"
    )
    report = town.load(text)
    assert code in [issue.code for issue in report.issues], faults(report)
    issue = next(issue for issue in report.issues if issue.code == code)
    assert issue.where.startswith("sites[S-9].cameras[")
    assert where in issue.where
    assert issue.line == 10
    for language in ("fr", "en"):
        said = issue.sentence(language)
        assert code not in said, "it has a sentence of its own"
        assert "zibelhonte" not in said
    assert town.entries() == before, "nothing of a refused site is written"


def test_the_same_camera_at_two_sites_of_a_file_is_refused_at_the_second(world) -> None:
    each = f"cameras: [{{{CAMERA}, {ADDRESS}}}]"
    report = world.load(f"sites: [{{reference: S-1, name: A, {each}}}, {{reference: S-2, name: B, {each}}}]")
    assert faults(report) == [("sites[S-2].cameras[X-1].reference", "camera_held")]


def test_the_rejects_are_importable_once_mended(town, tmp_path) -> None:
    rejects = tmp_path / "refus.yaml"
    text = f"sites: [{{reference: S-9, name: Neuf, cameras: [{{{CAMERA}, address: {{kind: rtsp, main: 'ftp://x/'}}}}]}}]"
    town.load(text, rejects=rejects)
    mended = rejects.read_text("utf-8").replace("ftp://x/", "rtsp://192.0.2.9/")
    town.taken(mended)
    assert camera(town, "X-1").source["main"] == "rtsp://192.0.2.9/"


def test_the_sentences_of_entries_name_the_object(town) -> None:
    from veilleur.locale.render import template

    town.taken(TOWN.replace("2026-0117", "2026-0118"))
    said = town.last("authorisation.changed")
    assert said["fields"] == ["number"]
    assert said["changes"][0]["before"] == {"number": "2026-0117"}
    for language in ("fr", "en"):
        assert "A-1" in render(language, template(language, "authorisation.changed", 1), said)
