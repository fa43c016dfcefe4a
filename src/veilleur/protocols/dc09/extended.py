"""The data field and what follows it: `data] [x…]… _timestamp` (DC-09 §5.5.1.7 to .9)."""

from __future__ import annotations

import re
from typing import NamedTuple

# `K` carries an encryption key (DC-09 §5.5.1.8): nobody needs to read it, so nothing of ours ever shows it.
# A panel that misplaces its bracket, its case or its blanks sends a key all the same.
# Never given back once taken: a stranger's blanks must cost no more than their number.
_BLANKS = rb"[\x00-\x20\x7f-\xa0\xc2]*+"
_KEY_BLOCK = re.compile(
    rb"(?:(?P<behind>\]" + _BLANKS + rb"(?:\[" + _BLANKS + rb")?+)|\[" + _BLANKS + rb")[Kk](?P<key>[^\]|]*)"
    # A `]` that nothing of the frame's form follows did not end it.
    rb"(?P<rest>[^\]]*(?:\][^\]\[_\r\n\x00 ][^\]]*)*)",
)
_KEY_NAME = re.compile(_BLANKS + rb"[Kk]")
# Words in brackets in a text («[KITCHEN]»): letters only up to one that is no hexadecimal digit.
_WORD = re.compile(rb"[A-Fa-f]*[G-Zg-z\x80-\xff]")
_SHORTEST_KEY = 16  # bytes of an AES key, and characters of one typed as such
# A key of 32 digits of which the first two were read as a code.
_DIGITS = re.compile(rf"[0-9A-Fa-f]{{{2 * _SHORTEST_KEY - 2},}}")
_DIGIT_BYTES = re.compile(_DIGITS.pattern.encode())
_CIPHERED, _HEADER = re.compile(rb'"\*[A-Z]'), 24  # the token of a frame, and how far into it one stands
# In the place of the data field, where «[KA12]» may be a heat alarm of a panel that leaves its account out.
_KEY_AS_DATA = re.compile(_BLANKS + rb"[Kk](?=[0-9A-Fa-f]{32})")

# C0 controls have no place in text, and PostgreSQL refuses NUL in it.
_CONTROLS = {code: "\ufffd" for code in range(32) if code not in (9, 10, 13)}


class Fields(NamedTuple):
    """A body cut in its parts, keys blanked; `payload` is everything but the pad and the timestamp, as it came."""

    data: bytes
    blocks: tuple[tuple[str, str], ...]
    timestamp_text: str | None
    payload: bytes
    clean: bool


def decode_text(data: bytes) -> str:
    """Text of a device: UTF-8, else Windows-1252 (ioBroker.sia #63). Never fails; no control characters."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    return text if text.isprintable() else text.translate(_CONTROLS)


def split_fields(body: bytes) -> Fields | None:
    """Cut `data][x…]…_timestamp`; None when the data field is not closed.

    What stands after the data and is neither a block nor a timestamp is left out, and `clean` is False.
    """
    end = body.find(b"]")
    if end < 0:
        return None
    blocks: list[tuple[str, str]] = []
    clean = True
    position = end + 1
    while position < len(body):
        match body[position : position + 1]:
            case b"[":
                close = body.find(b"]", position)
                if close < 0:
                    clean = False
                    break
                if block := _block(body[position + 1 : close]):
                    blocks.append(block)
                position = close + 1
            case b"_":
                stamp = body[position + 1 :].rstrip(b"\x00 ")
                return Fields(
                    _redact_data(body[:end]), tuple(blocks), decode_text(stamp), body[:position], clean
                )
            case b" " | b"\x00":
                position += 1
            case _:
                clean = False
                break
    return Fields(_redact_data(body[:end]), tuple(blocks), None, body, clean)


def _block(content: bytes) -> tuple[str, str] | None:
    """Identifier and text of a block: one character, or two for the vendors' `$P` family; a key's is always `K`."""
    if match := _KEY_NAME.match(content):
        return "K", "*" * (len(content) - match.end())
    text = decode_text(redact(content) if b"[" in content else content)
    if not text:
        return None
    size = 2 if text[0] == "$" else 1
    return text[:size], text[size:]


def redact(raw: bytes) -> bytes:
    """Blank the content of `K` blocks, at the same length, wherever a frame or its clear text is shown.

    A block is a key's when `K` or `k` stands first behind `[` (or behind a `]` whose next `[` is missing), blanks and
    control characters between them or not, closed or not. One exception: inside the data field, fewer than 16
    characters that begin as a word («[KITCHEN]») are a text.
    """
    return _KEY_BLOCK.sub(_blanked, raw)


def shown(raw: bytes) -> bytes:
    """What of a frame's bytes may be shown, at the same length: `redact`, and in clear nothing in the form of a key (30
    hexadecimal digits in a row), wherever a panel put it. A ciphered body is nothing but such digits, and tells nothing."""
    blanked = redact(raw)
    if _CIPHERED.search(raw[:_HEADER]):
        return blanked
    return _DIGIT_BYTES.sub(lambda match: b"*" * len(match[0]), blanked)


def _blanked(match: re.Match[bytes]) -> bytes:
    kept = match.start("key") - match.start()
    if _is_word(match):
        return match[0][: kept + len(match["key"])] + redact(match["rest"])
    return match[0][:kept] + b"*" * (len(match[0]) - kept)


def _is_word(match: re.Match[bytes]) -> bool:
    key: bytes = match["key"]
    return match["behind"] is None and len(key) < _SHORTEST_KEY and _WORD.match(key) is not None


def _redact_data(data: bytes) -> bytes:
    """The same inside a data field, where a block ends at `|`, so that no event behind it is lost."""
    if match := _KEY_AS_DATA.match(data):
        return match[0] + b"*" * (len(data) - match.end())
    return b"|".join(map(redact, data.split(b"|"))) if b"[" in data else data


def redact_text(text: str) -> str:
    """A text read from a data field, without what has the form of a key: 30 hexadecimal digits or more in a row."""
    return _DIGITS.sub(lambda match: "*" * len(match[0]), text) if len(text) > 2 * _SHORTEST_KEY - 3 else text
