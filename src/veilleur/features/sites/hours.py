"""Weekly hours, read on the wall clock of the site's zone: when a contact answers, when a consigne applies.

A period is `{days: [1..7], from: "HH:MM", to: "HH:MM"}` (1 is Monday). It belongs to the day on which it
begins: «lundi 22 h–6 h» covers Tuesday 02:00. Equal ends mean a whole day. Membership is judged on local wall
time, so that when clocks go back an hour is covered twice, and when they go forward the missing hour covers
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

ALL_DAYS = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class Period:
    """A weekly stretch of local time; `start == end` covers 24 hours from `start`."""

    days: frozenset[int]
    start: time
    end: time

    def covers(self, local: datetime) -> bool:
        """Whether a local wall time is inside, the start included, the end excluded."""
        today, hour = local.isoweekday(), local.time().replace(tzinfo=None)
        yesterday = (today - 2) % 7 + 1
        if self.start < self.end:
            return today in self.days and self.start <= hour < self.end
        return (today in self.days and hour >= self.start) or (yesterday in self.days and hour < self.end)

    def as_json(self) -> dict[str, Any]:
        """The form rows and the API hold."""
        return {"days": sorted(self.days), "from": f"{self.start:%H:%M}", "to": f"{self.end:%H:%M}"}


def parse_clock(text: str) -> time:
    """`HH:MM` (24:00 is the end of the day, 00:00); raises ValueError."""
    hours, _, minutes = text.partition(":")
    if not (hours.isdecimal() and minutes.isdecimal() and len(hours) <= 2 and len(minutes) == 2):
        raise ValueError(f"not a time of day: {text}")
    if text == "24:00":
        return time(0, 0)
    return time(int(hours), int(minutes))


def period(row: Mapping[str, Any]) -> Period:
    """A period from its JSON form; no days means every day."""
    days = frozenset(int(day) for day in row.get("days") or ALL_DAYS)
    return Period(days, parse_clock(row["from"]), parse_clock(row["to"]))


def periods(rows: Iterable[Mapping[str, Any]]) -> tuple[Period, ...]:
    """A whole schedule from its JSON form."""
    return tuple(period(row) for row in rows)


def within(schedule: Iterable[Period], now: datetime, zone: str) -> bool:
    """Whether an instant falls in a schedule; an empty schedule covers all hours."""
    rows = tuple(schedule)
    local = now.astimezone(ZoneInfo(zone))
    return not rows or any(row.covers(local) for row in rows)
