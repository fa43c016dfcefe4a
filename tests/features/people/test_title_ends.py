"""Duty S4: the end of a title is told 6, 4 and 3 months before, once each; corrections and their review."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from tests.features.people.conftest import Room
from tests.features.people.test_accounts import do, last_words
from veilleur.features.people import commands
from veilleur.features.people.accounts import ending_titles
from veilleur.features.people.model import TitleCard, months_before
from veilleur.features.people.queries import titles_of
from veilleur.features.people.titles import CardWithoutEndError
from veilleur.kernel.errors import NothingToReviewError

END = date(2027, 8, 31)


def at(room: Room, day: date) -> None:
    """The clock stands at noon of that day."""
    room.clock.advance((datetime.combine(day, time(12), UTC) - room.clock.now()).total_seconds())


def warn(room: Room) -> list[int]:
    return do(room, commands.warn_of_title_ends)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2027, 8, 31), 6, date(2027, 2, 28)),  # no 31st of February
        (date(2028, 8, 31), 6, date(2028, 2, 29)),
        (date(2027, 3, 15), 3, date(2026, 12, 15)),
        (date(2027, 1, 1), 4, date(2026, 9, 1)),
    ],
)
def test_months_before(day: date, months: int, then: date) -> None:
    assert months_before(day, months) == then


def test_each_of_the_three_is_told_once(room: Room) -> None:
    room.user("anna", expires_on=END)
    said: list[tuple[date, str]] = []
    day = months_before(END, 6) - timedelta(days=2)
    while day <= END + timedelta(days=3):
        at(room, day)
        if warn(room):
            said.append((day, last_words(room)))
        assert warn(room) == []  # and not twice the same day
        day += timedelta(days=1)
    assert [day for day, _ in said] == [months_before(END, months) for months in (6, 4, 3)]
    assert "Anna" in said[0][1]
    assert "dans moins de 6 mois" in said[0][1]
    assert "R612-17" in said[0][1]
    assert "dans moins de 3 mois" in said[2][1]


def test_a_title_first_seen_late_is_told_once_at_the_nearest(room: Room) -> None:
    at(room, END - timedelta(days=20))
    room.user("anna", expires_on=END)
    assert len(warn(room)) == 1
    said = last_words(room)
    assert "dans moins de 3 mois" in said
    assert "R612-17" not in said  # too late to ask in time
    assert warn(room) == []


def test_a_receipt_a_later_card_a_withdrawal_or_a_leaver_are_not_warned_of(room: Room) -> None:
    room.user("chief", "administrator", card=False)
    people = {login: room.user(login, expires_on=END) for login in ("receipt", "later", "withdrawn", "gone")}
    at(room, END - timedelta(days=100))

    def title(login: str) -> TitleCard:
        with room.database.read() as session:
            return titles_of(session, people[login])[0]

    do(room, commands.record_receipt, title("receipt").id, END - timedelta(days=110))
    do(
        room,
        commands.grant_title,
        people["later"],
        kind="card",
        number="CAR-new",
        activities=["remote_monitoring"],
        expires_on=date(2032, 8, 31),
    )
    do(room, commands.set_title_status, title("withdrawn").id, "withdrawn", "décision du CNAPS")
    do(room, commands.disable_user, people["gone"], "départ")
    assert warn(room) == []
    with room.database.read() as session:
        assert ending_titles(session, room.clock.now()) == []


def test_a_later_title_without_the_activity_does_not_take_over(room: Room) -> None:
    anna = room.user("anna", expires_on=END)
    at(room, END - timedelta(days=10))
    do(
        room,
        commands.grant_title,
        anna,
        kind="card",
        number="CAR-video",
        activities=["video"],
        expires_on=date(2032, 8, 31),
    )
    assert len(warn(room)) == 1
    with room.database.read() as session:
        (told,) = ending_titles(session, room.clock.now())
    assert (told.number, told.months_left, told.last_day) == ("CAR-anna", 3, END)


def test_a_correction_keeps_its_proof_and_is_reviewed_once(room: Room) -> None:
    anna = room.user("anna", expires_on=date(2026, 1, 1))
    with room.database.read() as session:
        title = titles_of(session, anna)[0].id
    with pytest.raises(NothingToReviewError):
        do(room, commands.review_title, title)
    do(
        room,
        commands.correct_title,
        title,
        number="CAR-anna",
        issued_on=None,
        expires_on=date(2031, 1, 1),
        activities=["remote_monitoring"],
        proof="carte vue, téléservice interrogé à 21 h 10",
    )
    do(room, commands.review_title, title, note="vu avec le CNAPS", own=True)
    assert last_words(room).endswith("Anna, n° CAR-anna – son propre geste – remarque : vu avec le CNAPS")
    with pytest.raises(NothingToReviewError):
        do(room, commands.review_title, title)
    do(room, commands.undo_title_review, title)
    do(room, commands.review_title, title)
    with room.database.read() as session:
        assert titles_of(session, anna)[0].last_day == date(2031, 1, 1)


@pytest.mark.parametrize("end", [{"expires_on": date(2031, 1, 1)}, {"issued_on": date(2026, 1, 1)}])
def test_a_card_has_an_end_or_the_day_it_was_issued(room: Room, end: dict[str, date]) -> None:
    """R612-13: five years. Without either it would be valid for ever; a mayor's designation has no such end."""
    anna = room.user("anna", card=None)
    given: dict[str, Any] = {"number": "CAR-9", "activities": ["remote_monitoring"]}
    with pytest.raises(CardWithoutEndError):
        do(room, commands.grant_title, anna, kind="card", **given)
    made = do(room, commands.grant_title, anna, kind="card", **given, **end)
    none: dict[str, Any] = {"issued_on": None, "expires_on": None, "proof": "carte vue"}
    with pytest.raises(CardWithoutEndError):
        do(room, commands.correct_title, made, **given, **none)
    do(room, commands.grant_title, anna, kind="designation", number="2026-1", activities=["video"])
