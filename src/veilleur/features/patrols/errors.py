"""What this feature refuses, each with its code; the sentences are in `locale/*/viewing.json`."""

from __future__ import annotations

from veilleur.kernel.errors import ConflictError, InvalidError


class PatrolStateError(ConflictError):
    """The round is not in a state that allows this act."""

    code = "patrol_state"


class PatrolRunningError(ConflictError):
    """Somebody is making this round."""

    code = "patrol_running"


class PatrolUnauthorisedError(ConflictError):
    """A camera has no valid authorisation: say why the round is made all the same; it is entered (S1)."""

    code = "patrol_unauthorised"


class PatrolHomeError(InvalidError):
    """A home camera is never in a round (practice, «Regime per camera»)."""

    code = "patrol_home"


class PatrolBlindError(ConflictError):
    """The camera of the view shows nothing now: say what hinders, as an observation. `why`: `queries.blind_of`."""

    code = "patrol_blind"


class PatrolGlanceError(ConflictError):
    """The view was not looked at for as long as a look takes."""

    code = "patrol_glance"


class PatrolUnexplainedError(ConflictError):
    """Views that were not seen are explained before the round ends (C1.2)."""

    code = "patrol_unexplained"


class PatrolInvalidError(InvalidError):
    """A round has a reference, a name, 1 to 60 views and hours «HH:MM»."""

    code = "patrol_invalid"
