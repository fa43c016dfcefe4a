"""Hypothesis: no chunking and no bytes may change what is read, raise, or grow memory."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocols.test_rtsp import TCP, URL, connect
from veilleur.protocols import rtsp
from veilleur.protocols.rtsp.limits import MAX_BODY, MAX_HEAD, MAX_INTERLEAVED

SET_UP = f"SETUP {URL}/trackID=0 RTSP/1.0\r\nCSeq: 3\r\nTransport: {TCP['Transport']}\r\n\r\n".encode()
REQUESTS = [
    b"OPTIONS rtsp://h/quai/main RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: Lavf60\r\n\r\n",
    f"DESCRIBE {URL} RTSP/1.0\nCSeq: 2\nAccept: application/sdp\n\n".encode(),
    SET_UP,
    f"PLAY {URL} RTSP/1.0\r\nCSeq: 4\r\nSession: 5E55\r\n\r\n".encode(),
    b"GET_PARAMETER * RTSP/1.0\r\nCSeq: 5\r\nContent-Length: 5\r\n\r\n$\x00\r\n\r",
    b"$\x01\x00\x03\r\n\r",
    b"\r\n",
    f"TEARDOWN {URL} RTSP/1.0\r\nCSeq: 6\r\nSession: 5E55\r\n\r\n".encode(),
]
pieces = st.one_of(
    st.sampled_from(REQUESTS),
    st.sampled_from(REQUESTS).flatmap(lambda raw: st.integers(1, len(raw)).map(lambda cut: raw[:cut])),
    st.sampled_from([b"A" * (MAX_HEAD - 3), b"$\x00\xff\xff", b"\r\n\r\n", b"Content-Length: 9\r\n"]),
    st.binary(max_size=40),
)
streams = st.lists(pieces, max_size=10).map(b"".join)


def feed(chunks: list[bytes]) -> tuple[list[rtsp.Event], bytes]:
    connection = connect()
    events: list[rtsp.Event] = []
    for chunk in chunks:
        events += connection.receive_data(chunk)
        assert connection.buffered <= max(MAX_HEAD + MAX_BODY, MAX_INTERLEAVED)
    return events, connection.data_to_send()


@settings(max_examples=1_000, deadline=None)
@given(stream=streams, cuts=st.lists(st.integers(0, 2000), max_size=20))
def test_any_chunking_gives_the_same_events_and_answers(stream: bytes, cuts: list[int]) -> None:
    whole = feed([stream])
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    assert feed([stream[a:b] for a, b in itertools.pairwise(edges)]) == whole


@settings(max_examples=200, deadline=None)
@given(stream=st.lists(st.sampled_from(REQUESTS), max_size=10).map(b"".join))
def test_byte_by_byte(stream: bytes) -> None:
    assert feed([stream[at : at + 1] for at in range(len(stream))]) == feed([stream])


@settings(max_examples=2_000, deadline=None)
@given(before=st.binary(max_size=200), after=st.binary(max_size=400))
def test_arbitrary_bytes_raise_nothing(before: bytes, after: bytes) -> None:
    for chunks in ([before, SET_UP, after], [SET_UP, after], [b"SETUP " + after]):
        feed(chunks)


units = st.lists(st.binary(min_size=3, max_size=9000), min_size=1, max_size=5)


@settings(max_examples=300, deadline=None)
@given(units=units, size=st.sampled_from([2, 4]))
def test_units_are_split_as_they_were_joined(units: list[bytes], size: int) -> None:
    joined = b"".join(len(unit).to_bytes(size, "big") + unit for unit in units)
    assert rtsp.split_units(joined, size) == units


@settings(max_examples=500, deadline=None)
@given(data=st.binary(max_size=300), size=st.integers(1, 4))
def test_splitting_arbitrary_bytes_raises_its_own_error_only(data: bytes, size: int) -> None:
    try:
        units = rtsp.split_units(data, size)
    except rtsp.BadUnitError:
        return
    assert sum(len(unit) + size for unit in units) <= len(data)
