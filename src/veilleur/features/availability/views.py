"""What a screen reads of availability: whole seconds, codes, no sentences."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel


class Named(BaseModel):
    """A camera or a site, in short."""

    id: int
    reference: str
    name: str


class GapView(BaseModel):
    """A stretch without recording. `reason`: of `camera_gap`."""

    since: datetime
    until: datetime
    seconds: int
    reason: str


class DayView(BaseModel):
    """A camera's day of the centre. `rate`: recorded / due, null when nothing was due."""

    day: date
    due: int
    recorded: int
    rate: float | None
    gaps: int
    longest: int


class FaultCount(BaseModel):
    """Faults of one kind: how many, and seconds of the period that they lasted."""

    kind: str
    count: int
    seconds: int


class MaskChecks(BaseModel):
    """The checks of a camera's legal masks. `lost`: checks that did not find one."""

    masks: int
    checks: int
    lost: int
    last_at: datetime | None


class CameraAvailability(BaseModel):
    """A camera's period. Seconds. `excused`: the law or the centre forbade to record. `since`: measured from.

    `gaps`: the longest ones when there are too many, `gaps_left` then says how many are not told. `masks`: null when it
    has no legal mask. `clock_offset_ms`: the worst that its clock was ahead of ours.
    """

    camera: Named
    site: Named
    regime: str
    since: datetime | None
    due: int
    recorded: int
    excused: int
    rate: float | None
    days: list[DayView]
    gaps: list[GapView]
    gaps_left: int
    faults: list[FaultCount]
    masks: MaskChecks | None
    clock_offset_ms: int | None


class PathAvailability(BaseModel):
    """A transmission path's period. `known`: seconds during which its state was known; `rate`: up / known.

    `supervised`: signs of life are expected; else only what it said of itself is known.
    """

    site: Named
    account: str
    path: str
    supervised: bool
    known: int
    up: int
    rate: float | None
    losses: int
    longest: int


class Availability(BaseModel):
    """Both, from the first day to the last, whole days of the centre. `until`: what is later was not measured yet."""

    first: date
    last: date
    until: datetime
    cameras: list[CameraAvailability]
    paths: list[PathAvailability]
