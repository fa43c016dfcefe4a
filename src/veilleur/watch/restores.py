"""Practice P2: a restore clears only faults; for everything else it updates the state of the point, no more."""

from __future__ import annotations

from collections.abc import Sequence

from veilleur.protocols.events import Event
from veilleur.watch.classify import Classified
from veilleur.watch.decisions import Attach, CloseItself, Decision, PointBack, ZoneState
from veilleur.watch.joining import MUST_HANDLE
from veilleur.watch.points import restored_keys, zone_number
from veilleur.watch.view import IncidentView, Scene


def clears(incident: IncidentView, back: frozenset[str]) -> bool:
    """Whether a dossier closes by itself once these points are back.

    Only a dossier of faults (or of what its contract lists), that nothing graver joined, that nobody has taken,
    and of which every point is back.
    """
    return (
        incident.clears_by_restore
        and MUST_HANDLE not in incident.marks
        and incident.state == "new"
        and all(point.normal or point.key in back for point in incident.points)
    )


def points_back(
    incidents: Sequence[IncidentView], keys: frozenset[str], outcome: str = "restored"
) -> tuple[Decision, ...]:
    """What a restore of these points does to the open dossiers."""
    out: list[Decision] = []
    for incident in incidents:
        known = [point for point in incident.points if point.key in keys]
        if not known:
            continue
        out.append(Attach(incident.id, "restore"))
        out += [PointBack(incident.id, point.key, "restore") for point in known if not point.normal]
        if clears(incident, keys):
            out.append(CloseItself(incident.id, outcome))
    return tuple(out)


def still_told(scene: Scene, zone_id: int, keys: frozenset[str]) -> bool:
    """Whether an open dossier has another alarm of this number, which the restore does not end."""
    points = (point for incident in scene.incidents for point in incident.points)
    return any(point.zone_id == zone_id and not point.normal and point.key not in keys for point in points)


def decide_restore(scene: Scene, event: Event, cls: Classified) -> tuple[Decision, ...]:
    """A restore of an alarm or of a fault."""
    heard = scene.heard
    keys = restored_keys(scene.site, heard, event, scene.rules)
    out: list[Decision] = []
    number = zone_number(event, cls)
    zone = scene.site.zone(heard.panel_id, number)
    held = zone is not None and (zone.state == "bypassed" or still_told(scene, zone.id, keys))
    if heard.panel_id is not None and number is not None and not held:
        out.append(ZoneState(heard.panel_id, number, "normal"))
    return (*out, *points_back(scene.incidents, keys))
