"""A dossier opens (issue 2 §4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from veilleur.features.deadlines.commands import cancel, schedule
from veilleur.features.incidents.case import Case, limits_of
from veilleur.features.incidents.lifecycle import born
from veilleur.features.incidents.limits import EVENT, complete, escalation
from veilleur.features.incidents.model import Opening, PointRef, SignalRef
from veilleur.features.incidents.naming import said_of
from veilleur.features.incidents.points import count_signal, note_alarm
from veilleur.features.incidents.procedure import choose_procedure
from veilleur.features.incidents.stepping import lay_steps
from veilleur.features.incidents.tables import Incident, incident_number_seq
from veilleur.features.sites.queries import centre, lock_site
from veilleur.features.sites.tables import Site
from veilleur.kernel.ids import incident_reference
from veilleur.logbook.act import Act


def open_incident(act: Act, opening: Opening, signal: SignalRef | None, point: PointRef | None) -> int:
    """Opens a dossier and returns its id; its entry is `act.entries[-1]`.

    The reference's year is the year in the centre's zone. The procedure is kept as it is now. A dossier that
    needs an operator rings and has its «untaken» deadline. Ages run from the signal,
    else from the hour that the opening says, else from now.
    """
    session = act.session
    site = lock_site(session, opening.site_id)
    opened_at = signal.at if signal else opening.at or act.now
    incident = _born(act, site, opening, opened_at)
    incident.last_signal_at = opened_at if signal else None
    case = Case(act, incident, site)
    what = said_of(opening.headline, opening.category, point.label if point else None)
    entry_id = case.record(
        "incident.opened",
        {
            "site": site.name,
            **what,
            "priority": opening.priority,
            "linked": _reference(act, opening.linked_id),
            "silent": None if opening.needs_operator or opening.family == EVENT else "silent",
        },
        happened_at=opened_at,
    )
    session.add(incident)
    session.flush()
    if signal is not None:
        count_signal(case, signal, entry_id)
    if point is not None:
        note_alarm(case, point, opened_at, entry_id)
    lay_steps(case, entry_id)
    watch_untaken(case)
    return incident.id


def _born(act: Act, site: Site, opening: Opening, opened_at: datetime) -> Incident:
    session = act.session
    house = centre(session)
    local = act.now.astimezone(ZoneInfo(house.timezone if house else site.timezone))
    limits = complete(limits_of(session), opening.family, opening.priority, opening.limits)
    incident = Incident(
        id=session.scalar(text("SELECT nextval(pg_get_serial_sequence('incident', 'id'))")),
        reference=incident_reference(local.year, session.scalar(incident_number_seq) or 0),
        organisation=site.organisation,
        customer_id=site.customer_id,
        commune=site.commune,
        site_id=site.id,
        group=opening.group,
        family=opening.family,
        category=opening.category,
        priority=opening.priority,
        headline=dict(opening.headline),
        needs_operator=opening.needs_operator,
        duress=opening.duress,
        duress_locked=opening.duress,
        linked_id=opening.linked_id,
        opened_at=opened_at,
        signal_count=0,
        escalation=0,
        warn_agent=False,
        limits=dict(limits),
        procedure=choose_procedure(session, site, opening.procedure_event, opening.family),
        verification="not_done",
        normal=False,
    )
    born(incident, act.now, reason="opened" if opening.needs_operator else None)
    return incident


def _reference(act: Act, incident_id: int | None) -> str | None:
    row = act.session.get(Incident, incident_id) if incident_id is not None else None
    return row.reference if row else None


def watch_untaken(case: Case) -> None:
    """Sets the next «untaken» deadline of a ringing dossier: one at a time, level after level (P7)."""
    incident, act = case.incident, case.act
    cancel(act, "untaken", incident_id=incident.id)
    if incident.ringing_since is None:
        return
    levels = escalation(case.limits, incident.priority, incident.limits)
    if incident.escalation < len(levels):
        due_at = incident.ringing_since + timedelta(seconds=levels[incident.escalation])
        schedule(act, "untaken", due_at, site_id=incident.site_id, incident_id=incident.id)
