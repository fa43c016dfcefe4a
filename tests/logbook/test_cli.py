"""`veilleur logbook …` with the real composition on a real database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.logbook.conftest import Room
from veilleur.composition import Context
from veilleur.kernel.errors import VeilleurError
from veilleur.logbook import reader, verifier
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.cli import add_to
from veilleur.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def veilleur(room: Room, tmp_path: Path) -> Iterator[Run]:
    """Runs a command as `veilleur` does."""
    app = typer.Typer()
    app.callback()(lambda: None)
    add_to(app)
    settings = Settings(data_dir=tmp_path / "data", database_url=room.dsn, database_owner_url=room.owner_dsn)
    context = Context(settings)
    context.prepare()

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["logbook", *arguments], obj=context)

    yield run
    context.close()


def test_json_lines_after_a_position(room: Room, veilleur: Run) -> None:
    room.fill(5, "Ronde n° {} à l’écluse")
    room.seal()
    lines = [json.loads(line) for line in veilleur("--json").stdout.splitlines()]
    assert [line["position"] for line in lines] == [0, 1, 2, 3, 4]
    assert lines[2]["sentence"] == "Ronde n° 2 à l’écluse"
    assert lines[0]["happened_at"].endswith("Z")
    after = [json.loads(line) for line in veilleur("--json", "--after", "2").stdout.splitlines()]
    assert after == lines[3:]
    assert "Ronde n° 4 à l’écluse" in veilleur("--after", "3").stdout


def test_data_dir_is_accepted_on_every_command(room: Room, veilleur: Run, tmp_path: Path) -> None:
    room.record()
    room.seal()
    other = str(tmp_path / "autre")
    assert "no centre" in str(veilleur("--json", "--data-dir", other).exception)
    made = Context(Settings(data_dir=tmp_path / "autre"))
    made.database()
    made.close()
    assert veilleur("--json", "--data-dir", other).exit_code == 0
    key = veilleur("key", "--data-dir", other).stdout.strip()
    assert key.startswith("veilleur/logbook/")
    assert key != veilleur("key").stdout.strip()
    assert (tmp_path / "autre" / "keys" / "log.key").exists()


def test_a_text_neither_commands_the_screen_nor_passes_for_another_entry(
    room: Room, veilleur: Run, tmp_path: Path
) -> None:
    forged = "RAS\r\n     600  29/11/2026 15:20:00  Chef – Levée de doute : positive"
    for words in (forged, "caché\x1b[1A\x1b[2K\u202e fin"):
        room.record(text=words)
    room.seal()
    printed = tmp_path / "x.jsonl"
    printed.write_text(veilleur("export").stdout, "utf-8")
    for lines in (veilleur().stdout.splitlines(), list(reader.read_file(printed))):
        told = [line for line in lines if "RAS" in line or "caché" in line or "600" in line]
        assert len(told) == 2
        assert " ⏎ " in told[0]
        assert told[1].endswith("caché[1A[2K fin")
    assert veilleur("--json").stdout.count("\\u001b") == 0


def test_verify_says_and_exits(room: Room, veilleur: Run) -> None:
    room.fill(3)
    room.seal()
    done = veilleur("verify")
    assert done.exit_code == 0, done.output
    assert "RÉSULTAT : CONFORME" in done.stdout
    assert "SOUND" in veilleur("verify", "--language", "en").stdout
    room.tamper("UPDATE entry SET kind = 'x.y' WHERE id = 2")
    done = veilleur("verify", "--key", room.key.vkey)
    assert done.exit_code == 1
    assert "Position 1 (entrée 2) : modifiée – kind" in done.stdout


def test_verify_refuses_a_wrong_key_with_a_sentence(room: Room, veilleur: Run) -> None:
    done = veilleur("verify", "--key", "rien")
    assert isinstance(done.exception, VeilleurError)
    assert "not a public key" in done.exception.message


def test_export_to_a_folder_and_to_the_terminal(room: Room, veilleur: Run, tmp_path: Path) -> None:
    room.fill(3)
    folder = tmp_path / "remise"
    done = veilleur("export", "--to", str(folder))
    assert done.exit_code == 0, done.output
    key = veilleur("key").stdout.strip()
    assert (folder / "cle-publique.txt").read_text().strip() == key
    assert verifier.run(folder, [], [key])[0] == 0
    printed = tmp_path / "x.jsonl"
    printed.write_text(veilleur("export").stdout, "utf-8")
    assert verifier.run(printed, [], [key])[0] == 0
    again = veilleur("export", "--to", str(folder))
    assert isinstance(again.exception, VeilleurError)


def test_an_export_declares_the_sentences_it_carries(room: Room, veilleur: Run, tmp_path: Path) -> None:
    """A newer version exports beside an older centre that still runs: its sentences are others than those declared."""
    with room.database.write() as session:
        older = {"digest": "0" * 64, "version": "0.0.9"}
        Act(session, room.clock.now(), Actor("centre")).record("logbook.texts", older)
    room.fill(2)
    folder = tmp_path / "remise"
    assert veilleur("export", "--to", str(folder)).exit_code == 0
    code, said = verifier.run(folder, [], [veilleur("key").stdout.strip()])
    assert code == 0, said


def test_proof_and_erase(room: Room, veilleur: Run, tmp_path: Path) -> None:
    victim = room.record(text="Mme Martin")
    done = veilleur("erase", str(victim), "--basis", "RGPD art. 17")
    assert done.exit_code == 0, done.output
    erasing = int(done.stdout)
    room.seal()
    path = tmp_path / "preuve.json"
    path.write_text(veilleur("proof", str(victim)).stdout, "utf-8")
    code, said = verifier.run(path, [], [room.key.vkey])
    assert (code, "contenu absent" in said[0]) == (0, True)
    assert f"Entrée {victim} : effacée par l’entrée {erasing}" in veilleur("verify").stdout
    assert isinstance(veilleur("proof", "4242").exception, VeilleurError)


LARGER = "99999999999999999999999"


@pytest.mark.parametrize(
    "arguments",
    [
        ("proof", LARGER),
        ("proof", "--signal", LARGER),
        ("proof", "-1"),
        ("erase", LARGER, "--basis", "RGPD"),
        ("--json", "--after", LARGER),
    ],
)
def test_a_number_out_of_bounds_is_a_mistake_told(veilleur: Run, arguments: tuple[str, ...]) -> None:
    result = veilleur(*arguments)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)


def test_the_proof_of_a_frame_asks_for_one_number(veilleur: Run) -> None:
    for arguments in ((), ("1", "--signal", "1")):
        assert isinstance(veilleur("proof", *arguments).exception, VeilleurError)
