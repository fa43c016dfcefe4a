"""Who looks at what, and what is kept in sight."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Computed, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base, Json, Perimeter, Traced


class Viewing(Traced, Base):
    """One person looks at cameras, with a motif, from when to when (R253-5, S5). Ends with its last socket."""

    __tablename__ = "viewing"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    post_id: Mapped[int | None]
    session_hash: Mapped[bytes] = mapped_column(LargeBinary, doc="the web session: gone, its sockets close")
    kind: Mapped[str] = mapped_column(Text, doc="live | recorded | lifted (a mask of role)")
    motif: Mapped[str]
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    cameras: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    from_at: Mapped[datetime | None] = mapped_column(doc="recorded: the period that may be looked at")
    until_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    lifted_until: Mapped[datetime | None] = mapped_column(
        doc="lifted: when its masks come back by themselves"
    )


Index("ix_viewing_running", Viewing.session_hash, postgresql_where=Viewing.ended_at.is_(None))


class Ticket(Base):
    """Lets one socket of the recorder's listener open, once, within 30 s. Covered by its viewing's entry."""

    __tablename__ = "ticket"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    viewing_id: Mapped[int] = mapped_column(ForeignKey("viewing.id"))
    camera_id: Mapped[int]
    kind: Mapped[str] = mapped_column(Text, doc="live | recorded | lifted")
    masked: Mapped[bool] = mapped_column(doc="masks of role are drawn over it")
    ptz: Mapped[bool] = mapped_column(doc="its socket may steer, while the reservation is the viewer's")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WallLayout(Traced, Base):
    """A wall: tiles on a grid, sequences, hotspot."""

    __tablename__ = "wall_layout"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    shared: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str]
    columns: Mapped[int]
    rows: Mapped[int]
    tiles: Mapped[list[Json]] = mapped_column(doc="[{camera, span, sequence, hotspot}], row by row")
    seconds: Mapped[int] = mapped_column(default=20, doc="how long a step of a sequence stays")
    removed_at: Mapped[datetime | None]


class Mark(Traced, Base):
    """A stretch of a camera kept in sight; with a hold, disk pressure may not erase it (gel conservatoire)."""

    __tablename__ = "mark"

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"), index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    label: Mapped[str | None]
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"), index=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]
    hold_reason: Mapped[str | None]
    hold_until: Mapped[datetime | None] = mapped_column(doc="never beyond the retention of the camera")
    removed_at: Mapped[datetime | None]


class Event(Traced, Perimeter, Base):
    """An événement: what a dossier of the family `event` is about. Found again by its place and nature."""

    __tablename__ = "event"

    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), primary_key=True, autoincrement=False)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"), index=True)
    nature: Mapped[str | None] = mapped_column(Text, doc="features/events/natures.py; null: not said yet")
    place: Mapped[str] = mapped_column(doc="of the camera on which the key was pressed, as it was then")
    first_key_at: Mapped[datetime] = mapped_column(index=True)
    search: Mapped[str] = mapped_column(Text, doc="place, nature, site, cameras, reference: folded")
    words: Mapped[str] = mapped_column(TSVECTOR, Computed("to_tsvector('simple', search)", persisted=True))


Index("ix_event_words", Event.words, postgresql_using="gin")


class EventCamera(Traced, Base):
    """A camera on which an événement was followed, from when to when (null: still, or until the closing)."""

    __tablename__ = "event_camera"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("event.incident_id"), index=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]


class EventNotice(Traced, Base):
    """A service that was informed of an événement, when, and what it answered."""

    __tablename__ = "event_notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("event.incident_id"), index=True)
    service: Mapped[str] = mapped_column(Text, doc="municipal_police | police | rescue")
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(Text, doc="told | on_the_way | no_answer")
    note: Mapped[str | None]


class PtzHold(Traced, Base):
    """Who steers a PTZ camera: 60 s after the last move, or until a higher priority takes it."""

    __tablename__ = "ptz_hold"

    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"), primary_key=True, autoincrement=False)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    priority: Mapped[int] = mapped_column(default=5, doc="1 is highest")
    until: Mapped[datetime | None]


class Patrol(Traced, Perimeter, Base):
    """A planned ronde vidéo: views in order (C1.2)."""

    __tablename__ = "patrol"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str]
    views: Mapped[list[Json]] = mapped_column(doc="[{camera, preset, seconds, look_for}]")
    times: Mapped[list[str]] = mapped_column(doc="HH:MM of the centre's clock at which it is due")
    removed_at: Mapped[datetime | None]


class PatrolRun(Traced, Base):
    """A ronde as it is done. Views without a tick at its end are missed, and explained."""

    __tablename__ = "patrol_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    patrol_id: Mapped[int] = mapped_column(ForeignKey("patrol.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    state: Mapped[str] = mapped_column(Text, doc="running | paused | ended")
    due_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    views: Mapped[list[Json]] = mapped_column(doc="the patrol's, as they were")
    explanation: Mapped[str | None]
    override: Mapped[str | None] = mapped_column(
        doc="why it was done although a camera has no valid authorisation (S1)"
    )


class PatrolTick(Traced, Base):
    """A view of a ronde seen, with what was observed; or missed, with why."""

    __tablename__ = "patrol_tick"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("patrol_run.id"), index=True)
    index: Mapped[int]
    camera_id: Mapped[int]
    result: Mapped[str] = mapped_column(Text, doc="clear | observation | missed")
    note: Mapped[str | None]
    at: Mapped[datetime]
