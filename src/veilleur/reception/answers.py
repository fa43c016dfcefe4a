"""The table of answers (protocols.md, the receiver's rule 5): what arrives, what is kept, what is replied.

Whoever wants to know what Veilleur answers to a panel reads `TABLE`. A retransmission is no row of its own: the
store finds it out (rule 4) and the answer is that of the first. Bad CRC, length, oversize and noise never get
this far: they are counted per peer and met with silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from veilleur.protocols.dc09 import Content, Frame, Opened, Refusal, Refused
from veilleur.reception.panels import Panel


class Case(StrEnum):
    """What arrived."""

    EVENT = "event"
    LINK_TEST = "link_test"
    UNKNOWN_CODE = "unknown_code"
    UNREADABLE = "unreadable"
    UNOPENED = "unopened"
    STALE = "stale"
    BAD_KEY = "bad_key"
    NO_KEY = "no_key"
    CLEAR_REFUSED = "clear_refused"
    CLEAR_LINK_TEST_REFUSED = "clear_link_test_refused"
    GHOST = "ghost"
    GHOST_UNREADABLE = "ghost_unreadable"
    OTHER_LINE = "other_line"
    REPLY = "reply"


class Keep(StrEnum):
    """What is durable before any reply."""

    ROW = "row"  # always a signal
    GHOST = "ghost"  # a signal, up to a cap per account and minute; beyond, the ghost's count
    CAPPED = "capped"  # a signal, up to a cap per account and minute; beyond, a counter and silence
    LAST_SEEN = "last_seen"  # no row of its own: the path's last sign of life
    COUNTER = "counter"  # counted per peer and minute


class Reply(StrEnum):
    """What the panel hears."""

    ACK = "ack"  # encrypted if and only if the request was
    NAK = "nak"  # our time: the panel corrects its clock and sends again
    DUH = "duh"  # received, not understood: the panel does not send again
    SILENCE = "silence"  # the panel sends again, or takes its second path


@dataclass(frozen=True, slots=True)
class Answer:
    """One row. `trouble`: the kind under which it is counted per peer. `proves_panel`: the frame surely, or (in
    clear) as surely as clear allows, comes from the known panel: its path lives, its peer is no stranger."""

    keep: Keep
    reply: Reply
    verdict: str = ""
    trouble: str | None = None
    proves_panel: bool = False


TABLE: Mapping[Case, Answer] = MappingProxyType(
    {
        Case.EVENT: Answer(Keep.ROW, Reply.ACK, "accepted", proves_panel=True),
        Case.LINK_TEST: Answer(Keep.LAST_SEEN, Reply.ACK, proves_panel=True),
        Case.UNKNOWN_CODE: Answer(Keep.ROW, Reply.ACK, "unknown_code", proves_panel=True),
        Case.UNREADABLE: Answer(Keep.ROW, Reply.DUH, "unreadable", proves_panel=True),
        # Encrypted, but not whole blocks of hexadecimal digits: nothing shows that it comes from the panel.
        Case.UNOPENED: Answer(Keep.CAPPED, Reply.DUH, "unreadable", trouble="unreadable"),
        Case.STALE: Answer(Keep.CAPPED, Reply.NAK, "stale", trouble="stale"),
        Case.BAD_KEY: Answer(Keep.CAPPED, Reply.SILENCE, "bad_key", trouble="bad_key"),
        Case.NO_KEY: Answer(Keep.CAPPED, Reply.SILENCE, "no_key", trouble="no_key"),
        Case.CLEAR_REFUSED: Answer(Keep.CAPPED, Reply.SILENCE, "clear_refused", trouble="clear_refused"),
        # A link test in clear says nothing worth keeping, and must not prove a path that only the key proves.
        Case.CLEAR_LINK_TEST_REFUSED: Answer(Keep.COUNTER, Reply.SILENCE, trouble="clear_refused"),
        # A ghost's link test too: the installer sees the panel arrive before its first alarm.
        Case.GHOST: Answer(Keep.GHOST, Reply.ACK, "ghost"),
        Case.GHOST_UNREADABLE: Answer(Keep.CAPPED, Reply.DUH, "unreadable", trouble="unreadable"),
        # Practice P9: an account that another line knows is a security trouble and joins no queue of ghosts; what
        # it says of an alarm is a dossier of the site that has the account (watch/decide.py).
        Case.OTHER_LINE: Answer(Keep.CAPPED, Reply.ACK, "other_line", trouble="other_line"),
        # DC-09 §5.5.2: only receivers send these; answering would set two receivers talking for ever.
        Case.REPLY: Answer(Keep.COUNTER, Reply.SILENCE, trouble="reply"),
    }
)


def classify(frame: Frame, panel: Panel | None, opened: Opened | Refused, *, elsewhere: bool) -> Case:
    """Which row of the table a valid frame falls under. `elsewhere`: another line knows the account."""
    if frame.is_reply:
        return Case.REPLY
    if panel is None:
        return _stranger(opened, elsewhere=elsewhere)
    if isinstance(opened, Refused):
        return _REFUSALS[opened.verdict]
    if panel.keyed and not frame.encrypted and not panel.clear_allowed:
        says_nothing = opened.content.link_test and not opened.content.events
        return Case.CLEAR_LINK_TEST_REFUSED if says_nothing else Case.CLEAR_REFUSED
    return _believed(opened.content)


_REFUSALS = {
    Refusal.NO_KEY: Case.NO_KEY,
    Refusal.BAD_KEY: Case.BAD_KEY,
    Refusal.STALE: Case.STALE,
    Refusal.UNREADABLE: Case.UNOPENED,
}


def _believed(content: Content) -> Case:
    if content.unreadable:
        return Case.UNREADABLE
    if not content.events:
        return Case.LINK_TEST
    return Case.EVENT if content.known else Case.UNKNOWN_CODE


def _stranger(opened: Opened | Refused, *, elsewhere: bool) -> Case:
    if isinstance(opened, Refused):
        return Case.NO_KEY
    if opened.content.unreadable:
        return Case.GHOST_UNREADABLE
    return Case.OTHER_LINE if elsewhere else Case.GHOST
