"""Taking, parking, giving back, handing over; the two measured times; what rings when nobody acts (P3, P7, need 8)."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from tests.features.incidents.conftest import POINT, Room
from veilleur.features.incidents import commands as c
from veilleur.features.incidents.errors import (
    AlreadyTakenError,
    BadTimeError,
    IncidentStateError,
    NotOfferedError,
    NotYoursError,
    UnknownChoiceError,
)
from veilleur.kernel.errors import ForbiddenError, InvalidError, NotFoundError


def test_of_two_who_take_at_once_exactly_one_gets_it(room: Room) -> None:
    """Duty S18. Two real connections: the second waits on the site's lock and is told who has it."""
    incident_id = room.open()
    answers: dict[str, object] = {}
    ready = threading.Barrier(2, timeout=10)

    def try_to_take(who: str) -> None:
        ready.wait()
        try:
            answers[who] = room.do(who, c.take, incident_id)
        except AlreadyTakenError as error:
            answers[who] = error

    threads = [threading.Thread(target=try_to_take, args=(who,)) for who in ("Ana", "Bruno")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    (winner,) = [who for who, answer in answers.items() if isinstance(answer, int)]
    (refusal,) = [answer for answer in answers.values() if isinstance(answer, AlreadyTakenError)]
    assert room.incident(incident_id).owner_id == room.users[winner]
    assert refusal.params["owner"] == {"id": room.users[winner], "name": winner}
    assert room.entries(incident_id).count("incident.taken") == 1


def test_a_taker_waits_for_an_act_that_is_not_committed(room: Room) -> None:
    """The loser is blocked by a transaction held open, not merely late."""
    incident_id = room.open()
    outcome: list[object] = []

    def second() -> None:
        try:
            outcome.append(room.do("Bruno", c.take, incident_id))
        except AlreadyTakenError as error:
            outcome.append(error)

    with room.act("Ana") as act:
        c.take(act, incident_id)
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive(), "the second taker waits for the site's lock"
    thread.join(20)
    assert isinstance(outcome[0], AlreadyTakenError)


def test_taking_and_first_act_are_measured_apart(room: Room) -> None:
    """Practice: taking is gamed unless two times are measured."""
    incident_id = room.open()
    opened = room.clock.now()
    room.clock.advance(14)
    room.do("Ana", c.take, incident_id)
    room.clock.advance(5)
    room.do("Ana", c.note, incident_id, "Je regarde.")
    assert room.incident(incident_id).first_act_at is None, "a note is a sign of life, not an action"
    room.clock.advance(6)
    room.do("Ana", c.step_done, incident_id, "clip", "person")
    incident = room.incident(incident_id)
    assert incident.taken_at == opened + timedelta(seconds=14)
    assert incident.first_act_at == opened + timedelta(seconds=25)
    room.clock.advance(5)
    room.do("Ana", c.step_done, incident_id, "site", "no_answer")
    assert room.incident(incident_id).first_act_at == opened + timedelta(seconds=25)


def test_taken_without_an_act_rings_again_at_60_and_goes_back_by_name_at_120(room: Room) -> None:
    """Practice, «Naive otherwise»."""
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    start = room.clock.now()
    assert room.due(incident_id) == {
        "no_act": start + timedelta(seconds=60),
        "back_to_queue": start + timedelta(seconds=120),
    }
    room.clock.advance(59)
    assert room.do("watch", c.no_act, incident_id) is False
    room.clock.advance(1)
    assert room.do("watch", c.no_act, incident_id) is True
    incident = room.incident(incident_id)
    assert (incident.state, incident.ring_reason) == ("taken", "no_act")
    assert incident.ringing_since == room.clock.now()
    room.clock.advance(59)
    assert room.do("watch", c.back_to_queue, incident_id) is False
    room.clock.advance(1)
    assert room.do("watch", c.back_to_queue, incident_id) is True
    incident = room.incident(incident_id)
    assert (incident.state, incident.owner_id, incident.returned_from_id) == ("new", None, room.users["Ana"])
    assert "untaken" in room.due(incident_id)
    assert room.entries(incident_id)[-2:] == ["incident.no_act", "incident.back_to_queue"]


def test_an_act_silences_the_ring_for_want_of_one(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    room.clock.advance(60)
    room.do("watch", c.no_act, incident_id)
    room.do("Ana", c.step_done, incident_id, "clip", "nothing")
    assert room.incident(incident_id).ringing_since is None
    room.clock.advance(60)
    assert room.do("watch", c.back_to_queue, incident_id) is False
    assert room.due(incident_id) == {}


def test_untaken_warns_level_after_level(room: Room) -> None:
    """P7: 30 s every post, 60 s chef or astreinte, 180 s station non tenue, for priorities 1 and 2."""
    incident_id = room.open(priority=2)
    start = room.clock.now()
    seen = []
    for seconds in (30, 60, 180):
        assert room.due(incident_id)["untaken"] == start + timedelta(seconds=seconds)
        room.clock.current = start + timedelta(seconds=seconds - 1)
        assert room.do("watch", c.untaken, incident_id) is False
        room.clock.current = start + timedelta(seconds=seconds)
        assert room.do("watch", c.untaken, incident_id) is True
        assert room.do("watch", c.untaken, incident_id) is False, "once per level"
        seen.append(room.incident(incident_id).escalation)
    assert seen == [1, 2, 3]
    assert room.due(incident_id) == {}
    assert room.incident(incident_id).ringing_since == start, "its clock never starts afresh"


def test_other_priorities_have_the_limits_of_their_family(room: Room) -> None:
    incident_id = room.open(priority=3)
    assert room.due(incident_id)["untaken"] == room.clock.now() + timedelta(seconds=90)
    assert room.incident(incident_id).limits == {"take": 90, "take_max": 180, "act": 120, "act_max": 240}


def test_a_silent_dossier_neither_rings_nor_waits(room: Room) -> None:
    incident_id = room.open(needs_operator=False)
    incident = room.incident(incident_id)
    assert (incident.state, incident.ringing_since, room.due(incident_id)) == ("new", None, {})
    room.do("Ana", c.take, incident_id)
    assert room.due(incident_id) == {}


def test_parking_rings_at_its_hour_and_asks_to_be_taken_again(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    until = room.clock.now() + timedelta(minutes=6)
    room.do("Ana", c.park, incident_id, until, "call_back")
    incident = room.incident(incident_id)
    assert (incident.state, incident.parked_until, incident.ringing_since) == ("parked", until, None)
    assert room.due(incident_id) == {"parked": until}
    room.clock.advance(359)
    assert room.do("watch", c.parked_due, incident_id) is False
    room.clock.advance(1)
    assert room.do("watch", c.parked_due, incident_id) is True
    incident = room.incident(incident_id)
    assert (incident.state, incident.ring_reason, incident.owner_id) == ("new", "due", room.users["Ana"])
    assert incident.ringing_since == until
    room.do("Ana", c.take, incident_id)
    assert room.entries(incident_id)[-2:] == ["incident.park_due", "incident.retaken"]


def test_a_parked_dossier_is_resumed_by_who_parked_it(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    room.do("Ana", c.park, incident_id, room.clock.now() + timedelta(minutes=5), "waiting_agent")
    with pytest.raises(NotYoursError):
        room.do("Bruno", c.resume, incident_id)
    room.do("Ana", c.resume, incident_id)
    assert room.incident(incident_id).state == "taken"
    assert room.do("watch", c.parked_due, incident_id) is False


@pytest.mark.parametrize(
    ("priority", "minutes", "refused"), [(1, 30, False), (1, 31, True), (3, 720, False), (3, 721, True)]
)
def test_parking_has_a_longest_time(room: Room, priority: int, minutes: int, refused: bool) -> None:
    incident_id = room.open(priority=priority)
    room.do("Ana", c.take, incident_id)
    until = room.clock.now() + timedelta(minutes=minutes)
    if refused:
        with pytest.raises(BadTimeError):
            room.do("Ana", c.park, incident_id, until, "call_back")
    else:
        room.do("Ana", c.park, incident_id, until, "call_back")


def test_parking_wants_a_reason_of_the_list_and_an_hour_to_come(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    with pytest.raises(UnknownChoiceError):
        room.do("Ana", c.park, incident_id, room.clock.now() + timedelta(minutes=5), "coffee")
    with pytest.raises(BadTimeError):
        room.do("Ana", c.park, incident_id, room.clock.now(), "call_back")


@pytest.mark.parametrize(
    ("held", "other", "said"),
    [(3, 1, "other_priority"), (3, 3, "other_alarm"), (1, 2, "other_alarm"), (3, None, "other_alarm")],
)
def test_a_higher_priority_is_written_when_there_is_one(
    room: Room, held: int, other: int | None, said: str
) -> None:
    """The logbook says what was so: the alarm taken instead may be of the same priority, or of a lower one."""
    incident_id = room.open(priority=held)
    room.do("Ana", c.take, incident_id)
    if other is not None:
        room.open(priority=other, group="other")
    room.do("Ana", c.park, incident_id, room.clock.now() + timedelta(minutes=5), "other_priority")
    assert room.incident(incident_id).parked_reason == said
    assert ("plus prioritaire" in room.sentences(incident_id)[-1]) == (said == "other_priority")


def test_taking_over_wants_a_reason_and_names_who_had_it(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    with pytest.raises(UnknownChoiceError):
        room.do("Bruno", c.take_over, incident_id, "because")
    room.do("Bruno", c.take_over, incident_id, "urgent")
    assert room.incident(incident_id).owner_id == room.users["Bruno"]
    with pytest.raises(NotYoursError) as caught:
        room.do("Ana", c.park, incident_id, room.clock.now() + timedelta(minutes=1), "call_back")
    assert caught.value.params["owner"] == {"id": room.users["Bruno"], "name": "Bruno"}
    with pytest.raises(InvalidError):
        room.do("Bruno", c.take_over, incident_id, "urgent")


def test_a_relief_keeps_a_woken_dossier_ringing(room: Room) -> None:
    """Issue 2 §7: a quick change of operator keeps alarms ringing."""
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    room.do("watch", c.ring_again, incident_id, "higher")
    rang = room.incident(incident_id).ringing_since
    room.do("Bruno", c.take_over, incident_id, "relief")
    incident = room.incident(incident_id)
    assert (incident.state, incident.owner_id, incident.ringing_since) == ("new", room.users["Bruno"], rang)


def test_released_it_rings_for_everybody(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    room.clock.advance(20)
    room.do("Ana", c.release, incident_id, "overloaded")
    incident = room.incident(incident_id)
    assert (incident.state, incident.owner_id, incident.returned_from_id) == ("new", None, room.users["Ana"])
    assert incident.ringing_since == room.clock.now()
    assert set(room.due(incident_id)) == {"untaken"}


def test_an_offer_stays_with_its_giver_until_it_is_accepted(room: Room) -> None:
    """Need 8."""
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    room.do("Ana", c.offer, incident_id, room.users["Bruno"])
    incident = room.incident(incident_id)
    assert (incident.state, incident.owner_id, incident.offered_to_id) == (
        "transferred",
        room.users["Ana"],
        room.users["Bruno"],
    )
    with pytest.raises(NotOfferedError):
        room.do("Chef", c.accept, incident_id)
    room.do("Bruno", c.accept, incident_id)
    incident = room.incident(incident_id)
    assert (incident.state, incident.owner_id, incident.offered_to_id) == ("taken", room.users["Bruno"], None)


@pytest.mark.parametrize("who", ["Ana", "Bruno"])
def test_an_offer_is_declined_or_taken_back(room: Room, who: str) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    room.do("Ana", c.offer, incident_id, room.users["Bruno"])
    with pytest.raises(NotOfferedError):
        room.do("Chef", c.decline, incident_id)
    room.do(who, c.decline, incident_id)
    incident = room.incident(incident_id)
    assert (incident.state, incident.owner_id) == ("taken", room.users["Ana"])


def test_an_offer_without_an_answer_goes_back_to_the_queue(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    room.do("Ana", c.offer, incident_id, room.users["Bruno"])
    room.clock.advance(119)
    assert room.do("watch", c.offer_due, incident_id) is False
    room.clock.advance(1)
    assert room.do("watch", c.offer_due, incident_id) is True
    incident = room.incident(incident_id)
    assert (incident.state, incident.owner_id, incident.ring_reason) == ("new", None, "offer_unanswered")
    assert room.do("watch", c.offer_due, incident_id) is False


def test_an_offer_names_a_colleague_who_exists(room: Room) -> None:
    incident_id = room.open()
    room.do("Ana", c.take, incident_id)
    with pytest.raises(NotFoundError):
        room.do("Ana", c.offer, incident_id, 999)
    with pytest.raises(InvalidError):
        room.do("Ana", c.offer, incident_id, room.users["Ana"])


def test_stepping_away_hands_every_dossier_to_a_colleague(room: Room) -> None:
    ids = [room.open() for _ in range(3)]
    for incident_id in ids[:2]:
        room.do("Ana", c.take, incident_id)
    assert room.do("Ana", c.step_away, to_user_id=room.users["Bruno"]) == ids[:2]
    assert [room.incident(each).state for each in ids] == ["transferred", "transferred", "new"]


def test_stepping_away_alone_leaves_each_with_a_clock(room: Room) -> None:
    urgent, other = room.open(priority=1), room.open()
    for incident_id in (urgent, other):
        room.do("Ana", c.take, incident_id)
    until = room.clock.now() + timedelta(hours=1)
    room.do("Ana", c.step_away, until=until)
    assert room.incident(other).parked_until == until
    assert room.incident(urgent).parked_until == room.clock.now() + timedelta(minutes=30)
    with pytest.raises(InvalidError):
        room.do("Ana", c.step_away)


def test_handed_up_it_rings_until_it_is_taken(room: Room) -> None:
    incident_id = room.open(priority=1)
    room.do("Ana", c.take, incident_id)
    room.do("Ana", c.hand_up, incident_id, "decision")
    incident = room.incident(incident_id)
    assert (incident.state, incident.owner_id, incident.ring_reason) == ("handed_up", None, "handed_up")
    room.clock.advance(30)
    assert room.do("watch", c.untaken, incident_id) is True
    assert room.incident(incident_id).state == "handed_up"
    room.do("Chef", c.take, incident_id)
    assert room.incident(incident_id).state == "taken"


def test_a_note_keeps_the_time_of_its_first_key(room: Room) -> None:
    incident_id = room.open()
    room.do("Bruno", c.note, incident_id, "  Deux personnes, quai 3.  ", age_ms=4_000)
    assert room.entries(incident_id)[-1] == "incident.note"
    with pytest.raises(InvalidError):
        room.do("Bruno", c.note, incident_id, "   ")


def test_only_a_person_takes(room: Room) -> None:
    incident_id = room.open()
    with pytest.raises(ForbiddenError):
        room.do("watch", c.take, incident_id)
    with pytest.raises(NotFoundError):
        room.do("Ana", c.take, 999)
    with pytest.raises(NotYoursError):
        room.do("Ana", c.release, incident_id, "overloaded")
    room.do("Ana", c.take, incident_id)
    with pytest.raises(IncidentStateError):
        room.do("Ana", c.keep_open, incident_id)


def test_references_follow_each_other_in_the_year_of_the_centre(room: Room) -> None:
    room.clock.current = room.clock.current.replace(month=12, day=31, hour=23, minute=30)  # 00:30 in Paris
    first, second = room.open(), room.open(point=POINT)
    assert room.incident(first).reference.startswith("2027-")
    assert int(room.incident(second).reference[5:]) == int(room.incident(first).reference[5:]) + 1
