"""The live receptions as the watch sees them: how far each has written, and which has fallen silent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import text

from veilleur.db.engine import ReadSession
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.model import Opening, PointRef
from veilleur.features.sites import commands as sites
from veilleur.features.sites.queries import lock_site
from veilleur.logbook.act import Act
from veilleur.watch.defaults import SERVICE

SILENT_AFTER = timedelta(seconds=10)
"""A watermark older than that is one incident of the centre."""

SILENCE_PRIORITY = 2
"""Panels may be dialling to nobody."""

# Receptions that have not said goodbye.
RECEPTIONS = text("""
SELECT holder, lines, started_at, flushed_at FROM reception_watermark WHERE stopped_at IS NULL ORDER BY holder""")

# The open dossiers of the centre about receptions, by reception.
OPEN_SILENCES = text("""
SELECT p.key, i.id, i.state FROM incident_point p JOIN incident i ON i.id = p.incident_id
JOIN site s ON s.id = i.site_id
WHERE s.reference = :reference AND i.closed_at IS NULL AND p.normal_at IS NULL AND p.key LIKE 'reception:%'""")


@dataclass(frozen=True)
class Reception:
    """A reception process. `silent`: it has not written for too long, and no other has taken its lines over."""

    holder: str
    lines: frozenset[str]
    started_at: datetime
    flushed_at: datetime
    live: bool = True
    silent: bool = False


def read_receptions(session: ReadSession) -> tuple[Reception, ...]:
    """Those that have started and not stopped."""
    rows = session.execute(RECEPTIONS)
    return tuple(Reception(r.holder, frozenset(r.lines), r.started_at, r.flushed_at) for r in rows)


def judge_receptions(receptions: Sequence[Reception], now: datetime) -> tuple[Reception, ...]:
    """Which are live, which are silent; one that died and was started again under another name is neither."""
    fresh = [r for r in receptions if now - r.flushed_at <= SILENT_AFTER]
    judged = []
    for reception in receptions:
        if reception in fresh:
            judged.append(reception)
            continue
        replaced = any(
            other.started_at >= reception.flushed_at and other.lines >= reception.lines for other in fresh
        )
        judged.append(replace(reception, live=False, silent=not replaced))
    return tuple(judged)


def report_receptions(act: Act, receptions: Sequence[Reception]) -> None:
    """One dossier of the centre per silent reception; closed by itself when it writes again and nobody took it."""
    rows = act.session.execute(OPEN_SILENCES, {"reference": sites.CENTRE_REFERENCE}).all()
    told = {row.key: row for row in rows}
    silent = {f"reception:{r.holder}": r for r in receptions if r.silent}
    if told.keys() == silent.keys():
        return
    site_id = sites.ensure_centre_site(act)
    lock_site(act.session, site_id)
    for key, reception in silent.items():
        if key not in told:
            _open(act, site_id, key, reception)
    for key, row in told.items():
        if key not in silent:
            if row.state == "new":
                incidents.close_by_itself(act, row.id, "path_back", None)
            else:
                incidents.mark_point_normal(act, row.id, key, "restore", act.now)


def _open(act: Act, site_id: int, key: str, reception: Reception) -> None:
    label = ", ".join(sorted(reception.lines)) or reception.holder
    opening = Opening(
        site_id=site_id,
        group="main",
        family=SERVICE,
        category="communication",
        priority=SILENCE_PRIORITY,
        needs_operator=True,
        procedure_event="communication",
        limits={"take": 30, "act": 60},
        headline={
            "code": "reception_silent",
            "dialect": "internal",
            "category": "communication",
            "qualifier": "new",
            "nature": "fault",
            "zone": None,
            "zone_name": None,
            "area": None,
            "user": None,
            "text": label,
            "clears_by_restore": True,
            "marks": [],
        },
    )
    incidents.open_incident(act, opening, None, PointRef(key, label, "communication", None, None))
