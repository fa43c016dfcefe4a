"""The template language of entries; the desk's renderer is held to the same cases."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from veilleur.locale.render import HERE, catalogue, render, render_entry

CASES = json.loads((Path(__file__).parent / "render_cases.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["template"])
def test_a_template_renders(case) -> None:
    assert render(CASES["language"], case["template"], case["params"], CASES["zone"]) == case["expected"]


def test_an_unknown_kind_shows_its_code() -> None:
    assert render_entry("fr", "nothing.known", 1, {"params": {}}) == "nothing.known"


def test_the_actor_is_a_parameter_that_params_may_not_be_needed_for() -> None:
    payload = {"actor_name": "Durand", "params": {"entry": 4, "legal_basis": "RGPD art. 17"}}
    assert "4" in render_entry("fr", "entry.erased", 1, payload)
    assert "RGPD art. 17" in render_entry("en", "entry.erased", 1, payload)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("section", ["entries", "errors", "vocabulary"])
def test_no_key_is_written_in_two_files(language, section) -> None:
    """A second file would silently take the place of the first."""
    files = [
        json.loads(path.read_text("utf-8")).get(section, {}) for path in (HERE / language).glob("*.json")
    ]
    assert sum(map(len, files)) == len(catalogue(language, section))
