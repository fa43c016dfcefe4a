"""The dialler's side: building frames and reading replies, for the demonstration and the tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from fastcrc import crc16

from veilleur.protocols.dc09.crypto import decrypt_hex, encrypt_hex
from veilleur.protocols.dc09.extended import split_fields
from veilleur.protocols.dc09.frame import Frame, Malformed
from veilleur.protocols.dc09.framing import read_datagram
from veilleur.protocols.dc09.limits import MAX_DECLARED_LENGTH
from veilleur.protocols.dc09.timestamps import TimePolicy, format_timestamp, parse_timestamp

# A standard timestamp is read the same whatever the hour.
_ANY_MOMENT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Reply:
    """A receiver's answer: `token` is ACK, NAK, DUH or RSP; `timestamp` is the receiver's time, aware UTC."""

    token: str
    sequence: str
    receiver: str | None
    prefix: str | None
    account: str | None
    encrypted: bool
    timestamp: datetime | None


class BadReplyError(ValueError):
    """The receiver's bytes are no readable reply; a dialler sends its frame again."""


def wrap(inner: bytes) -> bytes:
    """Put LF, CRC, length and CR around `inner` (DC-09 §5.5.1). Raises ValueError beyond 4095 bytes."""
    if len(inner) > MAX_DECLARED_LENGTH:
        raise ValueError(f"A DC-09 frame holds at most {MAX_DECLARED_LENGTH} bytes, not {len(inner)}.")
    return b"\n%04X0%03X" % (crc16.arc(inner), len(inner)) + inner + b"\r"


def build_frame(
    token: str,
    *,
    sequence: int | str,
    account: str | None,
    prefix: str | None = "0",
    receiver: str | None = None,
    data: str = "",
    extended: Iterable[tuple[str, str]] = (),
    timestamp: datetime | None = None,
    key: bytes | None = None,
) -> bytes:
    """One frame as a panel sends it: in clear, or encrypted when a key is given (then `timestamp` is needed).

    `data` is the whole data field, account included: see `cid_data` and `sia_data`. `extended` are pairs of
    identifier and text. `timestamp` is aware. None for `prefix` or `account` leaves the field out.
    """
    head = _head(
        f"*{token}" if key else token,
        sequence,
        receiver=receiver,
        prefix=prefix,
        account=account,
    )
    payload = data.encode("utf-8") + b"]"
    payload += b"".join(b"[%s]" % (name + text).encode("utf-8") for name, text in extended)
    if timestamp is not None:
        payload += b"_" + format_timestamp(timestamp).encode("ascii")
    if key is None:
        return wrap(head + payload)
    if timestamp is None:
        raise ValueError("An encrypted frame needs a timestamp (DC-09 §5.5.1.9).")
    return wrap(head + encrypt_hex(key, b"|" + payload if data else payload))


def _head(
    token: str,
    sequence: int | str,
    *,
    receiver: str | None,
    prefix: str | None,
    account: str | None,
) -> bytes:
    number = f"{sequence:04d}" if isinstance(sequence, int) else sequence
    parts = [f'"{token}"{number}']
    if receiver is not None:
        parts.append(f"R{receiver}")
    if prefix is not None:
        parts.append(f"L{prefix}")
    if account is not None:
        parts.append(f"#{account}")
    return "".join([*parts, "["]).encode("ascii")


def cid_data(account: str, code: str, *, qualifier: str = "1", area: str = "00", number: str = "000") -> str:
    """A Contact ID data field: `#acct|Qxyz GG CCC`. `code` is the three characters without qualifier."""
    return f"#{account}|{qualifier}{code} {area} {number}"


def sia_data(account: str, *codes: str, area: str | None = None, text: str | None = None) -> str:
    """A SIA data field of one block: `#acct|Nri1/BA15/TA02|Atext`. Each code comes with its number."""
    packets = [f"ri{area}", *codes] if area is not None else list(codes)
    words = f"|A{text}" if text else ""
    return f"#{account}|N{'/'.join(packets)}{words}"


def parse_reply(data: bytes, key: bytes | None = None) -> Reply:
    """Read a receiver's reply, both spellings of a NAK included (`A0` and `#0`).

    Raises BadReplyError when the bytes are no valid reply, or an encrypted one that the key does not open.
    """
    frame = read_datagram(data)
    if isinstance(frame, Malformed) or not frame.is_reply:
        raise BadReplyError("These bytes are no DC-09 reply.")
    body = frame.body
    if frame.encrypted:
        body = _open_reply(frame, key)
    fields = split_fields(body)
    if fields is None:
        raise BadReplyError("The data field of the reply is not closed.")
    stamp = fields.timestamp_text
    moment = (
        parse_timestamp(stamp, TimePolicy.STANDARD, UTC, datetime.max.replace(tzinfo=UTC)) if stamp else None
    )
    if frame.encrypted and moment is None:
        raise BadReplyError("The key does not open this reply.")
    return Reply(
        frame.token,
        frame.sequence,
        frame.receiver,
        frame.prefix,
        frame.account,
        frame.encrypted,
        moment,
    )


def _open_reply(frame: Frame, key: bytes | None) -> bytes:
    plaintext = decrypt_hex(key, frame.body) if key else None
    if plaintext is None:
        raise BadReplyError("The reply is encrypted and cannot be opened with this key.")
    end = plaintext.find(b"]")
    return plaintext[max(end, 0) :]
