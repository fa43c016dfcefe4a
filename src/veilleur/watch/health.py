"""The health of the house as dossiers of the centre's own site: one per fault, opened once, over by itself.

What is found wrong twice in a row opens a dossier; well again, a dossier that nobody took closes by itself, and one that
somebody holds has its point back to normal (as «réception muette», `receptions.py`). What a check cannot tell changes
nothing. The looking itself is in `ailments.py`; it runs in a thread of its own, for a dead disk may hold it for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import text

from veilleur.features.incidents import commands as incidents
from veilleur.features.incidents.model import Opening, PointRef
from veilleur.features.sites import commands as sites
from veilleur.features.sites.queries import lock_site
from veilleur.logbook.act import Act
from veilleur.watch.ailments import Fault, House, examine
from veilleur.watch.deciding import WATCH_ACTOR
from veilleur.watch.defaults import SERVICE
from veilleur.watch.lease import Held, fence

KEY = "health:"
URGENT = {"take": 30, "act": 60}
ORDINARY = {"take": 900, "act": 1800}

# The open dossiers of the centre about its own health, by fault.
OPEN = text("""
SELECT p.key, i.id, i.state FROM incident_point p JOIN incident i ON i.id = p.incident_id JOIN site s ON s.id = i.site_id
WHERE s.reference = :reference AND i.closed_at IS NULL AND p.normal_at IS NULL AND p.key LIKE 'health:%'""")


@dataclass
class Health:
    """Looks, under a lease."""

    house: House
    held: Held
    _wrong_before: set[str] = field(default_factory=set)

    def look(self) -> None:
        """One look at everything, then one transaction when something changed. Raises LeaseLostError."""
        found = examine(self.house)
        wrong = {key for key, fault in found.items() if fault is not None}
        lasting, self._wrong_before = wrong & self._wrong_before, wrong
        with self.house.database.read() as session:
            told = self._told(session)
        if not (lasting - told.keys()) and not any(key in found and key not in wrong for key in told):
            return
        with self.house.database.write() as session:
            fence(session, self.held)
            act = Act(session, self.house.clock.now(), WATCH_ACTOR)
            site_id = sites.ensure_centre_site(act)
            lock_site(session, site_id)
            self._tell(act, site_id, found, lasting)

    @staticmethod
    def _told(session: object) -> dict[str, tuple[int, str]]:
        rows = session.execute(OPEN, {"reference": sites.CENTRE_REFERENCE})  # type: ignore[attr-defined]
        return {row.key.removeprefix(KEY): (row.id, row.state) for row in rows}

    def _tell(self, act: Act, site_id: int, found: Mapping[str, Fault | None], lasting: set[str]) -> None:
        told = self._told(act.session)
        for key in sorted(lasting - told.keys()):
            fault = found[key]
            if fault is not None:
                _open(act, site_id, key, fault)
        for key, (incident_id, state) in sorted(told.items()):
            if key not in found or found[key] is not None:
                continue
            if state == "new":
                incidents.close_by_itself(act, incident_id, "restored", None)
            else:
                incidents.mark_point_normal(act, incident_id, KEY + key, "restore", act.now)


def _open(act: Act, site_id: int, key: str, fault: Fault) -> None:
    opening = Opening(
        site_id=site_id,
        group=f"{KEY}{key}",
        family=SERVICE,
        category="technical",
        priority=fault.priority,
        needs_operator=True,
        procedure_event="technical",
        limits=URGENT if fault.priority <= 2 else ORDINARY,
        headline={
            "code": fault.code,
            "dialect": "internal",
            "category": "technical",
            "qualifier": "new",
            "nature": "fault",
            "zone": None,
            "zone_name": None,
            "area": None,
            "user": None,
            "text": fault.text,
            "clears_by_restore": True,
            "marks": [],
        },
    )
    incidents.open_incident(act, opening, None, PointRef(KEY + key, fault.text, "technical", None, None))
