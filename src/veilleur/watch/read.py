"""Fills what decide() reads: the open dossiers of a site, the rules of the centre, the events of a signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from veilleur.db.engine import ReadSession
from veilleur.features.incidents.limits import centre_limits
from veilleur.features.sites.queries import centre
from veilleur.protocols.events import Category, Event, Qualifier
from veilleur.watch.view import DEFAULT_RULES, ENGAGED, Heard, IncidentView, PointView, Rules

# Open dossiers of a site with the state of the intervention that says most: on site before on the way.
OPEN_INCIDENTS = text("""
SELECT i.id, i."group" AS area_group, i.family, i.category, i.priority, i.state, i.opened_at, i.headline,
       (SELECT v.state FROM intervention v WHERE v.incident_id = i.id AND v.state = ANY(:engaged)
        ORDER BY v.state IN ('on_site', 'finding') DESC, v.id DESC LIMIT 1) AS agent
FROM incident i WHERE i.site_id = :site_id AND i.closed_at IS NULL ORDER BY i.id""")

# Their points, the first to speak first.
OPEN_POINTS = text("""
SELECT incident_id, key, category, area, zone_id, first_at, last_at, normal_at
FROM incident_point WHERE incident_id = ANY(:ids) ORDER BY id""")

# One stored signal, as decide() needs it.
SIGNAL = """
SELECT id, received_at, verdict, protocol, token, transport, panel_id, path_id, site_id, account, line, events,
       attempts, events_decided FROM signal"""


@dataclass(frozen=True)
class StoredSignal:
    """A signal as stored. `events`: the JSON of the contract."""

    id: int
    received_at: datetime
    verdict: str
    protocol: str
    token: str
    transport: str
    panel_id: int | None
    path_id: int | None
    site_id: int | None
    account: str | None
    line: str
    events: Sequence[Mapping[str, Any]]
    attempts: int
    events_decided: int = 0

    @property
    def dialect(self) -> str:
        """contact_id | sia | internal: which code table its codes are from."""
        if self.transport == "internal":
            code = str(self.events[0].get("code")) if self.events else ""
            return {2: "sia", 3: "contact_id"}.get(len(code), "internal")
        return "sia" if self.token.upper().lstrip("*") == "SIA-DCS" else "contact_id"

    def heard(self) -> tuple[Heard, ...]:
        """Its events; a signal without any (unreadable) is heard once, as nothing."""
        events: list[Event | None] = [event_of(row) for row in self.events]
        return tuple(
            Heard(
                signal_id=self.id,
                at=self.received_at,
                event=event,
                verdict=self.verdict,
                dialect=self.dialect,
                index=index,
                panel_id=self.panel_id,
                path_id=self.path_id,
            )
            for index, event in enumerate(events or [None])
        )


def event_of(row: Mapping[str, Any]) -> Event:
    """An event from its JSON. Raises KeyError or ValueError on what is no event."""
    return Event(
        category=Category(row["category"]),
        code=row["code"],
        qualifier=Qualifier(row["qualifier"]),
        area=row.get("area"),
        zone=row.get("zone"),
        user=row.get("user"),
        text=row.get("text"),
        extended=row.get("extended") or {},
    )


def read_rules(session: ReadSession) -> Rules:
    """The centre's settings that decide() obeys; `codes` and `watch` of `centre.settings`."""
    house = centre(session)
    if house is None:
        return DEFAULT_RULES
    limits = centre_limits(house.settings)
    own: Mapping[str, Any] = house.settings.get("watch") or {}
    return Rules(
        take_urgent=limits.urgent.take,
        act_urgent=limits.urgent.act,
        take=limits.other.take,
        act=limits.other.act,
        take_fault=limits.fault.take,
        act_fault=limits.fault.act,
        confirm=int(own.get("confirm", DEFAULT_RULES.confirm)),
        entry_delay=int(own.get("entry_delay", DEFAULT_RULES.entry_delay)),
        late_close=int(own.get("late_close", DEFAULT_RULES.late_close)),
        codes=tuple(house.settings.get("codes") or ()),
    )


def read_incidents(session: ReadSession, site_id: int) -> tuple[IncidentView, ...]:
    """The open dossiers of a site; take its lock first when deciding."""
    rows = session.execute(OPEN_INCIDENTS, {"site_id": site_id, "engaged": sorted(ENGAGED)}).all()
    if not rows:
        return ()
    points: dict[int, list[PointView]] = {row.id: [] for row in rows}
    for row in session.execute(OPEN_POINTS, {"ids": list(points)}):
        points[row.incident_id].append(
            PointView(
                key=row.key,
                category=row.category,
                area=row.area,
                first_at=row.first_at,
                last_at=row.last_at,
                zone_id=row.zone_id,
                normal=row.normal_at is not None,
            )
        )
    return tuple(_incident(row, points[row.id]) for row in rows)


def _incident(row: Any, points: Sequence[PointView]) -> IncidentView:
    headline: Mapping[str, Any] = row.headline
    return IncidentView(
        id=row.id,
        group=row.area_group,
        family=row.family,
        category=row.category,
        priority=row.priority,
        opened_at=row.opened_at,
        state=row.state,
        points=tuple(points),
        agent=row.agent,
        clears_by_restore=bool(headline.get("clears_by_restore")),
        clears_by_disarm=bool(headline.get("clears_by_disarm")),
        entry_delay=int(headline.get("entry_delay", DEFAULT_RULES.entry_delay)),
        marks=tuple(headline.get("marks") or ()),
    )


def read_signal(session: ReadSession, signal_id: int) -> StoredSignal | None:
    """One stored signal."""
    row = session.execute(text(f"{SIGNAL} WHERE id = :id"), {"id": signal_id}).one_or_none()
    return None if row is None else StoredSignal(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public mapping
