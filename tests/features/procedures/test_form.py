"""What an import is told about its procedures."""

from __future__ import annotations

from typing import Any

import pytest

from veilleur.features.procedures.form import problems
from veilleur.features.procedures.queries import parse_steps, validate_steps


def codes(*rows: Any) -> list[tuple[int, str]]:
    return [(problem.step, problem.code) for problem in problems(list(rows))]


GOOD = {"key": "site", "act": "call_site"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("site", "not_a_mapping"),
        ({**GOOD, "colour": "red"}, "unknown_field"),
        ({"act": "note"}, "bad_key"),
        ({"key": "Site 1", "act": "note"}, "bad_key"),
        ({"key": "a"}, "unknown_act"),
        ({"key": "a", "act": "dance"}, "unknown_act"),
        ({**GOOD, "parallel": "maybe"}, "not_a_flag"),
        ({**GOOD, "label": ""}, "bad_text"),
        ({**GOOD, "say": "x" * 601}, "bad_text"),
        ({**GOOD, "rank": 1}, "rank_without_call"),
        ({"key": "a", "act": "call_contact", "rank": "0"}, "bad_rank"),
        ({**GOOD, "timer": "soon"}, "bad_timer"),
        ({**GOOD, "timer": 86_401}, "bad_timer"),
        ({**GOOD, "needs": "helicopter"}, "unknown_service"),
        ({**GOOD, "results": []}, "bad_results"),
        ({"key": "a", "act": "ask", "results": ["Oui !"]}, "bad_result"),
        ({"key": "a", "act": "ask", "results": ["yes", "yes"]}, "result_twice"),
        ({**GOOD, "results": ["perhaps"]}, "not_of_call"),
        ({**GOOD, "when": {}}, None),
        ({**GOOD, "when": [{}]}, "bad_when"),
        ({**GOOD, "when": {"later": "x"}}, "when_unknown_step"),
    ],
)
def test_each_problem_is_told(row: Any, code: str | None) -> None:
    if code is None:
        assert codes(row) == [(1, "bad_when")]
    else:
        assert (1, code) in codes(row)
    for language in ("fr", "en"):
        assert all(sentence and "{" not in sentence for sentence in validate_steps([row], language))


def test_a_condition_names_a_result_that_exists() -> None:
    assert codes(GOOD, {"key": "b", "act": "note", "when": {"site": "sunny"}}) == [(2, "when_unknown_result")]
    assert codes(GOOD, {"key": "b", "act": "note", "when": {"site": []}}) == [(2, "bad_when")]


def test_a_name_is_used_once() -> None:
    assert codes(GOOD, GOOD) == [(2, "twice")]


def test_an_empty_or_endless_procedure_is_refused() -> None:
    assert [problem.code for problem in problems([])] == ["no_steps"]
    assert [problem.code for problem in problems("call")] == ["no_steps"]
    assert problems([GOOD] * 41)[0].code == "too_many"


def test_what_a_string_loader_gives_is_understood() -> None:
    """Imports read every scalar as text (ARCHITECTURE.md §5, «Input files»)."""
    (step,) = parse_steps(
        [
            {
                "key": "c",
                "act": "call_contact",
                "rank": "2",
                "parallel": "true",
                "mandatory": "non",
                "timer": "90",
            }
        ]
    )
    assert (step.rank, step.parallel, step.mandatory, step.timer) == (2, True, False, 90)


def test_what_was_written_with_the_police_s_results_for_firemen_is_still_read() -> None:
    """A centre's procedure and the dossiers of an earlier version: nothing that was followed falls back to another."""
    old = {"key": "fire", "act": "call_fire", "results": ["coming", "arrest"]}
    assert codes(old, {"key": "after", "act": "note", "when": {"fire": "arrest"}}) == []
    assert (
        codes({"key": "fire", "act": "call_fire"}, {"key": "a", "act": "note", "when": {"fire": "arrest"}})
        == []
    )
    assert codes({"key": "police", "act": "call_police", "results": ["mastered"]}) == [(1, "not_of_call")]
