"""The frame corpora, and one way to put a frame through the codec as a receiver does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from veilleur.protocols import dc09

NOW = datetime(2026, 12, 31, 13, 59, 58, tzinfo=UTC)
_FRAMES = Path(__file__).parents[1] / "frames"


def load(name: str) -> list[dict[str, Any]]:
    """DC-09 frames of a corpus; Sur-Gard ones have their own codec."""
    frames: list[dict[str, Any]] = json.loads((_FRAMES / name).read_text(encoding="utf-8"))
    return [frame for frame in frames if not frame["name"].startswith("surgard")]


def key_of(case: dict[str, Any]) -> bytes | None:
    return bytes.fromhex(case["key"]) if case["key"] else None


def read_all(data: bytes, step: int | None = None) -> list[dc09.Frame | dc09.Malformed]:
    """Every message of a connection that sends `data` (in pieces of `step` bytes) and closes."""
    framer = dc09.Framer()
    found: list[dc09.Frame | dc09.Malformed] = []
    for at in range(0, len(data), step or len(data) or 1):
        found += framer.receive_data(data[at : at + (step or len(data))])
    return [*found, *framer.receive_eof()]


def one(data: bytes) -> dc09.Frame:
    messages = read_all(data)
    assert len(messages) == 1, messages
    assert isinstance(messages[0], dc09.Frame), messages
    return messages[0]


@dataclass(frozen=True)
class Answer:
    opened: dc09.Opened | dc09.Refused
    reply: bytes | None


def answer(frame: dc09.Frame, key: bytes | None, **policy: Any) -> Answer:
    """What a receiver answers, storage willing and the account known."""
    opened = dc09.open_frame(frame, key=key, now=NOW, **policy)
    match opened:
        case dc09.Refused(verdict=dc09.Refusal.STALE):
            return Answer(opened, dc09.nak(NOW))
        case dc09.Refused(verdict=dc09.Refusal.UNREADABLE):
            return Answer(opened, dc09.duh(frame))
        case dc09.Refused():
            return Answer(opened, None)
        case _ if opened.content.unreadable:
            return Answer(opened, dc09.duh(frame))
        case _:
            return Answer(opened, dc09.ack(frame, key=key, now=NOW))
