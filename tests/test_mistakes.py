"""What the command line says of a mistake: one sentence in the terminal's language, a status, no traceback."""

from __future__ import annotations

import ast
import errno
import os
import socket
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

import veilleur
from veilleur.__main__ import main
from veilleur.kernel.doors import Doors
from veilleur.kernel.errors import InvalidError, NotFoundError, SettingsError, VeilleurError
from veilleur.locale import terminal
from veilleur.locale.terminal import mistake, mistakes, told
from veilleur.mistakes import mistake_of

SOURCE = Path(veilleur.__file__).parent
#: Where a command of the command line finds a mistake.
MODULES = (
    *("*.py", "db/**/*.py", "kernel/*.py", "logbook/cli.py", "logbook/exporting.py", "logbook/keys.py"),
    *("features/people/*.py", "features/retention/*.py", "features/patrols/planning.py"),
    *("features/sites/queries.py", "watch/cli.py", "watch/replay.py", "demo/building.py"),
    *("recorder/cli.py", "reception/role.py"),
)
#: French where it is raised, as the demonstration is; and what the catalogue words by its code.
EXEMPT = {"{} : aucun fichier .mp4 dans ce dossier (--footage).", "{}: {}"}


@pytest.fixture(autouse=True)
def _french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")


def written(node: ast.expr) -> str | None:
    """A sentence as it is written, its values as «{}»."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def raised() -> set[str]:
    """Every sentence with which a command may end."""
    python = {"ValueError", "TypeError", "OSError", "RuntimeError", "IndexError"}
    found = set()
    for path in {path for pattern in MODULES for path in SOURCE.glob(pattern)}:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            called = node.func.id
            says = called == "told" or (called.endswith("Error") and called not in python)
            sentence = written(node.args[0]) if says else None
            if sentence and " " in sentence:
                found.add(sentence)
    return found - EXEMPT


def test_no_mistake_is_without_its_french() -> None:
    assert len(raised()) > 80
    filled = {sentence.replace("{}", "7") for sentence in raised()}
    assert {sentence for sentence in filled if told(sentence) == sentence} == set()


def test_every_french_sentence_has_the_values_of_the_english_one() -> None:
    for english, french in mistakes().items():
        values = english.count("{}")
        places = terminal.PLACE.findall(french)
        assert all(not place or int(place) <= values for place in places), english
        assert any(places) or len(places) <= values, english


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (
            SettingsError(
                "The setting «http» is wrong: Value error, «x» is not HOST:PORT, for instance 127.0.0.1:8600."
            ),
            "Le réglage «http» est faux : «x» n’est pas HÔTE:PORT, par exemple 127.0.0.1:8600.",
        ),
        (InvalidError("Say why.", field="reason"), "Dites pourquoi."),
        (
            NotFoundError("No post is called «P {1}»: see `veilleur post list`."),
            "Aucun poste ne s’appelle «P {1}» : voyez «veilleur post list».",
        ),
    ],
)
def test_a_sentence_in_french(error: VeilleurError, says: str) -> None:
    assert mistake(error) == says


def test_an_english_terminal_keeps_its_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert mistake(InvalidError("Say why.", field="reason")) == "Say why."
    assert told("File exists") == "File exists"


@pytest.mark.parametrize(
    "code",
    [errno.EADDRINUSE, errno.EACCES, errno.ENOSPC, errno.ENOENT, errno.EROFS, errno.EISDIR, errno.EMFILE],
)
def test_what_the_machine_refuses_is_said_in_french(code: int) -> None:
    plain = mistake_of(OSError(code, os.strerror(code), "/srv/essai"))
    within = mistake(
        SettingsError(f"The token file /srv/jeton cannot be read ({OSError(code, os.strerror(code))}).")
    )
    assert plain is not None
    assert plain.sentence.startswith("/srv/essai ne peut pas servir : ")
    assert os.strerror(code) not in plain.sentence + within


def test_an_address_in_use_is_said_with_what_to_do() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        with pytest.raises(SettingsError) as refused:
            Doors().open("R1/tcp", "127.0.0.1", held.getsockname()[1])
    said = mistake(refused.value)
    assert "(cette adresse est déjà prise) : libérez le port ou choisissez-en un autre." in said


@pytest.mark.parametrize(
    ("english", "french"),
    [
        (
            (
                "The data directory /d is already in use by another Veilleur (process 7, since 02:14): "
                "stop that one, or choose another data directory."
            ),
            "est déjà utilisé par un autre Veilleur (processus 7, depuis 02:14) : arrêtez celui-là",
        ),
        (
            (
                "Line R1 cannot listen on 127.0.0.1:1 (error while attempting to bind on address ('127.0.0.1', 1): "
                "address already in use): free the port or choose another."
            ),
            "(cette adresse est déjà prise) : libérez le port",
        ),
        ("Invalid value for 'backup': dir '/x' does not exist.", "le dossier '/x' n’existe pas."),
    ],
)
def test_a_mistake_within_a_mistake(english: str, french: str) -> None:
    assert french in told(english)


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    assert mistake_of(KeyError("position")) is None


def test_a_database_that_is_away_is_no_fault_of_ours() -> None:
    why = 'connection failed: connection to server at "127.0.0.1", port 1 failed: Connection refused'
    fault = psycopg.OperationalError(f"{why}\n\tIs the server running?")
    said = mistake_of(fault)
    assert said is not None
    assert 'La base ne répond pas : personne à "127.0.0.1", port 1' in said.sentence


def test_a_hostile_value_costs_little() -> None:
    noise = "is not a date: " * 100_000
    assert told(noise) == noise
    assert told("[Errno 1] " * 300).startswith("[Errno 1]")


@pytest.mark.parametrize(
    ("words", "settings", "status", "says"),
    [
        (["frob"], "", 2, "La commande 'frob' n’existe pas."),
        (["post", "add"], "", 2, "Il manque l’argument 'NAME'."),
        (["user", "add", "a", "--nope"], "", 2, "L’option --nope n’existe pas."),
        (["signals", "--after", "deux"], "", 2, "un nombre entier est attendu"),
        (["incidents"], "http = [", 1, "veilleur.toml n’est pas un fichier de réglages"),
        (
            ["incidents"],
            "# été",
            1,
            "veilleur.toml n’est pas un fichier de réglages : le texte n’est pas en UTF-8",
        ),
        (["incidents"], "rien = 1", 1, "Le réglage «rien» est faux : ce réglage n’existe pas."),
        (["up", "--http", "ici"], "", 1, "«ici» n’est pas HÔTE:PORT"),
    ],
)
def test_a_command_ends_with_one_sentence(
    words: list[str], settings: str, status: int, says: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    (tmp_path / "veilleur.toml").write_text(settings, "latin-1")
    monkeypatch.setenv("VEILLEUR_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["veilleur", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == status
    assert says in said
    assert "Traceback" not in said


def test_a_data_directory_that_is_a_file(tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    (tmp_path / "fichier").write_text("")
    monkeypatch.setattr(sys, "argv", ["veilleur", "--data-dir", str(tmp_path / "fichier"), "incidents"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    assert "ne peut pas être préparé" in capsys.readouterr().err
