"""What this feature refuses, each with its code; the sentences are in `locale/*/sites.json`."""

from __future__ import annotations

from veilleur.kernel.errors import ConflictError, ForbiddenError, InvalidError


class AccountTakenError(ConflictError):
    """This account already belongs to a panel on the same reception line."""

    code = "account_taken"


class AccountFormError(InvalidError):
    """No panel can have this account: 1 to 16 digits or letters."""

    code = "account_form"


class CallBackNeededError(ConflictError):
    """Call back a number that was registered before tonight, then ask again."""

    code = "call_back_needed"


class CallProvesNothingError(InvalidError):
    """This call proves nothing here: it is of another site, undone or older than an hour."""

    code = "call_proves_nothing"


class SecondPersonNeededError(ForbiddenError):
    """A second person or the chef de salle must agree: the site is armed at night, or no word was given."""

    code = "second_person_needed"


class SecondPersonRefusedError(ForbiddenError):
    """The second person's password is not right, or he may not agree to this."""

    code = "second_person_refused"


class WordRefusedError(ForbiddenError):
    """The word given on the telephone does not allow this."""

    code = "word_refused"


class OnTestRunningError(ConflictError):
    """This scope is already on test: extend that test."""

    code = "on_test_running"


class OnTestEndedError(ConflictError):
    """This test is already ended."""

    code = "on_test_ended"


class OnTestLengthError(InvalidError):
    """A test ends after now and within the longest duration of the centre."""

    code = "on_test_length"


class PointsInAlarmError(ConflictError):
    """Points are still in alarm: write what is done about them."""

    code = "points_in_alarm"


class InstructionEndedError(ConflictError):
    """This consigne is already ended."""

    code = "instruction_ended"


class InstructionNotTemporaryError(ConflictError):
    """Only a temporary consigne is ended here; the others change by import."""

    code = "instruction_not_temporary"


class InstructionLengthError(InvalidError):
    """A temporary consigne ends after it begins, within three months."""

    code = "instruction_length"


class NotAPhoneError(InvalidError):
    """This is not a telephone number."""

    code = "not_a_phone"


class TextLengthError(InvalidError):
    """A text is missing or too long."""

    code = "text_length"


class NotConnectingError(ConflictError):
    """The state of the connection does not allow this."""

    code = "not_connecting"


class ConnectionIncompleteError(ConflictError):
    """Something was never tested: name a motif to go in service all the same."""

    code = "connection_incomplete"


class ConnectionMotifError(InvalidError):
    """This motif is not in the list."""

    code = "connection_motif"
