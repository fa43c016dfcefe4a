"""The signing key on disk, and checkpoints in the C2SP form."""

from __future__ import annotations

import base64
import stat
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from veilleur.logbook.keys import LogKey, LogKeyError, open_log_key
from veilleur.logbook.notes import NoteError, read_note, read_vkey, verify_note, write_note

NOW = datetime(2026, 11, 23, 2, 14, 7, 999999, tzinfo=UTC)
ROOT = bytes(range(32))

#: The example of https://c2sp.org/signed-note: a key and a note that it signed.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> LogKey:
    return open_log_key(tmp_path_factory.mktemp("keys") / "log.key")


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "log.key"
    first = open_log_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_log_key(path).vkey == first.vkey
    assert [each.name for each in path.parent.iterdir()] == ["log.key"]
    assert b"BEGIN PRIVATE KEY" in path.read_bytes()


def test_processes_that_start_together_end_with_one_key(tmp_path: Path) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(open_log_key(tmp_path / "log.key").vkey))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {open_log_key(tmp_path / "log.key").vkey}


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [(b"", 0o600, "not a usable key"), (b"rien", 0o600, "not a usable key"), (None, 0o640, "chmod 600")],
)
def test_a_bad_key_file_says_what_to_do(tmp_path: Path, content: bytes | None, mode: int, said: str) -> None:
    path = tmp_path / "log.key"
    if content is None:
        open_log_key(path)
    else:
        path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(LogKeyError, match=said):
        open_log_key(path)


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    pem = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem)
    path.chmod(0o600)
    with pytest.raises(LogKeyError, match="another kind"):
        open_log_key(path)


def test_the_form_of_a_checkpoint(key: LogKey) -> None:
    note = write_note(key, 1204, ROOT, NOW)
    body, signature = note.split("\n\n")
    assert body.split("\n") == [
        key.name,
        "1204",
        base64.b64encode(ROOT).decode(),
        "time 2026-11-23T02:14:07Z",
    ]
    dash, name, encoded = signature.rstrip("\n").split(" ")
    blob = base64.b64decode(encoded)
    assert (dash, name, len(blob)) == ("—", key.name, 68)
    assert blob[:4].hex() == key.vkey.split("+")[1]
    Ed25519PublicKey.from_public_bytes(key.public).verify(blob[4:], (body + "\n").encode())


def test_a_checkpoint_comes_back(key: LogKey) -> None:
    checkpoint = verify_note(write_note(key, 7, ROOT, NOW), key.vkey)
    assert (checkpoint.size, checkpoint.root, checkpoint.origin) == (7, ROOT, key.name)
    assert checkpoint.signed_at == NOW.replace(microsecond=0)


def test_verifier_keys_are_those_of_the_standard() -> None:
    """The key of the standard's own example has the key id that we compute."""
    name, public = read_vkey(GO_VKEY)
    assert name == "PeterNeumann"
    body, _, signature = GO_NOTE.partition("\n\n")
    blob = base64.b64decode(signature.split(" ")[2])
    Ed25519PublicKey.from_public_bytes(public).verify(blob[4:], (body + "\n").encode())


@given(st.data())
def test_any_changed_character_is_refused(key: LogKey, data) -> None:
    note = write_note(key, 1204, ROOT, NOW)
    place = data.draw(st.integers(0, len(note) - 2))
    other = data.draw(st.characters(codec="utf-8").filter(lambda c: c != note[place]))
    changed = note[:place] + other + note[place + 1 :]
    try:
        found = verify_note(changed, key.vkey)
    except NoteError:
        return
    assert (found.size, found.root) == (1204, ROOT), "only the unsigned padding of base64 may differ"


def test_another_key_is_refused(key: LogKey) -> None:
    other = LogKey(Ed25519PrivateKey.generate())
    with pytest.raises(NoteError, match="has not signed"):
        verify_note(write_note(key, 1, ROOT, NOW), other.vkey)
    renamed = write_note(other, 1, ROOT, NOW).replace(other.name, key.name)
    with pytest.raises(NoteError):
        verify_note(renamed, key.vkey)


@given(st.text(max_size=300))
def test_arbitrary_text_is_no_note_and_no_key(text: str) -> None:
    with pytest.raises(NoteError):
        read_note(text)
    with pytest.raises(NoteError):
        read_vkey(text)
