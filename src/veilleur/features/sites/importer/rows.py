"""What the database holds of some sites, read by the batch: a dozen statements for five hundred sites."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import ScalarResult, Select, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from veilleur.db.engine import ReadSession
from veilleur.features.sites.importer.parts import CameraAt, camera_part
from veilleur.features.sites.tables import (
    Area,
    Brand,
    Contact,
    Customer,
    Instruction,
    Panel,
    PanelModel,
    Path,
    Procedure,
    Responder,
    Site,
    SiteResponder,
    Zone,
)

Row = TypeVar("Row")


@dataclass
class SiteRows:
    """One site's rows. Removed panels are left out; removed paths, points and responders are kept to be revived."""

    site: Site
    areas: list[Area] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    paths: dict[int, list[Path]] = field(default_factory=lambda: defaultdict(list))
    zones: dict[int, list[Zone]] = field(default_factory=lambda: defaultdict(list))
    contacts: list[Contact] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    responders: list[SiteResponder] = field(default_factory=list)
    cameras: Any = None


def fresh(session: ReadSession, query: Select[Row]) -> ScalarResult[Row]:
    """Rows as they are now, over what this session read before it held the lock."""
    return session.scalars(query.execution_options(populate_existing=True))


def load_sites(session: ReadSession, references: Sequence[str]) -> dict[str, SiteRows]:
    """Rows by the site's reference; references that the database does not know are absent."""
    sites = list(fresh(session, select(Site).where(Site.reference.in_(references))))
    found = {site.id: SiteRows(site) for site in sites}
    ids = list(found)
    for area in fresh(session, select(Area).where(Area.site_id.in_(ids)).order_by(Area.id)):
        found[area.site_id].areas.append(area)
    owners = {}
    for panel in fresh(
        session, select(Panel).where(Panel.site_id.in_(ids), Panel.removed_at.is_(None)).order_by(Panel.id)
    ):
        owners[panel.id] = panel.site_id
        found[panel.site_id].panels.append(panel)
    for path in fresh(session, select(Path).where(Path.panel_id.in_(list(owners))).order_by(Path.id)):
        found[owners[path.panel_id]].paths[path.panel_id].append(path)
    for zone in fresh(session, select(Zone).where(Zone.panel_id.in_(list(owners))).order_by(Zone.id)):
        found[owners[zone.panel_id]].zones[zone.panel_id].append(zone)
    for responder in fresh(session, select(SiteResponder).where(SiteResponder.site_id.in_(ids))):
        found[responder.site_id].responders.append(responder)
    shared = load_shared(session, "site_id", ids)
    cameras = camera_part().load(session, ids)
    for site_id, rows in found.items():
        rows.cameras = cameras.get(site_id)
        rows.contacts, rows.instructions, rows.procedures = shared[site_id]
    return {rows.site.reference: rows for rows in found.values()}


Shared = tuple[list[Contact], list[Instruction], list[Procedure]]


def load_shared(session: ReadSession, owner: str, ids: Sequence[int]) -> dict[int, Shared]:
    """Contacts, consignes and procedures of sites, brands or customers (`owner`: the column that names them).

    Ended consignes are kept only when an operator ended them before their hour: an import must not bring them back.
    """
    found: dict[int, Shared] = {each: ([], [], []) for each in ids}
    if owner != "customer_id":
        whose: InstrumentedAttribute[Any] = getattr(Contact, owner)
        for contact in fresh(
            session,
            select(Contact)
            .where(whose.in_(ids), Contact.removed_at.is_(None))
            .order_by(Contact.rank, Contact.id),
        ):
            found[getattr(contact, owner)][0].append(contact)
        whose = getattr(Instruction, owner)
        kept = or_(
            Instruction.ended_at.is_(None),
            and_(Instruction.kind == "temporary", Instruction.origin == "desk"),
        )
        for instruction in fresh(
            session, select(Instruction).where(whose.in_(ids), kept).order_by(Instruction.id)
        ):
            found[getattr(instruction, owner)][1].append(instruction)
    whose = getattr(Procedure, owner)
    for procedure in fresh(
        session, select(Procedure).where(whose.in_(ids), Procedure.ended_at.is_(None)).order_by(Procedure.id)
    ):
        found[getattr(procedure, owner)][2].append(procedure)
    return found


#: Stands for the id of what a dry run would have created.
NOT_YET = 0


@dataclass
class Known:
    """Ids of what sites refer to, by reference (models: by name)."""

    customers: dict[str, int]
    brands: dict[str, int]
    models: dict[str, int]
    responders: dict[str, int]
    authorisations: dict[str, int] = field(default_factory=dict)
    cameras: dict[str, CameraAt] = field(default_factory=dict)


def load_known(session: ReadSession) -> Known:
    """Everything a site may refer to."""

    def ids(key: InstrumentedAttribute[str], identity: InstrumentedAttribute[int]) -> dict[str, int]:
        rows = session.execute(select(key, identity)).all()
        return {row[0]: row[1] for row in rows}

    return Known(
        customers=ids(Customer.reference, Customer.id),
        brands=ids(Brand.reference, Brand.id),
        models=ids(PanelModel.name, PanelModel.id),
        responders=ids(Responder.reference, Responder.id),
        authorisations=camera_part().authorisations(session),
        cameras=camera_part().cameras(session),
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """A panel in use that answers to an account."""

    canonical: str
    line: str | None
    panel_id: int
    site_reference: str
    site_name: str


def load_holders(session: ReadSession, accounts: Sequence[str]) -> list[Holder]:
    """Every panel in use with one of these canonical accounts."""
    rows = session.execute(
        select(Panel.canonical, Panel.line, Panel.id, Site.reference, Site.name)
        .join(Site, Site.id == Panel.site_id)
        .where(Panel.canonical.in_(accounts), Panel.removed_at.is_(None))
    )
    return [Holder(*row) for row in rows]
