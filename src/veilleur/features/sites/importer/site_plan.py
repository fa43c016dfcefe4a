"""What one site of the file changes, from its draft and its rows. Reads nothing, writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from veilleur.features.sites.adoption import DEFAULT_PATH
from veilleur.features.sites.importer.fields import Reading
from veilleur.features.sites.importer.parts import camera_part
from veilleur.features.sites.importer.plan import Plan, Spec, Under, clean, hours, refer, wanted
from veilleur.features.sites.importer.rows import Known, SiteRows
from veilleur.features.sites.importer.shared import Owner, masked_without, plan_shared
from veilleur.features.sites.model import canonical_number
from veilleur.features.sites.tables import Area, Panel, Path, Site, SiteResponder, Zone
from veilleur.kernel.sealing import SealingKeys
from veilleur.logbook.act import fold
from veilleur.protocols.dc09 import canonical_account

SITE: Spec = {
    "name": ("name", "", None),
    "kind": ("kind", "professional", None),
    "timezone": ("timezone", "Europe/Paris", None),
    "phone": ("phone", None, None),
    "connection": ("connection", "in_service", None),
    "services": ("services", [], lambda words: sorted(set(words))),
    "risks": ("risks", None, None),
    "note": ("note", None, None),
    "police_zone": ("police_zone", None, None),
    "codes": ("codes", [], clean),
    "schedule": ("schedule", [], hours),
    "area_groups": ("area_groups", {}, None),
    "brand_exceptions": ("brand_exceptions", None, lambda said: clean(said) or None),
}
ADDRESS: Spec = {
    "street": ("street", None, None),
    "postcode": ("postcode", None, None),
    "town": ("town", None, None),
    "country": ("country", "FR", None),
    "access": ("access", None, None),
}
PANEL: Spec = {
    "account": ("account", "", None),
    "line": ("line", None, None),
    "key": ("key_sealed", None, None),
    "time_policy": ("time_policy", "standard", None),
    "clear_allowed": ("clear_allowed", False, None),
    "duplicate_seconds": ("duplicate_seconds", 60, None),
    "sends_restores": ("sends_restores", "unknown", None),
}
PATH: Spec = {
    "interval": ("interval", None, None),
    "reporting": ("reporting", None, None),
    "match": ("match", {}, clean),
    "carrier": ("carrier", None, None),
}
ZONE: Spec = {
    "number": ("shown", "", None),
    "area": ("area", None, canonical_number),
    "name": ("name", None, None),
    "kind": ("kind", None, None),
    "sends_restores": ("sends_restores", None, None),
    "codes": ("codes", [], clean),
}
RESPONDER: Spec = {
    "rank": ("rank", 1, None),
    "keys": ("keys", None, None),
    "minutes": ("minutes", None, None),
}


@dataclass
class SitePlan(Plan):
    """A site's changes; `new`: it does not exist yet."""

    new: bool = False
    #: Panels that stop answering to their account, by id: another site of the file may take it.
    released: frozenset[int] = frozenset()
    #: Cameras whose views change, by id.
    cameras: set[int] = field(default_factory=set)


@dataclass
class Planning:
    """What planning a site needs beside its draft and rows."""

    known: Known
    keys: SealingKeys
    now: datetime


def plan_site(draft: Mapping[str, Any], rows: SiteRows | None, world: Planning, reading: Reading) -> SitePlan:
    """The changes; faults found against what exists go to `reading`."""
    plan = SitePlan(new=rows is None)
    attrs = site_attrs(draft, rows, world.known, reading)
    if rows is None:
        added = plan.add(Site, "", {**attrs, "reference": draft["reference"], "search": ""})
        zone, under = attrs["timezone"], Under("site_id", added=added)
    else:
        plan.set(rows.site, "site", attrs, world.keys)
        zone, under = attrs.get("timezone", rows.site.timezone), Under("site_id", rows.site.id)
    owner = Owner(under, zone, world.now, world.keys)
    if "areas" in draft:
        plan_areas(plan, draft["areas"] or [], rows.areas if rows else [], owner)
    if "panels" in draft:
        PanelPlanner(plan, rows, owner, world.known, reading).plan_all(draft["panels"] or [])
    shared = (rows.contacts, rows.instructions, rows.procedures) if rows else ([], [], [])
    plan_shared(plan, draft, shared, owner, reading)
    if "responders" in draft:
        found = known_responders(draft["responders"] or [], world.known, reading)
        plan_responders(plan, found, rows.responders if rows else [], owner)
    if "cameras" in draft or (rows is not None and rows.cameras is not None):
        camera_part().plan(plan, draft, rows, owner, world.known, reading)
    return plan


def site_attrs(
    draft: Mapping[str, Any], rows: SiteRows | None, known: Known, reading: Reading
) -> dict[str, Any]:
    """The site's own columns."""
    new = rows is None
    attrs = wanted(draft, SITE, new=new)
    if "name" in attrs:
        attrs["sort_key"] = fold(attrs["name"])
    for key, column, what in (("customer", "customer_id", "customers"), ("brand", "brand_id", "brands")):
        if key in draft or new:
            attrs[column] = refer(draft, key, getattr(known, what), what, reading)
    if "address" in draft or new:
        address = draft.get("address")
        attrs |= wanted(address or {}, ADDRESS, new=new or address is None)
    if "position" in draft or new:
        position = draft.get("position") or {}
        attrs |= {"lat": position.get("lat"), "lon": position.get("lon")}
    if draft.get("commune") is not None:
        attrs["commune"] = draft["commune"]
    elif "commune" in draft or "address" in draft or new:
        site = rows.site if rows else None
        postcode = attrs.get("postcode", site.postcode if site else None)
        attrs["commune"] = default_commune(postcode, attrs.get("town", site.town if site else None))
    return attrs


def default_commune(postcode: str | None, town: str | None) -> str | None:
    """The directory's key of a site that names no commune: its postcode, else its town's folded name."""
    return postcode or (fold(town) if town else None)


def commune_of(draft: Mapping[str, Any], rows: SiteRows | None) -> str | None:
    """The directory's key that a site will have."""
    site = rows.site if rows else None
    if draft.get("commune"):
        return str(draft["commune"])
    if draft.get("address"):
        address = draft["address"]
        return default_commune(
            address.get("postcode", site.postcode if site else None),
            address.get("town", site.town if site else None),
        )
    return site.commune if site else None


def plan_areas(plan: Plan, drafts: list[Any], rows: list[Area], owner: Owner) -> None:
    """Names of areas. An area that was heard is never removed: left out, it loses its name."""
    existing = {row.number: row for row in rows}
    for draft in drafts:
        number = canonical_number(draft["number"])
        row = existing.pop(number, None)
        if row is not None:
            plan.set(row, f"areas[{number}]", {"name": draft.get("name")}, owner.keys)
        else:
            attrs = {"number": number, "name": draft.get("name"), "armed": None, "partial": False}
            plan.add(Area, f"areas[{number}]", attrs, owner.under)
    for row in existing.values():
        plan.set(row, f"areas[{row.number}]", {"name": None}, owner.keys)


@dataclass
class PanelPlanner:
    """Panels of one site, known by their account and line, with their paths and points."""

    plan: SitePlan
    rows: SiteRows | None
    owner: Owner
    known: Known
    reading: Reading

    def plan_all(self, drafts: list[Any]) -> None:
        """Every panel; an adopted one that the file does not name stays, until it says `removed: true`."""
        existing = list(self.rows.panels) if self.rows else []
        for draft in drafts:
            row = matching_panel(draft, existing)
            if row is not None:
                existing.remove(row)
            if not draft.get("removed"):
                self.plan_panel(draft, row)
            elif row is not None:
                self.end(row)
        for row in existing:
            if not row.adopted:
                self.end(row)

    def end(self, row: Panel) -> None:
        """A panel that is no longer the site's: its account is free."""
        self.plan.end(row, f"panels[{row.account}]", "removed_at", self.owner.now)
        self.plan.released |= {row.id}

    def plan_panel(self, draft: Mapping[str, Any], row: Panel | None) -> None:
        """One panel with its paths and points."""
        label = f"panels[{draft['account']}]"
        reading = self.reading.inner(label)
        attrs = panel_attrs(draft, self.known, reading, new=row is None)
        masked_without(attrs, row, reading, draft)
        if row is None:
            added = self.plan.add(Panel, label, attrs, self.owner.under)
            under = Under("panel_id", added=added)
        else:
            self.plan.set(row, label, attrs, self.owner.keys)
            under = Under("panel_id", row.id)
            if attrs.get("line", row.line) != row.line:
                self.plan.released |= {row.id}
        if "paths" in draft or row is None:
            self.plan_paths(draft, label, under)
        if "zones" in draft:
            self.plan_zones(draft, label, under)

    def plan_paths(self, draft: Mapping[str, Any], label: str, under: Under) -> None:
        """Paths, known by their names; a panel without any has one that takes every frame."""
        rows = self.rows.paths.get(under.id, []) if self.rows and under.id else []
        existing = {fold(row.name): row for row in rows}
        for path in draft.get("paths") or [{"_line": draft["_line"]}]:
            name = path.get("name") or DEFAULT_PATH
            where = f"{label}.paths[{name}]"
            row = existing.pop(fold(name), None)
            attrs = {**wanted(path, PATH, new=row is None or row.removed_at is not None), "name": name}
            if row is not None:
                self.plan.set(row, where, {**attrs, "removed_at": None}, self.owner.keys)
            else:
                self.plan.add(Path, where, {**attrs, "state": "unknown"}, under)
        for row in existing.values():
            if row.removed_at is None:
                self.plan.end(row, f"{label}.paths[{row.name}]", "removed_at", self.owner.now)

    def plan_zones(self, draft: Mapping[str, Any], label: str, under: Under) -> None:
        """Points, known by their numbers; one that made itself known stays until the file takes it over."""
        rows = self.rows.zones.get(under.id, []) if self.rows and under.id else []
        existing = {row.number: row for row in rows}
        for zone in draft["zones"] or []:
            number = canonical_number(zone["number"])
            where = f"{label}.zones[{zone['number']}]"
            row = existing.pop(number, None)
            attrs = wanted(zone, ZONE, new=row is None or row.removed_at is not None)
            if row is not None:
                self.plan.set(row, where, {**attrs, "discovered": False, "removed_at": None}, self.owner.keys)
            else:
                attrs |= {"number": number, "state": "unknown", "discovered": False}
                self.plan.add(Zone, where, attrs, self.owner.under, under)
        for row in existing.values():
            if row.removed_at is None and not row.discovered:
                self.plan.end(row, f"{label}.zones[{row.shown}]", "removed_at", self.owner.now)


def matching_panel(draft: Mapping[str, Any], rows: list[Panel]) -> Panel | None:
    """The row of this account: on the same line, else the only one with this account (its line changes)."""
    same = [row for row in rows if row.canonical == canonical_account(draft["account"])]
    exact = [row for row in same if row.line == draft.get("line")]
    return exact[0] if exact else same[0] if len(same) == 1 else None


def panel_attrs(draft: Mapping[str, Any], known: Known, reading: Reading, *, new: bool) -> dict[str, Any]:
    """A panel's own columns."""
    attrs = wanted(draft, PANEL, new=new)
    attrs["canonical"] = canonical_account(draft["account"])
    if "model" in draft or new:
        attrs["model_id"] = refer(draft, "model", known.models, "models", reading)
    return attrs


def known_responders(
    drafts: list[Any], known: Known, reading: Reading
) -> dict[int, tuple[int, Mapping[str, Any]]]:
    """Responders by id, each with its rank in the list; unknown ones are faults."""
    found: dict[int, tuple[int, Mapping[str, Any]]] = {}
    for index, draft in enumerate(drafts, 1):
        inner = reading.inner(f"responders[{draft['responder']}]")
        row_id = refer(draft, "responder", known.responders, "responders", inner)
        if row_id is not None:
            found[row_id] = (index, draft)
    return found


def plan_responders(
    plan: Plan, found: Mapping[int, tuple[int, Mapping[str, Any]]], rows: list[SiteResponder], owner: Owner
) -> None:
    """Who goes to the site, in which order."""
    existing = {row.responder_id: row for row in rows}
    for responder_id, (index, draft) in found.items():
        label = f"responders[{draft['responder']}]"
        row = existing.pop(responder_id, None)
        new = row is None or row.removed_at is not None
        attrs = wanted(draft, RESPONDER, new=new)
        if new and draft.get("rank") is None:
            attrs["rank"] = index
        if row is not None:
            plan.set(row, label, {**attrs, "removed_at": None}, owner.keys)
        else:
            plan.add(SiteResponder, label, {**attrs, "responder_id": responder_id}, owner.under)
    for row in existing.values():
        if row.removed_at is None:
            plan.end(row, f"responders[{row.responder_id}]", "removed_at", owner.now)
