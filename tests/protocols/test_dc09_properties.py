"""Hypothesis, 10,000 cases in all (issue 3): no chunking and no bytes may change what is read, raise, or grow memory."""

from __future__ import annotations

import itertools
import string
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocols.corpus import NOW, load, one
from veilleur.protocols import dc09
from veilleur.protocols.dc09.limits import MAX_FRAME

FRAMES = [bytes.fromhex(case["hex"]) for name in ("golden.json", "quirks.json") for case in load(name)]
KEY = bytes(range(16))
MIN_TIME, MAX_TIME = (datetime(year, 1, 1) for year in (2000, 2099))  # noqa: DTZ001

pieces = st.one_of(
    st.sampled_from(FRAMES),
    st.sampled_from(FRAMES).flatmap(lambda raw: st.integers(1, len(raw)).map(lambda cut: raw[:cut])),
    st.sampled_from(
        [b"\x00", b"\r\n", b"\n", b"\r", b'\n12340FFF"', b'\n12340003"ABC', b'\nab0001"', b"noise"]
    ),
    st.binary(max_size=40),
)
streams = st.lists(pieces, max_size=12).map(b"".join)


def feed(chunks: list[bytes], max_frame: int = MAX_FRAME) -> list[dc09.Frame | dc09.Malformed]:
    framer = dc09.Framer(max_frame)
    found: list[dc09.Frame | dc09.Malformed] = []
    for chunk in chunks:
        found += framer.receive_data(chunk)
        assert framer.buffered <= max_frame + 1
    return [*found, *framer.receive_eof()]


@settings(max_examples=2_000, deadline=None)
@given(
    stream=streams, cuts=st.lists(st.integers(0, 2000), max_size=30), limit=st.sampled_from([60, MAX_FRAME])
)
def test_any_chunking_gives_the_same_messages(stream: bytes, cuts: list[int], limit: int) -> None:
    whole = feed([stream], limit)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    assert feed([stream[a:b] for a, b in itertools.pairwise(edges)], limit) == whole
    assert feed([stream[at : at + 1] for at in range(len(stream))], limit) == whole


@settings(max_examples=2_000, deadline=None)
@given(before=st.binary(max_size=200), frame=st.sampled_from(FRAMES), after=st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing(before: bytes, frame: bytes, after: bytes) -> None:
    for message in feed([before, frame, after]):
        dc09.redact(message.raw)
        if isinstance(message, dc09.Frame):
            dc09.open_frame(message, key=KEY, now=NOW)
    dc09.read_datagram(before)


@settings(max_examples=2_500, deadline=None)
@given(token=st.sampled_from(["ADM-CID", "SIA-DCS", "NULL", "XNM"]), body=st.binary(max_size=120))
def test_arbitrary_bodies_raise_nothing(token: str, body: bytes) -> None:
    from veilleur.protocols.dc09.encode import wrap

    for message in feed([wrap(f'"{token}"0001L0#1234['.encode() + body)]):
        if isinstance(message, dc09.Frame):
            opened = dc09.open_frame(message, key=None, now=NOW)
            assert isinstance(opened, dc09.Opened)
            dc09.dedupe_key("rx", message, opened)
            for event in opened.content.events:
                assert "\x00" not in f"{event}"


@settings(max_examples=2_500, deadline=None)
@given(text=st.text(alphabet="NORBAFTXri0123456789/^|*A ", max_size=40))
def test_arbitrary_sia_text_raises_nothing(text: str) -> None:
    frame = one(dc09.build_frame("SIA-DCS", sequence=1, account="1", data=f"#1|{text}"))
    dc09.open_frame(frame, key=None, now=NOW)


@settings(max_examples=1_000, deadline=None)
@given(
    account=st.text(string.hexdigits, min_size=3, max_size=16),
    sequence=st.integers(0, 9999),
    prefix=st.none() | st.text("0123456789ABCDEF", max_size=6),
    receiver=st.none() | st.text("0123456789ABCDEF", min_size=1, max_size=6),
    text=st.text(st.characters(exclude_characters="[]|^/", exclude_categories=["Cs", "Cc"]), max_size=60),
    moment=st.datetimes(MIN_TIME, MAX_TIME, timezones=st.just(UTC)),
    key=st.none() | st.sampled_from([bytes(16), bytes(24), bytes(32)]),
)
def test_what_is_built_is_read(
    account: str,
    sequence: int,
    prefix: str | None,
    receiver: str | None,
    text: str,
    moment: datetime,
    key: bytes | None,
) -> None:
    now = moment.replace(microsecond=0)
    raw = dc09.build_frame(
        "SIA-DCS",
        sequence=sequence,
        account=account,
        prefix=prefix,
        receiver=receiver,
        data=dc09.sia_data(account, "BA15", area="1"),
        extended=[("I", text)],
        timestamp=now,
        key=key,
    )
    frame = one(raw)
    assert (frame.account, frame.sequence) == (account, f"{sequence:04d}")
    assert (frame.prefix, frame.receiver, frame.encrypted) == (prefix, receiver, key is not None)
    opened = dc09.open_frame(frame, key=key, now=now)
    assert isinstance(opened, dc09.Opened)
    assert opened.drift_seconds == 0
    assert opened.content.extended == {"I": text}
    (event,) = opened.content.events
    assert (event.code, event.area, event.zone) == ("BA", "1", "15")
    reply = dc09.parse_reply(dc09.ack(frame, key=key, now=now), key)
    assert (reply.token, reply.sequence, reply.account) == ("ACK", frame.sequence, account)
    assert (reply.prefix, reply.receiver) == (prefix, receiver)
