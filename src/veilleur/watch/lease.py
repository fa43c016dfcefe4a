"""One active watch, fenced: a row `(holder, epoch, until)`; every deciding transaction locks it FOR SHARE.

Leases are timed by the database's clock, the only one that watches on several machines share. A takeover waits
for the deciding transactions of the old holder, and raises the epoch, so that a holder who slept through his
lease is refused at his next transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from veilleur.db.engine import Database, WriteSession
from veilleur.kernel.errors import VeilleurError

WATCH = "watch"
TTL = 6.0
"""Seconds: a dead watch is replaced within it; a live one renews every third of it."""

# Takes a lease that is free, expired, or ours from an earlier life; each taking is a new epoch.
ACQUIRE = text("""
INSERT INTO lease (name, holder, epoch, until)
VALUES (:name, :holder, 1, clock_timestamp() + make_interval(secs => :ttl))
ON CONFLICT (name) DO UPDATE
SET holder = excluded.holder, epoch = lease.epoch + 1, until = excluded.until
WHERE lease.until < clock_timestamp() OR lease.holder = excluded.holder
RETURNING epoch""")

# Prolongs a lease that nobody has taken since.
RENEW = text("""
UPDATE lease SET until = clock_timestamp() + make_interval(secs => :ttl)
WHERE name = :name AND holder = :holder AND epoch = :epoch
RETURNING epoch""")

# Ends a lease early, so that a standby need not wait.
RELEASE = text("""
UPDATE lease SET until = clock_timestamp() - interval '1 second'
WHERE name = :name AND holder = :holder AND epoch = :epoch""")

# Holds the lease still until the deciding transaction ends.
# A row held by somebody's command is waited for briefly: it holds back its own site, not the room.
FENCE = text("""
WITH held AS (SELECT 1 FROM lease WHERE name = :name AND epoch = :epoch FOR SHARE)
SELECT set_config('lock_timeout', '500ms', true) FROM held""")


class LeaseLostError(VeilleurError):
    """Another watch has taken over."""

    status = 503
    code = "lease_lost"


@dataclass(frozen=True)
class Held:
    """A lease in hand."""

    name: str
    holder: str
    epoch: int


def acquire(database: Database, name: str, holder: str, ttl: float = TTL) -> Held | None:
    """Takes the lease if it is free; None while somebody else holds it."""
    with database.write() as session:
        epoch = session.scalar(ACQUIRE, {"name": name, "holder": holder, "ttl": ttl})
    return None if epoch is None else Held(name, holder, int(epoch))


def renew(database: Database, held: Held, ttl: float = TTL) -> None:
    """Prolongs the lease. Raises LeaseLostError when it is no longer ours."""
    with database.write() as session:
        kept = session.scalar(
            RENEW, {"name": held.name, "holder": held.holder, "epoch": held.epoch, "ttl": ttl}
        )
    if kept is None:
        raise LeaseLostError(f"The lease «{held.name}» is no longer ours.")


def release(database: Database, held: Held) -> None:
    """Lets go, if it is still ours."""
    with database.write() as session:
        session.execute(RELEASE, {"name": held.name, "holder": held.holder, "epoch": held.epoch})


def fence(session: WriteSession, held: Held) -> None:
    """To be called first in every deciding transaction. Raises LeaseLostError."""
    if session.scalar(FENCE, {"name": held.name, "epoch": held.epoch}) is None:
        raise LeaseLostError(f"The lease «{held.name}» is no longer ours.")
