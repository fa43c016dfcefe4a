"""Who spoke through which camera."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base, Traced


class Talk(Traced, Base):
    """An operator speaks through a camera's loudspeaker, from when to when. The sound is kept nowhere.

    Not ended: nobody else speaks there, until `until_at` at the latest (its recorder died).
    """

    __tablename__ = "talk"

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    viewing_id: Mapped[int] = mapped_column(ForeignKey("viewing.id"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"), index=True)
    started_at: Mapped[datetime]
    until_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


Index("uq_talk_running", Talk.camera_id, unique=True, postgresql_where=Talk.ended_at.is_(None))
