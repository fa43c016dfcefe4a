"""Practice P3 and need 1: which dossier an alarm joins, when it rings again, when it opens another.

A signal joins only the same site, same group of areas, same family; otherwise a linked dossier opens. It rings
again when it raises the priority, is a new point, or finds the dossier parked, closing or waiting for an agent.
The line of a site (its paths) belongs to every group.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from veilleur.protocols.codes import Nature
from veilleur.protocols.events import Category, Event
from veilleur.watch.classify import Classified
from veilleur.watch.decisions import Decision, Join, Open, Point, WarnAgent
from veilleur.watch.defaults import CONFIRMED
from veilleur.watch.view import ENGAGED, PRESENT, Heard, IncidentView, Scene

MUST_HANDLE = "must_handle"
"""Mark of a dossier that a fault opened and something graver joined: no restore clears it any more."""


def headline(heard: Heard, event: Event | None, cls: Classified, point: Point) -> dict[str, Any]:
    """What opened a dossier, in codes and names; its words are in the catalogues."""
    return {
        "code": event.code if event else None,
        "dialect": heard.dialect,
        "category": str(cls.category),
        "qualifier": str(event.qualifier) if event else None,
        "nature": str(cls.nature),
        "zone": event.zone if event else None,
        "zone_name": point.label if point.zone and not point.label.startswith("#") else None,
        "area": cls.area,
        "user": event.user if event else None,
        "text": event.text if event else None,
        "clears_by_restore": cls.clears_by_restore,
        "clears_by_disarm": cls.clears_by_disarm,
        "entry_delay": cls.entry_delay,
    }


def candidate(
    incidents: Sequence[IncidentView], family: str, group: str | None, key: str
) -> IncidentView | None:
    """The open dossier that a point joins: the one that knows it, else the gravest, then the oldest.

    `group` null: any group (the line).
    """
    same = [i for i in incidents if i.family == family and group in (None, i.group)]
    return min(same, key=lambda i: (i.point(key) is None, i.priority, i.opened_at, i.id), default=None)


def confirmed_priority(scene: Scene, incident: IncidentView, cls: Classified, point: Point) -> int:
    """P8: two different points of the same nature within `rules.confirm` seconds make a confirmed alarm."""
    if cls.nature is not Nature.ALARM or cls.category not in CONFIRMED or point.zone is None:
        return cls.priority
    window = timedelta(seconds=scene.rules.confirm)
    others = [
        other
        for other in incident.points
        if other.key != point.key
        and other.category == cls.category
        and other.key.startswith("zone:")
        and abs(scene.heard.at - other.last_at) <= window
    ]
    return min(cls.priority, CONFIRMED[cls.category]) if others else cls.priority


def ring_reason(incident: IncidentView, point: Point, priority: int) -> str | None:
    """Why a dossier rings again, the gravest reason first; None: it is shown and counted, no more."""
    if priority < incident.priority:
        return "higher"
    if incident.point(point.key) is None:
        return "new_point"
    if incident.state in ("parked", "closing"):
        return incident.state
    if incident.agent in ENGAGED and incident.agent not in PRESENT:
        return "agent"
    return None


def join(scene: Scene, incident: IncidentView, cls: Classified, point: Point) -> Join:
    """Adds an alarm or a fault to a dossier, with its réveil if it deserves one."""
    priority = confirmed_priority(scene, incident, cls, point)
    ring = ring_reason(incident, point, priority)
    present = incident.agent in PRESENT
    added = list(scene.marks)
    if cls.confirmed or priority < cls.priority:
        added.append("confirmed")
    if incident.clears_by_restore and not cls.clears_by_restore:
        added.append(MUST_HANDLE)
    higher = priority < incident.priority
    duress = cls.category is Category.DURESS
    known = incident.point(point.key) is not None
    return Join(
        incident_id=incident.id,
        role="during_presence" if present else "joined" if known else "new_point",
        point=point,
        ring=ring,
        priority=priority if higher else None,
        limits={"take": cls.take, "act": cls.act} if higher else None,
        marks=tuple(mark for mark in dict.fromkeys(added) if mark not in incident.marks),
        warn_agent=(ring is not None or duress) and incident.agent in ENGAGED,
        duress=duress,
    )


def open_dossier(scene: Scene, event: Event | None, cls: Classified, point: Point) -> tuple[Decision, ...]:
    """Opens a dossier, linked to the gravest open one; agents engaged for the others are to be warned."""
    marks = list(scene.marks)
    marks += ["confirmed"] if cls.confirmed else []
    marks += ["presumed_armed"] if cls.presumed_armed else []
    linked = min(scene.incidents, key=lambda i: (i.priority, i.opened_at, i.id), default=None)
    opened = Open(
        group=scene.site.group_of(cls.area),
        family=cls.family,
        category=str(cls.category),
        priority=cls.priority,
        needs_operator=cls.needs_operator,
        procedure=cls.procedure,
        take=cls.take,
        act=cls.act,
        headline={**headline(scene.heard, event, cls, point), "marks": list(dict.fromkeys(marks))},
        point=point,
        duress=cls.category is Category.DURESS,
        linked_id=linked.id if linked else None,
    )
    engaged = [i for i in scene.incidents if i.agent in ENGAGED] if cls.nature is Nature.ALARM else []
    return opened, *(WarnAgent(incident.id) for incident in engaged)


def join_or_open(
    scene: Scene, event: Event | None, cls: Classified, point: Point, *, any_group: bool = False
) -> tuple[Decision, ...]:
    """The whole of P3 for one alarm or fault."""
    group = None if any_group else scene.site.group_of(cls.area)
    found = candidate(scene.incidents, cls.family, group, point.key)
    if found is not None:
        return (join(scene, found, cls, point),)
    return open_dossier(scene, event, cls, point)
