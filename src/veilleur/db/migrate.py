"""Migrations: the owner's role builds and upgrades the schema; the application's role cannot.

They run while the centre works. A change waits for its lock half a second at most, since whatever comes after it in
PostgreSQL's queue waits with it, alarms too; then it lets go and tries again, for two minutes. What takes something
away (`phase = "contract"`, see `schema`) waits until no process of a version that needs it lives.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import structlog
from psycopg import errors
from sqlalchemy.exc import DBAPIError

from veilleur.db.embedded.waiting import wait_until
from veilleur.db.presence import GONE, Member, members
from veilleur.db.schema import CONTRACT_LOCK, VERSIONS, Known, Revision, current, revisions
from veilleur.kernel.clock import Clock, SystemClock
from veilleur.kernel.errors import ConflictError, UnavailableError

if TYPE_CHECKING:
    from alembic.config import Config

log = structlog.get_logger()

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATOR_LOCK = 8_201_600
OWN = "veilleur migrations"


class MigrationBlockedError(UnavailableError):
    """A migration could not have its turn; nothing of it was done and the centre goes on as before."""


class OlderVersionLivesError(ConflictError):
    """What is to be taken away is still used."""


@dataclass(frozen=True)
class Patience:
    """How long a migration waits, in seconds. A panel waits 5 s for its answer, reception 2 s for a lock."""

    lock: float = 0.5
    """For one lock, with everybody who comes after queued behind it."""
    statement: float = 3.0
    """For one statement while the centre works: it may hold its lock so long."""
    pause: float = 1.0
    """Between two attempts, for those that were held up."""
    attempts: int = 80
    turn: float = 120.0
    """For another migrator to end."""
    departure: float = GONE.total_seconds() + 5
    """For processes of an older version to be gone, where the migrations cannot go on without."""


@dataclass(frozen=True)
class Upgraded:
    """What a run of the migrations did: revisions before (None: no schema) and after, and what waits."""

    before: str | None
    after: str
    put_off: str | None = None
    """The contract migration that waits for `older` to be gone; None: all is done."""
    older: tuple[Member, ...] = ()


def configuration(owner_dsn: str, versions: Path = VERSIONS) -> Config:
    """Alembic's configuration for a psycopg conninfo or URL of the owner role."""
    from alembic.config import Config  # noqa: PLC0415  # 0.3 s of imports, for whoever migrates and not for each role

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(versions))
    config.set_main_option("path_separator", "newline")
    config.attributes["dsn"] = owner_dsn
    return config


def upgrade(
    owner_dsn: str,
    *,
    clock: Clock | None = None,
    versions: Path = VERSIONS,
    patience: Patience | None = None,
) -> Upgraded:
    """Brings the database up to the migrations of `versions`; safe to repeat, one migrator at a time.

    `clock`: the one that roles write their signs of life by. A contract migration at the end of the list is put off
    while an older version lives. Raises MigrationBlockedError (a lock, a statement too long, another migrator),
    OlderVersionLivesError (a contract migration that later ones need). A database past these migrations is left as is.
    """
    return _Run(owner_dsn, clock or SystemClock(), versions, patience or Patience()).run()


@dataclass(frozen=True)
class _Run:
    dsn: str
    clock: Clock
    versions: Path
    patience: Patience

    def run(self) -> Upgraded:
        shipped = revisions(self.versions)
        ours = Known.of(shipped)
        with psycopg.connect(self.dsn, autocommit=True, application_name=OWN) as guard, self._turn(guard):
            before = after = current(guard)
            for revision in shipped:
                if after is not None and revision.number <= after:
                    continue
                if not revision.contract:
                    self._apply(guard, revision)
                elif older := self._contract(guard, revision, needed=revision.number < ours.needed):
                    return Upgraded(before, str(after), revision.number, older)
                after = revision.number
        return Upgraded(before, str(after))

    @contextmanager
    def _turn(self, guard: psycopg.Connection[Any]) -> Iterator[None]:
        """One migrator at a time; the lock goes with the connection."""

        def ours() -> bool:
            row = guard.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATOR_LOCK]).fetchone()
            return row is not None and bool(row[0])

        if not wait_until(ours, self.patience.turn, SystemClock()):
            raise MigrationBlockedError(
                f"Another «veilleur» has been migrating this database for more than {self.patience.turn:g} s: "
                "wait for its end, or look at what it waits for; nothing was changed."
            )
        yield

    def _contract(
        self, guard: psycopg.Connection[Any], revision: Revision, *, needed: bool
    ) -> tuple[Member, ...]:
        """Takes away what only older versions use, unless one lives: then who, and nothing is done.

        Whoever joins meanwhile waits for the end, and then finds that it is too old.
        """
        patience = self.patience.departure if needed else 0
        wait_until(lambda: not self._older(guard, revision), patience, SystemClock())
        # Those who join hold it for milliseconds.
        guard.execute("SELECT pg_advisory_lock(%s)", [CONTRACT_LOCK])
        try:
            older = self._older(guard, revision)
            if older and needed:
                raise OlderVersionLivesError(
                    f"Migration {revision.number} takes away what a running process still uses "
                    f"({'; '.join(map(str, older))}), and this version cannot do without it: "
                    "stop that process, or upgrade through the version between.",
                    revision=revision.number,
                )
            if not older:
                self._apply(guard, revision)
            return older
        finally:
            guard.execute("SELECT pg_advisory_unlock(%s)", [CONTRACT_LOCK])

    def _older(self, guard: psycopg.Connection[Any], revision: Revision) -> tuple[Member, ...]:
        return tuple(each for each in members(guard, self.clock.now()) if each.knows < revision.number)

    def _apply(self, guard: psycopg.Connection[Any], revision: Revision) -> None:
        """One migration in one transaction. A lock that is not had in time costs another attempt, never the centre."""
        from alembic import command  # noqa: PLC0415

        config = configuration(self.dsn, self.versions)
        crowded = bool(current(guard)) and bool(members(guard, self.clock.now()))
        config.attributes["contract"] = revision.contract
        config.attributes["options"] = (
            f"-c lock_timeout={self.patience.lock * 1000:.0f} "
            f"-c statement_timeout={self.patience.statement * 1000 if crowded else 0:.0f} "
            "-c idle_in_transaction_session_timeout=60s"
        )
        for attempt in range(1, self.patience.attempts + 1):
            try:
                command.upgrade(config, revision.number)
            except DBAPIError as fault:
                self._judge(guard, revision, fault, last=attempt == self.patience.attempts)
                time.sleep(self.patience.pause)
            else:
                return

    def _judge(
        self, guard: psycopg.Connection[Any], revision: Revision, fault: DBAPIError, *, last: bool
    ) -> None:
        """Returns when it is worth another attempt."""
        if isinstance(fault.orig, errors.QueryCanceled):
            raise MigrationBlockedError(
                f"Migration {revision.number} takes longer than the {self.patience.statement:g} s that alarms can wait; "
                "it was undone and the centre goes on. Stop the centre and start it with this version: "
                "«veilleur up» migrates without that limit."
            ) from fault
        if not isinstance(fault.orig, errors.LockNotAvailable | errors.DeadlockDetected):
            raise fault
        holder = _oldest_transaction(guard)
        if last:
            raise MigrationBlockedError(
                f"Migration {revision.number} did not get its lock in {self.patience.attempts} attempts; nothing was "
                f"changed and the centre goes on. The oldest open transaction is {holder}: end it, then try again."
            ) from fault
        log.info("migration_waits_for_a_lock", revision=revision.number, oldest_transaction=holder)


def _oldest_transaction(guard: psycopg.Connection[Any]) -> str:
    row = guard.execute(
        "SELECT pid, application_name, xact_start FROM pg_stat_activity WHERE datname = current_database() "
        "AND xact_start IS NOT NULL AND application_name <> %s AND pid <> pg_backend_pid() ORDER BY xact_start LIMIT 1",
        [OWN],
    ).fetchone()
    if row is None:
        return (
            "not shown to the owner role (GRANT pg_read_all_stats TO veilleur_owner shows it), or ended since"
        )
    return f"process {row[0]} of the database («{row[1] or 'unnamed'}», since {row[2]:%Y-%m-%dT%H:%M:%S%z})"


def has_schema(app_dsn: str) -> bool:
    """Whether the database was migrated at least once; a command on fresh data then migrates by itself."""
    with psycopg.connect(app_dsn) as connection:
        return current(connection) is not None
