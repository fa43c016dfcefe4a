"""Dossiers about cameras: one per camera, which further faults join, and which closes by itself when all is over.

As the house's own health (watch/health.py): a dossier that nobody took closes, one that somebody holds has its point
back to normal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, text

from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.case import lock_incident
from veilleur.features.incidents.lifecycle import State
from veilleur.features.incidents.model import Opening, PointRef
from veilleur.features.incidents.opening import watch_untaken
from veilleur.features.incidents.points import note_alarm, points_of
from veilleur.features.incidents.stepping import refresh_steps
from veilleur.features.incidents.tables import Incident, IncidentPoint
from veilleur.features.sites.queries import subject_of
from veilleur.features.sites.tables import Site
from veilleur.logbook.act import Act

#: The family of what concerns the equipment and not the site.
SERVICE = "service"

#: Seconds to take a fault and to act on it: a repair, not an alarm.
ORDINARY = {"take": 900, "act": 1800}

# The open dossier of a group at a site.
OPEN = text("""
SELECT id FROM incident WHERE site_id = :site AND "group" = :group AND closed_at IS NULL ORDER BY id LIMIT 1""")


def open_dossier(act: Act, site_id: int, group: str) -> int | None:
    """The open dossier of a group («camera:12», «authorisation:3») of a site whose lock is held."""
    return act.session.execute(OPEN, {"site": site_id, "group": group}).scalar()


def tell(
    act: Act, site: Site, group: str, *, code: str, point: PointRef, priority: int, said: str, entry: Entered
) -> int:
    """A trouble opens the group's dossier or joins it; returns the dossier. The site's lock is held.

    `code`: of the vocabulary «internal_code». `entry`: writes the entry that tells it, given the dossier. A joining
    trouble that is more urgent rings again.
    """
    known = open_dossier(act, site.id, group)
    if known is None:
        opening = _opening(site.id, group, code, priority, said)
        incident_id = incidents.open_incident(act, opening, None, point)
        entry_id = entry(act, incident_id)
        act.session.get_one(Incident, incident_id).entry_id = entry_id
        return incident_id
    entry_id = entry(act, known)
    case = lock_incident(act, known)
    incident = case.incident
    higher = priority < incident.priority
    incident.entry_id = entry_id
    if higher:
        case.reprioritise(priority, {} if priority < 5 else ORDINARY, act.now)
    note_alarm(case, point, act.now, entry_id)
    refresh_steps(case, entry_id)
    if higher and incident.state == State.NEW:
        watch_untaken(case)
    elif higher:
        incidents.ring_again(act, known, "higher")
    return known


def is_over(act: Act, incident_id: int, key: str) -> None:
    """A trouble is over: its point is back; the dossier closes by itself when it was the last and nobody took it."""
    incident = act.session.get(Incident, incident_id, populate_existing=True)
    if incident is None or incident.closed_at is not None:
        return
    others = [
        each for each in points_of(act.session, incident_id) if each.normal_at is None and each.key != key
    ]
    if incident.state == State.NEW and not others:
        incidents.close_by_itself(act, incident_id, "restored", None)
    elif _point(act, incident_id, key) is not None:
        incidents.mark_point_normal(act, incident_id, key, "restore", act.now)


def _point(act: Act, incident_id: int, key: str) -> IncidentPoint | None:
    return act.session.scalar(
        select(IncidentPoint).where(
            IncidentPoint.incident_id == incident_id,
            IncidentPoint.key == key,
            IncidentPoint.normal_at.is_(None),
        )
    )


class Entered:
    """Writes the entry of a trouble about its dossier. Called once."""

    def __init__(
        self, kind: str, params: Mapping[str, Any], site: Site, touched: Mapping[str, list[int]]
    ) -> None:
        self.kind, self.params, self.site, self.touched = kind, params, site, touched
        self.entry_id = 0

    def __call__(self, act: Act, incident_id: int) -> int:
        """Records; returns the entry."""

        touched = {"incident": [incident_id], **self.touched}
        self.entry_id = act.record(
            self.kind, self.params, subject=subject_of(self.site, incident_id), touched=touched
        )
        return self.entry_id


def _opening(site_id: int, group: str, code: str, priority: int, said: str) -> Opening:
    return Opening(
        site_id=site_id,
        group=group,
        family=SERVICE,  # an equipment's fault is no alarm of the site: it opens no home to be looked into
        category="technical",
        priority=priority,
        needs_operator=True,
        procedure_event="technical",
        limits={} if priority < 5 else ORDINARY,
        headline={
            "code": code,
            "dialect": "internal",
            "category": "technical",
            "qualifier": "new",
            "nature": "fault",
            "zone": None,
            "zone_name": None,
            "area": None,
            "user": None,
            "text": said,
            "clears_by_restore": True,
            "marks": [],
        },
    )
