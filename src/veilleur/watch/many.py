"""Many accounts lost together: one incident of the centre with its list, each account kept on its own site."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import text

from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.model import Opening, PointRef, SignalRef
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites import commands as sites
from veilleur.features.sites.queries import lock_site
from veilleur.logbook.act import Act
from veilleur.watch.defaults import TECHNICAL
from veilleur.watch.internal import OwnSignal, store_own
from veilleur.watch.lines import PATH_LOST

MANY_ALONE = 900
"""Seconds after which an account still lost is told on its own site all the same."""

PRIORITY = 3
CODE = "many_paths_lost"

# The open incident of this carrier or line, if there is one.
OPEN_MANY = text("""
SELECT i.id, i.reference FROM incident i JOIN site s ON s.id = i.site_id
WHERE s.reference = :reference AND i.closed_at IS NULL AND i.headline->>'code' = :code
  AND i.headline->>'text' = :shared ORDER BY i.id LIMIT 1""")

KNOWN = text("SELECT key FROM incident_point WHERE incident_id = :id AND normal_at IS NULL")

# The latest signal of loss of each path.
TOLD = text("""
SELECT path_id, max(id) AS id FROM signal
WHERE path_id = ANY(:ids) AND transport = 'internal' AND token = 'PATH_LOST' GROUP BY path_id""")

# Lines of these incidents whose path has come back.
BACK = text("""
SELECT i.id, p.key, i.state FROM incident i JOIN site s ON s.id = i.site_id JOIN incident_point p ON p.incident_id = i.id
JOIN panel_path t ON p.key = 'path:' || t.id
WHERE s.reference = :reference AND i.closed_at IS NULL AND i.headline->>'code' = :code
  AND p.normal_at IS NULL AND t.state <> 'lost' AND t.state_since > p.last_at ORDER BY p.id LIMIT :limit""")

LEFT = text("SELECT count(*) FROM incident_point WHERE incident_id = :id AND normal_at IS NULL")

# Lines still lost after a while, whose own site has not been told: no loss of this path by itself since.
STILL_LOST = text("""
SELECT t.id AS path_id, t.name, n.id AS panel_id, n.account, n.site_id
FROM incident i JOIN site s ON s.id = i.site_id JOIN incident_point p ON p.incident_id = i.id
JOIN panel_path t ON p.key = 'path:' || t.id JOIN panel n ON n.id = t.panel_id
WHERE s.reference = :reference AND i.headline->>'code' = :code AND p.normal_at IS NULL AND t.state = 'lost'
  AND p.last_at <= :before
  AND NOT EXISTS (SELECT 1 FROM signal w WHERE w.path_id = t.id AND w.transport = 'internal'
                  AND w.token = 'PATH_LOST' AND w.received_at >= p.last_at
                  AND w.events->0->'extended'->>'many' IS NULL)
ORDER BY t.id LIMIT :limit""")


def open_many(act: Act, shared: str) -> tuple[int, str]:
    """The incident of a carrier or line, opened if there is none: (id, reference)."""
    site_id = sites.ensure_centre_site(act)
    lock_site(act.session, site_id)
    names = {"reference": sites.CENTRE_REFERENCE, "code": CODE, "shared": shared}
    found = act.session.execute(OPEN_MANY, names).one_or_none()
    if found is not None:
        return found.id, found.reference
    incident_id = incidents.open_incident(act, _opening(site_id, shared), None, None)
    return incident_id, act.session.get_one(Incident, incident_id).reference


def list_many(act: Act, incident_id: int, listed: Sequence[tuple[int, str]]) -> None:
    """Adds (path, label) to the list of an incident, each with the signal that told its loss."""
    known = set(act.session.scalars(KNOWN, {"id": incident_id}))
    told = {
        row.path_id: row.id for row in act.session.execute(TOLD, {"ids": [number for number, _ in listed]})
    }
    for number, label in listed:
        key = f"path:{number}"
        if key not in known and number in told:
            signal = SignalRef(told[number], 0, act.now, "new_point")
            incidents.join_signal(act, incident_id, signal, PointRef(key, label, "path", None, None))


def _opening(site_id: int, shared: str) -> Opening:
    return Opening(
        site_id=site_id,
        group="main",
        family=TECHNICAL,
        category="path",
        priority=PRIORITY,
        needs_operator=True,
        procedure_event="path",
        limits={"take": 90, "act": 120},
        headline={
            "code": CODE,
            "dialect": "internal",
            "category": "path",
            "qualifier": "new",
            "nature": "fault",
            "zone": None,
            "zone_name": None,
            "area": None,
            "user": None,
            "text": shared,
            "clears_by_restore": True,
            "marks": ["many_paths"],
        },
    )


def list_back(act: Act, limit: int) -> int:
    """Keeps the lists true: what came back is marked so, at most `limit` lines; how many. An empty list closes."""
    rows = act.session.execute(
        BACK, {"reference": sites.CENTRE_REFERENCE, "code": CODE, "limit": limit}
    ).all()
    for row in rows:
        incidents.mark_point_normal(act, row.id, row.key, "restore", act.now)
        if row.state == "new" and act.session.scalar(LEFT, {"id": row.id}) == 0:
            incidents.close_by_itself(act, row.id, "path_back", None)
    return len(rows)


def still_lost(act: Act, alone: int, limit: int) -> int:
    """Tells site by site what is still lost after `alone` seconds, at most `limit` paths; how many were told."""
    names = {"reference": sites.CENTRE_REFERENCE, "code": CODE, "limit": limit}
    before = act.now - timedelta(seconds=alone)
    rows = act.session.execute(STILL_LOST, {**names, "before": before}).all()
    signals = [
        OwnSignal(
            site_id=row.site_id,
            category="path",
            code=PATH_LOST,
            qualifier="new",
            panel_id=row.panel_id,
            path_id=row.path_id,
            account=row.account,
            text=row.name,
        )
        for row in rows
    ]
    return len(store_own(act, signals))
