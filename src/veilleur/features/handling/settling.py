"""What follows from a call once its result can no longer be undone: clue, step, cancel (practice P4, P6)."""

from __future__ import annotations

from veilleur.features.handling.calling import NOT_AUTHORISED, word_told
from veilleur.features.handling.clues import add_call_clues
from veilleur.features.handling.conversation import nobody_answered
from veilleur.features.handling.corroboration import follow_door
from veilleur.features.handling.incoming import cancel_alarm
from veilleur.features.handling.place import answer_step, place_of_call
from veilleur.features.handling.tables import Call
from veilleur.features.handling.verdicts import is_check
from veilleur.features.incidents.errors import IncidentClosedError
from veilleur.features.procedures.queries import call_outcome
from veilleur.kernel.errors import NotFoundError
from veilleur.logbook.act import Act


def settle_call(act: Act, call_id: int) -> bool:
    """The delay to undo is over: clues, step and cancel follow. False when the result was undone or is settled.

    A deadline's effect (`settle_call`), run by the watch; judged again under the site's lock.
    """
    try:
        place, call = place_of_call(act, call_id, holder=False)
    except (IncidentClosedError, NotFoundError):
        return False
    if (
        call.settled
        or call.result is None
        or call.settles_at is None
        or call.undone_at is not None
        or act.now < call.settles_at
    ):
        return False
    kind = _clue_of(call)
    if kind == "no_answer" and place.dossier and not is_check(act.session, place.case.incident, call):
        kind = None
    entry = place.record(
        "call.settled",
        {"label": call.label, "result": call.result, "word": word_told(call), "clue": kind},
        acted=False,
    )
    call.settled, call.entry_id = True, entry
    act.session.flush()
    if place.dossier is not None:
        if call.target in ("site", "contact", "caller"):
            add_call_clues(place, call, entry, kind)
            follow_door(place, entry)
        outcome = call_outcome(call.word, call.result, call.understood)
        answer_step(place, call.step_key, outcome, entry, call.note)
        if call.asked == "cancel":
            cancel_alarm(place, call)
    return True


def _clue_of(call: Call) -> str | None:
    """No answer supports and never proves; a wrong word is a clue whoever said it; so is what an identified person says."""
    if call.target not in ("site", "contact", "caller"):
        return None
    if call.word == "wrong":
        return NOT_AUTHORISED if word_told(call) == NOT_AUTHORISED else "wrong_word"
    if call.word == "right" and call.understood == "offence":
        return "told_offence"
    return "no_answer" if nobody_answered(call.result) else None
