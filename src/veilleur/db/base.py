"""The declarative base and the two columns sets that law 1 and the perimeter ask of rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, DateTime, MetaData, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: A JSON value as PostgreSQL's jsonb holds it.
Json = dict[str, Any]


class Base(DeclarativeBase):
    """Every table of ours. Times are aware (timestamptz), texts unbounded, lists are arrays."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: ARRAY(Text),
    }


class Traced:
    """A row that a person or decide() changes (law 1).

    `entry_id` names the logbook entry that made the row's present state; a deferred constraint trigger
    (db/migrations/versions/0001/2_laws.sql) refuses the commit unless that entry was written by the same transaction.
    It is also the row's version: entries are numbered under the site's lock, so it only grows.
    """

    entry_id: Mapped[int] = mapped_column(BigInteger)


class Perimeter:
    """Whose row this is; readers are filtered by it in queries, snapshot and stream."""

    organisation: Mapped[str] = mapped_column(Text, default="centre", server_default="centre")
    customer_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    commune: Mapped[str | None] = mapped_column(Text, index=True)
