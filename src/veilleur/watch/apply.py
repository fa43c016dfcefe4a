"""Applies decisions through the commands of the features, in the transaction that marks the signal decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.model import Opening, PointRef, SignalRef
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites import commands as sites
from veilleur.features.sites.model import SiteView
from veilleur.features.sites.queries import site_row, subject_of
from veilleur.logbook.act import Act
from veilleur.watch.decisions import (
    AreaState,
    Attach,
    BrokeThrough,
    CloseItself,
    Decision,
    Join,
    NewZone,
    Noted,
    Open,
    PathState,
    Point,
    PointBack,
    TestNote,
    WarnAgent,
    ZoneState,
)
from veilleur.watch.view import Heard

NOTED_ENTRIES = {
    "connecting": "signal.listed",
    "terminated": "signal.not_treated",
    "many_paths": "signal.path_of_many",
}


@dataclass
class Applier:
    """One event's decisions, under the site's lock. `opened`: the dossiers it opened."""

    act: Act
    site: SiteView
    heard: Heard
    opened: list[int] = field(default_factory=list)
    _raised: int | None = None
    """The dossier that the last of them opened or joined."""
    _zones: dict[tuple[int, str], int] = field(default_factory=dict)

    def run(self, decisions: Sequence[Decision]) -> None:
        """Applies them: new points first, what people see next, states of points last, on the same entry."""
        for decision in decisions:
            if isinstance(decision, NewZone):
                self._discover(decision)
        before = len(self.act.entries)
        for decision in decisions:
            if not isinstance(decision, NewZone | ZoneState):
                self._apply(decision)
        entry = self.act.entries[-1] if len(self.act.entries) > before else None
        for decision in decisions:
            if isinstance(decision, ZoneState):
                self._zone_state(decision, entry)

    def _apply(self, decision: Decision) -> None:
        match decision:
            case Open():
                self._open(decision)
            case Join():
                self._join(decision)
            case TestNote():
                self._note_on_test(decision.test_id, decision.point, decision.qualifier)
            case BrokeThrough():
                self._break_through(decision)
            case AreaState():
                sites.set_area_state(
                    self.act,
                    self.site.id,
                    decision.number,
                    armed=decision.armed,
                    partial=decision.partial,
                    at=self.heard.at,
                    by=decision.by,
                )
            case PathState():
                sites.set_path_state(self.act, decision.path_id, decision.state, self.heard.at)
            case Noted():
                subject = subject_of(site_row(self.act.session, self.site.id))
                self.act.record(
                    NOTED_ENTRIES[decision.reason],
                    decision.params,
                    subject=subject,
                    touched={"site": [self.site.id]},
                    happened_at=self.heard.at,
                )
            case _:
                self._on_incident(decision)

    def _on_incident(self, decision: Decision) -> None:
        act, at = self.act, self.heard.at
        match decision:
            case Attach():
                incidents.attach(act, decision.incident_id, self._signal(decision.role))
            case WarnAgent():
                incidents.warn_agent(act, decision.incident_id, self._signal("info"))
            case PointBack():
                incidents.mark_point_normal(act, decision.incident_id, decision.key, decision.by, at)
            case CloseItself():
                incidents.close_by_itself(act, decision.incident_id, decision.outcome, None)

    def _signal(self, role: str) -> SignalRef:
        return SignalRef(self.heard.signal_id, self.heard.index, self.heard.at, role)

    def _point(self, point: Point | None) -> PointRef | None:
        if point is None:
            return None
        zone_id = self._zone_id(*point.zone) if point.zone is not None else None
        return PointRef(point.key, point.label, point.category, point.area, zone_id)

    def _zone_id(self, panel_id: int, number: str) -> int | None:
        known = self._zones.get((panel_id, number))
        if known is None:
            zone = self.site.zone(panel_id, number)
            known = zone.id if zone is not None else None
        return known

    def _discover(self, decision: NewZone) -> None:
        self._zones[decision.panel_id, decision.number] = sites.discover_zone(
            self.act,
            site_id=self.site.id,
            panel_id=decision.panel_id,
            number=decision.number,
            shown=decision.shown,
            area=decision.area,
            name=decision.name,
            kind=decision.kind,
            at=self.heard.at,
        )

    def _open(self, decision: Open) -> None:
        opening = Opening(
            site_id=self.site.id,
            group=decision.group,
            family=decision.family,
            category=decision.category,
            priority=decision.priority,
            needs_operator=decision.needs_operator,
            procedure_event=decision.procedure,
            limits={"take": decision.take, "act": decision.act},
            headline=decision.headline,
            duress=decision.duress,
            linked_id=decision.linked_id,
        )
        point = self._point(decision.point)
        self._raised = incidents.open_incident(self.act, opening, self._signal("opened"), point)
        self.opened.append(self._raised)

    def _join(self, decision: Join) -> None:
        self._raised = decision.incident_id
        incidents.join_signal(
            self.act,
            decision.incident_id,
            self._signal(decision.role),
            self._point(decision.point),
            ring=decision.ring,
            priority=decision.priority,
            limits=decision.limits,
            marks=decision.marks,
            warn_agent=decision.warn_agent,
            duress=decision.duress,
        )

    def _break_through(self, decision: BrokeThrough) -> None:
        dossier = self.act.session.get_one(Incident, self._raised)
        self._note_on_test(decision.test_id, decision.point, "new", (dossier.id, dossier.reference))

    def _note_on_test(
        self, test_id: int, point: Point, qualifier: str, dossier: tuple[int, str] | None = None
    ) -> None:
        sites.note_on_test(
            self.act,
            test_id,
            point_key=point.key,
            label=point.label,
            category=point.category,
            qualifier=qualifier,
            zone_id=self._zone_id(*point.zone) if point.zone is not None else None,
            at=self.heard.at,
            signal_id=self.heard.signal_id,
            dossier=dossier,
        )

    def _zone_state(self, decision: ZoneState, entry: int | None) -> None:
        zone_id = self._zone_id(decision.panel_id, decision.number)
        if zone_id is not None:
            sites.set_zone_state(self.act, zone_id, decision.state, self.heard.at, entry_id=entry)
