"""Reading a report: the facts, redacted for one audience, on a page."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from veilleur.db.engine import ReadSession
from veilleur.features.incidents.errors import DuressLockedError
from veilleur.features.incidents.queries import visible
from veilleur.features.incidents.tables import Incident
from veilleur.features.incidents.views import Text
from veilleur.features.reports.facts import facts_of, names_of_ours
from veilleur.features.reports.page import Issue, report
from veilleur.features.reports.proving import entries_of, sealing_of
from veilleur.features.reports.redaction import AUDIENCES, line_params, redact
from veilleur.features.sites.queries import centre, site_row
from veilleur.kernel.errors import InvalidError
from veilleur.kernel.ports import Reader


class ReportView(BaseModel):
    """A rendering that may be asked for. `locked`: why not now; null when it may."""

    audience: str
    locked: Text | None


def renderings(incident: Incident) -> list[ReportView]:
    """The three renderings of a dossier's report; nothing leaves for the customer while a duress is locked (P1)."""
    locked = Text(code="duress_locked", params={}) if incident.duress_locked else None
    return [ReportView(audience=each, locked=locked if each == "customer" else None) for each in AUDIENCES]


def report_page(
    session: ReadSession,
    incident_id: int,
    audience: str,
    reader: Reader,
    *,
    now: datetime,
    nonce: str = "",
    demo: bool = False,
    language: str = "fr",
) -> str:
    """The report of a dossier as a self-contained HTML page, in the site's time zone.

    `audience`: customer | prefect | internal. `nonce`: of the answer's CSP, for the style. Raises InvalidError,
    NotFoundError, DuressLockedError: nothing leaves for the customer while a duress is locked (P1).
    """
    if audience not in AUDIENCES:
        raise InvalidError(f"No report for «{audience}».", field="for", value=audience, known=list(AUDIENCES))
    incident = visible(session, incident_id, reader)
    if any(each.audience == audience and each.locked for each in renderings(incident)):
        raise DuressLockedError(what="message")
    site = site_row(session, incident.site_id)
    house = centre(session)
    lines = entries_of(session, incident_id)
    ours = names_of_ours(session)
    told = [line for line in lines if line_params(audience, line.kind, line.params, ours) is not None]
    settings = house.settings if house else {}
    issue = Issue(
        audience=audience,
        language=language,
        zone=site.timezone,
        issued_at=now,
        issued_by=reader.name,
        centre=house.name if house else "",
        call_back=house.call_back if house else None,
        authorisation=house.authorisation if house else None,
        internal_service=bool(settings.get("internal_service")),
        demo=demo,
        nonce=nonce,
        ours=ours,
    )
    facts = redact(audience, facts_of(session, incident, site), ours)
    return report(issue, facts, told, sealing_of(session, [line.id for line in told]))
