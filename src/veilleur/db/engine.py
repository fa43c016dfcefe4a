"""Engines and sessions. Reads and writes are two types, so that a read path cannot call a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NewType, cast

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

ReadSession = NewType("ReadSession", Session)
WriteSession = NewType("WriteSession", ReadSession)  # a writer may read

#: The server too must notice that our machine went dark, whatever the transaction was doing: the locks of the dead
#: would hold back the living, and no other timeout runs while a server waits for the rest of a pipeline.
SERVER_NOTICES = "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3 -c tcp_user_timeout=10000"

#: A dead network must be noticed in seconds, a stuck lock must not hold the room (ARCHITECTURE.md §5).
CONNECT_ARGS: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
    "connect_timeout": 5,
    "options": f"-c lock_timeout=5s -c idle_in_transaction_session_timeout=30s -c timezone=UTC {SERVER_NOTICES}",
}


@dataclass(frozen=True)
class Database:
    """The application's database: one pool, used under the application role."""

    engine: Engine
    dsn: str

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        """One consistent picture: a REPEATABLE READ, READ ONLY transaction."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            yield cast(ReadSession, session)

    @contextmanager
    def write(self) -> Iterator[WriteSession]:
        """One use case: committed when the block ends, rolled back when it raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield cast(WriteSession, session)

    def close(self) -> None:
        """Closes the pool."""
        self.engine.dispose()


def open_database(dsn: str, *, pool_size: int = 10) -> Database:
    """Opens a pool on a psycopg conninfo or URL; connections are made when first needed."""
    import psycopg  # noqa: PLC0415  # kept out of the import path of pure modules

    def connect() -> psycopg.Connection:
        return psycopg.connect(dsn, **CONNECT_ARGS)

    engine = create_engine(
        "postgresql+psycopg://", creator=connect, pool_size=pool_size, max_overflow=10, pool_pre_ping=True
    )
    return Database(engine, dsn)
