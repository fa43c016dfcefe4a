"""RTSP's bytes and RTP's packets: any cutting, any nonsense, H.265's shapes."""

from __future__ import annotations

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilleur.video.model import SourceError
from veilleur.video.remote_rtp import Depacketiser
from veilleur.video.remote_rtsp import Interleaved, Reader, Response, read_description

ANSWER = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 3\r\n\r\nabc"
STREAM = ANSWER + b"$\x00\x00\x02hi" + b"\r\nOPTIONS rtsp://h/ RTSP/1.0\r\nCSeq: 9\r\n\r\n" + b"$\x01\x00\x00"
MESSAGES = [
    Response(200, (("cseq", "1"), ("content-length", "3")), b"abc"),
    Interleaved(0, b"hi"),
    Response(0, (("cseq", "9"),), b""),
    Interleaved(1, b""),
]


def packet(sequence, payload, stamp=0, marker=False, first=0x80, kind=96):
    return struct.pack(">BBHII", first, kind | (0x80 if marker else 0), sequence, stamp, 7) + payload


@given(st.lists(st.integers(0, len(STREAM)), max_size=6))
def test_any_cutting_of_a_conversation_reads_the_same(cuts):
    reader, found = Reader(), []
    edges = [0, *sorted(cuts), len(STREAM)]
    for start, end in itertools.pairwise(edges):
        found += reader.receive_data(STREAM[start:end])
    assert found == MESSAGES


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\n" + b"A: b\r\n" * 5000,
    ],
)
def test_what_is_no_rtsp(data):
    with pytest.raises(SourceError):
        Reader().receive_data(data)


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_packets_are_survived(packets):
    reading = Depacketiser("h264", 96)
    for number, each in enumerate(packets):
        reading.receive(each)
        reading.receive(packet(number, each))
    reading.flush()


def test_h265_in_one_aggregated_and_in_pieces():
    reading = Depacketiser("hevc", 96)
    vps, idr = b"\x40\x01v", b"\x26\x01" + b"slice" * 10
    together = b"\x60\x01" + b"".join(struct.pack(">H", len(each)) + each for each in (vps, b"\x42\x01s"))
    assert reading.receive(packet(1, together, 5)) == []
    assert reading.receive(packet(2, b"\x62\x01" + bytes([0x80 | 19]) + idr[2:20], 5)) == []
    (picture,) = reading.receive(packet(3, b"\x62\x01" + bytes([0x40 | 19]) + idr[20:], 5, marker=True))
    start = b"\0\0\0\x01"
    assert picture.data == start + vps + start + b"\x42\x01s" + start + idr
    assert picture.keyframe
    (other,) = reading.receive(packet(4, b"\x02\x01p", 6, marker=True))
    assert not other.keyframe


def test_padding_contributors_extensions_and_other_types():
    reading = Depacketiser("h264", 96)
    sources = b"\0\0\0\x01\0\0\0\x02"
    extension = struct.pack(">HHI", 0xBEDE, 1, 0)
    (picture,) = reading.receive(packet(1, sources + extension + b"\x41abc" + b"\0\0\x03", 0, True, 0xB2))
    assert picture.data == b"\0\0\0\x01\x41abc"
    assert reading.receive(packet(2, b"\x41abc", 1, True, kind=8)) == []
    assert reading.lost == 0


def test_the_hour_of_the_replay_extension():
    reading = Depacketiser("h264", 96)
    hour = struct.pack(">HHIIHH", 0xABAC, 3, 2_208_988_800 + 1_795_400_047, 2**31, 0x8000, 0)
    (picture,) = reading.receive(packet(1, hour + b"\x65abc", 0, True, 0x90))
    assert picture.hour == 1_795_400_047_500_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"m=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000",
        b"m=audio 0 RTP/AVP 8\r\na=rtpmap:8 H264/90000",
        b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/0",
        b"m=video\r\na=rtpmap:96 H264/90000",
        b"\xff" * 500,
    ],
)
def test_descriptions_without_our_video(body):
    with pytest.raises(SourceError) as caught:
        read_description(body)
    assert caught.value.kind == "unsupported"


def test_a_description_with_metadata_and_sets():
    track = read_description(
        b"v=0\r\na=control:*\r\nm=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\na=control:m\r\n"
        b"m=video 0 RTP/AVP 98\r\na=rtpmap:98 H265/90000\r\na=control:trackID=1?x=1\r\na=framerate:12.5\r\n"
        b"a=fmtp:98 sprop-vps=QAEM;sprop-sps=QgEB;sprop-pps=!!!\r\nm=video 0 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n"
    )
    assert (track.codec, track.payload_type, track.control, track.fps) == ("hevc", 98, "trackID=1?x=1", 12.5)
    assert track.sets == (b"\x40\x01\x0c", b"\x42\x01\x01")
