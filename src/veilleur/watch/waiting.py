"""Waiting for signals: NOTIFY is a hint, the poll is the rule (ARCHITECTURE.md §5)."""

from __future__ import annotations

import threading
from contextlib import suppress

import psycopg

from veilleur.db.engine import CONNECT_ARGS

CHANNEL = "veilleur_signal"


class Ear:
    """Listens for the hint on a connection of its own; without it, only waits."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: psycopg.Connection | None = None

    def wait(self, stop: threading.Event, seconds: float) -> None:
        """Returns when hinted, when told to stop (within the delay), or after the delay in seconds."""
        if stop.is_set():
            return
        try:
            connection = self._connection or self._listen()
            for _ in connection.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.Error:
            self.close()
            stop.wait(seconds)

    def _listen(self) -> psycopg.Connection:
        connection = psycopg.connect(self._dsn, autocommit=True, **CONNECT_ARGS)
        self._connection = connection
        connection.execute(f"LISTEN {CHANNEL}")
        return connection

    def close(self) -> None:
        """Ends listening."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = None
