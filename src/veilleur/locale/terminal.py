"""What the command line says, in French unless the terminal speaks English.

Answers are sentences by code, in the section `terminal` of the catalogues. A mistake is written in English where it
is found (it goes to logs too); its French stands in `mistakes.json` beside the English, as gettext would have it:
`{}` are the values in their order, `{2}` names one when the French order is another. A value that is a mistake itself,
such as the operating system's «No space left on device», is put in French in its turn.
A test reads the sources: no mistake that a command can answer is without its French.
"""

from __future__ import annotations

import json
import os
import re
from functools import lru_cache
from itertools import count
from typing import Protocol, runtime_checkable

from veilleur.kernel.errors import VeilleurError
from veilleur.locale.render import HERE, catalogue, render

PLACE = re.compile(r"\{(\d*)\}")
#: A mistake within a mistake within a sentence: no real one is deeper, and a hostile text ends there.
MAX_DEPTH = 4
#: A hostile value is not searched for sentences; it is shown as it came.
MAX_LENGTH = 4_000
#: Codes that say no more than their class: the sentence written where the error was raised says what to do.
GENERIC = frozenset({"error", "invalid", "not_found", "conflict", "forbidden", "settings", "unavailable"})


@runtime_checkable
class Worded(Protocol):
    """An error that words itself."""

    def sentence(self, language: str) -> str:
        """The whole of it, in a language."""


def language() -> str:
    """«fr», unless the terminal's language is English."""
    said = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if said.lower().startswith("en") else "fr"


def say(code: str, **params: object) -> str:
    """An answer, by its code in the section `terminal`."""
    spoken = language()
    return render(spoken, catalogue(spoken, "terminal")[code], params)


def mistake(error: VeilleurError) -> str:
    """The sentence of an error: its own words, else those that the desk shows for its code."""
    spoken = language()
    if isinstance(error, Worded):
        return error.sentence(spoken)
    own = error.message != (error.__class__.__doc__ or error.code)
    if own and (spoken == "en" or error.code in GENERIC or _matched(error.message) is not None):
        return told(error.message, spoken)
    pattern = catalogue(spoken, "errors").get(error.code)
    return error.message if pattern is None else render(spoken, pattern, error.params)


def told(english: str, spoken: str | None = None) -> str:
    """An English sentence of `mistakes.json` in the terminal's language; any other text as it is."""
    return english if (spoken or language()) == "en" else _french(english, MAX_DEPTH)


def _french(english: str, depth: int) -> str:
    found = _matched(english) if depth else None
    if found is None:
        return english
    french, values = found
    said = [_french(value, depth - 1) for value in values]
    order = count()
    return PLACE.sub(lambda place: said[int(place[1]) - 1 if place[1] else next(order)], french)


def _matched(english: str) -> tuple[str, tuple[str, ...]] | None:
    """The French sentence of an English one, and its values."""
    if len(english) > MAX_LENGTH:
        return None
    for pattern, french in _patterns():
        if match := pattern.fullmatch(english):
            return french, match.groups()
    return None


@lru_cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The sentences of `mistakes.json`, those with most words of their own first: «{} {}» must not hide another."""
    pairs = mistakes().items()
    longest_first = sorted(pairs, key=lambda pair: -len(PLACE.sub("", pair[0])))
    return tuple((_pattern(english), french) for english, french in longest_first)


def _pattern(english: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(map(re.escape, english.split("{}"))), re.DOTALL)


@lru_cache
def mistakes() -> dict[str, str]:
    """English sentence → French one."""
    read: dict[str, str] = json.loads((HERE / "mistakes.json").read_text("utf-8"))
    return read
