"""What this feature refuses, each with its code; the sentences are in `locale/*/viewing.json`."""

from __future__ import annotations

from veilleur.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    UnavailableError,
    VeilleurError,
)


class MotifNeededError(InvalidError):
    """Say why you look: playback and lifted masks ask for a motif or a dossier, live pictures for a motif of the post."""

    code = "motif_needed"


class PeriodError(InvalidError):
    """The period of a playback has a beginning and an end, is not in the future and not too long."""

    code = "viewing_period"


class ViewingEndedError(ConflictError):
    """This viewing is over: open another."""

    code = "viewing_ended"


class CameraRefusedError(ForbiddenError):
    """You may not do this with this camera. `why`: the code of the rule, with its reference and its document."""

    code = "camera_refused"


class CameraNotRunningError(UnavailableError):
    """No recorder runs this camera now."""

    code = "camera_not_running"


class LayoutInvalidError(InvalidError):
    """A wall has 1 to 25 tiles that fit its grid, one hotspot at most, and cameras that exist."""

    code = "layout_invalid"


class LayoutNotYoursError(ForbiddenError):
    """This wall belongs to a colleague: copy it, or ask the chef de salle."""

    code = "layout_not_yours"


class LayoutMovedError(ConflictError):
    """Somebody changed this wall meanwhile: look at it again."""

    code = "layout_moved"


class UndoTooLateError(ConflictError):
    """It was removed too long ago to be brought back by one key."""

    code = "removal_undo_late"


class MarkPeriodError(InvalidError):
    """A mark has a beginning and an end, is inside what is kept, and not too long."""

    code = "mark_period"


class HoldTooLongError(InvalidError):
    """A gel conservatoire never goes beyond the authorised retention (L252-5, R253-4). `latest`: until when it may."""

    code = "hold_too_long"


class MarkStateError(ConflictError):
    """The mark is not in a state that allows this act."""

    code = "mark_state"


class PtzHeldError(ConflictError):
    """Somebody steers this camera. `holder`: who; `until`: when it is free unless it moves again."""

    code = "ptz_held"


class NotSteerableError(ConflictError):
    """This camera does not turn."""

    code = "ptz_none"


class PresetNamedError(ConflictError):
    """Masks or seen points hold at this preset: `names`. They are changed first."""

    code = "preset_named"


class PresetNotKeptError(VeilleurError):
    """The camera did not keep where it looks: see `kind`. Nothing has changed."""

    status = 502
    code = "preset_not_kept"


class PresetNotForgottenError(VeilleurError):
    """The camera did not forget the preset: see `kind`. Nothing has changed; `file_only` takes it from the file alone."""

    status = 502
    code = "preset_not_forgotten"


class NotPulledError(ConflictError):
    """The pictures of this camera are recorded here: nothing is to be asked of the customer's recorder."""

    code = "clip_not_pulled"


class ImageHourError(InvalidError):
    """The hour of the image is outside this dossier."""

    code = "image_hour"
