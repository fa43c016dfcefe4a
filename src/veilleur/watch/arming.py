"""Openings and closings: the state of areas, P5's return to normal by arming, P2's clearing by disarming,
and disarming outside the expected hours (P8, priority 4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from veilleur.features.sites.model import SiteView, canonical_number
from veilleur.protocols.codes import Nature
from veilleur.protocols.events import Category, Event, Qualifier
from veilleur.watch.classify import Classified
from veilleur.watch.decisions import AreaState, Attach, CloseItself, Decision, Point, PointBack
from veilleur.watch.defaults import INTRUSION
from veilleur.watch.joining import join_or_open
from veilleur.watch.view import WHOLE, Heard, IncidentView, PointView, Scene, user_name

# DC-05: 1401 is an OPENING, 3401 a CLOSING.
CID_STATES = frozenset(
    {
        "400",
        "401",
        "402",
        "403",
        "404",
        "405",
        "407",
        "408",
        "409",
        "441",
        "442",
        "443",
        "444",
        "450",
        "451",
        "452",
        "456",
        "463",
    }
)
CID_PARTIAL = frozenset({"441", "442", "444", "456"})
CID_REARMED = "463"
"""«Re-arm after alarm» is armed although its qualifier is «new»."""

SIA_CLOSING = frozenset({"CA", "CF", "CG", "CJ", "CK", "CL", "CP", "CQ", "CS", "NF", "NL", "NM"})
SIA_OPENING = frozenset({"OA", "OG", "OH", "OJ", "OK", "OL", "OP", "OQ", "OR", "OS"})
SIA_PARTIAL = frozenset({"NF", "NL", "NM"})

OUTSIDE_HOURS = frozenset({"450", "451", "OH", "OK"})
"""Openings that the panel itself says to be outside hours or early. Late ones are information."""

BY_ARMING = frozenset({Category.INTRUSION, Category.TAMPER, Category.ACCESS, Category.OPEN_CLOSE})
"""Arming says something about these, nothing about a fire or a person."""

ACCEPTS_ARMING = frozenset({"no", "on_disarm", "unknown"})
"""P5: a panel that sends every end of alarm is back by its restore alone."""


def arming_of(event: Event) -> bool | None:
    """True: armed. False: disarmed. None: the event says nothing of the state."""
    code = event.code.upper()
    if code in SIA_CLOSING:
        return True
    if code in SIA_OPENING:
        return False
    if code not in CID_STATES or event.qualifier is Qualifier.STATUS:
        return None
    return True if code == CID_REARMED else event.qualifier is Qualifier.RESTORE


def areas_of(site: SiteView, event: Event) -> tuple[str, ...]:
    """The areas an arming concerns; one that names none concerns all that are known, else the whole («0»)."""
    number = canonical_number(event.area) if event.area else WHOLE
    if number != WHOLE:
        return (number,)
    return tuple(area.number for area in site.areas) or (WHOLE,)


def back_by_arming(site: SiteView, point: PointView, areas: Sequence[str]) -> bool:
    """Whether arming these areas puts a point back to normal, by what its panel sends (P5)."""
    if point.normal or point.category not in BY_ARMING:
        return False
    if point.area is not None and point.area not in areas and WHOLE not in areas:
        return False
    if point.category == Category.OPEN_CLOSE:
        return True
    kind, _, rest = point.key.partition(":")
    panel, _, number = rest.partition("/")[0].partition(":")
    panel_id = int(panel) if kind in ("zone", "panel", "user") and panel.isdecimal() else None
    return site.sends_restores(panel_id, number or None) in ACCEPTS_ARMING


def clears_by_disarming(
    site: SiteView, incident: IncidentView, heard: Heard, event: Event, *, outside: bool
) -> bool:
    """P2: only where the contract says so, by an identified user, in hours, with one point in alarm, no tamper,
    no path lost, inside the entry delay, and before anybody took it."""
    delay = (heard.at - incident.opened_at).total_seconds()
    paths = [path.state for panel in site.panels for path in panel.paths]
    return (
        incident.clears_by_disarm
        and incident.state == "new"
        and not outside
        and user_name(site, event.user) is not None
        and len(incident.points) == 1
        and incident.points[0].category == Category.INTRUSION
        and "lost" not in paths
        and 0 <= delay <= incident.entry_delay
    )


def decide_arming(
    scene: Scene, event: Event, cls: Classified, *, on_test: bool = False
) -> tuple[Decision, ...]:
    """An opening or a closing. `on_test`: its state is kept, it is never «outside hours»."""
    site, heard = scene.site, scene.heard
    armed = bool(arming_of(event))
    partial = armed and is_partial(event)
    areas = areas_of(site, event)
    out: list[Decision] = [AreaState(area, armed, partial, event.user) for area in areas]
    outside = not armed and not on_test and outside_hours(site, heard, event)
    groups = {site.group_of(None if area == WHOLE else area) for area in areas}
    for incident in scene.incidents:
        if incident.family != INTRUSION or (incident.group not in groups and WHOLE not in areas):
            continue
        out.append(Attach(incident.id, "arming"))
        if armed and not partial:
            out += [
                PointBack(incident.id, point.key, "arming")
                for point in incident.points
                if heard.at > point.last_at and back_by_arming(site, point, areas)
            ]
        elif not armed and clears_by_disarming(site, incident, heard, event, outside=outside):
            out.append(CloseItself(incident.id, "disarmed_in_time"))
    return (*out, *opening_outside_hours(scene, event, cls)) if outside else tuple(out)


def is_partial(event: Event) -> bool:
    """Whether a closing leaves part of the area unwatched."""
    return event.code.upper() in SIA_PARTIAL or event.code in CID_PARTIAL


def outside_hours(site: SiteView, heard: Heard, event: Event) -> bool:
    """Whether an opening comes when the site should be closed, by its file or by the panel's own word."""
    return event.code.upper() in OUTSIDE_HOURS or site.closed_hours(heard.at) is True


def opening_outside_hours(scene: Scene, event: Event, cls: Classified) -> tuple[Decision, ...]:
    """P8: priority 4 at least; joins an open intrusion as a new point."""
    graver = replace(
        cls, nature=Nature.ALARM, priority=min(cls.priority, 4), needs_operator=True, clears_by_restore=False
    )
    area = canonical_number(event.area) if event.area else WHOLE
    user = f":{canonical_number(event.user)}" if event.user else ""
    who = user_name(scene.site, event.user) or event.user or area
    point = Point(f"opening:{area}{user}", who, cls.category, cls.area)
    return join_or_open(scene.marked("outside_hours"), event, graver, point)
