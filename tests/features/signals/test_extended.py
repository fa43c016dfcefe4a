"""What a frame carried beside its event, as a reader sees it: its place, its hour, its text; never a key."""

from __future__ import annotations

from typing import Any

from veilleur.features.signals.extended import details_of, noticed, told_details
from veilleur.locale.render import catalogue


def told(**extended: str) -> dict[str, str]:
    return {each.code: each.value for each in details_of(extended)}


def test_the_place_is_one_position_in_decimal_degrees_with_what_the_panel_wrote() -> None:
    assert told(X="093W23.456", Y="45N23.456", Z="123.2M") == {
        "position": "45.39093, -93.39093 (45N23.456 093W23.456)",
        "Z": "123.2 m",
    }


def test_half_a_place_or_one_that_is_none_stays_as_it_came() -> None:
    assert told(X="093W23.456") == {"X": "093W23.456"}
    for x, y in (
        ("193W00", "45N00"),
        ("093W60.0", "45N00"),
        ("093W00", "91N00"),
        ("ici", "là"),
        ("093w1", "1N1"),
    ):
        assert told(X=x, Y=y) == {"X": x, "Y": y}


def test_the_hour_is_the_panels_own() -> None:
    assert told(H="13:59:58,12-31-2012") == {"H": "31/12/2012 13:59:58"}
    assert told(H="25:00:00,12-31-2012") == {"H": "25:00:00,12-31-2012"}


def test_a_key_is_never_shown_nor_its_length_and_our_own_keys_are_none_of_it() -> None:
    assert told(K="0123456789abcdef", late="2026-11-23T02:00:00+00:00", many="2026-1") == {"K": "****"}


def test_what_one_needs_first_stands_first_and_a_repeated_field_is_told_each_time() -> None:
    found = details_of(
        {"M": "0026b9e4268b", "V": "https://a.example/1\nhttps://a.example/2", "I": "bris", "$P": "z"}
    )
    assert [(each.code, each.value) for each in found] == [
        ("I", "bris"), ("V", "https://a.example/1"), ("V", "https://a.example/2"), ("M", "0026b9e4268b"), ("$P", "z"),
    ]  # fmt: skip


def test_a_stored_signal_without_any() -> None:
    events: list[dict[str, Any]] = [{"category": "intrusion", "extended": {}}]
    assert told_details(events) == []
    assert told_details([]) == []


def test_a_clock_is_told_beyond_a_few_seconds() -> None:
    assert [noticed(each) for each in (None, 0.0, -4.9, 86_400.0, -7.5)] == [None, None, None, 86_400.0, -7.5]


def test_every_field_of_the_standard_has_its_word() -> None:
    for language in ("fr", "en"):
        words = catalogue(language, "vocabulary")["extended_field"]
        assert set("ABCEGHIJKLMNOPRSTVXYZ") | {"$P", "position"} <= set(words)
