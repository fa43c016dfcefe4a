"""The procedure in a dossier: branches, clocks, skips for review, undo, and what duress replaces (P1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.features.incidents.conftest import POINT, Room
from veilleur.features.handling.tables import Call
from veilleur.features.incidents import commands as c
from veilleur.features.incidents.errors import (
    IncidentClosedError,
    IncidentStateError,
    NotYoursError,
    StepNeedsProofError,
    StepStateError,
    UndoTooLateError,
    UnknownChoiceError,
)
from veilleur.features.incidents.queries import steps_views
from veilleur.features.incidents.tables import Incident
from veilleur.features.sites.tables import Brand, Procedure, Site
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader


@pytest.fixture
def held(room: Room) -> int:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    return incident_id


def states(room: Room, incident_id: int, *keys: str) -> list[str]:
    steps = room.steps(incident_id)
    return [steps[key].state for key in keys]


def test_the_agent_leaves_while_calls_go_on(room: Room, held: int) -> None:
    room.do("Ana", c.step_done, held, "clip", "person")
    assert states(room, held, "agent", "site", "contact_1") == ["current", "current", "pending"]
    room.do("Ana", c.step_done, held, "site", "no_answer")
    assert states(room, held, "agent", "contact_1") == ["current", "current"]


@pytest.mark.parametrize(
    ("key", "result", "stands"),
    [("clip", "person", "running"), ("clip", "nothing", "running"), ("clip", "unavailable", "not_done"),
     ("site", "mistake", "not_done")],
)  # fmt: skip
def test_to_look_begins_the_levee_de_doute(room: Room, held: int, key: str, result: str, stands: str) -> None:
    """The préfet's file never says «non faite» beside «moyens : image» (L613-6). A call begins it by itself."""
    room.do("Ana", c.step_done, held, key, result)
    assert room.incident(held).verification == stands


def test_under_duress_a_restore_ticks_no_return_to_normal(room: Room, held: int) -> None:
    """P1, P2: a detector restores in seconds; that says nothing of who is threatened. The release ticks it."""
    with room.act("Ana") as act:
        c.turn_to_duress(act, held, act.record("test.duress_word"))
    room.do("watch", c.mark_point_normal, held, POINT.key, "restore", room.clock.now())
    normal = next(key for key in room.steps(held) if key.startswith("duress_normal"))
    assert states(room, held, normal) == ["pending"]
    room.do("Chef", c.release_duress, held, "lead_decision")
    assert states(room, held, normal) == ["done"]


def test_a_mistake_closes_the_other_branches(room: Room, held: int) -> None:
    """Closing a non-event must be the fastest path (operator.md)."""
    room.do("Ana", c.step_done, held, "clip", "nothing")
    room.do("Ana", c.step_done, held, "site", "mistake")
    assert states(room, held, "contact_1", "contact_2", "police") == ["absent", "absent", "absent"]


@pytest.mark.parametrize("result", ["mistake", "offence", "informed", "wrong_word", "duress"])
def test_what_a_person_said_on_the_telephone_is_not_said_by_hand(room: Room, held: int, result: str) -> None:
    """P6: it is told by the call in which he gave his word; by hand goes only what needs no proof."""
    with pytest.raises(StepNeedsProofError) as caught:
        room.do("Ana", c.step_done, held, "site", result, by_hand=True)
    assert caught.value.params["result"] == result
    assert states(room, held, "site") == ["pending"]
    assert by_hand(room, held, "site") == {"no_answer", "not_obtained"}
    room.do("Ana", c.step_done, held, "site", "no_answer", by_hand=True)
    assert states(room, held, "site") == ["done"]
    with pytest.raises(StepNeedsProofError):
        room.do("Ana", c.step_done, held, "contact_1", result, by_hand=True)


def test_a_result_by_hand_is_one_that_a_call_of_the_dossier_had(room: Room, held: int) -> None:
    """A call made from the file and not from its step: the step takes what the call says, and nothing else."""
    with room.act("Ana") as act:
        entry = act.record("test.call")
        given = {"direction": "out", "target": "contact", "label": "Gérante", "settled": True, "tries": 1}
        said = {"word": "right", "result": "answered", "understood": "mistake", "identified": True}
        now = room.clock.now()
        row = Call(incident_id=held, site_id=room.site_id, started_at=now, entry_id=entry, **given, **said)
        act.session.add(row)
    with pytest.raises(StepNeedsProofError):
        room.do("Ana", c.step_done, held, "site", "mistake", by_hand=True)
    assert by_hand(room, held, "site") == {"no_answer", "not_obtained"}
    room.do("Ana", c.step_done, held, "site", "no_answer", by_hand=True)
    with pytest.raises(StepNeedsProofError):
        room.do("Ana", c.step_done, held, "contact_1", "informed", by_hand=True)
    assert by_hand(room, held, "contact_1") == {"no_answer", "not_obtained", "mistake"}
    room.do("Ana", c.step_done, held, "contact_1", "mistake", by_hand=True)
    assert states(room, held, "contact_1") == ["done"]


def by_hand(room: Room, incident_id: int, key: str) -> set[str]:
    """The results that Ana is offered to say by herself."""
    reader = Reader(room.users["Ana"], "Ana", frozenset({"operator"}), post_id=1)
    with room.read() as session:
        incident = session.get_one(Incident, incident_id)
        steps = steps_views(session, incident, reader, room.clock.now())
    (step,) = [each for each in steps if each.key == key]
    return {each.key for each in step.results if each.by_hand}


def test_the_clock_of_a_step_runs_once_somebody_holds_the_dossier(room: Room) -> None:
    incident_id = room.open()
    assert room.steps(incident_id)["clip"].state == "current"
    assert room.steps(incident_id)["clip"].current_since is None
    room.clock.advance(10)
    room.do("Ana", c.take, incident_id)
    assert room.steps(incident_id)["clip"].current_since == room.clock.now()


def test_a_result_is_one_of_the_step(room: Room, held: int) -> None:
    with pytest.raises(UnknownChoiceError) as caught:
        room.do("Ana", c.step_done, held, "clip", "sunny")
    assert "person" in caught.value.params["known"]  # type: ignore[operator]
    with pytest.raises(NotFoundError):
        room.do("Ana", c.step_done, held, "dance", "done")


def test_only_who_holds_the_dossier_works_on_it(room: Room, held: int) -> None:
    with pytest.raises(NotYoursError):
        room.do("Bruno", c.step_done, held, "clip", "person")


def test_a_step_is_done_once(room: Room, held: int) -> None:
    room.do("Ana", c.step_done, held, "clip", "person")
    with pytest.raises(StepStateError):
        room.do("Ana", c.step_done, held, "clip", "nothing")
    with pytest.raises(StepStateError):
        room.do("Ana", c.step_skipped, held, "clip", "no_object")


def test_what_was_done_out_of_its_branch_is_a_fact(room: Room, held: int) -> None:
    room.do("Ana", c.step_done, held, "clip", "nothing")
    room.do("Ana", c.step_done, held, "site", "mistake")
    room.do("Ana", c.step_done, held, "police", "noted")
    assert states(room, held, "police") == ["done"]


@pytest.mark.parametrize(
    "motif", ["no_object", "done_otherwise", "impossible", "customer_request", "lead_order", "more_urgent"]
)
def test_a_skip_takes_one_of_six_motifs(room: Room, held: int, motif: str) -> None:
    room.do("Ana", c.step_skipped, held, "clip", motif)
    step = room.steps(held)["clip"]
    assert (step.state, step.motif, step.review_needed, step.urgent_review) == ("skipped", motif, True, False)


def test_a_skip_without_a_motif_of_the_list_is_refused(room: Room, held: int) -> None:
    with pytest.raises(UnknownChoiceError):
        room.do("Ana", c.step_skipped, held, "clip", "tired")


def test_a_skip_rings_for_police_fire_and_person_steps_only(room: Room, held: int) -> None:
    """Practice, «Naive otherwise»."""
    room.do("Ana", c.step_done, held, "clip", "person")
    room.do("Ana", c.step_skipped, held, "agent", "impossible")
    room.do("Ana", c.step_done, held, "site", "offence")
    room.do("Ana", c.step_skipped, held, "police", "lead_order")
    steps = room.steps(held)
    assert (steps["agent"].review_needed, steps["agent"].urgent_review) == (True, False)
    assert (steps["police"].review_needed, steps["police"].urgent_review) == (True, True)

    fire = room.open(family="fire", category="fire", priority=2, procedure_event="fire")
    room.do("Ana", c.take, fire)
    room.do("Ana", c.step_skipped, fire, "site", "more_urgent")
    assert room.steps(fire)["site"].urgent_review


def test_the_chef_reviews_a_skip(room: Room, held: int) -> None:
    room.do("Ana", c.step_skipped, held, "clip", "impossible")
    room.do("Chef", c.step_reviewed, held, "clip")
    assert room.steps(held)["clip"].reviewed_at == room.clock.now()
    with pytest.raises(StepStateError):
        room.do("Chef", c.step_reviewed, held, "clip")


def test_an_undo_within_ten_seconds_puts_everything_back(room: Room, held: int) -> None:
    room.do("Ana", c.step_done, held, "clip", "person")
    room.clock.advance(10)
    room.do("Ana", c.step_undone, held, "clip")
    assert states(room, held, "clip", "agent", "site") == ["current", "pending", "pending"]
    room.do("Ana", c.step_skipped, held, "clip", "no_object")
    room.do("Ana", c.step_undone, held, "clip")
    assert not room.steps(held)["clip"].review_needed


def test_an_undo_comes_in_time_and_from_who_did_it(room: Room, held: int) -> None:
    room.do("Ana", c.step_done, held, "clip", "person")
    room.clock.advance(10.5)
    with pytest.raises(UndoTooLateError):
        room.do("Ana", c.step_undone, held, "clip")
    room.do("Ana", c.step_done, held, "site", "no_answer")
    room.do("Bruno", c.take_over, held, "agreed")
    with pytest.raises(UndoTooLateError):
        room.do("Bruno", c.step_undone, held, "site")
    with pytest.raises(StepStateError):
        room.do("Bruno", c.step_undone, held, "agent")


def test_another_features_entry_may_tell_the_step(room: Room, held: int) -> None:
    room.do("Ana", c.step_done, held, "clip", "nothing")
    with room.act("Ana") as act:
        entry_id = act.record("test.call_settled")
        assert c.step_done(act, held, "site", "mistake", entry_id=entry_id) == entry_id
        assert len(act.entries) == 1
    assert room.incident(held).entry_id == entry_id
    assert room.steps(held)["site"].entry_id == entry_id


def test_steps_not_subscribed_are_absent(room: Room) -> None:
    """Need 3: absent, not skipped."""
    with room.act() as act:
        entry_id = act.record("test.site")
        site = act.session.get_one(Site, room.site_id)
        site.services, site.entry_id = [], entry_id
    keys = set(room.steps(room.open()))
    assert keys.isdisjoint({"clip", "agent", "listen"})
    assert {"site", "contact_1", "police", "normal"} <= keys


@pytest.mark.parametrize(
    ("event", "family", "first"),
    [("hold_up", "person", "police"), ("personal", "person", "site"), ("fire", "fire", "site")],
)
def test_nobody_is_asked_for_images_that_are_not_there(
    room: Room, event: str, family: str, first: str
) -> None:
    """The contract pays for video, no camera is connected: a person in danger and a fire begin by what can be done."""
    steps = room.steps(room.open(family=family, category=event, procedure_event=event, priority=1))
    assert "clip" not in steps
    current = [key for key, step in steps.items() if step.state == "current"]
    assert current[0] == first
    assert room.steps(room.open())["clip"].state == "current", (
        "on goods, what is seen by another means is noted"
    )


@pytest.mark.parametrize(
    ("event", "family", "first"),
    [("gas", "fire", "fire"), ("fire", "fire", "fire"), ("intrusion", "intrusion", "clip")],
)
def test_without_a_number_of_the_site_rescue_comes_at_once(
    room: Room, event: str, family: str, first: str
) -> None:
    """A call that cannot be made does not stand in front of the fire service."""
    with room.act() as act:
        entry_id = act.record("test.site")
        site = act.session.get_one(Site, room.site_id)
        site.phone, site.entry_id = None, entry_id
    steps = room.steps(room.open(family=family, category=event, procedure_event=event, priority=1))
    assert next(key for key, step in steps.items() if step.state == "current") == first
    assert ("site" in steps) == (event == "intrusion")


def test_the_procedure_is_chosen_from_the_nearest(room: Room) -> None:
    """Site, brand, customer, centre, built in; it is kept as it was that night."""

    def write(key: str, **of: int) -> int:
        with room.act() as act:
            entry_id = act.record("test.procedure")
            row = Procedure(event="intrusion", steps=[{"key": key, "act": "note"}], entry_id=entry_id, **of)
            act.session.add(row)
            act.session.flush()
            return row.id

    assert room.incident(room.open()).procedure["source"] == "built_in"
    write("centre_step")
    first = room.open()
    assert list(room.steps(first)) == ["centre_step", "normal"]
    with room.act() as act:
        entry_id = act.record("test.brand")
        brand = Brand(reference="B1", name="Enseigne", sort_key="enseigne", entry_id=entry_id)
        act.session.add(brand)
        act.session.flush()
        site = act.session.get_one(Site, room.site_id)
        site.brand_id, site.entry_id = brand.id, entry_id
        brand_id = brand.id
    write("brand_step", brand_id=brand_id)
    assert list(room.steps(room.open())) == ["brand_step", "normal"]
    site_procedure = write("site_step", site_id=room.site_id)
    last = room.open()
    assert list(room.steps(last)) == ["site_step", "normal"]
    kept = room.incident(last).procedure
    assert (kept["source"], kept["id"]) == ("site", site_procedure)
    assert list(room.steps(first)) == ["centre_step", "normal"], (
        "an open dossier keeps the procedure it opened with"
    )


def test_a_default_procedure_never_replaces_fire_or_persons(room: Room) -> None:
    with room.act() as act:
        entry_id = act.record("test.procedure")
        act.session.add(
            Procedure(
                site_id=room.site_id, event="default", steps=[{"key": "x", "act": "note"}], entry_id=entry_id
            )
        )
    assert room.incident(room.open()).procedure["event"] == "default"
    fire = room.open(family="fire", category="fire", procedure_event="fire")
    assert room.incident(fire).procedure["source"] == "built_in"


def test_duress_changes_the_procedure_silently(room: Room, held: int) -> None:
    """P1: at once, without sound, same operator, priority 1, then the FO step, open; no agent, no call-back."""
    room.do("Ana", c.step_done, held, "clip", "nothing")
    room.clock.advance(5)
    with room.act("Ana") as act:
        entry_id = act.record("test.duress_word")
        c.turn_to_duress(act, held, entry_id)
    incident = room.incident(held)
    assert (incident.state, incident.owner_id, incident.priority) == ("taken", room.users["Ana"], 1)
    assert (incident.duress, incident.duress_locked, incident.ringing_since) == (True, True, None)
    steps = room.steps(held)
    assert (steps["clip"].state, steps["clip"].result) == ("done", "nothing"), "what was done stays"
    assert {steps[key].state for key in ("agent", "site", "contact_1", "police", "normal")} == {"absent"}
    current = {key for key, step in steps.items() if step.state == "current"}
    assert "duress_police" in current
    assert steps["duress_police"].current_since == room.clock.now()
    assert incident.procedure["replaced"]["event"] == "intrusion"
    with room.act("Ana") as act:
        c.turn_to_duress(act, held, act.record("test.again"))
    assert len(room.steps(held)) == len(steps)


def test_nothing_is_done_in_a_closed_or_handed_up_dossier(room: Room) -> None:
    closed, up = room.open(), room.open()
    room.do("watch", c.close_by_itself, closed, "restored", None)
    with room.act() as act, pytest.raises(IncidentStateError):
        c.step_done(act, closed, "clip", "person")
    with pytest.raises(IncidentClosedError):
        room.do("watch", c.defer, closed, "vitre", "vitrier", room.clock.now() + timedelta(hours=1))
    room.do("Ana", c.take, up)
    room.do("Ana", c.hand_up, up, "decision")
    with pytest.raises(NotYoursError):
        room.do("Ana", c.step_done, up, "clip", "person")
