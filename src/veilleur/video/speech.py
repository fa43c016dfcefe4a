"""Speech as cameras hear it: G.711 (ITU-T, both laws) in packets of 20 ms (RFC 3551 §4.5.14), and the RTP around them. Pure."""

from __future__ import annotations

import secrets
import struct
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

RATE = 8_000
"""Samples a second: G.711 knows no other."""
PACKET_SECONDS = 0.02
PACKET_SAMPLES = 160
PACKET_BYTES = 2 * PACKET_SAMPLES
"""One packet as signed 16-bit little-endian samples."""
SILENCE = bytes(PACKET_BYTES)

_BIAS = 132
"""Added before the logarithm of the µ law, so that its lowest segment has its width too (G.711 table 2)."""
_CLIP = 32_635


def _mu() -> NDArray[np.uint8]:
    """The µ law of each 16-bit sample, from −32768 on: sign, segment, step, all bits turned over."""
    pcm = np.arange(-32_768, 32_768)
    size = np.minimum(np.abs(pcm), _CLIP) + _BIAS
    segment = np.searchsorted(2 ** np.arange(8, 15), size, side="right")
    step = size >> (segment + 3) & 15
    law: NDArray[np.uint8] = (~(np.where(pcm < 0, 0x80, 0) | segment << 4 | step) & 0xFF).astype(np.uint8)
    return law


def _a() -> NDArray[np.uint8]:
    """The A law of each 16-bit sample, from −32768 on: sign, segment, step, every other bit turned over."""
    pcm = np.arange(-32_768, 32_768) >> 3  # thirteen bits
    size = np.where(pcm < 0, -pcm - 1, pcm)
    segment = np.searchsorted(2 ** np.arange(5, 12), size, side="right")
    step = size >> np.maximum(segment, 1) & 15
    law: NDArray[np.uint8] = ((segment << 4 | step) ^ np.where(pcm < 0, 0x55, 0xD5)).astype(np.uint8)
    return law


CODECS = {"PCMU": _mu(), "PCMA": _a()}
STATIC_TYPES = {"0": "PCMU", "8": "PCMA"}
"""Payload types that need no `rtpmap` (RFC 3551 §6)."""


def encoded(codec: str, pcm: bytes) -> bytes:
    """Signed 16-bit little-endian samples in a law of G.711. `codec`: PCMU | PCMA."""
    samples = np.frombuffer(pcm, "<i2").astype(np.int32)
    return CODECS[codec][samples + 32_768].tobytes()


@dataclass
class Packets:
    """The RTP stream of one talk (RFC 3550 §5.1): numbers and times that begin anywhere and grow by one packet."""

    codec: str
    payload_type: int
    _sequence: int = field(default_factory=lambda: secrets.randbits(16))
    _stamp: int = field(default_factory=lambda: secrets.randbits(32))
    _source: int = field(default_factory=lambda: secrets.randbits(32))
    _first: bool = True

    def packet(self, pcm: bytes) -> bytes:
        """The next packet, of `PACKET_BYTES` of samples; the marker is on the first of a talk."""
        marked = 0x80 if self._first else 0
        head = struct.pack(
            ">BBHII", 0x80, marked | self.payload_type, self._sequence, self._stamp, self._source
        )
        self._first = False
        self._sequence = (self._sequence + 1) % 2**16
        self._stamp = (self._stamp + PACKET_SAMPLES) % 2**32
        return head + encoded(self.codec, pcm)
