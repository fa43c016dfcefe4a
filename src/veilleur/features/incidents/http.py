"""Routes on dossiers: thin. The whole dossier (`GET /api/incidents/{id}`) is composed in `desk/dossier.py`.

Each command answers the dossier's row: its version says which view of the stream already holds it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import AwareDatetime, BaseModel, Field

from veilleur.db.engine import ReadSession
from veilleur.features.http import ActDep, ClockDep, ReadDep, ReaderDep, allow, feature_router
from veilleur.features.incidents import commands, drafts, queries
from veilleur.features.incidents.errors import HandedUpError
from veilleur.features.incidents.lifecycle import State
from veilleur.features.incidents.policy import POLICY
from veilleur.features.incidents.views import DeferralView, IncidentRow, PastIncident
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act

router = feature_router()

Code = Annotated[str, Field(min_length=1, max_length=60)]
Words = Annotated[str, Field(min_length=1, max_length=4_000)]
Note = Annotated[str, Field(max_length=2_000)]
#: Where a draft belongs: the room, a dossier, a field of it (its name may hold a step's key), of a site, an entry's correction.
DraftKey = Annotated[str, Path(pattern=r"^(room|(incident|site|entry):[0-9]{1,18}(:[a-zA-Z0-9_.-]{1,80})?)$")]
#: An entry kept while offline is at most a day old (milliseconds).
Age = Annotated[int, Field(ge=0, le=86_400_000)]


class Reasoned(BaseModel):
    """An act that says why."""

    reason: Code


class Releasing(BaseModel):
    """Back to the queue, with a reason if there is one to give."""

    reason: Code | None = None


class Parking(BaseModel):
    """Mise en attente: until when (with its zone), and why."""

    until: AwareDatetime
    reason: Code


class Offering(BaseModel):
    """To whom a dossier is handed."""

    user_id: int


class SteppingAway(BaseModel):
    """«Je m'absente»: a colleague, or an hour."""

    user_id: int | None = None
    until: AwareDatetime | None = None


class Noting(BaseModel):
    """A note, and how long ago its first key was pressed (milliseconds)."""

    text: Words
    age_ms: Age = 0


class Closing(BaseModel):
    """The cause of a closing."""

    outcome: Code
    note: Note | None = None


class StepDone(BaseModel):
    """A step's result."""

    result: Code
    note: Note | None = None


class StepSkipped(BaseModel):
    """Why a step is skipped: one of six motifs."""

    motif: Code


class Normal(BaseModel):
    """What brings a point back: `agent` or `contact`."""

    by: Code
    note: Note | None = None


class Deferring(BaseModel):
    """What is not back, who sees to it, until when; `point_ids` null: every point still open."""

    what: Annotated[str, Field(min_length=1, max_length=300)]
    who: Annotated[str, Field(min_length=1, max_length=300)]
    until: AwareDatetime
    point_ids: list[int] | None = None


class DeferralDone(BaseModel):
    """What was found when the deferral was done."""

    note: Note | None = None


class DraftKept(BaseModel):
    """What is being written, and how long ago its first key was pressed (milliseconds)."""

    text: Words
    age_ms: Age = 0


class DraftView(BaseModel):
    """A draft of the reader's own."""

    key: str
    text: str
    first_key_at: datetime


class SteppedAway(BaseModel):
    """The dossiers that were offered or parked."""

    incidents: list[int]


def _answer(session: ReadSession, incident_id: int, reader: Reader, now: datetime) -> IncidentRow:
    (view,) = queries.incident_rows(session, [incident_id], now)
    row = queries.row_for(view, reader)
    if row is None:
        raise NotFoundError("No such dossier.", what="incident", id=incident_id)
    return row


def _do(
    act: Act, reader: Reader, incident_id: int, command: Callable[..., Any], *args: Any, **kwargs: Any
) -> IncidentRow:
    """One command on a dossier of the reader's perimeter; answers its row."""
    queries.visible(act.session, incident_id, reader)
    command(act, incident_id, *args, **kwargs)
    act.session.flush()
    return _answer(act.session, incident_id, reader, act.now)


@router.get("/incidents")
@allow(POLICY, "incident.read")
def list_incidents(
    *,
    session: ReadDep,
    reader: ReaderDep,
    site: int | None = None,
    state: str | None = None,
    q: Annotated[str, Query(max_length=200)] = "",
    before: int | None = None,
) -> list[PastIncident]:
    """Dossiers, the last first, by pages of 50. `state`: one of the states, or «open». `q`: reference, site, town."""
    return queries.past_incidents(session, reader, site_id=site, state=state, words=q, before=before)


@router.get("/incidents/{incident_id}/row")
@allow(POLICY, "incident.read")
def read_row(incident_id: int, session: ReadDep, reader: ReaderDep, clock: ClockDep) -> IncidentRow:
    """One dossier's row."""
    queries.visible(session, incident_id, reader)
    return _answer(session, incident_id, reader, clock.now())


@router.get("/deferrals")
@allow(POLICY, "incident.read")
def list_deferrals(session: ReadDep, reader: ReaderDep, site: int | None = None) -> list[DeferralView]:
    """What is not yet back to normal and in somebody's charge, the soonest first."""
    return queries.open_deferrals(session, reader, site_id=site)


@router.post("/incidents/{incident_id}/take")
@allow(POLICY, "incident.take")
def take(incident_id: int, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Prise en compte. 409 `incident_already_taken` {owner}; 403 `incident_handed_up` but for the chef de salle."""
    incident = queries.visible(act.session, incident_id, reader)
    if incident.state == State.HANDED_UP and not POLICY.allows(reader, "incident.take_handed_up"):
        raise HandedUpError
    return _do(act, reader, incident_id, commands.take)


@router.post("/incidents/{incident_id}/take-over")
@allow(POLICY, "incident.take_over")
def take_over(incident_id: int, body: Reasoned, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Takes a dossier that a colleague holds."""
    return _do(act, reader, incident_id, commands.take_over, body.reason)


@router.post("/incidents/{incident_id}/release")
@allow(POLICY, "incident.release")
def release(incident_id: int, body: Releasing, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Puts a dossier back in the queue."""
    return _do(act, reader, incident_id, commands.release, body.reason)


@router.post("/incidents/{incident_id}/park")
@allow(POLICY, "incident.park")
def park(incident_id: int, body: Parking, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Mise en attente. 422 `bad_time` {earliest, latest}."""
    return _do(act, reader, incident_id, commands.park, body.until, body.reason)


@router.post("/incidents/{incident_id}/resume")
@allow(POLICY, "incident.resume")
def resume(incident_id: int, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Takes up a parked dossier."""
    return _do(act, reader, incident_id, commands.resume)


@router.post("/incidents/{incident_id}/hand-over")
@allow(POLICY, "incident.hand_over")
def hand_over(incident_id: int, body: Offering, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Offers a dossier to a colleague."""
    return _do(act, reader, incident_id, commands.offer, body.user_id)


@router.post("/incidents/{incident_id}/accept")
@allow(POLICY, "incident.accept")
def accept(incident_id: int, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Accepts an offered dossier."""
    return _do(act, reader, incident_id, commands.accept)


@router.post("/incidents/{incident_id}/decline")
@allow(POLICY, "incident.decline")
def decline(incident_id: int, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Refuses an offered dossier, or takes the offer back."""
    return _do(act, reader, incident_id, commands.decline)


@router.post("/incidents/{incident_id}/hand-up")
@allow(POLICY, "incident.hand_up")
def hand_up(incident_id: int, body: Reasoned, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Hands a dossier to the chef de salle."""
    return _do(act, reader, incident_id, commands.hand_up, body.reason)


@router.post("/me/step-away")
@allow(POLICY, "incident.step_away")
def step_away(body: SteppingAway, act: ActDep) -> SteppedAway:
    """«Je m'absente»: each of my dossiers to a colleague, or left with a clock."""
    return SteppedAway(incidents=commands.step_away(act, to_user_id=body.user_id, until=body.until))


@router.post("/incidents/{incident_id}/note")
@allow(POLICY, "incident.note")
def note(incident_id: int, body: Noting, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """A free note, timed at its first key."""
    return _do(act, reader, incident_id, commands.note, body.text, age_ms=body.age_ms)


@router.post("/incidents/{incident_id}/closing")
@allow(POLICY, "incident.close")
def begin_closing(incident_id: int, body: Closing, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Prepares a closing."""
    return _do(act, reader, incident_id, commands.begin_closing, body.outcome, body.note)


@router.post("/incidents/{incident_id}/keep-open")
@allow(POLICY, "incident.close")
def keep_open(incident_id: int, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Gives a closing up."""
    return _do(act, reader, incident_id, commands.keep_open)


@router.post("/incidents/{incident_id}/close")
@allow(POLICY, "incident.close")
def close(incident_id: int, body: Closing, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Closes. 409 `incident_closing_blocked` {blockers}; 403 `duress_locked`."""
    return _do(act, reader, incident_id, commands.close, body.outcome, body.note)


@router.post("/incidents/{incident_id}/release-duress")
@allow(POLICY, "incident.release_duress")
def release_duress(incident_id: int, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """The chef de salle releases what duress locked."""
    return _do(act, reader, incident_id, commands.release_duress, "lead_decision")


@router.post("/incidents/{incident_id}/steps/{key}/done")
@allow(POLICY, "incident.step")
def step_done(incident_id: int, key: str, body: StepDone, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """A step is done with one of its results."""
    return _do(act, reader, incident_id, commands.step_done, key, body.result, body.note, by_hand=True)


@router.post("/incidents/{incident_id}/steps/{key}/skip")
@allow(POLICY, "incident.step")
def step_skipped(
    incident_id: int, key: str, body: StepSkipped, act: ActDep, reader: ReaderDep
) -> IncidentRow:
    """A step is skipped with a motif."""
    return _do(act, reader, incident_id, commands.step_skipped, key, body.motif)


@router.post("/incidents/{incident_id}/steps/{key}/undo")
@allow(POLICY, "incident.step")
def step_undone(incident_id: int, key: str, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Takes back a step's result within ten seconds."""
    return _do(act, reader, incident_id, commands.step_undone, key)


@router.post("/incidents/{incident_id}/points/{point_id}/normal")
@allow(POLICY, "incident.normal")
def point_normal(
    incident_id: int, point_id: int, body: Normal, act: ActDep, reader: ReaderDep
) -> IncidentRow:
    """A point is back by an agent's finding or an identified contact's word. 409 `point_no_evidence`."""
    return _do(act, reader, incident_id, commands.point_normal, point_id, body.by, body.note)


@router.post("/incidents/{incident_id}/deferrals")
@allow(POLICY, "incident.defer")
def defer(incident_id: int, body: Deferring, act: ActDep, reader: ReaderDep) -> IncidentRow:
    """Somebody sees to what is not back, until an hour."""
    return _do(
        act, reader, incident_id, commands.defer, body.what, body.who, body.until, point_ids=body.point_ids
    )


@router.post("/incidents/{incident_id}/deferrals/{deferral_id}/done")
@allow(POLICY, "incident.deferral_done")
def deferral_done(
    incident_id: int, deferral_id: int, body: DeferralDone, act: ActDep, reader: ReaderDep
) -> IncidentRow:
    """What was deferred is done, even after the closing."""
    return _do(act, reader, incident_id, commands.deferral_done, deferral_id, body.note)


@router.get("/drafts")
@allow(POLICY, "draft.keep")
def list_drafts(session: ReadDep, reader: ReaderDep) -> list[DraftView]:
    """The reader's own drafts."""
    held = drafts.drafts_of(session, reader.user_id)
    return [DraftView(key=key, text=words, first_key_at=at) for key, (words, at) in held.items()]


@router.get("/drafts/{key}")
@allow(POLICY, "draft.keep")
def read_draft(key: DraftKey, session: ReadDep, reader: ReaderDep) -> DraftView:
    """One of the reader's own drafts."""
    held = drafts.drafts_of(session, reader.user_id).get(key)
    if held is None:
        raise NotFoundError("No such draft.", what="draft", id=key)
    return DraftView(key=key, text=held[0], first_key_at=held[1])


@router.put("/drafts/{key}", status_code=204)
@allow(POLICY, "draft.keep", repeatable=True)
def keep_draft(key: DraftKey, body: DraftKept, act: ActDep, reader: ReaderDep) -> None:
    """Keeps a draft; its first key's time stands."""
    drafts.keep_draft(act, reader.user_id, key, body.text, age_ms=body.age_ms)


@router.delete("/drafts/{key}", status_code=204)
@allow(POLICY, "draft.keep", repeatable=True)
def drop_draft(key: DraftKey, act: ActDep, reader: ReaderDep) -> None:
    """Forgets a draft."""
    drafts.drop_draft(act, reader.user_id, key)
