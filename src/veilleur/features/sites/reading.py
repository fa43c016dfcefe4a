"""Builds a SiteView from rows: a fixed number of statements, whatever the size of the site."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from veilleur.db.engine import ReadSession
from veilleur.features.sites.brands import exceptions_of
from veilleur.features.sites.hours import periods
from veilleur.features.sites.model import (
    AreaView,
    ContactView,
    InstructionView,
    OnTestView,
    PanelView,
    PathView,
    SiteView,
    ZoneView,
)
from veilleur.features.sites.tables import (
    Area,
    Contact,
    Customer,
    Instruction,
    OnTest,
    Panel,
    PanelModel,
    Path,
    Site,
    Zone,
)
from veilleur.kernel.errors import NotFoundError


def read_site_view(session: ReadSession, site_id: int) -> SiteView:
    """The site's whole file as frozen data; take the lock first when deciding. Raises NotFoundError."""
    site = session.get(Site, site_id)
    if site is None:
        raise NotFoundError("No such site.", what="site", id=site_id)
    customer = session.get(Customer, site.customer_id) if site.customer_id is not None else None
    return SiteView(
        id=site.id,
        reference=site.reference,
        name=site.name,
        kind=site.kind,
        town=site.town,
        commune=site.commune,
        customer_id=site.customer_id,
        organisation=site.organisation,
        timezone=site.timezone,
        phone=site.phone,
        connection=site.connection,
        services=frozenset(site.services),
        risks=site.risks,
        police_zone=site.police_zone,
        codes=tuple(site.codes),
        customer_codes=tuple(customer.codes) if customer else (),
        schedule=periods(site.schedule),
        area_groups={group: tuple(members) for group, members in site.area_groups.items()},
        areas=tuple(read_areas(session, site_id)),
        panels=tuple(read_panels(session, site_id)),
        contacts=read_contacts(session, site),
        instructions=read_instructions(session, site),
        on_tests=tuple(on_test_view(row) for row in running_tests(session, site_id)),
    )


def read_areas(session: ReadSession, site_id: int) -> list[AreaView]:
    """Areas in the order of their numbers."""
    rows = session.scalars(select(Area).where(Area.site_id == site_id))
    views = [
        AreaView(row.id, row.number, row.name, row.armed, row.partial, row.armed_since, row.armed_by)
        for row in rows
    ]
    return sorted(views, key=lambda area: number_key(area.number))


def read_panels(session: ReadSession, site_id: int) -> list[PanelView]:
    """Panels in use, each with its paths and points in use."""
    rows = session.execute(
        select(Panel, PanelModel)
        .outerjoin(PanelModel, PanelModel.id == Panel.model_id)
        .where(Panel.site_id == site_id, Panel.removed_at.is_(None))
        .order_by(Panel.id)
    ).all()
    ids = [panel.id for panel, _ in rows]
    paths = [path_view(row) for row in session.scalars(
        select(Path).where(Path.panel_id.in_(ids), Path.removed_at.is_(None)).order_by(Path.id)
    )]  # fmt: skip
    zones = read_zones(session, ids)
    return [panel_view(panel, model, paths, zones) for panel, model in rows]


def read_zones(session: ReadSession, panel_ids: Sequence[int]) -> list[ZoneView]:
    """The points in use of some panels, in the order of their numbers."""
    rows = session.scalars(select(Zone).where(Zone.panel_id.in_(panel_ids), Zone.removed_at.is_(None)))
    return sorted(map(zone_view, rows), key=lambda zone: number_key(zone.number))


def panel_view(
    panel: Panel, model: PanelModel | None, paths: Iterable[PathView], zones: Iterable[ZoneView]
) -> PanelView:
    """One panel with what is its own among the site's paths and zones."""
    return PanelView(
        id=panel.id,
        account=panel.account,
        canonical=panel.canonical,
        line=panel.line,
        keyed=panel.key_sealed is not None,
        time_policy=panel.time_policy,
        clear_allowed=panel.clear_allowed,
        sends_restores=panel.sends_restores,
        model=model.name if model else None,
        model_sends_restores=model.sends_restores if model else "unknown",
        model_codes=tuple(model.codes) if model else (),
        paths=tuple(path for path in paths if path.panel_id == panel.id),
        zones=tuple(zone for zone in zones if zone.panel_id == panel.id),
    )


def path_view(row: Path) -> PathView:
    """One path."""
    return PathView(
        row.id, row.panel_id, row.name, row.interval, row.reporting, row.match, row.carrier, row.state,
        row.state_since,
    )  # fmt: skip


def zone_view(row: Zone) -> ZoneView:
    """One point."""
    return ZoneView(
        row.id, row.panel_id, row.number, row.shown, row.area, row.name, row.kind, row.sends_restores,
        tuple(row.codes), row.state, row.state_since, row.seen_at, row.discovered,
    )  # fmt: skip


def read_contacts(session: ReadSession, site: Site) -> tuple[ContactView, ...]:
    """The site's contacts and those it takes of its brand, by rank, the site's first. Expired provisional ones stay listed:
    `current_contacts` leaves them out."""
    views = [contact_view(row) for row in contact_rows(session, site)]
    return tuple(sorted(views, key=lambda view: (view.rank, view.of_brand, view.id)))


def contact_rows(session: ReadSession, site: Site) -> list[Contact]:
    """The rows of a site's contacts and of those it takes of its brand (need 6), provisional ones too."""
    whose = [Contact.site_id == site.id]
    whose += [Contact.brand_id == site.brand_id] if site.brand_id is not None else []
    rows = session.scalars(select(Contact).where(or_(*whose), Contact.removed_at.is_(None)))
    own = exceptions_of(site.brand_exceptions)
    return [row for row in rows if row.brand_id is None or own.takes("contacts", row.name)]


def contact_view(row: Contact) -> ContactView:
    """One contact, without its words."""
    return ContactView(
        id=row.id,
        name=row.name,
        rank=row.rank,
        role=row.role,
        phones=tuple(row.phones),
        availability=periods(row.availability),
        authorised=row.authorised,
        user_number=row.user_number,
        language=row.language,
        note=row.note,
        has_code_word=row.code_word is not None,
        has_duress_word=row.duress_word is not None,
        provisional_until=row.provisional_until,
        of_brand=row.brand_id is not None,
    )


def read_instructions(session: ReadSession, site: Site) -> tuple[InstructionView, ...]:
    """Consignes of the site, and those it takes of its brand, that nobody has ended."""
    whose = [Instruction.site_id == site.id]
    whose += [Instruction.brand_id == site.brand_id] if site.brand_id is not None else []
    rows = session.scalars(
        select(Instruction).where(or_(*whose), Instruction.ended_at.is_(None)).order_by(Instruction.id)
    )
    own = exceptions_of(site.brand_exceptions)
    kept = (row for row in rows if row.brand_id is None or own.takes("instructions", row.text))
    return tuple(instruction_view(row) for row in kept)


def instruction_view(row: Instruction) -> InstructionView:
    """One consigne."""
    return InstructionView(
        row.id, row.kind, row.text, periods(row.schedule), row.valid_from, row.valid_until, row.asked_by,
        row.brand_id is not None,
    )  # fmt: skip


def running_tests(session: ReadSession, site_id: int | None = None) -> list[OnTest]:
    """Tests that nobody has ended, of one site or of all."""
    query = select(OnTest).where(OnTest.ended_at.is_(None)).order_by(OnTest.until, OnTest.id)
    if site_id is not None:
        query = query.where(OnTest.site_id == site_id)
    return list(session.scalars(query))


def ended_tests(session: ReadSession, site_id: int, since: datetime) -> list[OnTest]:
    """Tests of a site that ended since an instant, the last first."""
    query = select(OnTest).where(OnTest.site_id == site_id, OnTest.ended_at >= since)
    return list(session.scalars(query.order_by(OnTest.ended_at.desc(), OnTest.id.desc())))


def on_test_view(row: OnTest) -> OnTestView:
    """One test, its scope in sets."""
    scope: Mapping[str, Any] = row.scope
    areas, zones = scope.get("areas"), scope.get("zones")
    return OnTestView(
        id=row.id,
        panel_id=scope.get("panel"),
        areas=frozenset(areas) if areas else None,
        zones=frozenset(zones) if zones else None,
        asked_by=row.asked_by,
        started_at=row.started_at,
        until=row.until,
    )


def number_key(number: str) -> tuple[int, int, str]:
    """Orders numbers as integers, letters after."""
    return (0, int(number), "") if number.isdecimal() else (1, 0, number)


def current_contacts(contacts: Iterable[ContactView], now: datetime) -> tuple[ContactView, ...]:
    """Those whose provisional term has not passed."""
    return tuple(c for c in contacts if c.provisional_until is None or now < c.provisional_until)
