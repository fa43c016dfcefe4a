"""Signs of life of the roles: written once a second by each, read by `/healthz`, the desk and `doctor`."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import psycopg
import structlog
from psycopg.types.json import Jsonb

from veilleur import __version__
from veilleur.db.presence import join, leave
from veilleur.db.schema import known
from veilleur.kernel.clock import GuardedClock
from veilleur.kernel.errors import VeilleurError

log = structlog.get_logger()

PERIOD = 1.0  # seconds between signs of life
#: A database whose machine went dark is noticed, and found again when it is back: not after minutes of silence.
QUICK: dict[str, Any] = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
STALE = timedelta(seconds=5)  # a role silent for longer counts as gone
HOUR_TRIES = 5  # a machine that is starting may be slow to hear the database's hour
FORGOTTEN = timedelta(days=1)  # rows of runs long gone are removed


class Pulse:
    """A thread with a connection of its own: what blocks a role's work does not silence its sign of life.

    It also asks the database for the hour, once a beat, and sets the role's clock right by it.
    """

    def __init__(
        self,
        dsn: str,
        clock: GuardedClock,
        role: str,
        holder: str,
        health: Callable[[], dict[str, Any]],
        *,
        succeeds: str | None = None,
    ) -> None:
        """`succeeds`: the holder that works until this one is ready; the role counts as ready meanwhile."""
        self._dsn, self._clock, self._role, self._holder = dsn, clock, role, holder
        self._health = health
        self._said = {"succeeds": succeeds} if succeeds else {}
        self._stop = threading.Event()
        self._knows = known().head
        self._started_at = clock.now()
        self._thread = threading.Thread(target=self._run, name=f"pulse-{role}", daemon=True)

    def start(self) -> None:
        """Starts beating."""
        self._thread.start()

    def stop(self) -> None:
        """Says goodbye and ends."""
        self._stop.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._dsn, autocommit=True, **QUICK) as connection:
                    # Again after each absence: meanwhile a later version may have taken away what we need.
                    join(connection, self._role, self._holder, self._clock.now(), self._said)
                    while not self._stop.wait(PERIOD):
                        self._beat(connection)
                    leave(connection, self._role, self._holder)
            except VeilleurError as refusal:
                log.error("schema_refused", role=self._role, why=refusal.message)  # noqa: TRY400  # a plain sentence
                os.kill(os.getpid(), signal.SIGTERM)
                return
            except psycopg.Error as error:
                log.warning(
                    "pulse_lost", role=self._role, error=str(error).splitlines()[0] if str(error) else ""
                )
                self._stop.wait(PERIOD)

    def _beat(self, connection: psycopg.Connection[Any]) -> None:
        health = self._said | self._health()
        now, asked = self._clock.now(), self._clock.reading()
        if self._clock.ahead is not None:
            health["clock_ahead"] = round(self._clock.ahead, 3)
        told = connection.execute(
            "INSERT INTO role_status (role, holder, started_at, seen_at, ready, detail, version, knows) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (role, holder) DO UPDATE SET seen_at = excluded.seen_at, ready = excluded.ready, "
            "detail = excluded.detail RETURNING clock_timestamp()",
            (
                self._role,
                self._holder,
                self._started_at,
                now,
                bool(health.pop("ready", True)),
                Jsonb(health),
                __version__,
                self._knows,
            ),
        ).fetchone()
        if told is not None:
            self._clock.compare(asked, told[0])
        connection.execute("DELETE FROM role_status WHERE seen_at < %s", (now - FORGOTTEN,))


def ask_the_hour(dsn: str, clock: GuardedClock) -> None:
    """Sets a clock right before anything is done by it; a database that is away will be asked by the pulse."""
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=3) as connection:
            for _ in range(HOUR_TRIES):
                asked = clock.reading()
                (told,) = connection.execute("SELECT clock_timestamp()").fetchall()
                clock.compare(asked, told[0])
                if clock.ahead is not None:
                    return
    except psycopg.Error as error:
        log.warning("hour_unknown", error=type(error).__name__)


def role_states(connection: psycopg.Connection[Any], run: str, now: datetime) -> dict[str, dict[str, Any]]:
    """The roles of one run of `veilleur up`: role → {ready, age (seconds), version, detail}.

    One that starts while its predecessor works is not told of until it is ready itself.
    """
    rows = connection.execute(
        "SELECT role, holder, ready, seen_at, version, detail FROM role_status "
        "WHERE holder LIKE %s ORDER BY role, seen_at DESC",
        (run + "/%",),
    ).fetchall()
    at_work = {holder for _, holder, ready, seen_at, *_ in rows if ready and now - seen_at < STALE}
    states: dict[str, dict[str, Any]] = {}
    for role, holder, _ready, seen_at, version, detail in rows:
        if role in states or (holder not in at_work and detail.get("succeeds") in at_work):
            continue
        states[role] = {
            "ready": holder in at_work,
            "age": (now - seen_at).total_seconds(),
            "version": version,
            **detail,
        }
    return states


def is_ready(connection: psycopg.Connection[Any], role: str, holder: str, now: datetime) -> bool:
    """Whether this very process says that it is ready."""
    row = connection.execute(
        "SELECT ready AND seen_at > %s FROM role_status WHERE role = %s AND holder = %s",
        (now - STALE, role, holder),
    ).fetchone()
    return row is not None and bool(row[0])


def centre_mark(connection: psycopg.Connection[Any]) -> str:
    """Eight hexadecimal digits that are this centre's own: the same for every process on its database, for good."""
    row = connection.execute(
        "SELECT system_identifier || '/' || current_database() FROM pg_control_system()"
    ).fetchone()
    assert row is not None, "a server always has its control data"
    return hashlib.sha256(str(row[0]).encode()).hexdigest()[:8]
