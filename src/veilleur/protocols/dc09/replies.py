"""The receiver's answers, built from the bytes of the request (the receiver's rule 3).

Sequence, R, L and account are echoed as they came, absence included: receivers that rebuilt them answered
`"ACK"0000None` and took Pyronix panels off line (pysiaalarm #88, Home Assistant core #180511).
"""

from __future__ import annotations

from datetime import datetime

from veilleur.protocols.dc09.crypto import encrypt_hex
from veilleur.protocols.dc09.encode import wrap
from veilleur.protocols.dc09.frame import Frame
from veilleur.protocols.dc09.timestamps import format_timestamp

# The form of the 2013 edition and of the field; a later spelling is `#0` (pysiaalarm #88), which we never send.
NAK_HEAD = b'"NAK"0000R0L0A0[]_'


def ack(frame: Frame, *, key: bytes | None, now: datetime) -> bytes:
    """«Good message»: encrypted if and only if the request was (DC-09 §5.5.2.1).

    A clear ACK carries no timestamp: it is optional, and the receivers in the field send none.
    Raises ValueError when an encrypted request is acknowledged without its key.
    """
    if not frame.encrypted:
        return wrap(b'"ACK"' + frame.head + b"[]")
    if key is None:
        raise ValueError("An encrypted frame can only be acknowledged with its key.")
    body = encrypt_hex(key, b"]_" + format_timestamp(now).encode("ascii"))
    return wrap(b'"*ACK"' + frame.head + b"[" + body)


def nak(now: datetime) -> bytes:
    """«Your clock is wrong, here is mine» (DC-09 §5.5.2.2): never encrypted, never echoing the request."""
    return wrap(NAK_HEAD + format_timestamp(now).encode("ascii"))


def duh(frame: Frame) -> bytes:
    """«Received, but I cannot process it» (DC-09 §5.5.2.3): the panel will not retry. Never encrypted."""
    return wrap(b'"DUH"' + frame.head + b"[]")
