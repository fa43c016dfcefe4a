"""verifier.py, alone, against the proof of one entry: changed, forged under another key, held against a checkpoint."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from tests.logbook.conftest import Room
from tests.logbook.test_verifier_alone import RESERVED, fingerprint, run, written
from veilleur.logbook.keys import LogKey, open_log_key
from veilleur.logbook.merkle import leaf_hash
from veilleur.logbook.notes import write_note
from veilleur.logbook.queries import proof_of


def test_the_proof_of_one_entry_stands_alone(kept: Room, tmp_path: Path) -> None:
    item = proof(kept, 5)
    path = tmp_path / "preuve.json"
    path.write_text(json.dumps(item), "utf-8")
    code, told = run(path, "--key", kept.key.vkey)
    assert (code, "Entrée 5, position 4 sur 14 : contenu conforme" in told) == (0, True)
    for name, value in (
        ("payload", item["payload"].replace("Ronde", "Sieste")),
        ("leaf", item["leaf"].replace('"id":5', '"id":6')),
        ("position", 3),
        ("position", 4 + 16),  # the same bits as far as the path goes
        ("position", 4 - 16),
        ("position", 4 + 2**40),
        ("path", item["path"][:-1]),
        ("path", [*item["path"], item["root"]]),
        ("checkpoint", item["checkpoint"].replace("\n14\n", "\n15\n")),
    ):
        path.write_text(json.dumps(item | {name: value}), "utf-8")
        code, told = run(path, "--key", kept.key.vkey)
        assert code == 1, name
        assert "NON CONFORME" in told


def proof(room: Room, entry: int) -> dict[str, Any]:
    """The file of one entry's proof."""
    with room.database.read() as session:
        return proof_of(session, entry).model_dump(mode="json")


def forged_proof(room: Room, key: LogKey) -> dict[str, Any]:
    """An entry that never was, alone in a logbook of its forger, who signed it with a key of his own."""
    item = proof(room, 5)
    item["payload"] = item["payload"].replace("Ronde", "Sieste")
    sealed = json.loads(item["leaf"])
    sealed["commitment"] = hashlib.sha256(bytes.fromhex(item["salt"]) + item["payload"].encode()).hexdigest()
    item["leaf"] = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    root = leaf_hash(item["leaf"].encode())
    note = write_note(key, 1, root, room.clock.now())
    return item | {
        "position": 0,
        "size": 1,
        "path": [],
        "checkpoint": note,
        "keys": [key.vkey],
        "key": key.vkey,
    }


def test_a_proof_forged_under_a_key_of_its_own_is_not_taken_for_the_centre_s(
    kept: Room, tmp_path: Path
) -> None:
    other = open_log_key(tmp_path / "other.key")
    path = written(tmp_path / "preuve.json", [forged_proof(kept, other)])
    code, told = run(path)
    assert (code, told.rstrip().endswith(RESERVED)) == (0, True)
    assert fingerprint(other) in told
    assert "prise dans le fichier même : ne prouve que la cohérence" in told
    code, told = run(path, "--key", kept.key.vkey)
    assert code == 1
    assert "elle n'est signée par aucune des clés connues" in told
    code, told = run(path, "--checkpoint", tmp_path / "dehors.txt")
    assert code == 1
    assert "dehors.txt : elle n'est signée par aucune des clés connues" in told


def test_a_proof_is_held_against_the_checkpoint_given_apart(kept: Room, tmp_path: Path) -> None:
    true = written(tmp_path / "preuve.json", [proof(kept, 5)])
    latest = tmp_path / "dernière.txt"
    latest.write_text(kept.rows("SELECT note FROM checkpoint WHERE size = 14")[0][0], "utf-8")
    code, told = run(true, "--checkpoint", latest)
    assert (code, told.rstrip().endswith("RÉSULTAT : CONFORME")) == (0, True), told
    assert "dernière.txt, 14 entrées" in told
    code, told = run(true, "--checkpoint", tmp_path / "dehors.txt")
    assert (code, told.rstrip().endswith(RESERVED)) == (0, True), told
    assert "dehors.txt atteste 10 entrées et non 14 : n'en dit rien" in told
    other = written(tmp_path / "autre.json", [proof(kept, 5) | forged_proof(kept, kept.key)])
    first = tmp_path / "premiere.txt"
    first.write_text(write_note(kept.key, 1, b"\0" * 32, kept.clock.now()), "utf-8")
    code, told = run(other, "--key", kept.key.vkey, "--checkpoint", first)
    assert code == 1
    assert "premiere.txt atteste 1 entrées, qui ne sont pas celles-ci" in told
    latest.write_text("rien", "utf-8")
    assert run(true, "--checkpoint", latest)[0] == 1
