"""Routes of the room itself: taking up a call, a sign of life."""

from __future__ import annotations

from veilleur.features.continuity import commands
from veilleur.features.continuity.policy import POLICY
from veilleur.features.http import ActDep, allow, feature_router

router = feature_router()


@router.post("/station/answer", status_code=204)
@allow(POLICY, "station.answer")
def answer(act: ActDep) -> None:
    """«Je m’en occupe»: whoever is logged in takes up the call that runs. 409 `nobody_called`."""
    commands.taken_by_user(act)


@router.post("/me/awake", status_code=204)
@allow(POLICY, "station.awake", repeatable=True)
def awake(act: ActDep) -> None:
    """A key or a click at this post: the gate notes it as its holder's last act (practice P7)."""
    del act
