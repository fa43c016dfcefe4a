"""What decide() answers: plain facts to be applied, in order, by `apply.py` or in thought by `project.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Point:
    """The point of a dossier that an event speaks of (key: see docs/design/decide.md)."""

    key: str
    label: str
    category: str
    area: str | None = None
    zone: tuple[int, str] | None = None
    """(panel, canonical number) of its zone."""


@dataclass(frozen=True)
class Open:
    """Open a dossier."""

    group: str
    family: str
    category: str
    priority: int
    needs_operator: bool
    procedure: str
    take: int
    act: int
    headline: Mapping[str, Any]
    point: Point | None = None
    duress: bool = False
    linked_id: int | None = None

    @property
    def marks(self) -> tuple[str, ...]:
        """The marks of its headline."""
        return tuple(self.headline.get("marks", ()))


@dataclass(frozen=True)
class Join:
    """Add an alarm to an open dossier. `ring`: why it rings again (réveil), null if it does not."""

    incident_id: int
    role: str
    point: Point | None
    ring: str | None = None
    priority: int | None = None
    limits: Mapping[str, int] | None = None
    marks: tuple[str, ...] = ()
    warn_agent: bool = False
    duress: bool = False


@dataclass(frozen=True)
class Attach:
    """Show an event in an open dossier without ringing: role restore | arming | info."""

    incident_id: int
    role: str


@dataclass(frozen=True)
class WarnAgent:
    """Somebody may be inside: the agent of this dossier is told of what another one received."""

    incident_id: int


@dataclass(frozen=True)
class PointBack:
    """A point of a dossier is back to normal, by restore or by arming (P5)."""

    incident_id: int
    key: str
    by: str


@dataclass(frozen=True)
class CloseItself:
    """A dossier that nobody needs to handle any more: outcome restored | disarmed_in_time | path_back."""

    incident_id: int
    outcome: str


@dataclass(frozen=True)
class NewZone:
    """A point that is not in the file speaks for the first time."""

    panel_id: int
    number: str
    shown: str
    area: str | None
    name: str | None
    kind: str | None


@dataclass(frozen=True)
class ZoneState:
    """The state of a point: normal | alarm | fault | bypassed."""

    panel_id: int
    number: str
    state: str


@dataclass(frozen=True)
class AreaState:
    """An area is armed or disarmed; `by` is the user number as sent."""

    number: str
    armed: bool
    partial: bool
    by: str | None


@dataclass(frozen=True)
class PathState:
    """A path is up or lost."""

    path_id: int
    state: str


@dataclass(frozen=True)
class TestNote:
    """Noted in the list of a running test, not treated."""

    __test__ = False

    test_id: int
    point: Point
    qualifier: str


@dataclass(frozen=True)
class BrokeThrough:
    """What a running test did not keep quiet: in its list too, with the dossier just opened or joined."""

    test_id: int
    point: Point


@dataclass(frozen=True)
class Noted:
    """Written down and not treated, with why: connecting | terminated | many_paths."""

    reason: str
    params: Mapping[str, Any] = field(default_factory=dict)


Decision = (
    Open
    | Join
    | Attach
    | WarnAgent
    | PointBack
    | CloseItself
    | NewZone
    | ZoneState
    | AreaState
    | PathState
    | TestNote
    | BrokeThrough
    | Noted
)
