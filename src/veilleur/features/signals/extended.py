"""What a frame carried beside its event (DC-09 §5.5.1.8), for a reader: in order of use, each value as one text. Pure.

A label is the word of the code in the vocabulary `extended_field`. Nothing here trusts a value: it is text, whoever wrote
it, and a place or an hour that cannot be read stays as the panel wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import BaseModel

#: What an operator needs first: the words, the place, the hour, where to verify. Others follow as the panel wrote them.
FIRST = ("I", "L", "position", "X", "Y", "Z", "S", "O", "R", "H", "V")

#: Seconds beyond which a panel's clock is told: it shows whole seconds, and a retry comes a few later.
NOTICED_DRIFT = 5.0

#: A key is never shown, nor how long it is.
MASKED = "****"

_LONGITUDE = re.compile(r"(\d{1,3})([EW])(\d{1,2}(?:\.\d{1,8})?)", re.ASCII)
_LATITUDE = re.compile(r"(\d{1,2})([NS])(\d{1,2}(?:\.\d{1,8})?)", re.ASCII)
_ALTITUDE = re.compile(r"(-?\d{1,6}(?:\.\d{1,4})?) ?M", re.ASCII)
_HOUR = "%H:%M:%S,%m-%d-%Y"


class Detail(BaseModel):
    """One thing told. `code`: in the vocabulary `extended_field`, or an identifier that it does not name."""

    code: str
    value: str


def details_of(extended: Mapping[str, str]) -> list[Detail]:
    """What a frame's extended data says; identifiers of our own signals are none of it."""
    told = {name: value for name, value in extended.items() if _of_a_panel(name)}
    found = _position(told)
    for name, value in told.items():
        # A repeated identifier has one value a line.
        found += [Detail(code=name, value=_shown(name, each)) for each in value.split("\n") if each.strip()]
    return sorted(found, key=lambda detail: _rank(detail.code))


def told_details(events: Iterable[Mapping[str, object]]) -> list[Detail]:
    """The same of a stored signal: every event of a frame carries the frame's own."""
    for event in events:
        extended = event.get("extended")
        if isinstance(extended, Mapping) and extended:
            return details_of(extended)
    return []


def noticed(drift: float | None) -> float | None:
    """A panel's drift in seconds when it is worth a word, else None."""
    return drift if drift is not None and abs(drift) > NOTICED_DRIFT else None


def _of_a_panel(name: str) -> bool:
    return len(name) == 1 or (len(name) == 2 and name[0] == "$")


def _rank(code: str) -> int:
    return FIRST.index(code) if code in FIRST else len(FIRST)


def _shown(name: str, value: str) -> str:
    text = value.strip()
    if name == "K":
        return MASKED
    if name == "H":
        return _hour(text)
    if name == "Z" and (found := _ALTITUDE.fullmatch(text)):
        return f"{found[1]} m"
    return text


def _hour(text: str) -> str:
    """As the panel's clock showed it, in the order of a French date."""
    try:
        return f"{datetime.strptime(text, _HOUR):%d/%m/%Y %H:%M:%S}"  # noqa: DTZ007 - the panel names no zone
    except ValueError:
        return text


def _position(told: dict[str, str]) -> list[Detail]:
    """Longitude and latitude together, in decimal degrees as any map takes them; taken out of what was told."""
    latitude = _degrees(_LATITUDE, told.get("Y", ""), 90)
    longitude = _degrees(_LONGITUDE, told.get("X", ""), 180)
    if latitude is None or longitude is None:
        return []
    written = f"{told.pop('Y').strip()} {told.pop('X').strip()}"
    return [Detail(code="position", value=f"{latitude:.5f}, {longitude:.5f} ({written})")]


def _degrees(form: re.Pattern[str], text: str, most: int) -> float | None:
    found = form.fullmatch(text.strip())
    if found is None or float(found[3]) >= 60:
        return None
    degrees = int(found[1]) + float(found[3]) / 60
    return None if degrees > most else degrees * (-1 if found[2] in "SW" else 1)
