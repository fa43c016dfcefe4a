"""Practice P10 for a site on test: what is noted, what breaks through.

| during a test | inside its scope | outside its scope |
|---|---|---|
| alarm, fault or gas of a point of the file | noted | treated |
| point that is not in the file | breaks through | treated |
| tamper, jamming | breaks through | treated |
| loss of a path, line fault told by the panel | breaks through | treated |
| person alarm, duress | breaks through | treated |
| unknown code, unreadable, unauthenticated, account of another line | breaks through | treated |
| arming, disarming | state kept, never «outside hours» | treated |
| restore | noted, and the state of the point | treated |
"""

from __future__ import annotations

from collections.abc import Sequence

from veilleur.features.sites.model import OnTestView, SiteView
from veilleur.protocols.codes import Nature
from veilleur.protocols.events import Category, Event
from veilleur.watch.classify import Classified, classify
from veilleur.watch.decisions import BrokeThrough, Decision, Join, Open
from veilleur.watch.defaults import PERSON
from veilleur.watch.points import zone_number
from veilleur.watch.view import Heard, Scene


def covering_tests(site: SiteView, heard: Heard, event: Event, cls: Classified) -> tuple[OnTestView, ...]:
    """The tests in whose scope this event falls, by the time it was received."""
    return site.tests_of(heard.at, heard.panel_id, cls.area, zone_number(event, cls))


def breaks_through(site: SiteView, heard: Heard, event: Event, cls: Classified) -> str | None:
    """Why an event inside the scope is treated all the same; None: it is noted."""
    number = zone_number(event, cls)
    reasons = (
        ("person", cls.family == PERSON),
        ("tamper", cls.category is Category.TAMPER),
        ("path", cls.category in (Category.PATH, Category.COMMUNICATION)),
        ("unknown", cls.category is Category.UNKNOWN),
        ("new_point", number is not None and site.zone(heard.panel_id, number) is None),
    )
    if cls.nature is Nature.INFORMATION:
        return None
    return next((reason for reason, holds in reasons if holds), None)


def broke_through(scene: Scene, decisions: Sequence[Decision]) -> tuple[BrokeThrough, ...]:
    """What the tests in whose scope an event falls did not keep quiet: their lists say so, with the dossier (P10)."""
    if not scene.site.on_tests:
        return ()
    point = next((each.point for each in decisions if isinstance(each, Open | Join)), None)
    heard, event = scene.heard, scene.heard.event
    if point is None:
        return ()
    if event is None:
        tests = scene.site.tests_of(heard.at, heard.panel_id, None, None)
    else:
        tests = covering_tests(scene.site, heard, event, classify(scene.site, heard, event, scene.rules))
    return tuple(BrokeThrough(test.id, point) for test in tests)
