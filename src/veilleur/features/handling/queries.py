"""Reads of the handling of a dossier: the door of this feature for those who read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.handling.calls_read import Told, call_view, calls_of, next_call, ranked_contacts
from veilleur.features.handling.evidence import both_doors
from veilleur.features.handling.picture import Picture
from veilleur.features.handling.services_read import (
    clue_views,
    doors_view,
    intervention_views,
    responder_views,
    service_call_views,
    services_view,
)
from veilleur.features.handling.stages import PRESENT
from veilleur.features.handling.tables import Call, Intervention
from veilleur.features.handling.views import CallView, HandlingView
from veilleur.features.incidents.points import points_of
from veilleur.features.incidents.queries import visible
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.model import SiteView
from veilleur.features.sites.queries import centre, current_contacts, read_site_view, site_row
from veilleur.features.sites.tables import Responder
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader, Scope

__all__ = [
    "Presence",
    "call_for",
    "calls_of",
    "duress_locks",
    "handling_view",
    "presence",
    "ranked_contacts",
]


@dataclass(frozen=True, slots=True)
class Presence:
    """An agent's declared presence on site: signals meanwhile are labelled so, and still shown (practice P3)."""

    intervention_id: int
    responder: str
    since: datetime


def presence(session: ReadSession, incident_id: int) -> Presence | None:
    """The presence now declared in a dossier: from «sur place» to «terminé»; None when nobody is there."""
    row = session.execute(
        select(Intervention, Responder.name)
        .join(Responder, Responder.id == Intervention.responder_id)
        .where(Intervention.incident_id == incident_id, Intervention.state.in_(PRESENT))
        .order_by(Intervention.arrived_at)
        .limit(1)
    ).one_or_none()
    if row is None or row[0].arrived_at is None:
        return None
    return Presence(row[0].id, row[1], row[0].arrived_at)


def duress_locks(session: ReadSession, incident_id: int) -> bool:
    """Whether a duress still locks what the customer's side could notice (practice P1)."""
    return bool(session.scalar(select(Incident.duress_locked).where(Incident.id == incident_id)))


def handling_view(session: ReadSession, incident_id: int, reader: Reader, now: datetime) -> HandlingView:
    """The whole handling of a dossier for one reader. Raises NotFoundError, outside his perimeter too."""
    incident = visible(session, incident_id, reader)
    site = site_row(session, incident.site_id)
    view = read_site_view(session, site.id)
    calls = calls_of(session, incident_id)
    told = _told(session, view, incident, reader, now)
    picture = Picture(session, incident, site, told.house, reader, now, told.points)
    pair = both_doors(session, site, incident)
    return HandlingView(
        calls=[call_view(call, told) for call in calls],
        next_call=next_call(view, current_contacts(view.contacts, now), calls, now),
        clues=clue_views(picture),
        doors=doors_view(pair),
        services=services_view(picture, pair),
        service_calls=service_call_views(picture),
        interventions=intervention_views(picture),
        responders=responder_views(picture),
    )


def _told(
    session: ReadSession, site: SiteView, incident: Incident | None, reader: Reader, now: datetime
) -> Told:
    names = {contact.id: contact.name for contact in site.contacts}
    points = points_of(session, incident.id) if incident else ()
    return Told(centre(session), site, incident, points, names, reader, now)


def call_for(session: ReadSession, call_id: int, reader: Reader, now: datetime) -> CallView:
    """One call, of a dossier or of a site alone. Raises NotFoundError, outside the reader's perimeter too."""
    call = session.get(Call, call_id)
    if call is None or call.site_id is None:
        raise NotFoundError("No such call.", what="call", id=call_id)
    site = site_row(session, call.site_id)
    if not reader.perimeter.holds(Scope(site.organisation, site.customer_id, site.commune)):
        raise NotFoundError("No such call.", what="call", id=call_id)
    incident = session.get(Incident, call.incident_id) if call.incident_id else None
    return call_view(call, _told(session, read_site_view(session, site.id), incident, reader, now))
