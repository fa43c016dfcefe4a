"""Operational rows that belong to no feature."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base, Json


class RoleStatus(Base):
    """A sign of life per running role, once a second; `/healthz` reads it."""

    __tablename__ = "role_status"

    role: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[str] = mapped_column(
        Text, primary_key=True, doc="the run of `up` and the process: run/pid"
    )
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ready: Mapped[bool]
    detail: Mapped[Json]
    version: Mapped[str | None] = mapped_column(Text)
    knows: Mapped[str | None] = mapped_column(
        Text, doc="the last migration that this version knows; empty: before 0006"
    )


class SchemaFloor(Base):
    """The contract migrations that have run: whoever works here must know the highest (db/schema.py)."""

    __tablename__ = "schema_floor"

    revision: Mapped[str] = mapped_column(Text, primary_key=True)
