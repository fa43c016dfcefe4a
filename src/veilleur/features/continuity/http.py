"""Routes of the room itself: taking up a call, a sign of life."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from veilleur.db.engine import Database
from veilleur.features.continuity import commands, trials
from veilleur.features.continuity.policy import POLICY
from veilleur.features.continuity.views import OnCallList, on_call_list
from veilleur.features.http import ActDep, ClockDep, PassageDep, ReadDep, allow, feature_router, provided

router = feature_router()

DatabaseDep = Annotated[Database, provided(Database)]


class Painted(BaseModel):
    """Which round of the built-in dialler a window has painted."""

    round: int


@router.post("/station/answer", status_code=204)
@allow(POLICY, "station.answer")
def answer(act: ActDep) -> None:
    """«Je m’en occupe»: whoever is logged in takes up the call that runs. 409 `nobody_called`."""
    commands.taken_by_user(act)


@router.get("/on-call")
@allow(POLICY, "on_call.read")
def on_call(session: ReadDep) -> OnCallList:
    """Who is called outside the room, in which order, and what became of the last call of each way."""
    return on_call_list(session)


@router.post("/on-call/{on_call_id}/try", status_code=204)
@allow(POLICY, "on_call.try")
def try_on_call(on_call_id: int, act: ActDep) -> None:
    """Really calls this person by all his ways, as a trial. 404; 409 `real_call`, `no_way`."""
    trials.try_person(act, on_call_id)


@router.post("/me/awake", status_code=204)
@allow(POLICY, "station.awake", repeatable=True)
def awake(act: ActDep) -> None:
    """A key or a click at this post: the gate notes it as its holder's last act (practice P7)."""
    del act


@router.post("/me/painted", status_code=204)
@allow(POLICY, "chain.painted", repeatable=True, transaction=False)
def painted(body: Painted, passage: PassageDep, database: DatabaseDep, clock: ClockDep) -> None:
    """A window has painted this round. Its own transaction: a machine's word is no sign that somebody is awake."""
    with database.write() as session:
        commands.note_painted(session, passage.session_hash or b"", body.round, clock.now())
