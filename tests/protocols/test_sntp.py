"""SNTP's client side: offsets, eras, and replies that are none."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veilleur.protocols import sntp

NOW = datetime(2026, 11, 23, 2, 14, 7, 250_000, tzinfo=UTC)


def answer(asked: bytes, at: datetime, *, head: int = 0x24, stratum: int = 2) -> bytes:
    """A server that received and answered at one instant of its own."""
    stamp = sntp.request(at)[40:48]
    return struct.pack("!BBbb", head, stratum, 0, -20) + bytes(20) + asked[40:48] + stamp + stamp


@given(st.integers(-(10**8), 10**8), st.integers(0, 2_000_000))
def test_the_offset_is_the_servers_minus_ours_at_the_middle(off: int, trip: int) -> None:
    ahead, there_and_back = timedelta(microseconds=off), timedelta(microseconds=trip)
    asked = sntp.request(NOW)
    found = sntp.offset(answer(asked, NOW + there_and_back / 2 + ahead), asked, NOW, NOW + there_and_back)
    assert abs(found - ahead) < timedelta(microseconds=4)


def test_the_next_era_is_read_as_such() -> None:
    later = datetime(2036, 2, 7, 7, 0, tzinfo=UTC)
    asked = sntp.request(later)
    assert abs(sntp.offset(answer(asked, later), asked, later, later)) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        answer(sntp.request(NOW), NOW)[:47],
        answer(sntp.request(NOW), NOW, head=0x23),
        answer(sntp.request(NOW), NOW, head=0xE4),
        answer(sntp.request(NOW), NOW, stratum=0),
        answer(sntp.request(NOW), NOW, stratum=16),
        answer(sntp.request(NOW + timedelta(seconds=1)), NOW),
    ],
    ids=["nothing", "short", "a client", "unsynchronised", "kiss of death", "stratum 16", "another request"],
)
def test_what_is_no_answer_is_refused(reply: bytes) -> None:
    with pytest.raises(sntp.BadTimeReplyError):
        sntp.offset(reply, sntp.request(NOW), NOW, NOW)


@given(st.binary(max_size=80))
def test_arbitrary_bytes_raise_nothing_else(reply: bytes) -> None:
    try:
        sntp.offset(reply, sntp.request(NOW), NOW, NOW)
    except sntp.BadTimeReplyError:
        return
