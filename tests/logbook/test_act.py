"""Law 1: nothing traced changes without an entry of the same transaction, and the database refuses it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DatabaseError

from tests.logbook.conftest import Room
from veilleur.features.people.tables import Post
from veilleur.logbook.act import Act, Actor, Subject
from veilleur.logbook.building import build_entry, canonical, fold

NOW = datetime(2026, 11, 23, 2, 14, 7, 123456, tzinfo=UTC)
POST = {"kind": "both", "holder_id": None, "motif": None}


def act_of(room: Room, session) -> Act:
    return Act(session, room.clock.now(), Actor("user", 1, "Anna Durand"))


def make_post(room: Room, name: str = "Poste 1") -> int:
    with room.database.write() as session:
        entry = act_of(room, session).record("post.created", {"post": name})
        session.execute(insert(Post).values(name=name, entry_id=entry, **POST))
    return entry


def refused(room: Room, change) -> str:
    """What the database answers when a transaction commits this change; «» when it accepts."""
    try:
        with room.database.write() as session:
            change(session)
    except DatabaseError as error:
        return str(error.orig)
    return ""


def test_a_change_with_its_entry_is_accepted(room: Room) -> None:
    make_post(room)

    def change(session) -> None:
        entry = act_of(room, session).record("post.renamed")
        session.execute(update(Post).values(name="Poste 2", entry_id=entry))

    assert refused(room, change) == ""
    assert room.rows("SELECT name FROM post") == [("Poste 2",)]


@pytest.mark.parametrize(
    "change",
    [
        lambda session: session.execute(update(Post).values(name="Autre")),
        lambda session: session.execute(text("UPDATE post SET name = 'Autre'")),
        lambda session: session.execute(insert(Post).values(name="P2", entry_id=1, **POST)),
        lambda session: session.execute(
            insert(Post), [{"name": f"B{n}", "entry_id": 10_000 + n, **POST} for n in range(3)]
        ),
        lambda session: session.add(Post(name="P3", entry_id=77, kind="both")),
        lambda session: session.connection().connection.driver_connection.execute(
            "UPDATE post SET name = 'x'"
        ),
    ],
    ids=["update()", "text()", "old entry", "bulk insert", "ORM", "driver"],
)
def test_a_change_without_an_entry_of_its_transaction_is_refused(room: Room, change) -> None:
    make_post(room)
    assert "law 1: post changed without a logbook entry" in refused(room, change)
    assert room.rows("SELECT name FROM post") == [("Poste 1",)]


def test_the_entry_of_another_transaction_does_not_count(room: Room) -> None:
    entry = make_post(room)
    other = room.record()

    def change(session, with_entry: int) -> None:
        session.execute(update(Post).values(name="Autre", entry_id=with_entry))

    for each in (entry, other):
        assert "law 1" in refused(room, lambda session, each=each: change(session, each))


def test_an_entry_rolled_back_to_a_savepoint_does_not_count(room: Room) -> None:
    make_post(room)

    def change(session) -> None:
        with session.begin_nested() as point:
            entry = act_of(room, session).record("post.renamed")
            point.rollback()
        session.execute(update(Post).values(name="Autre", entry_id=entry))

    assert "law 1" in refused(room, change)


def test_a_traced_row_is_never_deleted_nor_its_table_emptied(room: Room) -> None:
    make_post(room)
    assert "never deleted" in refused(room, lambda session: session.execute(text("DELETE FROM post")))
    with (
        psycopg.connect(room.owner_dsn) as owner,
        pytest.raises(psycopg.IntegrityError, match="never deleted"),
    ):
        owner.execute("TRUNCATE post CASCADE")


def test_an_entry_cannot_claim_another_transaction(room: Room) -> None:
    """Nobody writes today the entry that tomorrow's change will need."""
    room.record()

    def forge(session) -> None:
        session.execute(
            text(
                "INSERT INTO entry (id, txid, kind, version, happened_at, entered_at, actor_kind, touched, leaf) "
                "VALUES (nextval('entry_id_seq'), (pg_current_xact_id()::text::bigint + 5)::text::xid8, "
                "'x.y', 1, now(), now(), 'cli', '{}', '')"
            )
        )

    assert "claims another transaction" in refused(room, forge)


def test_a_temporary_table_does_not_answer_for_the_logbook(room: Room) -> None:
    make_post(room)

    def fool(session) -> None:
        session.execute(text("CREATE TEMP TABLE entry (id bigint, txid xid8)"))
        session.execute(text("INSERT INTO pg_temp.entry VALUES (4242, pg_current_xact_id())"))
        session.execute(text("UPDATE post SET name = 'Autre', entry_id = 4242"))

    assert refused(room, fool)
    assert room.rows("SELECT name FROM post") == [("Poste 1",)]


def test_every_traced_table_carries_the_law(room: Room) -> None:
    traced = room.rows(
        "SELECT table_name FROM information_schema.columns WHERE column_name = 'entry_id' AND table_schema = 'public' "
        "AND is_nullable = 'NO'"
    )
    lawful = {
        row[0] for row in room.rows("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'law_one'")
    }
    own = {"entry_unsealed", "entry_position", "intake_batch"}
    assert {row[0] for row in traced} - own == lawful
    assert len(lawful) > 20


def test_what_an_act_records(room: Room) -> None:
    late = room.clock.now() - timedelta(minutes=9)
    with room.database.write() as session:
        act = Act(session, room.clock.now(), Actor("user", 7, "Anna Durand", post_id=3))
        subject = Subject(organisation="centre", customer_id=5, commune="99001")
        entry = act.record(
            "log.entry", {"text": "Écluse"}, subject=subject, touched={"post": [3]}, happened_at=late
        )
        assert act.entries == [entry]
    row = room.rows(
        "SELECT kind, happened_at, entered_at, actor_id, post_id, customer_id, commune, touched, leaf, salt, body, search "
        "FROM entry JOIN entry_payload ON payload_of = id"
    )[0]
    assert row[:8] == ("log.entry", late, room.clock.now(), 7, 3, 5, "99001", {"post": [3]})
    leaf, salt, body = (bytes(value) for value in row[8:11])
    assert json.loads(body) == {"params": {"text": "Écluse"}, "actor_name": "Anna Durand"}
    assert json.loads(leaf)["commitment"] == hashlib.sha256(salt + body).hexdigest()
    assert b"cluse" not in leaf
    assert b"Anna" not in leaf
    assert row[11] == "ecluse"


def test_the_leaf_is_stable(monkeypatch: pytest.MonkeyPatch) -> None:
    """These bytes are what the proofs of existing logbooks stand on: they never change for version 1."""
    monkeypatch.setattr("secrets.token_bytes", bytes)
    built = build_entry(
        12,
        "log.entry",
        {"text": "Écluse «nord»", "n": 1},
        now=NOW,
        actor=Actor("user", 7, "Anna", 3),
        subject=Subject(1, 2, "centre", 5, "99001"),
        happened_at=NOW - timedelta(seconds=1),
        corrects=4,
    )
    assert built.body == '{"actor_name":"Anna","params":{"n":1,"text":"Écluse «nord»"}}'.encode()
    assert built.leaf == (
        b'{"actor":{"id":7,"kind":"user","post":3},"commitment":"'
        + hashlib.sha256(bytes(32) + built.body).hexdigest().encode()
        + b'","commune":"99001","corrects":4,"customer":5,"entered_at":"2026-11-23T02:14:07.123456Z",'
        b'"happened_at":"2026-11-23T02:14:06.123456Z","id":12,"incident":2,"kind":"log.entry",'
        b'"organisation":"centre","site":1,"v":1,"version":1}'
    )


def test_canonical_json() -> None:
    assert canonical({"b": [1, True, None], "a": "é"}) == '{"a":"é","b":[1,true,null]}'.encode()
    assert canonical({1: b"\x01\xff"}) == b'{"1":"01ff"}'
    with pytest.raises(TypeError, match="not JSON"):
        canonical(object())


def test_a_time_of_another_zone_is_sealed_in_utc() -> None:
    paris = NOW.astimezone(timezone(timedelta(hours=1)))
    assert canonical(paris) == canonical(NOW)
    with pytest.raises(TypeError, match="zone"):
        canonical(NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("given", "folded"),
    [
        ("Écluse", "ecluse"),
        ("ŒUVRE", "oeuvre"),
        ("Ça gèle à Nîmes", "ca gele a nimes"),
        ("Straße", "strasse"),
    ],
)
def test_fold(given: str, folded: str) -> None:
    assert fold(given) == folded
