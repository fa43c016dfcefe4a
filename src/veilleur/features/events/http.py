"""Routes of événements: thin. Their dossiers also answer every route of dossiers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from veilleur.features.events import commands
from veilleur.features.events.policy import POLICY
from veilleur.features.events.queries import Wanted, event_view, find_events
from veilleur.features.events.views import (
    Closing,
    EventLine,
    EventView,
    Following,
    Informing,
    Naming,
    Opening,
)
from veilleur.features.http import ActDep, ClockDep, ReadDep, ReaderDep, allow, feature_router
from veilleur.features.incidents.queries import visible
from veilleur.kernel.ports import Reader
from veilleur.logbook.act import Act

router = feature_router()

Words = Annotated[str, Query(max_length=200)]


def _answer(act: Act, incident_id: int, reader: Reader) -> EventView:
    act.session.flush()
    return event_view(act.session, incident_id, reader, act.now)


@router.post("/events")
@allow(POLICY, "event.open")
def open_event(body: Opening, act: ActDep, reader: ReaderDep) -> EventView:
    """One key on a live tile: a dossier held by who pressed it, begun at the first key. 403 `camera_refused`."""
    made = commands.open_event(
        act,
        reader,
        body.camera,
        first_key_age_ms=body.first_key_age_ms,
        nature=body.nature,
        neighbours=body.neighbours,
    )
    return _answer(act, made, reader)


@router.get("/events")
@allow(POLICY, "event.read")
def read_events(  # noqa: PLR0917  # what an événement is looked for by
    session: ReadDep,
    reader: ReaderDep,
    place: Words = "",
    nature: Annotated[str | None, Query(max_length=60)] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to")] = None,
    q: Words = "",
    before: int | None = None,
) -> list[EventLine]:
    """Événements by place, nature, period and words without accents, the last first."""
    return find_events(session, reader, Wanted(place, nature, since, until, q, before))


@router.get("/events/{incident_id}")
@allow(POLICY, "event.read")
def read_event(incident_id: int, session: ReadDep, reader: ReaderDep, clock: ClockDep) -> EventView:
    """One événement. 409 `event_not_one` for a dossier that is something else."""
    return event_view(session, incident_id, reader, clock.now())


@router.post("/events/{incident_id}/camera")
@allow(POLICY, "event.handle")
def follow(incident_id: int, body: Following, act: ActDep, reader: ReaderDep) -> EventView:
    """The operator switches to another camera: it is followed from now."""
    visible(act.session, incident_id, reader)
    commands.follow(act, reader, incident_id, body.camera)
    return _answer(act, incident_id, reader)


@router.post("/events/{incident_id}/nature")
@allow(POLICY, "event.handle")
def set_nature(incident_id: int, body: Naming, act: ActDep, reader: ReaderDep) -> EventView:
    """What it is, by one key."""
    visible(act.session, incident_id, reader)
    commands.set_nature(act, incident_id, body.nature)
    return _answer(act, incident_id, reader)


@router.post("/events/{incident_id}/inform")
@allow(POLICY, "event.handle")
def inform(incident_id: int, body: Informing, act: ActDep, reader: ReaderDep) -> EventView:
    """A service was informed."""
    visible(act.session, incident_id, reader)
    commands.inform(act, incident_id, body.service, age_ms=body.age_ms, outcome=body.outcome, note=body.note)
    return _answer(act, incident_id, reader)


@router.post("/events/{incident_id}/close")
@allow(POLICY, "event.handle")
def close(incident_id: int, body: Closing, act: ActDep, reader: ReaderDep) -> EventView:
    """Closes. 409 `event_nature_needed`, `incident_closing_blocked`."""
    visible(act.session, incident_id, reader)
    commands.close_event(act, reader, incident_id, body.outcome, body.note)
    return _answer(act, incident_id, reader)
