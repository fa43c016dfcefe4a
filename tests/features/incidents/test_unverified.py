"""«Alarme injustifiée» of what nobody verified: never locked, justified and reviewed (practice P4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.features.incidents.conftest import Room
from tests.features.incidents.test_closing import add, agent, call, change, held
from veilleur.features.handling.tables import Clue, ServiceCall
from veilleur.features.incidents import commands as c
from veilleur.features.incidents.closing import UNJUSTIFIED
from veilleur.features.incidents.errors import ClosingToJustifyError, IncidentStateError
from veilleur.features.incidents.queries import closing_of
from veilleur.features.incidents.tables import Incident

__all__ = ["held"]


def nothing_verified(room: Room, incident_id: int) -> None:
    """Every step is skipped, somebody has the point in charge: nobody was identified, nothing was found."""
    room.finish_steps(incident_id, "Ana")
    until = room.clock.now() + timedelta(hours=1)
    room.do("Ana", c.defer, incident_id, "porte à voir", "gérante", until)


def to_justify(room: Room, incident_id: int) -> set[str]:
    with room.database.read() as session:
        closing = closing_of(session, session.get_one(Incident, incident_id))
    return {each.key for each in closing.outcomes if each.justify is not None}


@pytest.mark.parametrize("outcome", ["unjustified_user", "unjustified_unknown"])
@pytest.mark.parametrize("note", [None, "", "   "])
def test_an_alarm_that_nobody_verified_is_closed_as_unjustified_with_a_reason_that_is_reviewed(
    room: Room, held: int, outcome: str, note: str | None
) -> None:
    """P4: never locked, «à justifier»; a real cause asks for nothing more."""
    nothing_verified(room, held)
    assert to_justify(room, held) == set(UNJUSTIFIED)
    with pytest.raises(ClosingToJustifyError):
        room.do("Ana", c.close, held, outcome, note)
    room.do("Ana", c.close, held, outcome, "un livreur attendu, d’après la consigne")
    closed = room.incident(held)
    assert (closed.state, closed.closing_review, closed.closing_reviewed_at) == ("closed", True, None)
    assert room.sentences(held)[-1].endswith("sans vérification, à relire")
    room.do("Chef", c.closing_reviewed, held, "vu avec Ana")
    assert room.incident(held).closing_reviewed_at == room.clock.now()
    with pytest.raises(IncidentStateError):
        room.do("Chef", c.closing_reviewed, held)
    room.do("Chef", c.closing_review_undone, held)
    assert room.incident(held).closing_reviewed_at is None
    with pytest.raises(IncidentStateError):
        room.do("Chef", c.closing_review_undone, held)


@pytest.mark.parametrize("proof", ["call", "agent", "clip", "clue", "police"])
def test_what_was_verified_is_closed_without_a_word(room: Room, held: int, proof: str) -> None:
    now = room.clock.now()
    if proof == "call":
        row = call(held, room, identified=True, word="right", result="answered", understood="mistake")
        add(room, row)
    elif proof == "agent":
        add(room, agent(held, room, state="done", found_at=now))
    elif proof == "clip":
        room.do("Ana", c.step_done, held, "clip", "nothing", by_hand=True)
    elif proof == "clue":
        given = {"kind": "image", "strength": "proof", "door": "both", "text": "un chat", "at": now}
        add(room, Clue(incident_id=held, by_machine=False, **given))
    else:
        given = {"service": "police", "door": "goods", "justification": {}, "outcome": "nothing_found"}
        add(room, ServiceCall(incident_id=held, asked_at=now, ended_at=now, **given))
    nothing_verified(room, held)
    assert to_justify(room, held) == set()
    change(room, Incident, held, verification="negative")
    room.do("Ana", c.close, held, "unjustified_animal")
    assert not room.incident(held).closing_review
    with pytest.raises(IncidentStateError):
        room.do("Chef", c.closing_reviewed, held)


def test_looking_where_there_was_no_image_verifies_nothing(room: Room, held: int) -> None:
    room.do("Ana", c.step_done, held, "clip", "unavailable", by_hand=True)
    add(room, call(held, room, result="rings"))
    nothing_verified(room, held)
    with pytest.raises(ClosingToJustifyError):
        room.do("Ana", c.close, held, "unjustified_user")
