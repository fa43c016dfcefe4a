"""Bytes to frames, whatever the chunks: a frame is found by its LF and judged by its declared length.

Three facts decide the design. A binary CRC may itself hold CR or LF, so the beginning is recognised as a
whole (`LF crc 0LLL "`). A body never holds such a beginning, so one found inside the declared length shows
that the length was wrong: the good frame behind a bad one is read as soon as it is complete. And every
decision depends on the bytes alone, never on how they were cut, so any chunking gives the same messages.
"""

from __future__ import annotations

import re

from fastcrc import crc16

from veilleur.protocols.dc09.frame import CrcForm, Frame, Malformed, Reason, parse_frame
from veilleur.protocols.dc09.limits import (
    MAX_DATAGRAM,
    MAX_FRAME,
    MAX_HEADER_START,
    MAX_MALFORMED_KEPT,
    MAX_NOISE_RUN,
)

_LF, _CR = 0x0A, 0x0D

# What devices put between frames: NUL after CR (ioBroker.sia #19), CRLF.
_FILLER = b"\x00\r\n"

_START = re.compile(
    rb'\n(?:(?P<hex>[0-9A-Fa-f]{4})|(?P<binary>[\x00-\xff]{2}))(?P<length>[0-9A-Fa-f]{4})"',
)


class Framer:
    """Incremental framing of one connection: feed bytes, get frames and malformed messages.

    Holds at most `max_frame` bytes besides what is being fed.
    """

    def __init__(self, max_frame: int = MAX_FRAME) -> None:
        self._max_frame = max_frame
        self._buffer = b""
        self._noise = b""
        self._noise_size = 0
        self._dropping_line = False

    @property
    def buffered(self) -> int:
        """Bytes held now; a receiver may close a connection that keeps some for too long."""
        return len(self._buffer)

    def receive_data(self, data: bytes) -> list[Frame | Malformed]:
        """Take bytes as they came; return what they complete, in order."""
        self._buffer += data
        found: list[Frame | Malformed] = []
        position = 0
        while position < len(self._buffer) and (after := self._step(position, found)) is not None:
            position = after
        self._buffer = self._buffer[position:]
        return found

    def receive_eof(self) -> list[Malformed]:
        """The peer closed: tell what was left unfinished. The framer is empty afterwards."""
        if not self._buffer and not self._noise_size:
            self._dropping_line = False
            return []
        found: list[Frame | Malformed] = []
        left, self._buffer = self._buffer, b""
        if _START.match(left) is not None:
            found.append(Malformed.of(Reason.BAD_LENGTH, left))
        else:
            self._drop(left, found)
        self._end_noise(found)
        self._dropping_line = False
        return [each for each in found if isinstance(each, Malformed)]

    def _step(self, position: int, found: list[Frame | Malformed]) -> int | None:
        """Consume one frame or one stretch of other bytes; None when more bytes are needed."""
        start = _START.search(self._buffer, position)
        if start is None:
            # The last bytes may be a beginning still to be completed.
            tail = self._buffer.find(b"\n", max(position, len(self._buffer) - MAX_HEADER_START + 1))
            end = len(self._buffer) if tail < 0 else tail
            self._drop(self._buffer[position:end], found)
            return None if end == position else end
        if start.start() > position:
            self._drop(self._buffer[position : start.start()], found)
            return start.start()
        return self._read(start, found)

    def _read(self, start: re.Match[bytes], found: list[Frame | Malformed]) -> int | None:
        if self._noise_size:
            self._end_noise(found)
        self._dropping_line = False
        begin, quote = start.start(), start.end() - 1
        hexadecimal, binary, length = start.groups()
        crc = int(hexadecimal, 16) if hexadecimal else int.from_bytes(binary, "big")
        end = quote + int(length, 16)
        if end + 1 - begin > self._max_frame:
            return self._refuse(Reason.OVERSIZE, begin, start.end(), found)
        following = _START.search(self._buffer, quote, end + 1)
        if following is not None:
            return self._refuse(Reason.BAD_LENGTH, begin, following.start(), found)
        judged = _judge(crc, self._buffer, quote, end, binary=binary is not None)
        if judged is None:
            return None
        if isinstance(judged, Reason):
            return self._refuse(judged, begin, end + 1, found)
        form, carriage_return = judged
        raw, inner = self._buffer[begin : carriage_return + 1], self._buffer[quote:carriage_return]
        found.append(parse_frame(raw, inner, form))
        return carriage_return + 1

    def _refuse(self, reason: Reason, begin: int, end: int, found: list[Frame | Malformed]) -> int:
        """Tell bytes as malformed and go on at the next LF that could begin a frame."""
        buffer = self._buffer
        found.append(Malformed.of(reason, buffer[begin:end]))
        # A beginning may straddle the end of what was refused.
        again = buffer.find(b"\n", max(begin + 1, end - MAX_HEADER_START + 1), end)
        resume = end if again < 0 else again
        # The rest of a refused line is part of the same fault, not noise to be told again.
        self._dropping_line = resume == end and buffer[end - 1] != _CR
        return resume

    def _drop(self, data: bytes, found: list[Frame | Malformed]) -> None:
        """Pass over bytes that begin no frame, telling them as noise in bounded runs."""
        if self._dropping_line and data:
            ends = [at for at in (data.find(b"\r"), data.find(b"\n")) if at >= 0]
            self._dropping_line = not ends
            data = data[min(ends) :] if ends else b""
        noise = data.translate(None, _FILLER)
        while noise:
            part = noise[: MAX_NOISE_RUN - self._noise_size]
            noise = noise[len(part) :]
            self._noise = (self._noise + part)[:MAX_MALFORMED_KEPT]
            self._noise_size += len(part)
            if self._noise_size == MAX_NOISE_RUN:
                self._end_noise(found)

    def _end_noise(self, found: list[Frame | Malformed]) -> None:
        if self._noise_size:
            found.append(Malformed(Reason.NOISE, self._noise, self._noise_size))
            self._noise, self._noise_size = b"", 0


def _judge(
    declared: int, buffer: bytes, quote: int, end: int, *, binary: bool
) -> tuple[CrcForm, int] | Reason | None:
    """The CRC's form and where the closing CR is; or what is wrong; or None when more bytes are needed.

    Eldes panels count the CR in their CRC (pysiaalarm #28), as in LF BCD3 0027
    "ADM-CID"1533L0#4F39[#4F39|1412 00 000] CR; some perhaps in the length too (U).
    """
    if len(buffer) >= end and buffer[end - 1] == _CR and declared == crc16.arc(buffer[quote:end]):
        return (CrcForm.BINARY if binary else CrcForm.HEX_WITH_CR_COUNTED), end - 1
    if len(buffer) <= end:
        return None
    if buffer[end] != _CR:
        return Reason.BAD_LENGTH
    if declared == crc16.arc(buffer[quote:end]):
        return (CrcForm.BINARY if binary else CrcForm.HEX), end
    if declared == crc16.arc(buffer[quote : end + 1]):
        return (CrcForm.BINARY if binary else CrcForm.HEX_WITH_CR), end
    return Reason.BAD_CRC


def read_datagram(data: bytes) -> Frame | Malformed:
    """The first frame of a UDP datagram, where DC-09 §5.3 puts one only; bytes around it are tolerated."""
    return datagram_frames(data)[0]


def datagram_frames(data: bytes) -> list[Frame | Malformed]:
    """Every frame of a UDP datagram, in order: a second one is against the standard, and an alarm all the same.

    Bytes around frames are tolerated; without a frame, the one message that says why.
    """
    if len(data) > MAX_DATAGRAM:
        return [Malformed.of(Reason.OVERSIZE, data)]
    framer = Framer()
    messages = [*framer.receive_data(data), *framer.receive_eof()]
    if len(messages) == 1:
        return messages
    frames: list[Frame | Malformed] = [each for each in messages if isinstance(each, Frame)]
    return frames or messages[:1] or [Malformed.of(Reason.NOISE, data)]
