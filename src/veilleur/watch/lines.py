"""The loss and return of transmission paths (protocols.md, receiver's rule 11; practice P8).

One path lost of several: a fault (5 armed, 6 disarmed). All paths lost: 2 while armed, 4 while disarmed. While an
intrusion is open on the site, any loss joins it: lines are cut on purpose. Many lost together are one incident of the centre,
save where a cut must be seen on the site itself: beside an alarm in hand (P3), or during a test (P10). The events are our own:
`path_lost` and `path_back`, of dialect «internal», put by `paths.py` among the signals.
"""

from __future__ import annotations

from dataclasses import replace

from veilleur.features.sites.model import PanelView, PathView, SiteView
from veilleur.protocols.codes import Nature
from veilleur.protocols.events import Category, Event
from veilleur.watch.classify import Classified, classify, exceptions, limits_of
from veilleur.watch.decisions import Decision, Noted, PathState, Point
from veilleur.watch.defaults import ARMED, DISARMED, FIRE, INTRUSION, PERSON, TECHNICAL
from veilleur.watch.joining import join_or_open
from veilleur.watch.restores import points_back
from veilleur.watch.view import Heard, Rules, Scene, armed_now

PATH_LOST = "path_lost"
PATH_BACK = "path_back"
PATH_FIRST = "path_first"
"""A supervised path that nobody had heard of is alive: nothing was lost, nothing comes back."""
ALL_PATHS_LOST = "all_paths_lost"
MANY = "many"
"""Key of `extended`: this loss belongs to an incident of the centre that lists it."""

ONE_ARMED, ONE_DISARMED = 5, 6


def is_line(heard: Heard, event: Event) -> bool:
    """Whether this is one of our own path events."""
    return heard.dialect == "internal" and event.code in (PATH_LOST, PATH_BACK, PATH_FIRST)


def path_of(site: SiteView, path_id: int | None) -> tuple[PanelView, PathView] | None:
    """The path and its panel, if they are still in the file."""
    for panel in site.panels:
        for path in panel.paths:
            if path.id == path_id:
                return panel, path
    return None


def all_lost(panel: PanelView, path: PathView) -> bool:
    """Whether this loss leaves no supervised path up."""
    return all(p.state == "lost" for p in panel.paths if p.interval is not None and p.id != path.id)


def classify_line(site: SiteView, heard: Heard, event: Event, rules: Rules, *, whole: bool) -> Classified:
    """What a loss is: a fault of one path, or a line-cut alarm. Exceptions: code `path_lost`, `all_paths_lost`."""
    told = replace(event, code=ALL_PATHS_LOST if whole else PATH_LOST, category=Category.PATH)
    cls = classify(site, heard, told, rules)
    armed, presumed = armed_now(site, None, heard.at)
    if whole:
        priority, nature = (ARMED, Nature.ALARM) if armed else (DISARMED, Nature.FAULT)
    else:
        priority, nature = ONE_ARMED if armed else ONE_DISARMED, Nature.FAULT
    settings = exceptions(site, heard, told, rules)
    priority = int(settings.get("priority", priority))
    take, act = limits_of(INTRUSION if whole else TECHNICAL, priority, rules)
    return replace(
        cls,
        nature=nature,
        priority=priority,
        take=int(settings.get("take", take)),
        act=int(settings.get("act", act)),
        family=INTRUSION if whole else TECHNICAL,
        area=None,
        presumed_armed=presumed and whole,
        clears_by_restore=bool(settings.get("clears_by_restore", nature is Nature.FAULT)),
        clears_by_disarm=False,
    )


def with_intrusion(scene: Scene, cls: Classified) -> tuple[Classified, bool]:
    """A line fault told by the panel itself: beside an open intrusion it is of its family and of every group (P3).

    Alone it stays technical. The answer: its class, and whether it belongs to every group.
    """
    told = cls.category is Category.COMMUNICATION and cls.nature is not Nature.INFORMATION
    if not (told and cls.family == TECHNICAL and any(i.family == INTRUSION for i in scene.incidents)):
        return cls, False
    return replace(cls, family=INTRUSION, clears_by_restore=False), True


def seen_alone(scene: Scene) -> bool:
    """Whether a loss told with many others is told on its site too: a carrier that fails may hide a burglar who cuts."""
    heard = scene.heard
    in_hand = any(incident.family in (INTRUSION, PERSON, FIRE) for incident in scene.incidents)
    return in_hand or bool(scene.site.tests_of(heard.at, heard.panel_id, None, None))


def decide_line(scene: Scene, event: Event) -> tuple[Decision, ...]:
    """A path is lost or back."""
    found = path_of(scene.site, scene.heard.path_id)
    if found is None:
        return ()
    panel, path = found
    if event.code in (PATH_BACK, PATH_FIRST):
        keys = frozenset({f"path:{path.id}", f"line:{panel.id}"})
        return (PathState(path.id, "up"), *points_back(scene.incidents, keys, "path_back"))
    lost = PathState(path.id, "lost")
    if event.extended.get(MANY) and not seen_alone(scene):
        return lost, Noted("many_paths", {"path": path.name, "incident": event.extended[MANY]})
    whole = all_lost(panel, path)
    cls = classify_line(scene.site, scene.heard, event, scene.rules, whole=whole)
    if not whole and any(i.family == INTRUSION for i in scene.incidents):
        cls = replace(cls, family=INTRUSION, clears_by_restore=False)
    told = replace(event, code=ALL_PATHS_LOST if whole else PATH_LOST)
    shown = scene.marked("all_paths") if whole else scene
    key, label = (
        (f"line:{panel.id}", f"#line:{panel.account}") if whole else (f"path:{path.id}", f"#path:{path.name}")
    )
    return lost, *join_or_open(shown, told, cls, Point(key, label, Category.PATH), any_group=True)
