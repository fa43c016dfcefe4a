"""The DC-09 timestamp `HH:MM:SS,MM-DD-YYYY` (§5.5.1.9): UTC by the standard, local time in the field."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

_FORMAT = "%H:%M:%S,%m-%d-%Y"
_SHAPE = re.compile(r"\d{2}:\d{2}:\d{2},\d{2}-\d{2}-\d{4}", re.ASCII)

# DC-09-2026 §5.5.1.9: message time minus receiver time, in seconds.
STANDARD_WINDOW = (-40.0, 20.0)


class TimePolicy(StrEnum):
    """How a panel's clock is read (per panel): UTC as the standard says, its site's local time
    (pysiaalarm PR #27), or not tested at all (pysiaalarm #14: Ajax sends late)."""

    STANDARD = "standard"
    LOCAL = "local"
    IGNORE = "ignore"


def format_timestamp(moment: datetime) -> str:
    """An aware datetime as DC-09 text, in UTC, without the underscore."""
    return moment.astimezone(UTC).strftime(_FORMAT)


def parse_timestamp(text: str, policy: TimePolicy, timezone: tzinfo, now: datetime) -> datetime | None:
    """The moment a panel wrote, aware and in UTC, or None when the text is no time.

    A local time that an hour's change makes double is read as the one nearest to `now`.
    """
    if not _SHAPE.fullmatch(text):
        return None
    try:
        naive = datetime.strptime(text, _FORMAT)  # noqa: DTZ007 - the zone is the panel's, set just below
        if policy is not TimePolicy.LOCAL:
            return naive.replace(tzinfo=UTC)
        readings = [naive.replace(tzinfo=timezone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    except (ValueError, OverflowError):
        return None
    return min(readings, key=lambda moment: abs((moment - now).total_seconds()))
