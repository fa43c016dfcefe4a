"""The data field and what follows it: `data] [x…]… _timestamp` (DC-09 §5.5.1.7 to .9)."""

from __future__ import annotations

import re
from typing import NamedTuple

# `K` carries an encryption key: nobody needs to read it, so nothing of ours ever shows it.
_KEY_BLOCK = re.compile(rb"(?<=\[K)[^\]]*")

# C0 controls have no place in text, and PostgreSQL refuses NUL in it.
_CONTROLS = {code: "\ufffd" for code in range(32) if code not in (9, 10, 13)}


class Fields(NamedTuple):
    """A body cut in its parts. `payload` is everything but the pad and the timestamp."""

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
                return Fields(body[:end], tuple(blocks), decode_text(stamp), body[:position], clean)
            case b" " | b"\x00":
                position += 1
            case _:
                clean = False
                break
    return Fields(body[:end], tuple(blocks), None, body, clean)


def _block(content: bytes) -> tuple[str, str] | None:
    """Identifier and text of a block: one character, or two for the vendors' `$P` family."""
    text = decode_text(content)
    if not text:
        return None
    size = 2 if text[0] == "$" else 1
    name, value = text[:size], text[size:]
    return name, "*" * len(value) if name == "K" else value


def redact(raw: bytes) -> bytes:
    """Blank the content of `K` blocks, at the same length, wherever a frame or its clear text is shown."""
    return _KEY_BLOCK.sub(lambda match: b"*" * len(match[0]), raw)
