"""Natures of an événement: one key each, and the priority the dossier then has (docs/design/video.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Nature:
    """`hotkey`: a digit, by physical key. `priority`: 2 where a person may be in danger (practice P8), else 3."""

    key: str
    hotkey: str
    priority: int


NATURES: Mapping[str, Nature] = MappingProxyType(
    {
        nature.key: nature
        for nature in (
            Nature("fight", "1", 2),
            Nature("person_down", "2", 2),
            Nature("accident", "3", 2),
            Nature("street_racing", "4", 3),
            Nature("damage", "5", 3),
            Nature("theft", "6", 3),
            Nature("gathering", "7", 3),
            Nature("object", "8", 3),
            Nature("fire", "9", 2),
            Nature("other", "0", 3),
        )
    }
)

#: Before its nature is said.
UNSAID_PRIORITY = 3

#: Whom an operator informs by radio or telephone, and what they answer; their words: `event_service`, `event_answer`.
SERVICES = ("municipal_police", "police", "rescue")
ANSWERS = ("told", "on_the_way", "no_answer")
