"""Builds the town in an empty database: its files by the importer, its people by the same commands as anybody's."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import yaml
from sqlalchemy import select

from veilleur.db.engine import Database
from veilleur.demo.camera_files import camera_import, reserved, rounds, walls
from veilleur.demo.town import CAMERAS_AT, DEMO_PEOPLE, DEMO_POSTS, TOWN
from veilleur.features.cameras.commands import watch_authorisations
from veilleur.features.cameras.tables import Camera
from veilleur.features.patrols.planning import import_patrols, read_file
from veilleur.features.people.commands import create_user, grant_title
from veilleur.features.people.posts import create_post
from veilleur.features.people.tables import User
from veilleur.features.sites.importer.run import import_file
from veilleur.features.viewing.layouts import Tile, Wall, create_layout
from veilleur.features.viewing.tables import PtzHold
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import SettingsError
from veilleur.kernel.ports import Perimeter, Reader
from veilleur.kernel.sealing import SealingKeys
from veilleur.logbook.act import Act, Actor

VIDEO = frozenset({"remote_monitoring", "video"})
CARD_VALID = timedelta(days=900)
BUILDER = Actor("import", name="Démonstration")

#: How long a colleague goes on steering the camera that he holds when the night begins.
STEERED = timedelta(minutes=30)


def build_town(database: Database, clock: Clock, keys: SealingKeys, rtsp: str = CAMERAS_AT) -> None:
    """Makes the town's sites, cameras, people and posts; does nothing when they are there. Raises SettingsError.

    `rtsp`: HOST:PORT where «demo cameras» plays the town's cameras.
    """
    with database.read() as session:
        if session.scalars(select(User.id).limit(1)).first() is not None:
            return
    take_file(database, clock, keys, TOWN)
    with tempfile.TemporaryDirectory() as folder:  # 0700: it holds passwords, fictional ones
        file = Path(folder) / "cameras.yaml"
        told = camera_import(clock.now().date(), rtsp)
        file.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), "utf-8")
        take_file(database, clock, keys, file)
    with database.write() as session:
        act = Act(session, clock.now(), BUILDER)
        for person in DEMO_PEOPLE:
            user_id = create_user(
                act, login=person.login, name=person.name, roles=person.roles, password=person.password
            )
            if person.card:
                grant_title(
                    act,
                    user_id,
                    kind="card",
                    number=person.card,
                    activities=["remote_monitoring", "video"],
                    issued_on=(act.now - CARD_VALID).date(),
                    expires_on=(act.now + CARD_VALID).date(),
                )
        for name, kind in DEMO_POSTS.items():
            create_post(act, name=name, kind=kind)
        hold_cameras(act)
        draw_walls(act)
        import_patrols(act, read_file(rounds()))
        watch_authorisations(act)


def take_file(database: Database, clock: Clock, keys: SealingKeys, file: Path) -> None:
    """Imports a file of the town, all of it. Raises SettingsError."""
    report = import_file(database, clock, keys, file, strict=True, actor=BUILDER)
    if not report.committed:
        raise SettingsError(f"The town's file {file.name} was refused: {report.issues[:3]}")


def draw_walls(act: Act) -> None:
    """The shared walls, drawn by the chef de salle."""
    user = act.session.scalars(select(User).where(User.login == "chef")).one()
    chef = Reader(user.id, user.name, frozenset(user.roles), Perimeter(), activities=VIDEO)
    ids = {camera.reference: camera.id for camera in act.session.scalars(select(Camera))}
    for wall in walls():
        tiles = [
            Tile(
                ids[told["camera"]] if "camera" in told else None,
                told.get("span", 1),
                tuple(ids[each] for each in told.get("sequence", ())),
                told.get("hotspot", False),
            )
            for told in wall["tiles"]
        ]
        drawn = Wall(wall["name"], True, wall["columns"], wall["rows"], wall["seconds"], tiles)
        create_layout(act, chef, drawn, may_share=True)


def hold_cameras(act: Act) -> None:
    """The PTZ cameras that a colleague steers when the night begins."""
    for reference, login in reserved():
        camera = act.session.scalars(select(Camera).where(Camera.reference == reference)).one()
        user = act.session.scalars(select(User).where(User.login == login)).one()
        entry = act.record(
            "ptz.taken", {"camera": camera.name, "priority": 5, "from": None}, touched={"camera": [camera.id]}
        )
        until = act.now + STEERED
        act.session.add(
            PtzHold(camera_id=camera.id, user_id=user.id, priority=5, until=until, entry_id=entry)
        )
    act.session.flush()
