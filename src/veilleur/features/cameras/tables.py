"""Cameras and what the law and the site say of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from veilleur.db.base import Base, Json, Perimeter, Traced


class Authorisation(Traced, Perimeter, Base):
    """A préfet's authorisation of a camera system (L252-1): number, purposes, end (L252-4), retention (L252-5)."""

    __tablename__ = "authorisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    system: Mapped[str] = mapped_column(doc="the system's name, as in the arrêté")
    number: Mapped[str]
    authority: Mapped[str]
    granted_on: Mapped[date | None]
    expires_on: Mapped[date]
    purposes: Mapped[list[str]] = mapped_column(doc="codes of L251-2")
    retention_days: Mapped[int] = mapped_column(doc="most days of keeping, 1 to 30")
    min_retention_days: Mapped[int] = mapped_column(default=0, doc="a prescribed minimum; 0: none")
    warned: Mapped[str | None] = mapped_column(Text, doc="last stage of its end that was told (model.STAGES)")


class Camera(Traced, Perimeter, Base):
    """A camera: its place, regime, address and limits. Its secret is sealed under `camera/<id>/password`."""

    __tablename__ = "camera"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text, unique=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    name: Mapped[str]
    sort_key: Mapped[str]
    place: Mapped[str | None] = mapped_column(doc="where it is, in words an événement can use")
    regime: Mapped[str] = mapped_column(Text, doc="public_road | public_place | private | home")
    purpose: Mapped[str | None] = mapped_column(doc="why it is there: shown, and a code of L251-2 if public")
    authorisation_id: Mapped[int | None] = mapped_column(ForeignKey("authorisation.id"), index=True)
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    bearing: Mapped[float | None] = mapped_column(doc="degrees from north, clockwise")
    fov: Mapped[float | None] = mapped_column(doc="degrees")
    narrow: Mapped[bool] = mapped_column(default=False, doc="plan étroit: floor 704×576, 12 fps")
    source: Mapped[Json] = mapped_column(doc="{kind, main, sub, user, options}; never a password")
    password_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    ptz: Mapped[bool] = mapped_column(default=False)
    talk: Mapped[bool] = mapped_column(default=False, doc="it has a loudspeaker")
    record: Mapped[bool] = mapped_column(default=True, doc="false: live or pulled on demand only")
    retention_days: Mapped[int] = mapped_column(
        default=30, doc="most days of keeping; capped by the authorisation"
    )
    min_retention_days: Mapped[int] = mapped_column(default=0)
    live_roles: Mapped[list[str]] = mapped_column(doc="roles that may look now")
    recorded_roles: Mapped[list[str]] = mapped_column(doc="roles that may look back")
    neighbours: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), doc="camera ids, nearest first")
    expected: Mapped[Json] = mapped_column(
        doc="health: {reference_picture, legal_masks…} that looking compares with"
    )
    suspended_at: Mapped[datetime | None]
    suspended_reason: Mapped[str | None] = mapped_column(doc="mask_lost | unauthorised | by_hand")
    removed_at: Mapped[datetime | None]


class CameraMask(Traced, Base):
    """A mask (practice P11). `legal`: set in the camera, irreversible, checked by picture. `role`: on the server."""

    __tablename__ = "camera_mask"

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"), index=True)
    kind: Mapped[str] = mapped_column(Text, doc="legal | role")
    name: Mapped[str]
    preset: Mapped[str | None] = mapped_column(doc="of which preset; null: always")
    polygon: Mapped[list[Json]] = mapped_column(doc="[{x, y}…] from 0 to 1")
    proof: Mapped[bytes | None] = mapped_column(LargeBinary, doc="JPEG of the last check")
    checked_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(Text, default="unchecked", doc="unchecked | there | lost")
    removed_at: Mapped[datetime | None]


class CameraPreset(Traced, Base):
    """A préposition of a PTZ camera."""

    __tablename__ = "camera_preset"
    __table_args__ = (UniqueConstraint("camera_id", "token"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"))
    token: Mapped[str]
    name: Mapped[str]
    rank: Mapped[int] = mapped_column(default=0)
    removed_at: Mapped[datetime | None]


class CameraZone(Traced, Base):
    """A detection point and a camera that sees it: an alarm of the point shows the camera (S10)."""

    __tablename__ = "camera_zone"
    __table_args__ = (UniqueConstraint("camera_id", "area", "zone"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"))
    area: Mapped[str | None] = mapped_column(doc="canonical number; null: any")
    zone: Mapped[str | None] = mapped_column(
        doc="canonical number; null: every point of the area, or of the site"
    )
    preset: Mapped[str | None]
    rank: Mapped[int] = mapped_column(default=0)
    removed_at: Mapped[datetime | None]


class CameraFault(Traced, Base):
    """Something wrong with a camera, with pictures of before and after. Its dossier, when it opened one."""

    __tablename__ = "camera_fault"

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"), index=True)
    kind: Mapped[str] = mapped_column(Text, doc="video/model.py: FAULT_KINDS")
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    detail: Mapped[Json]
    before: Mapped[bytes | None] = mapped_column(LargeBinary, doc="JPEG")
    after: Mapped[bytes | None] = mapped_column(LargeBinary, doc="JPEG")
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))


Index(
    "uq_camera_fault_open", CameraFault.camera_id, CameraFault.kind, unique=True,
    postgresql_where=CameraFault.until.is_(None),
)  # fmt: skip


class PulledClip(Traced, Base):
    """Pictures asked of the customer's recorder, kept as received with their hash, source and clock offset."""

    __tablename__ = "pulled_clip"

    id: Mapped[int] = mapped_column(primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"), index=True)
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"), index=True)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Text, doc="asked | receiving | kept | failed")
    fault: Mapped[str | None]
    source: Mapped[str | None]
    clock_offset_ms: Mapped[int | None]
    path: Mapped[str | None] = mapped_column(doc="relative to the camera's folder")
    size: Mapped[int | None]
    digest: Mapped[bytes | None] = mapped_column(LargeBinary, doc="SHA-256")


class CameraStatus(Base):
    """What a recorder last saw of a camera; written each second together, not traced (as last-seen)."""

    __tablename__ = "camera_status"

    camera_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(Text, doc="starting | online | offline | frozen | suspended")
    since: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(doc="when this row was written")
    last_frame_at: Mapped[datetime | None]
    recording: Mapped[bool]
    detail: Mapped[Json] = mapped_column(
        doc="{codec, width, height, fps, kbps, sub, clock_offset_ms, faults…}"
    )


class CameraLease(Base):
    """Which recorder runs a camera, and where its listener is. Timed by the database's clock."""

    __tablename__ = "camera_lease"

    camera_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str]
    address: Mapped[str] = mapped_column(doc="http://HOST:PORT of its listener")
    epoch: Mapped[int]
    until: Mapped[datetime]


class VideoChain(Base):
    """The last link of a camera's chain of segments, for the day's root and the start after a power cut."""

    __tablename__ = "video_chain"

    camera_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    ended_at: Mapped[datetime]
    rooted_day: Mapped[date | None] = mapped_column(doc="last UTC day whose head is in the logbook")
