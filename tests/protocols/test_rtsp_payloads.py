"""Payloads and packets, read back by the rules of the standards and by another implementation."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import av
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from veilleur.protocols import rtsp
from veilleur.protocols.rtsp.limits import MAX_PAYLOAD

sizes = st.integers(3, 6_000)


def _join_h264(payloads: list[bytes]) -> list[bytes]:
    """RFC 6184 §5.6 and §5.8, as a receiver reads them."""
    units: list[bytes] = []
    for payload in payloads:
        if payload[0] & 0x1F != 28:
            units.append(payload)
        elif payload[1] & 0x80:
            units.append(bytes((payload[0] & 0xE0 | payload[1] & 0x1F,)) + payload[2:])
        else:
            units[-1] += payload[2:]
    return units


def _join_h265(payloads: list[bytes]) -> list[bytes]:
    """RFC 7798 §4.4.1 and §4.4.3."""
    units: list[bytes] = []
    for payload in payloads:
        if payload[0] >> 1 & 0x3F != 49:
            units.append(payload)
        elif payload[2] & 0x80:
            units.append(bytes((payload[0] & 0x81 | (payload[2] & 0x3F) << 1, payload[1])) + payload[3:])
        else:
            units[-1] += payload[3:]
    return units


@settings(max_examples=200, deadline=None)
@given(lengths=st.lists(sizes, min_size=1, max_size=4), limit=st.sampled_from([64, 99, MAX_PAYLOAD]))
def test_long_units_are_cut_and_joined(lengths: list[int], limit: int) -> None:
    avc = [bytes((0x65,)) + bytes(at % 251 for at in range(size - 1)) for size in lengths]
    hevc = [bytes((0x26, 0x01)) + bytes(at % 251 for at in range(size - 2)) for size in lengths]
    cut_avc, cut_hevc = list(rtsp.h264_payloads(avc, limit)), list(rtsp.h265_payloads(hevc, limit))
    assert max(map(len, [*cut_avc, *cut_hevc])) <= limit
    assert _join_h264(cut_avc) == avc
    assert _join_h265(cut_hevc) == hevc


def test_fragments_say_where_they_begin_and_end() -> None:
    first, middle, last = rtsp.h264_payloads([b"\x65" + bytes(20)], 10)
    assert [part[:2].hex() for part in (first, middle, last)] == ["7c85", "7c05", "7c45"]


def test_packets_count_wrap_and_mark() -> None:
    sender = rtsp.Sender(payload_type=96, ssrc=0xABCD, sequence=0xFFFF)
    one, two = sender.packets([b"a", b"bc"], 2**32 + 5)
    assert struct.unpack(">BBHII", one[:12]) == (0x80, 96, 0xFFFF, 5, 0xABCD)
    assert struct.unpack(">BBHII", two[:12]) == (0x80, 96 | 0x80, 0, 5, 0xABCD)
    assert rtsp.interleave(2, two)[:4] == b"$\x02\x00\x0e"


def test_a_report_tells_the_wall_clock_of_a_timestamp() -> None:
    sender = rtsp.Sender(payload_type=96, ssrc=7)
    sender.packets([b"abc"], 900)
    report = sender.report(datetime(2026, 11, 23, 2, 0, 0, 500_000, tzinfo=UTC))
    head, kind, length, ssrc, seconds, fraction, timestamp, packets, octets = struct.unpack(
        ">BBHIIIIII", report[:28]
    )
    assert (head, kind, length, ssrc, timestamp, packets, octets) == (0x80, 200, 6, 7, 900, 1, 3)
    assert seconds - 2_208_988_800 == datetime(2026, 11, 23, 2, tzinfo=UTC).timestamp()
    assert fraction == 1 << 31
    assert len(report) % 4 == 0
    assert report[28:30] == b"\x81\xca"
    assert 4 + 4 * int.from_bytes(report[30:32], "big") == len(report) - 28
    assert sender.bye() == b"\x81\xcb\x00\x01\x00\x00\x00\x07"


def test_a_law_as_another_encoder_writes_it() -> None:
    samples = np.arange(-32_768, 32_768, 7, dtype=np.int16)
    encoder = av.CodecContext.create("pcm_alaw", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 8_000, "mono", "s16"
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", "mono")
    frame.sample_rate = 8_000
    theirs = b"".join(bytes(packet) for packet in encoder.encode(frame))
    ours = bytes(rtsp.alaw(int(sample)) for sample in samples)
    # The two differ by one step where a sample lies on a border: the standard leaves it to the encoder.
    steps = [abs((a ^ 0x55) - (b ^ 0x55)) for a, b in zip(ours, theirs, strict=True)]
    assert max(steps) <= 1
    assert sum(steps) < len(steps) / 4
