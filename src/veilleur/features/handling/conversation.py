"""The order of a call as a table (practice P6, P1): who we are → who are you → word → only then the facts.

A conversation's stage follows from what is written of the call; what may be said follows from the stage. The
facts are in one stage only. Nothing here reads a database or a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Stage(StrEnum):
    """Where a call stands."""

    ASKING = "asking"
    FACTS = "facts"
    LEAVING = "leaving"
    DURESS = "duress"
    PLAIN = "plain"
    ENDED = "ended"
    ABANDONED = "abandoned"


class Heard(StrEnum):
    """What the answer to «votre mot de passe ?» was."""

    RIGHT = "right"
    NEAR = "near"
    WRONG = "wrong"
    DURESS = "duress"
    NOT_OBTAINED = "not_obtained"


class Result(StrEnum):
    """How a call ended. None is a default: the operator always says which."""

    ANSWERED = "answered"
    RINGS = "rings"
    BUSY = "busy"
    VOICEMAIL = "voicemail"
    WRONG_NUMBER = "wrong_number"
    HUNG_UP = "hung_up"
    OTHER_PERSON = "other_person"


#: Whom we ask for a word. Agents, directories and services are known otherwise.
ASKED_FOR_A_WORD = frozenset({"site", "contact", "caller"})
TARGETS = frozenset({"site", "contact", "responder", "directory", "caller"})

UNDERSTOOD = ("offence", "mistake", "nothing", "unknown")
#: The same of a call that verifies a request, outside any dossier (P10): there is no alarm to judge.
UNDERSTOOD_OF_A_REQUEST = ("confirmed", "denied", "unclear", "offence")

#: Words typed in one call: enough for a slip of the finger, too few to guess.
MAX_TRIES = 3
#: Words typed once one was wrong: the second is for a word misheard or mistyped. Whoever does not know it is thanked,
#: and a number of the site's file is called (P6).
MAX_TRIES_ONCE_WRONG = 2

_S, _H = Stage, Heard

#: Stage → what was heard → stage. What is absent is refused. Duress is never left; the facts are left only for it.
WORDS: Mapping[Stage, Mapping[Heard, Stage]] = MappingProxyType(
    {
        _S.ASKING: {
            _H.RIGHT: _S.FACTS,
            _H.NEAR: _S.ASKING,
            _H.WRONG: _S.LEAVING,
            _H.DURESS: _S.DURESS,
            _H.NOT_OBTAINED: _S.LEAVING,
        },
        _S.LEAVING: {
            _H.RIGHT: _S.FACTS,
            _H.NEAR: _S.LEAVING,
            _H.WRONG: _S.LEAVING,
            _H.DURESS: _S.DURESS,
            _H.NOT_OBTAINED: _S.LEAVING,
        },
        _S.FACTS: {_H.DURESS: _S.DURESS},
        _S.DURESS: {},
        _S.PLAIN: {},
        _S.ENDED: {},
        _S.ABANDONED: {},
    }
)

#: Result → the words it goes with (None: no word was asked). «Répondu» without an answer to the word is refused,
#: and so is «sonne» once somebody has spoken.
RESULTS: Mapping[Result, frozenset[Heard | None]] = MappingProxyType(
    {
        Result.ANSWERED: frozenset({_H.RIGHT, _H.WRONG, _H.DURESS, _H.NOT_OBTAINED}),
        Result.RINGS: frozenset({None}),
        Result.BUSY: frozenset({None}),
        Result.VOICEMAIL: frozenset({None}),
        Result.WRONG_NUMBER: frozenset({None, _H.WRONG, _H.NOT_OBTAINED}),
        Result.HUNG_UP: frozenset({None, _H.WRONG, _H.NOT_OBTAINED, _H.DURESS}),
        Result.OTHER_PERSON: frozenset({None, _H.WRONG, _H.NOT_OBTAINED}),
    }
)

#: Ends of a call that nobody picks up: who calls us is on the line already.
OF_OUR_CALLS = frozenset({Result.RINGS, Result.BUSY, Result.VOICEMAIL, Result.WRONG_NUMBER})

#: What is read aloud at each stage, in this order; keys of the vocabulary `call_script`. The duress stage ends
#: with the very sentence that ends a call whose word was right (P1): nobody on the line can tell them apart.
CLOSING_RIGHT = "closing"
SAID: Mapping[Stage, tuple[str, ...]] = MappingProxyType(
    {
        _S.ASKING: ("who_we_are", "who_are_you", "code_word"),
        _S.FACTS: ("facts", "what_do_you_see", CLOSING_RIGHT),
        _S.LEAVING: ("goodbye",),
        _S.DURESS: (CLOSING_RIGHT,),
        _S.PLAIN: ("who_we_are",),
        _S.ENDED: (),
        _S.ABANDONED: (),
    }
)
SAID_TO_A_CALLER: Mapping[Stage, tuple[str, ...]] = MappingProxyType(
    {**SAID, _S.ASKING: ("good_morning", "who_are_you", "code_word"), _S.FACTS: ("listening", CLOSING_RIGHT)}
)
#: Of a call-back outside any dossier there is nothing to tell: the person says what he asked, we suggest nothing.
SAID_TO_VERIFY: Mapping[Stage, tuple[str, ...]] = MappingProxyType(
    {**SAID, _S.FACTS: ("verify", "what_did_you_ask", CLOSING_RIGHT)}
)
#: The one sentence left on an answering machine: neutral, always the same.
VOICEMAIL = "voicemail"


@dataclass(frozen=True, slots=True)
class CallState:
    """What is written of a call. `verifies`: ours, outside any dossier, to be sure of what somebody asked."""

    target: str
    direction: str
    word: str | None
    result: str | None
    abandoned: bool = False
    tries: int = 0
    revealed: bool = False
    verifies: bool = False

    @property
    def stage(self) -> Stage:
        """Where the call stands."""
        if self.abandoned:
            return Stage.ABANDONED
        if self.result is not None:
            return Stage.ENDED
        if self.target not in ASKED_FOR_A_WORD:
            return Stage.PLAIN
        return _AFTER[self.word]

    @property
    def tries_left(self) -> int:
        """Words that may still be typed, duress words apart."""
        if self.stage not in (Stage.ASKING, Stage.LEAVING):
            return 0
        most = MAX_TRIES_ONCE_WRONG if self.stage is Stage.LEAVING else MAX_TRIES
        return max(0, most - self.tries)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What is read aloud now."""
        if self.direction == "in":
            return SAID_TO_A_CALLER[self.stage]
        return (SAID_TO_VERIFY if self.verifies else SAID)[self.stage]

    @property
    def meanings(self) -> tuple[str, ...]:
        """What may be understood of an identified person."""
        return UNDERSTOOD_OF_A_REQUEST if self.verifies else UNDERSTOOD

    @property
    def results(self) -> tuple[Result, ...]:
        """The ends that go with the line and with what was heard."""
        if self.stage in (Stage.ENDED, Stage.ABANDONED):
            return ()
        ours = tuple(each for each in Result if self.direction == "out" or each not in OF_OUR_CALLS)
        if self.stage is Stage.PLAIN:
            return ours
        word = Heard(self.word) if self.word else None
        return tuple(each for each in ours if word in RESULTS[each])

    @property
    def may_tell_facts(self) -> bool:
        """Whether the sentence with the facts may be shown at all."""
        return self.stage is Stage.FACTS


_AFTER: Mapping[str | None, Stage] = MappingProxyType(
    {
        None: Stage.ASKING,
        "right": Stage.FACTS,
        "wrong": Stage.LEAVING,
        "not_obtained": Stage.LEAVING,
        "duress": Stage.DURESS,
    }
)


def after_word(state: CallState, heard: Heard) -> Stage | None:
    """The stage after an answer to the word; None when the table does not hold it."""
    return WORDS[state.stage].get(heard)


def refuses_word(state: CallState, heard: Heard, *, typed: bool) -> str | None:
    """Why an answer is refused, as a code; None when it stands.

    `typed`: the screen compared it. A right word is never declared by hand before it was revealed: revealing is
    the traced second choice. A duress word is always heard.
    """
    if after_word(state, heard) is None:
        return {
            Stage.PLAIN: "call_asks_no_word",
            Stage.ENDED: "call_ended",
            Stage.ABANDONED: "call_ended",
        }.get(state.stage, "call_word_known")
    if heard is Heard.DURESS:
        return None
    if state.tries_left == 0 and (typed or heard is Heard.RIGHT):
        return "call_too_many_tries"
    if not typed and heard is Heard.NEAR:
        return "call_word_not_typed"
    if not typed and heard is Heard.RIGHT and not state.revealed:
        return "call_word_not_typed"
    return None


def refuses_result(state: CallState, result: Result, understood: str | None) -> str | None:
    """Why an end is refused, as a code; None when it stands.

    «Répondu» with the right word says what one understands: without it, two call-backs could prove nothing (P4).
    Who calls us asks for something, and may say nothing of the alarm: nothing is lent to him.
    """
    if state.stage in (Stage.ENDED, Stage.ABANDONED):
        return "call_ended"
    if state.stage is not Stage.PLAIN:
        word = Heard(state.word) if state.word else None
        if word not in RESULTS[result]:
            return "call_word_first" if word is None else "call_result_contradicts_word"
        if result not in state.results:
            return "call_result_contradicts_line"
    identified = state.word == Heard.RIGHT and result is Result.ANSWERED
    if identified and understood is None and state.direction == "out":
        return "call_say_what_is_understood"
    if understood is not None and not identified:
        return "call_nobody_identified"
    return None


def nobody_answered(result: str | None) -> bool:
    """Whether the call reached nobody at all; it proves nothing (P4)."""
    return result in (Result.RINGS, Result.BUSY, Result.VOICEMAIL)
