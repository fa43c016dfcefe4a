"""A station on a real database: a centre, a site with its panel, a watch that can be stepped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from veilleur.db.engine import Database, open_database
from veilleur.features.incidents.tables import Incident, IncidentPoint
from veilleur.features.sites.tables import Area, Centre, Panel, Path, Site, Zone
from veilleur.kernel.clock import ManualClock
from veilleur.logbook.act import Act, Actor
from veilleur.protocols.events import Event
from veilleur.watch.deadlines import Deadlines
from veilleur.watch.deciding import Decider
from veilleur.watch.lease import Held, acquire
from veilleur.watch.paths import Paths

IMPORT = Actor("import", name="test")

INSERT = """
INSERT INTO signal (batch_id, received_at, line, transport, peer, protocol, token, account, canonical, raw, verdict,
                    panel_id, path_id, site_id, events, encrypted)
VALUES (0, %(at)s, 'R1', 'tcp', '127.0.0.1:4', 'dc09', %(token)s, '1234', '1234', %(raw)s, %(verdict)s,
        %(panel)s, %(path)s, %(site)s, %(events)s, false) RETURNING id"""


@dataclass
class Station:
    """What the tests act through."""

    database: Database
    owner_dsn: str
    clock: ManualClock
    held: Held
    site_id: int = 0
    panel_id: int = 0

    @contextmanager
    def act(self, actor: Actor = IMPORT) -> Iterator[Act]:
        with self.database.write() as session:
            yield Act(session, self.clock.now(), actor)

    def add_site(
        self, number: int, *, paths: int = 0, carrier: str | None = None, **more: Any
    ) -> tuple[int, int]:
        """A site S-000n with a panel, areas 1 and 2 armed, points 1 to 3; (site, panel)."""
        with self.act() as act:
            entry = act.record("site.imported", {"n": number})
            given = {"connection": "in_service", "schedule": [], "codes": [], "area_groups": {}} | more
            site = Site(
                reference=f"S-{number:04d}",
                name=f"Site {number}",
                sort_key=f"site {number}",
                services=[],
                search="",
                entry_id=entry,
                **given,
            )
            act.session.add(site)
            act.session.flush()
            panel = Panel(
                site_id=site.id,
                account=f"{1233 + number}",
                canonical=f"{1233 + number}",
                line="R1",
                entry_id=entry,
            )
            act.session.add(panel)
            act.session.flush()
            for area in ("1", "2"):
                act.session.add(Area(site_id=site.id, number=area, armed=True, entry_id=entry))
            for zone in ("1", "2", "3"):
                act.session.add(
                    Zone(
                        site_id=site.id,
                        panel_id=panel.id,
                        number=zone,
                        shown=zone.zfill(3),
                        area="1",
                        name=f"Point {zone}",
                        codes=[],
                        entry_id=entry,
                    )
                )
            for n in range(paths):
                act.session.add(
                    Path(
                        panel_id=panel.id,
                        name=f"voie {n + 1}",
                        interval=90,
                        reporting=200,
                        match={},
                        carrier=carrier,
                        state="up",
                        state_since=self.clock.now(),
                        entry_id=entry,
                    )
                )
            return site.id, panel.id

    def receive(
        self, *events: Event | dict[str, Any], connection: psycopg.Connection | None = None, **more: Any
    ) -> int:
        """Stores a signal as the reception does; its id."""
        rows = [e if isinstance(e, dict) else as_json(e) for e in events]
        values = {
            "at": self.clock.now(),
            "token": "ADM-CID",
            "raw": b"frame",
            "verdict": "accepted",
            "panel": self.panel_id,
            "path": None,
            "site": self.site_id,
            "events": json.dumps(rows),
        } | more
        if connection is not None:
            return int(connection.execute(INSERT, values).fetchone()[0])  # type: ignore[index]
        with psycopg.connect(self.database.dsn, autocommit=True) as own:
            return int(own.execute(INSERT, values).fetchone()[0])  # type: ignore[index]

    def decider(self, held: Held | None = None) -> Decider:
        return Decider(self.database, self.clock, held or self.held)

    def deadlines(self, **more: Any) -> Deadlines:
        return Deadlines(self.database, self.clock, self.held, **more)

    def paths(self) -> Paths:
        return Paths(self.database, self.clock, self.held)

    def decide_all(self) -> int:
        """Decides until nothing waits."""
        total = 0
        decider = self.decider()
        while done := decider.run_batch():
            total += done
        return total

    def incidents(self, site_id: int | None = None, *, closed: bool = False) -> list[Incident]:
        """Open (or all) dossiers of a site, of the first one by default."""
        from sqlalchemy import select

        query = select(Incident).where(Incident.site_id == (site_id or self.site_id)).order_by(Incident.id)
        with self.database.read() as session:
            return [i for i in session.scalars(query) if closed or i.closed_at is None]

    def points(self, incident_id: int) -> dict[str, IncidentPoint]:
        from sqlalchemy import select

        query = select(IncidentPoint).where(IncidentPoint.incident_id == incident_id)
        with self.database.read() as session:
            return {p.key: p for p in session.scalars(query)}

    def value(self, sql: str, **values: Any) -> Any:
        """One value of the database."""
        with self.database.read() as session:
            return session.execute(text(sql), values).scalar()

    def column(self, sql: str, **values: Any) -> list[Any]:
        """One column of the database."""
        with self.database.read() as session:
            return list(session.execute(text(sql), values).scalars())

    def kinds(self) -> list[str]:
        """Kinds of entries, in order."""
        return self.column("SELECT kind FROM entry ORDER BY id")

    def seen(self, path_id: int, *, ago: float = 0, holder: str = "r1") -> None:
        """A sign of life on a path, flushed by a reception."""
        with self.database.write() as session:
            session.execute(
                text(
                    "INSERT INTO path_seen (path_id, last_seen, holder) VALUES (:p, :at, :h) "
                    "ON CONFLICT (path_id) DO UPDATE SET last_seen = excluded.last_seen, holder = excluded.holder"
                ),
                {"p": path_id, "at": self.clock.now() - timedelta(seconds=ago), "h": holder},
            )

    def watermark(
        self, holder: str = "r1", *, ago: float = 0, started: float = 86400, stopped: bool = False
    ) -> None:
        """How far a reception has written."""
        now = self.clock.now()
        with self.database.write() as session:
            session.execute(
                text(
                    "INSERT INTO reception_watermark (holder, lines, started_at, flushed_at, stopped_at) "
                    "VALUES (:h, ARRAY['R1'], :s, :f, :x) ON CONFLICT (holder) DO UPDATE "
                    "SET started_at = excluded.started_at, flushed_at = excluded.flushed_at, "
                    "stopped_at = excluded.stopped_at"
                ),
                {
                    "h": holder,
                    "s": now - timedelta(seconds=started),
                    "f": now - timedelta(seconds=ago),
                    "x": now if stopped else None,
                },
            )


def as_json(event: Event) -> dict[str, Any]:
    """An event as it is stored."""
    return {
        "category": str(event.category),
        "code": event.code,
        "qualifier": str(event.qualifier),
        "area": event.area,
        "zone": event.zone,
        "user": event.user,
        "text": event.text,
        "extended": dict(event.extended),
    }


@pytest.fixture
def station(database: Any, clock: ManualClock) -> Iterator[Station]:
    """A station whose watch is this test; site S-0001 is there."""
    opened = open_database(database.app_dsn, pool_size=3)
    with opened.write() as session:
        entry = Act(session, clock.now(), IMPORT).record("centre.imported", {})
        session.add(Centre(id=1, name="Station d’essai", settings={}, entry_id=entry))
    held = acquire(opened, "watch", "test", ttl=3600)
    assert held is not None
    made = Station(opened, database.owner_dsn, clock, held)
    made.site_id, made.panel_id = made.add_site(1)
    yield made
    opened.close()
