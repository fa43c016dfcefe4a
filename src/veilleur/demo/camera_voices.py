"""What a camera's loudspeaker is told: G.711 A-law in RTP, 20 ms a packet. Nothing is kept but for how long it was loud."""

from __future__ import annotations

SPEECH = "trackID=2"
PACKET = 12 + 160  # an RTP head without extensions, and 20 ms
LOUD = 0x40  # the fifth segment of the A law: a voice near a microphone
LOUD_SAMPLES = 16  # of a packet's 160: one click is no voice
ENOUGH_SECONDS = 1.0
PACKET_SECONDS = 0.02


class Loudspeaker:
    """`seconds`: of voice, so far."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since = 0.0

    def hear(self, packet: bytes) -> bool:
        """One packet; whether a second of voice has been heard since it last said so."""
        if len(packet) != PACKET or packet[0] != 0x80 or packet[1] & 0x7F != 8:
            return False
        if sum((sample ^ 0x55) & 0x70 >= LOUD for sample in packet[12:]) < LOUD_SAMPLES:
            return False
        self.seconds += PACKET_SECONDS
        self._since += PACKET_SECONDS
        if self._since < ENOUGH_SECONDS:
            return False
        self._since = 0.0
        return True
