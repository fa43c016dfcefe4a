"""Deadlines: operational rows; what they cause is traced, not they."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base, Json


class Deadline(Base):
    """Something due: judged again under the site's lock («no longer applies» is a normal answer)."""

    __tablename__ = "deadline"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(
        Text,
        doc="untaken | no_act | back_to_queue | parked | offer | test_warning | test_end | agent_late | "
        "agent_answer | settle_call | deferral | provisional_contact",
    )
    due_at: Mapped[datetime]
    site_id: Mapped[int | None]
    incident_id: Mapped[int | None]
    subject_id: Mapped[int | None] = mapped_column(
        doc="the call, intervention, on-test or deferral it is about"
    )
    data: Mapped[Json]
    made_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    answer: Mapped[str | None] = mapped_column(doc="applied | no_longer | failed")


Index("ix_deadline_due", Deadline.due_at, postgresql_where=Deadline.done_at.is_(None))
Index(
    "ix_deadline_incident", Deadline.incident_id, Deadline.kind, postgresql_where=Deadline.done_at.is_(None)
)
