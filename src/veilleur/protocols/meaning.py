"""What events mean to each other, whatever dialect they came in: arming, cancelling, ending.

A code of three characters is Contact ID, one of two letters is SIA: the tables share no code.
"""

from __future__ import annotations

from enum import StrEnum

from veilleur.protocols import contact_id, sia_codes
from veilleur.protocols.codes import CodeInfo, Nature
from veilleur.protocols.events import Event, Qualifier


class Arming(StrEnum):
    """What an event says of the state of its area."""

    ARMED = "armed"
    PARTIAL = "partial"
    DISARMED = "disarmed"


# DC-05 appendix C: codes whose qualifier is opening (1) or closing (3).
_CID_FULL = frozenset(
    ("400", "401", "402", "403", "404", "405", "407", "408", "409", "443", "450", "451", "452", "463")
)
_CID_PARTIAL = frozenset(["441", "442", "444", "456"])
_SIA_CLOSED = frozenset(["CA", "CF", "CJ", "CK", "CL", "CP", "CQ", "CS"])
_SIA_PARTIAL = frozenset(["CG", "NF", "NL", "NM"])
_SIA_OPENED = frozenset(["OA", "OH", "OJ", "OK", "OL", "OP", "OQ", "OR", "OS"])

# «Not armed in time» ends with any arming, «not disarmed in time» with any disarming.
_CID_FAILED_TO_CLOSE = frozenset({"454", "455"})
_CID_FAILED_TO_OPEN = frozenset({"453"})
_SIA_FAILED_TO_CLOSE = frozenset({"CD", "CI", "OT"})
_SIA_FAILED_TO_OPEN = frozenset({"CT", "OI"})

# The user took back an alarm: a fact for the operator, not the end of what raised it.
_CANCELS = frozenset({"406", "AB", "BC", "FC", "OC"})


def lookup(code: str) -> CodeInfo | None:
    """The meaning of a code of either dialect, or None when no table holds it."""
    return contact_id.lookup(code) or sia_codes.lookup(code)


def nature_of(event: Event) -> Nature | None:
    """Alarm, fault or information; None for an unknown code. An end is as serious as what it ends."""
    info = lookup(event.code)
    return info.nature if info else None


def describe(event: Event, *, language: str = "fr") -> str:
    """The words for an event («fr» or «en»)."""
    info = lookup(event.code)
    if info is None:
        return f"Code inconnu {event.code}" if language == "fr" else f"Unknown code {event.code}"
    return info.label(event.qualifier, language)


def is_cancel(event: Event) -> bool:
    """Whether the user says that the alarm before was not one."""
    return event.code in _CANCELS


def arming(event: Event) -> Arming | None:
    """The state that an event announces for its area, or None when it says nothing of it.

    In Contact ID, 1401 is an opening and 3401 a closing; 1454 («not armed in time») is neither.
    A status (qualifier 6) tells the state as a closing would (U): it is not used.
    """
    code = event.code
    if code in _SIA_OPENED:
        return Arming.DISARMED
    if code in _SIA_CLOSED:
        return Arming.ARMED
    if code in _SIA_PARTIAL:
        return Arming.PARTIAL
    if code not in _CID_FULL | _CID_PARTIAL or event.qualifier is Qualifier.STATUS:
        return None
    if event.qualifier is Qualifier.NEW:
        return Arming.DISARMED
    return Arming.PARTIAL if code in _CID_PARTIAL else Arming.ARMED


def closes(later: Event, earlier: Event) -> bool:
    """Whether `later` ends what `earlier` opened: the same point of the same area is back.

    It does not decide whether an incident may end by it: for alarms a person must (practice, P2).
    """
    if earlier.qualifier is not Qualifier.NEW or not _same(later.area, earlier.area, absent_matches=True):
        return False
    if _ends_waiting(arming(later), earlier.code):
        return True
    if later.qualifier is not Qualifier.RESTORE or arming(earlier) is not None:
        return False
    return _ends_code(later, earlier) and _same(later.zone, earlier.zone) and _same(later.user, earlier.user)


def _ends_waiting(state: Arming | None, code: str) -> bool:
    if state is Arming.DISARMED:
        return code in _CID_FAILED_TO_OPEN | _SIA_FAILED_TO_OPEN
    return state is not None and code in _CID_FAILED_TO_CLOSE | _SIA_FAILED_TO_CLOSE


def _ends_code(later: Event, earlier: Event) -> bool:
    if contact_id.lookup(later.code) is not None or contact_id.lookup(earlier.code) is not None:
        return later.code == earlier.code
    info = sia_codes.lookup(later.code)
    if info is None:
        # An unknown code that says of itself that it is an end can only end its own kind.
        return later.code == earlier.code
    return earlier.code in info.restores


def _same(one: str | None, other: str | None, *, absent_matches: bool = False) -> bool:
    """Numbers are compared without leading zeros: the same panel writes 15 and 015. No number is 0."""
    if absent_matches and (not one or not other):
        return True
    return (one or "").lstrip("0").upper() == (other or "").lstrip("0").upper()
