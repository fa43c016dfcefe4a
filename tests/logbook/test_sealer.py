"""The sealer: one gapless order, whoever commits when (ARCHITECTURE.md §5, «No cursor over a sequence»)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.logbook.conftest import Room
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.merkle import leaf_hash, root_of
from veilleur.logbook.notes import verify_note
from veilleur.logbook.sealer import BATCH, SEALER_LOCK, Sealer, run_sealer, seal_once

ORDER = "SELECT position, entry_id FROM entry_position ORDER BY position"


def wait_for(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


@contextmanager
def sealing(room: Room, tmp_path: Path, holder: str = "a") -> Iterator[threading.Event]:
    """A sealer in a thread."""
    stop = threading.Event()
    thread = threading.Thread(
        target=run_sealer, args=(room.dsn, room.clock, tmp_path / "log.key", holder, stop), daemon=True
    )
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(timeout=15)
        assert not thread.is_alive()


def lock_holders(room: Room) -> int:
    query = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND granted AND database = "
    )
    return room.rows(query + "(SELECT oid FROM pg_database WHERE datname = current_database())", SEALER_LOCK)[
        0
    ][0]


def test_positions_follow_the_commits_without_gap(room: Room) -> None:
    ids = [room.record() for _ in range(5)]
    assert room.seal() == 5
    assert room.rows(ORDER) == list(enumerate(ids))
    assert room.seal() == 0
    more = room.fill(3)
    assert room.seal() == 3
    assert room.rows(ORDER) == list(enumerate(ids + more))


def test_a_writer_that_commits_late_with_a_smaller_id_comes_later_and_is_not_lost(room: Room) -> None:
    """The held transaction took its id first; a cursor over ids would never see it."""
    with room.database.write() as session:
        slow = Act(session, room.clock.now(), Actor("user", 1, "Lente")).record("log.entry", {"text": "lent"})
        fast = room.record()
        assert fast > slow
        assert room.seal() == 1
        assert room.rows(ORDER) == [(0, fast)]
    assert room.seal() == 1
    assert room.rows(ORDER) == [(0, fast), (1, slow)]


def test_many_writers_and_a_running_sealer_lose_nothing(room: Room, tmp_path: Path) -> None:
    written: list[int] = []

    def write(number: int) -> None:
        for _ in range(15):
            with room.database.write() as session:
                act = Act(session, room.clock.now(), Actor("user", number, f"n° {number}"))
                ids = [act.record("log.entry", {"text": "x"}), act.record("log.entry", {"text": "y"})]
                if number == 3:
                    time.sleep(0.02)
            written.extend(ids)

    with sealing(room, tmp_path):
        writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(timeout=30)
        wait_for(lambda: room.rows("SELECT count(*) FROM entry_unsealed") == [(0,)])
    order = room.rows(ORDER)
    assert [position for position, _ in order] == list(range(len(order)))
    assert len(written) == 120
    assert set(written) <= {entry for _, entry in order}


def test_two_sealers_one_works_and_the_other_takes_over(room: Room, tmp_path: Path) -> None:
    with sealing(room, tmp_path, "a") as first:
        wait_for(lambda: lock_holders(room) == 1)
        with sealing(room, tmp_path, "b"):
            room.fill(10)
            wait_for(lambda: len(room.rows(ORDER)) >= 10)
            assert lock_holders(room) == 1
            first.set()
            more = room.fill(10)
            wait_for(lambda: {row[1] for row in room.rows(ORDER)} >= set(more))
    positions = [row[0] for row in room.rows(ORDER)]
    assert positions == list(range(len(positions)))


def test_a_sealer_whose_connection_dies_begins_again(room: Room, tmp_path: Path) -> None:
    with sealing(room, tmp_path):
        room.fill(4)
        wait_for(lambda: len(room.rows(ORDER)) >= 4)
        pid = room.rows("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s", SEALER_LOCK)[
            0
        ][0]
        assert room.rows("SELECT pg_terminate_backend(%s)", pid) == [(True,)]
        late = room.fill(4)
        wait_for(lambda: {row[1] for row in room.rows(ORDER)} >= set(late))
    positions = [row[0] for row in room.rows(ORDER)]
    assert positions == list(range(len(positions)))


def test_a_crash_between_taking_and_placing_leaves_everything_as_it_was(room: Room) -> None:
    ids = room.fill(5)
    room.seal()
    more = room.fill(5)
    with psycopg.connect(room.dsn, autocommit=True) as connection:
        sealer = Sealer.begin(connection, room.clock)
        before = (sealer.frontier.size, list(sealer.frontier.edge))
        with psycopg.connect(room.dsn) as other:  # a position that is taken already: the insert must fail
            other.execute(
                "INSERT INTO entry_position (position, entry_id, leaf_hash, sealed_at) VALUES (5, 999999, '', now())"
            )
            other.commit()
        with pytest.raises(psycopg.errors.UniqueViolation):
            sealer.seal_once()
        assert (sealer.frontier.size, sealer.frontier.edge) == before
    assert room.rows("SELECT count(*) FROM entry_unsealed") == [(5,)]
    room.tamper("DELETE FROM entry_position WHERE entry_id = 999999")
    assert seal_once(room.dsn, room.clock) == 5
    assert [row[1] for row in room.rows(ORDER)] == ids + more


def test_the_tree_grows_the_same_whatever_the_batches(room: Room) -> None:
    room.fill(7)
    room.seal()
    room.fill(BATCH + 11)
    room.seal()
    room.fill(3)
    room.seal()
    hashes = [leaf_hash(bytes(row[0])) for row in room.rows("SELECT leaf FROM entry ORDER BY id")]
    checkpoints = room.rows("SELECT size, root FROM checkpoint ORDER BY size")
    assert [row[0] for row in checkpoints] == [7, BATCH + 18, BATCH + 21]
    for size, root in checkpoints:
        assert bytes(root) == root_of(hashes[:size])


def test_checkpoints_are_signed_while_it_grows_and_at_stop(room: Room, tmp_path: Path) -> None:
    with sealing(room, tmp_path):
        wait_for(lambda: bool(room.rows("SELECT 1 FROM checkpoint")))
        room.fill(3)
        wait_for(lambda: room.rows("SELECT count(*) FROM entry_unsealed") == [(0,)])
        room.clock.advance(6)
        wait_for(lambda: len(room.rows("SELECT 1 FROM checkpoint")) == 2)
        room.fill(2)
        wait_for(lambda: room.rows("SELECT count(*) FROM entry_unsealed") == [(0,)])
    notes = [
        verify_note(row[0], room.key.vkey) for row in room.rows("SELECT note FROM checkpoint ORDER BY size")
    ]
    size = room.rows("SELECT count(*) FROM entry_position")[0][0]
    assert notes[-1].size == size
    assert len(notes) == 3
    assert notes[0].origin == room.key.name


def test_the_logbook_declares_its_key_and_its_sentences_once(room: Room, tmp_path: Path) -> None:
    for _ in range(2):
        with sealing(room, tmp_path):
            wait_for(lambda: len(room.rows("SELECT 1 FROM entry_position")) >= 2)
    kinds = [row[0] for row in room.rows("SELECT kind FROM entry ORDER BY id")]
    assert kinds == ["logbook.key", "logbook.texts"]


SIGNAL = """
INSERT INTO signal (batch_id, received_at, line, transport, peer, protocol, token, raw, verdict, events, encrypted)
VALUES (1, now(), 'R1', 'tcp', '', 'dc09', %s, '', 'accepted', '[]', false) RETURNING id"""


def test_signals_get_positions_after_their_commit_and_wait_for_nobody(room: Room) -> None:
    with psycopg.connect(room.dsn) as slow, psycopg.connect(room.dsn) as fast:
        first = slow.execute(SIGNAL, ("late",)).fetchone()[0]
        second = fast.execute(SIGNAL, ("early",)).fetchone()[0]
        third = fast.execute(SIGNAL, ("held",)).fetchone()[0]
        fast.commit()
        fast.execute("SELECT 1 FROM signal WHERE id = %s FOR UPDATE", (third,))  # the watch is deciding it
        room.seal()
        assert room.rows("SELECT id, position FROM signal ORDER BY id") == [(second, 1), (third, None)]
        fast.rollback()
        slow.commit()
    room.seal()
    assert dict(room.rows("SELECT id, position FROM signal")) == {second: 1, first: 2, third: 3}
