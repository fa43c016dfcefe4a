"""Both verifiers against every tampering: `logbook verify` in the database, verifier.py alone on an export."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.logbook.conftest import Room

from veilleur.logbook import verifier
from veilleur.logbook.act import Act, Actor
from veilleur.logbook.cli import report_lines
from veilleur.logbook.commands import erase
from veilleur.logbook.declaring import declare
from veilleur.logbook.exporting import export_folder, export_lines, sign_what_waits
from veilleur.logbook.keys import open_log_key
from veilleur.logbook.merkle import leaf_hash
from veilleur.logbook.notes import write_note
from veilleur.logbook.queries import proof_of
from veilleur.logbook.verifying import Report, verify

VERIFIER = Path(verifier.__file__)
Lines = list[dict[str, Any]]


@pytest.fixture
def kept(room: Room, tmp_path: Path) -> Room:
    """A declared logbook of 14 entries, one of them erased, signed after 6, 10 and 14; the second was sent out."""
    with room.database.write() as session:
        declare(Act(session, room.clock.now(), Actor("centre")), room.key)
    room.fill(4, "Ronde n° {} à l’écluse")
    room.seal()
    ids = room.fill(4)
    room.seal()
    (tmp_path / "dehors.txt").write_text(
        room.rows("SELECT note FROM checkpoint WHERE size = 10")[0][0], "utf-8"
    )
    room.fill(3)
    with room.database.write() as session:
        erase(Act(session, room.clock.now(), Actor("cli", name="dpo")), ids[0], "RGPD art. 17")
    room.seal()
    return room


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


# --- the stream -----------------------------------------------------------------------------------------------


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
    assert "RÉSULTAT : CONFORME" in said
    assert "14 entrées" in said
    assert "effacée par l'entrée 14" in said
    assert "dehors.txt, 10 entrées" in said
    assert "Rien d'extérieur ne garantit la suite, depuis 10 (" in said


def test_without_a_key_or_a_checkpoint_from_outside_it_says_what_that_is_worth(
    kept: Room, tmp_path: Path
) -> None:
    code, said = run(written(tmp_path / "x.jsonl", exported(kept)))
    assert code == 0
    assert "ne prouve que la cohérence" in said
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
    import hashlib

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
]


@pytest.mark.parametrize(("tampering", "said"), TAMPERINGS, ids=[each.__name__ for each, _ in TAMPERINGS])
def test_every_tampering_of_an_export_is_seen(kept: Room, tmp_path: Path, tampering, said: str) -> None:
    lines = exported(kept)
    tampering(lines)
    code, told = run(written(tmp_path / "x.jsonl", lines), "--key", kept.key.vkey)
    assert code == 1, told
    assert said in told
    assert "RÉSULTAT : NON CONFORME" in told


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
    assert run(path)[0] == 0  # consistent, and the report says that it is worth no more than that
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


def test_the_proof_of_one_entry_stands_alone(kept: Room, tmp_path: Path) -> None:
    with kept.database.read() as session:
        proof = proof_of(session, 5).model_dump(mode="json")
    item = {"type": "proof", "keys": [proof["key"]], **proof}
    path = tmp_path / "preuve.json"
    path.write_text(json.dumps(item), "utf-8")
    code, told = run(path, "--key", kept.key.vkey)
    assert (code, "Entrée 5, position 4 sur 14 : contenu conforme" in told) == (0, True)
    for name, value in (
        ("payload", proof["payload"].replace("Ronde", "Sieste")),
        ("leaf", proof["leaf"].replace('"id":5', '"id":6')),
        ("position", 3),
        ("path", proof["path"][:-1]),
        ("path", [*proof["path"], proof["root"]]),
        ("checkpoint", proof["checkpoint"].replace("\n14\n", "\n15\n")),
    ):
        path.write_text(json.dumps(item | {name: value}), "utf-8")
        code, told = run(path, "--key", kept.key.vkey)
        assert code == 1, name
        assert "NON CONFORME" in told


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


# --- the database ---------------------------------------------------------------------------------------------


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


def test_a_sound_logbook(kept: Room, tmp_path: Path) -> None:
    report = verify(kept.dsn, [tmp_path / "dehors.txt"], [kept.key.vkey])
    assert report.sound
    assert (report.size, report.checkpoints, report.signed_size) == (14, 3, 14)
    assert report.erased == {7: 14}
    assert report.vouched is not None
    assert report.vouched.checkpoint.size == 10
    assert report.unvouched_since is not None
    said = "\n".join(report_lines(report, "fr", key_given=True))
    assert "Entrée 7 : effacée par l’entrée 14" in said
    assert "rien d’extérieur ne garantit la main courante" in said
    assert "Aucune empreinte n’a encore quitté la machine" in said
    assert "RÉSULTAT : CONFORME" in said
    assert "RESULT: SOUND" in "\n".join(report_lines(report, "en", key_given=False))


def test_it_always_says_since_when_nothing_outside_vouches(kept: Room) -> None:
    report = verify(kept.dsn)
    first = kept.rows("SELECT entered_at FROM entry ORDER BY id LIMIT 1")[0][0]
    assert report.unvouched_since == first
    assert f"{first:%H:%M:%S}" in "\n".join(report_lines(report, "fr", key_given=False))


UNSEALED = """
INSERT INTO entry SELECT 4242, txid, kind, version, happened_at, entered_at, actor_kind, actor_id, post_id, site_id,
  incident_id, corrects_id, touched, leaf, organisation, customer_id, commune FROM entry WHERE id = 4"""
HIDE = "DELETE FROM entry_payload WHERE payload_of = 4"


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["UPDATE entry SET leaf = leaf || ' ' WHERE id = 4"], {"leaf_altered"}),
        (["UPDATE entry SET happened_at = happened_at - interval '1 hour' WHERE id = 4"], {"columns_altered"}),
        (["UPDATE entry SET actor_id = 9 WHERE id = 4"], {"columns_altered"}),
        (["UPDATE entry SET kind = 'x.y' WHERE id = 4"], {"columns_altered"}),
        (["UPDATE entry SET site_id = 9 WHERE id = 4"], {"columns_altered"}),
        (["UPDATE entry_payload SET body = replace(convert_from(body,'UTF8'),'Ronde','Sieste')::bytea WHERE payload_of = 9"],
         {"payload_altered"}),
        (["UPDATE entry_payload SET salt = sha256(salt) WHERE payload_of = 4"], {"payload_altered"}),
        ([HIDE], {"payload_missing"}),
        ([HIDE, "DELETE FROM entry WHERE id = 4"], {"entry_removed"}),
        ([HIDE, "DELETE FROM entry WHERE id = 4", "DELETE FROM entry_position WHERE entry_id = 4"],
         {"positions_missing", "checkpoint_disagrees", "checkpoint_beyond", "tree_altered"}),
        (["UPDATE entry_position SET position = -1 WHERE position = 3",
          "UPDATE entry_position SET position = 3 WHERE position = 4",
          "UPDATE entry_position SET position = 4 WHERE position = -1"],
         {"checkpoint_disagrees", "tree_altered"}),
        (["DELETE FROM entry_payload WHERE payload_of = 14", "DELETE FROM entry WHERE id = 14",
          "DELETE FROM entry_position WHERE position = 13"],
         {"checkpoint_beyond", "payload_missing"}),
        (["UPDATE merkle_node SET hash = sha256(hash) WHERE level = 2 AND index = 0"], {"tree_altered"}),
        (["DELETE FROM merkle_node WHERE level = 1 AND index = 1"], {"tree_altered"}),
        (["UPDATE checkpoint SET root = sha256(root) WHERE size = 10"], {"checkpoint_disagrees"}),
        (["UPDATE checkpoint SET note = replace(note, chr(10) || '10' || chr(10), chr(10) || '9' || chr(10))"],
         {"checkpoint_forged"}),
        ([UNSEALED], {"never_sealed"}),
    ],
)  # fmt: skip
def test_every_tampering_of_the_database_is_seen(kept: Room, statements: list[str], found: set[str]) -> None:
    assert verify(kept.dsn, [], [kept.key.vkey]).sound
    kept.tamper(*statements)
    report = verify(kept.dsn, [], [kept.key.vkey])
    assert not report.sound
    assert found <= codes(report), report.findings
    said = "\n".join(report_lines(report, "fr", key_given=True))
    assert "NON CONFORME" in said


def test_an_outside_checkpoint_catches_a_logbook_written_anew(kept: Room, tmp_path: Path) -> None:
    """The owner changes a text, its commitment, its hash, the tree, and signs all again with the centre's own key."""
    with psycopg.connect(kept.owner_dsn) as owner:
        for table in ("entry", "entry_payload", "entry_position", "merkle_node", "checkpoint"):
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        leaf = json.loads(bytes(owner.execute("SELECT leaf FROM entry WHERE id = 4").fetchone()[0]))
        leaf["site"] = 9
        forged = json.dumps(leaf, sort_keys=True, separators=(",", ":")).encode()
        owner.execute("UPDATE entry SET leaf = %s, site_id = 9 WHERE id = 4", (forged,))
        owner.execute("UPDATE entry_position SET leaf_hash = %s WHERE entry_id = 4", (leaf_hash(forged),))
        owner.execute("DELETE FROM merkle_node")
        owner.execute("DELETE FROM checkpoint")
        from veilleur.logbook.merkle import Frontier

        frontier = Frontier()
        for (value,) in owner.execute("SELECT leaf_hash FROM entry_position ORDER BY position").fetchall():
            for level, index, node in frontier.append(bytes(value)):
                owner.execute("INSERT INTO merkle_node VALUES (%s, %s, %s)", (level, index, node))
        note = write_note(kept.key, frontier.size, frontier.root(), kept.clock.now())
        owner.execute(
            "INSERT INTO checkpoint (size, root, note, vkey, signed_at) VALUES (%s, %s, %s, %s, now())",
            (frontier.size, frontier.root(), note, kept.key.vkey),
        )
    assert verify(kept.dsn, [], [kept.key.vkey]).sound  # nothing inside tells
    report = verify(kept.dsn, [tmp_path / "dehors.txt"], [kept.key.vkey])
    assert codes(report) == {"outside_disagrees"}


def test_another_key_and_a_checkpoint_that_is_none(kept: Room, tmp_path: Path) -> None:
    other = open_log_key(tmp_path / "other.key")
    assert codes(verify(kept.dsn, [], [other.vkey])) == {"checkpoint_forged"}
    (tmp_path / "rien.txt").write_text("bonjour", "utf-8")
    assert codes(verify(kept.dsn, [tmp_path / "rien.txt"], [kept.key.vkey])) == {"outside_unreadable"}
    longer = write_note(kept.key, 99, bytes(32), kept.clock.now())
    (tmp_path / "plus.txt").write_text(longer, "utf-8")
    assert codes(verify(kept.dsn, [tmp_path / "plus.txt"], [kept.key.vkey])) == {"outside_beyond"}


def test_an_empty_logbook_is_sound(room: Room) -> None:
    report = verify(room.dsn)
    assert report.sound
    assert report.size == 0
    assert "RÉSULTAT" in "\n".join(report_lines(report, "fr", key_given=False))
