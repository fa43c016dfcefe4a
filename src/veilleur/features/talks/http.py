"""The route that lets one speak through a camera: thin. The voice goes to the recorder, the desk carries none."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from veilleur.features.http import ActDep, PassageDep, ReaderDep, allow, feature_router
from veilleur.features.talks.commands import Line, ask_to_talk
from veilleur.features.talks.policy import POLICY

router = feature_router()


class Talking(BaseModel):
    """Through which camera of the viewing."""

    camera: int


class TalkTicket(BaseModel):
    """Lets one socket open, once, within 30 s (docs/design/video.md, `/talk`)."""

    camera: int
    url: str
    token: str
    expires_at: datetime


class TalkRefused(BaseModel):
    """Why nobody may speak there now: the code of the rule and what its sentence needs."""

    camera: int
    code: str
    params: dict[str, Any]


class TalkAnswer(BaseModel):
    """One of the two is null."""

    ticket: TalkTicket | None
    refused: TalkRefused | None


@router.post("/viewings/{viewing_id}/talk")
@allow(POLICY, "talk.speak")
def talk(viewing_id: int, body: Talking, act: ActDep, reader: ReaderDep, passage: PassageDep) -> TalkAnswer:
    """A ticket to speak through a camera that one looks at live, or the rule that refuses it. 409 `viewing_ended`."""
    given = ask_to_talk(act, reader, passage.session_hash or b"", viewing_id, body.camera)
    if isinstance(given, Line):
        ticket = TalkTicket(
            camera=given.camera_id, url=given.url, token=given.token, expires_at=given.expires_at
        )
        return TalkAnswer(ticket=ticket, refused=None)
    why = TalkRefused(camera=body.camera, code=given.code, params=dict(given.params))
    return TalkAnswer(ticket=None, refused=why)
