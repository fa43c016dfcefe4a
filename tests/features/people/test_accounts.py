"""What an administrator does with accounts and posts: bounds, closing, opening again, never the last one out."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from tests.features.people.conftest import Room
from veilleur.features.people import commands, posts
from veilleur.features.people.accounts import accounts, bounds
from veilleur.features.people.queries import customers_by_reference
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.kernel.ports import Perimeter
from veilleur.locale.render import render_entry
from veilleur.logbook.act import Act


def do(room: Room, command: Any, *given: Any, **named: Any) -> Any:
    with room.database.write() as session:
        return command(room.act(session), *given, **named)


def last_words(room: Room) -> str:
    """The last entry, in French."""
    with room.database.read() as session:
        row = session.execute(
            text(
                "SELECT kind, version, convert_from(body, 'UTF8')::jsonb AS body "
                "FROM entry JOIN entry_payload ON payload_of = id ORDER BY id DESC LIMIT 1"
            )
        ).one()
    return render_entry("fr", row.kind, row.version, row.body)


def customer(room: Room, reference: str) -> None:
    with room.database.write() as session:
        entry = Act(session, room.clock.now(), room.act(session).actor).record(
            "note.written", {"text": "essai"}
        )
        session.execute(
            text(
                "INSERT INTO customer (reference, name, sort_key, kind, codes, entry_id) "
                "VALUES (:reference, :reference, :reference, 'professional', '{}', :entry)"
            ),
            {"reference": reference, "entry": entry},
        )


def test_a_perimeter_is_given_traced_and_read_at_the_next_request(room: Room) -> None:
    anna = room.user("anna")
    customer(room, "C-7")
    session_hash = room.login("anna")
    assert room.reader(session_hash).perimeter.whole
    with room.database.read() as session:
        (number,) = customers_by_reference(session, ["C-7"])
    do(room, commands.set_perimeter, anna, {"communes": ["99001", "99002"], "customers": [number]})
    assert last_words(room) == "Périmètre de Anna : communes 99001, 99002 ; abonnés C-7"
    assert room.reader(session_hash).perimeter == Perimeter(
        customers=frozenset({number}), communes=frozenset({"99001", "99002"})
    )
    with room.database.read() as session:
        (shown,) = accounts(session, room.clock.now())
        assert bounds(session).customers[0].key == "C-7"
    assert (shown.perimeter.customers, shown.perimeter.organisations) == (["C-7"], None)
    do(room, commands.set_perimeter, anna, {"communes": None})
    assert last_words(room) == "Périmètre de Anna : tout le centre"
    assert room.reader(session_hash).perimeter.whole


def test_an_unknown_customer_or_bound_is_refused(room: Room) -> None:
    anna = room.user("anna")
    with room.database.read() as session, pytest.raises(NotFoundError):
        customers_by_reference(session, ["C-404"])
    with pytest.raises(InvalidError):
        do(room, commands.set_perimeter, anna, {"town": ["x"]})


def test_the_last_administrator_stays(room: Room) -> None:
    chief = room.user("chief", "administrator", card=False)
    for leave in (
        lambda: do(room, commands.disable_user, chief, "départ"),
        lambda: do(room, commands.set_roles, chief, ["lead"]),
    ):
        with pytest.raises(commands.LastAdministratorError):
            leave()
    second = room.user("second", "administrator", "lead", card=False)
    do(room, commands.disable_user, chief, "départ")
    with pytest.raises(commands.LastAdministratorError):
        do(room, commands.set_roles, second, ["lead"])
    do(room, commands.set_roles, second, ["administrator"])


def test_a_closed_account_opens_again_with_what_it_had(room: Room) -> None:
    room.user("chief", "administrator", card=False)
    anna = room.user("anna")
    with pytest.raises(commands.AccountStateError):
        do(room, commands.enable_user, anna, "retour")
    do(room, commands.disable_user, anna, "départ")
    with pytest.raises(commands.AccountStateError):
        do(room, commands.disable_user, anna, "départ")
    do(room, commands.enable_user, anna, "retour de congé")
    assert last_words(room) == "Compte rouvert : Anna – motif : retour de congé"
    assert room.reader(room.login("anna")).activities == frozenset({"remote_monitoring"})


def test_a_post_is_renamed_and_taken_out_only_when_free(room: Room) -> None:
    room.user("anna")
    post, other = room.post("Poste 1"), room.post("Poste 2")
    with pytest.raises(posts.PostNameTakenError):
        do(room, posts.rename_post, post, "Poste 2")
    do(room, posts.rename_post, post, "Poste A")
    assert last_words(room) == "Poste renommé : Poste 1 → Poste A"
    room.take(room.login("anna"), post)
    with pytest.raises(posts.PostHeldError):
        do(room, posts.remove_post, post, "bureau démonté")
    do(room, posts.remove_post, other, "bureau démonté")
    with pytest.raises(NotFoundError):
        room.take(room.login("anna"), other)
