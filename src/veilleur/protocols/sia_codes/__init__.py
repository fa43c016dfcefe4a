"""SIA event codes of two letters (SIA DC-03-2017, table A.2): the code itself says new or restore."""

from __future__ import annotations

from veilleur.protocols.codes import CodeInfo, read_table

__all__ = ["TABLE", "describe", "lookup"]

TABLE = read_table(__name__, "codes.csv")


def lookup(code: str) -> CodeInfo | None:
    """The meaning of a two-letter code («BA»), or None when unknown."""
    return TABLE.get(code)


def describe(code: str, *, language: str = "fr") -> str:
    """The words for a code; an unknown code is told as such."""
    info = TABLE.get(code)
    if info is None:
        return f"Code SIA inconnu {code}" if language == "fr" else f"Unknown SIA code {code}"
    return info.label(info.qualifier, language)
