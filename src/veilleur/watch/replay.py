"""Decides the stored signals of a site again, from the first, without writing: for bugs that were fixed.

Dossiers are imagined as nobody had touched them; the file of the site is today's, with its states forgotten and
its tests as they ran.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from sqlalchemy import select, text

from veilleur.db.engine import Database, ReadSession
from veilleur.features.sites.model import SiteView
from veilleur.features.sites.queries import read_site_view
from veilleur.features.sites.reading import on_test_view
from veilleur.features.sites.tables import OnTest, Site
from veilleur.kernel.errors import NotFoundError
from veilleur.watch.decide import decide
from veilleur.watch.decisions import Decision
from veilleur.watch.project import Imagined
from veilleur.watch.read import SIGNAL, StoredSignal, read_rules, read_signal
from veilleur.watch.view import Heard

PAGE = 500


@dataclass(frozen=True)
class Replayed:
    """One event and what decide() says of it today."""

    heard: Heard
    decisions: tuple[Decision, ...]

    def as_json(self) -> dict[str, Any]:
        """One line of `veilleur replay --json`."""
        event = self.heard.event
        return {
            "signal": self.heard.signal_id,
            "event": self.heard.index,
            "at": self.heard.at.isoformat().replace("+00:00", "Z"),
            "code": event.code if event else None,
            "qualifier": str(event.qualifier) if event else None,
            "verdict": self.heard.verdict,
            "decisions": [plain(decision) for decision in self.decisions],
        }


def plain(decision: Decision) -> dict[str, Any]:
    """A decision as JSON: its name, then what it says that is not its default."""
    said: dict[str, Any] = {"decision": type(decision).__name__}
    for each in fields(decision):
        value = getattr(decision, each.name)
        if value not in (None, (), False) and value != each.default:
            inner = {f.name: getattr(value, f.name) for f in fields(value)} if is_dataclass(value) else value
            said[each.name] = inner
    return said


def replay(database: Database, *, site: str | None = None, signal: int | None = None) -> Iterator[Replayed]:
    """Replays a site (by reference), or one signal after all that came before it on its site.

    Raises NotFoundError. Raises whatever decide() raises: that is the bug.
    """
    with database.read() as session:
        site_id, last = _target(session, site, signal)
        world = Imagined(_forgotten(session, site_id))
        rules = read_rules(session)
        for stored in _signals(session, site_id, last):
            for heard in stored.heard():
                decisions = decide(world.site, world.incidents, heard, heard.at, rules)
                world = world.after(heard, decisions)
                if signal in (None, stored.id):
                    yield Replayed(heard, decisions)


def _target(session: ReadSession, site: str | None, signal: int | None) -> tuple[int, int | None]:
    if signal is not None:
        stored = read_signal(session, signal)
        if stored is None or stored.site_id is None:
            raise NotFoundError(f"There is no signal {signal} of a known site.", what="signal", id=signal)
        return stored.site_id, stored.id
    found = session.scalar(select(Site.id).where(Site.reference == site))
    if found is None:
        raise NotFoundError(f"There is no site «{site}».", what="site", id=site)
    return found, None


def _forgotten(session: ReadSession, site_id: int) -> SiteView:
    """Today's file as if nothing had ever been heard; tests run until they were ended."""
    view = read_site_view(session, site_id)
    tests = session.scalars(select(OnTest).where(OnTest.site_id == site_id))
    panels = tuple(
        replace(
            panel,
            zones=tuple(replace(z, state="unknown") for z in panel.zones if not z.discovered),
            paths=tuple(replace(p, state="unknown") for p in panel.paths),
        )
        for panel in view.panels
    )
    areas = tuple(replace(area, armed=None, partial=False) for area in view.areas)
    over = (replace(on_test_view(row), until=min(row.until, row.ended_at or row.until)) for row in tests)
    return replace(view, panels=panels, areas=areas, on_tests=tuple(over))


def _signals(session: ReadSession, site_id: int, last: int | None) -> Iterator[StoredSignal]:
    after = 0
    query = text(
        f"{SIGNAL} WHERE site_id = :site AND id > :after AND id <= coalesce(:last, id) ORDER BY id LIMIT {PAGE}"
    )
    while rows := session.execute(query, {"site": site_id, "after": after, "last": last}).all():
        for row in rows:
            yield StoredSignal(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public mapping
        after = rows[-1].id
