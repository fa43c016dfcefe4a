"""What everything but sites changes: the centre, customers, models, brands, responders, directory, procedures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.sites.importer.checks import check_procedures, check_shared
from veilleur.features.sites.importer.fields import Reading
from veilleur.features.sites.importer.parts import camera_part
from veilleur.features.sites.importer.plan import Plan, Spec, Under, clean, refer, wanted
from veilleur.features.sites.importer.rows import Known, load_shared
from veilleur.features.sites.importer.shared import Owner, plan_shared
from veilleur.features.sites.importer.values import MASK
from veilleur.features.sites.tables import (
    Brand,
    Centre,
    Customer,
    DirectoryEntry,
    OnCall,
    PanelModel,
    Procedure,
    Responder,
)
from veilleur.kernel.sealing import SealingKeys
from veilleur.logbook.act import fold

CENTRE: Spec = {
    "name": ("name", "Station", None),
    "call_back": ("call_back", None, None),
    "authorisation": ("authorisation", None, None),
    "timezone": ("timezone", "Europe/Paris", None),
    "settings": ("settings", {}, None),
}
CUSTOMER: Spec = {
    "name": ("name", "", None),
    "kind": ("kind", "professional", None),
    "codes": ("codes", [], clean),
}
MODEL: Spec = {
    "name": ("name", "", None),
    "sends_restores": ("sends_restores", "unknown", None),
    "codes": ("codes", [], clean),
}
RESPONDER: Spec = {
    "name": ("name", "", None),
    "firm": ("firm", None, None),
    "phone": ("phone", "", None),
    "communes": ("communes", [], lambda words: sorted(set(words))),
    "card_expires_on": ("card_expires_on", None, None),
}
ON_CALL: Spec = {
    "name": ("name", "", None),
    "kind": ("kind", "person", None),
    "rank": ("rank", 1, None),
    "ways": ("ways", [], clean),
}
DIRECTORY: Spec = {
    "town": ("town", "", None),
    "name": ("name", "", None),
    "number": ("number", "", None),
    "call_back": ("call_back", None, None),
    "checked_on": ("checked_on", None, None),
}

Draft = Mapping[str, Any]


@dataclass
class TopPlanning:
    """What planning an object of the top needs beside its draft."""

    session: ReadSession
    known: Known
    keys: SealingKeys
    now: datetime
    zone: str


def plan_centre(draft: Draft, world: TopPlanning, reading: Reading) -> Plan:
    """The centre's own row."""
    plan = Plan()
    row = world.session.get(Centre, 1)
    attrs = wanted(draft, CENTRE, new=row is None)
    if row is None:
        plan.add(Centre, "", {**attrs, "id": 1})
    else:
        plan.set(row, "centre", attrs, world.keys)
    return plan


def plan_customer(draft: Draft, world: TopPlanning, reading: Reading) -> Plan:
    """An abonné and its procedures. Its own perimeter is itself."""
    plan = Plan()
    row = world.session.scalars(
        select(Customer).where(Customer.reference == draft["reference"])
    ).one_or_none()
    attrs = wanted(draft, CUSTOMER, new=row is None) | {"sort_key": fold(draft["name"])}
    if row is None:
        added = plan.add(Customer, "", {**attrs, "reference": draft["reference"]})
        added.parents["customer_id"] = added
        under = Under("customer_id", added=added)
    else:
        plan.set(row, "customer", attrs, world.keys)
        under = Under("customer_id", row.id)
    owner = Owner(under, world.zone, world.now, world.keys)
    shared = load_shared(world.session, "customer_id", [row.id])[row.id] if row else ([], [], [])
    check_procedures(draft, reading)
    plan_shared(
        plan, {"procedures": draft["procedures"]} if "procedures" in draft else {}, shared, owner, reading
    )
    return plan


def plan_brand(draft: Draft, world: TopPlanning, reading: Reading) -> Plan:
    """An enseigne: contacts, consignes and procedures of all its shops."""
    plan = Plan()
    row = world.session.scalars(select(Brand).where(Brand.reference == draft["reference"])).one_or_none()
    attrs: dict[str, Any] = {"name": draft["name"], "sort_key": fold(draft["name"])}
    if "customer" in draft or row is None:
        attrs["customer_id"] = refer(draft, "customer", world.known.customers, "customers", reading)
    if row is None:
        added = plan.add(Brand, "", {**attrs, "reference": draft["reference"]})
        under = Under("brand_id", added=added)
    else:
        plan.set(row, "brand", attrs, world.keys)
        under = Under("brand_id", row.id)
    shared = load_shared(world.session, "brand_id", [row.id])[row.id] if row else ([], [], [])
    check_shared(draft, reading, Reading(reading.where, []))
    plan_shared(plan, draft, shared, Owner(under, world.zone, world.now, world.keys), reading)
    return plan


def plan_model(draft: Draft, world: TopPlanning, reading: Reading) -> Plan:
    """A make and model of panel."""
    plan = Plan()
    row = world.session.scalars(select(PanelModel).where(PanelModel.name == draft["name"])).one_or_none()
    attrs = wanted(draft, MODEL, new=row is None)
    if row is None:
        plan.add(PanelModel, "", attrs)
    else:
        plan.set(row, "model", attrs, world.keys)
    return plan


def plan_responder(draft: Draft, world: TopPlanning, reading: Reading) -> Plan:
    """An intervention firm or agent."""
    plan = Plan()
    row = world.session.scalars(
        select(Responder).where(Responder.reference == draft["reference"])
    ).one_or_none()
    attrs = wanted(draft, RESPONDER, new=row is None)
    if row is None:
        plan.add(Responder, "", {**attrs, "reference": draft["reference"]})
    else:
        plan.set(row, "responder", {**attrs, "removed_at": None}, world.keys)
    return plan


def plan_on_call(draft: Draft, world: TopPlanning, reading: Reading) -> Plan:
    """Somebody who is called when nobody takes an alarm (P7); `removed` takes him off the list."""
    plan = Plan()
    row = world.session.scalars(select(OnCall).where(OnCall.reference == draft["reference"])).one_or_none()
    attrs = wanted(draft, ON_CALL, new=row is None)
    gone = world.now if draft.get("removed") else None
    if row is None:
        plan.add(OnCall, "", {**attrs, "reference": draft["reference"], "removed_at": gone})
    elif gone is None or row.removed_at is None:
        plan.set(row, "on_call", {**attrs, "removed_at": gone}, world.keys)
    return plan


def plan_directory(draft: Draft, world: TopPlanning, reading: Reading) -> Plan:
    """One line of the directory, known by its commune, service and zone. «***» keeps the reserved number."""
    plan = Plan()
    key = {"commune": draft["commune"], "service": draft["service"], "zone": draft.get("zone") or ""}
    row = world.session.scalars(select(DirectoryEntry).filter_by(**key)).one_or_none()
    attrs = wanted(draft, DIRECTORY, new=row is None)
    if attrs["number"] == MASK:
        if row is None:
            reading.inner("number").fault(draft["_line"], "masked_without_secret", field="number")
        del attrs["number"]
    if row is None:
        plan.add(DirectoryEntry, "", {**attrs, **key})
    else:
        plan.set(row, "directory", {**attrs, "removed_at": None}, world.keys)
    return plan


def plan_procedure(draft: Draft, world: TopPlanning, reading: Reading) -> Plan:
    """A procedure of the whole centre."""
    plan = Plan()
    row = world.session.scalars(
        select(Procedure).where(
            Procedure.event == draft["event"],
            Procedure.site_id.is_(None),
            Procedure.customer_id.is_(None),
            Procedure.brand_id.is_(None),
            Procedure.ended_at.is_(None),
        )
    ).one_or_none()
    attrs = {"event": draft["event"], "steps": clean(draft["steps"])}
    if row is None:
        plan.add(Procedure, "", attrs)
    else:
        plan.set(row, "procedure", attrs, world.keys)
    return plan


def plan_authorisation(draft: Draft, world: TopPlanning, reading: Reading) -> Plan:
    """A préfet's authorisation of a camera system; one is never removed by leaving it out."""
    plan = Plan()
    attrs: dict[str, Any] = {}
    if "customer" in draft:
        attrs["customer_id"] = refer(draft, "customer", world.known.customers, "customers", reading)
    camera_part().plan_authorisation(plan, draft, attrs, world.session, world.keys, reading)
    return plan


Planner = Callable[[Draft, TopPlanning, Reading], Plan]

#: Section → its planner, what its entries are called, and where its references are kept.
TOP: dict[str, tuple[Planner, str, str | None]] = {
    "centre": (plan_centre, "centre", None),
    "customers": (plan_customer, "customer", "customers"),
    "models": (plan_model, "model", "models"),
    "brands": (plan_brand, "brand", "brands"),
    "responders": (plan_responder, "responder", "responders"),
    "on_call": (plan_on_call, "on_call", None),
    "directory": (plan_directory, "directory", None),
    "procedures": (plan_procedure, "procedure", None),
    "authorisations": (plan_authorisation, "authorisation", "authorisations"),
}


def natural_key(section: str, draft: Draft) -> tuple[Any, ...]:
    """What makes an object of the top the same object."""
    match section:
        case "centre":
            return (section,)
        case "directory":
            return (section, draft["commune"], draft["service"], draft.get("zone") or "")
        case "models":
            return (section, draft["name"])
        case "procedures":
            return (section, draft["event"])
        case _:
            return (section, draft["reference"])
