"""AES-CBC as DC-09 §5.4 uses it: zero IV, a random pad first, cipher text in hexadecimal."""

from __future__ import annotations

import secrets
import string

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from veilleur.protocols.dc09.limits import BLOCK

_KEY_BYTES = (16, 24, 32)  # AES-128, 192 and 256
_ZERO_IV = bytes(BLOCK)

# DC-09 §5.4.4.3 forbids `[`, `]` and `|`; we keep to letters, digits, + and - so that panels which decode the
# whole clear text as ASCII read our acknowledgements.
# Their number divides 256, so that each is as likely.
_PAD_ALPHABET = (string.ascii_letters + string.digits + "+-").encode("ascii")
_TO_PAD = _PAD_ALPHABET * (256 // len(_PAD_ALPHABET))


class BadKeyTextError(ValueError):
    """The text typed for a key is no AES key; the message says what is expected, never the text itself."""

    def __init__(self) -> None:
        super().__init__(
            "An AES key is 32, 48 or 64 hexadecimal digits, or 16, 24 or 32 characters "
            "(write «text:» first to have hexadecimal digits taken as characters)."
        )


def parse_key(text: str) -> bytes:
    """The AES key that a person typed.

    32, 48 or 64 hexadecimal digits are its bytes; 16, 24 or 32 other characters are themselves the bytes
    (eavanvalkenburg/sia #17: installers are given either). «text:» forces characters.

    Raises BadKeyTextError, whose message may be shown to the person.
    """
    text = text.strip()
    if text.startswith("text:"):
        return _characters(text.removeprefix("text:"))
    digits = "".join(text.split())
    if len(digits) in (32, 48, 64) and all(each in string.hexdigits for each in digits):
        return bytes.fromhex(digits)
    return _characters(text)


def _characters(text: str) -> bytes:
    key = text.encode("utf-8")
    if len(key) not in _KEY_BYTES:
        raise BadKeyTextError
    return key


def decrypt_hex(key: bytes, body: bytes) -> bytes | None:
    """The clear text of a frame's body, or None when the body is not whole hexadecimal blocks."""
    try:
        cipher_text = bytes.fromhex(body.decode("ascii"))
    except ValueError:
        return None
    if not cipher_text or len(cipher_text) % BLOCK:
        return None
    decryptor = Cipher(AES(key), CBC(_ZERO_IV)).decryptor()
    return decryptor.update(cipher_text) + decryptor.finalize()


def encrypt_hex(key: bytes, payload: bytes) -> bytes:
    """Pad `payload` in front to whole blocks and encrypt; upper-case hexadecimal."""
    encryptor = Cipher(AES(key), CBC(_ZERO_IV)).encryptor()
    clear = make_pad(len(payload)) + payload
    return (encryptor.update(clear) + encryptor.finalize()).hex().upper().encode("ascii")


def make_pad(payload_length: int) -> bytes:
    """16 to 31 random characters that bring `payload_length` to a multiple of 16 (DC-09 §5.4.4.3)."""
    size = BLOCK + -payload_length % BLOCK
    return secrets.token_bytes(size).translate(_TO_PAD)
