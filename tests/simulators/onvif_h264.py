"""H.264 written bit by bit (ITU-T H.264 §7.3): grey I_PCM pictures and skipped ones. Decodable, and nobody's encoder."""

from __future__ import annotations

START = b"\x00\x00\x00\x01"


class Bits:
    """A raw byte sequence being written."""

    def __init__(self) -> None:
        self._bits: list[str] = []

    def u(self, value: int, width: int) -> Bits:
        """An unsigned number of `width` bits."""
        self._bits.append(f"{value:0{width}b}")
        return self

    def ue(self, *values: int) -> Bits:
        """Exp-Golomb numbers (§9.1); the se(v) of zero is the same."""
        for value in values:
            coded = f"{value + 1:b}"
            self._bits.append("0" * (len(coded) - 1) + coded)
        return self

    def align(self) -> Bits:
        """Zeros to the next byte."""
        self._bits.append("0" * (-sum(map(len, self._bits)) % 8))
        return self

    def raw(self, data: bytes) -> Bits:
        """Bytes as they are."""
        self._bits.append("".join(f"{each:08b}" for each in data))
        return self

    def nal(self, header: int) -> bytes:
        """The NAL unit: trailing bits, emulation prevention (§7.4.1)."""
        self.u(1, 1).align()
        text = "".join(self._bits)
        payload = int(text, 2).to_bytes(len(text) // 8, "big")
        out, zeros = bytearray([header]), 0
        for each in payload:
            if zeros >= 2 and each <= 3:
                out.append(3)
                zeros = 0
            out.append(each)
            zeros = zeros + 1 if each == 0 else 0
        return bytes(out)


def parameter_sets(width: int, height: int) -> tuple[bytes, bytes]:
    """SPS and PPS of a baseline stream of whole macroblocks."""
    sps = Bits().u(66, 8).u(0, 8).u(30, 8).ue(0, 4, 2, 1).u(0, 1).ue(width // 16 - 1, height // 16 - 1)
    pps = Bits().ue(0, 0).u(0, 2).ue(0, 0, 0).u(0, 3).ue(0, 0, 0).u(0b100, 3)
    return sps.u(0b1100, 4).nal(0x67), pps.nal(0x68)


def key_picture(width: int, height: int, grey: int, number: int) -> list[bytes]:
    """SPS, PPS and an IDR of one grey, as I_PCM. `number` differs between two that follow."""
    slice_ = Bits().ue(0, 7, 0).u(0, 8).ue(number % 2).u(0, 2).ue(0, 1)
    for _ in range(width * height // 256):
        slice_.ue(25).align().raw(bytes([grey]) * 256 + b"\x80" * 128)
    return [*parameter_sets(width, height), slice_.nal(0x65)]


def skipped_picture(width: int, height: int, frame: int) -> list[bytes]:
    """The picture before, again: a P slice whose macroblocks are all skipped. `frame`: since the IDR, from 1."""
    return [Bits().ue(0, 5, 0).u(frame % 256, 8).u(0, 3).ue(0, 1, width * height // 256).nal(0x41)]


def clip(pictures: int, gop: int, width: int = 64, height: int = 48) -> list[list[bytes]]:
    """Pictures as lists of NAL units; a key one each `gop`, its grey tells its number."""
    return [
        key_picture(width, height, (n // gop * 20) % 220 + 16, n // gop)
        if n % gop == 0
        else skipped_picture(width, height, n % gop)
        for n in range(pictures)
    ]


def annex_b(nals: list[bytes]) -> bytes:
    """NAL units with their start codes."""
    return b"".join(START + each for each in nals)
