"""What the site and its dossiers would be after a decision, in thought: for `veilleur replay` and the tests.

It knows nothing of people: nobody takes, calls or closes. Dossiers get negative ids.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from veilleur.features.sites.model import AreaView, PanelView, PathView, SiteView, ZoneView
from veilleur.watch.decisions import (
    AreaState,
    CloseItself,
    Decision,
    Join,
    NewZone,
    Open,
    PathState,
    Point,
    PointBack,
    ZoneState,
)
from veilleur.watch.view import Heard, IncidentView, PointView


@dataclass(frozen=True)
class Imagined:
    """A site and its open dossiers at a point of the replay; `closed` are those that closed by themselves."""

    site: SiteView
    incidents: tuple[IncidentView, ...] = ()
    closed: tuple[IncidentView, ...] = ()
    opened: int = field(default=0)

    def after(self, heard: Heard, decisions: Iterable[Decision]) -> Imagined:
        """The same, once these decisions are applied."""
        world = self
        for decision in decisions:
            world = _apply(world, decision, heard.at)
        return world


def _apply(world: Imagined, decision: Decision, at: datetime) -> Imagined:
    match decision:
        case Open():
            number = world.opened + 1
            return replace(world, incidents=(*world.incidents, _opened(decision, -number, at)), opened=number)
        case Join():
            return _changed(world, decision.incident_id, lambda i: _joined(i, decision, at))
        case PointBack():
            return _changed(world, decision.incident_id, lambda i: _back(i, decision.key))
        case CloseItself():
            gone = tuple(i for i in world.incidents if i.id == decision.incident_id)
            kept = tuple(i for i in world.incidents if i.id != decision.incident_id)
            return replace(world, incidents=kept, closed=(*world.closed, *gone))
    return replace(world, site=_site(world.site, decision, at))


def _site(site: SiteView, decision: Decision, at: datetime) -> SiteView:
    match decision:
        case NewZone():
            return _panel(site, decision.panel_id, lambda p: _with_zone(p, decision, at))
        case ZoneState():
            return _panel(site, decision.panel_id, lambda p: _zone_state(p, decision, at))
        case PathState():
            return replace(site, panels=tuple(_path_state(panel, decision, at) for panel in site.panels))
        case AreaState():
            return _area(site, decision, at)
    return site


def _point(point: Point, at: datetime) -> PointView:
    return PointView(point.key, point.category, point.area, at, at)


def _opened(decision: Open, number: int, at: datetime) -> IncidentView:
    return IncidentView(
        id=number,
        group=decision.group,
        family=decision.family,
        category=decision.category,
        priority=decision.priority,
        opened_at=at,
        points=(_point(decision.point, at),) if decision.point else (),
        clears_by_restore=bool(decision.headline.get("clears_by_restore")),
        clears_by_disarm=bool(decision.headline.get("clears_by_disarm")),
        entry_delay=int(decision.headline.get("entry_delay", 60)),
        marks=decision.marks,
    )


def _joined(incident: IncidentView, decision: Join, at: datetime) -> IncidentView:
    points = incident.points
    if decision.point is not None:
        known = incident.point(decision.point.key)
        fresh = replace(known, last_at=at, normal=False) if known else _point(decision.point, at)
        points = (*(p for p in points if p.key != fresh.key), fresh)
    return replace(
        incident,
        points=points,
        priority=decision.priority or incident.priority,
        state="new" if decision.ring else incident.state,
        marks=(*incident.marks, *decision.marks),
    )


def _back(incident: IncidentView, key: str) -> IncidentView:
    return replace(
        incident, points=tuple(replace(p, normal=True) if p.key == key else p for p in incident.points)
    )


def _changed(world: Imagined, incident_id: int, change: Callable[[IncidentView], IncidentView]) -> Imagined:
    return replace(world, incidents=tuple(change(i) if i.id == incident_id else i for i in world.incidents))


def _panel(site: SiteView, panel_id: int, change: Callable[[PanelView], PanelView]) -> SiteView:
    return replace(site, panels=tuple(change(p) if p.id == panel_id else p for p in site.panels))


def _with_zone(panel: PanelView, decision: NewZone, at: datetime) -> PanelView:
    zone = ZoneView(
        id=0,
        panel_id=panel.id,
        number=decision.number,
        shown=decision.shown,
        area=decision.area,
        name=decision.name,
        kind=decision.kind,
        sends_restores=None,
        codes=(),
        state="unknown",
        state_since=None,
        seen_at=at,
        discovered=True,
    )
    return replace(panel, zones=(*panel.zones, zone))


def _zone_state(panel: PanelView, decision: ZoneState, at: datetime) -> PanelView:
    zones = (
        replace(z, state=decision.state, state_since=at, seen_at=at) if z.number == decision.number else z
        for z in panel.zones
    )
    return replace(panel, zones=tuple(zones))


def _path_state(panel: PanelView, decision: PathState, at: datetime) -> PanelView:
    def moved(path: PathView) -> PathView:
        return replace(path, state=decision.state, state_since=at) if path.id == decision.path_id else path

    return replace(panel, paths=tuple(moved(path) for path in panel.paths))


def _area(site: SiteView, decision: AreaState, at: datetime) -> SiteView:
    fresh = AreaView(0, decision.number, None, decision.armed, decision.partial, at, decision.by)
    others = tuple(area for area in site.areas if area.number != decision.number)
    return replace(site, areas=(*others, fresh))
