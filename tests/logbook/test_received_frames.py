"""What was received is written once, is held against the root that its batch's entry sealed, and is proven one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from tests.logbook.conftest import Room
from tests.logbook.test_verifier_alone import run
from tests.logbook.test_verify_database import codes
from veilleur.features.retention.commands import apply_retention
from veilleur.features.retention.model import shipped_rules
from veilleur.kernel.errors import NotFoundError
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.cli import report_lines
from veilleur.logbook.frame_proof import BatchAlteredError, proof_of_frame
from veilleur.logbook.merkle import leaf_hash, root_of
from veilleur.logbook.queries import NotSealedError
from veilleur.logbook.verifying import verify
from veilleur.watch.internal import OwnSignal, store_own

#: What the watch and the sealer write afterwards; everything else of a signal is what was received.
WRITTEN_LATER = {"position", "decided_at", "attempts", "events_decided"}


def receive(room: Room, *sizes: int, decided: bool = False) -> list[list[int]]:
    """Stores batches of so many signals each, through the product's own writer; their numbers."""
    stored = []
    for size in sizes:
        room.clock.advance(1)
        with room.database.write() as session:
            act = Act(session, room.clock.now(), Actor("watch"))
            found = [OwnSignal(n + 1, "technical", "test", "new", text=f"n° {n}") for n in range(size)]
            stored.append(store_own(act, found))
            if decided:
                session.execute(text("UPDATE signal SET decided_at = now()"))
    return stored


@pytest.fixture
def received(room: Room) -> Room:
    """Three batches, of one, three and six frames, numbers 1 to 10; sealed, placed and signed."""
    assert receive(room, 1, 3, 6) == [[1], [2, 3, 4], [5, 6, 7, 8, 9, 10]]
    room.seal()
    return room


def refused(dsn: str, statement: str) -> str:
    with psycopg.connect(dsn) as connection, pytest.raises(psycopg.DatabaseError) as caught:
        connection.execute(statement.encode())
    return str(caught.value)


def test_every_column_of_what_was_received_is_written_once(received: Room) -> None:
    columns = {
        row[0]
        for row in received.rows(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'signal'::regclass AND attnum > 0 AND NOT attisdropped"
        )
    }
    for dsn in (received.dsn, received.owner_dsn):
        for column in sorted(columns - WRITTEN_LATER):
            said = refused(dsn, f"UPDATE signal SET {column} = {column} WHERE id = 1")
            assert "written once" in said, column


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE signal SET verdict = 'ghost'",
        "UPDATE signal SET position = position + 100",
        "UPDATE signal SET position = NULL",
        "DELETE FROM signal",
        "DELETE FROM signal WHERE id = 3",
        "UPDATE intake_batch SET root = ''",
        "DELETE FROM intake_batch",
        "UPDATE signal_copy SET peer = 'x'",
        "DELETE FROM signal_copy",
    ],
)
def test_the_application_cannot_rewrite_what_was_received(received: Room, statement: str) -> None:
    with psycopg.connect(received.dsn) as connection:
        connection.execute(
            "INSERT INTO signal_copy (signal_id, received_at, transport, peer) VALUES (1, now(), 'tcp', '203.0.113.7')"
        )
    for dsn in (received.dsn, received.owner_dsn):
        assert "written once" in refused(dsn, statement)


@pytest.mark.parametrize("table", ["signal", "intake_batch", "signal_copy"])
def test_the_owner_cannot_empty_what_was_received(received: Room, table: str) -> None:
    assert "written once" in refused(received.owner_dsn, f"TRUNCATE {table} CASCADE")


def test_the_watch_and_the_sealer_write_what_is_theirs(received: Room) -> None:
    receive(received, 2)
    with psycopg.connect(received.dsn) as connection:
        connection.execute("UPDATE signal SET decided_at = now(), attempts = attempts + 1")
        connection.execute("SELECT id FROM signal FOR UPDATE SKIP LOCKED")
    received.seal()
    assert received.rows("SELECT count(*), max(position) FROM signal") == [(12, 12)]


@pytest.mark.parametrize("together", [1, 2, 2_000])
def test_frames_are_compared_with_what_was_sealed(
    received: Room, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr("veilleur.logbook.frames.BATCH", together)
    receive(received, 2)  # their entry waits for its seal: nothing to compare with yet
    report = verify(received.dsn, [], [received.key.vkey])
    assert report.sound, report.findings
    assert (report.batches, report.frames, report.purged) == (3, 10, 0)
    said = "\n".join(report_lines(report, "fr", key_given=True))
    assert "Trames reçues : 10, de 3 lots, comparées" in said


STRAY = """
INSERT INTO signal (batch_id, received_at, line, transport, peer, protocol, token, raw, verdict, events, encrypted)
SELECT {batch}, received_at, line, transport, peer, protocol, token, raw, verdict, events, encrypted FROM signal WHERE id = 1"""
ENTRY_OF_2 = "SELECT entry_id FROM intake_batch WHERE id = 2"


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["UPDATE signal SET raw = raw || 'x' WHERE id = 3"], {"batch_altered"}),
        (["DELETE FROM signal WHERE id = 3"], {"batch_count"}),
        (["DELETE FROM signal WHERE id = 1"], {"batch_count"}),
        (["DELETE FROM signal"], {"batch_count"}),
        (["UPDATE signal SET batch_id = 3 WHERE id = 3"], {"batch_count", "frames_unsealed"}),
        (["UPDATE signal SET id = 99 WHERE id = 3"], {"batch_count", "frames_unsealed"}),
        (["UPDATE signal SET id = 99 WHERE id = 2", "UPDATE signal SET id = 2 WHERE id = 3",
          "UPDATE signal SET id = 3 WHERE id = 99"], {"batch_altered"}),
        ([STRAY.format(batch=2)], {"frames_unsealed"}),
        ([STRAY.format(batch=77)], {"frames_unsealed"}),
        (["UPDATE intake_batch SET root = sha256(root) WHERE id = 2"], {"batch_row_altered"}),
        (["DELETE FROM intake_batch WHERE id = 2"], {"batch_row_altered"}),
        ([f"DELETE FROM entry_payload WHERE payload_of = ({ENTRY_OF_2})"], {"payload_missing", "frames_unsealed"}),
    ],
)  # fmt: skip
def test_every_tampering_of_frames_is_seen(received: Room, statements: list[str], found: set[str]) -> None:
    received.tamper(*statements)
    report = verify(received.dsn, [], [received.key.vkey])
    assert codes(report) == found, report.findings
    said = "\n".join(report_lines(report, "fr", key_given=True))
    assert "NON CONFORME" in said
    if "batch_altered" in found:
        assert "Lot 2 (entrée 2), trames n° 2 à 4 : ce ne sont pas celles" in said


def acting(room: Room) -> AbstractContextManager[Act]:
    @contextmanager
    def opened() -> Iterator[Act]:
        with room.database.write() as session:
            yield Act(session, room.clock.now(), Actor("centre", name="Veilleur"))

    return opened()


def test_purged_batches_are_known_by_the_entry_of_the_purge(room: Room) -> None:
    receive(room, 1, 3, decided=True)
    receive(room, 2)  # never decided: its batch stays
    with psycopg.connect(room.dsn) as connection:
        connection.execute("UPDATE signal SET decided_at = now() WHERE id = 5")
        connection.execute(
            "INSERT INTO signal_copy (signal_id, received_at, transport, peer) "
            "VALUES (2, now(), 'tcp', '203.0.113.7'), (6, now(), 'tcp', '203.0.113.7')"
        )
    room.seal()
    room.clock.advance(timedelta(days=6 * 366).total_seconds())
    done = apply_retention(lambda: acting(room), shipped_rules(), room.clock.now())
    assert done["signals"] == 4
    assert room.rows("SELECT id FROM signal ORDER BY id") == [(5,), (6,)]
    assert room.rows("SELECT signal_id FROM signal_copy") == [(6,)]
    room.seal()
    report = verify(room.dsn, [], [room.key.vkey])
    assert report.sound, report.findings
    assert (report.batches, report.frames, report.purged) == (1, 2, 2)
    assert "effacés au terme de leur conservation, par une entrée scellée : 2" in "\n".join(
        report_lines(report, "fr", key_given=True)
    )
    room.tamper("DELETE FROM signal WHERE id = 6")
    assert codes(verify(room.dsn, [], [room.key.vkey])) == {"batch_count"}


@pytest.mark.parametrize(
    ("kind", "batches"),
    [("retention.signals", [[1, 1], [3, 9]]), ("retention.signals", None), ("log.entry", [[1, 9]])],
)
def test_nothing_goes_that_the_entry_of_its_transaction_does_not_name(
    received: Room, kind: str, batches: list[list[int]] | None
) -> None:
    params = {"text": "", "count": 3, "before": "2026-01-01T00:00:00+00:00", "legal_basis": "RGPD"}
    with pytest.raises(Exception, match="written once"), received.database.write() as session:  # noqa: PT012
        act = Act(session, received.clock.now(), Actor("cli"))
        entry = act.record(kind, params | ({} if batches is None else {"batches": batches}))
        session.execute(text("SELECT set_config('veilleur.purge', :entry, true)"), {"entry": str(entry)})
        session.execute(text("DELETE FROM signal WHERE batch_id = 2"))


def test_an_entry_of_an_earlier_transaction_lets_nothing_go(received: Room) -> None:
    with received.database.write() as session:
        act = Act(session, received.clock.now(), Actor("cli"))
        params = {
            "count": 3,
            "before": "2026-01-01T00:00:00+00:00",
            "legal_basis": "RGPD",
            "batches": [[2, 2]],
        }
        entry = act.record("retention.signals", params)
    with psycopg.connect(received.dsn) as connection, pytest.raises(psycopg.IntegrityError):  # noqa: PT012
        connection.execute("SELECT set_config('veilleur.purge', %s, true)", (str(entry),))
        connection.execute("DELETE FROM signal WHERE batch_id = 2")


@pytest.mark.parametrize("signal", range(1, 11))
def test_each_frame_is_proven_alone(received: Room, tmp_path: Path, signal: int) -> None:
    item = proven(received, signal)
    assert (item["type"], item["keys"]) == ("proof", [received.key.vkey])
    count = json.loads(item["payload"])["params"]["count"]
    code, told = checked(received, tmp_path, item)
    assert code == 0, told
    assert f"Trame {item['frame']['index'] + 1} sur {count}, lot {item['frame']['batch']} : conforme" in told
    stored = received.rows("SELECT raw FROM signal WHERE id = %s", signal)[0][0]
    assert bytes.fromhex(item["frame"]["raw"]) == bytes(stored)


def test_a_proof_of_another_frame_is_refused(received: Room, tmp_path: Path) -> None:
    item = proven(received, 7)
    other = proven(received, 8)["frame"]
    for change in (
        {"raw": other["raw"]},
        {"raw": None, "leaf_hash": other["leaf_hash"]},
        {"index": 3},
        {"index": item["frame"]["index"] + 8},
        {"path": item["frame"]["path"][:-1]},
        {"path": [*item["frame"]["path"], other["leaf_hash"]]},
    ):
        code, told = checked(received, tmp_path, item | {"frame": item["frame"] | change})
        assert code == 1, change
        assert "NON CONFORME" in told
    alone = item | {"frame": item["frame"] | {"raw": None}}
    assert checked(received, tmp_path, alone)[0] == 0


def test_a_frame_that_holds_a_key_is_proven_without_its_bytes(room: Room, tmp_path: Path) -> None:
    raw = b"frame of a panel [#7009|Nri1/BA1][K5EC2E70000112233]"
    with room.database.write() as session:
        act = Act(session, room.clock.now(), Actor("reception"))
        params = {
            "batch": 1,
            "count": 1,
            "first": 1,
            "last": 1,
            "to": None,
            "root": root_of([leaf_hash(raw)]).hex(),
        }
        given = {
            "raw": raw,
            "entry": act.record("signals.received", params),
            "root": root_of([leaf_hash(raw)]),
        }
        session.execute(
            text(
                "INSERT INTO signal (batch_id, received_at, line, transport, peer, protocol, token, raw, verdict, events, "
                "encrypted) VALUES (1, now(), 'R1', 'tcp', '', 'dc09', 'SIA-DCS', :raw, 'accepted', '[]', false)"
            ),
            given,
        )
        session.execute(
            text("INSERT INTO intake_batch (entry_id, count, root) VALUES (:entry, 1, :root)"), given
        )
    room.seal()
    item = proven(room, 1)
    assert item["frame"]["raw"] is None
    assert checked(room, tmp_path, item)[0] == 0


def test_what_cannot_be_proven_says_why(received: Room) -> None:
    with received.database.read() as session, pytest.raises(NotFoundError):
        proof_of_frame(session, 404)
    waiting = receive(received, 1)[0][0]
    with received.database.read() as session, pytest.raises(NotSealedError):
        proof_of_frame(session, waiting)
    received.tamper("UPDATE signal SET raw = 'x' WHERE id = 2")
    with received.database.read() as session, pytest.raises(BatchAlteredError):
        proof_of_frame(session, 3)


def proven(room: Room, signal: int) -> dict[str, Any]:
    """The file of one frame's proof."""
    with room.database.read() as session:
        return proof_of_frame(session, signal).model_dump(mode="json")


def checked(room: Room, tmp_path: Path, item: dict[str, Any]) -> tuple[int, str]:
    """What the verifier, alone, says of it."""
    path = tmp_path / "preuve.json"
    path.write_text(json.dumps(item), "utf-8")
    return run(path, "--key", room.key.vkey)
