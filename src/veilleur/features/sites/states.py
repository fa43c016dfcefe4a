"""What signals teach about a site: points, areas, paths. Called by the watch, with the site locked.

A change that follows a decision may ride on that decision's entry (`entry_id`); without one it records its
own.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from veilleur.features.sites.model import canonical_number
from veilleur.features.sites.queries import centre, site_row, subject_of
from veilleur.features.sites.tables import Area, Panel, Path, Site, Zone
from veilleur.kernel.errors import NotFoundError
from veilleur.logbook.act import Act, fold

#: The centre's own site: incidents of the centre itself (a receiver late, a path of ours) belong to it.
CENTRE_REFERENCE = "CENTRE"


def _entry(act: Act, site_id: int, given: int | None, kind: str, **params: Any) -> int:
    if given is not None:
        return given
    subject = subject_of(site_row(act.session, site_id))
    return act.record(kind, params, subject=subject, touched={"site": [site_id]})


def discover_zone(
    act: Act,
    *,
    site_id: int,
    panel_id: int,
    number: str,
    shown: str,
    area: str | None,
    name: str | None,
    kind: str | None,
    at: datetime,
    entry_id: int | None = None,
) -> int:
    """Makes the point that has just spoken for the first time (or speaks again after its removal); its id."""
    canonical = canonical_number(number)
    row = act.session.scalars(
        select(Zone).where(Zone.panel_id == panel_id, Zone.number == canonical)
    ).one_or_none()
    if row is not None and row.removed_at is None:
        return row.id
    entry = _entry(act, site_id, entry_id, "zone.discovered", zone=shown, area=area, name=name, category=kind)
    if row is None:
        row = Zone(
            site_id=site_id, panel_id=panel_id, number=canonical, codes=[], discovered=True, state="unknown"
        )
        act.session.add(row)
    row.entry_id, row.removed_at, row.shown, row.seen_at = entry, None, shown, at
    row.area = row.area or (canonical_number(area) if area else None)
    row.name, row.kind = row.name or name, row.kind or kind
    act.session.flush()
    return row.id


def set_zone_state(act: Act, zone_id: int, state: str, at: datetime, *, entry_id: int | None = None) -> None:
    """Where a point stands: normal | alarm | fault | bypassed. A restore changes this only (P2).

    While the site is being connected, whatever a point says is its test (need 3).
    """
    row = act.session.get(Zone, zone_id)
    if row is None:
        raise NotFoundError("No such zone.", what="zone", id=zone_id)
    params = {"zone": row.shown, "name": row.name, "state": state}
    row.entry_id = _entry(act, row.site_id, entry_id, "zone.state_changed", **params)
    row.seen_at = at
    if state in {"alarm", "fault"}:
        row.alarm_at = at
    if site_row(act.session, row.site_id).connection == "connecting":
        row.tested_at = at
    if row.state != state:
        row.state, row.state_since = state, at


def set_area_state(
    act: Act,
    site_id: int,
    number: str,
    *,
    armed: bool,
    partial: bool,
    at: datetime,
    by: str | None,
    entry_id: int | None = None,
) -> None:
    """An area was armed or disarmed; made if the file did not know it. `by`: the user's number as sent."""
    canonical = canonical_number(number)
    row = act.session.scalars(
        select(Area).where(Area.site_id == site_id, Area.number == canonical)
    ).one_or_none()
    kind = ("area.partly_armed" if partial else "area.armed") if armed else "area.disarmed"
    entry = _entry(act, site_id, entry_id, kind, area=canonical, name=row.name if row else None, user=by)
    if row is None:
        row = Area(site_id=site_id, number=canonical, armed=None, partial=False)
        act.session.add(row)
    if row.armed != armed or row.partial != partial:
        row.armed_since = at
    row.entry_id, row.armed, row.partial, row.armed_by = entry, armed, partial, by
    act.session.flush()


def set_path_state(act: Act, path_id: int, state: str, at: datetime, *, entry_id: int | None = None) -> None:
    """A transmission path is up, or lost."""
    found = act.session.execute(
        select(Path, Panel).join(Panel, Panel.id == Path.panel_id).where(Path.id == path_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError("No such path.", what="path", id=path_id)
    path, panel = found
    kind = "path.lost" if state == "lost" else "path.up"
    path.entry_id = _entry(act, panel.site_id, entry_id, kind, path=path.name, account=panel.account)
    if path.state != state:
        path.state, path.state_since = state, at


def ensure_centre_site(act: Act) -> int:
    """The id of the centre's own site, made when first needed."""
    found = act.session.scalars(select(Site.id).where(Site.reference == CENTRE_REFERENCE)).one_or_none()
    if found is not None:
        return found
    house = centre(act.session)
    name = house.name if house else "Station"
    entry = act.record("site.made_for_centre", {"name": name})
    site = Site(
        reference=CENTRE_REFERENCE,
        name=name,
        sort_key=fold(name),
        entry_id=entry,
        timezone=house.timezone if house else "Europe/Paris",
        services=[],
        codes=[],
        schedule=[],
        area_groups={},
        search=fold(f"{name} {CENTRE_REFERENCE}"),
    )
    act.session.add(site)
    act.session.flush()
    return site.id
