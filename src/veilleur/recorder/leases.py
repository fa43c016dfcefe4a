"""Which recorder runs which camera: a row of `camera_lease` each, timed by the database's clock.

A recorder takes free cameras up to its fair share, so that those of one that died are shared by the living. One that holds
more than its share gives back, for the sake of a recorder that returns, what is not being recorded at the moment: a camera
that changes hands loses a second, and nobody's balance is worth a second of a recording. But in its first seconds it gives
back all it took before its colleagues, which start with it, were there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import text

from veilleur.db.engine import Database, WriteSession
from veilleur.db.status import STALE
from veilleur.kernel.clock import Clock

TTL = 6.0
"""Seconds: the cameras of a recorder that died are another's within it; a live one renews each second."""

GIVE_BACK = 30.0
"""Seconds between two cameras given back to a recorder with fewer."""

YOUNG = 20.0
"""Seconds from its first turn: the recorders of a machine start within a few."""

# Prolongs the leases that are still ours.
RENEW = text("""
UPDATE camera_lease SET until = clock_timestamp() + make_interval(secs => :ttl), address = :address
WHERE holder = :holder AND camera_id = ANY(:cameras) AND until > clock_timestamp()
RETURNING camera_id, epoch""")

# Takes a lease that is free, expired or ours from an earlier life; each taking is a new epoch.
ACQUIRE = text("""
INSERT INTO camera_lease AS l (camera_id, holder, address, epoch, until)
SELECT wanted, :holder, :address, 1, clock_timestamp() + make_interval(secs => :ttl)
FROM unnest(CAST(:cameras AS bigint[])) AS wanted
ON CONFLICT (camera_id) DO UPDATE
SET holder = excluded.holder, address = excluded.address, epoch = l.epoch + 1, until = excluded.until
WHERE l.until < clock_timestamp() OR l.holder = excluded.holder
RETURNING l.camera_id, l.epoch""")

# Cameras that somebody runs now.
TAKEN = text("SELECT camera_id FROM camera_lease WHERE until > clock_timestamp()")

# Ends leases early, so that another need not wait.
RELEASE = text("""
UPDATE camera_lease SET until = clock_timestamp() - interval '1 second'
WHERE holder = :holder AND camera_id = ANY(:cameras)""")

# Cameras of ours that are being recorded.
RECORDED = text("SELECT camera_id FROM camera_status WHERE camera_id = ANY(:cameras) AND recording")

# Recorders that gave a sign of life, ourselves included.
LIVING = text("""
SELECT DISTINCT holder FROM role_status WHERE role ~ '^recorder(-[0-9]+)?$' AND ready AND seen_at > :since""")


def fair_share(cameras: int, recorders: int, most: int) -> int:
    """How many cameras one of so many recorders takes; never more than `most`."""
    return min(most, -(-cameras // max(1, recorders)))


@dataclass
class Leases:
    """The cameras this recorder runs. `address`: of its listener, told to the desk."""

    database: Database
    clock: Clock
    holder: str
    address: str
    most: int
    ttl: float = TTL
    held: dict[int, int] = field(default_factory=dict)
    """Camera → epoch."""
    _given_back: float = 0.0
    _began: float | None = None

    def turn(self, cameras: Collection[int], *, watched: Iterable[int] = ()) -> set[int]:
        """Renews, lets go of what is no camera any more, takes what is free; the cameras that are ours now.

        `watched`: not given back for the sake of balance. Raises what the database raises; until then `held` stands.
        """
        known = set(cameras)
        self._began = self.clock.monotonic() if self._began is None else self._began
        with self.database.write() as session:
            gone = self.held.keys() - known
            self._release(session, gone)
            mine = self.held.keys() - gone
            renewed = session.execute(RENEW, self._row(mine)).all() if mine else []
            now = {int(camera): int(epoch) for camera, epoch in renewed}
            share = fair_share(len(known), self._recorders(session), self.most)
            untaken = known - set(session.scalars(TAKEN)) - now.keys()
            # First those we still run: their leases ran out while the database was away.
            free = sorted(untaken, key=lambda each: (each not in mine, each))[: max(0, share - len(now))]
            if free:
                now |= {
                    int(camera): int(epoch) for camera, epoch in session.execute(ACQUIRE, self._row(free))
                }
            if len(now) > share and (extra := self._one_too_many(session, now, set(watched))) is not None:
                self._release(session, [extra])
                del now[extra]
        self.held = now
        return set(now)

    def release(self, cameras: Iterable[int] | None = None) -> None:
        """Lets go of these cameras, or of all."""
        leaving = list(self.held if cameras is None else cameras)
        with self.database.write() as session:
            self._release(session, leaving)
        for camera in leaving:
            self.held.pop(camera, None)

    def _row(self, cameras: Iterable[int]) -> dict[str, object]:
        return {"holder": self.holder, "address": self.address, "ttl": self.ttl, "cameras": sorted(cameras)}

    def _release(self, session: WriteSession, cameras: Iterable[int]) -> None:
        if leaving := sorted(cameras):
            session.execute(RELEASE, {"holder": self.holder, "cameras": leaving})

    def _recorders(self, session: WriteSession) -> int:
        since = self.clock.now() - STALE - timedelta(seconds=1)
        return len({self.holder, *session.scalars(LIVING, {"since": since})})

    def _one_too_many(self, session: WriteSession, held: Collection[int], watched: set[int]) -> int | None:
        now = self.clock.monotonic()
        young = self._began is not None and now - self._began < YOUNG
        if not young and now - self._given_back < GIVE_BACK:
            return None
        recorded = () if young else session.scalars(RECORDED, {"cameras": sorted(held)})
        idle = sorted(set(held) - watched - set(recorded))
        if not idle:
            return None
        self._given_back = now
        return idle[-1]
