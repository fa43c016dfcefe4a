"""What the leading watch looks after beside the decisions, and how often."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from veilleur.db.engine import Database
from veilleur.kernel.clock import Clock
from veilleur.watch.caretaker import Care
from veilleur.watch.clocks import Clocks
from veilleur.watch.lease import Held
from veilleur.watch.orphans import Orphans
from veilleur.watch.station import Station

STATION_EVERY = 1.0
CLOCKS_EVERY = 2.0
ORPHANS_EVERY = 2.0


def cares_of(database: Database, clock: Clock) -> Callable[[Held], Sequence[Care]]:
    """The cares of this house, for whoever leads."""

    def made(held: Held) -> Sequence[Care]:
        return (
            Care("station", STATION_EVERY, Station(database, clock, held).look),
            Care("clocks", CLOCKS_EVERY, Clocks(database, clock, held).look),
            Care("orphans", ORPHANS_EVERY, Orphans(database, clock, held).look),
        )

    return made
