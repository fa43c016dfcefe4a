"""A small site and words for decisions, so that the tables of cases read as sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from veilleur.features.sites.hours import periods
from veilleur.features.sites.model import (
    AreaView,
    ContactView,
    OnTestView,
    PanelView,
    PathView,
    SiteView,
    ZoneView,
)
from veilleur.protocols import contact_id, sia_codes
from veilleur.protocols.codes import NumberKind
from veilleur.protocols.events import Category, Event, Qualifier
from veilleur.watch import decisions as d
from veilleur.watch.decide import decide
from veilleur.watch.view import Heard, IncidentView, PointView, Rules

NOW = datetime(2026, 11, 23, 2, 14, 7, tzinfo=UTC)  # a Monday, 03:14 in Paris
PANEL = 1


def zone(number: str, *, area: str = "1", **more: Any) -> ZoneView:
    """A point of the file."""
    base = ZoneView(
        id=int(number),
        panel_id=PANEL,
        number=number,
        shown=number.zfill(3),
        area=area,
        name=f"Point {number}",
        kind=None,
        sends_restores=None,
        codes=(),
        state="normal",
        state_since=None,
        seen_at=None,
        discovered=False,
    )
    return replace(base, **more)


def path(number: int, state: str = "up", interval: int | None = 90) -> PathView:
    """A path: 1 is «ip», 2 is «radio»."""
    return PathView(number, PANEL, "ip" if number == 1 else "radio", interval, None, {}, None, state, None)


def panel(**more: Any) -> PanelView:
    """The panel, with points 1 to 9 (5 and 6 in area 2) and two paths."""
    zones = tuple(zone(str(n), area="2" if n in (5, 6) else "1") for n in range(1, 10))
    base = PanelView(
        id=PANEL,
        account="1234",
        canonical="1234",
        line=None,
        keyed=True,
        time_policy="standard",
        clear_allowed=False,
        sends_restores="yes",
        model=None,
        model_sends_restores="unknown",
        model_codes=(),
        paths=(path(1), path(2)),
        zones=zones,
    )
    return replace(base, **more)


def with_zone(view: PanelView, changed: ZoneView) -> PanelView:
    """The panel with one point changed."""
    return replace(view, zones=(*(z for z in view.zones if z.number != changed.number), changed))


def contact(name: str, user: str | None, *, authorised: bool = True) -> ContactView:
    """A destinataire with a user number."""
    return ContactView(
        1, name, 1, None, (), (), authorised, user, None, None, has_code_word=True, has_duress_word=True,
        provisional_until=None, of_brand=False,
    )  # fmt: skip


def site(*, armed: bool | None = True, **more: Any) -> SiteView:
    """A site in service, armed unless said otherwise; no schedule."""
    areas = (
        ()
        if armed is None
        else tuple(AreaView(i, n, None, armed, False, None, None) for i, n in ((1, "1"), (2, "2")))
    )
    base = SiteView(
        id=1,
        reference="S-0001",
        name="Entrepôt du Port",
        kind="professional",
        town="Villeneuve-sur-Essai",
        commune="99001",
        customer_id=None,
        organisation="centre",
        timezone="Europe/Paris",
        phone=None,
        connection="in_service",
        services=frozenset(),
        risks=None,
        police_zone=None,
        codes=(),
        customer_codes=(),
        schedule=(),
        area_groups={},
        areas=areas,
        panels=(panel(),),
        contacts=(contact("Gérante", "3"),),
        instructions=(),
        on_tests=(),
    )
    return replace(base, **more)


NIGHT = periods([{"days": [1, 2, 3, 4, 5, 6, 7], "from": "20:00", "to": "06:00"}])


def on_test(**more: Any) -> OnTestView:
    """A test of the whole site, running."""
    base = OnTestView(
        7, None, None, None, "Technicien", NOW - timedelta(minutes=10), NOW + timedelta(minutes=50)
    )
    return replace(base, **more)


def point(
    key: str, category: str = "intrusion", *, area: str | None = "1", ago: int = 60, **more: Any
) -> PointView:
    """A point of a dossier, in alarm `ago` seconds before now."""
    at = NOW - timedelta(seconds=ago)
    return PointView(key, category, area, at, at, **more)


def incident(number: int = 10, **more: Any) -> IncidentView:
    """An open intrusion, taken, with point 1 in alarm a minute ago."""
    base = IncidentView(
        id=number,
        group="main",
        family="intrusion",
        category="intrusion",
        priority=3,
        opened_at=NOW - timedelta(seconds=60),
        state="taken",
        points=(point("zone:1:1"),),
    )
    return replace(base, **more)


def cid(text: str, number: str = "001", area: str = "01") -> Event:
    """A Contact ID event: «1130» with its point or user."""
    code = text[1:]
    info = contact_id.lookup(code)
    kind = info.number if info else NumberKind.ZONE
    return Event(
        category=info.category if info else Category.UNKNOWN,
        code=code,
        qualifier=contact_id.QUALIFIERS[text[0]],
        area=area,
        zone=number if kind is NumberKind.ZONE else None,
        user=number if kind is NumberKind.USER else None,
    )


def sia(code: str, number: str | None = "1", area: str | None = "1") -> Event:
    """A SIA event with its point, user or area."""
    info = sia_codes.lookup(code)
    kind = info.number if info else NumberKind.ZONE
    return Event(
        category=info.category if info else Category.UNKNOWN,
        code=code,
        qualifier=(info.qualifier if info else None) or Qualifier.NEW,
        area=number if kind is NumberKind.AREA and number else area,
        zone=number if kind is NumberKind.ZONE else None,
        user=number if kind is NumberKind.USER else None,
    )


def line_event(code: str, **extended: str) -> Event:
    """One of our own path events."""
    qualifier = Qualifier.NEW if code == "path_lost" else Qualifier.RESTORE
    return Event(Category.PATH, code, qualifier, extended=extended)


def heard(event: Event | None, **more: Any) -> Heard:
    """That event, heard now on the panel."""
    code = event.code if event else ""
    dialect = "internal" if code.startswith("path_") else "sia" if len(code) == 2 else "contact_id"
    return replace(Heard(501, NOW, event, "accepted", dialect, 0, PANEL), **more)


def decided(
    view: SiteView, event: Event | None, *incidents: IncidentView, rules: Rules | None = None, **more: Any
) -> tuple[d.Decision, ...]:
    """decide() on that event, now."""
    return decide(view, incidents, heard(event, **more), NOW, rules or Rules())


STATES = (d.ZoneState, d.AreaState, d.PathState, d.NewZone)


def told(decisions: Iterable[d.Decision], *, states: bool = False) -> list[str]:
    """Decisions in words; states of points, areas and paths only when asked."""
    return [say(each) for each in decisions if states or not isinstance(each, STATES)]


def say(each: d.Decision) -> str:
    """One decision in words."""
    match each:
        case d.Open():
            linked = f" lié à {each.linked_id}" if each.linked_id else ""
            marks = f" [{', '.join(each.marks)}]" if each.marks else ""
            silent = "" if each.needs_operator else " sans opérateur"
            return f"ouvre {each.family} {each.category} P{each.priority}{silent}{linked}{marks}"
        case d.Join():
            rings = f" sonne ({each.ring})" if each.ring else " sans sonner"
            priority = f" P{each.priority}" if each.priority else ""
            agent = " prévenir l'agent" if each.warn_agent else ""
            presence = " pendant la présence" if each.role == "during_presence" else ""
            marks = f" [{', '.join(each.marks)}]" if each.marks else ""
            return f"rejoint {each.incident_id}{rings}{priority}{agent}{presence}{marks}"
        case d.Attach():
            return f"montré dans {each.incident_id} ({each.role})"
        case d.WarnAgent():
            return f"prévenir l'agent de {each.incident_id}"
        case d.PointBack():
            return f"{each.key} normal par {each.by} dans {each.incident_id}"
        case d.CloseItself():
            return f"clôt {each.incident_id} ({each.outcome})"
        case d.ZoneState():
            return f"point {each.number} {each.state}"
        case d.NewZone():
            return f"nouveau point {each.number}"
        case d.AreaState():
            return f"secteur {each.number} {'en' if each.armed else 'hors'} service{' partiel' if each.partial else ''}"
        case d.PathState():
            return f"voie {each.path_id} {each.state}"
        case d.TestNote():
            return f"noté en essai {each.point.key}"
        case d.BrokeThrough():
            return f"a percé l'essai {each.point.key}"
        case d.Noted():
            return f"inscrit ({each.reason})"
