"""A transaction over libpq itself: statements prepared once, sent as one pipeline, awaited once per round trip.

psycopg's own pipeline makes a cursor and waits for the socket at each statement; with batches of 25 frames that was
a third of the writer's time. `psycopg.pq` is its documented lower half; errors stay psycopg's.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

from veilleur.reception.connection import Connection
from veilleur.reception.queries import query

_PLACEHOLDER = re.compile(rb"%\((\w+)\)s")
_FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED)


def parameter(value: object) -> bytes | None:
    """A value as PostgreSQL reads it in text."""
    match value:
        case None:
            return None
        case str():
            return value.encode()
        case bytes():
            return b"\\x" + value.hex().encode()
        case datetime():
            return value.isoformat().encode()
        case _:
            return str(value).encode()


@dataclass
class Wire:
    """`async with wire:` is one transaction: it commits at the end, or raises psycopg.Error and nothing is stored."""

    connection: Connection
    _names: dict[str, list[str]] = field(default_factory=dict)
    _owed: int = 0

    @classmethod
    async def open(cls, connection: Connection, names: Iterable[str]) -> Self:
        """Prepares the named queries. Nobody else uses the connection inside a transaction."""
        wire = cls(connection)
        async with wire:
            for name in names:
                await wire._prepare(name)
        return wire

    async def _prepare(self, name: str) -> None:
        names: list[str] = []

        def number(match: re.Match[bytes]) -> bytes:
            parameter = match[1].decode()
            if parameter not in names:
                names.append(parameter)
            return b"$%d" % (names.index(parameter) + 1)

        self.connection.pgconn.send_prepare(name.encode(), _PLACEHOLDER.sub(number, query(name)))
        self._owed += 1
        self._names[name] = names
        await self.results()

    def send(self, name: str, values: Mapping[str, Any]) -> None:
        """Adds a prepared query to the transaction; it leaves with the next `results` or the end."""
        parameters = [parameter(values[each]) for each in self._names[name]]
        self.connection.pgconn.send_query_prepared(name.encode(), parameters)
        self._owed += 1

    def hurry(self) -> None:
        """Lets what was sent leave now, as far as the socket takes it, and asks for its answers."""
        self.connection.pgconn.send_flush_request()
        self.connection.pgconn.flush()

    async def results(self) -> list[PGresult]:
        """What the queries sent since the last time answered, in their order. Raises psycopg.Error."""
        self.connection.pgconn.send_flush_request()
        return await self._collect()

    async def __aenter__(self) -> Self:
        self.connection.pgconn.enter_pipeline_mode()
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self.connection.closed:
            return
        pgconn = self.connection.pgconn
        if fault is not None:
            # A fault of ours leaves the transaction sound for PostgreSQL: its end would commit half a batch.
            pgconn.send_query_params(b"ROLLBACK", None)
            self._owed += 1
        pgconn.pipeline_sync()
        try:
            # Committing may fail too, and that answer is nobody's but the end's.
            await self._collect(end=True, quiet=fault is not None)
        finally:
            if pgconn.status == ConnStatus.OK and not self._owed:
                pgconn.exit_pipeline_mode()

    async def _collect(self, *, end: bool = False, quiet: bool = False) -> list[PGresult]:
        """Waits for every answer owed; with `end`, for the word that the transaction is over."""
        pgconn = self.connection.pgconn
        while pgconn.flush():
            await self._ready(writing=True)
            pgconn.consume_input()
        found: list[PGresult] = []
        while self._owed or end:
            if pgconn.is_busy():
                await self._ready()
                pgconn.consume_input()
            elif (result := pgconn.get_result()) is None:
                continue
            elif result.status == ExecStatus.PIPELINE_SYNC:
                self._owed, end = 0, False
            else:
                self._owed -= 1
                found.append(result)
        for result in found:
            if result.status in _FAILED and not quiet:
                raise error_from_result(result, encoding="utf-8")
        return found

    async def _ready(self, *, writing: bool = False) -> None:
        loop, handle = asyncio.get_running_loop(), self.connection.pgconn.socket
        ready = loop.create_future()

        def wake() -> None:
            if not ready.done():
                ready.set_result(None)

        loop.add_reader(handle, wake)
        if writing:
            loop.add_writer(handle, wake)
        try:
            await ready
        finally:
            loop.remove_reader(handle)
            if writing:
                loop.remove_writer(handle)
