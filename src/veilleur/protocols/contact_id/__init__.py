"""Contact ID (SIA DC-05-2016, appendix C): event codes of three characters and their qualifiers."""

from __future__ import annotations

from veilleur.protocols.codes import CodeInfo, read_table
from veilleur.protocols.events import Qualifier

__all__ = ["QUALIFIERS", "TABLE", "describe", "lookup"]

TABLE = read_table(__name__, "codes.csv")

# DC-05 §4: 1 new event or opening, 3 new restore or closing, 6 previously reported and still present.
# 1401 is therefore an OPENING (disarming) and 3401 a CLOSING (arming), against the ear.
QUALIFIERS = {"1": Qualifier.NEW, "3": Qualifier.RESTORE, "6": Qualifier.STATUS}


def lookup(code: str) -> CodeInfo | None:
    """The meaning of a three-character code without its qualifier («130»), or None when unknown."""
    return TABLE.get(code)


def describe(code: str, qualifier: Qualifier = Qualifier.NEW, *, language: str = "fr") -> str:
    """The words for a code and its qualifier; an unknown code is told as such."""
    info = TABLE.get(code)
    if info is None:
        return f"Code Contact ID inconnu {code}" if language == "fr" else f"Unknown Contact ID code {code}"
    return info.label(qualifier, language)
