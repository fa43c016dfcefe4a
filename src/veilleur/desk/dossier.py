"""Composes a dossier from the parts of its features: one reading, in the request's own picture."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.desk.dossier_views import (
    AreaState,
    Banner,
    Colleague,
    Competent,
    Dossier,
    DossierInstruction,
    SignalEvent,
    SignalLine,
    SiteHead,
)
from veilleur.features.handling.queries import handling_view
from veilleur.features.incidents import queries
from veilleur.features.incidents.limits import EVENT
from veilleur.features.incidents.points import points_of
from veilleur.features.incidents.tables import Incident
from veilleur.features.incidents.views import Text
from veilleur.features.people.tables import Post, User
from veilleur.features.reports.queries import renderings
from veilleur.features.signals.extended import noticed, told_details
from veilleur.features.signals.tables import Signal
from veilleur.features.sites.model import Applicability, InstructionView, SiteView, judged
from veilleur.features.sites.queries import centre, directory_for, read_site_view, site_row
from veilleur.features.sites.tables import Customer, Site
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.lines import lines_of_incident
from veilleur.protocols.meaning import lookup

#: Other signals of the site that are shown beside the dossier's own: how old at most, and how many.
RECENT = timedelta(hours=24)
MOST_RECENT = 60
#: A runaway detector must not make the dossier unreadable: its last signals are shown.
MOST_SIGNALS = 500

#: «4 alarmes injustifiées en 30 j».
UNJUSTIFIED_WITHIN = timedelta(days=30)

POLICE = ("police", "gendarmerie")


def compose(session: ReadSession, incident_id: int, reader: Reader, now: datetime) -> Dossier:
    """The dossier for this reader, `now` in UTC. Raises NotFoundError, outside his perimeter too."""
    incident = queries.visible(session, incident_id, reader)
    (view,) = queries.incident_rows(session, [incident_id], now)
    row = queries.row_for(view, reader)
    if row is None:
        raise NotFoundError("No such dossier.", what="incident", id=incident_id)
    site = site_row(session, incident.site_id)
    file = read_site_view(session, site.id)
    handling = handling_view(session, incident_id, reader, now)
    return Dossier(
        row=row,
        site=_head(session, site, file, now),
        procedure=queries.procedure_of(incident),
        banners=_banners(incident, row.linked.reference if row.linked else None, file, now),
        instructions=[_instruction(*each) for each in judged(file.instructions, now, file.timezone)],
        steps=queries.steps_views(session, incident, reader, now),
        calls=handling.calls,
        next_call=handling.next_call,
        clues=handling.clues,
        doors=handling.doors,
        services=handling.services,
        service_calls=handling.service_calls,
        interventions=handling.interventions,
        responders=handling.responders,
        points=queries.points_views(session, incident_id),
        deferrals=queries.deferrals_of(session, incident_id),
        signals=_signals(session, incident, file),
        entries=lines_of_incident(session, incident_id),
        closing=queries.closing_of(session, incident),
        reports=renderings(incident),
        colleagues=_colleagues(session, reader),
        abilities=row.abilities,
    )


def _head(session: ReadSession, site: Site, file: SiteView, now: datetime) -> SiteHead:
    house = centre(session)
    customer = session.get(Customer, site.customer_id) if site.customer_id is not None else None
    units = directory_for(session, site.commune, POLICE, site.police_zone)
    same = (
        "id", "reference", "name", "kind", "street", "postcode", "town", "access", "phone", "timezone", "connection",
        "services", "risks", "note",
    )  # fmt: skip
    return SiteHead(
        **{name: getattr(site, name) for name in same},
        call_back=house.call_back if house else None,
        customer=customer.name if customer else None,
        areas=[AreaState.model_validate(area, from_attributes=True) for area in file.areas],
        competent=Competent(service=units[0].service, name=units[0].name) if units else None,
        unjustified_30d=queries.unjustified_since(session, site.id, now - UNJUSTIFIED_WITHIN),
    )


def _banners(incident: Incident, linked: str | None, file: SiteView, now: datetime) -> list[Banner]:
    """The gravest first."""

    def banner(kind: str, tone: Any, **params: Any) -> Banner:
        return Banner(kind=kind, tone=tone, text=Text(code=f"banner.{kind}", params=params))

    found: list[Banner] = []
    if incident.duress:
        found.append(banner("duress", "alarm"))
    if incident.warn_agent:
        found.append(banner("warn_agent", "alarm"))
    found += [
        banner("on_test", "warn", until=test.until.isoformat(), asked_by=test.asked_by)
        for test in file.on_tests
        if test.until > now
    ]
    if file.connection != "in_service":
        found.append(banner("connection", "warn", connection=file.connection))
    if linked is not None:
        found.append(banner("linked", "plain", reference=linked))
    if not incident.needs_operator and incident.family != EVENT:
        found.append(banner("silent", "plain"))
    return found


def _instruction(row: InstructionView, verdict: Applicability) -> DossierInstruction:
    """«S'APPLIQUE» or «ne s'applique pas (mardi 2 h–3 h; nous sommes lundi 03:14)» (need 5)."""
    why = Text(code=f"instruction.{verdict.reason}", params=dict(verdict.params)) if verdict.reason else None
    return DossierInstruction(
        id=row.id,
        kind=row.kind,
        text=row.text,
        applies=verdict.applies,
        why=why,
        asked_by=row.asked_by,
        valid_until=row.valid_until,
    )


def _signals(session: ReadSession, incident: Incident, file: SiteView) -> list[SignalLine]:
    """The dossier's signals and the site's other recent ones, the last first."""
    own = queries.signals_of(session, incident.id)[-MOST_SIGNALS:]
    since = incident.opened_at - RECENT
    recent = session.scalars(
        select(Signal.id)
        .where(Signal.site_id == incident.site_id, Signal.received_at >= since)
        .order_by(Signal.id.desc())
        .limit(MOST_RECENT)
    ).all()
    ids = {*recent, *(each.signal_id for each in own)}
    rows = {row.id: row for row in session.scalars(select(Signal).where(Signal.id.in_(ids)))}
    roles = {(each.signal_id, each.event_index): each.role for each in own}
    cut = _hours_of_cuts(session, incident)
    lines = [
        _line(row, index, _whole(event, cut=row.received_at in cut), roles.get((row.id, index), "site"), file)
        for row in rows.values()
        for index, event in enumerate(row.events or [{}])
    ]
    return sorted(lines, key=lambda line: (line.received_at, line.id), reverse=True)


def _hours_of_cuts(session: ReadSession, incident: Incident) -> set[datetime]:
    """When a panel of the dossier had lost its last path: the signal told one path, and it was every one."""
    spoken = [point for point in points_of(session, incident.id) if point.key.startswith("line:")]
    return {at for point in spoken for at in (point.first_at, point.last_at)}


def _whole(event: dict[str, Any], *, cut: bool) -> dict[str, Any]:
    """The event as the watch judged it: the loss of the last path is that of all."""
    return {**event, "code": "all_paths_lost"} if cut and event.get("code") == "path_lost" else event


def _line(row: Signal, index: int, event: dict[str, Any], role: str, file: SiteView) -> SignalLine:
    paths = {path.id: path.name for panel in file.panels for path in panel.paths}
    zone = file.zone(row.panel_id, event.get("zone"))
    code = event.get("code")
    return SignalLine(
        id=row.id,
        received_at=row.received_at,
        line=row.line,
        path=paths.get(row.path_id or 0),
        event=SignalEvent(
            category=event.get("category") or "unknown",
            code=code,
            label_code=code if code and lookup(code) else None,
            qualifier=event.get("qualifier"),
            area=event.get("area"),
            zone=event.get("zone"),
            zone_name=zone.name if zone else None,
            user=event.get("user"),
            text=event.get("text"),
            extended=dict(event.get("extended") or {}),
        ),
        role=role,
        copies=row.copies,
        verdict=row.verdict,
        drift=noticed(row.drift),
        details=told_details(row.events) if index == 0 else [],
    )


def _colleagues(session: ReadSession, reader: Reader) -> Sequence[Colleague]:
    rows = session.execute(
        select(User.id, User.name, Post.name.label("post"))
        .join(Post, Post.holder_id == User.id)
        .where(User.id != reader.user_id, User.disabled_at.is_(None))
        .order_by(User.sort_key, Post.id)
    )
    return [Colleague(id=row.id, name=row.name, post=row.post) for row in rows]
