"""verifier.py, alone, against every tampering of an export."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.logbook.conftest import Room
from veilleur.logbook import verifier
from veilleur.logbook.exporting import export_folder, export_lines, sign_what_waits
from veilleur.logbook.keys import LogKey, open_log_key
from veilleur.logbook.merkle import leaf_hash
from veilleur.logbook.notes import write_note

VERIFIER = Path(verifier.__file__)
Lines = list[dict[str, Any]]


def run(path: Path, *options: str | Path) -> tuple[int, str]:
    """The verifier as an expert runs it: alone, isolated from everything of ours."""
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), str(path), *map(str, options)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1"},
    )
    return done.returncode, done.stdout + done.stderr


#: The result of what is sound by the key that it brings itself.
RESERVED = "RÉSULTAT : CONFORME À LA SEULE CLÉ DU FICHIER, qui peut être fausse"


def fingerprint(key: LogKey) -> str:
    """SHA-256 of a public key, as an expert computes it from the verifier key."""
    return hashlib.sha256(base64.b64decode(key.vkey.split("+", 2)[2])[1:]).hexdigest()


def exported(room: Room) -> Lines:
    return [json.loads(line) for line in export_lines(room.dsn, room.clock)]


def written(path: Path, lines: Lines) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def entries(lines: Lines) -> Lines:
    return [line for line in lines if line["type"] == "entry"]


def rehash(line: dict[str, Any]) -> None:
    """What a careful forger does after changing a leaf."""
    line["hash"] = leaf_hash(line["leaf"].encode()).hex()


def test_what_is_no_extract_is_said_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "vide.jsonl").write_text("")
    for name, said in (
        ("vide.jsonl", "ce n'est pas une extraction de Veilleur"),
        ("absent", "ne peut pas être lu"),
    ):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("sys.argv", ["verifier.py", str(tmp_path / name)])
            assert verifier.main() == 2
        assert said in capsys.readouterr().out


def test_the_verifier_is_one_short_file_that_needs_nothing_of_ours() -> None:
    source = VERIFIER.read_text("utf-8")
    assert source.count("\n") < 300
    assert "veilleur." not in source.replace("veilleur.logbook", "")
    modules = {
        line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))
    }
    assert modules - set(sys.stdlib_module_names) == {"cryptography"}


def test_a_true_export_passes(kept: Room, tmp_path: Path) -> None:
    path = written(tmp_path / "x.jsonl", exported(kept))
    code, said = run(path, "--key", kept.key.vkey, "--checkpoint", tmp_path / "dehors.txt")
    assert code == 0, said
    assert said.rstrip().endswith("RÉSULTAT : CONFORME")
    assert "donnée à part" in said
    assert "14 entrées" in said
    assert "effacée par l'entrée 14" in said
    assert "dehors.txt, 10 entrées" in said
    assert "Rien d'extérieur ne garantit la suite, depuis 10 (" in said


def test_without_a_key_or_a_checkpoint_from_outside_it_says_what_that_is_worth(
    kept: Room, tmp_path: Path
) -> None:
    code, said = run(written(tmp_path / "x.jsonl", exported(kept)))
    assert code == 0
    assert "prise dans le fichier même : ne prouve que la cohérence" in said
    assert fingerprint(kept.key) in said
    assert said.rstrip().endswith(RESERVED)
    assert "Dernière empreinte extérieure conforme : aucune" in said
    assert "Rien d'extérieur ne garantit la suite, depuis 0 (" in said


def change_leaf(lines: Lines) -> None:
    line = entries(lines)[3]
    line["leaf"] = line["leaf"].replace('"site":null', '"site":1')


def change_leaf_and_hash(lines: Lines) -> None:
    change_leaf(lines)
    rehash(entries(lines)[3])


def change_payload(lines: Lines) -> None:
    line = entries(lines)[5]
    line["payload"] = line["payload"].replace("Ronde", "Sieste")


def change_salt(lines: Lines) -> None:
    line = entries(lines)[5]
    line["salt"] = line["salt"][:-1] + ("0" if line["salt"][-1] != "0" else "1")


def change_payload_and_commitment(lines: Lines) -> None:
    line = entries(lines)[5]
    line["payload"] = line["payload"].replace("Ronde", "Sieste")
    sealed = json.loads(line["leaf"])
    sealed["commitment"] = hashlib.sha256(bytes.fromhex(line["salt"]) + line["payload"].encode()).hexdigest()
    line["leaf"] = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    rehash(line)


def swap(lines: Lines) -> None:
    a, b = (n for n, line in enumerate(lines) if line["type"] == "entry" and line["position"] in (2, 3))
    lines[a], lines[b] = lines[b], lines[a]


def swap_and_renumber(lines: Lines) -> None:
    swap(lines)
    for number, line in enumerate(entries(lines)):
        line["position"] = number


def remove_one(lines: Lines) -> None:
    lines.remove(entries(lines)[4])


def remove_one_and_renumber(lines: Lines) -> None:
    remove_one(lines)
    for number, line in enumerate(entries(lines)):
        line["position"] = number
    lines[0]["size"] = lines[-1]["size"] = 13


def repeat_one(lines: Lines) -> None:
    lines.insert(lines.index(entries(lines)[4]), dict(entries(lines)[4]))


def cut(lines: Lines) -> None:
    del lines[lines.index(entries(lines)[9]) :]


def cut_and_close(lines: Lines) -> None:
    """The tail is gone, and the announcement with it: not even a signature covers the last lines."""
    del lines[lines.index(entries(lines)[12]) :]
    lines[0]["size"] = 12
    lines.append({"type": "end", "size": 12})


def drop_payload(lines: Lines) -> None:
    entries(lines)[3].update(payload=None, salt=None)


def bring_back_what_was_erased(lines: Lines) -> None:
    entries(lines)[6].update(payload='{"params":{"text":"autre"},"actor_name":""}', salt="00" * 32)


def change_root_of_checkpoint(lines: Lines) -> None:
    line = next(line for line in lines if line["type"] == "checkpoint")
    body = line["note"].split("\n")
    body[2] = "A" * 43 + "="
    line["note"] = "\n".join(body)


def change_signature(lines: Lines) -> None:
    line = next(line for line in lines if line["type"] == "checkpoint")
    head, sign = line["note"].rstrip("\n").rsplit(" ", 1)
    line["note"] = head + " " + sign[:-6] + ("AAAA" if sign[-6:-2] != "AAAA" else "BBBB") + sign[-2:] + "\n"


def drop_checkpoints(lines: Lines) -> None:
    lines[:] = [line for line in lines if line["type"] != "checkpoint"]


def change_a_sentence(lines: Lines) -> None:
    lines[1]["entries"]["log.entry"] = "Tout va bien : {text}"


def say_sentences_twice(lines: Lines) -> None:
    """A reader might take the forged ones, whose digest nobody looks at."""
    forged = json.loads(json.dumps(lines[1]))
    forged["entries"]["log.entry"] = "Tout va bien : {text}"
    lines.insert(1, forged)


def say_forged_sentences_first(lines: Lines) -> None:
    lines.insert(1, {"type": "texts", "entries": {"log.entry": "Tout va bien"}, "vocabulary": {}})


TAMPERINGS: list[tuple[Callable[[Lines], None], str]] = [
    (change_leaf, "la feuille scellée est modifiée"),
    (change_leaf_and_hash, "altération au-delà des 0 premières"),
    (change_payload, "n'est pas celui qui a été scellé"),
    (change_salt, "n'est pas celui qui a été scellé"),
    (change_payload_and_commitment, "altération au-delà des 0 premières"),
    (swap, "ligne retirée, ajoutée ou déplacée"),
    (swap_and_renumber, "altération au-delà"),
    (remove_one, "ligne retirée, ajoutée ou déplacée"),
    (remove_one_and_renumber, "altération au-delà"),
    (repeat_one, "ligne retirée, ajoutée ou déplacée"),
    (cut, "extraction tronquée"),
    (cut_and_close, "aucune signature juste ne couvre"),
    (drop_payload, "contenu manquant"),
    (bring_back_what_was_erased, "dont le contenu est là"),
    (change_root_of_checkpoint, "la signature est fausse"),
    (change_signature, "la signature est fausse"),
    (drop_checkpoints, "aucune signature juste ne couvre"),
    (change_a_sentence, "les phrases jointes ne sont pas celles"),
    (say_sentences_twice, "ligne inattendue : texts"),
    (say_forged_sentences_first, "les phrases jointes ne sont pas celles"),
]


@pytest.mark.parametrize(("tampering", "said"), TAMPERINGS, ids=[each.__name__ for each, _ in TAMPERINGS])
def test_every_tampering_of_an_export_is_seen(kept: Room, tmp_path: Path, tampering, said: str) -> None:
    lines = exported(kept)
    tampering(lines)
    code, told = run(written(tmp_path / "x.jsonl", lines), "--key", kept.key.vkey)
    assert code == 1, told
    assert said in told
    assert "RÉSULTAT : NON CONFORME" in told


def test_a_file_neither_commands_the_screen_nor_adds_a_result(kept: Room, tmp_path: Path) -> None:
    lines = exported(kept)
    lines.insert(2, {"type": "\x1b[2J\nRÉSULTAT : CONFORME\u202e"})
    path = written(tmp_path / "x.jsonl", lines)
    code, told = run(path, "--key", kept.key.vkey)
    assert code == 1
    assert [each for each in told.splitlines() if each.startswith("RÉSULTAT")] == ["RÉSULTAT : NON CONFORME"]
    assert all(each.isprintable() for each in told.split("\n"))


def test_every_byte_of_every_entry_counts(kept: Room, tmp_path: Path) -> None:
    """One byte after the other of a leaf and of a payload; run in this process, for speed."""
    lines = exported(kept)
    victim = entries(lines)[5]
    for what in ("leaf", "payload"):
        whole = victim[what]
        for place in range(len(whole)):
            victim[what] = whole[:place] + ("x" if whole[place] != "x" else "y") + whole[place + 1 :]
            code, told = verifier.run(written(tmp_path / "x.jsonl", lines), [], [kept.key.vkey])
            assert code == 1, (what, place, told)
        victim[what] = whole
    assert verifier.run(written(tmp_path / "x.jsonl", lines), [], [kept.key.vkey])[0] == 0


def test_a_logbook_written_anew_under_another_key_is_seen(kept: Room, tmp_path: Path) -> None:
    """Everything is consistent: only the key known from elsewhere, or a checkpoint kept outside, tells."""
    other = open_log_key(tmp_path / "other.key")
    forged = exported(kept)
    change_payload_and_commitment(forged)
    tree, lines = verifier.Tree(), []
    for line in forged:
        if line["type"] == "entry":
            tree.append(bytes.fromhex(line["hash"]))
        if line["type"] == "checkpoint":
            line["note"] = write_note(other, tree.size, tree.root(), kept.clock.now())
        lines.append(line)
    lines[0]["keys"] = [other.vkey]
    path = written(tmp_path / "x.jsonl", lines)
    code, told = run(path)
    assert (code, told.rstrip().endswith(RESERVED)) == (0, True)  # consistent, and worth no more than that
    assert fingerprint(other) in told
    code, told = run(path, "--key", kept.key.vkey)
    assert code == 1
    assert "elle n'est signée par aucune des clés connues" in told
    code, told = run(path, "--checkpoint", tmp_path / "dehors.txt")
    assert code == 1
    assert "dehors.txt" in told


def test_a_logbook_written_anew_under_the_same_key_is_seen_from_outside(kept: Room, tmp_path: Path) -> None:
    forged = exported(kept)
    change_payload_and_commitment(forged)
    tree = verifier.Tree()
    for line in forged:
        if line["type"] == "entry":
            tree.append(bytes.fromhex(line["hash"]))
        if line["type"] == "checkpoint":
            line["note"] = write_note(kept.key, tree.size, tree.root(), kept.clock.now())
    path = written(tmp_path / "x.jsonl", forged)
    assert run(path, "--key", kept.key.vkey)[0] == 0
    code, told = run(path, "--key", kept.key.vkey, "--checkpoint", tmp_path / "dehors.txt")
    assert code == 1
    assert "dehors.txt atteste 10 entrées, qui ne sont pas celles-ci" in told


def test_a_tail_cut_before_an_outside_checkpoint_is_seen(kept: Room, tmp_path: Path) -> None:
    lines = exported(kept)
    del lines[lines.index(entries(lines)[6]) :]
    lines[0]["size"] = 6
    lines.append({"type": "end", "size": 6})
    path = written(tmp_path / "x.jsonl", lines)
    assert run(path, "--key", kept.key.vkey)[0] == 0
    code, told = run(path, "--key", kept.key.vkey, "--checkpoint", tmp_path / "dehors.txt")
    assert code == 1
    assert "dehors.txt atteste 10 entrées, l'extraction n'en a que 6" in told


@pytest.mark.parametrize("garbage", ["", "{", "[]", '{"type":"autre"}', "\x00\x01", '{"type":"logbook"}'])
def test_what_is_not_an_export_is_refused_without_a_traceback(tmp_path: Path, garbage: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(garbage, "utf-8")
    code, told = run(path)
    assert code in (1, 2)
    assert "Traceback" not in told
    assert run(tmp_path / "absent")[0] == 2


def test_a_garbled_line_is_a_fault_not_a_crash(kept: Room, tmp_path: Path) -> None:
    path = written(tmp_path / "x.jsonl", exported(kept))
    text = path.read_text("utf-8").splitlines()
    text[7] = text[7][:40]
    path.write_text("\n".join(text), "utf-8")
    code, told = run(path, "--key", kept.key.vkey)
    assert code == 1
    assert "ligne illisible après" in told


def test_the_exported_folder_verifies_and_reads_itself(kept: Room, tmp_path: Path) -> None:
    folder = tmp_path / "remise"
    export_folder(kept.dsn, kept.clock, folder)
    names = {path.name for path in folder.iterdir()}
    assert names == {"main-courante.jsonl", "cle-publique.txt", "verifier.py", "reader.py", "LISEZ-MOI.txt"}
    for arguments in (
        ["verifier.py", ".", "--key", "cle-publique.txt"],
        ["reader.py", "main-courante.jsonl"],
    ):
        done = subprocess.run(
            [sys.executable, "-I", *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={"PYTHONIOENCODING": "utf-8"},
        )
    assert "Ronde n° 2 à l’écluse" in done.stdout
    assert "(contenu effacé ou manquant)" in done.stdout
    assert "effacé par dpo – base légale : RGPD art. 17" in done.stdout


def test_an_export_seals_and_signs_what_waits_when_nobody_else_does(room: Room) -> None:
    room.fill(3)
    sign_what_waits(room.dsn, room.clock, room.key)
    lines = exported(room)
    assert len(entries(lines)) == 3
    assert [line["type"] for line in lines[-2:]] == ["checkpoint", "end"]
