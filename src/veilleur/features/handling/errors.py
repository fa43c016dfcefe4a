"""What this feature refuses, each with its code; the sentences are in `locale/*/handling.json`."""

from __future__ import annotations

from veilleur.kernel.errors import ConflictError, InvalidError


class CallOrderError(ConflictError):
    """The order of a call is fixed (P6): who we are, who are you, the word, only then the facts."""

    code = "call_order"


class CallWordFirstError(CallOrderError):
    """Somebody answered: say what the word was before you say how the call ended."""

    code = "call_word_first"


class CallWordKnownError(CallOrderError):
    """The word of this call is already judged."""

    code = "call_word_known"


class CallAsksNoWordError(CallOrderError):
    """No word is asked of this person."""

    code = "call_asks_no_word"


class CallWordNotTypedError(CallOrderError):
    """Type what you hear; to judge by ear, reveal the word first."""

    code = "call_word_not_typed"


class CallTooManyTriesError(CallOrderError):
    """No more word is typed in this call: end it, and call a number of the site's file."""

    code = "call_too_many_tries"


class CallResultContradictsWordError(CallOrderError):
    """This end does not go with what was heard."""

    code = "call_result_contradicts_word"


class CallResultContradictsLineError(CallOrderError):
    """Nobody picks up a call that we receive: its caller is on the line."""

    code = "call_result_contradicts_line"


class CallSayWhatIsUnderstoodError(CallOrderError):
    """The person is identified: say what one understands."""

    code = "call_say_what_is_understood"


class CallNobodyIdentifiedError(CallOrderError):
    """Nobody was identified: nothing can be understood from this call."""

    code = "call_nobody_identified"


class CallEndedError(ConflictError):
    """This call is over."""

    code = "call_ended"


class CallSettledError(ConflictError):
    """The delay to undo is over: what followed has begun. Write a correction."""

    code = "call_settled"


class CallRunningError(ConflictError):
    """This number is already being called from this dossier."""

    code = "call_running"


class CallUnsettledError(ConflictError):
    """The last call to this number may still be undone: nothing follows from it yet, another call to it neither (P6)."""

    code = "call_unsettled"


class NoNumberError(ConflictError):
    """The file holds no such number: no call without a registered number (P6)."""

    code = "call_no_number"


class CancelRefusedError(ConflictError):
    """Only the right word of an authorised contact cancels, and never a fire or a person alarm."""

    code = "cancel_refused"


class ClueRefusedError(InvalidError):
    """This clue cannot be written by hand."""

    code = "clue_refused"


class ClueRemovedError(ConflictError):
    """This clue is already withdrawn."""

    code = "clue_removed"


class ToJustifyError(ConflictError):
    """The call is to be justified: a proof, or a motif of the list (P4). It is never locked."""

    code = "to_justify"


class VerificationRefusedError(ConflictError):
    """The clues do not allow this result."""

    code = "verification_refused"


class ServiceCallStateError(ConflictError):
    """This call to a public service is not in a state that allows this."""

    code = "service_call_state"


class InterventionStateError(ConflictError):
    """The intervention is not at a stage that allows this."""

    code = "intervention_state"


class ResponderBusyError(ConflictError):
    """This agent is already asked for this dossier."""

    code = "responder_busy"


class ResponderCardError(ConflictError):
    """This agent's professional card is over: he may not be sent."""

    code = "responder_card_expired"


class NoWarningError(ConflictError):
    """No agent is on his way or on site: nobody to warn."""

    code = "no_agent_to_warn"


#: Codes of `conversation.py` → the error that says them.
OF_CALL: dict[str, type[ConflictError]] = {
    error.code: error
    for error in (
        CallWordFirstError,
        CallWordKnownError,
        CallAsksNoWordError,
        CallWordNotTypedError,
        CallTooManyTriesError,
        CallResultContradictsWordError,
        CallResultContradictsLineError,
        CallSayWhatIsUnderstoodError,
        CallNobodyIdentifiedError,
        CallEndedError,
    )
}


class OnTestDuressError(ConflictError):
    """The duress word was heard (P1): nothing is put on test, the dossier is open; end the call as usual."""

    code = "on_test_duress"
