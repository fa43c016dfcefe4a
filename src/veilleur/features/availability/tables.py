"""What recorders measured of each camera, by day of the centre: untraced, as last-seen is; the index of images proves it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base


class CameraDay(Base):
    """A stretch of a day that one machine measured. What it has not measured, it knows nothing of."""

    __tablename__ = "camera_day"

    camera_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True, doc="of the centre's calendar")
    place: Mapped[str] = mapped_column(Text, primary_key=True, doc="the machine: its listener's address")
    since: Mapped[datetime] = mapped_column(doc="measured from")
    until: Mapped[datetime] = mapped_column(doc="measured until")
    missing: Mapped[list[Any]] = mapped_column(
        JSONB, doc="[[from, until, reason]…]: wall µs, not recorded here"
    )
    clock_offset_ms: Mapped[int | None] = mapped_column(doc="the worst that its clock was ahead of ours")
