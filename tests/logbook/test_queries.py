"""Search in French without accents, free entries, corrections, proofs."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from tests.logbook.conftest import Room
from veilleur.kernel.ports import Perimeter
from veilleur.logbook.act import Act, Actor, Subject
from veilleur.logbook.commands import (
    MAX_TEXT,
    AgeError,
    NoSuchEntryError,
    TextError,
    correct_entry,
    erase,
    write_entry,
)
from veilleur.logbook.merkle import leaf_hash, root_from_proof
from veilleur.logbook.notes import verify_note
from veilleur.logbook.queries import PAGE, NotSealedError, Wanted, prefix_query, proof_of, search


def found(room: Room, words: str = "", perimeter: Perimeter | None = None, **wanted) -> list[int]:
    with room.database.read() as session:
        return [line.id for line in search(session, Wanted(words, **wanted), perimeter)]


def act(room: Room, session, *, user: int = 1, name: str = "Anna Durand") -> Act:
    return Act(session, room.clock.now(), Actor("user", user, name))


@pytest.fixture
def texts(room: Room) -> dict[str, int]:
    """Some lines, sealed."""
    made = {
        "lock": room.record(text="L’éclusier a fermé l’Écluse n° 4 à 2 h"),
        "work": room.record(text="Œuvre d’art déplacée, salle Zola"),
        "call": room.record("call.started", text="x"),
        "plate": room.record(text="Camion AB-123-CD devant le portail"),
        "dossier": room.record(text="Voir le dossier 2026-000117"),
        "digits": room.record(text="Rappelé au +33 6 39 98 12 34"),
    }
    room.seal()
    return made


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("ecluse", ["lock"]),
        ("ÉCLUSE", ["lock"]),
        ("écl", ["lock"]),
        ("eclus ferm", ["lock"]),
        ("l'eclusier", ["lock"]),
        ("l’éclusier", ["lock"]),
        ("oeuvre zola", ["work"]),
        ("œuvre", ["work"]),
        ("deplacee", ["work"]),
        ("ab-123-cd", ["plate"]),
        ("2026-000117", ["dossier"]),
        ("39 98 12", ["digits"]),
        ("écluse zola", []),
        ("cluse", []),
        ("n° 4", ["lock"]),
        ("", ["digits", "dossier", "plate", "call", "work", "lock"]),
        ("  ' \\ & | ! :* ( ", []),
        ("  ", ["digits", "dossier", "plate", "call", "work", "lock"]),
        ("écluse & !fermé", ["lock"]),
    ],
)
def test_search(room: Room, texts: dict[str, int], words: str, names: list[str]) -> None:
    assert found(room, words) == [texts[name] for name in names]


def test_no_typed_text_breaks_the_query(room: Room, texts: dict[str, int]) -> None:
    for words in ("'", "''", "a'b", "\\", "a\\'b", ":*", "<->", "\x01é", "%_", "a" * 200, "🔔", "´`"):
        found(room, words)
    assert prefix_query(["a", "b"]) == "'a':* & 'b':*"


def test_narrowing(room: Room) -> None:
    start = room.clock.now()
    with room.database.write() as session:
        acting = act(room, session)
        on_site = acting.record(
            "log.entry", {"text": "a"}, subject=Subject(site_id=4, customer_id=9, commune="99001")
        )
        in_dossier = acting.record("call.started", {}, subject=Subject(site_id=4, incident_id=8))
        calls = acting.record("callisto.seen", {})
    room.clock.advance(3600)
    with room.database.write() as session:
        by_bob = act(room, session, user=2, name="Bob").record("call.ended", {})
    room.seal()
    assert found(room, site_id=4) == [in_dossier, on_site]
    assert found(room, incident_id=8) == [in_dossier]
    assert found(room, person_id=2) == [by_bob]
    assert found(room, kind="call") == [by_bob, in_dossier]
    assert found(room, kind="call.ended") == [by_bob]
    assert found(room, since=start + timedelta(minutes=1)) == [by_bob]
    assert found(room, until=start + timedelta(minutes=1)) == [calls, in_dossier, on_site]
    assert found(room, perimeter=Perimeter(customers=frozenset({9}))) == [on_site]
    assert found(room, perimeter=Perimeter(communes=frozenset({"99002"}))) == []


def test_pages_follow_each_other(room: Room) -> None:
    ids = room.fill(PAGE + 30)
    room.seal()
    first = found(room)
    assert first == ids[::-1][:PAGE]
    with room.database.read() as session:
        last = search(session, Wanted())[-1].position
    assert found(room, before=last) == ids[::-1][PAGE:]


def test_what_was_just_written_is_found_before_its_seal_and_once(room: Room, texts: dict[str, int]) -> None:
    fresh = room.record(text="Camion parti du portail")
    assert found(room, "camion") == [fresh, texts["plate"]]
    assert found(room, "camion", before=2**40) == [texts["plate"]]  # a later page holds sealed lines only
    room.seal()
    assert found(room, "camion") == [fresh, texts["plate"]]


def test_what_is_erased_is_no_longer_found(room: Room) -> None:
    victim = room.record(text="Mme Martin")
    with room.database.write() as session:
        erase(act(room, session), victim, "RGPD art. 17")
    room.seal()
    assert found(room, "martin") == []
    with room.database.read() as session:
        line = search(session, Wanted())[-1]
    assert (line.id, line.params, line.actor_name) == (victim, {}, None)


def test_a_free_entry_happened_when_its_first_key_was_pressed(room: Room) -> None:
    with room.database.write() as session:
        entry = write_entry(act(room, session), "  Ronde faite \n", age_ms=90_000)
        late = write_entry(act(room, session), "Retrouvé hors ligne", age_ms=301_000)
    room.seal()
    with room.database.read() as session:
        lines = {line.id: line for line in search(session, Wanted())}
    assert lines[entry].params == {"text": "Ronde faite"}
    assert lines[entry].happened_at == room.clock.now() - timedelta(seconds=90)
    assert lines[entry].entered_at == room.clock.now()
    assert not lines[entry].late
    assert lines[late].late  # «saisie différée»


@pytest.mark.parametrize("words", ["", "  \n ", "x" * (MAX_TEXT + 1)])
def test_an_empty_or_endless_text_is_refused(room: Room, words: str) -> None:
    with room.database.write() as session, pytest.raises(TextError):
        write_entry(act(room, session), words)


@pytest.mark.parametrize("age", [-1, 72 * 3_600_000 + 1])
def test_an_age_beyond_reason_is_refused(room: Room, age: int) -> None:
    with room.database.write() as session, pytest.raises(AgeError):
        write_entry(act(room, session), "x", age_ms=age)


def test_a_correction_is_a_new_entry_that_points_to_the_old_one(room: Room) -> None:
    """Duty S7."""
    with room.database.write() as session:
        old = act(room, session).record(
            "log.entry", {"text": "3 h 20"}, subject=Subject(customer_id=5, commune="99001")
        )
    with room.database.write() as session:
        new = correct_entry(act(room, session), old, "3 h 10")
    with room.database.write() as session, pytest.raises(NoSuchEntryError):
        correct_entry(act(room, session), 4_242, "x")
    room.seal()
    with room.database.read() as session:
        first, second = search(session, Wanted())
    assert (first.id, first.corrects, first.params) == (new, old, {"entry": old, "text": "3 h 10"})
    assert (second.id, second.params) == (old, {"text": "3 h 20"})
    assert room.rows("SELECT customer_id, commune FROM entry WHERE id = %s", new) == [(5, "99001")]
    assert found(room, "3 h 10") == [new]


def test_a_proof_leads_to_the_signed_root(room: Room) -> None:
    ids = room.fill(23)
    room.seal()
    for entry in ids:
        with room.database.read() as session:
            proof = proof_of(session, entry)
        leaf = leaf_hash(proof.leaf.encode())
        assert base64.b64encode(leaf).decode() == proof.leaf_hash
        path = [base64.b64decode(step) for step in proof.path]
        root = root_from_proof(proof.position, proof.size, leaf, path)
        assert verify_note(proof.checkpoint, room.key.vkey).root == root == base64.b64decode(proof.root)


def test_no_proof_before_the_seal_nor_outside_the_perimeter(room: Room) -> None:
    entry = room.record()
    with room.database.read() as session, pytest.raises(NotSealedError):
        proof_of(session, entry)
    room.seal()
    with room.database.read() as session, pytest.raises(NoSuchEntryError):
        proof_of(session, entry, Perimeter(customers=frozenset({1})))
    with room.database.read() as session, pytest.raises(NoSuchEntryError):
        proof_of(session, 4_242)
