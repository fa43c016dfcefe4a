"""Practice need 3: the state of the connection decides.

| raccordement | a signal is |
|---|---|
| en cours | listed (points seen), never a dossier |
| en service | treated |
| suspendu | treated, with the notice on the dossier |
| résilié | acknowledged by the reception, written down, never a dossier, never dispatched |
"""

from __future__ import annotations

from veilleur.features.incidents.naming import names_category
from veilleur.features.sites.model import SiteView
from veilleur.protocols.codes import Nature
from veilleur.protocols.events import Qualifier
from veilleur.watch.arming import areas_of, arming_of
from veilleur.watch.classify import classify
from veilleur.watch.decisions import AreaState, Decision, Noted, ZoneState
from veilleur.watch.points import discovery, point_of, zone_number
from veilleur.watch.view import Heard, Rules

TREATED = frozenset({"in_service", "suspended"})


def notice(site: SiteView) -> tuple[str, ...]:
    """The marks that the connection puts on a dossier."""
    return ("suspended",) if site.connection == "suspended" else ()


def decide_untreated(site: SiteView, heard: Heard, rules: Rules) -> tuple[Decision, ...]:
    """A signal of a site that is being connected, or whose contract has ended."""
    reason = "connecting" if site.connection == "connecting" else "terminated"
    event = heard.event
    if event is None:
        return (Noted(reason, {"verdict": heard.verdict}),)
    cls = classify(site, heard, event, rules)
    point = point_of(site, heard, event, cls)
    noted = Noted(
        reason,
        {
            "code": event.code,
            "category": None if names_category(point.label, cls.category) else str(cls.category),
            "qualifier": None if event.qualifier is Qualifier.NEW else str(event.qualifier),
            "point": point.label,
        },
    )
    if reason == "terminated":
        return (noted,) if cls.nature is not Nature.INFORMATION else ()
    out: list[Decision] = list(discovery(site, heard, event, cls))
    number = zone_number(event, cls)
    if heard.panel_id is not None and number is not None:
        out.append(ZoneState(heard.panel_id, number, zone_state(cls.nature, event.qualifier)))
    armed = arming_of(event)
    if armed is not None:
        out += [AreaState(area, armed, partial=False, by=event.user) for area in areas_of(site, event)]
    return (*out, noted)


def zone_state(nature: Nature, qualifier: Qualifier) -> str:
    """The state in which an event leaves its point."""
    if qualifier is Qualifier.RESTORE or nature is Nature.INFORMATION:
        return "normal"
    return "alarm" if nature is Nature.ALARM else "fault"
