"""What the leading watch looks after beside the decisions, and how often."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from veilleur.db.engine import Database
from veilleur.kernel.clock import Clock
from veilleur.settings import Settings, split_address
from veilleur.watch.ailments import House
from veilleur.watch.caretaker import Care
from veilleur.watch.chain import Chain
from veilleur.watch.clocks import Clocks
from veilleur.watch.dialler import Target
from veilleur.watch.health import Health
from veilleur.watch.lease import Held
from veilleur.watch.orphans import Orphans
from veilleur.watch.station import Station

CHAIN_EVERY = 1.0
HEALTH_EVERY = 20.0
STATION_EVERY = 1.0
CLOCKS_EVERY = 2.0
ORPHANS_EVERY = 2.0


def targets_of(settings: Settings) -> list[Target]:
    """The reception lines of this machine, as the built-in dialler reaches them."""
    found = []
    for line in settings.reception_lines():
        host, port = split_address(line.listen)
        if port:
            found.append(Target(line.name, host, port, "tcp" if "tcp" in line.transports else "udp"))
    return found


def cares_of(database: Database, clock: Clock, settings: Settings) -> Callable[[Held], Sequence[Care]]:
    """The cares of this house, for whoever leads."""

    targets = targets_of(settings)

    def made(held: Held) -> Sequence[Care]:
        return (
            Care("chain", CHAIN_EVERY, Chain(database, clock, held, targets).look),
            Care("station", STATION_EVERY, Station(database, clock, held).look),
            Care("health", HEALTH_EVERY, Health(House(database, clock, settings), held).look, apart=True),
            Care("clocks", CLOCKS_EVERY, Clocks(database, clock, held).look),
            Care("orphans", ORPHANS_EVERY, Orphans(database, clock, held).look),
        )

    return made
