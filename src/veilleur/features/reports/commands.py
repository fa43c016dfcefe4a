"""A report that leaves the screen for somebody's hands is an export: who, which rendering, of which dossier."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import select

from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.queries import site_row, subject_of
from veilleur.logbook.act import Act
from veilleur.logbook.tables import Entry, EntryPayload

#: The same page asked for again by the same person within this time is the same edition: a reload, the print preview.
SAME_EDITION = timedelta(minutes=1)

ISSUED = "report.issued"


def issue_report(act: Act, incident_id: int, audience: str) -> int | None:
    """Writes that a report was issued; its entry, or None when this person's last edition of it is under a minute old.

    Changes no row of the dossier: reading a closed one is no act on it. The dossier exists and was read just before.
    """
    if _just_issued(act, incident_id, audience):
        return None
    incident = act.session.get_one(Incident, incident_id)
    subject = subject_of(site_row(act.session, incident.site_id), incident_id)
    return act.record(ISSUED, {"audience": audience, "reference": incident.reference}, subject=subject)


def _just_issued(act: Act, incident_id: int, audience: str) -> bool:
    bodies = act.session.scalars(
        select(EntryPayload.body)
        .join(Entry, EntryPayload.payload_of == Entry.id)
        .where(
            Entry.incident_id == incident_id,
            Entry.kind == ISSUED,
            Entry.actor_id == act.actor.id,
            Entry.entered_at > act.now - SAME_EDITION,
        )
    )
    return any(json.loads(body)["params"].get("audience") == audience for body in bodies if body)
