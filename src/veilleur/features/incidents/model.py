"""What a new dossier and a joining signal are made of (docs/design/decide.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class SignalRef:
    """Which event of which signal. `at`: received_at, UTC: ages run from it. `event_index` counts from 0.

    `role`: opened | joined | new_point | restore | arming | during_presence | info.
    """

    signal_id: int
    event_index: int
    at: datetime
    role: str


@dataclass(frozen=True)
class PointRef:
    """A point of a dossier. `key`: «zone:<panel>:<number>» (watch/points.py), «area:<number>», «path:<id>», «panel:<id>»."""

    key: str
    label: str
    category: str
    area: str | None
    zone_id: int | None


@dataclass(frozen=True)
class Opening:
    """All that a new dossier needs to know. `limits`: seconds, {take, act}, see limits.py.

    `needs_operator` False: a silent dossier, which neither rings nor has an «untaken» limit.
    """

    site_id: int
    group: str
    family: str
    category: str
    priority: int
    needs_operator: bool
    procedure_event: str
    limits: Mapping[str, int]
    headline: Mapping[str, Any]
    duress: bool = False
    linked_id: int | None = None
    at: datetime | None = None
    """When it began, where no signal says so: an événement runs from its first key. None: now."""
