"""The logbook is written once: refused to the application by its rights, to the owner by triggers. Erasure is the
one exception, through one function, with its entry."""

from __future__ import annotations

import json

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from tests.logbook.conftest import Room
from veilleur.db.engine import WriteSession
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.commands import (
    BasisError,
    ErasedError,
    EraseRefusedError,
    NoSuchEntryError,
    erase,
)

TABLES = ("entry", "entry_payload", "entry_position", "merkle_node", "checkpoint", "checkpoint_sent")
CHANGES = {
    "entry": "UPDATE entry SET kind = 'x.y'",
    "entry_payload": "UPDATE entry_payload SET search = ''",
    "entry_position": "UPDATE entry_position SET sealed_at = now()",
    "merkle_node": "UPDATE merkle_node SET hash = ''",
    "checkpoint": "UPDATE checkpoint SET note = ''",
    "checkpoint_sent": "UPDATE checkpoint_sent SET place = ''",
}


@pytest.fixture
def full(room: Room) -> Room:
    """Every table of the logbook has a row."""
    room.fill(4)
    room.seal()
    with psycopg.connect(room.dsn) as connection:
        connection.execute("INSERT INTO checkpoint_sent (size, place, sent_at) VALUES (4, 'ici', now())")
    return room


def actor_of(room: Room, session) -> Act:
    return Act(session, room.clock.now(), Actor("cli", name="dpo"))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
def test_the_application_has_no_right_to_change_what_is_written(full: Room, table: str, verb: str) -> None:
    statement = {
        "UPDATE": CHANGES[table],
        "DELETE": f"DELETE FROM {table}",
        "TRUNCATE": f"TRUNCATE {table} CASCADE",
    }
    with psycopg.connect(full.dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement[verb])


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
def test_the_owner_is_refused_by_triggers(full: Room, table: str, verb: str) -> None:
    statement = {
        "UPDATE": CHANGES[table],
        "DELETE": f"DELETE FROM {table}",
        "TRUNCATE": f"TRUNCATE {table} CASCADE",
    }
    with (
        psycopg.connect(full.owner_dsn) as connection,
        pytest.raises(psycopg.IntegrityError, match="written once"),
    ):
        connection.execute(statement[verb])


def test_the_application_owns_nothing_and_cannot_take_triggers_away(full: Room) -> None:
    for statement in (
        "ALTER TABLE entry DISABLE TRIGGER USER",
        "DROP TRIGGER write_once ON entry",
        "CREATE OR REPLACE FUNCTION veilleur_write_once() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
    ):
        with psycopg.connect(full.dsn) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_erasing_removes_the_text_and_nothing_else(room: Room) -> None:
    victim = room.record(text="Mme Martin, 3 rue du Test, a perdu ses clés")
    kept = room.record(text="autre")
    with room.database.write() as session:
        erasing = erase(actor_of(room, session), victim, "RGPD art. 17, demande du 12 mai")
    assert room.rows("SELECT payload_of FROM entry_payload ORDER BY 1") == [(kept,), (erasing,)]
    assert len(room.rows("SELECT 1 FROM entry")) == 3
    row = room.rows("SELECT kind, corrects_id, leaf FROM entry WHERE id = %s", erasing)[0]
    assert row[:2] == ("entry.erased", victim)
    assert json.loads(bytes(row[2]))["corrects"] == victim
    body = room.rows("SELECT body FROM entry_payload WHERE payload_of = %s", erasing)[0][0]
    assert json.loads(bytes(body))["params"] == {
        "entry": victim,
        "legal_basis": "RGPD art. 17, demande du 12 mai",
    }


def test_an_erasure_asks_for_its_basis_and_happens_once(room: Room) -> None:
    victim = room.record(text="secret")
    for basis in ("", "  ", "x" * 501):
        with room.database.write() as session, pytest.raises(BasisError):
            erase(actor_of(room, session), victim, basis)
    with room.database.write() as session, pytest.raises(NoSuchEntryError):
        erase(actor_of(room, session), 4_242, "RGPD")
    with room.database.write() as session:
        erasing = erase(actor_of(room, session), victim, "RGPD art. 17")
    with room.database.write() as session, pytest.raises(ErasedError):
        erase(actor_of(room, session), victim, "RGPD art. 17")
    with room.database.write() as session, pytest.raises(EraseRefusedError):
        erase(actor_of(room, session), erasing, "RGPD art. 17")


def test_what_proves_others_is_never_erased(room: Room) -> None:
    """Without the text of its entry, a batch of frames could be forged unseen; it holds nothing personal."""
    for kind in ("signals.received", "retention.signals", "logbook.key", "logbook.texts", "video.rooted"):
        with room.database.write() as session:
            proof = actor_of(room, session).record(kind, {"root": "00"})
        with room.database.write() as session, pytest.raises(EraseRefusedError):
            erase(actor_of(room, session), proof, "RGPD art. 17")

        def directly(session: WriteSession, proof: int = proof) -> None:
            actor_of(room, session).record("entry.erased", {"entry": proof}, corrects=proof)
            session.execute(text("SELECT veilleur_erase(:erased)"), {"erased": proof})

        assert "one that proves others" in fails(room, directly)


def fails(room: Room, change) -> str:
    try:
        with room.database.write() as session:
            change(session)
    except DatabaseError as error:
        return str(error.orig)
    return ""


def test_the_function_refuses_to_erase_without_its_entry_in_the_same_transaction(room: Room) -> None:
    victim, other = room.record(text="secret"), room.record(text="autre")
    call = text("SELECT veilleur_erase(:erased)")
    assert "not erased by an entry" in fails(room, lambda s: s.execute(call, {"erased": victim}))
    earlier = {"kind": "entry.erased", "params": {"entry": victim}, "corrects": victim}
    with room.database.write() as session:
        actor_of(room, session).record(earlier["kind"], earlier["params"], corrects=victim)
    assert "not erased by an entry" in fails(room, lambda s: s.execute(call, {"erased": victim}))

    def for_another(session) -> None:
        actor_of(room, session).record("entry.erased", {"entry": other}, corrects=other)
        session.execute(call, {"erased": victim})

    assert "not erased by an entry" in fails(room, for_another)

    def of_another_kind(session) -> None:
        actor_of(room, session).record("entry.corrected", {"entry": victim}, corrects=victim)
        session.execute(call, {"erased": victim})

    assert "not erased by an entry" in fails(room, of_another_kind)

    def with_a_leaf_that_says_something_else(session) -> None:
        session.execute(
            text(
                "INSERT INTO entry (id, kind, version, happened_at, entered_at, actor_kind, corrects_id, touched, leaf) "
                "VALUES (nextval('entry_id_seq'), 'entry.erased', 1, now(), now(), 'cli', :erased, '{}', "
                'convert_to(\'{"kind": "log.entry", "corrects": null}\', \'UTF8\'))'
            ),
            {"erased": victim},
        )
        session.execute(call, {"erased": victim})

    assert "not erased by an entry" in fails(room, with_a_leaf_that_says_something_else)
    assert len(room.rows("SELECT 1 FROM entry_payload WHERE payload_of = %s", victim)) == 1


def test_the_erasing_act_rolled_back_brings_the_text_back(room: Room) -> None:
    victim = room.record(text="secret")

    def change(session) -> None:
        erase(actor_of(room, session), victim, "RGPD art. 17")
        session.execute(text("SELECT 1 / 0"))

    assert "division" in fails(room, change)
    assert len(room.rows("SELECT 1 FROM entry_payload WHERE payload_of = %s", victim)) == 1
