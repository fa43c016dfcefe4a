"""The logbook's Ed25519 key: made at first start, kept in a file of mode 0600, its public half given to anyone.

The public half is written as a C2SP signed-note verifier key (https://c2sp.org/signed-note):
`<name>+<key id, 8 hex digits>+<base64 of 0x01 ‖ public key>`.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from veilleur.kernel.errors import SettingsError

ED25519 = b"\x01"  # signed-note's signature type
KEY_ID_BYTES = 4
NAME_PREFIX = "veilleur/logbook/"


class LogKeyError(SettingsError):
    """The logbook's key file cannot be used."""

    code = "log_key"


@dataclass(frozen=True)
class LogKey:
    """A key that signs checkpoints. `name` is the signer's name and the checkpoints' origin."""

    private: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def name(self) -> str:
        """Drawn from the key itself: two logbooks never share a name."""
        return NAME_PREFIX + hashlib.sha256(self.public).hexdigest()[:12]

    @property
    def vkey(self) -> str:
        """The verifier key: what one hands to whoever must be able to check."""
        encoded = base64.b64encode(ED25519 + self.public).decode()
        return f"{self.name}+{key_id(self.name, self.public).hex()}+{encoded}"

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the Ed25519 signature (RFC 8032)."""
        return self.private.sign(message)


def key_id(name: str, public: bytes) -> bytes:
    """What a signature line begins with: SHA-256(name ‖ LF ‖ 0x01 ‖ public key), first 4 bytes."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:KEY_ID_BYTES]


def open_log_key(path: Path) -> LogKey:
    """Opens the key file, or makes it (PKCS #8 PEM, mode 0600). Raises LogKeyError with what to do."""
    if not path.exists():
        _create(path)
    try:
        if path.stat().st_mode & 0o077:
            raise LogKeyError(f"{path} is readable by others: run «chmod 600 {path}».", path=str(path))
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError) as error:
        raise LogKeyError(
            f"{path} is not a usable key file ({error}): put it back from the backup. Without it, older "
            "checkpoints can still be verified; to sign with a new key, move the file away.",
            path=str(path),
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise LogKeyError(f"{path} holds another kind of key than Ed25519.", path=str(path))
    return LogKey(key)


def _create(path: Path) -> None:
    """Whole or not at all: two processes that start together end with the same key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
