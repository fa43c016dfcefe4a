"""The neutral event: what every protocol's payload becomes before anything decides about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Category(StrEnum):
    """What an event is about; the contract's list (ARCHITECTURE.md §7), closed."""

    INTRUSION = "intrusion"
    HOLD_UP = "hold_up"
    DURESS = "duress"
    FIRE = "fire"
    PANIC = "panic"
    MEDICAL = "medical"
    PERSONAL = "personal"
    TAMPER = "tamper"
    GAS = "gas"
    WATER = "water"
    ENVIRONMENT = "environment"
    TECHNICAL = "technical"
    POWER = "power"
    COMMUNICATION = "communication"
    PATH = "path"
    TEST = "test"
    OPEN_CLOSE = "open_close"
    ACCESS = "access"
    BYPASS = "bypass"
    UNKNOWN = "unknown"


class Qualifier(StrEnum):
    """`new`: an alarm, a fault, an opening. `restore`: its end, a closing. `status`: still present."""

    NEW = "new"
    RESTORE = "restore"
    STATUS = "status"


@dataclass(frozen=True)
class Event:
    """One event of a signal, whatever protocol carried it. Numbers are kept as the panel wrote them."""

    category: Category
    code: str
    qualifier: Qualifier
    area: str | None = None
    zone: str | None = None
    user: str | None = None
    text: str | None = None
    extended: Mapping[str, str] = field(default_factory=dict, hash=False)
