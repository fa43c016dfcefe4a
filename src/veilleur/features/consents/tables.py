"""Consents to look into a home."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base, Traced


class HomeConsent(Traced, Base):
    """Said on a call by a contact whose word was right. Over at `until`, when withdrawn, or with its dossier."""

    __tablename__ = "home_consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("call.id"), doc="on which it was said")
    contact_id: Mapped[int]
    person: Mapped[str] = mapped_column(doc="the contact's name, as it was then")
    given_at: Mapped[datetime]
    until: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
