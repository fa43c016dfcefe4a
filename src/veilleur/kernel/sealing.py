"""Secrets at rest: AES-256-GCM under a ring of keys that lives in one file, readable by its owner only.

A sealed value is `key id (4 bytes) ‖ nonce (12) ‖ ciphertext and tag`. The identity of the row it belongs to
is bound in as additional data: a value copied to another row does not open. The newest key seals; older ones
still open: a key can be changed while the centre runs (`veilleur keys rotate`), and a backup can be read.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from veilleur.kernel.errors import SettingsError, VeilleurError

HEADER = "veilleur key ring 1"
KEY_BYTES = 32
ID_BYTES = 4
NONCE_BYTES = 12
#: A ring of more keys than this was not made by us.
MAX_KEYS = 1000


def panel_key_row(panel_id: int) -> str:
    """The identity that a panel's key is bound to: reception opens what the command line sealed."""
    return f"panel/{panel_id}/key"


def camera_password_row(camera_id: int) -> str:
    """The identity that a camera's password is bound to: the recorder opens what the desk or the command line sealed."""
    return f"camera/{camera_id}/password"


class SealError(VeilleurError):
    """A sealed secret cannot be opened: its key is not in the ring, or it is not of this row."""

    status = 500
    code = "seal"


@dataclass
class KeyRing:
    """The keys of one file; re-read by itself when a value names a key it does not know yet."""

    path: Path
    keys: dict[bytes, bytes] = field(repr=False)

    def seal(self, secret: bytes, row: str) -> bytes:
        """Seals under the newest key. `row` names where it is kept, e.g. `contact/12/code_word`."""
        key_id = self.newest
        nonce = secrets.token_bytes(NONCE_BYTES)
        return key_id + nonce + AESGCM(self.keys[key_id]).encrypt(nonce, secret, row.encode())

    def open(self, sealed: bytes, row: str) -> bytes:
        """The secret of that row. Raises SealError."""
        key_id, nonce = sealed[:ID_BYTES], sealed[ID_BYTES : ID_BYTES + NONCE_BYTES]
        if key_id not in self.keys:
            self.keys = read_ring(self.path)
        if key_id not in self.keys:
            raise SealError(f"The key of {row} is not in {self.path.name}: restore that file.", row=row)
        try:
            return AESGCM(self.keys[key_id]).decrypt(nonce, sealed[ID_BYTES + NONCE_BYTES :], row.encode())
        except (InvalidTag, ValueError):
            raise SealError(f"The secret of {row} was altered or belongs elsewhere.", row=row) from None

    @property
    def newest(self) -> bytes:
        """The id of the key that seals now."""
        return next(reversed(self.keys))

    def is_current(self, sealed: bytes) -> bool:
        """Whether a value is already under the newest key."""
        return sealed[:ID_BYTES] == self.newest

    def add_key(self) -> None:
        """Adds a key and writes the file, atomically; other processes find it when they need it."""
        with locked(self.path):
            self.keys = {**read_ring(self.path), **fresh_key()}
            write_ring(self.path, self.keys)


class SealingKeys(Protocol):
    """The rings: panel keys (reception and command line), contact secrets (desk and command line), passwords of
    cameras (recorder, desk and command line)."""

    @property
    def panels(self) -> KeyRing:
        """Seals AES keys of panels."""

    @property
    def contacts(self) -> KeyRing:
        """Seals code words and duress words."""

    @property
    def cameras(self) -> KeyRing:
        """Seals passwords of cameras."""


def open_key_ring(path: Path) -> KeyRing:
    """Opens a ring, made with one key at first start (folder 0700, file 0600). Raises SettingsError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(path):
        if not path.exists():
            write_ring(path, fresh_key())
        return KeyRing(path, read_ring(path))


def fresh_key() -> dict[bytes, bytes]:
    """One random key under a random id."""
    return {secrets.token_bytes(ID_BYTES): secrets.token_bytes(KEY_BYTES)}


def read_ring(path: Path) -> dict[bytes, bytes]:
    """Reads a key file, oldest key first. Raises SettingsError with what is wrong and how to mend it."""
    try:
        mode = path.stat().st_mode & 0o777
        lines = path.read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The key file {path} cannot be read ({error}): restore it.") from None
    if mode & 0o077:
        raise SettingsError(f"The key file {path} is readable by others: chmod 600 {path}")
    rows = [line.split() for line in lines[1:]]
    if lines[:1] != [HEADER] or not 1 <= len(rows) <= MAX_KEYS or any(len(row) != 2 for row in rows):
        raise SettingsError(f"The key file {path} is not a key ring: restore it from a backup.")
    try:
        keys = {bytes.fromhex(key_id): base64.b64decode(key, validate=True) for key_id, key in rows}
    except (ValueError, binascii.Error):
        raise SettingsError(f"The key file {path} is damaged: restore it from a backup.") from None
    if any(len(key_id) != ID_BYTES or len(key) != KEY_BYTES for key_id, key in keys.items()):
        raise SettingsError(f"The key file {path} is damaged: restore it from a backup.")
    return keys


def write_ring(path: Path, keys: dict[bytes, bytes]) -> None:
    """Replaces a key file in one step, synced to disk: a crash leaves the old file or the new one."""
    text = "\n".join([HEADER, *(f"{i.hex()} {base64.b64encode(k).decode()}" for i, k in keys.items())]) + "\n"
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600 from the first byte
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time makes or changes a key file: two first starts must not make two keys."""
    handle = os.open(path.parent / f".{path.name}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
