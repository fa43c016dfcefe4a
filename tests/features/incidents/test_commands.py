"""Every command writes exactly its entries, moves the dossier's version, and says so to the screens (law 1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy.exc
from sqlalchemy import select, text

from tests.features.incidents.conftest import NEW_POINT, OPENING, POINT, Room
from tests.features.incidents.test_closing import add, agent
from veilleur.features.incidents import commands as c
from veilleur.features.incidents.model import Opening
from veilleur.features.incidents.tables import Incident
from veilleur.locale.render import catalogue, render_entry
from veilleur.logbook.act import Act
from veilleur.logbook.tables import Entry, EntryPayload

Step = Callable[[Room, int], Any]


def minutes(room: Room, count: int) -> Any:
    return room.clock.now() + timedelta(minutes=count)


def taken(room: Room, incident_id: int) -> None:
    room.do("Ana", c.take, incident_id)


def parked(room: Room, incident_id: int) -> None:
    taken(room, incident_id)
    room.do("Ana", c.park, incident_id, minutes(room, 5), "call_back")


def offered(room: Room, incident_id: int) -> None:
    taken(room, incident_id)
    room.do("Ana", c.offer, incident_id, room.users["Bruno"])


def closing(room: Room, incident_id: int) -> None:
    taken(room, incident_id)
    room.do("Ana", c.begin_closing, incident_id, "real_attempt")


def ready(room: Room, incident_id: int) -> None:
    taken(room, incident_id)
    room.finish_steps(incident_id, "Ana")
    room.do("Ana", c.defer, incident_id, "vitre", "vitrier", minutes(room, 60))


def unverified(room: Room, incident_id: int) -> None:
    ready(room, incident_id)
    room.do("Ana", c.close, incident_id, "unjustified_user", "livreur attendu")


def skipped(room: Room, incident_id: int) -> None:
    taken(room, incident_id)
    room.do("Ana", c.step_skipped, incident_id, "clip", "no_object")


def locked(room: Room, incident_id: int) -> None:
    taken(room, incident_id)
    with room.act("Ana") as act:
        c.turn_to_duress(act, incident_id, act.record("test.duress_word"))


def found(room: Room, incident_id: int) -> None:
    taken(room, incident_id)
    add(room, agent(incident_id, room, state="done", found_at=room.clock.now()))


def orphan(room: Room, incident_id: int) -> None:
    room.do("watch", c.orphaned, incident_id, room.users["Ana"])


def nothing(room: Room, incident_id: int) -> None:
    """As it opened."""


def point_id(room: Room, incident_id: int) -> int:
    return room.points(incident_id)[0].id


def deferral(room: Room, incident_id: int) -> int:
    with room.read() as session:
        return int(session.scalars(text("SELECT max(id) FROM deferral")).one())


def later(seconds: int, command: Callable[..., Any]) -> Step:
    def step(room: Room, incident_id: int) -> Any:
        room.clock.advance(seconds)
        return room.do("watch", command, incident_id)

    return step


#: command → (what comes before, the command itself, the entries it writes).
WALK: dict[str, tuple[Step, Step, list[str]]] = {
    "take": (nothing, taken, ["incident.taken"]),
    "take_over": (taken, lambda r, i: r.do("Bruno", c.take_over, i, "urgent"), ["incident.taken_over"]),
    "release": (taken, lambda r, i: r.do("Ana", c.release, i, "leaving"), ["incident.released"]),
    "park": (taken, lambda r, i: r.do("Ana", c.park, i, minutes(r, 5), "call_back"), ["incident.parked"]),
    "resume": (parked, lambda r, i: r.do("Ana", c.resume, i), ["incident.resumed"]),
    "offer": (taken, lambda r, i: r.do("Ana", c.offer, i, r.users["Bruno"]), ["incident.offered"]),
    "accept": (offered, lambda r, i: r.do("Bruno", c.accept, i), ["incident.accepted"]),
    "decline": (offered, lambda r, i: r.do("Bruno", c.decline, i), ["incident.declined"]),
    "hand_up": (taken, lambda r, i: r.do("Ana", c.hand_up, i, "decision"), ["incident.handed_up"]),
    "note": (taken, lambda r, i: r.do("Ana", c.note, i, "vu"), ["incident.note"]),
    "step_away": (
        taken,
        lambda r, i: r.do("Ana", c.step_away, to_user_id=r.users["Bruno"]),
        ["incident.offered", "room.stepped_away"],
    ),
    "step_done": (taken, lambda r, i: r.do("Ana", c.step_done, i, "clip", "person"), ["step.done"]),
    "step_skipped": (
        taken,
        lambda r, i: r.do("Ana", c.step_skipped, i, "clip", "no_object"),
        ["step.skipped"],
    ),
    "step_undone": (skipped, lambda r, i: r.do("Ana", c.step_undone, i, "clip"), ["step.undone"]),
    "step_reviewed": (skipped, lambda r, i: r.do("Chef", c.step_reviewed, i, "clip"), ["step.reviewed"]),
    "step_review_undone": (
        lambda r, i: (skipped(r, i), r.do("Chef", c.step_reviewed, i, "clip")),
        lambda r, i: r.do("Chef", c.step_review_undone, i, "clip"),
        ["step.review_undone"],
    ),
    "point_normal": (
        found,
        lambda r, i: r.do("Ana", c.point_normal, i, point_id(r, i), "agent"),
        ["incident.point_normal"],
    ),
    "defer": (
        taken,
        lambda r, i: r.do("Ana", c.defer, i, "vitre", "vitrier", minutes(r, 60)),
        ["deferral.added"],
    ),
    "deferral_done": (ready, lambda r, i: r.do("Ana", c.deferral_done, i, deferral(r, i)), ["deferral.done"]),
    "begin_closing": (
        taken,
        lambda r, i: r.do("Ana", c.begin_closing, i, "real_attempt"),
        ["incident.closing"],
    ),
    "keep_open": (closing, lambda r, i: r.do("Ana", c.keep_open, i), ["incident.kept_open"]),
    "close": (ready, lambda r, i: r.do("Ana", c.close, i, "real_damage"), ["incident.closed"]),
    "release_duress": (
        locked,
        lambda r, i: r.do("Chef", c.release_duress, i, "lead_decision"),
        ["incident.duress_released"],
    ),
    "join_signal": (
        taken,
        lambda r, i: r.do("watch", c.join_signal, i, r.signal(), NEW_POINT),
        ["incident.signal_joined"],
    ),
    "join_signal, réveil": (
        taken,
        lambda r, i: r.do(
            "watch", c.join_signal, i, r.signal(), NEW_POINT, ring="higher", priority=1, warn_agent=True
        ),
        ["incident.woken"],
    ),
    "ring_again": (taken, lambda r, i: r.do("watch", c.ring_again, i, "higher"), ["incident.rung"]),
    "warn_agent": (
        taken,
        lambda r, i: r.do("watch", c.warn_agent, i, r.signal("info")),
        ["incident.agent_to_warn"],
    ),
    "agent_to_hold": (
        taken,
        lambda r, i: r.do("watch", c.agent_to_hold, i),
        ["incident.agent_to_hold"],
    ),
    "attach": (taken, lambda r, i: r.do("watch", c.attach, i, r.signal("arming")), ["incident.signal_shown"]),
    "mark_point_normal": (
        taken,
        lambda r, i: r.do("watch", c.mark_point_normal, i, POINT.key, "arming", r.clock.now()),
        ["incident.point_normal"],
    ),
    "closing_reviewed": (
        unverified,
        lambda r, i: r.do("Chef", c.closing_reviewed, i),
        ["incident.closing_reviewed"],
    ),
    "closing_review_undone": (
        lambda r, i: (unverified(r, i), r.do("Chef", c.closing_reviewed, i)),
        lambda r, i: r.do("Chef", c.closing_review_undone, i),
        ["incident.closing_review_undone"],
    ),
    "close_by_itself": (
        nothing,
        lambda r, i: r.do("watch", c.close_by_itself, i, "restored", r.signal("restore")),
        ["incident.closed_by_itself"],
    ),
    "untaken": (nothing, later(90, c.untaken), ["incident.untaken"]),
    "no_act": (taken, later(60, c.no_act), ["incident.no_act"]),
    "back_to_queue": (taken, later(120, c.back_to_queue), ["incident.back_to_queue"]),
    "orphaned": (taken, orphan, ["incident.orphaned"]),
    "found": (
        lambda r, i: (taken(r, i), orphan(r, i)),
        lambda r, i: r.do("watch", c.found, i),
        ["incident.found"],
    ),
    "parked_due": (parked, later(300, c.parked_due), ["incident.park_due"]),
    "offer_due": (offered, later(120, c.offer_due), ["incident.offer_unanswered"]),
    "deferral_due": (
        ready,
        lambda r, i: (r.clock.advance(3_600), r.do("watch", c.deferral_due, deferral(r, i))),
        ["deferral.overdue", "incident.opened"],
    ),
}

#: Commands whose entry another feature writes.
WITH_AN_ENTRY = {"seek_corroboration", "touch_incident", "turn_to_duress"}


def entries(room: Room, after: int) -> list[tuple[Entry, dict[str, Any]]]:
    with room.read() as session:
        rows = session.execute(
            select(Entry, EntryPayload.body)
            .join(EntryPayload, EntryPayload.payload_of == Entry.id)
            .where(Entry.id > after)
            .order_by(Entry.id)
        ).all()
        return [(entry, json.loads(body)) for entry, body in rows]


@pytest.mark.parametrize("name", WALK)
def test_a_command_writes_exactly_its_entries(room: Room, name: str) -> None:
    before, command, wanted = WALK[name]
    incident_id = room.open()
    before(room, incident_id)
    with room.read() as session:
        last = int(session.scalars(text("SELECT max(id) FROM entry")).one())
    command(room, incident_id)
    written = entries(room, last)
    assert [entry.kind for entry, _ in written] == wanted
    about = [entry for entry, _ in written if entry.incident_id == incident_id]
    assert room.incident(incident_id).entry_id == about[-1].id, (
        "the dossier's version moves to its last entry"
    )
    assert incident_id in about[-1].touched["incident"]
    assert about[-1].commune == "99001", "the entry carries the perimeter"
    for entry, body in written:
        for language in ("fr", "en"):
            sentence = render_entry(language, entry.kind, entry.version, body)
            assert entry.kind in catalogue(language, "entries")
            assert not set("{}[]|") & set(sentence), sentence
            assert "—" not in sentence, f"a parameter is missing: {sentence}"


def test_the_walk_goes_through_every_command() -> None:
    walked = {name.split(",")[0] for name in WALK} | WITH_AN_ENTRY | {"open_incident"}
    assert walked == set(c.__all__)


def test_opening_writes_one_entry_for_everything(room: Room) -> None:
    with room.act() as act:
        incident_id = c.open_incident(
            act, Opening(site_id=room.site_id, **OPENING), room.signal("opened"), POINT
        )
        assert len(act.entries) == 1
    incident = room.incident(incident_id)
    assert incident.entry_id == act.entries[-1]
    assert {step.entry_id for step in room.steps(incident_id).values()} == {incident.entry_id}
    assert {point.entry_id for point in room.points(incident_id)} == {incident.entry_id}
    ((_, body),) = entries(room, incident.entry_id - 1)
    sentence = render_entry("fr", "incident.opened", 1, body)
    assert sentence.startswith(f"Dossier {incident.reference} ouvert, P3 – Intrusion – ")
    assert "point 015 Quai de livraison – Entrepôt du Port" in sentence


def test_touching_moves_the_version_and_counts_as_an_act(room: Room) -> None:
    incident_id = room.open()
    taken(room, incident_id)
    with room.act("Ana") as act:
        entry_id = act.record("call.started")
        c.touch_incident(act, incident_id, entry_id, verification="running", warn_agent=True)
    incident = room.incident(incident_id)
    assert (incident.entry_id, incident.first_act_at) == (entry_id, room.clock.now())
    assert (incident.verification, incident.warn_agent) == ("running", True)
    assert room.due(incident_id) == {}


def test_law_1_the_database_refuses_a_change_without_its_entry(room: Room) -> None:
    incident_id = room.open()

    def cheat() -> None:
        with room.database.write() as session:
            Act(session, room.clock.now(), room_actor()).record("test.unrelated")
            session.get_one(Incident, incident_id).priority = 1

    with pytest.raises(sqlalchemy.exc.IntegrityError, match="law 1"):
        cheat()
    assert room.incident(incident_id).priority == 3


def room_actor() -> Any:
    from veilleur.logbook.act import Actor

    return Actor("user", 1, "Ana")


def test_law_1_no_row_of_a_dossier_is_deleted(room: Room) -> None:
    room.open()
    for table in ("incident", "incident_step", "incident_point", "incident_signal"):
        with pytest.raises(sqlalchemy.exc.IntegrityError, match="law 1"), room.database.write() as session:
            session.execute(text(f"DELETE FROM {table}"))
