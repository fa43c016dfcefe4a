"""Leases of the watch and the sealer. Operational rows: what they cause is traced, not they."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base


class Lease(Base):
    """One holder at a time, fenced by its epoch: deciding transactions lock it FOR SHARE and check it."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(Text, primary_key=True, doc="watch | sealer")
    holder: Mapped[str]
    epoch: Mapped[int]
    until: Mapped[datetime]
