"""An event → what the room owes it (practice P8), from built-in defaults and exceptions.

Exceptions go from general to particular and the most particular wins, field by field:
centre → panel model → customer → site → zone. An exception is a mapping. Its selectors: `code` («130», «BA»)
and `when` (a category); with none it applies to every event of its layer. What it sets: `category`, `nature`,
`priority`, `family`, `needs_operator`, `take`, `act` (seconds), `procedure`, `clears_by_restore`,
`clears_by_disarm`, `entry_delay` (seconds). An exception that sets the category forgets the priority, family and
nature of less particular layers, unless it sets them too.

The kind of a zone (a category) replaces the category of the *generic* alarm codes only (intrusion, technical,
environment, water): a smoke detector wired on an input that dials 130 is a fire. A code that says more than the
zone (person, fire, gas, tamper, a fault) is believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from veilleur.features.incidents.limits import is_fault, urgent
from veilleur.features.sites.model import CodeRule, SiteView, ZoneView, canonical_number
from veilleur.protocols import contact_id, sia_codes
from veilleur.protocols.codes import CodeInfo, Nature, NumberKind
from veilleur.protocols.events import Category, Event, Qualifier
from veilleur.watch.defaults import CODES, CONFIRMED, FAMILY, priority_of
from veilleur.watch.view import DEFAULT_RULES, WHOLE, Heard, Rules, armed_now

GENERIC = frozenset({Category.INTRUSION, Category.TECHNICAL, Category.ENVIRONMENT, Category.WATER})
NEVER_BY_RESTORE = frozenset(
    {
        Category.INTRUSION,
        Category.TAMPER,
        Category.HOLD_UP,
        Category.DURESS,
        Category.PANIC,
        Category.PERSONAL,
        Category.MEDICAL,
        Category.FIRE,
        Category.GAS,
        Category.UNKNOWN,
    }
)
"""P2: no contract may let a restore clear these."""


@dataclass(frozen=True)
class Classified:
    """What an event is for the room. Durations in seconds."""

    category: Category
    nature: Nature
    priority: int
    family: str
    needs_operator: bool
    procedure: str
    take: int
    act: int
    area: str | None
    number: NumberKind
    confirmed: bool = False
    presumed_armed: bool = False
    clears_by_restore: bool = False
    clears_by_disarm: bool = False
    entry_delay: int = 60


def limits_of(family: str, priority: int, rules: Rules) -> tuple[int, int]:
    """Seconds to take and to act: hold-up and fire 30 s, all other alarms 90 s (EN 50518), faults a quarter of an hour."""
    if urgent(family, priority):
        return rules.take_urgent, rules.act_urgent
    if is_fault(priority):
        return rules.take_fault, rules.act_fault
    return rules.take, rules.act


def code_info(code: str, dialect: str) -> CodeInfo | None:
    """The row of a code in its dialect's table; None when unknown or our own (internal)."""
    match dialect:
        case "contact_id":
            return contact_id.lookup(code)
        case "sia":
            return sia_codes.lookup(code)
        case _:
            return None


def area_of(event: Event, zone: ZoneView | None) -> str | None:
    """The area of an event: as sent, else its zone's; canonical, None for the whole system («00»)."""
    sent = canonical_number(event.area) if event.area else None
    if sent is not None and sent != WHOLE:
        return sent
    return zone.area if zone is not None else None


def _applies(override: CodeRule, code: str, category: Category) -> bool:
    selected = override.get("code")
    when = override.get("when")
    return (selected is None or str(selected).upper() == code.upper()) and (when is None or when == category)


def _fold(settings: dict[str, Any], override: Mapping[str, Any]) -> None:
    if "category" in override:
        for forgotten in ("priority", "family", "nature", "confirmed"):
            settings.pop(forgotten, None)
    settings.update({key: value for key, value in override.items() if key not in ("code", "when")})


def exceptions(site: SiteView, heard: Heard, event: Event, rules: Rules) -> dict[str, Any]:
    """Every exception that applies to an event, folded from the most general to the most particular."""
    settings: dict[str, Any] = dict(CODES.get(event.code.upper(), {}))
    for layer in (rules.codes, *site.code_rules(heard.panel_id, event.zone)):
        for override in layer:
            if _applies(override, event.code, event.category):
                _fold(settings, override)
    return settings


def _nature(event: Event, info: CodeInfo | None, settings: Mapping[str, Any]) -> Nature:
    if "nature" in settings:
        return Nature(settings["nature"])
    if info is not None:
        return info.nature
    return Nature.INFORMATION if event.category is Category.TEST else Nature.ALARM


def classify(site: SiteView, heard: Heard, event: Event, rules: Rules = DEFAULT_RULES) -> Classified:
    """What the room owes this event; `heard.at` decides armed or not. An unknown code raises nothing."""
    zone = site.zone(heard.panel_id, event.zone)
    info = code_info(event.code, heard.dialect)
    settings = exceptions(site, heard, event, rules)
    nature = _nature(event, info, settings)
    category = Category(settings.get("category", event.category))
    if "category" not in settings and zone is not None and zone.kind and nature is Nature.ALARM:
        category = Category(zone.kind) if category in GENERIC else category
    area = area_of(event, zone)
    armed, presumed = armed_now(site, area, heard.at)
    confirmed = bool(settings.get("confirmed", False)) and event.qualifier is not Qualifier.RESTORE
    priority = int(settings.get("priority") or priority_of(category, nature, armed=armed))
    if confirmed and "priority" not in settings:
        priority = min(priority, CONFIRMED.get(category, priority))
    priority = max(1, min(10, priority))
    family = str(settings.get("family", FAMILY[category]))
    take, act = limits_of(family, priority, rules)
    default_clear = nature is Nature.FAULT
    return Classified(
        category=category,
        nature=nature,
        priority=priority,
        family=family,
        needs_operator=bool(settings.get("needs_operator", nature is not Nature.INFORMATION)),
        procedure=str(settings.get("procedure", category)),
        take=int(settings.get("take", take)),
        act=int(settings.get("act", act)),
        area=area,
        number=info.number if info is not None else NumberKind.ZONE,
        confirmed=confirmed,
        presumed_armed=presumed and category is Category.TAMPER,
        clears_by_restore=category not in NEVER_BY_RESTORE
        and bool(settings.get("clears_by_restore", default_clear)),
        clears_by_disarm=category is Category.INTRUSION and bool(settings.get("clears_by_disarm", False)),
        entry_delay=int(settings.get("entry_delay", rules.entry_delay)),
    )
