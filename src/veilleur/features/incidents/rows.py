"""Rows of dossiers for the queue and the dock: a handful of queries, whatever their number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text

from veilleur.db.engine import ReadSession
from veilleur.features.incidents.lifecycle import ORPHAN, State
from veilleur.features.incidents.naming import known_code
from veilleur.features.incidents.next_act import CurrentStep, Waiting, next_act
from veilleur.features.incidents.policy import Facts, abilities
from veilleur.features.incidents.tables import Incident
from veilleur.features.incidents.views import IncidentRow
from veilleur.kernel.ports import Reader, Scope, View

#: A priority's group: 1 · 2–3 · 4 · 5–10.
BANDS = ((1, 1), (3, 2), (4, 3), (10, 4))

# Dossiers with their site and the persons they name; all open ones, or those asked for.
ROWS = """
SELECT i.id, s.id AS site_id, s.reference AS site_reference, s.name AS site_name, s.town, s.timezone, s.services,
       owner.name AS owner, offered.name AS offered, returned.name AS returned, linked.reference AS linked,
       EXISTS (SELECT 1 FROM on_test t WHERE t.site_id = s.id AND t.ended_at IS NULL AND t.until > :now) AS on_test,
       EXISTS (SELECT 1 FROM incident_step k WHERE k.incident_id = i.id AND k.review_needed) AS skipped,
       EXISTS (SELECT 1 FROM incident_step k WHERE k.incident_id = i.id AND k.urgent_review
               AND k.reviewed_at IS NULL) AS skipped_urgent,
       EXISTS (SELECT 1 FROM camera c WHERE c.site_id = s.id AND c.removed_at IS NULL) AS cameras,
       EXISTS (SELECT 1 FROM deferral d WHERE d.incident_id = i.id AND d.done_at IS NULL) AS deferred
FROM incident i
JOIN site s ON s.id = i.site_id
LEFT JOIN user_account owner ON owner.id = i.owner_id
LEFT JOIN user_account offered ON offered.id = i.offered_to_id
LEFT JOIN user_account returned ON returned.id = i.returned_from_id
LEFT JOIN incident linked ON linked.id = i.linked_id
WHERE i.id = ANY(:ids)
"""

# The first current step of each dossier.
CURRENT = """
SELECT DISTINCT ON (incident_id) incident_id, key, current_since
FROM incident_step WHERE incident_id = ANY(:ids) AND state = 'current'
ORDER BY incident_id, position
"""

# The agent each dossier waits for: his answer, or his arrival.
AGENTS = """
SELECT DISTINCT ON (incident_id) incident_id, state, expected_at
FROM intervention WHERE incident_id = ANY(:ids) AND state IN ('asked', 'accepted', 'on_the_way')
ORDER BY incident_id, expected_at NULLS LAST, id
"""

OPEN_IDS = "SELECT id FROM incident WHERE closed_at IS NULL"


def incident_rows(session: ReadSession, ids: Sequence[int] | None, now: datetime) -> list[View]:
    """These dossiers, or with None every open one, as the stream's views (kind «incident»), by priority, then age.

    Five queries, whatever the number. The body is an IncidentRow without its abilities, as JSON; «late» and
    «on_test» are as of `now` (UTC). A closed dossier is `gone`.
    """
    wanted = list(session.scalars(text(OPEN_IDS))) if ids is None else sorted(set(ids))
    if not wanted:
        return []
    bind = {"ids": wanted, "now": now}
    incidents = {
        row.id: row for row in session.query(Incident).where(Incident.id.in_(wanted)).populate_existing()
    }
    current = {row.incident_id: row for row in session.execute(text(CURRENT), bind)}
    agents = {row.incident_id: row for row in session.execute(text(AGENTS), bind)}
    views = [
        _view(incidents[row.id], row, current.get(row.id), agents.get(row.id), now)
        for row in session.execute(text(ROWS), bind)
    ]
    return sorted(views, key=lambda view: (view.body["priority"], view.body["opened_at"], view.id))


def row_for(view: View, reader: Reader) -> IncidentRow | None:
    """A view as this reader's row; None when it is outside his perimeter."""
    body = view.seen_by(reader)
    return None if body is None else IncidentRow.model_validate(body)


def band_of(priority: int) -> int:
    """The group a priority belongs to: 1 to 4."""
    return next(band for last, band in BANDS if priority <= last)


def facts_of(incident: Incident) -> Facts:
    """What abilities depend on."""
    orphan = incident.ring_reason == ORPHAN
    return Facts(incident.state, incident.owner_id, incident.offered_to_id, incident.duress_locked, orphan)


def _view(
    incident: Incident, row: Row[Any], step: Row[Any] | None, agent: Row[Any] | None, now: datetime
) -> View:
    facts = facts_of(incident)

    def may(reader: Reader) -> list[str]:
        return abilities(facts, reader)

    body = IncidentRow.model_validate({**_body(incident, row, step, agent, now), "abilities": []})
    return View(
        kind="incident",
        id=incident.id,
        version=incident.entry_id,
        body=body.model_dump(mode="json", exclude={"abilities"}),
        scope=Scope(incident.organisation, incident.customer_id, incident.commune),
        abilities=may,
        gone=incident.state == State.CLOSED,
    )


def _body(
    incident: Incident, row: Row[Any], step: Row[Any] | None, agent: Row[Any] | None, now: datetime
) -> dict[str, Any]:
    headline: Mapping[str, Any] = incident.headline
    same = (
        "id", "reference", "family", "category", "priority", "state", "needs_operator", "opened_at", "last_signal_at",
        "signal_count", "ringing_since", "ring_reason", "escalation", "limits", "taken_at", "first_act_at",
        "parked_until", "parked_reason", "closed_at", "outcome", "duress", "verification", "warn_agent", "normal",
    )  # fmt: skip
    waiting = None
    if agent is not None:
        asked = agent.state == "asked"
        waiting = Waiting("agent_answer" if asked else "agent_expected", None if asked else agent.expected_at)
    return {
        **{name: getattr(incident, name) for name in same},
        "version": incident.entry_id,
        "site": {
            "id": row.site_id,
            "reference": row.site_reference,
            "name": row.site_name,
            "town": row.town,
            "timezone": row.timezone,
        },
        "band": band_of(incident.priority),
        "headline": {
            **{
                name: headline.get(name)
                for name in ("code", "qualifier", "zone", "zone_name", "area", "text")
            },
            "category": headline.get("category") or incident.category,
            "label_code": known_code(headline),
        },
        "owner": _person(incident.owner_id, row.owner),
        "offered_to": _person(incident.offered_to_id, row.offered),
        "returned_from": _person(incident.returned_from_id, row.returned),
        "on_test": row.on_test,
        "marks": _marks(incident, row),
        "next": next_act(incident, _current(incident, step), waiting, now),
        "linked": {"id": incident.linked_id, "reference": row.linked} if incident.linked_id else None,
    }


def _person(user_id: int | None, name: str | None) -> dict[str, Any] | None:
    return None if user_id is None else {"id": user_id, "name": name or ""}


def _marks(incident: Incident, row: Row[Any]) -> list[str]:
    """The watch's marks, then what the site offers, then what the handling left."""
    said = [
        *incident.headline.get("marks", []),
        *(["images"] if row.cameras else []),
        *(["listen_in"] if "listen_in" in row.services else []),
        *(["skipped_urgent"] if row.skipped_urgent else ["skipped"] if row.skipped else []),
        *(["returned"] if incident.returned_from_id is not None and incident.owner_id is None else []),
        *(["orphan"] if incident.ring_reason == ORPHAN else []),
        *(["deferred"] if row.deferred else []),
    ]
    return list(dict.fromkeys(said))


def _current(incident: Incident, step: Row[Any] | None) -> CurrentStep | None:
    if step is None:
        return None
    form: Mapping[str, Any] = next(
        (each for each in incident.procedure["steps"] if each["key"] == step.key), {}
    )
    timer, since = form.get("timer"), step.current_since
    due_at = since + timedelta(seconds=timer) if timer and since else None
    return CurrentStep(step.key, form.get("label"), form.get("wording"), due_at)
