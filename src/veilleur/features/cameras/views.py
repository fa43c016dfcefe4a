"""What the desk reads of cameras: no password, no address with one; codes and parameters, no sentences."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel


class CameraSite(BaseModel):
    """Where a camera is."""

    id: int
    name: str
    town: str | None


class OpenFault(BaseModel):
    """Something that is wrong now."""

    kind: str
    since: datetime


class Preset(BaseModel):
    """A préposition."""

    token: str
    name: str


class HeldBy(BaseModel):
    """Who steers a PTZ camera."""

    id: int
    name: str
    priority: int
    until: datetime


class TalkedBy(BaseModel):
    """Whose voice is heard there, since when."""

    id: int
    name: str
    since: datetime


class ShownAuthorisation(BaseModel):
    """The authorisation, in short."""

    number: str
    expires_on: date


class CameraView(BaseModel):
    """A camera as a wall shows it. `state`: online | offline | frozen | suspended | starting | remote | unknown, since when.

    `remote`: its pictures stay with the customer (sources recorder, push); `last_frame_at`: of the newest that were kept.
    `views`: streams that may be asked (main, sub). `retention_days`: as it applies, capped by the authorisation.
    """

    id: int
    version: int
    reference: str
    name: str
    place: str | None
    site: CameraSite
    regime: str
    narrow: bool
    lat: float | None
    lon: float | None
    bearing: float | None
    fov: float | None
    ptz: bool
    talk: bool
    record: bool
    views: list[str]
    state: str
    since: datetime | None
    last_frame_at: datetime | None
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None
    faults: list[OpenFault]
    presets: list[Preset]
    neighbours: list[int]
    ptz_held_by: HeldBy | None
    talked_by: TalkedBy | None
    retention_days: int
    authorisation: ShownAuthorisation | None
    suspended_reason: str | None
    abilities: list[str]


class CameraSource(BaseModel):
    """Where its pictures come from; never the password."""

    kind: str
    main: str
    sub: str | None
    user: str | None
    has_password: bool
    options: dict[str, Any]


class Corner(BaseModel):
    """A corner of a mask, from 0 to 1."""

    x: float
    y: float


class MaskView(BaseModel):
    """A mask, with the state of its last check."""

    id: int
    kind: str
    name: str
    preset: str | None
    polygon: list[Corner]
    state: str
    checked_at: datetime | None
    has_proof: bool


class ZoneLink(BaseModel):
    """A point that the camera sees."""

    area: str | None
    zone: str | None
    zone_name: str | None
    preset: str | None


class FaultIncident(BaseModel):
    """The dossier that a fault opened or joined."""

    id: int
    reference: str


class PastFault(BaseModel):
    """A fault, over or not."""

    id: int
    kind: str
    since: datetime
    until: datetime | None
    has_before: bool
    has_after: bool
    incident: FaultIncident | None


class AuthorisationFile(BaseModel):
    """An authorisation, whole. `stage`: running | 12_months | 6_months | 4_months | 20_days | ended."""

    id: int
    reference: str
    system: str
    number: str
    authority: str
    granted_on: date | None
    expires_on: date
    purposes: list[str]
    retention_days: int
    min_retention_days: int
    stage: str


class CameraFile(CameraView):
    """All of a camera but its password."""

    purpose: str | None
    source: CameraSource
    min_retention_days: int
    live_roles: list[str]
    recorded_roles: list[str]
    masks: list[MaskView]
    zones: list[ZoneLink]
    past_faults: list[PastFault]
    authorisation_file: AuthorisationFile | None
