"""The SIA-DCS data field: `#acct|N[ti…/][ri…/]CODE[number][^text^][/CODE…][|A…text]` (DC-03 §5.2).

Slashes are written or not, several events share a block, modifiers hold for the events behind them. What
field devices do is pysiaalarm #63 (Lupus: `ti10:01:00/da08-18-24/RP`) and its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from veilleur.protocols import sia_codes
from veilleur.protocols.dc09.payload import Coded, Decoded, to_event

# Blocks are cut at `|`, but not inside a `^text^`.
_PIECE = re.compile(r"(?:\^[^^]*\^|[^|])+")
_SEPARATORS = re.compile(r"[/\s]+")
_MODIFIER = re.compile(r"(?:ti|da|id|ri|pi|ai|ph|lv|va|pt|rg|ss)")
_MODIFIER_VALUE = re.compile(r"[0-9:.\-]*")
_CODE = re.compile(r"[A-Z]{2}")
_NUMBER = re.compile(r"[0-9A-F]*(?:[:\-][0-9A-F]+)*")
_TEXT = re.compile(r"\^([^^]*)\^?")
# `*units` (DC-03 §5.2.1.1.3) or Honeywell's XSIA text `*"words"NM`.
_UNITS = re.compile(r'\*(?:"(?P<words>[^"]*)"?(?:NM)?|(?P<units>[^/^|]*))')
_ENDS = frozenset("/^*| ")


@dataclass(slots=True)
class _Modifiers:
    """What `ti`, `da`, `id`, `ri`, `pi`… said; it holds for the events that follow in the block."""

    area: str | None = None
    user: str | None = None
    extras: dict[str, str] = field(default_factory=dict)

    def set(self, name: str, value: str, text: str | None) -> None:
        if name == "ri":
            self.area = value
        elif name == "id":
            self.user = value
        else:
            self.extras[name] = value
        if text:
            self.extras[f"{name}.text"] = text


def parse_sia_dcs(data: str, extended: Mapping[str, str]) -> Decoded | None:
    """Events of the data behind the account, or None when it is not SIA."""
    found: list[Coded] = []
    texts: list[str] = []
    first_of_block = 0
    for piece in _PIECE.findall(data):
        coded = _parse_block(piece, text_allowed=bool(found))
        if coded:
            first_of_block = len(found)
            found += coded
        elif piece.strip():
            text = piece.strip()
            text = text[1:] if text[0] == "A" else text
            if not found:
                texts.append(text)
            found[first_of_block:] = [_add_text(each, text) for each in found[first_of_block:]]
    if not found:
        # An ASCII block alone (DC-03 §5.3.3): words for a person, which no rule can read.
        words = " ".join(texts)
        return _text_only(data, words, extended)
    unknown = tuple(each.code for each in found if sia_codes.lookup(each.code) is None)
    events = tuple(to_event(each, sia_codes.lookup(each.code), extended) for each in found)
    return Decoded(events, unknown)


def _text_only(data: str, words: str, extended: Mapping[str, str]) -> Decoded | None:
    if not data.lstrip().startswith("A") or not words:
        return None
    return Decoded((to_event(Coded("A", None, text=words), None, extended),), ("A",))


def _add_text(coded: Coded, text: str) -> Coded:
    return replace(coded, text=f"{coded.text} {text}" if coded.text else text)


def _parse_block(piece: str, *, text_allowed: bool) -> list[Coded] | None:
    """Events of one block. `N` (new) and `O` (old) are read as such when codes follow, else as a code's
    first letter: panels leave the prefix out («NL01» is a perimeter arming, «NRP» a new RP)."""
    piece = piece.strip()
    if piece[:1] in ("N", "O") and (coded := _parse_packets(piece[1:])):
        return (
            [replace(each, extras={**each.extras, "old": "1"}) for each in coded]
            if piece[0] == "O"
            else coded
        )
    if piece[:1] == "A" and text_allowed:
        return None
    # Without a prefix, words in capitals look like codes (BACK DOOR is BA, CK, DO, OR).
    doubtful = piece[:1] == "A" or text_allowed
    coded = _parse_packets(piece, strict=doubtful)
    return None if coded and doubtful and not _proven(coded) else coded


def _proven(coded: list[Coded]) -> bool:
    """Whether these are surely codes: all in the table, and one alone or each with its number."""
    known = all(sia_codes.lookup(each.code) for each in coded)
    return known and (len(coded) == 1 or all(each.number for each in coded))


def _parse_packets(text: str, *, strict: bool = False) -> list[Coded] | None:
    """Read modifiers and codes. What stands behind a code and is neither is kept as its text; None when it
    comes first, or when `strict`."""
    found: list[Coded] = []
    modifiers = _Modifiers()
    at = 0
    while at < len(text):
        if separator := _SEPARATORS.match(text, at):
            at = separator.end()
        elif _MODIFIER.match(text, at):
            at = _read_modifier(text, at, modifiers)
        elif _CODE.match(text, at):
            coded, at = _read_code(text, at, modifiers)
            found.append(coded)
        elif found and not strict:
            found[-1] = _add_text(found[-1], text[at:].strip())
            return found
        else:
            return None
    return found


def _read_modifier(text: str, at: int, modifiers: _Modifiers) -> int:
    name, start = text[at : at + 2], at + 2
    end = _MODIFIER_VALUE.match(text, start).end()  # type: ignore[union-attr]  # matches the empty text
    if text[end : end + 1] in "ABCDEF" and text[end : end + 2] not in sia_codes.TABLE:
        # A hexadecimal number («ri0A/»): its letters begin no code.
        end = _NUMBER.match(text, end).end()  # type: ignore[union-attr]
    words = _TEXT.match(text, end)
    modifiers.set(name, text[start:end], words[1] if words else None)
    return words.end() if words else end


def _read_code(text: str, at: int, modifiers: _Modifiers) -> tuple[Coded, int]:
    code, start = text[at : at + 2], at + 2
    end = _number_end(text, start)
    number = text[start:end] or None
    words: list[str] = []
    extras = dict(modifiers.extras)
    while match := _UNITS.match(text, end) or _TEXT.match(text, end):
        end = match.end()
        if match.re is _UNITS and match["units"]:
            extras["units"] = match["units"]
        else:
            words.append(match[1] or "")
    coded = Coded(
        code, None, number, modifiers.area, modifiers.user, " ".join(filter(None, words)) or None, extras
    )
    return coded, end


def _number_end(text: str, start: int) -> int:
    """Where the number ends. It is hexadecimal (DC-03 §5.2.1.1.2), and so may be the code that follows when
    the slash is left out: «BA15BR16» is BA 15, BR 16, while «FA12AB» alone is FA 12AB."""
    end = _NUMBER.match(text, start).end()  # type: ignore[union-attr]  # matches the empty text
    if end == len(text) or text[end] in _ENDS or not text[end].isupper():
        return end
    if end > start and text[end - 1 : end + 1] in sia_codes.TABLE:
        return end - 1
    return end
