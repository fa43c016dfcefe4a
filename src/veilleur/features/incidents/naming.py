"""What is said of an alarm, each thing once: its code in words or its nature, its point, the panel's own text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from veilleur.locale.render import catalogue
from veilleur.logbook.act import fold
from veilleur.protocols.meaning import lookup

#: Languages in which people name points.
LANGUAGES = ("fr", "en")


def said_of(headline: Mapping[str, Any], category: str, label: str | None) -> dict[str, str | None]:
    """What opened a dossier, each thing said once: its code in words, else its nature; its point; the panel's text.

    A point called «Autosurveillance du boîtier» already says that it is a tamper; one that is the panel itself
    (`#code:301`) is said by its code.
    """
    code = known_code(headline)
    own = str(headline.get("code") or "") if headline.get("dialect") == "internal" else ""
    told = own if own in catalogue("fr", "vocabulary")["internal_code"] else None
    said = headline.get("text")
    point = label
    if code and label and label.startswith("#code:"):
        detail = label.removeprefix("#code:").partition(":")[2]
        point = f"#number:{detail}" if detail else None
    nature = None if code or told or names_category(label, category) else category
    return {
        "code": None if code and _names(point, "signal_code", code) else code,
        "own": told,
        "category": nature,
        "point": point,
        "text": None if said == point else said,
    }


def names_category(label: str | None, category: str) -> bool:
    """Whether a point's name says its category: «Autosurveillance du boîtier», or a code that has words of its own."""
    if label is not None and label.startswith("#code:"):
        return lookup(label.removeprefix("#code:").partition(":")[0]) is not None
    return _names(label, "category", category)


def _names(label: str | None, vocabulary: str, code: str) -> bool:
    words = (catalogue(language, "vocabulary")[vocabulary].get(code, "") for language in LANGUAGES)
    return label is not None and any(fold(label).startswith(fold(word)) for word in words if word)


def known_code(headline: Mapping[str, Any]) -> str | None:
    """The code of a headline that the vocabulary `signal_code` words; None for the house's own and unknown ones."""
    code = str(headline.get("code") or "")
    return code if headline.get("dialect") != "internal" and lookup(code) else None


def own_name(vocabulary: str, code: str, name: str | None) -> str | None:
    """A name without the word that is said before it: «Gendarmerie, CORG de l’Essai» after «Gendarmerie»."""
    for language in LANGUAGES:
        word = catalogue(language, "vocabulary")[vocabulary].get(code, "")
        if name and word and fold(name).startswith(fold(word)) and len(fold(name)) == len(name):
            return name[len(word) :].lstrip(" ,:–-") or None
    return name


def place_of(headline: Mapping[str, Any]) -> str | None:
    """The point of an alarm, for the filter `point`: its name, else its number; None for the panel itself."""
    zone = str(headline.get("zone") or "")
    return headline.get("zone_name") or (f"#zone:{zone}" if zone.strip("0") else None)
