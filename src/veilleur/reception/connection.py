"""The reception's own database connections: few, kept, and quick to notice that the other side is gone."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from veilleur.reception.limits import RECONNECT_FIRST, RECONNECT_LAST

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

#: What a connection to the database may fail with; anything else is a fault of ours.
FAULTS = (psycopg.Error, OSError, TimeoutError)

#: Seconds to connect; a lock is never waited for longer than a panel waits.
CONNECT_SECONDS = 5
#: And the server notices that this machine went dark: it may have gone in the middle of a batch, whose names of frames
#: every other reception would wait for. Told by the server's keep-alive alone, since no timeout of transactions runs
#: between two messages of a pipeline.
OPTIONS = (
    "-c lock_timeout=2s -c idle_in_transaction_session_timeout=10s -c timezone=UTC "
    "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000"
)


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Connection]:
    """A connection without implicit transactions, closed at the end."""
    connection = await psycopg.AsyncConnection.connect(
        dsn,
        autocommit=True,
        connect_timeout=CONNECT_SECONDS,
        keepalives=1,
        keepalives_idle=5,
        keepalives_interval=5,
        keepalives_count=2,
        tcp_user_timeout=10_000,
        options=OPTIONS,
        application_name="veilleur reception",
    )
    try:
        yield connection
    finally:
        await connection.close()


def cut(connection: Connection) -> None:
    """Breaks a connection whose server no longer answers: whoever waits on it wakes up with an error."""
    try:
        handle = socket.socket(fileno=os.dup(connection.fileno()))
    except (OSError, psycopg.Error):
        return
    with handle:
        try:
            handle.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


class Backoff:
    """How long to wait before the next attempt; forgotten after a success."""

    def __init__(self) -> None:
        self._seconds = RECONNECT_FIRST

    def reset(self) -> None:
        """The last attempt was good."""
        self._seconds = RECONNECT_FIRST

    async def wait(self, stop: asyncio.Event) -> None:
        """Waits, or returns at once when asked to stop."""
        await pause(stop, self._seconds)
        self._seconds = min(self._seconds * 2, RECONNECT_LAST)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Sleeps, or returns at once when asked to stop."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
