"""What a desk process does by itself: refusals become entries, titles that end are told, the old is forgotten."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import psycopg
import structlog
from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError

from veilleur.db.engine import Database
from veilleur.features.people.posts import warn_of_ending_titles
from veilleur.features.people.refusals import enter_refusals
from veilleur.features.people.sessions import forget_the_old
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act, Actor

log = structlog.get_logger()

#: Seconds between looks. Several desks may look at once: each row is locked by one and skipped by the others.
PERIOD = 5.0

#: Looks between two purges.
PURGE_EVERY = 60

CENTRE = Actor("centre", name="Veilleur")


@dataclass(frozen=True)
class Housekeeping:
    """See the module."""

    database: Database
    clock: Clock

    def look(self) -> None:
        """One look: safe to repeat, safe beside others."""
        with self.database.write() as session:
            act = Act(session, self.clock.now(), CENTRE)
            enter_refusals(act)
            warn_of_ending_titles(act)

    def purge(self) -> None:
        """Forgets what has ended."""
        with self.database.write() as session:
            forget_the_old(session, self.clock.now())

    async def run(self) -> None:
        """Until cancelled. A database that is away is waited for."""
        looks = 0
        while True:
            try:
                await to_thread.run_sync(self.look)
                if looks % PURGE_EVERY == 0:
                    await to_thread.run_sync(self.purge)
                looks += 1
            except (SQLAlchemyError, psycopg.Error) as error:
                log.warning("housekeeping_failed", error=type(error).__name__)
            await asyncio.sleep(PERIOD)
