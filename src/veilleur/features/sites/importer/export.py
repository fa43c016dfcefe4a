"""Export: the same form as the import reads, defaults left out, secrets masked unless asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from sqlalchemy import select

from veilleur.db.base import Base
from veilleur.db.engine import Database, ReadSession
from veilleur.features.sites.adoption import DEFAULT_PATH
from veilleur.features.sites.hours import ALL_DAYS
from veilleur.features.sites.importer.parts import camera_part
from veilleur.features.sites.importer.plan import Spec
from veilleur.features.sites.importer.rows import SiteRows, load_shared, load_sites
from veilleur.features.sites.importer.shared import CONTACT
from veilleur.features.sites.importer.site_plan import (
    ADDRESS,
    PANEL,
    PATH,
    RESPONDER,
    SITE,
    ZONE,
    default_commune,
)
from veilleur.features.sites.importer.top_plan import CENTRE, CUSTOMER, DIRECTORY, MODEL, ON_CALL
from veilleur.features.sites.importer.top_plan import RESPONDER as FIRM
from veilleur.features.sites.importer.values import MASK, step_as_kept
from veilleur.features.sites.reading import number_key
from veilleur.features.sites.secrets import open_panel_key, open_word
from veilleur.features.sites.states import CENTRE_REFERENCE
from veilleur.features.sites.tables import (
    Brand,
    Centre,
    Contact,
    Customer,
    DirectoryEntry,
    Instruction,
    OnCall,
    Panel,
    PanelModel,
    Procedure,
    Responder,
    Site,
)
from veilleur.kernel.clock import Clock
from veilleur.kernel.sealing import SealingKeys
from veilleur.logbook.act import Act, Actor

BATCH = 200


class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes no aliases: an import refuses them."""

    def ignore_aliases(self, data: object) -> bool:
        """Every value is written out."""
        return True


def export(
    database: Database,
    keys: SealingKeys,
    *,
    clock: Clock,
    with_secrets: bool = False,
    actor: Actor | None = None,
) -> str:
    """Everything an import can read, as YAML. With secrets: a traced act; without: «***» in their place."""
    if with_secrets:
        with database.write() as session:
            Act(session, clock.now(), actor or Actor("cli")).record("export.with_secrets", {})
    with database.read() as session:
        return Export(session, keys if with_secrets else None).text()


def dump(data: object) -> str:
    """YAML in block style, in the order given, accents as they are."""
    return str(
        yaml.dump(
            data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=120, default_flow_style=False
        )
    )


class Export:
    """One picture of everything, in the form of the import."""

    def __init__(self, session: ReadSession, keys: SealingKeys | None) -> None:
        self.session = session
        self.keys = keys
        self.customers = dict(self._pairs(Customer.id, Customer.reference))
        self.brands = dict(self._pairs(Brand.id, Brand.reference))
        self.models = dict(self._pairs(PanelModel.id, PanelModel.name))
        self.responders = dict(self._pairs(Responder.id, Responder.reference))

    def _pairs(self, key: Any, value: Any) -> list[tuple[int, str]]:
        return [(row[0], row[1]) for row in self.session.execute(select(key, value))]

    def text(self) -> str:
        """The whole file."""
        top = {name: rows for name, rows in self.top() if rows}
        parts = [dump(top)] if top else []
        sites = [dump(batch) for batch in self.sites()]
        return "".join([*parts, "sites:\n" if sites else "sites: []\n", *sites])

    def top(self) -> Iterator[tuple[str, Any]]:
        """Every section but the sites."""
        house = self.session.get(Centre, 1)
        yield "centre", differing(house, CENTRE) if house else None
        yield "customers", [self.customer(row) for row in self._rows(Customer, Customer.reference)]
        models = self._rows(PanelModel, PanelModel.name)
        yield "models", [{"name": row.name, **coded(differing(row, MODEL), "name")} for row in models]
        yield "brands", [self.brand(row) for row in self._rows(Brand, Brand.reference)]
        yield "responders", [self.firm(row) for row in self._rows(Responder, Responder.reference)]
        people = self._rows(OnCall, OnCall.rank)
        yield "on_call", [{"reference": row.reference, **differing(row, ON_CALL)} for row in people]
        yield "directory", [self.service(row) for row in self._rows(DirectoryEntry, DirectoryEntry.id)]
        rows = self.session.scalars(
            select(Procedure)
            .where(Procedure.site_id.is_(None), Procedure.customer_id.is_(None), Procedure.brand_id.is_(None))
            .where(Procedure.ended_at.is_(None))
            .order_by(Procedure.event)
        )
        yield "procedures", procedures(rows)
        yield "authorisations", camera_part().told_authorisations(self.session, self.customers)

    def _rows(self, table: Any, order: Any) -> list[Any]:
        query = select(table).order_by(order)
        if hasattr(table, "removed_at"):
            query = query.where(table.removed_at.is_(None))
        return list(self.session.scalars(query))

    def customer(self, row: Customer) -> dict[str, Any]:
        """An abonné."""
        shared = load_shared(self.session, "customer_id", [row.id])[row.id]
        told = {"reference": row.reference, "name": row.name, **coded(differing(row, CUSTOMER), "name")}
        return told | kept({"procedures": procedures(shared[2])})

    def brand(self, row: Brand) -> dict[str, Any]:
        """An enseigne."""
        contacts, instructions, plans = load_shared(self.session, "brand_id", [row.id])[row.id]
        told = {"reference": row.reference, "name": row.name}
        told |= kept({"customer": self.customers.get(row.customer_id or 0)})
        return told | self.shared(contacts, instructions, plans, "Europe/Paris")

    def firm(self, row: Responder) -> dict[str, Any]:
        """An intervention firm."""
        told = {"reference": row.reference, **differing(row, FIRM)}
        return dated(told, "card_expires_on")

    def service(self, row: DirectoryEntry) -> dict[str, Any]:
        """A line of the directory; its number is reserved (D613-17): masked like a secret."""
        told = {"commune": row.commune, "service": row.service, **kept({"zone": row.zone or None})}
        told |= differing(row, DIRECTORY) | {"number": row.number if self.keys else MASK}
        return dated(told, "checked_on")

    def sites(self) -> Iterator[list[dict[str, Any]]]:
        """Sites by the batch, by reference; the centre's own is not the file's."""
        references = self.session.scalars(
            select(Site.reference).where(Site.reference != CENTRE_REFERENCE).order_by(Site.reference)
        ).all()
        for start in range(0, len(references), BATCH):
            batch = references[start : start + BATCH]
            rows = load_sites(self.session, batch)
            yield [self.site(rows[reference]) for reference in batch]
            self.session.expunge_all()

    def site(self, rows: SiteRows) -> dict[str, Any]:
        """One site, whole."""
        row = rows.site
        told: dict[str, Any] = {"reference": row.reference, "name": row.name}
        told |= kept({"customer": self.customers.get(row.customer_id or 0)})
        told |= kept({"brand": self.brands.get(row.brand_id or 0)})
        told |= kept({"address": differing(row, ADDRESS)})
        if row.lat is not None and row.lon is not None:
            told["position"] = {"lat": row.lat, "lon": row.lon}
        if row.commune != default_commune(row.postcode, row.town):
            told["commune"] = row.commune
        told |= with_hours(coded(differing(row, SITE), "name"), "schedule")
        areas = sorted(rows.areas, key=lambda area: number_key(area.number))
        told |= kept({"areas": [{"number": area.number, "name": area.name} for area in areas if area.name]})
        told |= kept({"panels": [self.panel(panel, rows) for panel in rows.panels]})
        told |= self.shared(rows.contacts, rows.instructions, rows.procedures, row.timezone)
        going = sorted(
            (r for r in rows.responders if r.removed_at is None), key=lambda r: (r.rank, r.responder_id)
        )
        told |= kept(
            {
                "responders": [
                    {"responder": self.responders[r.responder_id], **ranked(r, RESPONDER)} for r in going
                ]
            }
        )
        cameras = camera_part().told(self.session, rows.cameras, self.keys.cameras if self.keys else None)
        return told | kept({"cameras": cameras})

    def panel(self, row: Panel, rows: SiteRows) -> dict[str, Any]:
        """A panel with its paths and the points that the file named."""
        told: dict[str, Any] = {"account": row.account, **differing(row, PANEL)}
        if row.key_sealed is not None:
            key = open_panel_key(self.keys.panels, row.id, row.key_sealed) if self.keys else None
            told["key"] = key.hex().upper() if key else MASK
        told |= kept({"model": self.models.get(row.model_id or 0)})
        paths = [{"name": p.name, **differing(p, PATH)} for p in rows.paths[row.id] if p.removed_at is None]
        if paths != [{"name": DEFAULT_PATH}]:
            told["paths"] = paths
        zones = [zone for zone in rows.zones[row.id] if zone.removed_at is None and not zone.discovered]
        zones.sort(key=lambda zone: number_key(zone.number))
        return told | kept(
            {"zones": [{"number": zone.shown, **coded(differing(zone, ZONE))} for zone in zones]}
        )

    def shared(
        self, contacts: list[Contact], instructions: list[Instruction], plans: list[Procedure], zone: str
    ) -> dict[str, Any]:
        """What sites and brands have alike. Provisional contacts and consignes of the night are the desk's."""
        lasting = [self.contact(row) for row in contacts if row.provisional_until is None]
        running = [
            instruction(row, zone) for row in instructions if row.ended_at is None and row.origin == "import"
        ]
        return kept({"contacts": lasting, "instructions": running, "procedures": procedures(plans)})

    def contact(self, row: Contact) -> dict[str, Any]:
        """A contact, its words masked or opened."""
        told = {"name": row.name, "rank": row.rank, **with_hours(differing(row, CONTACT), "availability")}
        told.pop("phone", None)
        if told.get("phones"):
            numbers = [
                phone["number"] if phone.get("label") is None else phone for phone in told.pop("phones")
            ]
            single = len(numbers) == 1 and isinstance(numbers[0], str)
            told |= {"phone": numbers[0]} if single else {"phones": numbers}
        for kind in ("code_word", "duress_word"):
            sealed = getattr(row, kind)
            if sealed is not None:
                told[kind] = open_word(self.keys.contacts, row.id, kind, sealed) if self.keys else MASK
        return told


def kept(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}


def differing(row: Base, spec: Spec) -> dict[str, Any]:
    """A row's fields that are not at their default, under the file's names."""
    told: dict[str, Any] = {}
    for key, (column, default, _) in spec.items():
        value = getattr(row, column)
        if value != default and not isinstance(value, bytes):
            told[key] = value
    return told


def ranked(row: Base, spec: Spec) -> dict[str, Any]:
    """The same with the rank always written: left out it would be the place in the list."""
    return {"rank": getattr(row, "rank", 1), **differing(row, spec)}


def coded(fields: dict[str, Any], *without: str) -> dict[str, Any]:
    """Fields without those already written."""
    return {key: value for key, value in fields.items() if key not in without}


def with_hours(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """Periods with their days left out when they are all."""
    if name in fields:
        fields[name] = [hours(row) for row in fields[name]]
    return fields


def hours(row: Mapping[str, Any]) -> dict[str, Any]:
    """One period."""
    every = set(row["days"]) == ALL_DAYS
    return {key: value for key, value in row.items() if key != "days" or not every}


def dated(fields: dict[str, Any], name: str) -> dict[str, Any]:
    """A date as the file writes it."""
    if isinstance(fields.get(name), datetime):
        fields[name] = f"{fields[name]:%Y-%m-%d}"
    return fields


def instruction(row: Instruction, zone: str) -> dict[str, Any]:
    """A consigne; instants with their offset, so that no hour is told twice."""
    told: dict[str, Any] = {"text": row.text, "kind": row.kind}
    told |= kept({"schedule": [hours(period) for period in row.schedule]})
    for key, at in (("from", row.valid_from), ("until", row.valid_until)):
        if at is not None:
            told[key] = at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
    return told | kept({"asked_by": row.asked_by})


def procedures(rows: Iterable[Procedure]) -> list[dict[str, Any]]:
    """Procedures by event."""
    ordered = sorted(rows, key=lambda row: row.event)
    return [{"event": row.event, "steps": [step_as_kept(step) for step in row.steps]} for row in ordered]
