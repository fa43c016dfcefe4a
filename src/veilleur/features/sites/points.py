"""What a test saw of each point: revenu normal, encore en alarme, jamais vu (practice P10). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from veilleur.features.sites.evidence import FoundNormal
from veilleur.features.sites.model import AreaView, OnTestView, SiteView, ZoneView, canonical_number

#: Categories that leave a point in alarm or fault until something says that it is back.
LASTING = frozenset(
    {
        "intrusion", "hold_up", "duress", "fire", "panic", "medical", "personal", "tamper", "gas", "water",
        "environment", "technical", "power", "communication", "path", "unknown",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TestPoint:
    """One line of the list at the end of a test. `state`: normal | never_seen | in_alarm | through | told.

    `incident_id`, `incident`: id and reference of the dossier that it opened or joined in spite of the test.
    """

    __test__ = False

    key: str
    zone: str | None
    label: str
    state: str
    category: str | None
    alarms: int
    last_at: datetime | None
    incident_id: int | None = None
    incident: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The form rows and the API hold."""
        return {
            "key": self.key,
            "zone": self.zone,
            "label": self.label,
            "state": self.state,
            "category": self.category,
            "alarms": self.alarms,
            "last_at": self.last_at.isoformat() if self.last_at else None,
            "incident_id": self.incident_id,
            "incident": self.incident,
        }


def noted(
    results: Iterable[Mapping[str, Any]],
    *,
    key: str,
    zone_id: int | None,
    zone: str | None,
    label: str,
    category: str,
    qualifier: str,
    at: datetime,
    dossier: tuple[int, str] | None = None,
) -> list[dict[str, Any]]:
    """The results with one more event: a lasting «new» puts its point in alarm, a restore brings it back.

    What broke through has a dossier, where it is followed: in the list it is a fact, `through`.
    """
    rows = [dict(row) for row in results]
    row = next((row for row in rows if row["key"] == key), None)
    if row is None:
        row = {"key": key, "zone_id": zone_id, "zone": zone, "label": label, "category": category}
        row |= {"alarms": 0, "restored": 0, "state": "told", "first_at": at.isoformat()}
        rows.append(row)
    row["last_at"] = at.isoformat()
    if dossier is not None:
        row |= {"incident_id": dossier[0], "incident": dossier[1], "alarms": row["alarms"] + 1}
        row["state"] = "through" if row["state"] == "told" else row["state"]
    elif qualifier == "restore":
        row["restored"] += 1
        row["state"] = "normal" if row["alarms"] else "told"
    elif qualifier == "new" and category in LASTING:
        row |= {"alarms": row["alarms"] + 1, "state": "in_alarm", "category": category}
    return rows


def list_points(
    site: SiteView,
    results: Iterable[Mapping[str, Any]],
    test: OnTestView,
    found: Mapping[int, FoundNormal],
) -> list[TestPoint]:
    """Every point of the scope, heard or not: those in alarm, what broke through, those never seen, the others.

    `found`: when a person last found a point normal, by its id; it stands until the point speaks again, as on the file.
    """
    rows = list(results)
    heard = {row.get("zone_id") for row in rows}
    points = [_heard_point(site, row, found) for row in rows]
    for panel in site.panels:
        if test.panel_id in {None, panel.id}:
            points += [
                _silent_point(site, zone, found)
                for zone in panel.zones
                if zone.id not in heard and _in_scope(zone, test.areas, test.zones)
            ]
    order = {"in_alarm": 0, "through": 1, "never_seen": 2, "told": 3, "normal": 4}
    return sorted(points, key=lambda point: order[point.state])


def _silent_point(site: SiteView, zone: ZoneView, found: Mapping[int, FoundNormal]) -> TestPoint:
    """A point that told the test nothing: in alarm since before it; else never seen.

    What it says of itself counts: a test that ends may hide no point in alarm (P10).
    """
    key = f"zone:{zone.panel_id}:{zone.number}"
    if _in_alarm(site, zone, found):
        return TestPoint(key, zone.shown, _label(zone), "in_alarm", None, 0, zone.state_since)
    return TestPoint(key, zone.shown, _label(zone), "never_seen", None, 0, None)


def last_word(zone: ZoneView) -> datetime | None:
    """When a point last spoke."""
    return max((at for at in (zone.state_since, zone.seen_at) if at is not None), default=None)


def _found_since(found: Mapping[int, FoundNormal], zone_id: int | None, spoke: datetime | None) -> bool:
    one = found.get(zone_id) if zone_id is not None else None
    return one is not None and one.stands(spoke)


def _in_alarm(site: SiteView, zone: ZoneView, found: Mapping[int, FoundNormal]) -> bool:
    """Whether a point is in alarm by its own state, and nobody found it normal since."""
    if _found_since(found, zone.id, last_word(zone)):
        return False
    return zone.state == "alarm" and not (
        zone.state_since is not None and _back_by_arming(site, zone.id, zone.state_since)
    )


def _in_scope(zone: ZoneView, areas: frozenset[str] | None, zones: frozenset[str] | None) -> bool:
    in_area = areas is None or (zone.area is not None and canonical_number(zone.area) in areas)
    return in_area and (zones is None or zone.number in zones)


def _label(zone: ZoneView) -> str:
    return zone.name or zone.shown


def _heard_point(site: SiteView, row: Mapping[str, Any], found: Mapping[int, FoundNormal]) -> TestPoint:
    last_at = datetime.fromisoformat(row["last_at"])
    state = row["state"]
    zone_id = row.get("zone_id")
    if state == "in_alarm" and (
        _back_by_arming(site, zone_id, last_at) or _found_since(found, zone_id, last_at)
    ):
        state = "normal"
    if state == "through" and any(
        zone.id == zone_id and _in_alarm(site, zone, found) for panel in site.panels for zone in panel.zones
    ):
        state = "in_alarm"
    told = (row.get("incident_id"), row.get("incident"))
    return TestPoint(
        row["key"], row["zone"], row["label"], state, row["category"], row["alarms"], last_at, *told
    )


def _back_by_arming(site: SiteView, zone_id: int | None, last_at: datetime) -> bool:
    """Practice P5: a panel that sends no end of alarm shows it by arming the area again."""
    for panel in site.panels:
        for zone in panel.zones:
            if zone.id == zone_id:
                area: AreaView | None = site.area(zone.area)
                since = area.armed_since if area else None
                if area is None or since is None or since <= last_at:
                    return False
                said = site.sends_restores(panel.id, zone.number)
                return bool(area.armed) or (said == "on_disarm" and area.armed is False)
    return False
