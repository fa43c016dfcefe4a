"""What the routes of rounds are sent and answer (docs/design/video.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

Note = Annotated[str, Field(max_length=1_000)]


class Starting(BaseModel):
    """`override`: why the round is made although a camera has no valid authorisation."""

    override: Note | None = None


class Ticking(BaseModel):
    """A view seen, or missed."""

    index: Annotated[int, Field(ge=0, le=1_000)]
    result: Annotated[str, Field(max_length=20)]
    note: Note | None = None


class Pausing(BaseModel):
    """Which dossier the round waits for."""

    incident_id: int | None = None


class Ending(BaseModel):
    """Why views were missed: each by its index, or all at once."""

    explanations: Annotated[dict[int, Note], Field(max_length=60)] = Field(default_factory=dict)
    explanation: Note | None = None


class Named(BaseModel):
    """An object by its name."""

    id: int
    name: str


class TickView(BaseModel):
    """What was seen. `result`: clear | observation | missed."""

    result: str
    note: str | None
    at: datetime


class ViewView(BaseModel):
    """A view of a round."""

    camera: int
    name: str
    preset: str | None
    seconds: int
    look_for: str | None


class RunViewView(ViewView):
    """A view as it was made."""

    tick: TickView | None


class RunView(BaseModel):
    """A round as it is made. `state`: running | paused | ended."""

    id: int
    version: int
    patrol: Named
    user: Named
    state: str
    started_at: datetime
    ended_at: datetime | None
    at: int
    views: list[RunViewView]
    explanation: str | None


class LastRun(BaseModel):
    """The last time it was made."""

    id: int
    user: Named
    started_at: datetime
    ended_at: datetime | None
    views: int
    missed: int


class PatrolView(BaseModel):
    """A planned round. `next_due_at` in the past: it is overdue."""

    id: int
    version: int
    reference: str
    name: str
    times: list[str]
    next_due_at: datetime | None
    views: list[ViewView]
    last_run: LastRun | None
    running: RunView | None
