"""Everything that changes a dossier: one function = one use case. Grouped by meaning in the modules named here."""

from __future__ import annotations

from veilleur.features.incidents.case import touch_incident
from veilleur.features.incidents.closing import (
    begin_closing,
    close,
    close_by_itself,
    closing_review_undone,
    closing_reviewed,
    keep_open,
    release_duress,
)
from veilleur.features.incidents.dues import (
    back_to_queue,
    deferral_due,
    found,
    no_act,
    offer_due,
    orphaned,
    parked_due,
    untaken,
)
from veilleur.features.incidents.holding import (
    accept,
    decline,
    hand_up,
    note,
    offer,
    park,
    release,
    resume,
    step_away,
    take,
    take_over,
)
from veilleur.features.incidents.opening import open_incident
from veilleur.features.incidents.returning import defer, deferral_done, point_normal
from veilleur.features.incidents.steps import (
    seek_corroboration,
    step_done,
    step_review_undone,
    step_reviewed,
    step_skipped,
    step_undone,
)
from veilleur.features.incidents.waking import (
    agent_to_hold,
    attach,
    join_signal,
    mark_point_normal,
    ring_again,
    turn_to_duress,
    warn_agent,
)

__all__ = [
    "accept",
    "agent_to_hold",
    "attach",
    "back_to_queue",
    "begin_closing",
    "close",
    "close_by_itself",
    "closing_review_undone",
    "closing_reviewed",
    "decline",
    "defer",
    "deferral_done",
    "deferral_due",
    "found",
    "hand_up",
    "join_signal",
    "keep_open",
    "mark_point_normal",
    "no_act",
    "note",
    "offer",
    "offer_due",
    "open_incident",
    "orphaned",
    "park",
    "parked_due",
    "point_normal",
    "release",
    "release_duress",
    "resume",
    "ring_again",
    "seek_corroboration",
    "step_away",
    "step_done",
    "step_review_undone",
    "step_reviewed",
    "step_skipped",
    "step_undone",
    "take",
    "take_over",
    "touch_incident",
    "turn_to_duress",
    "untaken",
    "warn_agent",
]
