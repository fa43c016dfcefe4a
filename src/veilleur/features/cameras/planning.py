"""What one site of a file changes of its cameras. Reads nothing, writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from veilleur.features.cameras.model import PURPOSES, REGIMES
from veilleur.features.cameras.tables import Camera, CameraMask, CameraPreset, CameraZone
from veilleur.features.sites.importer.fields import Reading
from veilleur.features.sites.importer.parts import CameraAt
from veilleur.features.sites.importer.plan import Spec, Under, clean, line_of, refer, wanted
from veilleur.features.sites.importer.rows import Known
from veilleur.features.sites.importer.shared import Owner, masked_without
from veilleur.features.sites.importer.site_plan import SitePlan
from veilleur.features.sites.model import canonical_number
from veilleur.features.sites.tables import Site
from veilleur.kernel.ports import ROLES
from veilleur.logbook.act import fold

#: Who may look when the file does not say: those who hold posts.
WATCHERS = ["operator", "lead"]


def in_order(roles: list[str]) -> list[str]:
    """Roles once each, in the order of the house."""
    return [role for role in ROLES if role in roles]


CAMERA: Spec = {
    "name": ("name", "", None),
    "place": ("place", None, None),
    "regime": ("regime", "private", None),
    "purpose": ("purpose", None, None),
    "bearing": ("bearing", None, None),
    "fov": ("fov", None, None),
    "narrow": ("narrow", False, None),
    "password": ("password_sealed", None, None),
    "ptz": ("ptz", False, None),
    "talk": ("talk", False, None),
    "record": ("record", True, None),
    "retention_days": ("retention_days", 30, None),
    "min_retention_days": ("min_retention_days", 0, None),
    "live_roles": ("live_roles", WATCHERS, in_order),
    "recorded_roles": ("recorded_roles", WATCHERS, in_order),
}
MASK: Spec = {
    "kind": ("kind", "", None),
    "preset": ("preset", None, None),
    "polygon": ("polygon", [], clean),
}


def to_date(at: datetime) -> date:
    """A day as the column holds it."""
    return at.date()


AUTHORISATION: Spec = {
    "system": ("system", "", None),
    "number": ("number", "", None),
    "authority": ("authority", "", None),
    "granted_on": ("granted_on", None, to_date),
    "expires_on": ("expires_on", None, to_date),
    "purposes": ("purposes", [], lambda said: [code for code in PURPOSES if code in said]),
    "retention_days": ("retention_days", 30, None),
    "min_retention_days": ("min_retention_days", 0, None),
    "commune": ("commune", None, None),
}


def authorisation_attrs(draft: Mapping[str, Any], reading: Reading, *, new: bool) -> dict[str, Any]:
    """An authorisation's own columns; faults go to `reading`."""
    attrs = wanted(draft, AUTHORISATION, new=new)
    if new:
        attrs.setdefault("customer_id", None)
    if attrs.get("min_retention_days", 0) > attrs["retention_days"]:
        line = line_of(draft, "min_retention_days")
        reading.inner("min_retention_days").fault(line, "minimum_over_maximum", most=attrs["retention_days"])
    granted = attrs.get("granted_on")
    if granted is not None and granted > attrs["expires_on"]:
        reading.inner("expires_on").fault(line_of(draft, "expires_on"), "ends_before_it_begins")
    return attrs


@dataclass
class CameraRows:
    """The cameras of one site, removed ones too, each with its masks, presets and zones."""

    cameras: list[Camera] = field(default_factory=list)
    masks: dict[int, list[CameraMask]] = field(default_factory=lambda: defaultdict(list))
    presets: dict[int, list[CameraPreset]] = field(default_factory=lambda: defaultdict(list))
    zones: dict[int, list[CameraZone]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class CameraPlanner:
    """Cameras of one site, known by their references; one that the list no longer holds is removed."""

    plan: SitePlan
    site: str
    rows: CameraRows
    owner: Owner
    known: Known
    reading: Reading

    def follow_site(self, site: Site | None) -> None:
        """The perimeter of a camera is that of its site; its view changes with the site's own."""
        head = next((c for c in self.plan.changes if c.table is Site), None)
        self.perimeter: dict[str, Any] = {
            name: head.attrs[name] if head is not None and name in head.attrs else getattr(site, name, None)
            for name in ("customer_id", "commune")
        }
        for row in self.rows.cameras:
            if row.removed_at is None:
                before = len(self.plan.changes)
                self.plan.set(row, f"cameras[{row.reference}]", self.perimeter, self.owner.keys)
                if head is not None or len(self.plan.changes) > before:
                    self.plan.cameras.add(row.id)

    def plan_all(self, drafts: list[Any]) -> None:
        """Every camera of the list."""
        existing = {row.reference: row for row in self.rows.cameras}
        for draft in drafts:
            row = existing.pop(draft["reference"], None)
            reading = self.reading.inner(f"cameras[{draft['reference']}]")
            at = self.known.cameras.get(draft["reference"])
            if at is None or at.site not in (None, self.site):
                held = at.site if at else None
                reading.inner("reference").fault(line_of(draft, "reference"), "camera_held", site=held)
                continue
            at.site = self.site
            before = len(self.plan.changes)
            self.plan_camera(draft, row, at, reading)
            if len(self.plan.changes) > before:
                self.plan.cameras.add(row.id if row is not None else at.id)
        for row in existing.values():
            if row.removed_at is None:
                self.plan.end(row, f"cameras[{row.reference}]", "removed_at", self.owner.now)
                self.plan.cameras.add(row.id)

    def plan_camera(
        self, draft: Mapping[str, Any], row: Camera | None, at: CameraAt, reading: Reading
    ) -> None:
        """One camera with its masks, presets and zones."""
        label = f"cameras[{draft['reference']}]"
        new = row is None or row.removed_at is not None
        attrs = self.attrs_of(draft, new=new, reading=reading)
        masked_without(attrs, row, reading, draft)
        self.judge(draft, attrs, row, reading)
        if row is None:
            attrs |= {"reference": draft["reference"], "expected": {}, **self.perimeter}
            added = self.plan.add(Camera, label, attrs, self.owner.under)
            added.id = at.id
            under = Under("camera_id", added=added)
        else:
            self.plan.set(row, label, {**attrs, "removed_at": None}, self.owner.keys)
            under = Under("camera_id", row.id)
        held = row.id if row is not None else 0
        if "masks" in draft:
            self.plan_masks(draft["masks"] or [], self.rows.masks.get(held, []), label, under)
        if "presets" in draft:
            self.plan_presets(draft["presets"] or [], self.rows.presets.get(held, []), label, under)
        if "zones" in draft:
            self.plan_zones(draft["zones"] or [], self.rows.zones.get(held, []), label, under)

    def attrs_of(self, draft: Mapping[str, Any], *, new: bool, reading: Reading) -> dict[str, Any]:
        """A camera's own columns."""
        attrs = wanted(draft, CAMERA, new=new)
        attrs["sort_key"] = fold(draft["name"])
        if "address" in draft:
            attrs["source"] = draft["address"]["_source"]
        if "authorisation" in draft or new:
            attrs["authorisation_id"] = refer(
                draft, "authorisation", self.known.authorisations, "authorisations", reading
            )
        if "position" in draft or new:
            position = draft.get("position") or {}
            attrs |= {"lat": position.get("lat"), "lon": position.get("lon")}
        if "neighbours" in draft or new:
            attrs["neighbours"] = self.neighbours(draft, reading)
        return attrs

    def neighbours(self, draft: Mapping[str, Any], reading: Reading) -> list[int]:
        """Ids of the nearest cameras, which may be of other sites, later in the file."""
        ids = []
        for reference in dict.fromkeys(draft.get("neighbours") or ()):
            at = self.known.cameras.get(reference)
            if at is None or reference == draft["reference"]:
                where = reading.inner("neighbours")
                line = line_of(draft, "neighbours")
                where.fault(line, "unknown_camera", value=reference)
            else:
                ids.append(at.id)
        return ids

    def judge(
        self, draft: Mapping[str, Any], attrs: Mapping[str, Any], row: Camera | None, reading: Reading
    ) -> None:
        """What the law asks of the camera as it will be (law.md c1); presets that masks and zones name."""

        def now(name: str) -> Any:
            return attrs[name] if name in attrs else getattr(row, name)

        regime = REGIMES[now("regime")]
        if regime.authorised and now("authorisation_id") is None and draft.get("authorisation") is None:
            reading.fault(draft["_line"], "camera_needs_authorisation", regime=regime.code)
        if regime.protected and now("purpose") not in PURPOSES:
            reading.inner("purpose").fault(line_of(draft, "purpose"), "camera_needs_purpose", known=PURPOSES)
        if now("min_retention_days") > now("retention_days"):
            line = line_of(draft, "min_retention_days")
            reading.inner("min_retention_days").fault(
                line, "minimum_over_maximum", most=now("retention_days")
            )
        held = self.rows.presets.get(row.id, []) if row is not None else []
        tokens = {each.token for each in held if each.removed_at is None}
        if "presets" in draft:
            tokens = {each["token"] for each in draft["presets"] or () if "token" in each}
        for name in ("masks", "zones"):
            for each in draft.get(name) or ():
                if each.get("preset") is not None and each["preset"] not in tokens:
                    where = reading.inner(name)
                    where.fault(line_of(each, "preset"), "unknown_preset", value=each["preset"])

    def plan_masks(self, drafts: list[Any], rows: list[CameraMask], label: str, under: Under) -> None:
        """Masks, known by their names; one that is drawn anew is to be checked anew."""
        existing = {fold(row.name): row for row in rows if row.removed_at is None}
        for draft in drafts:
            row = existing.pop(fold(draft["name"]), None)
            where = f"{label}.masks[{draft['name']}]"
            attrs = {**wanted(draft, MASK, new=True), "name": draft["name"]}
            if row is None:
                self.plan.add(CameraMask, where, {**attrs, "state": "unchecked"}, under)
                continue
            if any(getattr(row, name) != attrs[name] for name in ("polygon", "preset", "kind")):
                attrs |= {"state": "unchecked", "proof": None, "checked_at": None}
            self.plan.set(row, where, attrs, self.owner.keys)
        for row in existing.values():
            self.plan.end(row, f"{label}.masks[{row.name}]", "removed_at", self.owner.now)

    def plan_presets(self, drafts: list[Any], rows: list[CameraPreset], label: str, under: Under) -> None:
        """Presets, known by their tokens, in the order of the file."""
        existing = {row.token: row for row in rows}
        for rank, draft in enumerate(drafts):
            row = existing.pop(draft["token"], None)
            where = f"{label}.presets[{draft['token']}]"
            attrs = {"token": draft["token"], "name": draft["name"], "rank": rank, "removed_at": None}
            if row is None:
                self.plan.add(CameraPreset, where, attrs, under)
            else:
                self.plan.set(row, where, attrs, self.owner.keys)
        for row in existing.values():
            if row.removed_at is None:
                self.plan.end(row, f"{label}.presets[{row.token}]", "removed_at", self.owner.now)

    def plan_zones(self, drafts: list[Any], rows: list[CameraZone], label: str, under: Under) -> None:
        """Which points the camera sees, nearest first."""
        existing = {(row.area, row.zone): row for row in rows}
        for rank, draft in enumerate(drafts):
            area, zone = (
                canonical_number(draft[key]) if draft.get(key) else None for key in ("area", "zone")
            )
            row = existing.pop((area, zone), None)
            where = f"{label}.zones[{zone or area or '*'}]"
            attrs = {
                "area": area,
                "zone": zone,
                "preset": draft.get("preset"),
                "rank": rank,
                "removed_at": None,
            }
            if row is None:
                self.plan.add(CameraZone, where, attrs, under)
            else:
                self.plan.set(row, where, attrs, self.owner.keys)
        for row in existing.values():
            if row.removed_at is None:
                self.plan.end(
                    row, f"{label}.zones[{row.zone or row.area or '*'}]", "removed_at", self.owner.now
                )
