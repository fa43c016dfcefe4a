"""One DC-09 frame: the header as the panel wrote it and the body still closed.

Grammar (ANSI/SIA DC-09-2013 §5.5, kept by the 2017, 2021 and 2026 revisions):

    LF <crc> <0LLL> "<id>" <seq> [R<rcvr>] L<pref> #<acct> [ <body> CR

CRC and length are checked on raw bytes before anything is decoded: devices send Windows-1252 text
(ioBroker.sia #63) and a check on decoded text refuses them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from veilleur.protocols.dc09.limits import (
    MAX_ACCOUNT,
    MAX_MALFORMED_KEPT,
    MAX_RECEIVER,
    MAX_SEQUENCE,
    MAX_TOKEN,
)

# Tokens that only a receiver sends (DC-09 §5.5.2): answering them would set two receivers talking for ever.
REPLY_TOKENS = frozenset({"ACK", "NAK", "DUH", "RSP"})


class CrcForm(StrEnum):
    """How the CRC was written, recognised from the frame and never from the panel (known only later)."""

    HEX = "hex"
    BINARY = "binary"  # two raw bytes, most significant first: Egardia/Woonveilig (pysiaalarm PR #27)
    HEX_WITH_CR = "hex_with_cr"  # the CR is counted in the CRC: Eldes (pysiaalarm #17, #28)
    HEX_WITH_CR_COUNTED = "hex_with_cr_counted"  # and in the length too (U)


class Reason(StrEnum):
    """Why bytes did not make a frame. None of these is ever answered: the dialler retries (DC-09 §5.6)."""

    BAD_CRC = "bad_crc"
    BAD_LENGTH = "bad_length"
    OVERSIZE = "oversize"
    NOISE = "noise"
    BAD_FORMAT = "bad_format"


@dataclass(frozen=True, slots=True)
class Malformed:
    """Bytes that made no frame. `raw` holds at most MAX_MALFORMED_KEPT of the `size` bytes."""

    reason: Reason
    raw: bytes
    size: int

    @classmethod
    def of(cls, reason: Reason, raw: bytes) -> Malformed:
        """Keep the first bytes of `raw`, enough to recognise a device."""
        return cls(reason, bytes(raw[:MAX_MALFORMED_KEPT]), len(raw))


class Frame(NamedTuple):
    """A frame whose CRC, length and header are right. Texts are as the panel wrote them.

    `head` is what a reply echoes: the bytes from the sequence to the last character before `[`.
    `body` is what follows `[`, up to but without CR: clear text, or hexadecimal cipher text.
    """

    raw: bytes
    token: str
    encrypted: bool
    sequence: str
    receiver: str | None
    prefix: str | None
    account: str | None
    head: bytes
    body: bytes
    crc_form: CrcForm

    @property
    def is_reply(self) -> bool:
        """Whether this frame is itself an answer (ACK, NAK, DUH, RSP), to be met with silence."""
        return self.token in REPLY_TOKENS


# Quirks accepted: L empty or absent (ioBroker.sia #11), account that is not hexadecimal (`#foc7688`,
# pysiaalarm #36), NAK's literal `A0` in place of `#acct` (2013 form, seen in published vectors).
_HEAD = re.compile(
    rb'"(?P<star>\*?)(?P<token>[!#-)+-Z^-~\\]{1,%d})"' % MAX_TOKEN
    + rb"(?P<head>(?P<sequence>[0-9]{1,%d})" % MAX_SEQUENCE
    + rb"(?:R(?P<receiver>[0-9A-Fa-f]{0,%d}))?" % MAX_RECEIVER
    + rb"(?:L(?P<prefix>[0-9A-Fa-f]{0,%d}?))?" % MAX_RECEIVER
    + rb"(?:#(?P<account>[!#-Z\\^-{}~]{0,%d})|A0)?)\[" % MAX_ACCOUNT,
)


def parse_frame(raw: bytes, inner: bytes, form: CrcForm) -> Frame | Malformed:
    """Read the header of `inner`, the bytes that CRC and length cover (without CR)."""
    match = _HEAD.match(inner)
    if match is None:
        return Malformed.of(Reason.BAD_FORMAT, raw)
    star, token, head, sequence, receiver, prefix, account = match.groups()
    return Frame(  # by place: names cost a microsecond of every frame
        raw,
        token.decode("ascii"),
        bool(star),
        sequence.decode("ascii"),
        None if receiver is None else receiver.decode("ascii"),
        None if prefix is None else prefix.decode("ascii"),
        None if account is None else account.decode("ascii"),
        head,
        inner[match.end() :],
        form,
    )


def canonical_account(text: str) -> str:
    """The account that names a panel on its reception line: upper case, leading zeros dropped.

    Panels write 1111 and 001111 for the same account (pysiaalarm #61); «000» is «0». What names none stays empty: no panel
    answers to it.
    """
    bare = text.strip().upper()
    return bare.lstrip("0") or bare[:1]
