"""Facts about a dossier that live in tables of `handling`, which stands above this feature: named SQL, read only."""

from __future__ import annotations

from sqlalchemy import text

from veilleur.db.engine import ReadSession

#: Interventions still running: asked for, and neither done, refused, unanswered nor called off.
RUNNING_INTERVENTIONS = text("""
    SELECT id FROM intervention
    WHERE incident_id = :incident AND state IN ('asked', 'accepted', 'on_the_way', 'held', 'on_site', 'finding')
    ORDER BY id
""")

#: Calls that are still going on, or whose result may still be undone.
UNSETTLED_CALLS = text("""
    SELECT id FROM call
    WHERE incident_id = :incident AND undone_at IS NULL AND NOT settled
    ORDER BY id
""")

#: Calls to police, fire or medical services without an outcome yet.
RUNNING_SERVICE_CALLS = text("""
    SELECT id FROM service_call WHERE incident_id = :incident AND ended_at IS NULL ORDER BY id
""")

#: Whether the police, the gendarmerie or the municipal police were called.
POLICE_CALLED = text("""
    SELECT EXISTS (
      SELECT 1 FROM service_call
      WHERE incident_id = :incident AND service IN ('police', 'gendarmerie', 'municipal_police')
    )
""")

#: Whether a contact identified by his code word spoke in this dossier.
IDENTIFIED_CONTACT = text("""
    SELECT EXISTS (
      SELECT 1 FROM call
      WHERE incident_id = :incident AND identified AND word = 'right' AND undone_at IS NULL
    )
""")

#: Whether an agent told what he found.
AGENT_FOUND = text("""
    SELECT EXISTS (SELECT 1 FROM intervention WHERE incident_id = :incident AND found_at IS NOT NULL)
""")


def running_interventions(session: ReadSession, incident_id: int) -> list[int]:
    """Ids of interventions that are not over."""
    return list(session.scalars(RUNNING_INTERVENTIONS, {"incident": incident_id}))


def unsettled_calls(session: ReadSession, incident_id: int) -> list[int]:
    """Ids of calls without a settled result."""
    return list(session.scalars(UNSETTLED_CALLS, {"incident": incident_id}))


def running_service_calls(session: ReadSession, incident_id: int) -> list[int]:
    """Ids of calls to public services without an outcome."""
    return list(session.scalars(RUNNING_SERVICE_CALLS, {"incident": incident_id}))


def police_called(session: ReadSession, incident_id: int) -> bool:
    """Whether a call to the forces de l'ordre was made in the dossier, whatever came of it."""
    return bool(session.scalar(POLICE_CALLED, {"incident": incident_id}))


def supports_normal(session: ReadSession, incident_id: int, by: str) -> bool:
    """Whether something in the dossier supports «back to normal by» an agent's finding or a contact's word (P5)."""
    question = {"agent": AGENT_FOUND, "contact": IDENTIFIED_CONTACT}[by]
    return bool(session.scalar(question, {"incident": incident_id}))
