"""`veilleur incidents --json`: the contract of ARCHITECTURE.md §7."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from typer.testing import CliRunner

from tests.features.incidents.conftest import Room
from veilleur.db.engine import Database
from veilleur.features.incidents import commands as c
from veilleur.features.incidents.cli import add_to

KEYS = [
    "id",
    "reference",
    "category",
    "priority",
    "state",
    "opened_at",
    "taken_at",
    "first_act_at",
    "closed_at",
    "site",
    "signals",
]


@dataclass
class Context:
    """What the command line gives to its commands, on the test's own database."""

    opened: Database

    def at(self, _: Path | None) -> Context:
        return self

    existing = at

    def database(self) -> Database:
        return self.opened


def told(room: Room, *given: str) -> list[str]:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_to(app)
    answer = CliRunner().invoke(app, ["incidents", *given], obj=Context(room.database))
    assert answer.exit_code == 0, answer.output
    return answer.output.splitlines()


def test_one_object_a_line_with_the_names_of_the_contract(room: Room) -> None:
    first, second = room.open(), room.open(priority=1)
    room.clock.advance(14)
    room.do("Ana", c.take, first)
    rows: list[dict[str, Any]] = [json.loads(line) for line in told(room, "--json")]
    assert [row["id"] for row in rows] == [first, second]
    assert sorted(rows[0]) == sorted(KEYS)
    assert (rows[0]["site"], len(rows[0]["signals"]), rows[0]["state"]) == ("S-0001", 1, "taken")
    assert (rows[0]["opened_at"], rows[0]["taken_at"]) == ("2026-11-23T02:14:07Z", "2026-11-23T02:14:21Z")
    assert rows[1]["taken_at"] is None


def test_for_a_person_a_line_a_dossier(room: Room) -> None:
    incident_id = room.open()
    (line,) = told(room)
    assert line.startswith(room.incident(incident_id).reference)
    assert "P3" in line
