"""What the routes of événements are sent and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from veilleur.features.incidents.views import IncidentRow
from veilleur.features.viewing.bodies import MarkView

Code = Annotated[str, Field(min_length=1, max_length=60)]
#: Milliseconds since the first key; the command says how old it may be.
Age = Annotated[int, Field(ge=0, le=86_400_000)]
Note = Annotated[str, Field(max_length=1_000)]


class Opening(BaseModel):
    """One key on a live tile. `neighbours` null: those of the camera."""

    camera: int
    first_key_age_ms: Age
    nature: Code | None = None
    neighbours: Annotated[list[int], Field(max_length=50)] | None = None


class Following(BaseModel):
    """The camera one switches to."""

    camera: int


class Naming(BaseModel):
    """What it is, by one key."""

    nature: Code


class Informing(BaseModel):
    """A service was informed, how long ago (milliseconds), and what it answered."""

    service: Code
    age_ms: Age = 0
    outcome: Code
    note: Note | None = None


class Closing(BaseModel):
    """How it ended."""

    outcome: Code
    note: Annotated[str, Field(max_length=2_000)] | None = None


class NatureView(BaseModel):
    """A nature and its key. `label`: a code of the vocabulary `event_nature`."""

    key: str
    label: str
    hotkey: str


class FollowedView(BaseModel):
    """A stretch on one camera; `until` null: still."""

    camera: int
    name: str
    from_: Annotated[datetime, Field(serialization_alias="from")]
    until: datetime | None


class InformedView(BaseModel):
    """A service that was informed."""

    service: str
    at: datetime
    outcome: str
    note: str | None


class EventView(BaseModel):
    """An événement. `abilities`: camera, nature, inform, close."""

    incident: IncidentRow
    first_key_at: datetime
    nature: str | None
    natures: list[NatureView]
    place: str
    cameras: list[FollowedView]
    marks: list[MarkView]
    informed: list[InformedView]
    abilities: list[str]


class EventLine(BaseModel):
    """An événement in a list: what it is found by."""

    id: int
    reference: str
    nature: str | None
    place: str
    first_key_at: datetime
    closed_at: datetime | None
    cameras: list[str]
    informed: list[str]
