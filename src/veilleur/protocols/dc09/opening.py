"""Opening a frame: decryption, the time test, and what an encrypted frame must prove (our rule 6)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import NamedTuple

from veilleur.protocols.dc09.content import Content, read_content
from veilleur.protocols.dc09.crypto import decrypt_hex
from veilleur.protocols.dc09.extended import Fields, split_fields
from veilleur.protocols.dc09.frame import Frame, canonical_account
from veilleur.protocols.dc09.framing import read_datagram
from veilleur.protocols.dc09.timestamps import STANDARD_WINDOW, TimePolicy, parse_timestamp


class Refusal(StrEnum):
    """Why a frame was not opened; the verdict of the stored signal, and the answer that goes with it."""

    NO_KEY = "no_key"  # silence
    BAD_KEY = "bad_key"  # silence
    STALE = "stale"  # NAK with our time
    UNREADABLE = "unreadable"  # DUH: the cipher text is no whole hexadecimal blocks


class Opened(NamedTuple):
    """A frame whose content may be believed. `timestamp` is aware, in UTC; `drift_seconds` is the panel's
    time minus ours, None without a readable timestamp. `plaintext` holds the pad, and perhaps a key: it is shown nowhere.
    `payload` is the data and extended data without pad and timestamp. `pad_length` is 0 in clear; less than
    16 comes from older devices and weakens the encryption (log it)."""

    content: Content
    plaintext: bytes
    payload: bytes
    timestamp: datetime | None
    timestamp_text: str | None
    drift_seconds: float | None
    pad_length: int = 0
    late: bool = False  # in clear, out of the window: accepted, its drift shown


@dataclass(frozen=True, slots=True)
class Refused:
    """A frame that must not be believed, and why. `drift_seconds` is known for a stale one."""

    verdict: Refusal
    drift_seconds: float | None = None


class _Clock(NamedTuple):
    now: datetime
    policy: TimePolicy
    timezone: tzinfo
    window: tuple[float, float]

    def read(self, text: str | None) -> tuple[datetime | None, float | None]:
        if text is None:
            return None, None
        moment = parse_timestamp(text, self.policy, self.timezone, self.now) if text else None
        return moment, None if moment is None else (moment - self.now).total_seconds()

    def accepts(self, drift: float | None) -> bool:
        if self.policy is TimePolicy.IGNORE or drift is None:
            return True
        # The panel's clock shows whole seconds.
        return self.window[0] <= drift <= self.window[1]


def open_frame(
    frame: Frame,
    *,
    key: bytes | None,
    now: datetime,
    policy: TimePolicy = TimePolicy.STANDARD,
    timezone: tzinfo = UTC,
    window: tuple[float, float] = STANDARD_WINDOW,
) -> Opened | Refused:
    """Read a frame's content.

    `key` is the panel's AES key, unused for a clear frame: refusing clear frames on a keyed account is the
    caller's, who knows the panel. `now` is aware. `timezone` is the site's, for policy «local».
    """
    clock = _Clock(now, policy, timezone, window)
    if not frame.encrypted:
        return _open_clear(frame, clock)
    if key is None:
        return Refused(Refusal.NO_KEY)
    plaintext = decrypt_hex(key, frame.body)
    if plaintext is None:
        return Refused(Refusal.UNREADABLE)
    return _open_encrypted(frame, plaintext, clock)


def _open_clear(frame: Frame, clock: _Clock) -> Opened:
    fields = split_fields(frame.body)
    timestamp_text = fields.timestamp_text if fields else None
    moment, drift = clock.read(timestamp_text)
    return Opened(
        read_content(frame.token, fields),
        frame.body,
        fields.payload if fields else frame.body,
        moment,
        timestamp_text,
        drift,
        # DC-09 §5.5.1.9 tests encrypted messages only: an alarm in clear is never refused for its time.
        late=not clock.accepts(drift),
    )


def _open_encrypted(frame: Frame, plaintext: bytes, clock: _Clock) -> Opened | Refused:
    unpadded = _unpad(plaintext)
    if unpadded is None:
        return Refused(Refusal.BAD_KEY)
    fields, pad_length = unpadded
    content = read_content(frame.token, fields)
    if fields.data and not _same_account(content.account, frame.account):
        return Refused(Refusal.BAD_KEY)
    moment, drift = clock.read(fields.timestamp_text)
    if moment is None:
        # Without data nothing but the timestamp proves the key; with data the account did, and the frame
        # fails the timestamp test (DC-09 §5.5.1.9: mandatory when encrypted).
        return Refused(Refusal.STALE if fields.data else Refusal.BAD_KEY)
    if not clock.accepts(drift):
        return Refused(Refusal.STALE, drift)
    return Opened(
        content=content,
        plaintext=plaintext,
        payload=fields.payload,
        timestamp=moment,
        timestamp_text=fields.timestamp_text,
        drift_seconds=drift,
        pad_length=pad_length,
    )


def _unpad(plaintext: bytes) -> tuple[Fields, int] | None:
    """Cut `pad | data ] …`; with empty data `pad ] …` without separator (DC-09 §5.4.4.3).

    Pads of any length are accepted: older devices pad 1 to 16, or only to the block.
    """
    end = plaintext.find(b"]")
    if end < 0:
        return None
    separator = plaintext.find(b"|", 0, end)
    pad_length, start = (end, end) if separator < 0 else (separator, separator + 1)
    if b"[" in plaintext[:pad_length]:
        return None
    fields = split_fields(plaintext[start:])
    # Right decryption leaves nothing but blocks and a timestamp behind the data.
    if fields is None or not fields.clean:
        return None
    return fields, pad_length


def _same_account(inner: str | None, header: str | None) -> bool:
    if inner is None or header is None:
        return False
    return canonical_account(inner) == canonical_account(header)


def other_account(raw: bytes) -> str | None:
    """The account inside a stored frame in clear, as written, when it is not that of its header; else None.

    Such a frame is believed for its header, as every reply is built from it, and marked.
    """
    frame = read_datagram(raw)
    if not isinstance(frame, Frame) or frame.encrypted or (fields := split_fields(frame.body)) is None:
        return None
    inner = read_content(frame.token, fields).account
    return None if inner is None or _same_account(inner, frame.account) else inner


def dedupe_key(line: str, frame: Frame, opened: Opened) -> bytes:
    """The 32 bytes that name a retransmission (the receiver's rule 4): SHA-256 of reception line, R, L,
    account as sent, sequence, data and extended data without pad, and the panel's own timestamp text.

    Only accepted frames may enter the window: one that was NAKed comes back with the same sequence.
    """
    parts = (
        line,
        frame.receiver,
        frame.prefix,
        frame.account,
        frame.sequence,
        opened.payload,
        opened.timestamp_text,
    )
    # Each part is quoted, so that no two lists of parts are written alike.
    return hashlib.sha256(ascii(parts).encode("ascii")).digest()
