"""Orphans: the dossiers of a workstation that died ring on the others (need 2), and fall silent when it comes back.

A person whose screens have all been silent for 10 s works on nothing. His dossiers are orphans as soon as somebody else
could take them; with nobody else alive the whole station is not held, which is another matter (`station.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from veilleur.db.engine import Database
from veilleur.features.continuity.queries import ALIVE_WITHIN, KINDS
from veilleur.features.incidents import commands as incidents
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act
from veilleur.watch.deciding import WATCH_ACTOR
from veilleur.watch.lease import Held, fence

LIMIT = 100
"""Dossiers in one look: bounds its transaction."""

# Held dossiers whose holder has no live screen although another post of the room has one; and orphans whose holder is back.
LOOK = text("""
WITH alive AS (SELECT DISTINCT user_id FROM web_session WHERE last_seen >= :alive),
others AS (
  SELECT p.holder_id FROM post p JOIN web_session w ON w.post_id = p.id AND w.last_seen >= :alive
  WHERE p.kind = ANY(:kinds) AND p.removed_at IS NULL
)
SELECT i.id, i.owner_id, i.ring_reason = 'orphan' AS back FROM incident i
LEFT JOIN alive ON alive.user_id = i.owner_id
WHERE i.closed_at IS NULL AND i.owner_id IS NOT NULL AND i.state IN ('taken', 'closing', 'parked')
  AND CASE WHEN i.ring_reason = 'orphan' THEN alive.user_id IS NOT NULL
      ELSE alive.user_id IS NULL AND EXISTS (SELECT FROM others WHERE holder_id <> i.owner_id) END
ORDER BY i.site_id, i.id LIMIT :limit""")


@dataclass
class Orphans:
    """Looks for them, under a lease."""

    database: Database
    clock: Clock
    held: Held

    def look(self) -> int:
        """One look, one transaction a dossier; how many began or ceased to be orphans. Raises LeaseLostError."""
        now = self.clock.now()
        given = {"alive": now - ALIVE_WITHIN, "kinds": list(KINDS), "limit": LIMIT}
        with self.database.read() as session:
            rows = session.execute(LOOK, given).all()
        changed = 0
        for row in rows:
            with self.database.write() as session:
                fence(session, self.held)
                act = Act(session, self.clock.now(), WATCH_ACTOR)
                done = (
                    incidents.found(act, row.id)
                    if row.back
                    else incidents.orphaned(act, row.id, row.owner_id)
                )
                changed += done
        return changed
