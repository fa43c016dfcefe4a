"""Composes the file of a site for one reader, from one picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, text

from veilleur.db.engine import ReadSession
from veilleur.features.sites.brands import KINDS, exceptions_of
from veilleur.features.sites.connecting import MOTIFS, connection_stand, records_of
from veilleur.features.sites.evidence import FoundNormal, found_normal
from veilleur.features.sites.hours import Period
from veilleur.features.sites.model import (
    Applicability,
    ContactView,
    InstructionView,
    PanelView,
    SiteView,
    ZoneView,
    judged,
)
from veilleur.features.sites.on_test_views import ended_test_of, test_of
from veilleur.features.sites.points import last_word
from veilleur.features.sites.policy import POLICY, VERBS
from veilleur.features.sites.queries import (
    centre,
    current_contacts,
    directory_for,
    missing_services,
    read_site_view,
    visible_site,
)
from veilleur.features.sites.reading import ended_tests, running_tests
from veilleur.features.sites.searching import search_sites
from veilleur.features.sites.tables import (
    Brand,
    Customer,
    DirectoryEntry,
    OnTest,
    PathSeen,
    Procedure,
    Responder,
    Site,
    SiteResponder,
)
from veilleur.features.sites.views import (
    BrandException,
    ConnectionKept,
    ConnectionMissing,
    ConnectionPath,
    ConnectionPoint,
    Reason,
    SiteAgent,
    SiteArea,
    SiteCard,
    SiteConnection,
    SiteContact,
    SiteFile,
    SiteFound,
    SiteInstruction,
    SitePanel,
    SitePath,
    SitePeriod,
    SitePhone,
    SiteProcedure,
    SiteService,
    SiteUnit,
    SiteZone,
)
from veilleur.kernel.ports import Reader

POLICE = ("police", "gendarmerie")
EVERY_SERVICE = ("police", "gendarmerie", "municipal_police", "fire", "medical")
MONTH = timedelta(days=30)
#: How long the list of a test that is over stays on the file: until the next day's shift has read it.
DAY = timedelta(days=1)

#: Dossiers belong to `incidents`, which stands on this feature: counted here by name.
#: open_incidents: how many open dossiers each of some sites has.
OPEN_INCIDENTS = text(
    "SELECT site_id, count(*) FROM incident WHERE closed_at IS NULL AND site_id IN :ids GROUP BY site_id"
).bindparams(bindparam("ids", expanding=True))
#: unjustified_since: how many dossiers of a site were closed as «alarme injustifiée» since an instant.
UNJUSTIFIED_SINCE = text(
    "SELECT count(*) FROM incident WHERE site_id = :site_id AND closed_at >= :since AND outcome LIKE 'unjustified%'"
)


def read_connection(session: ReadSession, site_id: int, reader: Reader) -> SiteConnection:
    """Where a site's connection stands, and its records (need 3). Raises NotFoundError."""
    site = visible_site(session, site_id, reader)
    stand = connection_stand(session, site_id)
    return SiteConnection(
        connection=site.connection,
        points=[ConnectionPoint.model_validate(point, from_attributes=True) for point in stand.points],
        paths=[ConnectionPath.model_validate(path, from_attributes=True) for path in stand.paths],
        missing=[ConnectionMissing(code=each.code, items=list(each.items)) for each in stand.missing],
        records=[
            ConnectionKept.model_validate(row, from_attributes=True) for row in records_of(session, site_id)
        ],
        motifs=list(MOTIFS),
        abilities=[verb for verb in _abilities(site, reader) if verb in {"connection", "reopen"}],
    )


def find_sites(session: ReadSession, query: str, reader: Reader) -> list[SiteFound]:
    """Sites inside the reader's perimeter that answer to what a caller says (need 4); nothing sensitive."""
    found = search_sites(session, query, reader.perimeter)
    ids = [row.id for row in found]
    if not ids:
        return []
    counts = {row[0]: row[1] for row in session.execute(OPEN_INCIDENTS, {"ids": ids})}
    testing = set(
        session.scalars(select(OnTest.site_id).where(OnTest.site_id.in_(ids), OnTest.ended_at.is_(None)))
    )
    return [
        SiteFound(
            id=row.id,
            reference=row.reference,
            name=row.name,
            town=row.town,
            customer=row.customer,
            matched=row.matched,
            open_incidents=counts.get(row.id, 0),
            on_test=row.id in testing,
        )
        for row in found
    ]


def read_site_file(session: ReadSession, site_id: int, reader: Reader, now: datetime) -> SiteFile:
    """Everything of a site that a reader may see. Raises NotFoundError."""
    site = visible_site(session, site_id, reader)
    view, found = read_site_view(session, site_id), found_normal(session, site_id)
    brand = session.get(Brand, site.brand_id) if site.brand_id is not None else None
    answers = directory_for(session, site.commune, EVERY_SERVICE, site.police_zone)
    lacking = (
        missing_services(session, [site.commune])
        if site.commune
        else {"": ["police_or_gendarmerie", "fire", "medical"]}
    )
    contacts = current_contacts(view.contacts, now)
    return SiteFile(
        site=_card(session, site, view, answers, now),
        brand=brand.name if brand else None,
        brand_exceptions=_excepted(site) if brand else [],
        panels=_panels(session, view.panels),
        areas=_areas(view),
        zones=_zones(view, found),
        contacts=[_contact(row, view, now) for row in contacts],
        instructions=[_instruction(*each, reader) for each in judged(view.instructions, now, view.timezone)],
        tests=[test_of(row, site, view, reader, found) for row in running_tests(session, site_id)],
        ended_tests=[ended_test_of(row, site) for row in ended_tests(session, site_id, now - DAY)],
        directory=[
            SiteService(service=row.service, name=row.name, checked_on=row.checked_on) for row in answers
        ],
        missing_services=next(iter(lacking.values()), []),
        responders=_agents(session, site_id),
        schedule=[_period(row) for row in view.schedule],
        closed_now=view.closed_hours(now),
        procedures=_procedures(session, site),
        abilities=_abilities(site, reader),
    )


def _excepted(site: Site) -> list[BrandException]:
    stored = site.brand_exceptions or {}
    return [BrandException(kind=kind, name=name) for kind in KINDS for name in stored.get(kind) or ()]


def _abilities(site: Site, reader: Reader) -> list[str]:
    """What this reader may do now: a connection is accepted while it is en cours, reopened while in service."""
    refused = {"connecting": {"reopen"}, "in_service": {"connection"}}.get(
        site.connection, {"connection", "reopen"}
    )
    return [VERBS[name] for name in POLICY.abilities(reader, VERBS) if VERBS[name] not in refused]


def _areas(view: SiteView) -> list[SiteArea]:
    return [SiteArea.model_validate(area, from_attributes=True) for area in view.areas]


def _card(
    session: ReadSession, site: Site, view: SiteView, answers: Sequence[DirectoryEntry], now: datetime
) -> SiteCard:
    house = centre(session)
    customer = session.get(Customer, site.customer_id) if site.customer_id is not None else None
    units = [row for row in answers if row.service in POLICE]
    same = (
        "id", "reference", "name", "kind", "street", "postcode", "town", "access", "phone", "timezone", "connection",
        "services", "risks", "note",
    )  # fmt: skip
    since = {"site_id": site.id, "since": now - MONTH}
    return SiteCard(
        **{name: getattr(site, name) for name in same},
        version=site.entry_id,
        call_back=house.call_back if house else None,
        customer=customer.name if customer else None,
        areas=_areas(view),
        competent=SiteUnit(service=units[0].service, name=units[0].name) if units else None,
        unjustified_30d=session.execute(UNJUSTIFIED_SINCE, since).scalar_one(),
    )


def _panels(session: ReadSession, panels: Sequence[PanelView]) -> list[SitePanel]:
    ids = [path.id for panel in panels for path in panel.paths]
    rows = session.execute(select(PathSeen.path_id, PathSeen.last_seen).where(PathSeen.path_id.in_(ids)))
    seen = {row[0]: row[1] for row in rows}
    return [
        SitePanel(
            id=panel.id,
            account=panel.account,
            line=panel.line,
            model=panel.model,
            encrypted=panel.keyed,
            time_policy=panel.time_policy,
            sends_restores=panel.sends_restores,
            paths=[
                SitePath(
                    name=path.name,
                    interval=path.interval,
                    state=path.state,
                    state_since=path.state_since,
                    last_seen=seen.get(path.id),
                )
                for path in panel.paths
            ],
        )
        for panel in panels
    ]


def _zones(view: SiteView, found: Mapping[int, FoundNormal]) -> list[SiteZone]:
    return [_zone(panel, zone, found.get(zone.id)) for panel in view.panels for zone in panel.zones]


def _zone(panel: PanelView, zone: ZoneView, found: FoundNormal | None) -> SiteZone:
    """A point; what somebody found of it stands until it speaks again."""
    if zone.state not in ("alarm", "fault") or (found and not found.stands(last_word(zone))):
        found = None
    return SiteZone(
        id=zone.id,
        panel_id=panel.id,
        number=zone.shown,
        area=zone.area,
        name=zone.name,
        kind=zone.kind,
        state=zone.state,
        state_since=zone.state_since,
        seen_at=zone.seen_at,
        normal_at=found.at if found else None,
        normal_by=found.by if found else None,
        discovered=zone.discovered,
    )


def _contact(row: ContactView, view: SiteView, now: datetime) -> SiteContact:
    available = row.answers(now, view.timezone)
    hours = row.availability[0].as_json() if row.availability else None
    why = Reason(code="contact.hours", params=_hours(hours)) if hours and not available else None
    return SiteContact(
        id=row.id,
        name=row.name,
        role=row.role,
        rank=row.rank,
        phones=[SitePhone(number=phone["number"], label=phone.get("label")) for phone in row.phones],
        available=available,
        availability=why,
        authorised=row.authorised,
        has_code_word=row.has_code_word,
        language=row.language,
        of_brand=row.of_brand,
        provisional_until=row.provisional_until,
        note=row.note,
        tried=None,
    )


def _hours(period: dict[str, Any]) -> dict[str, Any]:
    return {"days": [str(day) for day in period["days"]], "from": period["from"], "to": period["to"]}


def _instruction(row: InstructionView, verdict: Applicability, reader: Reader) -> SiteInstruction:
    """«S'APPLIQUE» or «ne s'applique pas (mardi 2 h–3 h; nous sommes lundi 03:14)» (need 5)."""
    why = (
        Reason(code=f"instruction.{verdict.reason}", params=dict(verdict.params)) if verdict.reason else None
    )
    may_end = row.kind == "temporary" and not row.of_brand and POLICY.allows(reader, "instruction.end")
    return SiteInstruction(
        id=row.id,
        kind=row.kind,
        text=row.text,
        applies=verdict.applies,
        why=why,
        asked_by=row.asked_by,
        valid_until=row.valid_until,
        of_brand=row.of_brand,
        abilities=["end"] if may_end else [],
    )


def _agents(session: ReadSession, site_id: int) -> list[SiteAgent]:
    rows = session.execute(
        select(SiteResponder, Responder)
        .join(Responder, Responder.id == SiteResponder.responder_id)
        .where(SiteResponder.site_id == site_id)
        .where(SiteResponder.removed_at.is_(None), Responder.removed_at.is_(None))
        .order_by(SiteResponder.rank, Responder.id)
    )
    return [
        SiteAgent(
            id=responder.id,
            name=responder.name,
            firm=responder.firm,
            rank=link.rank,
            keys=link.keys,
            minutes=link.minutes,
        )
        for link, responder in rows
    ]


def _period(row: Period) -> SitePeriod:
    return SitePeriod(days=sorted(row.days), start=f"{row.start:%H:%M}", end=f"{row.end:%H:%M}")


def _procedures(session: ReadSession, site: Site) -> list[SiteProcedure]:
    """The procedures written for this site, its customer, its brand and the centre: the nearest of each event."""
    rows = session.scalars(
        select(Procedure)
        .where(Procedure.ended_at.is_(None))
        .where(or_(Procedure.site_id == site.id, Procedure.site_id.is_(None)))
        .where(or_(Procedure.customer_id == site.customer_id, Procedure.customer_id.is_(None)))
        .where(or_(Procedure.brand_id == site.brand_id, Procedure.brand_id.is_(None)))
    )
    own = exceptions_of(site.brand_exceptions)
    found: dict[str, str] = {}
    order = ("site", "customer", "brand", "centre")
    for row in rows:
        if row.brand_id is not None and not own.takes("procedures", row.event):
            continue
        source = (
            "site"
            if row.site_id
            else "customer"
            if row.customer_id
            else "brand"
            if row.brand_id
            else "centre"
        )
        held = found.get(row.event)
        if held is None or order.index(source) < order.index(held):
            found[row.event] = source
    return [SiteProcedure(event=event, source=source) for event, source in sorted(found.items())]
