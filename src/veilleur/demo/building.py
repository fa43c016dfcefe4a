"""Builds the town in an empty database: its file by the importer, its people by the same commands as anybody's."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from veilleur.db.engine import Database
from veilleur.demo.town import DEMO_PEOPLE, DEMO_POSTS, TOWN
from veilleur.features.people.commands import create_user, grant_title
from veilleur.features.people.posts import create_post
from veilleur.features.people.tables import User
from veilleur.features.sites.importer.run import import_file
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import SettingsError
from veilleur.kernel.sealing import SealingKeys
from veilleur.logbook.act import Act, Actor

CARD_VALID = timedelta(days=900)


def build_town(database: Database, clock: Clock, keys: SealingKeys) -> None:
    """Makes the town's sites, people and posts; does nothing when they are there. Raises SettingsError."""
    with database.read() as session:
        if session.scalars(select(User.id).limit(1)).first() is not None:
            return
    report = import_file(
        database, clock, keys, TOWN, strict=True, actor=Actor("import", name="Démonstration")
    )
    if not report.committed:
        raise SettingsError(f"The town's file was refused: {report.issues[:3]}")
    with database.write() as session:
        act = Act(session, clock.now(), Actor("import", name="Démonstration"))
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
        for name in DEMO_POSTS:
            create_post(act, name=name, kind="remote_monitoring")
