"""Rows for 200 open dossiers in a handful of queries; what is next; abilities by role, state and holder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.features.incidents.conftest import NEW_POINT, OPENING, POINT, Room
from tests.features.incidents.test_closing import add, agent
from veilleur.features.incidents import commands as c
from veilleur.features.incidents.lifecycle import State
from veilleur.features.incidents.model import Opening
from veilleur.features.incidents.policy import VERBS, Facts, abilities
from veilleur.features.incidents.queries import (
    closing_of,
    deferrals_of,
    incident_rows,
    not_normal,
    open_deferrals,
    past_incidents,
    points_views,
    row_for,
    steps_views,
    unjustified_since,
    visible,
)
from veilleur.features.incidents.views import IncidentRow
from veilleur.features.sites.tables import OnTest
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Perimeter, Reader


def reader(room: Room, who: str = "Ana", **changes: Any) -> Reader:
    given: dict[str, Any] = {"roles": frozenset({"lead" if who == "Chef" else "operator"}), "post_id": 1}
    return Reader(room.users[who], who, **(given | changes))


def row(room: Room, incident_id: int, who: str = "Ana") -> IncidentRow:
    with room.read() as session:
        (view,) = incident_rows(session, [incident_id], room.clock.now())
    found = row_for(view, reader(room, who))
    assert found is not None
    return found


@contextmanager
def counted(room: Room) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(room.database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(room.database.engine, "before_cursor_execute", note)


def rows_cost(room: Room) -> tuple[int, int]:
    with counted(room) as statements, room.read() as session:
        views = incident_rows(session, None, room.clock.now())
    return len(views), len(statements)


def test_two_hundred_dossiers_cost_no_more_queries_than_one(room: Room) -> None:
    room.open()
    assert rows_cost(room)[0] == 1
    one = rows_cost(room)[1]
    with room.act() as act:
        for _ in range(199):
            c.open_incident(act, Opening(site_id=room.site_id, **OPENING), room.signal("opened"), POINT)
    assert rows_cost(room) == (200, one)
    assert one <= 6


def test_a_row_says_what_the_queue_needs(room: Room) -> None:
    incident_id = room.open(headline={**OPENING["headline"], "marks": ["unknown_zone"]})
    room.do("Ana", c.take, incident_id)
    found = row(room, incident_id)
    assert (found.site.name, found.site.town, found.owner and found.owner.name) == (
        "Entrepôt du Port",
        "Villeneuve-sur-Essai",
        "Ana",
    )
    assert (found.headline.label_code, found.headline.zone_name) == ("130", "Quai de livraison")
    assert found.marks == ["unknown_zone"], "a contract for images, and no camera that shows any"
    assert (found.band, found.version) == (2, room.incident(incident_id).entry_id)
    assert found.on_test is False


@pytest.mark.parametrize(("priority", "band"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 4), (10, 4)])
def test_bands(room: Room, priority: int, band: int) -> None:
    """Bands 1 · 2–3 · 4 · 5–10."""
    assert row(room, room.open(priority=priority)).band == band


def test_rows_come_by_priority_then_age(room: Room) -> None:
    old, urgent = room.open(priority=3), room.open(priority=1)
    room.clock.advance(1)
    young = room.open(priority=3)
    with room.read() as session:
        assert [view.id for view in incident_rows(session, None, room.clock.now())] == [urgent, old, young]


def test_a_running_test_of_the_site_is_marked(room: Room) -> None:
    add(
        room,
        OnTest(
            site_id=room.site_id,
            scope={},
            asked_by="Technicien",
            word_result="right",
            started_at=room.clock.now(),
            until=room.clock.now() + timedelta(hours=1),
            results=[],
        ),
    )
    incident_id = room.open()
    assert row(room, incident_id).on_test
    room.clock.advance(3_601)
    assert not row(room, incident_id).on_test


def test_what_is_next_and_when(room: Room) -> None:
    """S17: each case shows its next due action and countdown."""
    incident_id = room.open()
    opened = room.clock.now()

    def said() -> tuple[str | None, Any]:
        found = row(room, incident_id).next
        return (found.label.key if found.label else None), found.due_at

    assert said() == ("take", opened + timedelta(seconds=90))
    room.clock.advance(10)
    room.do("Ana", c.take, incident_id)
    assert said() == ("clip", opened + timedelta(seconds=70)), (
        "the step's own timer comes before the first act's limit"
    )
    room.do("Ana", c.step_done, incident_id, "clip", "person")
    assert said()[0] == "agent"
    until = room.clock.now() + timedelta(minutes=5)
    room.do("Ana", c.park, incident_id, until, "waiting_agent")
    assert said() == ("waiting_agent", until)
    room.do("watch", c.join_signal, incident_id, room.signal(), NEW_POINT, ring="new_point", warn_agent=True)
    assert said() == ("take_again", room.clock.now() + timedelta(seconds=90))
    room.do("Ana", c.take, incident_id)
    assert said() == ("warn_agent", None)
    with room.act("Ana") as act:
        c.touch_incident(act, incident_id, act.record("intervention.warned"), warn_agent=False)
    expected = room.clock.now() + timedelta(seconds=5)
    add(room, agent(incident_id, room, state="on_the_way", expected_at=expected))
    assert said() == ("agent_expected", expected)
    room.clock.advance(6)
    assert row(room, incident_id).next.late
    room.do("Ana", c.begin_closing, incident_id, "real_attempt")
    assert said() == ("close", None)


def test_a_dossier_that_came_back_says_from_whom(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    room.clock.advance(120)
    room.do("watch", c.back_to_queue, incident_id)
    found = row(room, incident_id)
    assert found.returned_from is not None
    assert found.returned_from.name == "Ana"
    assert "returned" in found.marks
    room.do("Bruno", c.take, incident_id)
    assert "returned" not in row(room, incident_id).marks


def test_a_skip_and_a_deferral_show_on_the_row(room: Room) -> None:
    incident_id = room.open(priority=1)
    room.do("Ana", c.take, incident_id)
    room.do("Ana", c.step_skipped, incident_id, "clip", "impossible")
    assert "skipped_urgent" in row(room, incident_id).marks
    room.do("Chef", c.step_reviewed, incident_id, "clip")
    room.do("Ana", c.defer, incident_id, "vitre", "vitrier", room.clock.now() + timedelta(hours=1))
    assert {"skipped", "deferred"} <= set(row(room, incident_id).marks)


def test_outside_the_perimeter_there_is_nothing(room: Room) -> None:
    incident_id = room.open()
    stranger = reader(room, perimeter=Perimeter(communes=frozenset({"99002"})))
    with room.read() as session:
        (view,) = incident_rows(session, [incident_id], room.clock.now())
        assert row_for(view, stranger) is None
        assert past_incidents(session, stranger) == []
        assert not_normal(session, stranger) == []
        with pytest.raises(NotFoundError):
            visible(session, incident_id, stranger)
        assert visible(session, incident_id, reader(room)).id == incident_id


#: role, holder?, post → the verbs in each state. Written apart from the table it checks.
HOLDER = {
    "new": ["take", "release", "note", "steps", "normal", "deferrals", "deferral-done"],
    "taken": ["release", "park", "hand-over", "hand-up", "note", "closing", "close"],
    "parked": ["resume", "release", "park", "hand-over", "hand-up", "note"],
    "transferred": ["release", "decline", "note"],
    "closing": ["release", "park", "hand-over", "note", "closing", "keep-open", "close"],
    "closed": ["note", "deferral-done"],
}
COLLEAGUE = {
    "new": ["take", "note", "deferral-done"],
    "taken": ["take-over", "note", "deferral-done"],
    "parked": ["take-over", "note", "deferral-done"],
    "transferred": ["take-over", "note", "deferral-done"],
    "handed_up": ["note", "deferral-done"],
    "closing": ["take-over", "note", "deferral-done"],
    "closed": ["note", "deferral-done"],
}


@pytest.mark.parametrize("state", list(State))
def test_abilities_by_state_and_holder(state: State) -> None:
    operator = Reader(1, "Ana", frozenset({"operator"}), post_id=1)
    mine = abilities(Facts(state, 1, None, duress_locked=False), operator)
    theirs = abilities(Facts(state, 2, None, duress_locked=False), operator)
    assert theirs == COLLEAGUE[state]
    if state in HOLDER:
        assert set(HOLDER[state]) <= set(mine)
        working = state not in ("closed", "handed_up")
        assert ("calls" in mine) == ("steps" in mine) == working
        assert set(mine) & {"take-over", "accept"} == set()


def test_abilities_by_role() -> None:
    facts = Facts("taken", 2, None, duress_locked=True)
    auditor = Reader(1, "A", frozenset({"auditor"}), post_id=1)
    administrator = Reader(1, "A", frozenset({"administrator"}), post_id=1)
    without_post = Reader(2, "B", frozenset({"operator"}))
    lead = Reader(3, "C", frozenset({"lead"}), post_id=1)
    assert (
        abilities(facts, auditor) == abilities(facts, administrator) == abilities(facts, without_post) == []
    )
    assert "release-duress" in abilities(facts, lead)
    assert "release-duress" not in abilities(Facts("taken", 2, None, duress_locked=False), lead)
    up = Facts("handed_up", None, None, duress_locked=False)
    assert "take" in abilities(up, lead)
    assert "take" not in abilities(up, Reader(1, "A", frozenset({"operator"}), post_id=1))


def test_an_offer_may_be_accepted_by_who_it_is_for() -> None:
    facts = Facts("transferred", 1, 2, duress_locked=False)
    offered = abilities(facts, Reader(2, "B", frozenset({"operator"}), post_id=1))
    assert {"accept", "decline"} <= set(offered)
    assert "accept" not in abilities(facts, Reader(1, "A", frozenset({"operator"}), post_id=1))


def test_every_verb_is_allowed_to_somebody() -> None:
    everybody = [
        Reader(1, "x", frozenset({"lead"}), post_id=1),
        Reader(2, "y", frozenset({"operator"}), post_id=1),
    ]
    reached = {
        verb
        for who in everybody
        for state in State
        for facts in (Facts(state, 1, 2, duress_locked=True), Facts(state, 3, None, duress_locked=True))
        for verb in abilities(facts, who)
    }
    assert reached == set(VERBS)


def test_the_parts_of_a_dossier(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    room.do("Ana", c.step_done, incident_id, "clip", "person")
    room.do("Ana", c.defer, incident_id, "vitre", "vitrier", room.clock.now() + timedelta(hours=1))
    now = room.clock.now()
    with room.read() as session:
        incident = visible(session, incident_id, reader(room))
        steps = {step.key: step for step in steps_views(session, incident, reader(room), now)}
        assert (steps["clip"].label, steps["clip"].result, steps["clip"].done_by) == ("clip", "person", "Ana")
        assert steps["clip"].abilities == ["undo"]
        assert [each.hotkey for each in steps["site"].results][:5] == ["F5", "F6", "F7", "F9", "F10"]
        assert steps["site"].abilities == ["done", "skip"]
        assert steps["contact_1"].rank == 1
        assert {
            step.abilities == [] for step in steps_views(session, incident, reader(room, "Bruno"), now)
        } == {True}
        (point,) = points_views(session, incident_id)
        assert (point.open, point.normal_at) == (False, None)
        assert [each.who for each in deferrals_of(session, incident_id)] == ["vitrier"]
        closing = closing_of(session, incident)
        assert [each.code for each in closing.blockers] == ["blocker.steps_open"]
        assert {each.group for each in closing.outcomes} == {"real", "unjustified", "technical", "other"}
        assert not_normal(session, reader(room)) == []


def test_undo_is_no_longer_offered_after_ten_seconds(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    room.do("Ana", c.step_done, incident_id, "clip", "person")
    with room.read() as session:
        incident = visible(session, incident_id, reader(room))
        late = room.clock.now() + timedelta(seconds=11)
        (clip,) = [s for s in steps_views(session, incident, reader(room), late) if s.key == "clip"]
    assert clip.abilities == []


def test_duress_keeps_what_was_done_in_sight_and_locks_causes(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    room.do("Ana", c.step_done, incident_id, "clip", "nothing")
    with room.act("Ana") as act:
        c.turn_to_duress(act, incident_id, act.record("test.duress_word"))
    with room.read() as session:
        incident = visible(session, incident_id, reader(room))
        keys = [step.key for step in steps_views(session, incident, reader(room), room.clock.now())]
        assert keys[:2] == ["clip", "duress_police"]
        assert "agent" not in keys
        locked = {each.key for each in closing_of(session, incident).outcomes if each.locked}
    assert all(key.startswith("unjustified_") for key in locked)
    assert locked


def test_the_past_of_a_site_by_pages(room: Room) -> None:
    ids = []
    for _ in range(3):
        incident_id = room.open(family="technical", category="power", priority=6, procedure_event="power")
        room.do("watch", c.close_by_itself, incident_id, "restored", None)
        ids.append(incident_id)
    still_open = room.open()
    with room.read() as session:
        first = past_incidents(session, reader(room), site_id=room.site_id, state="closed", limit=2)
        assert [each.id for each in first] == ids[:0:-1]
        assert first[0].points == [POINT.label]
        rest = past_incidents(session, reader(room), state="closed", before=first[-1].id)
        assert [each.id for each in rest] == [ids[0]]
        assert [each.id for each in past_incidents(session, reader(room), state="open")] == [still_open]
        assert not_normal(session, reader(room)) == [still_open]
        assert open_deferrals(session, reader(room)) == []


def test_a_closed_dossier_is_found_by_its_number_and_by_its_site(room: Room) -> None:
    """Ctrl+K: whole or part of the number, words of the site without accents; never by a joker."""
    first, second = (room.open(family="technical", category="power", priority=6) for _ in range(2))
    for incident_id in (first, second):
        room.do("watch", c.close_by_itself, incident_id, "restored", None)
    with room.read() as session:
        reference = past_incidents(session, reader(room))[0].reference
        site = past_incidents(session, reader(room))[0].site.name

        def found(words: str) -> list[int]:
            return [each.id for each in past_incidents(session, reader(room), state="closed", words=words)]

        assert found(reference.lower()) == [second]
        assert found(reference[-3:]) == [second]
        assert found(site.split()[0].upper()) == [second, first]
        assert found(f"{site.split()[0]} {reference[-3:]}") == [second]
        assert found("%") == found("_") == found("introuvable") == []


def test_unjustified_alarms_of_a_site_are_counted(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    room.finish_steps(incident_id, "Ana")
    room.do("Ana", c.defer, incident_id, "site", "gérante", room.clock.now() + timedelta(hours=1))
    room.do("Ana", c.close, incident_id, "unjustified_animal", "un chat, d’après la consigne")
    with room.read() as session:
        assert unjustified_since(session, room.site_id, room.clock.now() - timedelta(days=30)) == 1
        assert unjustified_since(session, room.site_id, room.clock.now() + timedelta(seconds=1)) == 0
