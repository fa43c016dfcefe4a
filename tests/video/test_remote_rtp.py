"""RTSP's bytes and RTP's packets: any cutting, any nonsense, H.265's shapes."""

from __future__ import annotations

import itertools
import socket
import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilleur.video.model import SourceError
from veilleur.video.payloads import START
from veilleur.video.remote_limits import MAX_PICTURE, MAX_PIECES
from veilleur.video.remote_rtp import Depacketiser
from veilleur.video.remote_rtsp import Interleaved, Reader, Response, Session, read_description
from veilleur.video.sources.parameters import nal_units

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


def fragments(sequence, stamp, unit, size=20):
    """H.264 in FU-A, as RTP packets; the last one is marked."""
    body = [unit[at : at + size] for at in range(1, len(unit), size)]
    for number, part in enumerate(body):
        first, last = number == 0, number == len(body) - 1
        head = bytes((unit[0] & 0xE0 | 28, (0x80 if first else 0) | (0x40 if last else 0) | unit[0] & 0x1F))
        yield packet(sequence + number, head + part, stamp, marker=last)


def session():
    """A session beside which nothing is connected: it only reads."""
    made = Session.__new__(Session)
    made._reader, made._channel, made.over = Reader(), 0, False
    return made


@given(
    st.lists(st.tuples(st.binary(min_size=2, max_size=300), st.booleans()), min_size=1, max_size=6),
    st.sets(st.integers(0, 60)),
    st.lists(st.integers(0, 4000), max_size=8),
)
def test_the_quick_way_through_fragments_gives_what_the_careful_one_does(units, dropped, cuts):
    packets, sequence = [], 0
    for stamp, (body, idr) in enumerate(units):
        for each in fragments(sequence, stamp, bytes([0x65 if idr else 0x41, 0x80]) + body):
            packets.append(each)
            sequence += 1
    sent = [each for number, each in enumerate(packets) if number not in dropped]
    careful, quick = Depacketiser("h264", 96), Depacketiser("h264", 96)
    wanted = [picture for each in sent for picture in careful.receive(each)]
    stream = b"".join(b"$\0" + len(each).to_bytes(2, "big") + each for each in sent)
    reading, found = session(), []
    for start, end in itertools.pairwise([0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]):
        found += reading.received(stream[start:end], quick)
    assert found == wanted
    assert (quick.lost, quick.left_out) == (careful.lost, careful.left_out)
    for picture in found:
        assert picture.data == b"".join(
            START + each for each in nal_units(picture.data)
        ) or picture.data.endswith(b"\0")
        assert sum(picture.units) + 4 * len(picture.units) == len(picture.data)


def test_a_camera_that_marks_each_slice_is_found_out():
    reading = Depacketiser("h264", 96)
    begins, goes_on = b"\x41\x9a" + b"a" * 9, b"\x41\x1a" + b"b" * 9
    sequence, found = itertools.count(), []
    for stamp in range(4):
        for unit in (begins, goes_on):
            found += reading.receive(packet(next(sequence), unit, stamp, marker=True))
    found += reading.flush()
    assert [len(each.units) for each in found] == [1, 1, 2, 2, 2], (
        "the first one in two pieces, the others whole"
    )


def test_sets_that_come_marked_or_at_another_time_belong_to_the_picture_that_follows():
    reading = Depacketiser("h264", 96)
    assert reading.receive(packet(1, b"\x67sps", 5, marker=True)) == []
    assert reading.receive(packet(2, b"\x68pps", 6)) == []
    (picture,) = reading.receive(packet(3, b"\x65\x88idr", 7, marker=True))
    assert nal_units(picture.data) == [b"\x67sps", b"\x68pps", b"\x65\x88idr"]
    assert picture.keyframe


def test_a_recovery_point_begins_a_film_where_there_is_no_idr():
    reading = Depacketiser("h264", 96)
    other = b"\x06\x05\x04uuid\x80"
    (picture,) = [
        *reading.receive(packet(1, other, 1)),
        *reading.receive(packet(2, b"\x41\x9aslice", 1, marker=True)),
    ]
    assert not picture.keyframe
    point = b"\x06\x05\x02ab\x06\x01\xc4\x80"
    (picture,) = [
        *reading.receive(packet(3, point, 2)),
        *reading.receive(packet(4, b"\x41\x9aslice", 2, marker=True)),
    ]
    assert picture.keyframe


def test_a_picture_in_too_many_pieces_or_too_large():
    for body, count in (
        (b"\x7c\x01x", MAX_PIECES + 2),
        (b"\x7c\x01" + bytes(60_000), MAX_PICTURE // 60_000 + 2),
    ):
        reading = Depacketiser("h264", 96)
        reading.receive(packet(0, b"\x7c\x81xx", 1))
        packets = [packet(number & 0xFFFF, body, 1) for number in range(1, count)]
        with pytest.raises(SourceError) as caught:
            list(map(reading.receive, packets))
        assert caught.value.kind == "unsupported"


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_any_packets_of_av1_are_survived(packets):
    reading = Depacketiser("av1", 96)
    for number, each in enumerate(packets):
        reading.receive(packet(number, each, marker=number % 3 == 2))
    reading.flush()


def test_av1_as_ffmpeg_packs_it():
    """An encoder of FFmpeg's, its packetiser, ours back: the same units, save the delimiters."""
    encoder = av.CodecContext.create(
        "libaom-av1" if "libaom-av1" in av.codecs_available else "libsvtav1", "w"
    )
    encoder.width, encoder.height, encoder.pix_fmt = 320, 180, "yuv420p"
    encoder.time_base, encoder.gop_size = Fraction(1, 25), 8
    encoder.options = {"cpu-used": "8", "usage": "realtime", "lag-in-frames": "0"}
    coded = []
    for number in range(20):
        grain = np.random.default_rng(number).integers(0, 255, (270, 320), np.uint8)
        frame = av.VideoFrame.from_ndarray(grain, format="yuv420p")
        frame.pts = number
        coded += encoder.encode(frame)
    coded += encoder.encode(None)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_000_000)
        line.settimeout(5)
        out = av.open(f"rtp://127.0.0.1:{line.getsockname()[1]}?pkt_size=1200", "w", format="rtp",
                      options={"strict": "experimental"})  # fmt: skip
        stream = out.add_mux_stream("av1", rate=25, width=320, height=180)
        reading, found = Depacketiser("av1", 96), []
        for each in coded:
            each.stream = stream
            out.mux(each)
            while len(found) <= coded.index(each):
                data = line.recv(65_536)
                if not 192 <= data[1] <= 223:  # RTCP
                    found += reading.receive(data)
        out.close()
    assert reading.lost == 0
    assert [picture.keyframe for picture in found] == [bool(each.is_keyframe) for each in coded]
    assert [picture.data for picture in found] == [bytes(each).removeprefix(b"\x12\x00") for each in coded]
