"""`veilleur user` and `veilleur post`: what an administrator types at the beginning."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.features.people.conftest import Room
from veilleur.features.people import sessions
from veilleur.features.people.cli import add_to
from veilleur.features.people.queries import titles_of, user_by_login
from veilleur.kernel.errors import VeilleurError


@dataclass
class Context:
    """What the command line gives to its commands."""

    room: Room

    def at(self, data_dir: Path | None) -> Context:
        return self

    def database(self) -> Any:
        return self.room.database

    @property
    def clock(self) -> Any:
        return self.room.clock


def run(room: Room, *words: str, typed: str = "") -> Any:
    app = typer.Typer()
    add_to(app)
    runner = CliRunner(env={"COLUMNS": "200", "LC_ALL": "fr_FR.UTF-8"})
    return runner.invoke(app, words, input=typed, obj=Context(room), catch_exceptions=True)


ADD = ("user", "add", "Anna", "--name", "Anna Test", "--role", "operator", "--role", "lead")


def test_a_person_is_added_with_a_password_from_standard_input(room: Room) -> None:
    added = run(room, *ADD, "--card", "CAR-1", "--issued", "2024-01-15", typed="une longue phrase\n")
    assert added.exit_code == 0, added.output
    assert "une longue phrase" not in added.output
    assert "Anna : compte créé." in added.output
    assert sessions.authenticate(
        room.database, room.clock, login="anna", password="une longue phrase", peer="192.0.2.1"
    )
    with room.database.read() as session:
        user = user_by_login(session, "anna")
        assert user is not None
        (card,) = titles_of(session, user.id)
    assert user.roles == ["operator", "lead"]
    assert (card.number, str(card.last_day)) == ("CAR-1", "2029-01-15")
    listed = run(room, "user", "list").output
    assert "anna" in listed
    assert "CAR-1" in listed


@pytest.mark.parametrize(
    ("words", "typed", "says"),
    [
        ((*ADD,), "court\n", "12 characters"),
        (("user", "add", "x", "--name", "X", "--role", "janitor"), "une longue phrase\n", "Roles are"),
        (("user", "password", "nobody"), "une longue phrase\n", "user list"),
        (("user", "receipt", "nobody", "--number", "1", "--on", "2026-01-01"), "", "user list"),
        ((*ADD, "--card", "CAR-1"), "une longue phrase\n", "five years"),
        ((*ADD, "--language", "zz"), "une longue phrase\n", "Languages are"),
        (("post", "add", "Poste", "--kind", "wall"), "", "Kinds of post"),
    ],
)
def test_a_mistake_is_one_sentence(room: Room, words: tuple[str, ...], typed: str, says: str) -> None:
    result = run(room, *words, typed=typed)
    assert isinstance(result.exception, VeilleurError)
    assert says in result.exception.message


def test_a_date_that_is_none_is_refused_before_anything_is_written(room: Room) -> None:
    result = run(room, *ADD, "--card", "CAR-1", "--expires", "31/12/2026", typed="une longue phrase\n")
    assert result.exit_code == 2
    with room.database.read() as session:
        assert user_by_login(session, "anna") is None


def test_titles_receipts_posts_and_closing_an_account(room: Room) -> None:
    run(room, *ADD, typed="une longue phrase\n")
    assert run(room, "user", "title", "anna", "--number", "CAR-9", "--expires", "2026-11-01").exit_code == 0
    assert "expiré" in run(room, "user", "list").output
    assert run(room, "user", "receipt", "anna", "--number", "CAR-9", "--on", "2026-07-01").exit_code == 0
    assert "récépissé de renouvellement" in run(room, "user", "list").output
    assert run(room, "post", "add", "Poste 1").exit_code == 0
    assert "Poste 1" in run(room, "post", "list").output
    assert run(room, "user", "disable", "anna", "--reason", "départ").exit_code == 0
    assert "fermé" in run(room, "user", "list").output


def test_a_correction_a_status_a_perimeter_and_a_post_taken_out(room: Room) -> None:
    run(room, *ADD, "--card", "CAR-1", "--expires", "2026-11-01", typed="une longue phrase\n")
    proof = ("--proof", "carte vue", "--new-number", "CAR-10", "--expires", "2031-11-01")
    fixed = run(room, "user", "correct-title", "anna", "--number", "CAR-1", *proof)
    assert fixed.exit_code == 0, fixed.output
    with room.database.read() as session:
        user = user_by_login(session, "anna")
        assert user is not None
        (card,) = titles_of(session, user.id)
    assert (card.number, str(card.last_day)) == ("CAR-10", "2031-11-01")
    status = ("--number", "CAR-10", "--status", "suspended", "--reason", "CNAPS")
    assert run(room, "user", "title-status", "anna", *status).exit_code == 0
    assert "suspendu" in run(room, "user", "list").output
    assert run(room, "user", "perimeter", "anna").exit_code == 2
    assert run(room, "user", "perimeter", "anna", "--whole", "--commune", "99001").exit_code == 2
    missing = run(room, "user", "perimeter", "anna", "--customer", "C-404").exception
    assert isinstance(missing, VeilleurError)
    assert run(room, "user", "perimeter", "anna", "--commune", "99001").exit_code == 0
    assert "99001" in run(room, "user", "list").output
    assert run(room, "user", "perimeter", "anna", "--whole").exit_code == 0
    assert "99001" not in run(room, "user", "list").output
    assert run(room, "user", "roles", "anna", "--role", "auditor").exit_code == 0
    assert run(room, "user", "disable", "anna", "--reason", "départ").exit_code == 0
    assert run(room, "user", "enable", "anna", "--reason", "retour").exit_code == 0
    run(room, "post", "add", "Poste 1")
    assert run(room, "post", "remove", "Poste 1", "--reason", "bureau démonté").exit_code == 0
    assert "Poste 1" not in run(room, "post", "list").output
