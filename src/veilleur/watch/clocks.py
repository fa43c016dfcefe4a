"""«Heure du centre»: one dossier of the centre while a role's machine does not have the hour of the others.

Each role compares its machine's clock with the database's once a second, works by the database's hour when they
differ (`kernel/clock.py`), and says by how much in its sign of life. Reception says too when most panels find our
hour wrong alike (`reception/drift.py`): then the whole centre may be wrong together. Both are told here, once it
has lasted for two looks.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from veilleur.db.engine import Database, ReadSession
from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.model import Opening, PointRef
from veilleur.features.sites import commands as sites
from veilleur.features.sites.queries import lock_site
from veilleur.kernel.clock import STEP_SECONDS, Clock
from veilleur.logbook.act import Act
from veilleur.watch.deciding import WATCH_ACTOR
from veilleur.watch.defaults import SERVICE
from veilleur.watch.lease import Held, fence

CENTRE_CLOCK = "centre_clock"
POINT = "clock"
PRIORITY = 5
"""A fault: everything goes on by the database's hour, but a machine whose clock is wrong wants mending."""

# What the living roles say of their machine's clock, and receptions of what panels think of ours.
SAID = text("""
SELECT role, (detail->>'clock_ahead')::float AS ahead,
       CASE WHEN (detail->>'clock_suspect')::boolean THEN -(detail->>'clock_offset')::float END AS by_panels
FROM role_status WHERE seen_at > cast(:now AS timestamptz) - interval '5 seconds' ORDER BY role, holder""")

OPEN = text("""
SELECT i.id, i.state FROM incident_point p JOIN incident i ON i.id = p.incident_id JOIN site s ON s.id = i.site_id
WHERE s.reference = :reference AND i.closed_at IS NULL AND p.normal_at IS NULL AND p.key = :key""")


@dataclass
class Clocks:
    """Looks at the roles' clocks, under a lease."""

    database: Database
    clock: Clock
    held: Held
    _wrong_before: bool = False

    def look(self) -> None:
        """One look. Raises LeaseLostError."""
        with self.database.write() as session:
            fence(session, self.held)
            act = Act(session, self.clock.now(), WATCH_ACTOR)
            wrong = read_wrong(session, act)
            lasting = bool(wrong) and self._wrong_before
            self._wrong_before = bool(wrong)
            told = session.execute(OPEN, {"reference": sites.CENTRE_REFERENCE, "key": POINT}).first()
            if lasting and told is None:
                _open(act, ", ".join(wrong))
            elif not wrong and told is not None:
                _over(act, told.id, told.state)


def read_wrong(session: ReadSession, act: Act) -> list[str]:
    """«watch +3600 s», «reception DC-09 −3600 s»: who is wrong, and by how much."""
    wrong = []
    for row in session.execute(SAID, {"now": act.now}):
        if row.ahead is not None and abs(row.ahead) > STEP_SECONDS:
            wrong.append(_said(row.role, row.ahead))
        if row.by_panels is not None:
            wrong.append(_said(f"{row.role} DC-09", row.by_panels))
    return wrong


def _said(who: str, ahead: float) -> str:
    return f"{who} {'+' if ahead > 0 else '−'}{abs(ahead):.0f} s"


def _open(act: Act, who: str) -> None:
    site_id = sites.ensure_centre_site(act)
    lock_site(act.session, site_id)
    opening = Opening(
        site_id=site_id,
        group="main",
        family=SERVICE,
        category="technical",
        priority=PRIORITY,
        needs_operator=True,
        procedure_event="technical",
        limits={"take": 900, "act": 1800},
        headline={
            "code": CENTRE_CLOCK,
            "dialect": "internal",
            "category": "technical",
            "qualifier": "new",
            "nature": "fault",
            "zone": None,
            "zone_name": None,
            "area": None,
            "user": None,
            "text": who,
            "clears_by_restore": True,
            "marks": [],
        },
    )
    incidents.open_incident(act, opening, None, PointRef(POINT, who, "technical", None, None))


def _over(act: Act, incident_id: int, state: str) -> None:
    lock_site(act.session, sites.ensure_centre_site(act))
    if state == "new":
        incidents.close_by_itself(act, incident_id, "restored", None)
    else:
        incidents.mark_point_normal(act, incident_id, POINT, "restore", act.now)
