"""`veilleur replay`, as a person types it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.watch.watch_stage import cid
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.watch.cli import add_to


@dataclass
class Context:
    """What the command line gives a command, over the test's database."""

    held: Any

    def at(self, data_dir: Path | None) -> Context:
        return self

    existing = at

    def database(self) -> Any:
        return self.held


@pytest.fixture
def run(station: Any) -> Any:
    app = typer.Typer()
    app.callback()(lambda: None)
    add_to(app)
    return lambda *args: CliRunner().invoke(app, ["replay", *args], obj=Context(station.database))


def test_rejouer_un_site_une_ligne_par_evenement(station: Any, run: Any) -> None:
    station.receive(cid("1130"))
    station.receive(cid("3130"))
    result = run("--site", "S-0001")
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["code"] for line in lines] == ["130", "130"]
    assert [d["decision"] for d in lines[0]["decisions"]] == ["ZoneState", "Open"]


def test_fautes_de_l_usager(run: Any) -> None:
    assert isinstance(run("--site", "S-9999").exception, NotFoundError)
    assert isinstance(run().exception, InvalidError)
    assert isinstance(run("--site", "S-0001", "--signal", "1").exception, InvalidError)
