"""The procedures of the house, read once from builtin.yaml with their French words."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from veilleur.features.procedures.form import parse_steps
from veilleur.locale.render import catalogue

#: `wording` → where the words of a built-in step are in the catalogue.
WORDS = {"label": "step", "say": "step_say", "hint": "step_hint"}


@lru_cache
def _book() -> dict[str, Any]:
    # BaseLoader keeps every scalar a string: «yes» and «no» are results here, not truth values.
    text = files(__package__).joinpath("builtin.yaml").read_text("utf-8")
    book: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  # strings only
    return book


def version() -> int:
    """Which edition of the built-in procedures this is; kept with the dossier."""
    return int(_book()["version"])


def built_in(event: str) -> list[dict[str, Any]]:
    """The steps of the house for a category, with their words; «unknown»'s for what has none."""
    book = _book()
    name = book["categories"].get(event) or book["categories"]["default"]
    words = catalogue("fr", "vocabulary")
    steps: list[dict[str, Any]] = []
    for row in book["procedures"][name]:
        said = {key: words.get(where, {}).get(row["wording"]) for key, where in WORDS.items()}
        steps.append({**row, **{key: text for key, text in said.items() if text}})
    return steps


def all_built_in() -> dict[str, list[dict[str, Any]]]:
    """Every built-in procedure by its name; raises InvalidError when one cannot be followed."""
    book = _book()
    found = {
        name: built_in(event) for event, name in book["categories"].items() if name in book["procedures"]
    }
    for steps in found.values():
        parse_steps(steps)
    return found
