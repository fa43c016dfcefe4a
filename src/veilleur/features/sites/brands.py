"""What a site takes of its brand: one change for 400 shops, save named exceptions (practice need 6). Pure.

A site's exceptions name what of the brand does not apply there: contacts by their names, consignes by their texts,
procedures by their events. All the rest is inherited, live: nothing is copied to the shops.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from veilleur.logbook.act import fold


@dataclass(frozen=True, slots=True)
class Exceptions:
    """Names are folded: case and accents do not count."""

    contacts: frozenset[str] = frozenset()
    instructions: frozenset[str] = frozenset()
    procedures: frozenset[str] = frozenset()

    def takes(self, kind: str, name: str) -> bool:
        """Whether the site takes this of its brand. `kind`: contacts | instructions | procedures."""
        refused: frozenset[str] = getattr(self, kind)
        return fold(name) not in refused


NONE = Exceptions()


def exceptions_of(stored: Mapping[str, Any] | None) -> Exceptions:
    """The exceptions that a site's row holds."""
    if not stored:
        return NONE
    return Exceptions(**{kind: frozenset(map(fold, stored.get(kind) or ())) for kind in KINDS})


#: What a brand gives: the lists of its form, and what names an item of each.
KINDS = {"contacts": "name", "instructions": "text", "procedures": "event"}


def taken(stored: Mapping[str, Any] | None, items: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those of some (kind, name) of a brand that a site takes."""
    own = exceptions_of(stored)
    return [(kind, name) for kind, name in items if own.takes(kind, name)]
