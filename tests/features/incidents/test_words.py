"""Every code this feature gives has its words, in both languages; the page on procedures is true."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import pytest
import yaml

import veilleur
from veilleur.features.incidents import closing, dues, errors, holding, lifecycle, steps
from veilleur.features.procedures.form import ACTS, KEYS, SERVICES
from veilleur.features.procedures.queries import validate_steps
from veilleur.kernel.errors import VeilleurError
from veilleur.locale.render import catalogue, render
from veilleur.protocols import contact_id, sia_codes
from veilleur.protocols.events import Category, Qualifier

ROOT = Path(veilleur.__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "procedures.md").read_text("utf-8")
SOURCES = "\n".join(path.read_text("utf-8") for path in Path(closing.__file__).parent.glob("*.py"))

LISTS: dict[str, Collection[str]] = {
    "category": [each.value for each in Category],
    "qualifier": [each.value for each in Qualifier],
    "state": [each.value for each in lifecycle.State],
    "skip_motif": steps.SKIP_MOTIFS,
    "park_reason": holding.PARK_REASONS,
    "take_over_reason": holding.TAKE_OVER_REASONS,
    "release_reason": holding.RELEASE_REASONS,
    "hand_up_reason": holding.HAND_UP_REASONS,
    "untaken_level": dues.LEVELS,
    "outcome": {*closing.BY_ITSELF, *(each for listed in closing.OUTCOMES.values() for each in listed)},
    "family": closing.OUTCOMES.keys(),
    "step_act": ACTS.keys(),
    "contract_service": SERVICES,
    "step_result": {result for results, _ in ACTS.values() for result in results},
    "blocker": set(re.findall(r'Blocker\(\s*"(\w+)"', SOURCES)),
    "next_act": {
        "take",
        "take_again",
        "accept",
        "close",
        "warn_agent",
        "agent_answer",
        "agent_expected",
        *holding.PARK_REASONS,
    },
    "ring_reason": set(re.findall(r'reason="(\w+)"', SOURCES)),
    "normal_by": ("restore", "arming", "disarming", "agent", "contact"),
    "signal_role": ("opened", "joined", "new_point", "restore", "arming", "during_presence", "info", "site"),
    "verification": ("not_done", "running", "negative", "goods", "persons", "impossible"),
    "procedure_source": ("site", "brand", "customer", "centre", "built_in"),
}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", LISTS)
def test_every_code_has_its_word(language: str, name: str) -> None:
    words = catalogue(language, "vocabulary")[name]
    assert LISTS[name], "the list is not empty"
    assert set(LISTS[name]) <= set(words)
    assert all(words.values())


@pytest.mark.parametrize("language", ["fr", "en"])
def test_codes_of_signals_have_the_words_of_their_tables(language: str) -> None:
    words = {
        code: info.label(None, language).replace("'", "’")
        for table in (contact_id.TABLE, sia_codes.TABLE)
        for code, info in table.items()
    }
    assert catalogue(language, "vocabulary")["signal_code"] == words
    ends = {
        code: (info.label_end_fr if language == "fr" else info.label_end_en)
        for code, info in contact_id.TABLE.items()
    }
    assert catalogue(language, "vocabulary")["signal_code_end"] == {
        code: end.replace("'", "’") for code, end in ends.items() if end
    }


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_error_has_its_sentence(language: str) -> None:
    codes = {
        value.code
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, VeilleurError)
    }
    assert codes <= set(catalogue(language, "errors"))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_blocker_has_its_sentence(language: str) -> None:
    assert {f"blocker.{each}" for each in LISTS["blocker"]} <= set(catalogue(language, "texts"))


def test_six_motifs_of_a_skip() -> None:
    assert len(steps.SKIP_MOTIFS) == 6


def test_the_page_on_procedures_can_be_followed() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    for procedure in yaml.safe_load(example)["procedures"]:
        assert validate_steps(procedure["steps"]) == []


def test_the_page_on_procedures_names_every_field_and_act() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert KEYS - {"wording"} <= named
    assert set(ACTS) <= named
    for act, (results, _) in ACTS.items():
        (line,) = [
            line for line in PAGE.splitlines() if line.startswith("| ") and f"`{act}`" in line.split("|")[1]
        ]
        assert all(result in line for result in results)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_refusal_names_its_points_in_words(language: str) -> None:
    """A point that the file does not know is «point 015», never the label behind it."""
    errors = catalogue(language, "errors")
    for code, params in (
        ("point_no_evidence", {"point": "#zone:015"}),
        ("points_open", {"points": ["#zone:015", "#zone:016"]}),
    ):
        said = render(language, errors[code], params)
        assert "015" in said
        assert "#" not in said
