"""Every golden frame: decoded, answered to the byte, whole, byte by byte and among other bytes."""

from __future__ import annotations

from typing import Any

import pytest
from siadc09 import message as peer

from tests.protocols.corpus import NOW, answer, key_of, load, one, read_all
from veilleur.protocols import dc09
from veilleur.protocols.events import Category, Qualifier

GOLDEN = {case["name"]: case for case in load("golden.json")}
VALID = [case for case in GOLDEN.values() if case["name"] not in {"bad_crc", "bad_length"}]
ANSWERED = [case for case in VALID if case["expect_reply_hex"]]


def by_name(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.mark.parametrize("case", ANSWERED, ids=by_name)
def test_golden_frame_gets_its_reply(case: dict[str, Any]) -> None:
    key = key_of(case)
    frame = one(bytes.fromhex(case["hex"]))
    reply = answer(frame, key).reply
    expected = bytes.fromhex(case["expect_reply_hex"])
    if not frame.encrypted or case["expect"] == "NAK":
        assert reply == expected
        return
    # The pad is random: same head, and the same clear text behind the pad.
    assert reply is not None
    ours, theirs = one(reply), one(expected)
    assert (ours.token, ours.encrypted, ours.head) == (theirs.token, theirs.encrypted, theirs.head)
    assert len(ours.body) == len(theirs.body)
    assert dc09.parse_reply(reply, key) == dc09.parse_reply(expected, key)


@pytest.mark.parametrize("case", VALID, ids=by_name)
def test_golden_frame_is_read_however_it_comes(case: dict[str, Any]) -> None:
    raw = bytes.fromhex(case["hex"])
    frame = one(raw)
    assert frame.raw == raw
    assert read_all(raw, step=1) == [frame]
    assert read_all(raw + raw) == [frame, frame]
    assert read_all(raw + raw, step=1) == [frame, frame]
    assert read_all(b"\x00\r\n" + raw + b"\x00\r\n") == [frame]
    after = read_all(raw + b"left over")
    assert after[0] == frame
    assert [each.reason for each in after[1:]] == [dc09.Reason.NOISE]
    assert dc09.read_datagram(raw) == frame


@pytest.mark.parametrize(
    ("name", "reason"), [("bad_crc", dc09.Reason.BAD_CRC), ("bad_length", dc09.Reason.BAD_LENGTH)]
)
@pytest.mark.parametrize("step", [None, 1, 7])
def test_the_good_frame_behind_a_bad_one_is_read(name: str, reason: dc09.Reason, step: int | None) -> None:
    bad, good = bytes.fromhex(GOLDEN[name]["hex"]), bytes.fromhex(GOLDEN["null_plain_no_ts"]["hex"])
    first, second = read_all(bad + good, step)
    assert isinstance(first, dc09.Malformed)
    assert (first.reason, first.raw) == (reason, bad)
    assert second == one(good)
    assert isinstance(dc09.read_datagram(bad), dc09.Malformed)


def test_a_good_frame_does_not_wait_for_the_declared_length_of_a_bad_one() -> None:
    framer = dc09.Framer()
    assert framer.receive_data(bytes.fromhex(GOLDEN["bad_length"]["hex"])) == []
    messages = framer.receive_data(bytes.fromhex(GOLDEN["null_plain_no_ts"]["hex"]))
    assert [type(each) for each in messages] == [dc09.Malformed, dc09.Frame]


@pytest.mark.parametrize("name", ["enc128_null", "enc128_cid"])
def test_a_third_party_reads_our_encrypted_acknowledgement(name: str) -> None:
    case = GOLDEN[name]
    key = key_of(case)
    frame = one(bytes.fromhex(case["hex"]))
    reply = peer.parse_frame(dc09.ack(frame, key=key, now=NOW), key)
    assert type(reply).__name__ == "AckMessage"
    assert reply.encrypted
    assert reply.seq == int(frame.sequence)
    assert reply.account.acct == 0x1234
    assert reply.timestamp == NOW


def test_the_published_vector_opens_with_its_key_and_is_stale() -> None:
    case = GOLDEN["published_enc_sia"]
    frame = one(bytes.fromhex(case["hex"]))
    assert (frame.receiver, frame.prefix, frame.account) == ("C0FFD", "1234", "080027E62A64")
    refused = answer(frame, key_of(case)).opened
    assert isinstance(refused, dc09.Refused)
    assert refused.verdict == "stale"
    opened = answer(frame, key_of(case), policy=dc09.TimePolicy.IGNORE).opened
    assert isinstance(opened, dc09.Opened)
    assert opened.timestamp_text == "15:12:40,06-22-2015"
    assert opened.content.extended == {"E": "115000"}
    (event,) = opened.content.events
    assert (event.code, event.zone, event.category) == ("HB", "0003", Category.BYPASS)


def test_opening_and_closing_are_not_swapped() -> None:
    opening = answer(one(bytes.fromhex(GOLDEN["cid_open_user2"]["hex"])), None).opened
    closing = answer(one(bytes.fromhex(GOLDEN["cid_close_user2"]["hex"])), None).opened
    assert isinstance(opening, dc09.Opened)
    assert isinstance(closing, dc09.Opened)
    assert opening.content.events[0].qualifier is Qualifier.NEW
    assert closing.content.events[0].qualifier is Qualifier.RESTORE
    assert closing.content.events[0].user == "002"
