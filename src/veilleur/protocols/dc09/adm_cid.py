"""The ADM-CID data field: `#acct|Qxyz GG CCC` (DC-09 annex H, codes of DC-05)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from veilleur.protocols import contact_id
from veilleur.protocols.dc09.extended import redact_text
from veilleur.protocols.dc09.payload import Coded, Decoded, to_event
from veilleur.protocols.events import Event

# The spaces are the standard's; some communicators leave them out, or put the DTMF message type 18, 98 or
# 58 in front (DC-05 §4.1), or write E and R as Sur-Gard receivers do.
_SPACED = re.compile(
    r"\s*(?:(?:18|98|58)\s+)?(?P<q>[0-9ERPerp])(?P<code>[0-9A-Fa-f]{3})"
    r"(?:[\s/]+(?P<group>[0-9A-Fa-f]{1,2})(?:[\s/]+(?P<number>[0-9A-Fa-f]{1,4})\b)?)?(?P<rest>(?![0-9A-Fa-f]).*)",
    re.DOTALL,
)
_PACKED = re.compile(
    r"\s*(?:18|98|58)?\s*(?P<q>[136ERP])(?P<code>[0-9A-Fa-f]{3})(?P<group>[0-9A-Fa-f]{2})"
    r"(?P<number>[0-9A-Fa-f]{3})(?P<rest>.*)",
    re.DOTALL,
)
_QUALIFIER_LETTERS = {"E": "1", "R": "3", "P": "6"}


def parse_adm_cid(data: str, extended: Mapping[str, str]) -> Decoded | None:
    """Events of the data behind the account, or None when it is not Contact ID.

    Text behind the event, or in a block of its own, is kept as the event's text.
    """
    events: list[Event] = []
    unknown: list[str] = []
    texts: list[str] = []
    for piece in data.split("|"):
        match = _PACKED.fullmatch(piece) or _SPACED.fullmatch(piece)
        if match is None:
            if piece.strip():
                texts.append(piece.strip().removeprefix("A"))
            continue
        coded = _coded(match)
        info = contact_id.lookup(coded.code) if coded.qualifier else None
        if info is None:
            unknown.append(coded.code)
        events.append(to_event(coded, info, extended))
    if not events:
        return None
    if texts:
        events = [_with_text(event, " ".join(texts)) for event in events]
    return Decoded(tuple(events), tuple(unknown))


def _coded(match: re.Match[str]) -> Coded:
    letter = match["q"].upper()
    qualifier = contact_id.QUALIFIERS.get(_QUALIFIER_LETTERS.get(letter, letter))
    code = match["code"].upper()
    return Coded(
        # A qualifier that DC-05 does not know is kept with the code, so that the unknown queue shows it.
        code=code if qualifier else letter + code,
        qualifier=qualifier,
        area=match["group"],
        number=match["number"],
        text=match["rest"].strip() or None,
    )


def _with_text(event: Event, text: str) -> Event:
    joined = redact_text(f"{event.text} {text}" if event.text else text)
    return Event(
        event.category,
        event.code,
        event.qualifier,
        event.area,
        event.zone,
        event.user,
        joined,
        event.extended,
    )
