"""What the tests of sites share: an open database, keys, acts, and importing a text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import func, select

from veilleur.db.engine import Database, open_database
from veilleur.features.sites.importer import ImportReport, import_file
from veilleur.features.sites.importer.export import export
from veilleur.features.sites.tables import Site
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import KeyRing, open_key_ring
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.tables import Entry, EntryPayload


@dataclass(frozen=True)
class Rings:
    """The rings, in the test's folder."""

    panels: KeyRing
    contacts: KeyRing
    cameras: KeyRing


@dataclass
class World:
    """A centre's database under test."""

    database: Database
    clock: ManualClock
    keys: Rings
    folder: Path

    def load(self, text: str, **options) -> ImportReport:
        """Imports a text."""
        path = self.folder / "sites.yaml"
        path.write_text(text, "utf-8")
        return import_file(self.database, self.clock, self.keys, path, **options)

    def taken(self, text: str, **options) -> ImportReport:
        """Imports a text that must be acceptable."""
        report = self.load(text, **options)
        assert report.ok, [issue.sentence("fr") for issue in report.issues]
        return report

    def export(self, **options) -> str:
        return export(self.database, self.keys, clock=self.clock, **options)

    @contextmanager
    def acting(self, name: str = "Test") -> Iterator[Act]:
        with self.database.write() as session:
            yield Act(session, self.clock.now(), Actor("user", 1, name))

    def rows(self, table, *conditions):
        with self.database.read() as session:
            return list(
                session.scalars(select(table).where(*conditions).order_by(*table.__table__.primary_key))
            )

    def site(self, reference: str = "S-1") -> Site:
        return self.rows(Site, Site.reference == reference)[0]

    def last(self, kind: str = "site.changed") -> dict:
        """What the last entry of a kind says."""
        with self.database.read() as session:
            query = select(EntryPayload.body).join(Entry, Entry.id == EntryPayload.payload_of)
            body = session.scalars(query.where(Entry.kind == kind).order_by(Entry.id.desc())).first()
        return json.loads(body)["params"] if body else {}

    def entries(self, kind: str | None = None) -> int:
        with self.database.read() as session:
            query = select(func.count()).select_from(Entry)
            return session.scalar(query if kind is None else query.where(Entry.kind == kind)) or 0


@pytest.fixture
def world(database, clock, tmp_path) -> Iterator[World]:
    opened = open_database(database.app_dsn, pool_size=3)
    rings = Rings(
        *(open_key_ring(tmp_path / "keys" / f"{name}.key") for name in ("panel", "contact", "camera"))
    )
    yield World(opened, clock, rings, tmp_path)
    opened.close()


@pytest.fixture
def sentences() -> Callable[[ImportReport], list[str]]:
    """The faults of a report, in French."""
    return lambda report: [issue.sentence("fr") for issue in report.issues]
