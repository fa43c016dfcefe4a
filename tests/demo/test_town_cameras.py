"""The town's cameras in the database: every one of the file, its law, its neighbours, and the authorisation that ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from veilleur.db.engine import Database, open_database
from veilleur.demo.building import build_town
from veilleur.demo.camera_files import camera_import
from veilleur.demo.cameras import running_cameras
from veilleur.demo.town import CAMERAS_FILE
from veilleur.features.cameras.probing import try_address
from veilleur.features.cameras.secrets import CameraRing, address_of
from veilleur.features.cameras.tables import Authorisation, Camera, CameraFault, CameraMask, CameraZone
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.importer.run import import_file
from veilleur.features.sites.tables import Site, Zone
from veilleur.features.viewing.tables import Patrol, WallLayout
from veilleur.kernel.clock import ManualClock, SystemClock
from veilleur.keyring import Keys

WRITTEN = yaml.safe_load(CAMERAS_FILE.read_text("utf-8"))["cameras"]


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


@pytest.fixture
def town(database: Any, clock: ManualClock, keys: Keys) -> Iterator[Database]:
    opened = open_database(database.app_dsn, pool_size=2)
    build_town(opened, clock, keys)
    yield opened
    opened.close()


def rows(town: Database, table: Any) -> list[Any]:
    with town.read() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def test_every_camera_of_the_file_is_there(town: Database) -> None:
    cameras = rows(town, Camera)
    assert {camera.reference for camera in cameras} == {each["reference"] for each in WRITTEN}
    by = {camera.reference: camera for camera in cameras}
    ids = {camera.id: camera.reference for camera in cameras}
    key = {each["reference"]: each["key"] for each in WRITTEN}
    for each in WRITTEN:
        camera = by[each["reference"]]
        assert camera.regime == each["regime"]
        assert [key[ids[near]] for near in camera.neighbours] == each.get("neighbours", [])
        assert (camera.authorisation_id is not None) == ("authorisation" in each)
        assert camera.source["kind"] == each["kind"]
    public = [camera for camera in cameras if camera.regime in ("public_road", "public_place")]
    assert len(public) == 8
    assert {camera.commune for camera in public} == {"99001"}
    assert sorted(mask.kind for mask in rows(town, CameraMask)) == ["legal", "role", "role"]


def test_points_that_cameras_see_exist(town: Database) -> None:
    sites = {camera.id: camera.site_id for camera in rows(town, Camera)}
    with town.read() as session:
        points = {tuple(row) for row in session.execute(select(Zone.site_id, Zone.number))}
    for link in rows(town, CameraZone):
        assert (sites[link.camera_id], link.zone) in points


def test_one_authorisation_ends_in_twenty_days_and_the_centre_is_told(
    town: Database, clock: ManualClock
) -> None:
    soon = [row for row in rows(town, Authorisation) if row.warned]
    assert [(row.expires_on - clock.now().date(), row.warned) for row in soon] == [
        (timedelta(days=20), "20_days")
    ]
    (dossier,) = rows(town, Incident)
    assert (dossier.headline["code"], dossier.priority) == ("authorisation_ends", 4)
    assert rows(town, CameraFault) == [], "until then it films"


def test_the_first_sites_keep_what_they_have(town: Database) -> None:
    (port,) = [site for site in rows(town, Site) if site.reference == "S-0001"]
    assert (port.name, port.risks is not None) == ("Entrepôt du Port, quai 3", True)


def test_the_file_again_changes_nothing(
    town: Database, clock: ManualClock, keys: Keys, tmp_path: Path
) -> None:
    file = tmp_path / "cameras.yaml"
    file.write_text(yaml.safe_dump(camera_import(clock.now().date(), "127.0.0.1:8554"), allow_unicode=True))
    report = import_file(town, clock, keys, file)
    assert report.ok
    assert report.total("changed") + report.total("added") == 0


def test_its_cameras_answer_at_those_addresses(database: Any, clock: ManualClock, keys: Keys) -> None:
    opened = open_database(database.app_dsn, pool_size=2)
    try:
        with running_cameras(SystemClock()) as server:
            host, port = server.address
            build_town(opened, clock, keys, f"{host}:{port}")
            (quay,) = [each for each in rows(opened, Camera) if each.reference == "S-0001-02"]
            tried = try_address(address_of(quay, CameraRing(keys.cameras)))
        assert tried.found.codec == "h264"
        assert tried.picture is not None
    finally:
        opened.close()


def test_walls_and_a_round_are_there(town: Database) -> None:
    names = {camera.id: camera.reference for camera in rows(town, Camera)}
    walls = {wall.name: wall for wall in rows(town, WallLayout)}
    assert set(walls) == {"Presqu’île nuit", "Entrepôt du Port"}
    assert all(wall.shared for wall in walls.values())
    night = walls["Presqu’île nuit"].tiles
    shown = {each for tile in night for each in (tile["camera"], *tile["sequence"]) if each is not None}
    assert {names[each] for each in shown} == {f"VP-00{n}" for n in range(1, 9)}, (
        "public cameras, all of them"
    )
    assert sum(tile["hotspot"] for tile in night) == 1
    (patrol,) = rows(town, Patrol)
    assert [names[view["camera"]] for view in patrol.views] == [f"VP-00{n}" for n in range(1, 9)]
