"""The secrets by which cameras push."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base, Traced


class CameraPush(Traced, Base):
    """The hash of the token in the address that a camera pushes to; the token itself is stored nowhere."""

    __tablename__ = "camera_push"

    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"), primary_key=True, autoincrement=False)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True, doc="SHA-256")
    made_at: Mapped[datetime]
