"""Why an act on a dossier is refused: each with its code; the sentences are in locale/*/incidents.json."""

from __future__ import annotations

from veilleur.kernel.errors import ConflictError, ForbiddenError, InvalidError


class IncidentStateError(ConflictError):
    """The dossier's state does not allow this act."""

    code = "incident_state"


class IncidentClosedError(ConflictError):
    """The dossier is closed: a new signal opens another, a correction goes in the logbook."""

    code = "incident_closed"


class AlreadyTakenError(ConflictError):
    """Somebody has this dossier. `owner`: who; take it over with a reason."""

    code = "incident_already_taken"


class NotYoursError(ConflictError):
    """Only the person who holds the dossier may do this; take it, or take it over with a reason."""

    code = "incident_not_yours"


class NotOfferedError(ConflictError):
    """The dossier is offered to another person."""

    code = "incident_not_offered_to_you"


class ClosingBlockedError(ConflictError):
    """Something still keeps the dossier open. `blockers`: [{code, …}]."""

    code = "incident_closing_blocked"


class ClosingToJustifyError(ConflictError):
    """Nobody verified this alarm: «injustifiée» is said with its reason, which is reviewed (P4)."""

    code = "closing_to_justify"


class PointsOpenError(ConflictError):
    """The return to normal is not done: `points` (their labels) are neither back nor in somebody's charge (P5)."""

    code = "points_open"


class StepStateError(ConflictError):
    """The step is not in a state that allows this act."""

    code = "step_state"


class StepNeedsCallError(ConflictError):
    """A call to a public service is told by its own record: start the call."""

    code = "step_needs_call"


class StepNeedsProofError(ConflictError):
    """What a person on the telephone said is told by the call in which he gave his word: start the call (P6)."""

    code = "step_needs_proof"


class UndoTooLateError(ConflictError):
    """The delay to undo is over: write a correction."""

    code = "undo_too_late"


class NoEvidenceError(ConflictError):
    """Nothing in the dossier supports it: an agent's finding or an identified contact is needed first (P5)."""

    code = "point_no_evidence"


class HandedUpError(ForbiddenError):
    """The dossier is handed up: the chef de salle takes it."""

    code = "incident_handed_up"


class DuressLockedError(ForbiddenError):
    """Locked until the chef de salle or the outcome of the police call releases the duress (P1)."""

    code = "duress_locked"


class UnknownChoiceError(InvalidError):
    """A word that is not in its list. `field`, `value`, `known`."""

    code = "unknown_choice"


class BadTimeError(InvalidError):
    """A date out of what is allowed. `field`, `earliest`, `latest`."""

    code = "bad_time"
