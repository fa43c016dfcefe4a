"""French working days: Monday to Friday, less the public holidays of the labour code (C. trav. L3133-1)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

#: (month, day) of the holidays that do not move.
FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
#: Days after Easter Sunday: Monday of Easter, Ascension, Monday of Pentecost.
AFTER_EASTER = (1, 39, 50)
#: A change made before this local hour is mended by the office the same day.
OFFICE_OPENS = time(8, 0)
NOON = time(12, 0)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The eleven public holidays of metropolitan France."""
    sunday = easter(year)
    moving = {sunday + timedelta(days=days) for days in AFTER_EASTER}
    return frozenset(moving | {date(year, month, day) for month, day in FIXED})


def is_working_day(day: date) -> bool:
    """Whether offices are open that day."""
    return day.isoweekday() <= 5 and day not in holidays(day.year)


def noon_of_next_working_day(now: datetime, zone: str) -> datetime:
    """When a provisional night change expires (practice: «noon of the next working day»), in UTC.

    Before 08:00 local, the day that is about to begin counts as the next one.
    """
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() < OFFICE_OPENS else local.date() + timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, NOON, ZoneInfo(zone)).astimezone(ZoneInfo("UTC"))
