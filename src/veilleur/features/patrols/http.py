"""Routes of rounds: thin."""

from __future__ import annotations

from sqlalchemy import select

from veilleur.features.http import ActDep, ClockDep, ReadDep, ReaderDep, allow, feature_router
from veilleur.features.incidents.queries import visible as visible_incident
from veilleur.features.patrols import commands
from veilleur.features.patrols.planning import PatrolForm, keep_patrol
from veilleur.features.patrols.policy import POLICY
from veilleur.features.patrols.queries import patrol_views, run_view
from veilleur.features.patrols.views import Ending, PatrolView, Pausing, RunView, Starting, Ticking
from veilleur.features.viewing.tables import Patrol, PatrolRun
from veilleur.kernel.errors import NotFoundError
from veilleur.logbook.act import Act

router = feature_router()


def _run(act: Act, run_id: int) -> RunView:
    act.session.flush()
    return run_view(act.session, act.session.get_one(PatrolRun, run_id))


@router.get("/patrols")
@allow(POLICY, "patrol.read")
def read_patrols(session: ReadDep, reader: ReaderDep, clock: ClockDep) -> list[PatrolView]:
    """The rounds whose cameras the reader may see, with when each is due and who makes it."""
    return patrol_views(session, reader, clock.now())


@router.post("/patrols")
@allow(POLICY, "patrol.plan")
def keep(body: PatrolForm, act: ActDep, reader: ReaderDep) -> PatrolView:
    """Plans a round, or plans it anew by its reference. 422 `patrol_invalid`, `patrol_home`."""
    query = select(Patrol).where(Patrol.reference == body.reference).with_for_update()
    kept, _ = keep_patrol(act, body, act.session.scalars(query).one_or_none())
    act.session.flush()
    found = next((each for each in patrol_views(act.session, reader, act.now) if each.id == kept), None)
    if found is None:
        raise NotFoundError("You may not see these cameras.", what="patrol", id=body.reference)
    return found


@router.post("/patrols/{patrol_id}/start")
@allow(POLICY, "patrol.make")
def start(patrol_id: int, body: Starting, act: ActDep, reader: ReaderDep) -> RunView:
    """Begins a round. 409 `patrol_running`, `patrol_unauthorised` (then with `override`, entered)."""
    return _run(act, commands.start(act, reader, patrol_id, body.override))


@router.post("/patrol-runs/{run_id}/tick")
@allow(POLICY, "patrol.make")
def tick(run_id: int, body: Ticking, act: ActDep, reader: ReaderDep) -> RunView:
    """A view seen, with what was observed; or missed, with why. 409 `patrol_blind` {camera, why}, `patrol_glance`."""
    commands.tick(act, reader, run_id, body.index, body.result, body.note)
    return _run(act, run_id)


@router.post("/patrol-runs/{run_id}/pause")
@allow(POLICY, "patrol.make")
def pause(run_id: int, body: Pausing, act: ActDep, reader: ReaderDep) -> RunView:
    """The round waits for something graver."""
    incident = None if body.incident_id is None else visible_incident(act.session, body.incident_id, reader)
    commands.pause(act, reader, run_id, incident)
    return _run(act, run_id)


@router.post("/patrol-runs/{run_id}/resume")
@allow(POLICY, "patrol.make")
def resume(run_id: int, act: ActDep, reader: ReaderDep) -> RunView:
    """The round goes on."""
    commands.resume(act, reader, run_id)
    return _run(act, run_id)


@router.post("/patrol-runs/{run_id}/end")
@allow(POLICY, "patrol.make")
def end(run_id: int, body: Ending, act: ActDep, reader: ReaderDep) -> RunView:
    """Ends a round. 409 `patrol_unexplained` {cameras, indexes}."""
    commands.end(act, reader, run_id, body.explanations, body.explanation)
    return _run(act, run_id)
