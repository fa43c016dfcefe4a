"""What the routes of viewing are sent and answer (docs/design/video.md, «The desk's API»)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from veilleur.features.cameras.views import CameraView

CameraIds = Annotated[list[int], Field(min_length=1, max_length=25)]
Words = Annotated[str, Field(min_length=1, max_length=300)]
Kind = Literal["live", "recorded", "lifted"]


class Looking(BaseModel):
    """What one asks to look at. `motif`: free words, or event · patrol · police_call · maintenance; null: the post's.

    `minutes`: how long masks of role stay lifted.
    """

    cameras: CameraIds
    kind: Kind
    motif: Words | None = None
    from_: Annotated[AwareDatetime | None, Field(alias="from")] = None
    until: AwareDatetime | None = None
    incident_id: int | None = None
    wall: Annotated[str, Field(max_length=80)] | None = None
    minutes: Annotated[int, Field(ge=1, le=30)] = 5


class More(BaseModel):
    """More tickets of a viewing that runs."""

    cameras: CameraIds


class NewMotif(BaseModel):
    """Why one looks from now on."""

    motif: Words
    incident_id: int | None = None


class ViewingEnd(BaseModel):
    """Why one stops looking: one closed it, or another view took its place."""

    why: Literal["command", "replaced"] = "command"


class TicketView(BaseModel):
    """Lets one socket open, once, within 30 s. `whep` null for playback."""

    camera: int
    url: str
    whep: str | None
    token: str
    kind: Kind
    masked: bool
    expires_at: datetime


class RefusedCamera(BaseModel):
    """A camera that may not be looked at: the code of the rule, its reference and the document that would allow it."""

    camera: int
    code: str
    params: dict[str, Any]


class ViewingAnswer(BaseModel):
    """An opening. `viewing` null: every camera was refused. `lifted_until`: when lifted masks come back by themselves."""

    viewing: int | None
    motif: str
    tickets: list[TicketView]
    refused: list[RefusedCamera]
    lifted_until: datetime | None


class Named(BaseModel):
    """An object by its name."""

    id: int
    name: str


class Referred(BaseModel):
    """A dossier by its reference."""

    id: int
    reference: str


class ViewingLine(BaseModel):
    """A line of the register (R253-5)."""

    id: int
    user: Named
    post: str | None
    kind: Kind
    motif: str
    incident: Referred | None
    cameras: list[Named]
    from_: Annotated[datetime | None, Field(serialization_alias="from")]
    until: datetime | None
    started_at: datetime
    ended_at: datetime | None


class TileBody(BaseModel):
    """A tile. `camera` null: empty, or the hotspot."""

    camera: int | None
    span: Annotated[int, Field(ge=1, le=3)]
    sequence: Annotated[list[int], Field(max_length=50)]
    hotspot: bool


class LayoutBody(BaseModel):
    """A wall as it is drawn. `version`: the one looked at, when it is changed."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    shared: bool = False
    columns: Annotated[int, Field(ge=1, le=8)]
    rows: Annotated[int, Field(ge=1, le=8)]
    seconds: Annotated[int, Field(ge=3, le=600)] = 20
    tiles: Annotated[list[TileBody], Field(min_length=1, max_length=25)]
    version: int | None = None


class Layout(BaseModel):
    """A wall."""

    id: int
    version: int
    name: str
    shared: bool
    mine: bool
    columns: int
    rows: int
    seconds: int
    tiles: list[TileBody]


class Marking(BaseModel):
    """A stretch of a camera to keep in sight."""

    camera: int
    from_: Annotated[AwareDatetime, Field(alias="from")]
    until: AwareDatetime
    label: Annotated[str, Field(max_length=300)] | None = None
    incident_id: int | None = None


class Holding(BaseModel):
    """Gel conservatoire: why, until when."""

    reason: Words
    until: AwareDatetime


class Releasing(BaseModel):
    """Why a hold is lifted."""

    reason: Annotated[str, Field(max_length=300)] | None = None


class HoldView(BaseModel):
    """A hold that stands."""

    reason: str
    until: datetime


class MarkView(BaseModel):
    """A mark. `abilities`: hold, release, remove."""

    id: int
    version: int
    camera: Named
    from_: Annotated[datetime, Field(serialization_alias="from")]
    until: datetime
    label: str | None
    incident: Referred | None
    made_by: str
    made_at: datetime
    hold: HoldView | None
    abilities: list[str]


class Taking(BaseModel):
    """With which priority: never better than one's own right; 7 for a round."""

    priority: Annotated[int, Field(ge=1, le=9)] | None = None


class PtzHoldView(BaseModel):
    """Whose the camera is, until when unless it moves again."""

    camera: int
    id: int
    priority: int
    until: datetime


class Pulling(BaseModel):
    """Which camera's images are asked of the customer's recorder."""

    camera: int


class ImageClue(BaseModel):
    """The image a key was pressed on; `text` null: nothing is said of what it shows."""

    camera: int
    at: AwareDatetime
    text: Annotated[str, Field(max_length=1_000)] | None = None


class Added(BaseModel):
    """What was made."""

    id: int


class ClipView(BaseModel):
    """Pictures of the customer's recorder. `state`: asked | receiving | kept | failed."""

    id: int
    state: str
    fault: str | None
    clock_offset_ms: int | None
    from_: Annotated[datetime, Field(serialization_alias="from")]
    until: datetime


class LostView(BaseModel):
    """The camera was lost shortly before the alarm: a clue, perhaps."""

    since: datetime
    fault: str


class ImageCamera(BaseModel):
    """A camera of a dossier and the stretch to look at. `zone`: the point it sees. `source`: recorder | customer."""

    camera: CameraView
    zone: str | None
    preset: str | None
    alarm_at: datetime
    from_: Annotated[datetime, Field(serialization_alias="from")]
    until: datetime
    lost_before: LostView | None
    source: Literal["recorder", "customer"]
    clip: ClipView | None


class Images(BaseModel):
    """What a dossier shows."""

    cameras: list[ImageCamera]
