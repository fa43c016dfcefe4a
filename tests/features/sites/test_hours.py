"""A schedule knows the hour on the site's wall clock: nights, changes of clock, edges; consignes say why not."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from veilleur.features.sites.holidays import easter, holidays, is_working_day, noon_of_next_working_day
from veilleur.features.sites.hours import parse_clock, periods, within
from veilleur.features.sites.model import InstructionView, canonical_number, judged

PARIS = "Europe/Paris"
NIGHT = [{"days": [1], "from": "22:00", "to": "06:00"}]  # lundi 22 h–6 h
TUESDAY = [{"days": [2], "from": "02:00", "to": "03:00"}]


def at(text: str, zone: str = PARIS, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("schedule", "moment", "expected"),
    [
        ([], "2026-11-23 03:14", True),  # aucune heure dite: toujours
        (TUESDAY, "2026-11-23 02:30", False),  # lundi
        (TUESDAY, "2026-11-24 02:00", True),  # mardi, le début compte
        (TUESDAY, "2026-11-24 02:59", True),
        (TUESDAY, "2026-11-24 03:00", False),  # la fin ne compte pas
        (NIGHT, "2026-11-23 21:59", False),
        (NIGHT, "2026-11-23 22:00", True),
        (NIGHT, "2026-11-24 05:59", True),  # mardi matin appartient à la nuit de lundi
        (NIGHT, "2026-11-24 06:00", False),
        (NIGHT, "2026-11-24 22:30", False),  # mardi soir non
        (NIGHT, "2026-11-23 02:00", False),  # lundi matin appartient à dimanche
        ([{"days": [7], "from": "22:00", "to": "06:00"}], "2026-11-23 02:00", True),
        ([{"from": "00:00", "to": "24:00"}], "2026-11-23 23:59", True),  # jour entier
        ([{"days": [1], "from": "00:00", "to": "00:00"}], "2026-11-24 00:00", False),
        ([{"days": [1], "from": "09:00", "to": "09:00"}], "2026-11-24 08:59", True),  # 24 h depuis lundi 9 h
        ([{"days": [1], "from": "08:00", "to": "12:00"}, {"days": [1], "from": "14:00", "to": "18:00"}],
         "2026-11-23 13:00", False),
        # 29 mars 2026: 2 h n'existe pas; 25 octobre: 2 h existe deux fois
        ([{"days": [7], "from": "02:00", "to": "03:00"}], "2026-03-29 03:00", False),
        ([{"days": [7], "from": "01:30", "to": "03:30"}], "2026-03-29 03:15", True),
        ([{"days": [7], "from": "02:00", "to": "03:00"}], "2026-10-25 02:30", True),
    ],
)  # fmt: skip
def test_a_schedule_on_the_wall_clock(schedule, moment, expected):
    assert within(periods(schedule), at(moment), PARIS) is expected


def test_the_hour_that_comes_twice_is_covered_twice():
    schedule = periods([{"days": [7], "from": "02:00", "to": "03:00"}])
    first, second = at("2026-10-25 02:30"), at("2026-10-25 02:30", fold=1)
    assert (second - first).total_seconds() == 3600
    assert within(schedule, first, PARIS)
    assert within(schedule, second, PARIS)


def test_the_zone_is_the_site_s():
    schedule = periods([{"days": [1], "from": "08:00", "to": "09:00"}])
    moment = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
    assert within(schedule, moment, "America/Martinique")
    assert not within(schedule, moment, PARIS)


@pytest.mark.parametrize("text", ["", "8", "25:00", "8:60", "08:5", "-1:00", "8h30", "24:01", "०८:३०x"])
def test_what_is_no_hour_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  # the importer names it
        parse_clock(text)


def instruction(schedule=(), begins=None, ends=None) -> InstructionView:
    return InstructionView(
        1,
        "permanent",
        "x",
        periods(schedule),
        at(begins) if begins else None,
        at(ends) if ends else None,
        None,
        False,
    )


@pytest.mark.parametrize(
    ("view", "moment", "verdict"),
    [
        (instruction(), "2026-11-23 03:14", (True, None)),
        (
            instruction(TUESDAY),
            "2026-11-23 03:14",
            (False, "hours"),
        ),  # «mardi 2 h–3 h; nous sommes lundi 03:14»
        (instruction(TUESDAY), "2026-11-24 02:40", (True, None)),
        (instruction(begins="2026-11-24 00:00"), "2026-11-23 23:59", (False, "later")),
        (instruction(begins="2026-11-24 00:00"), "2026-11-24 00:00", (True, None)),
        (instruction(ends="2026-11-24 00:00"), "2026-11-23 23:59", (True, None)),
        (instruction(ends="2026-11-24 00:00"), "2026-11-24 00:00", None),  # expirée: elle n'est plus là
        (instruction(TUESDAY, ends="2026-11-24 02:30"), "2026-11-24 02:40", None),
    ],
)
def test_a_consigne_says_whether_it_applies(view, moment, verdict):
    found = view.judge(at(moment), PARIS)
    assert (found and (found.applies, found.reason)) == verdict


def test_the_consignes_that_apply_come_first():
    rows = [instruction(TUESDAY), instruction(ends="2026-11-23 00:00"), instruction()]
    (first, one), (second, other) = judged(rows, at("2026-11-23 03:14"), PARIS)
    assert (first, second) == (rows[2], rows[0])
    assert (one.applies, other.applies) == (True, False)
    assert other.params["days"] == ["2"]
    assert (other.params["from"], other.params["to"], other.params["hour"]) == ("02:00", "03:00", "03:14")


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2024, "03-31"),
        (2025, "04-20"),
        (2026, "04-05"),
        (2027, "03-28"),
        (2038, "04-25"),
        (1818, "03-22"),
        (2000, "04-23"),
    ],
)
def test_easter(year, day):
    assert easter(year).isoformat() == f"{year}-{day}"


def test_the_eleven_holidays_of_2026():
    assert sorted(day.isoformat() for day in holidays(2026)) == [
        "2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25", "2026-07-14", "2026-08-15",
        "2026-11-01", "2026-11-11", "2026-12-25",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "expires"),
    [
        ("2026-11-23 03:14", "2026-11-23 12:00"),  # lundi avant l'aube: le bureau ouvre dans quelques heures
        ("2026-11-23 22:00", "2026-11-24 12:00"),
        ("2026-11-23 08:00", "2026-11-24 12:00"),  # le bureau est ouvert: jour ouvré suivant
        ("2026-11-20 23:00", "2026-11-23 12:00"),  # vendredi soir
        ("2026-11-21 03:00", "2026-11-23 12:00"),  # samedi
        ("2026-04-04 20:00", "2026-04-07 12:00"),  # veille de Pâques: lundi férié
        ("2026-12-24 22:00", "2026-12-28 12:00"),
        ("2026-12-31 22:00", "2027-01-04 12:00"),
        ("2026-05-07 21:00", "2026-05-11 12:00"),  # pont du 8 mai, un vendredi
        ("2026-10-24 23:00", "2026-10-26 12:00"),  # changement d'heure entre les deux
    ],
)
def test_a_night_change_expires_at_noon_of_the_next_working_day(moment, expires):
    assert noon_of_next_working_day(at(moment), PARIS) == at(expires)


def test_working_days():
    assert not is_working_day(at("2026-11-22 12:00").date())
    assert not is_working_day(at("2026-11-11 12:00").date())
    assert is_working_day(at("2026-11-12 12:00").date())


@pytest.mark.parametrize(
    ("written", "compared"),
    [("015", "15"), ("15", "15"), ("000", "0"), ("0", "0"), (" 7 ", "7"), ("a1", "A1"), ("0A", "A")],
)
def test_numbers_compare_as_integers(written, compared):
    assert canonical_number(written) == compared
