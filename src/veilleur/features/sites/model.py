"""The file of a site as frozen data: what decide() receives and what the screens are made of.

Nothing here reads a database or a clock. Instants are aware UTC datetimes; schedules are judged in the site's
zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from veilleur.features.sites.hours import Period, within

#: The group of areas of every area that no group names (practice P3).
MAIN_GROUP = "main"

#: An override of classification as the file wrote it: {code, category, priority…}; the watch reads it.
CodeRule = Mapping[str, Any]


def canonical_number(text: str) -> str:
    """A zone, area or user number as it compares: upper case, without leading zeros; «015» is «15»."""
    return text.strip().upper().lstrip("0") or "0"


@dataclass(frozen=True, slots=True)
class PathView:
    """A transmission path; `interval` null means that nobody supervises it."""

    id: int
    panel_id: int
    name: str
    interval: int | None
    reporting: int | None
    match: Mapping[str, str]
    carrier: str | None
    state: str
    state_since: datetime | None

    @property
    def silence(self) -> int | None:
        """Seconds without a sign of life before the path is lost; null: unsupervised."""
        if self.interval is None:
            return None
        return self.reporting if self.reporting is not None else 2 * self.interval + 30


@dataclass(frozen=True, slots=True)
class ZoneView:
    """A detection point and its last known state: unknown | normal | alarm | fault | bypassed."""

    id: int
    panel_id: int
    number: str
    shown: str
    area: str | None
    name: str | None
    kind: str | None
    sends_restores: str | None
    codes: tuple[CodeRule, ...]
    state: str
    state_since: datetime | None
    seen_at: datetime | None
    discovered: bool


@dataclass(frozen=True, slots=True)
class AreaView:
    """A part armed together; `armed` null: nobody has told us yet."""

    id: int
    number: str
    name: str | None
    armed: bool | None
    partial: bool
    armed_since: datetime | None
    armed_by: str | None


@dataclass(frozen=True, slots=True)
class PanelView:
    """A control panel; `line` null means any reception line (practice P9). Never holds its key."""

    id: int
    account: str
    canonical: str
    line: str | None
    keyed: bool
    time_policy: str
    clear_allowed: bool
    sends_restores: str
    model: str | None
    model_sends_restores: str
    model_codes: tuple[CodeRule, ...]
    paths: tuple[PathView, ...]
    zones: tuple[ZoneView, ...]


@dataclass(frozen=True, slots=True)
class ContactView:
    """A person to be told. Words are never here: only whether there are any."""

    id: int
    name: str
    rank: int
    role: str | None
    phones: tuple[Mapping[str, Any], ...]
    availability: tuple[Period, ...]
    authorised: bool
    user_number: str | None
    language: str | None
    note: str | None
    has_code_word: bool
    has_duress_word: bool
    provisional_until: datetime | None
    of_brand: bool

    def answers(self, now: datetime, zone: str) -> bool:
        """Whether the contact says that this is an hour at which to call."""
        return within(self.availability, now, zone)


@dataclass(frozen=True, slots=True)
class Applicability:
    """Whether a consigne applies, and if not why: `hours` (not these hours) or `later` (not yet valid).

    `params` fill the sentence of the reason: the day (1 to 7) and hour now, the hours or the day it applies.
    """

    applies: bool
    reason: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InstructionView:
    """A consigne that knows the hour."""

    id: int
    kind: str
    text: str
    schedule: tuple[Period, ...]
    valid_from: datetime | None
    valid_until: datetime | None
    asked_by: str | None
    of_brand: bool

    def judge(self, now: datetime, zone: str) -> Applicability | None:
        """«S'APPLIQUE», «ne s'applique pas» with its reason, or None once expired: it is gone (need 5)."""
        if self.valid_until is not None and now >= self.valid_until:
            return None
        if self.valid_from is not None and now < self.valid_from:
            return Applicability(
                applies=False, reason="later", params={"from_at": self.valid_from.isoformat()}
            )
        if within(self.schedule, now, zone):
            return Applicability(applies=True)
        local = now.astimezone(ZoneInfo(zone))
        period = self.schedule[0].as_json()
        params = {
            "today": str(local.isoweekday()),
            "hour": f"{local:%H:%M}",
            "days": [str(day) for day in period["days"]],
            "from": period["from"],
            "to": period["to"],
        }
        return Applicability(applies=False, reason="hours", params=params)


def judged(
    rows: Iterable[InstructionView], now: datetime, zone: str
) -> list[tuple[InstructionView, Applicability]]:
    """The consignes that are not gone: those that apply first, then the others, each as they were written."""
    found = [(row, verdict) for row in rows if (verdict := row.judge(now, zone)) is not None]
    return sorted(found, key=lambda pair: not pair[1].applies)


@dataclass(frozen=True, slots=True)
class OnTestView:
    """A running test. Null scopes mean the whole site; areas and zones are canonical numbers."""

    id: int
    panel_id: int | None
    areas: frozenset[str] | None
    zones: frozenset[str] | None
    asked_by: str
    started_at: datetime
    until: datetime

    def covers(self, now: datetime, panel_id: int | None, area: str | None, zone: str | None) -> bool:
        """Whether a signal of this panel, area and zone is inside the test's scope and time.

        A number that the signal does not give is outside a scope that names numbers: in doubt, treat it.
        """
        if not self.started_at <= now < self.until:
            return False
        if self.panel_id is not None and panel_id != self.panel_id:
            return False
        if self.areas is not None and (area is None or canonical_number(area) not in self.areas):
            return False
        return self.zones is None or (zone is not None and canonical_number(zone) in self.zones)


@dataclass(frozen=True, slots=True)
class SiteView:
    """Everything of a site that decide() may look at, read in one picture under the site's lock."""

    id: int
    reference: str
    name: str
    kind: str
    town: str | None
    commune: str | None
    customer_id: int | None
    organisation: str
    timezone: str
    phone: str | None
    connection: str
    services: frozenset[str]
    risks: str | None
    police_zone: str | None
    codes: tuple[CodeRule, ...]
    customer_codes: tuple[CodeRule, ...]
    schedule: tuple[Period, ...]
    area_groups: Mapping[str, tuple[str, ...]]
    areas: tuple[AreaView, ...]
    panels: tuple[PanelView, ...]
    contacts: tuple[ContactView, ...]
    instructions: tuple[InstructionView, ...]
    on_tests: tuple[OnTestView, ...]

    def panel(self, panel_id: int | None) -> PanelView | None:
        """The panel of that id, if it is of this site."""
        return next((panel for panel in self.panels if panel.id == panel_id), None)

    def area(self, number: str | None) -> AreaView | None:
        """The area of that number, compared as integers are."""
        wanted = canonical_number(number or "")
        return next((area for area in self.areas if area.number == wanted), None) if number else None

    def zone(self, panel_id: int | None, number: str | None) -> ZoneView | None:
        """The zone of that number on that panel, compared as integers are; None when never heard of."""
        panel = self.panel(panel_id)
        if panel is None or not number:
            return None
        wanted = canonical_number(number)
        return next((zone for zone in panel.zones if zone.number == wanted), None)

    def group_of(self, area: str | None) -> str:
        """The group of areas that an area belongs to (practice P3); «main» when no group names it."""
        wanted = canonical_number(area) if area else None
        for group, members in self.area_groups.items():
            if wanted in members:
                return group
        return MAIN_GROUP

    def sends_restores(self, panel_id: int | None, zone: str | None) -> str:
        """Whether ends of alarm are sent: point → panel → model → unknown (practice P5)."""
        panel, point = self.panel(panel_id), self.zone(panel_id, zone)
        said = [point.sends_restores if point else None]
        if panel is not None:
            said += [panel.sends_restores, panel.model_sends_restores]
        return next((word for word in said if word and word != "unknown"), "unknown")

    def code_rules(self, panel_id: int | None, zone: str | None) -> tuple[tuple[CodeRule, ...], ...]:
        """Overrides from the weakest to the strongest: model, customer, site, zone."""
        panel, point = self.panel(panel_id), self.zone(panel_id, zone)
        return (
            panel.model_codes if panel else (),
            self.customer_codes,
            self.codes,
            point.codes if point else (),
        )

    def armed(self, area: str | None = None) -> bool | None:
        """Whether an area (or any area, when none is named) is armed; None when nobody has told us."""
        rows = [self.area(area)] if area else list(self.areas)
        known = [row.armed for row in rows if row is not None and row.armed is not None]
        return any(known) if known else None

    def closed_hours(self, now: datetime) -> bool | None:
        """Whether the site is expected armed at this hour; None when its file gives no schedule."""
        return within(self.schedule, now, self.timezone) if self.schedule else None

    def tests_of(
        self, now: datetime, panel_id: int | None, area: str | None, zone: str | None
    ) -> tuple[OnTestView, ...]:
        """The running tests that cover a signal: two may overlap, and each list tells all that it covers."""
        return tuple(test for test in self.on_tests if test.covers(now, panel_id, area, zone))
