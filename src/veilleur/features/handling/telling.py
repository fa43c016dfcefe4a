"""What an agent who was sent is still to be told: a new signal (P3), or that a person is under threat (P1).

Under a locked duress no agent shows himself at the door unless the consigne says so: he is told first, and waits at a
distance until the consigne, the police or the chef lets him go on.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select

from veilleur.db.engine import ReadSession
from veilleur.features.handling.place import Place
from veilleur.features.handling.stages import ENGAGED, HELD, TO_WARN
from veilleur.features.handling.tables import Intervention
from veilleur.features.incidents.commands import agent_to_hold
from veilleur.features.incidents.points import points_of
from veilleur.features.incidents.tables import Incident


def under_threat(session: ReadSession, site_id: int) -> bool:
    """Whether a duress of this site is locked, in whatever dossier: the agent of another one meets it too."""
    wanted = exists().where(Incident.site_id == site_id, Incident.closed_at.is_(None), Incident.duress_locked)
    return bool(session.scalar(select(wanted)))


def to_tell(session: ReadSession, site_id: int) -> frozenset[str]:
    """Stages of the agents who are told: under threat also one who has not answered yet, since he may be leaving."""
    return ENGAGED if under_threat(session, site_id) else TO_WARN


def hold_back(place: Place) -> None:
    """A duress word was heard: every agent engaged for the site is to be told, in whichever dossier he was asked."""
    act = place.act
    rows = act.session.scalars(
        select(Intervention)
        .join(Incident, Incident.id == Intervention.incident_id)
        .where(
            Incident.site_id == place.site.id,
            Incident.closed_at.is_(None),
            Intervention.state.in_(ENGAGED - {HELD}),
        )
        .order_by(Intervention.id)
    ).all()
    entries = {
        incident_id: agent_to_hold(act, incident_id)
        for incident_id in dict.fromkeys(row.incident_id for row in rows)
    }
    for row in rows:
        # What he was told before was not this.
        row.warned_at, row.entry_id = None, entries[row.incident_id]
    act.session.flush()


def still_to_tell(place: Place) -> None:
    """«Prévenir l'agent» goes once each agent on his way or there was told of the last alarm, or none is left."""
    incident, session = place.case.incident, place.act.session
    if not incident.warn_agent:
        return
    last = last_alarm(session, incident.id)
    rows = session.scalars(
        select(Intervention).where(
            Intervention.incident_id == incident.id, Intervention.state.in_(to_tell(session, place.site.id))
        )
    )
    incident.warn_agent = any(unaware(row, last) for row in rows)


def last_alarm(session: ReadSession, incident_id: int) -> datetime | None:
    """When a point of the dossier last spoke: what an agent is told of. A restore or an arming is no news to him."""
    return max((point.last_at for point in points_of(session, incident_id)), default=None)


def unaware(row: Intervention, last: datetime | None) -> bool:
    """Whether an agent who was sent was not yet told of the last alarm."""
    return row.warned_at is None or (last is not None and row.warned_at < last)
