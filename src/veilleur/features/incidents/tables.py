"""Dossiers: what opened them, who holds them, where they stand. Lifecycle in lifecycle.py."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Sequence, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base, Json, Perimeter, Traced

incident_number_seq = Sequence("incident_number_seq", metadata=Base.metadata)


class Incident(Traced, Perimeter, Base):
    """The case being handled. Its `entry_id` is the version of its views: every part's change moves it."""

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    group: Mapped[str] = mapped_column(Text, doc="group of areas, practice P3")
    family: Mapped[str] = mapped_column(Text, doc="intrusion | fire | person | technical | service | event")
    category: Mapped[str]
    priority: Mapped[int]
    state: Mapped[str] = mapped_column(
        Text, doc="new | taken | parked | transferred | handed_up | closing | closed"
    )
    headline: Mapped[Json] = mapped_column(
        doc="first signal in words: {code, protocol, category, zone, zone_name, …}"
    )
    needs_operator: Mapped[bool] = mapped_column(default=True)
    duress: Mapped[bool] = mapped_column(default=False)
    duress_locked: Mapped[bool] = mapped_column(
        default=False, doc="until the chef or the FO outcome releases it (P1)"
    )
    linked_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    opened_at: Mapped[datetime] = mapped_column(doc="received_at of the first alarm signal: ages run from it")
    last_signal_at: Mapped[datetime | None]
    signal_count: Mapped[int] = mapped_column(default=0)
    ringing_since: Mapped[datetime | None] = mapped_column(
        doc="null: silent. Set at opening and by each réveil"
    )
    ring_reason: Mapped[str | None] = mapped_column(
        doc="opened | new_point | higher | family | parked | no_act | overdue"
    )
    rings: Mapped[int] = mapped_column(default=0)
    escalation: Mapped[int] = mapped_column(
        default=0, doc="untaken: 0 | 1 every post | 2 chef, astreinte | 3 station"
    )
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    taken_at: Mapped[datetime | None] = mapped_column(doc="first prise en compte")
    retaken_at: Mapped[datetime | None] = mapped_column(doc="latest prise en compte")
    first_act_at: Mapped[datetime | None]
    last_act_at: Mapped[datetime | None]
    parked_until: Mapped[datetime | None]
    parked_reason: Mapped[str | None]
    offered_to_id: Mapped[int | None] = mapped_column(doc="colleague asked to take over («je m’absente»)")
    offered_at: Mapped[datetime | None]
    returned_from_id: Mapped[int | None] = mapped_column(doc="who had it when it came back to the queue")
    warn_agent: Mapped[bool] = mapped_column(default=False, doc="«PRÉVENIR L'AGENT» is the first act")
    limits: Mapped[Json] = mapped_column(doc="{take, take_max, act, act_max}: seconds; see limits.py")
    procedure: Mapped[Json] = mapped_column(doc="the procedure as it was that night: {id, entry_id, steps}")
    verification: Mapped[str] = mapped_column(
        Text, default="not_done", doc="not_done | running | negative | goods | persons | impossible"
    )
    normal: Mapped[bool] = mapped_column(default=False, doc="every point is back, by whatever P5 accepts")
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    outcome_note: Mapped[str | None]
    closing_review: Mapped[bool] = mapped_column(
        default=False,
        doc="closed as «injustifiée» with nothing that verified it: goes to the morning’s review",
    )
    closing_reviewed_at: Mapped[datetime | None]


Index(
    "ix_incident_open", Incident.priority, Incident.opened_at, postgresql_where=Incident.closed_at.is_(None)
)


class IncidentSignal(Base):
    """Which events of which signals belong to a dossier, and how they joined; covered by that entry."""

    __tablename__ = "incident_signal"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    signal_id: Mapped[int] = mapped_column(primary_key=True)
    event_index: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(
        Text, doc="opened | joined | new_point | restore | arming | during_presence | info"
    )
    entry_id: Mapped[int]


class IncidentPoint(Traced, Base):
    """A point of a dossier and whether it is back to normal, and by what (practice P5)."""

    __tablename__ = "incident_point"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    key: Mapped[str] = mapped_column(
        Text, doc="panel:zone, panel:area, path:id: what makes a point «new» or not"
    )
    label: Mapped[str]
    category: Mapped[str]
    area: Mapped[str | None]
    alarms: Mapped[int] = mapped_column(default=1)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    normal_at: Mapped[datetime | None]
    normal_by: Mapped[str | None] = mapped_column(doc="restore | arming | disarming | agent | contact")
    deferral_id: Mapped[int | None] = mapped_column(doc="who sees to it while it is not back to normal (S12)")
    restored_at: Mapped[datetime | None] = mapped_column(
        doc="last restore heard, whether or not it clears (P2)"
    )


class Step(Traced, Base):
    """A step of the dossier's procedure and its result."""

    __tablename__ = "incident_step"
    __table_args__ = (UniqueConstraint("incident_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    key: Mapped[str]
    position: Mapped[int]
    state: Mapped[str] = mapped_column(Text, doc="pending | current | done | skipped | absent")
    result: Mapped[str | None]
    motif: Mapped[str | None]
    note: Mapped[str | None]
    current_since: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by: Mapped[int | None]
    review_needed: Mapped[bool] = mapped_column(default=False, doc="a skip goes to the morning’s review")
    urgent_review: Mapped[bool] = mapped_column(default=False, doc="FO, fire or person step skipped: rings")
    reviewed_at: Mapped[datetime | None]


class Deferral(Traced, Base):
    """What is not yet back to normal, who sees to it, until when (S12)."""

    __tablename__ = "deferral"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    what: Mapped[str]
    who: Mapped[str]
    until: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Draft(Base):
    """One draft per person and dossier; survives a reload. Untraced."""

    __tablename__ = "draft"

    user_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True, doc="incident:ID | room | incident:ID:close …")
    text: Mapped[str]
    first_key_at: Mapped[datetime]
    saved_at: Mapped[datetime]
