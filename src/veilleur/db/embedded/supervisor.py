"""The supervisor of one private PostgreSQL cluster."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from veilleur.db.embedded.accounts import account_for
from veilleur.db.embedded.attach import RunningCluster, announce, announced, attach
from veilleur.db.embedded.binaries import find_binaries
from veilleur.db.embedded.cluster import (
    check_cluster,
    configure,
    ensure_roles,
    last_words,
    make_cluster,
)
from veilleur.db.embedded.config import DATABASE, SUPERUSER
from veilleur.db.embedded.errors import DataDirHeldError, NotRunningError, StartFailedError
from veilleur.db.embedded.lock import DataDirLock
from veilleur.db.embedded.orphans import clear_leftovers
from veilleur.db.embedded.places import SOCKET_NAME, places_in, prepare, socket_folder, spoken_path
from veilleur.db.embedded.spawn import Spawner
from veilleur.db.embedded.waiting import wait_until
from veilleur.kernel.clock import Clock, SystemClock

READY_SECONDS = 120.0
"""Crash recovery replays at most max_wal_size (1 GB) before the server answers."""

RESTART_SECONDS = 10.0
"""What a command waits for a database that has answered before: killed, it is back in 3 s; longer, it stands still."""

STOP_SECONDS = 30.0
"""A fast shutdown rolls back, writes one checkpoint and ends."""

KEPT_LOGS = 14
"""Log files kept, of 20 MB or one day each: 280 MB at most."""


class EmbeddedPostgres:
    """One cluster in `data_dir`, started, watched and stopped by this process.

    `user`: the account to drop to when we are root (default `nobody`); `bin_dir`: PostgreSQL's programs
    (default: the wheel); `options`: server settings of this start alone. Methods block and may be called from any
    thread. PostgreSQL dies with this process (fast shutdown), even when it is killed. Start the roles by exec or
    spawn: a forked child would keep the data directory's lock.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        user: str | None = None,
        bin_dir: Path | None = None,
        clock: Clock | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self.places = places_in(data_dir)
        self._options = dict(options or {})
        self._user = user
        self._bin_dir = bin_dir
        self._clock = clock or SystemClock()
        self._lock = DataDirLock(self.places.lock)
        self._guard = threading.RLock()
        self._spawner: Spawner | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._running: RunningCluster | None = None
        self._argv: list[str] = []

    @property
    def pid(self) -> int | None:
        """The postmaster's pid; None before `start()` and after `stop()`."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Makes the cluster if need be, starts it, and returns once it accepts connections.

        The roles and the database `veilleur` exist afterwards. Raises SettingsError (a setting, the version,
        the account), DataDirHeldError (another supervisor), StartFailedError. Does nothing when started.
        """
        with self._guard:
            if self._process is not None:
                return
            account = account_for(self._user)
            prepare(self.places, account)
            self._lock.acquire(self._clock)
            try:
                self._spawner = Spawner(account)
                binaries = find_binaries(self._bin_dir, account)
                make_cluster(self.places, account, binaries, self._spawner)
                check_cluster(self.places, account, binaries)
                configure(self.places, account)
                running = RunningCluster(socket_folder(self.places, account))
                argv = [
                    binaries.program("postgres"),
                    "-D",
                    spoken_path(self.places.cluster, account),
                    "-c",
                    "listen_addresses=",
                    "-c",
                    f"unix_socket_directories={running.socket_folder}",
                    "-c",
                    "unix_socket_permissions=0700",
                    *(part for name, value in self._options.items() for part in ("-c", f"{name}={value}")),
                ]
                self._argv = argv
                self._launch(argv, running)
            except BaseException:
                self.stop()
                raise

    def _launch(self, argv: list[str], running: RunningCluster) -> None:
        """Starts the postmaster, waits until it answers, sees to the roles, and announces it."""
        assert self._spawner is not None
        clear_leftovers(self.places.cluster, running.socket_folder / SOCKET_NAME, self._clock)
        with self.places.start_log.open("wb") as log:
            process = self._spawner.spawn(
                argv, cwd=self.places.cluster, output=log, death_signal=signal.SIGINT
            )
        self._process = process
        self._running = running
        answered = wait_until(
            lambda: process.poll() is not None or running.is_ready(), READY_SECONDS, self._clock
        )
        if process.poll() is not None:
            raise StartFailedError(
                f"PostgreSQL does not start in {self.places.data}: {last_words(self.places)}"
            )
        if not answered:
            raise StartFailedError(
                f"PostgreSQL has not answered within {READY_SECONDS:.0f} s; see {self.places.logs}."
            )
        ensure_roles(running.dsn(SUPERUSER, "postgres"))
        announce(self.places, running)
        self._prune_logs()

    def stop(self) -> None:
        """Stops PostgreSQL (fast: sessions end, nothing committed is lost) and frees the data directory.

        Does nothing when it is not started.
        """
        with self._guard:
            if self._process is not None:
                self.places.runtime.unlink(missing_ok=True)
                self._end(self._process)
            if self._running is not None:
                with suppress(OSError):
                    self._running.socket_folder.rmdir()
            if self._spawner is not None:
                self._spawner.close()
            self._process = self._running = self._spawner = None
            self._lock.release()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        for order, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0)):
            if process.poll() is None:
                process.send_signal(order)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(seconds)

    def is_ready(self) -> bool:
        """Whether the server accepts connections at this moment."""
        running = self._running
        return running is not None and running.is_ready()

    def poll(self) -> int | None:
        """None while the postmaster lives (or was never started), else its exit code: call `restart()` then.

        Meant to be called every second or so; also prunes old logs.
        """
        with self._guard:
            if self._process is None:
                return None
            self._prune_logs()
            return self._process.poll()

    def restart(self) -> None:
        """Starts PostgreSQL again after its death, or stops and starts it; the data directory stays ours.

        Raises StartFailedError; it may then be called again.
        """
        with self._guard:
            if self._process is None or self._running is None:
                raise NotRunningError("The embedded PostgreSQL was not started: call start() first.")
            self._end(self._process)
            self._launch(self._argv, self._running)

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """A libpq conninfo for `role` (OWNER_ROLE, APP_ROLE, SUPERUSER) over the socket; it holds no secret.

        It stays valid across restarts. Raises NotRunningError before `start()`.
        """
        return self.running.dsn(role, database)

    @property
    def running(self) -> RunningCluster:
        """Where it listens. Raises NotRunningError before `start()`."""
        if self._running is None:
            raise NotRunningError("The embedded PostgreSQL is not started.")
        return self._running

    def _prune_logs(self) -> None:
        for old in sorted(self.places.logs.glob("postgres-*.log"))[:-KEPT_LOGS]:
            old.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


@contextmanager
def ensure_running(
    data_dir: Path, *, user: str | None = None, bin_dir: Path | None = None, clock: Clock | None = None
) -> Iterator[RunningCluster]:
    """The cluster of `data_dir` for the time of a command: the running one, else started and stopped here.

    When a supervisor is just starting it, waits for that one. Raises what `EmbeddedPostgres.start` raises.
    """
    found = _attached(data_dir)
    if found is not None:
        yield found
        return
    own = EmbeddedPostgres(data_dir, user=user, bin_dir=bin_dir, clock=clock)
    try:
        own.start()
    except DataDirHeldError:
        patience = RESTART_SECONDS if announced(data_dir) else READY_SECONDS
        back = wait_until(lambda: _attached(data_dir) is not None, patience, clock or SystemClock())
        if not back and not announced(data_dir):
            raise
        yield attach(data_dir)
        return
    try:
        yield own.running
    finally:
        own.stop()


def _attached(data_dir: Path) -> RunningCluster | None:
    try:
        return attach(data_dir)
    except NotRunningError:
        return None
