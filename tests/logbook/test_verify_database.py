"""`logbook verify` against every tampering of the database."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest

from tests.logbook.conftest import Room
from veilleur.logbook.cli import report_lines
from veilleur.logbook.keys import open_log_key
from veilleur.logbook.merkle import Frontier, leaf_hash
from veilleur.logbook.notes import write_note
from veilleur.logbook.verifying import Report, verify


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
