"""Steps: branching, parallel, skips; and that no mandatory step is ever lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilleur.features.procedures.queries import (
    MOST_CURRENT,
    Answer,
    Step,
    all_built_in,
    call_outcome,
    dump_step,
    parse_steps,
    progress,
    subscribed,
    without_site_call,
)
from veilleur.kernel.errors import InvalidError

ALL = {"intervention", "video", "guarding", "listen_in"}


def steps(*rows: dict[str, Any]) -> tuple[Step, ...]:
    return parse_steps([{"act": "note", **row} for row in rows])


def done(**results: str | None) -> dict[str, Answer]:
    return {key: Answer(result) for key, result in results.items()}


def test_one_after_the_other() -> None:
    two = steps({"key": "a"}, {"key": "b"})
    assert progress(two, {}).current == ("a",)
    assert progress(two, {}).waiting == ("b",)
    assert progress(two, done(a="done")).current == ("b",)


def test_the_agent_leaves_first_and_calls_go_on_meanwhile() -> None:
    """Practice, «Naive otherwise»: steps run in parallel where marked."""
    three = steps({"key": "agent", "parallel": True}, {"key": "site"}, {"key": "contact"})
    assert progress(three, {}).current == ("agent", "site")
    assert progress(three, done(site="done")).current == ("agent", "contact")


def test_at_most_three_are_current_and_mandatory_ones_come_first() -> None:
    many = steps(
        {"key": "o", "mandatory": False},
        *({"key": key, "parallel": True} for key in "abcd"),
    )
    assert progress(many, {}).current == ("a", "b", "c")
    assert progress(many, {}).waiting == ("o", "d")


def test_what_is_parallel_right_behind_a_call_to_the_services_runs_beside_it() -> None:
    """One looks at the images while the police answer; what comes after waits for that call."""
    five = steps(
        {"key": "police", "act": "call_police"},
        {"key": "clip", "parallel": True},
        {"key": "listen", "parallel": True, "mandatory": False},
        {"key": "contact"},
        {"key": "later", "parallel": True},
    )
    assert progress(five, {}).current == ("police", "clip", "listen")
    assert progress(five, done(clip="done", listen="done")).current == ("police",)
    assert progress(five, done(police="coming", clip="done", listen="done")).current == ("contact",)
    calm = steps({"key": "site", "act": "call_site"}, {"key": "clip", "parallel": True})
    assert progress(calm, {}).current == ("site",), "another step holds all that follow it"


def test_an_optional_step_holds_nobody_back() -> None:
    two = steps({"key": "o", "mandatory": False}, {"key": "a"})
    assert progress(two, {}).current == ("o", "a")


def test_a_branch_follows_the_result() -> None:
    two = steps(
        {"key": "site", "act": "call_site"}, {"key": "next", "when": {"site": ["no_answer", "wrong_word"]}}
    )
    assert progress(two, done(site="no_answer")).current == ("next",)
    assert progress(two, done(site="mistake")).ruled_out == {"next"}


def test_one_of_several_conditions_is_enough() -> None:
    three = steps(
        {"key": "clip", "act": "view_clip"},
        {"key": "site", "act": "call_site"},
        {"key": "police", "act": "call_police", "when": [{"clip": "person"}, {"site": "offence"}]},
    )
    assert progress(three, done(clip="nothing", site="offence")).current == ("police",)
    assert progress(three, done(clip="nothing", site="mistake")).ruled_out == {"police"}


def test_a_skip_keeps_mandatory_steps_and_drops_optional_ones() -> None:
    three = steps(
        {"key": "site", "act": "call_site"},
        {"key": "must", "when": {"site": "no_answer"}},
        {"key": "may", "mandatory": False, "when": {"site": "no_answer"}},
    )
    after = progress(three, done(site=None))
    assert after.current == ("must",)
    assert after.ruled_out == {"may"}


def test_what_was_ruled_out_by_a_result_rules_out_what_depends_on_it() -> None:
    three = steps(
        {"key": "one", "act": "call_contact"},
        {"key": "two", "act": "call_next_contact", "when": {"one": "no_answer"}},
        {"key": "three", "act": "call_next_contact", "when": {"two": "no_answer"}},
    )
    assert progress(three, done(one="mistake")).ruled_out == {"two", "three"}


def test_steps_not_subscribed_are_absent_not_skipped() -> None:
    """Practice, need 3."""
    raw = steps(
        {"key": "clip", "act": "view_clip"},
        {"key": "agent", "act": "send_agent", "parallel": True},
        {"key": "guard", "act": "ask", "needs": "guarding"},
        {"key": "police", "act": "call_police", "when": [{"clip": "person"}, {"agent": "engaged"}]},
        {"key": "may", "mandatory": False, "when": {"clip": "person"}},
    )
    assert [step.key for step in subscribed(raw, set())] == ["police"]
    kept = subscribed(raw, {"intervention"})
    assert [step.key for step in kept] == ["agent", "police"]
    assert kept[1].when == ({"agent": frozenset({"engaged"})},)
    assert subscribed(raw, ALL) == raw


@pytest.mark.parametrize("name", sorted(all_built_in()))
def test_the_built_in_procedures_are_whole(name: str) -> None:
    raw = all_built_in()[name]
    parsed = parse_steps(raw)
    assert all(step.label for step in parsed), "every step has its French words"
    assert parsed[-1].act == "return_to_normal"
    assert parse_steps([dump_step(step) for step in parsed]) == parsed
    assert progress(parsed, {}).current
    assert progress(subscribed(parsed, set()), {}).current


def test_fire_and_medical_have_no_police_gate_and_persons_are_open_at_once() -> None:
    book = {name: parse_steps(raw) for name, raw in all_built_in().items()}
    assert [s.act for s in book["fire"] if s.urgent] == ["call_fire"]
    assert [s.act for s in book["medical"] if s.urgent] == ["call_medical"]
    assert "police" in progress(book["duress"], {}).current
    assert progress(book["hold_up"], {}).current[0] == "police"
    assert progress(subscribed(book["hold_up"], set()), {}).current == ("police",)
    assert {s.act for s in book["duress"]} & {"send_agent", "call_site", "advise"} == set()


@pytest.mark.parametrize(
    ("word", "result", "understood", "key"),
    [
        ("right", "answered", "mistake", "mistake"),
        ("right", "answered", "offence", "offence"),
        ("right", "answered", "nothing", "informed"),
        ("right", "answered", None, "informed"),
        ("wrong", "answered", "mistake", "wrong_word"),
        ("duress", "answered", "mistake", "duress"),
        ("not_obtained", "answered", None, "not_obtained"),
        (None, "rings", None, "no_answer"),
        (None, "voicemail", None, "no_answer"),
        (None, "other_person", None, "no_answer"),
    ],
)
def test_what_a_call_ends_in(word: str | None, result: str, understood: str | None, key: str) -> None:
    assert call_outcome(word, result, understood) == key


def test_a_procedure_with_problems_is_refused() -> None:
    with pytest.raises(InvalidError) as caught:
        parse_steps([{"key": "a", "act": "dance"}])
    assert "dance" in caught.value.message


RESULTS = ["coming", "noted"]


@st.composite
def procedures(draw: st.DrawFn) -> tuple[Step, ...]:
    rows: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 8))):
        row: dict[str, Any] = {
            "key": f"s{number}",
            "act": draw(st.sampled_from(["ask", "call_police"])),
            "results": RESULTS,
            "parallel": draw(st.booleans()),
            "mandatory": draw(st.booleans()),
        }
        if rows and draw(st.booleans()):
            earlier = st.dictionaries(
                st.sampled_from([r["key"] for r in rows]), st.sampled_from(RESULTS), min_size=1, max_size=2
            )
            row["when"] = draw(st.lists(earlier, min_size=1, max_size=2))
        rows.append(row)
    return parse_steps(rows)


@given(procedures(), st.data())
def test_progression_never_loses_a_mandatory_step(plan: tuple[Step, ...], data: st.DataObject) -> None:
    """However steps are answered or skipped, each mandatory one is answered or was ruled out by a result."""
    answers: dict[str, Answer] = {}
    while (now := progress(plan, answers)).current:
        assert len(now.current) <= MOST_CURRENT
        everywhere = {*now.current, *now.waiting, *now.ruled_out, *answers}
        assert everywhere == {step.key for step in plan}
        key = data.draw(st.sampled_from(now.current))
        answers[key] = Answer(data.draw(st.sampled_from([*RESULTS, None])))
    assert now.waiting == (), "nothing may wait once nothing is current"
    for step in plan:
        if step.mandatory and step.key not in answers:
            assert step.when
            assert all(contradicted(each, answers, now.ruled_out) for each in step.when)


def contradicted(wanted: Any, answers: dict[str, Answer], ruled_out: frozenset[str]) -> bool:
    return any(
        (key in answers and answers[key].result is not None and answers[key].result not in results)
        or key in ruled_out
        for key, results in wanted.items()
    )


@pytest.mark.parametrize(
    ("event", "first", "absent"),
    [
        ("gas", "fire", {"site"}),
        ("fire", "fire", {"site"}),
        ("medical", "medical", {"site"}),
        ("personal", "contact_1", {"site", "hurt", "medical", "police"}),
        ("intrusion", "site", set[str]()),
        ("technical", "contact_1", set[str]()),
    ],
)
def test_a_call_without_a_number_holds_no_rescue_back(event: str, first: str, absent: set[str]) -> None:
    """A step that cannot be done is absent; what «nobody answered» leads to comes at once."""
    whole = subscribed(parse_steps(all_built_in()[event]), set())
    kept = without_site_call(whole)
    assert {step.key for step in whole} - {step.key for step in kept} == absent
    assert progress(kept, {}).current[0] == first
    assert without_site_call(kept) == kept
    assert parse_steps([dump_step(step) for step in kept]) == kept
