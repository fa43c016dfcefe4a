"""The French sentences of entries: versioned, frozen once released, declared in the logbook, sent with exports.

What was sealed is a code and parameters; what is read is a sentence. So that nobody can change the sense of an old
entry by changing its sentence, the digest of all sentences and words is itself an entry (`logbook.texts`), written
whenever a version brings others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from veilleur.locale.render import catalogue
from veilleur.logbook.building import canonical

LANGUAGE = "fr"


def texts() -> dict[str, Any]:
    """Every sentence and every word: {"entries": {kind: sentence}, "vocabulary": {list: {code: word}}}."""
    return {section: catalogue(LANGUAGE, section) for section in ("entries", "vocabulary")}


def digest(of: Mapping[str, Any]) -> str:
    """SHA-256 (hexadecimal) of the canonical JSON of sentences and words."""
    return hashlib.sha256(canonical(of)).hexdigest()


def broken(frozen: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Kinds whose frozen sentence is gone or other. A sentence that must change gets a new version.

    The old one then moves to the key `kind@version`, where it is looked for first.
    """
    faults = []
    for key, sentence in frozen.items():
        kind, _, version = key.partition("@")
        current = now.get(f"{kind}@{version}", now.get(kind))
        if current != sentence:
            faults.append(key)
    return faults
