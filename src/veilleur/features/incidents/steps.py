"""The steps of the procedure: done with a result, skipped with a motif, undone within ten seconds."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.incidents.case import Case, lock_incident, mark_act, require_holder
from veilleur.features.incidents.errors import (
    IncidentStateError,
    PointsOpenError,
    StepNeedsCallError,
    StepNeedsProofError,
    StepStateError,
    UndoTooLateError,
    UnknownChoiceError,
)
from veilleur.features.incidents.evidence import call_told
from veilleur.features.incidents.lifecycle import State
from veilleur.features.incidents.limits import urgent
from veilleur.features.incidents.points import is_open, points_of
from veilleur.features.incidents.procedure import CORROBORATE, RETURN, corroborates, snapshot_steps
from veilleur.features.incidents.stepping import DONE, LOOKING, NOT_LOOKED, SKIPPED, refresh_steps
from veilleur.features.incidents.tables import Step
from veilleur.features.procedures.queries import CALLS
from veilleur.features.procedures.queries import Step as StepForm
from veilleur.kernel.errors import NotFoundError
from veilleur.logbook.act import Act

#: Why a step is skipped: six keys, each goes to the morning's review (practice, «Naive otherwise»).
SKIP_MOTIFS = ("no_object", "done_otherwise", "impossible", "customer_request", "lead_order", "more_urgent")

#: States in which the holder works on the procedure; a woken dossier («new») still has its holder.
WORKING = (State.NEW, State.TAKEN, State.PARKED, State.TRANSFERRED, State.CLOSING)

#: Ends of a call of the cascade that need no proof: nobody was reached, or nobody said who he was.
UNPROVEN = frozenset({"no_answer", "not_obtained"})


def _step(case: Case, key: str) -> tuple[Step, StepForm]:
    row = case.act.session.scalar(select(Step).where(Step.incident_id == case.incident.id, Step.key == key))
    form = next((step for step in snapshot_steps(case.incident.procedure) if step.key == key), None)
    if row is None or form is None:
        raise NotFoundError("No such step in this procedure.", what="step", id=key)
    return row, form


def _workable(case: Case, event: str) -> None:
    require_holder(case)
    if case.incident.state not in WORKING:
        raise IncidentStateError(state=case.incident.state, event=event)


def step_done(
    act: Act,
    incident_id: int,
    key: str,
    result: str,
    note: str | None = None,
    *,
    entry_id: int | None = None,
    by_hand: bool = False,
) -> int:
    """A step is done with one of its results; the procedure goes on. Returns the entry.

    `by_hand`: the operator says it; a call to a public service is told by its own record only (P4), and what an
    identified person said by the call in which he gave his word (P6).
    `entry_id`: the entry of another feature that already tells it (a call's result); then none is added.
    A step of a branch not taken may be done too: what was done is a fact. Raises StepStateError,
    UnknownChoiceError, NotYoursError, StepNeedsCallError, StepNeedsProofError, PointsOpenError.
    """
    case = lock_incident(act, incident_id)
    _workable(case, "step_done")
    row, form = _step(case, key)
    if row.state in (DONE, SKIPPED):
        raise StepStateError(step=key, state=row.state)
    known = [each.key for each in form.results]
    if result not in known:
        raise UnknownChoiceError(
            f"The step has no result «{result}».", field="result", value=result, known=known
        )
    if by_hand:
        _refuse_by_hand(case, form, result)
    if form.act == RETURN:
        refuse_open_points(act, incident_id)
    if entry_id is None:
        entry_id = case.record(
            "step.done", {**_words(form), "result": _result_words(form, result), "note": note}
        )
    else:
        case.incident.entry_id = entry_id
    row.state, row.result, row.note, row.motif = DONE, result, note, None
    if form.act in LOOKING and result != NOT_LOOKED and case.incident.verification == "not_done":
        case.incident.verification = "running"
    _stamp(case, row, entry_id)
    return entry_id


def said_by_hand(session: ReadSession, incident_id: int, form: StepForm, result: str) -> bool:
    """Whether an operator may say this result himself: what a person told needs a call of the dossier that says it."""
    if form.urgent:
        return False
    if form.act not in CALLS or result in UNPROVEN:
        return True
    return call_told(session, incident_id, form.act, result)


def _refuse_by_hand(case: Case, form: StepForm, result: str) -> None:
    if form.urgent:
        raise StepNeedsCallError(step=form.key)
    if not said_by_hand(case.act.session, case.incident.id, form, result):
        raise StepNeedsProofError(step=form.key, result=_result_words(form, result))


def refuse_open_points(act: Act, incident_id: int) -> None:
    """Raises PointsOpenError naming every point that is neither back nor in somebody's charge."""
    if still := [point.label for point in points_of(act.session, incident_id) if is_open(point)]:
        raise PointsOpenError(points=still)


def step_skipped(act: Act, incident_id: int, key: str, motif: str) -> int:
    """A step is skipped with a motif, for the morning's review; FO, fire and person steps ring for the chef."""
    if motif not in SKIP_MOTIFS:
        raise UnknownChoiceError(
            f"«{motif}» is no motif.", field="motif", value=motif, known=list(SKIP_MOTIFS)
        )
    case = lock_incident(act, incident_id)
    _workable(case, "step_skipped")
    row, form = _step(case, key)
    if row.state in (DONE, SKIPPED, "absent"):
        raise StepStateError(step=key, state=row.state)
    incident = case.incident
    rings = form.mandatory and (form.urgent or urgent(incident.family, incident.priority))
    entry_id = case.record(
        "step.skipped", {**_words(form), "motif": motif, "urgent": "urgent" if rings else None}
    )
    row.state, row.motif, row.result = SKIPPED, motif, None
    row.review_needed, row.urgent_review = form.mandatory, rings
    _stamp(case, row, entry_id)
    return entry_id


def _stamp(case: Case, row: Step, entry_id: int) -> None:
    row.done_at, row.entry_id = case.act.now, entry_id
    row.done_by = case.act.actor.id if case.act.actor.kind == "user" else None
    mark_act(case)
    case.act.session.flush()
    refresh_steps(case, entry_id)


def step_undone(act: Act, incident_id: int, key: str, *, entry_id: int | None = None) -> int:
    """Takes back a step's result or skip within ten seconds, by who gave it. Returns the entry.

    `entry_id`: the entry of the feature whose own undo this follows (a call's). Raises UndoTooLateError.
    """
    case = lock_incident(act, incident_id)
    _workable(case, "step_undone")
    row, form = _step(case, key)
    if row.state not in (DONE, SKIPPED) or row.done_at is None:
        raise StepStateError(step=key, state=row.state)
    mine = act.actor.kind != "user" or row.done_by == act.actor.id
    if not mine or (entry_id is None and act.now - row.done_at > timedelta(seconds=case.limits.undo)):
        raise UndoTooLateError(step=key, seconds=case.limits.undo)
    if entry_id is None:
        entry_id = case.record("step.undone", _words(form))
    else:
        case.incident.entry_id = entry_id
    row.state, row.result, row.motif, row.note = "pending", None, None, None
    row.done_at = row.done_by = row.current_since = None
    row.review_needed = row.urgent_review = False
    row.entry_id = entry_id
    act.session.flush()
    refresh_steps(case, entry_id)
    return entry_id


def seek_corroboration(act: Act, incident_id: int, wanted: bool, entry_id: int) -> None:
    """Says whether the cascade of calls looks for a second person who tells the same offence (P4); steps follow.

    `entry_id`: the entry of this act that changed it. Nothing changes when it is so already.
    """
    case = lock_incident(act, incident_id)
    incident = case.incident
    if corroborates(incident.procedure) == wanted:
        return
    incident.procedure = {**incident.procedure, CORROBORATE: wanted}
    incident.entry_id = entry_id
    refresh_steps(case, entry_id)


def step_reviewed(act: Act, incident_id: int, key: str, note: str | None = None) -> int:
    """The chef de salle has seen a skipped step: it rings no more. Works on a closed dossier. Returns the entry."""
    case = lock_incident(act, incident_id)
    row, form = _step(case, key)
    if not row.review_needed or row.reviewed_at is not None:
        raise StepStateError("Nothing to review here.", step=key, state=row.state)
    own = "own" if row.done_by is not None and row.done_by == act.actor.id else None
    entry_id = case.record("step.reviewed", {**_words(form), "motif": row.motif, "own": own, "note": note})
    row.reviewed_at, row.entry_id = act.now, entry_id
    return entry_id


def step_review_undone(act: Act, incident_id: int, key: str) -> int:
    """Takes a review back: the skip waits for it again, and rings if it rang. Returns the entry."""
    case = lock_incident(act, incident_id)
    row, form = _step(case, key)
    if row.reviewed_at is None:
        raise StepStateError("It was not reviewed.", step=key, state=row.state)
    entry_id = case.record("step.review_undone", _words(form))
    row.reviewed_at, row.entry_id = None, entry_id
    return entry_id


def _words(form: StepForm) -> dict[str, str | None]:
    return {"step": form.key, "label": form.wording or form.label or form.key}


def _result_words(form: StepForm, key: str) -> str:
    """The result as its procedure words it, else its code: the catalogue (`step_result`) has the word."""
    return next((each.label for each in form.results if each.key == key and each.label), key)
