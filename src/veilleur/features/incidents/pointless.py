"""Steps that a cancelled alarm leaves without an object: a non-event closes fast, and still proven (practice need 4).

An identified contact gave the right word and says that it is a mistake: nobody is to be looked for, called, sent or
warned any more. What repairs, notes or advises stays to be done, and so does the return to normal.
"""

from __future__ import annotations

from veilleur.features.incidents.case import Case
from veilleur.features.incidents.procedure import corroborates, snapshot_steps
from veilleur.features.incidents.stepping import SKIPPED, answers_of, refresh_steps, rows_of
from veilleur.features.procedures.queries import Answer, Step, progress

#: Why such a step is not done: no motif of an operator, so nothing for the morning's review.
CANCELLED = "cancelled"

#: Acts that verify an alarm or send somebody for it. Fire and medical services are never among them.
VERIFYING = frozenset(
    {"view_clip", "listen", "call_site", "call_contact", "call_next_contact", "send_agent", "call_police"}
)


def pointless_steps(case: Case) -> list[Step]:
    """What would still be asked, and verifies an alarm that is none: branches that skipping these would open count."""
    incident = case.incident
    steps = snapshot_steps(incident.procedure)
    answers = answers_of(rows_of(case.act.session, incident.id))
    found: list[Step] = []
    while True:  # each turn answers a step at least: bounded by their number
        stand = progress(steps, answers, corroborate=corroborates(incident.procedure))
        asked = {*stand.current, *stand.waiting}
        fresh = [step for step in steps if step.key in asked and step.act in VERIFYING]
        if not fresh:
            return found
        found += fresh
        answers |= {step.key: Answer(None) for step in fresh}


def settle_pointless(
    case: Case, steps: list[Step], entry_id: int, *, by: int | None, note: str | None
) -> None:
    """These steps are without an object, told by the one entry of the cancellation; `by`: the user who heard it.

    Each can be taken back by him within the usual delay (`step_undone`). `note`: who cancelled.
    """
    keys = {step.key for step in steps}
    for row in rows_of(case.act.session, case.incident.id):
        if row.key in keys:
            row.state, row.motif, row.result, row.note = SKIPPED, CANCELLED, None, note
            row.review_needed = row.urgent_review = False
            row.done_at, row.done_by, row.entry_id = case.act.now, by, entry_id
    case.act.session.flush()
    refresh_steps(case, entry_id)


def reopen_pointless(case: Case, entry_id: int) -> None:
    """A later signal wakes the dossier: the cancellation was of what had spoken until then, its steps come back (P3)."""
    incident = case.incident
    back = [row for row in rows_of(case.act.session, incident.id) if row.motif == CANCELLED]
    for row in back:
        row.state, row.motif, row.note = "pending", None, None
        row.done_at = row.done_by = row.current_since = None
        row.entry_id = entry_id
    if back and incident.verification == "negative":
        incident.verification = "running"
    case.act.session.flush()
