"""A room with a site, people and a clock, on a real database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select, text

from tests.conftest import Database as TestDatabase
from veilleur.db.engine import Database, ReadSession, open_database
from veilleur.features.incidents import commands
from veilleur.features.incidents.model import Opening, PointRef, SignalRef
from veilleur.features.incidents.tables import Incident, IncidentPoint, Step
from veilleur.features.people.tables import User
from veilleur.features.sites.tables import Centre, Site
from veilleur.kernel.clock import ManualClock
from veilleur.locale.render import render_entry
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.tables import Entry, EntryPayload

WATCH = Actor("watch", name="watch")


@dataclass
class Room:
    """What the tests act through: one transaction per act, as the application does."""

    database: Database
    clock: ManualClock
    site_id: int = 0
    users: dict[str, int] = field(default_factory=dict)
    signals: int = 0

    @contextmanager
    def act(self, who: str = "watch") -> Iterator[Act]:
        actor = WATCH if who == "watch" else Actor("user", self.users[who], who)
        with self.database.write() as session:
            yield Act(session, self.clock.now(), actor)

    def do(self, who: str, command: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with self.act(who) as act:
            return command(act, *args, **kwargs)

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        with self.database.read() as session:
            yield session

    def signal(self, role: str = "joined", at: datetime | None = None) -> SignalRef:
        self.signals += 1
        return SignalRef(self.signals, 0, at or self.clock.now(), role)

    def open(self, **changes: Any) -> int:
        given = dict(OPENING, site_id=self.site_id) | changes
        at = given.pop("point", POINT)
        with self.act() as act:
            return commands.open_incident(act, Opening(**given), self.signal("opened"), at)

    def incident(self, incident_id: int) -> Incident:
        with self.read() as session:
            return session.get_one(Incident, incident_id)

    def steps(self, incident_id: int) -> dict[str, Step]:
        with self.read() as session:
            rows = session.scalars(
                select(Step).where(Step.incident_id == incident_id).order_by(Step.position)
            )
            return {row.key: row for row in rows}

    def points(self, incident_id: int) -> list[IncidentPoint]:
        with self.read() as session:
            found = session.scalars(
                select(IncidentPoint)
                .where(IncidentPoint.incident_id == incident_id)
                .order_by(IncidentPoint.id)
            )
            return list(found)

    def entries(self, incident_id: int) -> list[str]:
        with self.read() as session:
            return list(
                session.scalars(select(Entry.kind).where(Entry.incident_id == incident_id).order_by(Entry.id))
            )

    def sentences(self, incident_id: int) -> list[str]:
        """The dossier's entries as they are read."""
        with self.read() as session:
            rows = session.execute(
                select(Entry.kind, Entry.version, EntryPayload.body)
                .join(EntryPayload, EntryPayload.payload_of == Entry.id)
                .where(Entry.incident_id == incident_id)
                .order_by(Entry.id)
            )
            return [render_entry("fr", kind, version, json.loads(body)) for kind, version, body in rows]

    def due(self, incident_id: int) -> dict[str, datetime]:
        with self.read() as session:
            rows = session.execute(
                text("SELECT kind, due_at FROM deadline WHERE incident_id = :id AND done_at IS NULL"),
                {"id": incident_id},
            )
            return {row.kind: row.due_at for row in rows}

    def finish_steps(self, incident_id: int, who: str) -> None:
        """Skips what is left of the procedure, as an operator in a hurry does."""
        for _ in range(30):
            steps = [s for s in self.steps(incident_id).values() if s.state == "current"]
            forms = {s["key"]: s for s in self.incident(incident_id).procedure["steps"]}
            todo = [s for s in steps if forms[s.key]["act"] != "return_to_normal"]
            if not todo:
                return
            for step in todo:
                self.do(who, commands.step_skipped, incident_id, step.key, "no_object")
        raise AssertionError("the procedure does not end")


POINT = PointRef("zone:1:15", "point 015 Quai de livraison", "intrusion", "1", None)
NEW_POINT = PointRef("zone:1:16", "point 016 Bureau du quai", "intrusion", "1", None)
OPENING: dict[str, Any] = {
    "group": "main",
    "family": "intrusion",
    "category": "intrusion",
    "priority": 3,
    "needs_operator": True,
    "procedure_event": "intrusion",
    "limits": {},
    "headline": {
        "code": "130",
        "dialect": "contact_id",
        "category": "intrusion",
        "qualifier": "new",
        "zone": "015",
        "zone_name": "Quai de livraison",
        "area": "1",
        "user": None,
        "text": None,
        "marks": [],
    },
}


@pytest.fixture
def room(database: TestDatabase, clock: ManualClock) -> Iterator[Room]:
    opened = open_database(database.app_dsn)
    built = Room(opened, clock)
    with built.database.write() as session:
        act = Act(session, clock.now(), Actor("import", name="test"))
        entry_id = act.record("test.room")
        session.add(Centre(id=1, name="Station Essai", settings={}, entry_id=entry_id))
        for name in ("Ana", "Bruno", "Chef"):
            user = User(
                login=name.lower(),
                name=name,
                sort_key=name.lower(),
                password_hash="x",
                roles=["lead" if name == "Chef" else "operator"],
                perimeter={},
                entry_id=entry_id,
            )
            session.add(user)
            session.flush()
            built.users[name] = user.id
        site = Site(
            reference="S-0001",
            name="Entrepôt du Port",
            sort_key="entrepot du port",
            town="Villeneuve-sur-Essai",
            phone="+33199001234",
            services=["intervention", "video"],
            codes=[],
            schedule=[],
            area_groups={},
            search="",
            commune="99001",
            entry_id=entry_id,
        )
        session.add(site)
        session.flush()
        built.site_id = site.id
    yield built
    opened.close()
