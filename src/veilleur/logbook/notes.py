"""Checkpoints as C2SP signed notes (https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note), pure.

veilleur/logbook/3f2a…            origin: the signer's name
1204                              number of entries
base64 of the root hash
time 2026-11-23T02:14:07Z         extension line: when it was signed, by the centre's clock

— veilleur/logbook/3f2a… base64 of (key id ‖ signature of everything above the empty line)
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from veilleur.logbook.keys import ED25519, KEY_ID_BYTES, LogKey, key_id
from veilleur.logbook.merkle import HASH_BYTES

TIME = "time "
MAX_NOTE_CHARS = 10_000  # a file somebody hands us; a checkpoint has some 300


class NoteError(ValueError):
    """Not a checkpoint, or not one that this key signed."""


@dataclass(frozen=True)
class SignedCheckpoint:
    """What a checkpoint says. `signed_at` is None when the note has no time line."""

    origin: str
    size: int
    root: bytes
    signed_at: datetime | None
    note: str


def write_note(key: LogKey, size: int, root: bytes, now: datetime) -> str:
    """Signs a size and a root. `now` is aware UTC."""
    time = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    body = f"{key.name}\n{size}\n{base64.b64encode(root).decode()}\n{TIME}{time}\n"
    signature = key_id(key.name, key.public) + key.sign(body.encode())
    return f"{body}\n— {key.name} {base64.b64encode(signature).decode()}\n"


def read_note(note: str) -> SignedCheckpoint:
    """Reads a checkpoint without judging its signature. Raises NoteError."""
    body, separator, _ = note.partition("\n\n")
    lines = body.split("\n")
    if len(note) > MAX_NOTE_CHARS or not separator or len(lines) < 3:
        raise NoteError("this is not a checkpoint")
    origin, size, root, *extensions = lines
    try:
        decoded = base64.b64decode(root, validate=True)
        times = [datetime.fromisoformat(line[len(TIME) :]) for line in extensions if line.startswith(TIME)]
    except (binascii.Error, ValueError):
        raise NoteError("this is not a checkpoint") from None
    if not size.isascii() or not size.isdigit() or len(decoded) != HASH_BYTES:
        raise NoteError("this is not a checkpoint")
    return SignedCheckpoint(origin, int(size), decoded, times[0] if times else None, note)


def verify_note(note: str, vkey: str) -> SignedCheckpoint:
    """Reads a checkpoint that this verifier key signed. Raises NoteError otherwise."""
    checkpoint = read_note(note)
    name, public = read_vkey(vkey)
    body, _, signatures = note.partition("\n\n")
    wanted = key_id(name, public)
    for line in signatures.splitlines():
        dash, signer, encoded = (*line.split(" "), "", "", "")[:3]
        if dash != "—" or signer != name:
            continue
        try:
            blob = base64.b64decode(encoded, validate=True)
            if blob[:KEY_ID_BYTES] != wanted:
                continue
            Ed25519PublicKey.from_public_bytes(public).verify(blob[KEY_ID_BYTES:], body.encode() + b"\n")
        except (InvalidSignature, ValueError):
            raise NoteError("the signature is wrong") from None
        return checkpoint
    raise NoteError("this key has not signed this checkpoint")


def read_vkey(vkey: str) -> tuple[str, bytes]:
    """A verifier key's name and public key. Raises NoteError."""
    try:
        name, identifier, encoded = vkey.strip().split("+", 2)
        blob = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise NoteError("this is not a verifier key") from None
    public = blob[1:]
    if blob[:1] != ED25519 or len(public) != 32 or key_id(name, public).hex() != identifier:
        raise NoteError("this is not a verifier key")
    return name, public
