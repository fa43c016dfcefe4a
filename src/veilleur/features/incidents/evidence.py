"""Facts about a dossier that live in tables of `handling`, which stands above this feature: named SQL, read only."""

from __future__ import annotations

from sqlalchemy import text

from veilleur.db.engine import ReadSession
from veilleur.features.procedures.queries import call_outcome

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

#: How the calls of a dossier ended, those still to be undone included.
CALLS_ENDED = text("""
    SELECT target, word, result, understood FROM call
    WHERE incident_id = :incident AND undone_at IS NULL AND result IS NOT NULL
    ORDER BY id
""")

#: Whether the services sent to the site told what they found there.
FOUND_BY_SERVICES = text("""
    SELECT EXISTS (
      SELECT 1 FROM service_call
      WHERE incident_id = :incident AND outcome IN ('on_site', 'arrest', 'nothing_found', 'mastered', 'helped')
    )
""")

#: Whether a fact that proves something was seen or heard, and stands.
PROVEN = text("""
    SELECT EXISTS (
      SELECT 1 FROM clue WHERE incident_id = :incident AND strength = 'proof' AND removed_at IS NULL
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


def call_told(session: ReadSession, incident_id: int, act: str, result: str) -> bool:
    """Whether a call of the dossier, to the site or to a contact as the step's act asks, ended in this result."""
    site = act == "call_site"
    return any(
        call_outcome(row.word, row.result, row.understood) == result
        for row in session.execute(CALLS_ENDED, {"incident": incident_id})
        if row.target in (("site", "caller") if site else ("contact", "caller"))
    )


def verified(session: ReadSession, incident_id: int) -> bool:
    """Whether anything verified the alarm: a person identified by his word, an agent's or a service's finding, a proof."""
    bind = {"incident": incident_id}
    return any(
        session.scalar(question, bind)
        for question in (IDENTIFIED_CONTACT, AGENT_FOUND, FOUND_BY_SERVICES, PROVEN)
    )


def supports_normal(session: ReadSession, incident_id: int, by: str) -> bool:
    """Whether something in the dossier supports «back to normal by» an agent's finding or a contact's word (P5)."""
    question = {"agent": AGENT_FOUND, "contact": IDENTIFIED_CONTACT}[by]
    return bool(session.scalar(question, {"incident": incident_id}))
