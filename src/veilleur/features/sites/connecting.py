"""The record of connection (practice need 3): every point tested or never seen, who accepted, en cours → en service.

While a site is «en cours» nothing it sends opens a dossier: its signals are the test. Going in service with a point
that never spoke, that is still in alarm, or with a path never heard takes a motif, kept in the record for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.sites.reading import number_key
from veilleur.features.sites.tables import ConnectionRecord, Panel, Path, PathSeen, Zone

#: Why a site goes in service although something of it was never tested.
MOTIFS = ("later", "not_wired", "takeover", "customer_request")


@dataclass(frozen=True, slots=True)
class PointTested:
    """A point of the record. `state`: tested | in_alarm | never_seen. Times in UTC."""

    panel: str
    number: str
    name: str | None
    area: str | None
    kind: str | None
    state: str
    tested_at: datetime | None
    alarm_at: datetime | None
    seen_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """As the record keeps it."""
        told: dict[str, Any] = {
            "panel": self.panel,
            "number": self.number,
            "name": self.name,
            "area": self.area,
            "kind": self.kind,
            "state": self.state,
        }
        times = {"tested_at": self.tested_at, "alarm_at": self.alarm_at, "seen_at": self.seen_at}
        return told | {name: at.isoformat() if at else None for name, at in times.items()}


@dataclass(frozen=True, slots=True)
class PathHeard:
    """A path of the record: when it was last heard, null if never."""

    panel: str
    name: str
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Missing:
    """What keeps a connection from being complete: a code and the names of what it is about."""

    code: str
    items: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As the record and refusals keep it."""
        return {"code": self.code, "items": list(self.items), "count": len(self.items)}


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a connection stands."""

    points: tuple[PointTested, ...]
    paths: tuple[PathHeard, ...]
    missing: tuple[Missing, ...]


def connection_stand(session: ReadSession, site_id: int) -> Stand:
    """Every point and path of a site and what is missing; those that lack first."""
    panels = session.scalars(
        select(Panel).where(Panel.site_id == site_id, Panel.removed_at.is_(None)).order_by(Panel.id)
    ).all()
    names = {panel.id: panel.account for panel in panels}
    zones = session.scalars(select(Zone).where(Zone.panel_id.in_(names), Zone.removed_at.is_(None)))
    ordered = sorted(zones, key=lambda zone: (zone.panel_id, number_key(zone.number)))
    points = sorted(
        (_point(zone, names[zone.panel_id]) for zone in ordered), key=lambda point: ORDER[point.state]
    )
    rows = session.execute(
        select(Path, PathSeen.last_seen)
        .outerjoin(PathSeen, PathSeen.path_id == Path.id)
        .where(Path.panel_id.in_(names), Path.removed_at.is_(None))
        .order_by(Path.id)
    )
    paths = tuple(PathHeard(names[path.panel_id], path.name, seen) for path, seen in rows)
    return Stand(tuple(points), paths, missing_of(points, paths))


#: What lacks comes first.
ORDER = {"never_seen": 0, "in_alarm": 1, "tested": 2}


def _point(zone: Zone, panel: str) -> PointTested:
    state = "never_seen" if zone.seen_at is None else "in_alarm" if zone.state in LASTS else "tested"
    return PointTested(
        panel, zone.shown, zone.name, zone.area, zone.kind, state, zone.tested_at, zone.alarm_at, zone.seen_at
    )


#: States that a point is left in.
LASTS = frozenset({"alarm", "fault"})


def missing_of(points: Sequence[PointTested], paths: Sequence[PathHeard]) -> tuple[Missing, ...]:
    """What is missing, in the order in which one sees to it. Pure."""

    def of(state: str) -> tuple[str, ...]:
        return tuple(point.name or f"#zone:{point.number}" for point in points if point.state == state)

    found = (
        Missing("no_point", ("",)) if not points else Missing("never_seen", of("never_seen")),
        Missing("in_alarm", of("in_alarm")),
        Missing("paths_unheard", tuple(f"#path:{path.name}" for path in paths if path.last_seen is None)),
    )
    return tuple(each for each in found if each.items)


def records_of(session: ReadSession, site_id: int) -> list[ConnectionRecord]:
    """The site's records, the newest first."""
    query = select(ConnectionRecord).where(ConnectionRecord.site_id == site_id)
    return list(session.scalars(query.order_by(ConnectionRecord.id.desc())))
