"""What decide() reads beside the site's file (`features.sites.model.SiteView`): open dossiers, one event, rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from veilleur.features.sites.model import CodeRule, SiteView
from veilleur.protocols.events import Category, Event

ENGAGED = frozenset({"asked", "accepted", "on_the_way", "held", "on_site", "finding"})
"""States of an intervention in which somebody may be on the way or inside."""

PRESENT = frozenset({"on_site", "finding"})
"""States of an intervention in which the agent has declared to be on site."""

WHOLE = "0"
"""The area number of panels that say «000»: the whole system."""


@dataclass(frozen=True)
class Rules:
    """Settings of the centre that decide() obeys. Durations in seconds."""

    take_urgent: int = 30
    act_urgent: int = 60
    take: int = 90
    act: int = 120
    take_fault: int = 900
    act_fault: int = 1_800
    confirm: int = 3600
    """Two different points within it make a confirmed alarm."""
    entry_delay: int = 60
    """How long after the alarm a disarming may clear it by itself, where the contract allows it (P2)."""
    late_close: int = 900
    """Tolerance after the hour before an area still open is «non mise en service»."""
    codes: tuple[CodeRule, ...] = ()
    """Exceptions of the whole centre."""


DEFAULT_RULES = Rules()


@dataclass(frozen=True)
class PointView:
    """A point of a dossier."""

    key: str
    category: str
    area: str | None
    first_at: datetime
    last_at: datetime
    zone_id: int | None = None
    normal: bool = False


@dataclass(frozen=True)
class IncidentView:
    """An open dossier as decide() sees it. `agent`: state of its running intervention, null if none."""

    id: int
    group: str
    family: str
    category: str
    priority: int
    opened_at: datetime
    state: str = "new"
    points: tuple[PointView, ...] = ()
    agent: str | None = None
    clears_by_restore: bool = False
    clears_by_disarm: bool = False
    entry_delay: int = 60
    marks: tuple[str, ...] = ()

    def point(self, key: str) -> PointView | None:
        """The point with this key, if the dossier knows it."""
        return next((p for p in self.points if p.key == key), None)


@dataclass(frozen=True)
class Heard:
    """One event of one stored signal. `event` null: the signal could not be read. Times in UTC."""

    signal_id: int
    at: datetime
    event: Event | None
    verdict: str = "accepted"
    dialect: str = "contact_id"
    """contact_id | sia | internal"""
    index: int = 0
    panel_id: int | None = None
    path_id: int | None = None

    @property
    def category(self) -> Category:
        """The raw category, `unknown` when nothing could be read."""
        return Category.UNKNOWN if self.event is None else self.event.category


@dataclass(frozen=True)
class Scene:
    """All that one decision looks at. `marks`: what every dossier it opens or joins must show."""

    site: SiteView
    incidents: tuple[IncidentView, ...]
    heard: Heard
    rules: Rules = DEFAULT_RULES
    marks: tuple[str, ...] = ()

    def marked(self, *marks: str) -> Scene:
        """The same scene with more marks."""
        return replace(self, marks=(*self.marks, *marks))


def armed_now(site: SiteView, area: str | None, at: datetime) -> tuple[bool, bool]:
    """(armed, presumed) for an area, or for the site when the area is null.

    Where nobody has told us: what the schedule expects, else armed, for the safe side (P8 asks for the state).
    """
    known = site.armed(area)
    if known is None and area is not None:
        known = site.armed(WHOLE)
    if known is not None:
        return known, False
    expected = site.closed_hours(at)
    return (True if expected is None else expected), True


def user_name(site: SiteView, user: str | None) -> str | None:
    """The authorised contact behind a panel's user number; None when nobody is known by it."""
    if user is None:
        return None
    wanted = user.strip().lstrip("0") or "0"
    for contact in site.contacts:
        number = (contact.user_number or "").strip().lstrip("0")
        if contact.authorised and number and number == wanted:
            return contact.name
    return None
