"""The route that gives a camera its address to push to: thin."""

from __future__ import annotations

from pydantic import BaseModel

from veilleur.features.cameras.queries import visible_camera
from veilleur.features.http import ActDep, ReaderDep, allow, feature_router
from veilleur.features.pushes.commands import renew_push_token
from veilleur.features.pushes.policy import POLICY

router = feature_router()


class PushAddress(BaseModel):
    """What is written into the camera: the recorder's address, then this path. It is told once."""

    path: str


@router.post("/cameras/{camera_id}/push-token")
@allow(POLICY, "push.renew")
def renew(camera_id: int, act: ActDep, reader: ReaderDep) -> PushAddress:
    """A new address to push to; the one before opens nothing any more. 409 `camera_not_pushed`."""
    visible_camera(act.session, camera_id, reader)
    return PushAddress(path=f"/push/{renew_push_token(act, camera_id)}")
