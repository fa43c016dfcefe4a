"""Sealed secrets: bound to their row, open under old keys, sealed under the newest, in a private file."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from veilleur.kernel.errors import SettingsError
from veilleur.kernel.sealing import KeyRing, SealError, open_key_ring


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return open_key_ring(tmp_path / "keys" / "contact.key")


def test_a_secret_opens_on_its_row_only(ring):
    sealed = ring.seal(b"lilas", "contact/1/code_word")
    assert b"lilas" not in sealed
    assert ring.open(sealed, "contact/1/code_word") == b"lilas"
    for row in ("contact/2/code_word", "contact/1/duress_word"):
        with pytest.raises(SealError):
            ring.open(sealed, row)


def test_the_same_secret_never_looks_the_same(ring):
    assert ring.seal(b"lilas", "row") != ring.seal(b"lilas", "row")


@pytest.mark.parametrize("at", range(0, 40, 3))
def test_an_altered_secret_does_not_open(ring, at):
    sealed = bytearray(ring.seal(b"0123456789abcdef", "row"))
    sealed[at] ^= 1
    with pytest.raises(SealError):
        ring.open(bytes(sealed), "row")


@pytest.mark.parametrize("cut", [b"", b"\0", b"\0" * 15, b"\0" * 40])
def test_rubbish_does_not_open(ring, cut):
    with pytest.raises(SealError):
        ring.open(cut, "row")
    with pytest.raises(SealError):
        ring.open(ring.newest + cut, "row")


def test_the_file_is_its_owner_s_only(ring):
    assert ring.path.stat().st_mode & 0o777 == 0o600
    assert ring.path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_others_can_read_is_refused(ring):
    ring.path.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        open_key_ring(ring.path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello\n",
        "veilleur key ring 1\n",
        "veilleur key ring 1\naa bb cc\n",
        "veilleur key ring 1\n00000000 AAAA\n",
        "veilleur key ring 1\nzz ****\n",
    ],
)
def test_a_damaged_file_is_refused_and_left_alone(ring, text):
    ring.path.write_text(text)
    with pytest.raises(SettingsError, match="restore"):
        open_key_ring(ring.path)
    assert ring.path.read_text() == text


def test_the_newest_key_seals_and_old_ones_still_open(ring):
    old = ring.seal(b"lilas", "row")
    elsewhere = open_key_ring(ring.path)
    ring.add_key()
    new = ring.seal(b"lilas", "row")
    assert not ring.is_current(old)
    assert ring.is_current(new)
    assert ring.open(old, "row") == b"lilas"
    assert elsewhere.open(new, "row") == b"lilas", "a running process finds the new key by itself"
    assert open_key_ring(ring.path).newest == ring.newest


def test_a_lost_key_is_said(ring, tmp_path):
    sealed = open_key_ring(tmp_path / "other.key").seal(b"lilas", "contact/1/code_word")
    with pytest.raises(SealError, match="restore that file"):
        ring.open(sealed, "contact/1/code_word")


def test_first_starts_at_the_same_time_make_one_key(tmp_path):
    path, seen = tmp_path / "keys" / "panel.key", []
    path.parent.mkdir()
    threads = [threading.Thread(target=lambda: seen.append(open_key_ring(path).newest)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(seen) == 8
    assert len(set(seen)) == 1


def test_a_ring_never_shows_its_keys(ring):
    assert all(key.hex() not in repr(ring) and repr(key) not in repr(ring) for key in ring.keys.values())
