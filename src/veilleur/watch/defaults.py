"""The built-in classification: priorities of practice P8, families of P3, exceptions by code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from veilleur.protocols.codes import Nature
from veilleur.protocols.events import Category

INTRUSION, FIRE, PERSON, TECHNICAL, SERVICE = "intrusion", "fire", "person", "technical", "service"

FAMILY: Mapping[Category, str] = MappingProxyType(
    {
        Category.INTRUSION: INTRUSION,
        Category.TAMPER: INTRUSION,
        Category.PATH: INTRUSION,
        Category.OPEN_CLOSE: INTRUSION,
        Category.ACCESS: INTRUSION,
        Category.FIRE: FIRE,
        Category.GAS: FIRE,
        Category.HOLD_UP: PERSON,
        Category.DURESS: PERSON,
        Category.PANIC: PERSON,
        Category.MEDICAL: PERSON,
        Category.PERSONAL: PERSON,
        Category.WATER: TECHNICAL,
        Category.ENVIRONMENT: TECHNICAL,
        Category.TECHNICAL: TECHNICAL,
        Category.POWER: TECHNICAL,
        Category.COMMUNICATION: TECHNICAL,
        Category.TEST: TECHNICAL,
        Category.BYPASS: TECHNICAL,
        Category.UNKNOWN: SERVICE,
    }
)
"""P3: intrusion + tamper + line; fire; person; technical. What we could not understand stays by itself."""

ARMED, DISARMED = 2, 4
"""Tamper and the loss of all paths: while armed, while disarmed (P8)."""

ALARM: Mapping[Category, int] = MappingProxyType(
    {
        Category.HOLD_UP: 1,
        Category.DURESS: 1,
        Category.PANIC: 1,
        Category.PERSONAL: 1,
        Category.MEDICAL: 1,
        Category.GAS: 1,
        Category.FIRE: 2,
        Category.UNKNOWN: 2,
        Category.INTRUSION: 3,
        Category.WATER: 3,
        Category.ENVIRONMENT: 3,
        Category.TECHNICAL: 3,
        Category.OPEN_CLOSE: 4,
        Category.ACCESS: 4,
    }
)
FAULT: Mapping[Category, int] = MappingProxyType(
    {Category.COMMUNICATION: 5, Category.PATH: 5, Category.TEST: 5, Category.BYPASS: 5}
)
INFORMATION: Mapping[Category, int] = MappingProxyType(
    {Category.OPEN_CLOSE: 8, Category.ACCESS: 9, Category.TECHNICAL: 9, Category.POWER: 9, Category.TEST: 10}
)
OTHER_ALARM, OTHER_FAULT, OTHER_INFORMATION = 3, 6, 7

CONFIRMED: Mapping[Category, int] = MappingProxyType({Category.INTRUSION: 2, Category.FIRE: 1})
"""Two different points, or a code that says so."""

_CONFIRMED: Mapping[str, Any] = {"confirmed": True}
_TAMPER_LIKE: Mapping[str, Any] = {"category": "tamper", "nature": "alarm"}

CODES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "139": _CONFIRMED,
        "BV": _CONFIRMED,
        "BM": _CONFIRMED,
        "XM": _CONFIRMED,
        "FM": _CONFIRMED,
        # A jammed radio hides what comes next: judged as tamper, never cleared by its restore.
        "344": _TAMPER_LIKE,
        "XQ": _TAMPER_LIKE,
        "157": {
            "category": "technical",
            "nature": "fault",
            "priority": 5,
        },  # a bottle to change, no gas in the air
        "138": {"priority": 4},
        "374": {"priority": 4},  # exit errors: somebody left badly
        "457": {"priority": 4},
        "EA": {"priority": 4},
        "EE": {"priority": 4},
        "461": {"priority": 4},  # one wrong code; repeated ones (JA) are tamper
        "423": {"priority": 3},
        "643": {"priority": 3},
        "DF": {"priority": 3},
        "302": {"priority": 5},
        "309": {"priority": 5},
        "311": {"priority": 5},
        "YT": {"priority": 5},
        "YM": {"priority": 5},
        "373": {"priority": 5},  # a fire or hold-up point that no longer works
        "375": {"priority": 5},
        "376": {"priority": 5},
        "FT": {"priority": 5},
        "HT": {"priority": 5},
        "PT": {"priority": 5},
    }
)
"""Exceptions of the dialects' tables (Contact ID digits, SIA letters: the two never meet)."""


def priority_of(category: Category, nature: Nature, *, armed: bool) -> int:
    """The priority of practice P8, 1 (highest) to 10."""
    if nature is Nature.INFORMATION:
        return INFORMATION.get(category, OTHER_INFORMATION)
    if category is Category.TAMPER and nature is Nature.ALARM:
        return ARMED if armed else DISARMED
    if nature is Nature.FAULT:
        return FAULT.get(category, OTHER_FAULT)
    return ALARM.get(category, OTHER_ALARM)
