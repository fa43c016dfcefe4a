"""Regimes and what follows from each: a table; authorisations; who sees which camera (need 11)."""

from __future__ import annotations

from datetime import date

import pytest

from veilleur.features.cameras.model import (
    PURPOSES,
    REGIMES,
    STAGES,
    Lens,
    below_floor,
    fault_priority,
    floor_of,
    home_open,
    kept_days,
    mask_problem,
    may_record,
    stage_of,
)
from veilleur.features.sites.importer.fields import Issue, Reading
from veilleur.features.sites.importer.form import CAMERA, PURPOSE
from veilleur.features.sites.importer.nodes import Scalar
from veilleur.kernel.ports import Perimeter, Reader, Scope
from veilleur.locale.render import catalogue
from veilleur.video.model import FAULT_KINDS

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("regime", "protected", "authorised", "sound", "always", "rounds", "activity"),
    [
        ("public_road", True, True, False, True, True, "video"),
        ("public_place", True, True, False, True, True, "video"),
        ("private", False, False, False, True, True, None),
        ("home", False, False, False, False, False, None),
    ],
)
def test_what_a_regime_asks(regime, protected, authorised, sound, always, rounds, activity) -> None:
    rule = REGIMES[regime]
    found = (rule.protected, rule.authorised, rule.sound, rule.always, rule.rounds, rule.activity)
    assert found == (protected, authorised, sound, always, rounds, activity)
    assert rule.references
    assert rule.most_days <= 30, "L252-5: a month at most"


def read_by_the_form(field, word):
    issues: list[Issue] = []
    return field(Scalar(1, word, plain=True), Reading("", issues)), issues


def test_the_import_knows_the_same_regimes_and_purposes() -> None:
    for word in REGIMES:
        assert read_by_the_form(CAMERA["regime"].read, word) == (word, [])
    for word in PURPOSES:
        assert read_by_the_form(PURPOSE, word) == (word, [])
    for reader, known in ((CAMERA["regime"].read, REGIMES), (PURPOSE, PURPOSES)):
        _, issues = read_by_the_form(reader, "nothing")
        assert issues[0].params["known"] == list(known)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_code_has_its_word(language) -> None:
    words = catalogue(language, "vocabulary")
    assert set(words["camera_regime"]) == set(REGIMES)
    assert set(words["camera_purpose"]) == set(PURPOSES)
    assert set(words["camera_fault"]) == set(FAULT_KINDS)
    assert {f"camera_{kind}" for kind in FAULT_KINDS} <= set(words["internal_code"])
    assert set(words["authorisation_stage"]) == set(STAGES)


@pytest.mark.parametrize(
    ("regime", "narrow", "size", "fps", "below"),
    [
        ("public_road", True, (704, 576), 12, False),
        ("public_road", True, (576, 704), 12, False),
        ("public_road", True, (640, 576), 12, True),
        ("public_road", True, (704, 576), 11.9, True),
        ("public_road", False, (352, 288), 6, False),
        ("public_road", False, (352, 240), 6, True),
        ("public_place", False, (352, 288), 5, True),
        ("public_place", False, (352, 288), 0, False),
        ("private", True, (160, 120), 1, False),
        ("home", True, (160, 120), 1, False),
    ],
)
def test_the_legal_floor(regime, narrow, size, fps, below) -> None:
    assert below_floor(floor_of(regime, narrow=narrow), *size, fps) is below


@pytest.mark.parametrize(
    ("camera", "authorised", "kept"), [(30, 15, 15), (7, 15, 7), (30, None, 30), (90, None, 30), (90, 40, 30)]
)
def test_retention_is_capped(camera, authorised, kept) -> None:
    for regime in REGIMES:
        assert kept_days(regime, camera, authorised) == kept


@pytest.mark.parametrize(
    ("expires", "stage"),
    [
        (date(2028, 1, 1), "running"),
        (date(2027, 11, 24), "running"),
        (date(2027, 11, 23), "12_months"),
        (date(2027, 5, 24), "12_months"),
        (date(2027, 5, 23), "6_months"),
        (date(2027, 3, 23), "4_months"),
        (date(2026, 12, 14), "4_months"),
        (date(2026, 12, 13), "20_days"),
        (date(2026, 11, 23), "20_days"),
        (date(2026, 11, 22), "ended"),
    ],
)
def test_the_stages_of_an_authorisation(expires, stage) -> None:
    assert stage_of(expires, DAY) == stage


def test_who_may_film() -> None:
    assert may_record("public_road", DAY, DAY)
    assert not may_record("public_road", date(2026, 11, 22), DAY)
    assert not may_record("public_place", None, DAY)
    assert may_record("private", None, DAY)
    assert may_record("home", None, DAY)


@pytest.mark.parametrize(
    ("alarm", "armed", "consent", "shown"),
    [
        (False, False, False, False),
        (True, False, False, False),
        (False, True, False, False),
        (True, True, False, True),
        (False, False, True, True),
    ],
)
def test_a_home_shows_nothing_without_an_alarm_or_a_consent(alarm, armed, consent, shown) -> None:
    assert home_open("home", alarm=alarm, armed=armed, consent=consent) is shown
    assert home_open("private", alarm=alarm, armed=armed, consent=consent)


def reader(*roles: str, video: bool = True, **perimeter) -> Reader:
    return Reader(
        1,
        "Test",
        frozenset(roles),
        Perimeter(**{key: frozenset(value) for key, value in perimeter.items()}),
        activities=frozenset({"video"} if video else ()),
    )


def lens(regime: str = "public_road", live=("operator", "lead"), recorded=("lead",)) -> Lens:
    return Lens(regime, frozenset(live), frozenset(recorded), Scope(customer_id=1, commune="99001"))


@pytest.mark.parametrize(
    ("who", "regime", "kind", "refused", "there"),
    [
        (reader("operator"), "public_road", "live", None, True),
        (reader("operator"), "public_road", "recorded", "camera_role", True),
        (reader("operator"), "public_road", "lifted", "camera_role", True),
        (reader("lead"), "public_road", "recorded", None, True),
        (reader("lead"), "public_road", "lifted", None, True),
        (reader("operator", video=False), "public_road", "live", "camera_title", False),
        (reader("operator", video=False), "public_place", "live", "camera_title", False),
        (reader("operator", video=False), "private", "live", None, True),
        (reader("operator", communes={"99001"}), "public_road", "live", None, True),
        (reader("operator", communes={"99002"}), "public_road", "live", "camera_outside", False),
        (reader("operator", customers={2}), "public_road", "live", "camera_outside", False),
        (reader("lead", communes={"99002"}), "private", "live", "camera_outside", False),
        (reader("administrator", video=False), "public_road", "live", "camera_title", True),
        (reader("auditor", video=False), "public_road", "recorded", "camera_title", True),
        (reader("auditor", video=False, communes={"99002"}), "public_road", "recorded", "camera_outside", False),
        (reader("administrator"), "public_road", "live", "camera_role", True),
    ],
)  # fmt: skip
def test_who_sees_which_camera(who, regime, kind, refused, there) -> None:
    assert lens(regime).refused(who, kind) == refused
    assert lens(regime).admits(who) is there


def polygon(*corners):
    return [{"x": x, "y": y} for x, y in corners]


@pytest.mark.parametrize(
    ("corners", "problem"),
    [
        ([(0, 0), (1, 0), (1, 1)], None),
        ([(0, 0), (1, 0)], "too_few"),
        ([(0, 0), (1, 0), (1, 1.01)], "outside"),
        ([(0, 0), (0.5, 0), (1, 0)], "flat"),
        ([(0, 0), (1, 0), (1, 1)] * 40, "too_many"),
        ([(float("nan"), 0), (1, 0), (1, 1)], "outside"),
    ],
)
def test_a_mask_that_cannot_be_drawn(corners, problem) -> None:
    assert mask_problem(polygon(*corners)) == problem


def test_how_urgent_faults_are() -> None:
    urgent = {kind for kind in FAULT_KINDS if fault_priority(kind) == 3}
    assert urgent == {"mask_lost", "unauthorised"}
    assert {fault_priority(kind) for kind in FAULT_KINDS} == {3, 5}
