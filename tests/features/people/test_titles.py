"""Which title lets a person hold which kind of post: the table of practice («Title by kind of post») and S4."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from veilleur.features.people.model import (
    TitleCard,
    TitleRefusedError,
    allowed_activities,
    slow_down,
    title_for_post,
)

TODAY = date(2026, 11, 23)
BOTH = frozenset({"remote_monitoring", "video"})


def card(**given: Any) -> TitleCard:
    facts: dict[str, Any] = {"id": 1, "kind": "card", "number": "CAR-1", "activities": BOTH}
    return TitleCard(**(facts | given))


CASES = [
    # cas, titre, genre de poste, motif du refus, règle
    ("carte sans date", card(), "both", None, None),
    ("dernier jour", card(expires_on=TODAY), "both", None, None),
    ("expirée hier", card(expires_on=date(2026, 11, 22)), "both", "expired", "R612-13"),
    ("délivrée il y a 5 ans", card(issued_on=date(2021, 11, 23)), "both", None, None),
    ("délivrée il y a 5 ans et un jour", card(issued_on=date(2021, 11, 22)), "both", "expired", "R612-13"),
    (
        "expirée, récépissé demandé à temps",
        card(expires_on=date(2026, 11, 1), renewal_receipt_on=date(2026, 7, 1)),
        "both",
        None,
        None,
    ),
    (
        "expirée, récépissé demandé après la fin",
        card(expires_on=date(2026, 11, 1), renewal_receipt_on=date(2026, 11, 2)),
        "both",
        "expired",
        "R612-13",
    ),
    ("suspendue malgré le récépissé", card(status="suspended"), "both", "suspended", "L612-20"),
    ("retirée", card(status="withdrawn"), "both", "withdrawn", "L612-20"),
    ("autorisation provisoire", card(kind="provisional"), "remote_monitoring", "provisional", "R612-20"),
    (
        "carte sans la vidéo",
        card(activities=frozenset({"remote_monitoring"})),
        "video",
        "wrong_activity",
        "R612-16",
    ),
    ("carte vidéo seule", card(activities=frozenset({"video"})), "both", "wrong_activity", "R612-16"),
    ("désignation du maire, vidéo", card(kind="designation"), "video", None, None),
    (
        "désignation du maire, télésurveillance",
        card(kind="designation"),
        "remote_monitoring",
        "wrong_activity",
        "R253-3",
    ),
    (
        "désignation expirée",
        card(kind="designation", expires_on=date(2026, 1, 1)),
        "video",
        "expired",
        "R253-3",
    ),
    ("agrément du préfet, vidéo", card(kind="agreement"), "video", None, None),
]


@pytest.mark.parametrize(
    ("title", "kind", "reason", "rule"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_title_by_kind_of_post(title: TitleCard, kind: str, reason: str | None, rule: str | None) -> None:
    if reason is None:
        assert title_for_post(kind, [title], TODAY) is title
        return
    with pytest.raises(TitleRefusedError) as refused:
        title_for_post(kind, [title], TODAY)
    assert refused.value.params["reason"] == reason
    assert refused.value.params["rule"] == rule


def test_no_title_at_all_is_missing() -> None:
    with pytest.raises(TitleRefusedError) as refused:
        title_for_post("remote_monitoring", [], TODAY)
    assert refused.value.params["reason"] == "missing"
    assert refused.value.params["number"] is None


def test_two_titles_may_serve_one_post_and_the_first_to_end_is_kept() -> None:
    security = card(id=1, activities=frozenset({"remote_monitoring"}), expires_on=date(2030, 1, 1))
    town = card(id=2, kind="designation", activities=frozenset({"video"}), expires_on=date(2027, 1, 1))
    assert title_for_post("both", [security, town], TODAY) is town
    assert allowed_activities([security, town], TODAY) == BOTH


def test_the_refusal_names_the_title_that_came_nearest() -> None:
    old = card(id=1, number="CAR-OLD", status="withdrawn")
    late = card(id=2, number="CAR-LATE", expires_on=date(2026, 11, 22))
    with pytest.raises(TitleRefusedError) as refused:
        title_for_post("video", [old, late], TODAY)
    assert refused.value.params["number"] == "CAR-LATE"
    assert refused.value.params["last_day"] == "2026-11-22"


def test_a_title_ends_at_the_centres_midnight() -> None:
    ends = card(expires_on=TODAY).ends_at(ZoneInfo("Europe/Paris"))
    assert ends == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)


def test_slow_down_grows_and_has_a_ceiling_but_never_locks() -> None:
    waits = [slow_down("login", n).total_seconds() for n in range(1, 12)]
    assert waits[:3] == [0, 0, 0]
    assert waits[3:8] == [1, 2, 4, 8, 16]
    assert max(slow_down("login", n).total_seconds() for n in (50, 10_000)) == 30
