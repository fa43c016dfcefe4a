"""The point of a dossier that an event speaks of: what makes a signal «new» or known (practice P3).

Keys: `zone:<panel>:<number>` for an intrusion; with `/fault` for a detector that is ill, with `/<category>` for any other
alarm (`/tamper`, `/fire`…): the end of one nature is not the end of another that the same number told.
`user:<panel>:<number>`, `area:<number>`, `panel:<panel>:<code>[:<number>]`, `path:<id>`, `line:<panel>`.

Labels are what people (or the panel's own text) call the point; without a name, «#» and what it is (`#zone:015`,
`#user:002`, `#area:1`, `#code:301`): the screens put it in words (locale/render.py, filter `point`).
"""

from __future__ import annotations

from dataclasses import replace

from veilleur.features.sites.model import SiteView, canonical_number
from veilleur.protocols.codes import Nature, NumberKind
from veilleur.protocols.events import Category, Event, Qualifier
from veilleur.watch.classify import Classified, classify, code_info
from veilleur.watch.decisions import NewZone, Point
from veilleur.watch.view import DEFAULT_RULES, WHOLE, Heard, Rules

NOT_A_POINT = frozenset(
    {Category.POWER, Category.COMMUNICATION, Category.PATH, Category.UNKNOWN, Category.OPEN_CLOSE}
)
"""Their numbers count modules, lines or nothing we know."""

SENSOR_CODES = ("38", "XT", "XR")
"""Except those: the battery or the radio of a detector, whose number is its point."""


def zone_number(event: Event, cls: Classified) -> str | None:
    """The canonical number of the point this event speaks of; None when it speaks of no point («000»)."""
    if event.zone is None or cls.number is not NumberKind.ZONE:
        return None
    if event.category in NOT_A_POINT and not event.code.upper().startswith(SENSOR_CODES):
        return None
    number = canonical_number(event.zone)
    return None if number == WHOLE else number


def point_of(site: SiteView, heard: Heard, event: Event, cls: Classified) -> Point:
    """The point of an event, with its key."""
    panel = heard.panel_id or 0
    number = zone_number(event, cls)
    if number is not None:
        zone = site.zone(panel, number)
        label = called(zone.name if zone else None) or called(event.text) or f"#zone:{event.zone or number}"
        return Point(f"zone:{panel}:{number}{told_of(cls)}", label, cls.category, cls.area, (panel, number))
    if cls.number is NumberKind.USER and event.user:
        key = f"user:{panel}:{canonical_number(event.user)}:{event.code}"
        return Point(key, called(event.text) or f"#user:{event.user}", cls.category, cls.area)
    if cls.number is NumberKind.AREA and event.area:
        area = canonical_number(event.area)
        return Point(f"area:{area}", called(event.text) or f"#area:{event.area}", cls.category, cls.area)
    if heard.dialect == "internal" and event.area and event.zone is None:
        return Point(f"area:{cls.area}", f"#area:{event.area}", cls.category, cls.area)
    detail = canonical_number(event.zone) if event.zone else WHOLE
    key = f"panel:{panel}:{event.code}" + ("" if detail == WHOLE else f":{detail}")
    label = called(event.text) or f"#code:{event.code}" + ("" if detail == WHOLE else f":{detail}")
    return Point(key, label, cls.category, cls.area)


def told_of(cls: Classified) -> str:
    """What a number speaks of, as its key says it: nothing for an intrusion."""
    if cls.nature is Nature.FAULT and cls.category is not Category.TAMPER:
        return "/fault"
    return "" if cls.category is Category.INTRUSION else f"/{cls.category}"


def called(name: str | None) -> str | None:
    """A name as people or panels gave it; a «#» in front would be taken for one of ours."""
    return (name or "").strip().lstrip("#").strip() or None


def discovery(site: SiteView, heard: Heard, event: Event, cls: Classified) -> tuple[NewZone, ...]:
    """The point that must be made because it speaks for the first time."""
    number = zone_number(event, cls)
    if number is None or heard.panel_id is None or site.zone(heard.panel_id, number) is not None:
        return ()
    # Its kind stays unknown: one code heard is no proof of what is wired there.
    return (NewZone(heard.panel_id, number, event.zone or number, cls.area, event.text, None),)


def ended_codes(event: Event, dialect: str) -> frozenset[str]:
    """The codes that a restore ends.

    Contact ID ends a code by its own qualifier 3; SIA codes name what they restore (BH and BR both end a BA).
    """
    if event.qualifier is not Qualifier.RESTORE:
        return frozenset()
    info = code_info(event.code, dialect)
    return frozenset({event.code}) if info is None or info.qualifier is None else info.restores


def ends_alarm(event: Event, dialect: str, nature: Nature) -> bool:
    """Whether a restore ends an alarm or a fault: SIA's DR is information, and yet it ends a DF."""
    ended = [code_info(code, dialect) for code in ended_codes(event, dialect)]
    return (bool(ended) and nature is not Nature.INFORMATION) or any(
        info is not None and info.nature is not Nature.INFORMATION for info in ended
    )


def restored_keys(site: SiteView, heard: Heard, event: Event, rules: Rules = DEFAULT_RULES) -> frozenset[str]:
    """The keys of the points that a restore puts back."""
    keys = set()
    for code in ended_codes(event, heard.dialect):
        ended = code_info(code, heard.dialect)
        began = replace(
            event,
            code=code,
            qualifier=Qualifier.NEW,
            category=ended.category if ended is not None else event.category,
        )
        keys.add(point_of(site, heard, began, classify(site, heard, began, rules)).key)
    return frozenset(keys)
