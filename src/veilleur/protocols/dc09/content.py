"""What a frame says: its data by token, its extended data, and whether we could read it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from veilleur.protocols.dc09.adm_cid import parse_adm_cid
from veilleur.protocols.dc09.extended import Fields, decode_text
from veilleur.protocols.dc09.payload import Decoded, split_account
from veilleur.protocols.dc09.sia_dcs import parse_sia_dcs
from veilleur.protocols.events import Event

# DC-09 §5.5.1.2: link tests. XNM (2021) is one that carries extended data.
LINK_TEST_TOKENS = frozenset({"NULL", "XNM"})

_NOTHING: Mapping[str, str] = MappingProxyType({})

# A storm says few different things (a power cut: the same code from everywhere): the last ones read are kept.
# Longer data holds somebody's words, and would only fill the memory.
_KEPT = 4096
_KEPT_LENGTH = 64


class Content(NamedTuple):
    """The meaning of a frame.

    `account`: as written inside the data, None when absent. `extended`: id → text, repeated ids joined by a
    line feed; `blocks` keeps each one in order. The text of a `K` block (a key) is always stars.
    `unreadable`: the frame is valid and we cannot tell what it says; the answer is DUH.
    `link_test`: NULL or XNM; an XNM may still carry events.
    """

    token: str
    account: str | None = None
    events: tuple[Event, ...] = ()
    extended: Mapping[str, str] = _NOTHING
    blocks: tuple[tuple[str, str], ...] = ()
    unknown_codes: tuple[str, ...] = ()
    unreadable: bool = False
    link_test: bool = False

    @property
    def known(self) -> bool:
        """Whether every code was found in its table."""
        return not self.unknown_codes


def read_content(token: str, fields: Fields | None) -> Content:
    """Decode the fields of a frame of this token; `fields` is None when its data was never closed."""
    if fields is None:
        return Content(token, unreadable=True)
    extended = _merge(fields.blocks) if fields.blocks else _NOTHING
    account, rest = split_account(decode_text(fields.data))
    repeated = not extended and len(rest) <= _KEPT_LENGTH
    decoded = _decode_again(token, rest) if repeated else _decode(token, rest, extended)
    link_test = token.upper() in LINK_TEST_TOKENS
    return Content(
        token,
        account,
        decoded.events if decoded else (),
        extended,
        fields.blocks,
        decoded.unknown_codes if decoded else (),
        unreadable=decoded is None and not link_test,
        link_test=link_test,
    )


def _decode(token: str, data: str, extended: Mapping[str, str]) -> Decoded | None:
    """Events of the data by its token; None when it is unreadable, or when there is none to read.

    The other dialects of annex H (ADM-41E, SIA-PUL…) are not decoded: their data is unreadable to us.
    """
    match token.upper():
        case "ADM-CID":
            return parse_adm_cid(data, extended)
        case "SIA-DCS":
            return parse_sia_dcs(data, extended)
        case "XNM" if data.strip():
            decoded = parse_adm_cid(data, extended) or parse_sia_dcs(data, extended)
            return decoded if decoded and not decoded.unknown_codes else None
        # Hikvision puts a dummy Contact ID body in its NULL (eavanvalkenburg/sia #17): a link test still.
        case _:
            return None


@lru_cache(_KEPT)
def _decode_again(token: str, data: str) -> Decoded | None:
    return _decode(token, data, _NOTHING)


def _merge(blocks: tuple[tuple[str, str], ...]) -> dict[str, str]:
    merged: dict[str, str] = {}
    for name, value in blocks:
        merged[name] = f"{merged[name]}\n{value}" if name in merged else value
    return merged
