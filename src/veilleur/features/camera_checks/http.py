"""Routes of the test of cameras at the start of a shift: thin."""

from __future__ import annotations

from veilleur.features.camera_checks.commands import sign
from veilleur.features.camera_checks.policy import POLICY
from veilleur.features.camera_checks.queries import camera_check
from veilleur.features.camera_checks.views import CameraCheck, Signing
from veilleur.features.http import ActDep, ClockDep, ReadDep, ReaderDep, allow, feature_router

router = feature_router()


@router.get("/camera-check")
@allow(POLICY, "camera_check.make")
def read_camera_check(session: ReadDep, reader: ReaderDep, clock: ClockDep) -> CameraCheck:
    """Each camera of one's post as it is now, what is wrong first; the recorders; whether the test was signed."""
    return camera_check(session, reader, clock.now())


@router.post("/camera-check")
@allow(POLICY, "camera_check.make")
def sign_camera_check(body: Signing, act: ActDep, reader: ReaderDep) -> CameraCheck:
    """Signs it. 409 `camera_check_incomplete`, `camera_check_blind` {cameras}; 422 when a defect says nothing."""
    sign(act, reader, body.ticks)
    act.session.flush()
    return camera_check(act.session, reader, act.now)
