"""What the routes of the test of cameras are sent and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

#: Cameras of one post at most, far beyond a wall of sixteen and its rounds.
MOST = 500

Note = Annotated[str, Field(max_length=500)]


class Ticked(BaseModel):
    """One camera, looked at. A defect says what it is."""

    camera: int
    result: Literal["seen", "defect"]
    note: Note | None = None


class Signing(BaseModel):
    """The whole list."""

    ticks: Annotated[list[Ticked], Field(max_length=MOST)]


class Named(BaseModel):
    """An object by its name."""

    id: int
    name: str


class CheckedCamera(BaseModel):
    """A camera as it is now. `sound`: a recent picture and no fault."""

    camera: int
    name: str
    site: str
    state: str
    last_frame_at: datetime | None
    age_s: int | None
    faults: list[str]
    sound: bool


class CheckedRecorder(BaseModel):
    """A recorder as it last said. `alive`: it says so now."""

    role: str
    alive: bool
    seen_at: datetime


class CameraCheck(BaseModel):
    """The list to tick; what is wrong comes first. `signed_at`: by its holder since the post was taken; `late`: not in time."""

    post: Named
    taken_at: datetime
    due_at: datetime
    signed_at: datetime | None
    late: bool
    cameras: list[CheckedCamera]
    recorders: list[CheckedRecorder]
