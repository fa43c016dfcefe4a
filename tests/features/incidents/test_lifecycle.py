"""The lifecycle as a table: every state × every event, and the page that shows it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import veilleur
from veilleur.features.incidents.errors import AlreadyTakenError, IncidentClosedError, IncidentStateError
from veilleur.features.incidents.lifecycle import (
    NOBODY,
    RINGING,
    TABLE,
    Event,
    State,
    as_markdown,
    move,
    next_state,
)
from veilleur.features.incidents.tables import Incident
from veilleur.kernel.errors import ConflictError

SOURCES = Path(veilleur.__file__).parent
PAGE = SOURCES.parents[1] / "docs" / "design" / "lifecycle.md"
NOW = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
EARLIER = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
N, T, P, O, U, C, Z = State  # new, taken, parked, transferred (offered), handed up, closing, closed  # noqa: E741

#: What must hold, written apart from the table: event → the states that accept it → the state after.
WANTED: dict[Event, dict[State, State]] = {
    Event.TAKE: {N: T, U: T},
    Event.RESUME: {P: T},
    Event.TAKE_OVER: {N: N, T: T, P: T, O: T, C: T},
    Event.RELEASE: {N: N, T: N, P: N, O: N, C: N},
    Event.PARK: {T: P, P: P, C: P},
    Event.OFFER: {T: O, P: O, C: O},
    Event.ACCEPT: {O: T},
    Event.DECLINE: {O: T},
    Event.HAND_UP: {T: U, P: U},
    Event.BEGIN_CLOSING: {T: C, C: C},
    Event.KEEP_OPEN: {C: T},
    Event.CLOSE: {T: Z, C: Z},
    Event.CLOSE_BY_ITSELF: {N: Z},
    Event.WAKE: {N: N, T: N, P: N, O: N, U: N, C: N},
    Event.UNTAKEN: {N: N, U: U},
    Event.NO_ACT: {T: T},
    Event.BACK_TO_QUEUE: {T: N},
    Event.PARK_DUE: {P: N},
    Event.OFFER_DUE: {O: N},
    Event.ORPHANED: {T: T, P: P, C: C},
    Event.FOUND: {T: T, P: P, C: C},
}


def dossier(state: State) -> Incident:
    ringing = state in (N, U)
    return Incident(
        state=state.value,
        owner_id=None if ringing else 7,
        ringing_since=EARLIER if ringing else None,
        ring_reason="opened" if ringing else None,
        rings=1,
        escalation=1 if ringing else 0,
        parked_until=NOW if state is P else None,
        parked_reason="call_back" if state is P else None,
        offered_to_id=8 if state is O else None,
        offered_at=EARLIER if state is O else None,
        outcome="real_intrusion" if state in (C, Z) else None,
    )


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("state", list(State))
def test_every_state_and_every_event(state: State, event: Event) -> None:
    incident = dossier(state)
    after = WANTED[event].get(state)
    if after is None:
        refusal: type[ConflictError] = IncidentStateError
        if state is Z:
            refusal = IncidentClosedError
        elif event is Event.TAKE:
            refusal = AlreadyTakenError
        with pytest.raises(refusal) as caught:
            move(incident, event, NOW)
        assert caught.value.status == 409
        assert incident.state == state, "a refused event changes nothing"
        return
    assert move(incident, event, NOW, reason="higher") is state
    assert incident.state == after
    holds_invariants(incident, state, event)


def holds_invariants(incident: Incident, before: State, event: Event) -> None:
    state = State(incident.state)
    assert (incident.parked_until is not None) <= (state is P)
    assert (incident.offered_to_id is not None) <= (state is O)
    assert (incident.outcome is not None) <= (state in (C, Z))
    assert (incident.closed_at is not None) == (state is Z)
    if event in NOBODY:
        assert incident.owner_id is None
        assert incident.returned_from_id == (None if before in (N, U) else 7)
    if event is Event.TAKE_OVER and before is N:
        assert incident.ringing_since == EARLIER
    elif event in RINGING:
        assert incident.ring_reason == "higher"
        assert incident.rings == 2
        assert incident.ringing_since == (EARLIER if before in (N, U) else NOW)
    else:
        assert incident.ringing_since is None
        assert incident.escalation == 0


def test_the_table_holds_no_event_that_the_wanted_one_lacks() -> None:
    assert {event: {s: TABLE[s][event] for s in State if event in TABLE[s]} for event in Event} == WANTED


def test_a_refusal_names_who_holds_it() -> None:
    with pytest.raises(AlreadyTakenError) as caught:
        next_state(T, Event.TAKE, owner={"id": 7, "name": "Ana"})
    assert caught.value.params["owner"] == {"id": 7, "name": "Ana"}


def test_the_page_shows_the_table() -> None:
    shown = re.search(r"<!-- table -->\n(.*)\n<!-- end -->", PAGE.read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert shown[1] == as_markdown()


def test_only_this_file_changes_the_state() -> None:
    """House rule 4: everything that changes a dossier's state lives in lifecycle.py."""
    writers = [
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        if re.search(
            r"\bincident\.state\s*=[^=]|update\(Incident\)|UPDATE incident\b[^;]*\bstate\s*=",
            path.read_text("utf-8"),
        )
    ]
    assert writers == ["features/incidents/lifecycle.py"]
