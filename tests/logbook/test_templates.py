"""Sentences of entries never change once released: a sentence that must change gets a new version."""

from __future__ import annotations

import json
from pathlib import Path

from veilleur.locale.render import catalogue, template
from veilleur.logbook.templates import broken, digest, texts

FROZEN = json.loads((Path(__file__).parent / "frozen_templates.json").read_text("utf-8"))


def test_what_is_frozen_still_reads_the_same() -> None:
    """`scripts/freeze_templates.py` writes the file at each release."""
    assert broken(FROZEN["entries"], catalogue("fr", "entries")) == []


def test_the_check_sees_a_changed_and_a_removed_sentence() -> None:
    frozen = {"a.b@1": "Un", "c.d@1": "Deux", "e.f@1": "Trois", "e.f@2": "Quatre"}
    now = {"a.b": "Un", "c.d": "Deux bis", "e.f@1": "Trois", "e.f": "Quatre"}
    assert broken(frozen, now) == ["c.d@1"]
    assert broken({"x.y@1": "Un"}, now) == ["x.y@1"]


def test_an_old_version_keeps_its_sentence() -> None:
    assert template("fr", "no.such", 1) == "no.such"
    entries = {"a.b": "nouvelle", "a.b@1": "ancienne"}
    assert broken({"a.b@1": "ancienne", "a.b@2": "nouvelle"}, entries) == []


def test_the_digest_covers_every_sentence_and_word() -> None:
    now = texts()
    whole = digest(now)
    assert digest({**now, "entries": {**now["entries"], "log.entry": "{text}!"}}) != whole
    assert digest({**now, "vocabulary": {**now["vocabulary"], "x": {"y": "z"}}}) != whole
    assert digest(texts()) == whole
