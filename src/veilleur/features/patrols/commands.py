"""A round is made: begun, each view ticked, paused by what is graver, ended with what was missed explained (C1.2, S1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select, text

from veilleur.features.cameras.model import REGIMES
from veilleur.features.cameras.tables import Camera
from veilleur.features.incidents.tables import Incident
from veilleur.features.patrols.errors import (
    PatrolBlindError,
    PatrolGlanceError,
    PatrolHomeError,
    PatrolRunningError,
    PatrolStateError,
    PatrolUnauthorisedError,
    PatrolUnexplainedError,
)
from veilleur.features.patrols.planning import EARLY
from veilleur.features.patrols.queries import blind_of, due_of, ticks_of, visible_patrol
from veilleur.features.viewing.access import cameras_by_id, facts_of, paper_refusal
from veilleur.features.viewing.tables import Patrol, PatrolRun, PatrolTick
from veilleur.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act, Subject
from veilleur.logbook.tables import Entry

RESULTS = ("clear", "observation", "missed")
RUNNING, PAUSED, ENDED = "running", "paused", "ended"
MAX_NOTE = 1_000

#: A view is «rien à signaler» this long after the round came to it, at the soonest: a picture takes up to a second to be
#: there, and a look another one. Faster, the key was pressed twice and nobody looked.
LEAST_LOOK = timedelta(seconds=2)


def start(act: Act, reader: Reader, patrol_id: int, override: str | None = None) -> int:
    """Begins a round; the run's id. `override`: why it is made although a camera has no valid authorisation (S1).

    Raises PatrolRunningError, PatrolUnauthorisedError, PatrolHomeError, NotFoundError.
    """
    patrol = visible_patrol(act.session, patrol_id, reader)
    act.session.get(Patrol, patrol_id, with_for_update=True)
    open_run = select(PatrolRun).where(PatrolRun.patrol_id == patrol_id, PatrolRun.state != ENDED)
    if (other := act.session.scalars(open_run).first()) is not None:
        raise PatrolRunningError(run=other.id)
    known = cameras_by_id(act.session, [view["camera"] for view in patrol.views])
    if homes := sorted(camera.name for camera in known.values() if not REGIMES[camera.regime].rounds):
        raise PatrolHomeError(cameras=homes, reference=patrol.reference)
    said = (override or "").strip()[:MAX_NOTE] or None
    unpapered = _without_paper(act, known)
    if unpapered and said is None:
        raise PatrolUnauthorisedError(cameras=unpapered, rule="S1, L252-4")
    due_at = due_of(act.session, patrol, act.now)
    due_at = due_at if due_at is not None and due_at <= act.now + EARLY else None
    run_id: int = act.session.execute(text("SELECT nextval('patrol_run_id_seq')")).scalar_one()
    entry_id = act.record(
        "patrol.started",
        {"name": patrol.name, "views": len(patrol.views), "due": due_at.isoformat() if due_at else None},
        subject=_subject(patrol),
        touched={"patrol_run": [run_id]},
    )
    if unpapered:
        params = {"name": patrol.name, "cameras": unpapered, "reason": said}
        entry_id = act.record("patrol.overridden", params, subject=_subject(patrol))
    act.session.add(
        PatrolRun(
            id=run_id,
            patrol_id=patrol.id,
            user_id=reader.user_id,
            state=RUNNING,
            due_at=due_at,
            started_at=act.now,
            views=patrol.views,
            override=said if unpapered else None,
            entry_id=entry_id,
        )
    )
    act.session.flush()
    return run_id


def _without_paper(act: Act, known: Mapping[int, Camera]) -> list[str]:
    facts = facts_of(act.session, list(known.values()), act.now)
    return sorted(camera.name for camera in known.values() if paper_refusal(camera, facts) is not None)


def _subject(patrol: Patrol) -> Subject:
    return Subject(organisation=patrol.organisation, customer_id=patrol.customer_id, commune=patrol.commune)


def _mine(act: Act, reader: Reader, run_id: int, *states: str) -> tuple[PatrolRun, Patrol]:
    """The run, locked, of who acts, in one of these states."""
    run = act.session.get(PatrolRun, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise NotFoundError("No such round.", what="patrol_run", id=run_id)
    patrol = visible_patrol(act.session, run.patrol_id, reader, removed=True)
    if run.user_id != reader.user_id:
        raise ForbiddenError("This round is a colleague's.")
    if run.state not in states:
        raise PatrolStateError(state=run.state)
    return run, patrol


def tick(act: Act, reader: Reader, run_id: int, index: int, result: str, note: str | None = None) -> None:  # noqa: PLR0917
    """A view is seen, with what was observed, or missed, with why. Said again, it is corrected.

    Nothing to report is said of a picture that one could see: of a camera that shows none, what hinders is an observation.
    Raises PatrolBlindError, PatrolGlanceError, InvalidError, PatrolStateError, ForbiddenError, NotFoundError.
    """
    run, patrol = _mine(act, reader, run_id, RUNNING)
    words = (note or "").strip()[:MAX_NOTE] or None
    if result not in RESULTS:
        raise InvalidError(f"«{result}» is no result.", field="result", value=result, known=list(RESULTS))
    if not 0 <= index < len(run.views):
        raise InvalidError("This round has no such view.", field="index", most=len(run.views) - 1)
    if result != "clear" and words is None:
        raise InvalidError("Say what was seen, or why it was not.", field="note")
    if result == "clear":
        _require_seen(act, run, index)
    entry_id = _ticked(act, run, patrol, index, result, words)
    run.entry_id = entry_id


def _require_seen(act: Act, run: PatrolRun, index: int) -> None:
    """The camera shows a picture, and the round has been at this view for as long as a look takes."""
    camera = act.session.get(Camera, run.views[index]["camera"])
    if (why := blind_of(act.session, camera, act.now)) is not None:
        raise PatrolBlindError(camera=camera.name if camera else None, why=why, index=index)
    came_at = act.session.scalar(select(Entry.entered_at).where(Entry.id == run.entry_id))
    if came_at is not None and act.now - came_at < LEAST_LOOK:
        raise PatrolGlanceError(seconds=int(LEAST_LOOK.total_seconds()), index=index)


def _ticked(act: Act, run: PatrolRun, patrol: Patrol, index: int, result: str, note: str | None) -> int:  # noqa: PLR0917
    camera_id = run.views[index]["camera"]
    camera = act.session.get(Camera, camera_id)
    entry_id = act.record(
        "patrol.ticked",
        {
            "name": patrol.name,
            "camera": camera.name if camera else None,
            "result": result,
            "note": note,
            "index": index,
        },
        subject=_subject(patrol),
        touched={"patrol_run": [run.id]},
    )
    row = ticks_of(act.session, [run.id]).get((run.id, index))
    if row is None:
        row = PatrolTick(run_id=run.id, index=index, camera_id=camera_id)
        act.session.add(row)
    row.result, row.note, row.at, row.entry_id = result, note, act.now, entry_id
    act.session.flush()
    return entry_id


def pause(act: Act, reader: Reader, run_id: int, incident: Incident | None = None) -> None:
    """Something graver: the round waits where it is. Raises PatrolStateError, ForbiddenError, NotFoundError."""
    run, patrol = _mine(act, reader, run_id, RUNNING)
    _pause(act, run, patrol, incident)


def _pause(act: Act, run: PatrolRun, patrol: Patrol, incident: Incident | None) -> None:
    run.entry_id = act.record(
        "patrol.paused",
        {"name": patrol.name, "incident": incident.reference if incident else None},
        subject=_subject(patrol),
        touched={"patrol_run": [run.id]},
    )
    run.state = PAUSED


def pause_for(act: Act, user_id: int, incident: Incident) -> int:
    """The rounds that a person makes wait for the événement he has just opened; how many."""
    query = (
        select(PatrolRun).where(PatrolRun.user_id == user_id, PatrolRun.state == RUNNING).with_for_update()
    )
    runs = act.session.scalars(query).all()
    for run in runs:
        _pause(act, run, act.session.get_one(Patrol, run.patrol_id), incident)
    return len(runs)


def resume(act: Act, reader: Reader, run_id: int) -> None:
    """The round goes on at the first view that was not ticked."""
    run, patrol = _mine(act, reader, run_id, PAUSED)
    run.entry_id = act.record(
        "patrol.resumed", {"name": patrol.name}, subject=_subject(patrol), touched={"patrol_run": [run.id]}
    )
    run.state = RUNNING


def end(
    act: Act, reader: Reader, run_id: int, explanations: Mapping[int, str], why: str | None = None
) -> None:
    """Ends a round. Each view without a tick is missed, and explained: by its own words, or by `why` for all.

    Raises PatrolUnexplainedError with the cameras that lack theirs, PatrolStateError, ForbiddenError, NotFoundError.
    """
    run, patrol = _mine(act, reader, run_id, RUNNING, PAUSED)
    common = (why or "").strip()[:MAX_NOTE] or None
    done = {index for _, index in ticks_of(act.session, [run.id])}
    left = [index for index in range(len(run.views)) if index not in done]
    words = {index: (explanations.get(index) or "").strip()[:MAX_NOTE] or common for index in left}
    if silent := [index for index in left if words[index] is None]:
        raise PatrolUnexplainedError(cameras=_names(act, run, silent), indexes=silent)
    for index in left:
        _ticked(act, run, patrol, index, "missed", words[index])
    missed = [i for (_, i), row in sorted(ticks_of(act.session, [run.id]).items()) if row.result == "missed"]
    run.entry_id = act.record(
        "patrol.ended",
        {
            "name": patrol.name,
            "seen": len(run.views) - len(missed),
            "views": len(run.views),
            "explanation": common,
        }
        | {"missed": len(missed) or None, "cameras": _names(act, run, missed)},
        subject=_subject(patrol),
        touched={"patrol_run": [run.id]},
    )
    run.state, run.ended_at, run.explanation = ENDED, act.now, common


def _names(act: Act, run: PatrolRun, indexes: Sequence[int]) -> list[str]:
    known = cameras_by_id(act.session, [run.views[index]["camera"] for index in indexes])
    return [known[id_].name for index in indexes if (id_ := run.views[index]["camera"]) in known]
