"""The receiver's own rules 4, 6 and 10, and the framing's limits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.protocols.corpus import NOW, answer, one, read_all
from veilleur.protocols import dc09
from veilleur.protocols.dc09 import encode
from veilleur.protocols.dc09.crypto import encrypt_hex
from veilleur.protocols.dc09.limits import MAX_MALFORMED_KEPT, MAX_NOISE_RUN

KEY = b"0123456789ABCDEF"
CID = dc09.cid_data("1234", "130", area="01", number="015")


def sent(**changes: object) -> dc09.Frame:
    values = {"sequence": 31, "account": "1234", "data": CID, "timestamp": NOW, "key": KEY, **changes}
    return one(dc09.build_frame("ADM-CID", **values))  # type: ignore[arg-type]


def verdict(frame: dc09.Frame, key: bytes | None = KEY) -> str:
    opened = answer(frame, key).opened
    return opened.verdict if isinstance(opened, dc09.Refused) else "accepted"


def test_an_encrypted_frame_needs_its_key() -> None:
    assert verdict(sent()) == "accepted"
    assert verdict(sent(), None) == "no_key"
    assert verdict(sent(key=bytes(24)), bytes(24)) == "accepted"
    assert verdict(sent(key=bytes(32)), bytes(32)) == "accepted"


def test_no_wrong_key_is_ever_accepted() -> None:
    frames = [sent(), one(dc09.build_frame("NULL", sequence=0, account="1234", timestamp=NOW, key=KEY))]
    for frame in frames:
        assert {verdict(frame, number.to_bytes(16, "big")) for number in range(3000)} == {"bad_key"}


@pytest.mark.parametrize(
    ("drift", "expected"),
    [(-41, "stale"), (-40, "accepted"), (0, "accepted"), (20, "accepted"), (21, "stale")],
)
def test_the_window_is_forty_seconds_late_to_twenty_early(drift: int, expected: str) -> None:
    assert verdict(sent(timestamp=NOW + timedelta(seconds=drift))) == expected


def test_a_stale_frame_tells_its_drift() -> None:
    refused = answer(sent(timestamp=NOW - timedelta(days=1)), KEY).opened
    assert refused == dc09.Refused(dc09.Refusal.STALE, -86400)


@pytest.mark.parametrize(
    "payload",
    [
        b"|#1234|1130 01 015",  # data never closed
        b"|#1234|1130 01 015]tail_13:59:58,12-31-2026",
        b"|1130 01 015]_13:59:58,12-31-2026",  # no account inside
        b"[|#1234|1130 01 015]_13:59:58,12-31-2026",
        b"]_99:99:99,99-99-9999",
        b"]",
    ],
)
def test_clear_text_of_another_shape_is_a_bad_key(payload: bytes) -> None:
    inner = b'"*ADM-CID"0031L0#1234[' + encrypt_hex(KEY, payload)
    assert verdict(one(encode.wrap(inner))) == "bad_key"


def test_an_opened_frame_reports_its_pad() -> None:
    opened = answer(sent(), KEY).opened
    assert isinstance(opened, dc09.Opened)
    assert 16 <= opened.pad_length <= 31
    assert opened.payload == CID.encode() + b"]"


def test_an_encrypted_request_is_not_acknowledged_without_its_key() -> None:
    with pytest.raises(ValueError, match="key"):
        dc09.ack(sent(), key=None, now=NOW)


def test_pads_of_acknowledgements_differ_and_keep_the_forbidden_characters_out() -> None:
    frame = sent()
    replies = {dc09.ack(frame, key=KEY, now=NOW) for _ in range(50)}
    assert len(replies) == 50
    for reply in replies:
        opened = dc09.open_frame(one(reply), key=KEY, now=NOW)
        assert isinstance(opened, dc09.Opened)
        assert 16 <= opened.pad_length <= 31


def key_of(frame: dc09.Frame, line: str = "rx1") -> bytes:
    opened = dc09.open_frame(frame, key=KEY, now=NOW)
    assert isinstance(opened, dc09.Opened)
    return dc09.dedupe_key(line, frame, opened)


def test_the_key_of_a_duplicate_is_the_same_whatever_its_pad() -> None:
    assert key_of(sent()) == key_of(sent())
    assert len(key_of(sent())) == 32


@pytest.mark.parametrize(
    "changes",
    [
        {"sequence": 32},
        {"account": "01234"},
        {"prefix": "00"},
        {"prefix": None},
        {"receiver": "0"},
        {"data": dc09.cid_data("1234", "130", area="01", number="016")},
        {"extended": [("V", "x")]},
        {"timestamp": NOW - timedelta(seconds=1)},
    ],
)
def test_anything_that_differs_makes_another_signal(changes: dict[str, object]) -> None:
    assert key_of(sent(**changes)) != key_of(sent())
    assert key_of(sent(), "rx2") != key_of(sent(), "rx1")


def test_fields_do_not_run_into_each_other_in_the_key() -> None:
    frame = sent(receiver="1", prefix="23")
    opened = dc09.open_frame(frame, key=KEY, now=NOW)
    assert isinstance(opened, dc09.Opened)
    other = frame._replace(receiver="12", prefix="3")
    assert dc09.dedupe_key("rx", frame, opened) != dc09.dedupe_key("rx", other, opened)


def test_a_frame_longer_than_allowed_is_told_and_passed_over() -> None:
    framer = dc09.Framer(max_frame=60)
    long = dc09.build_frame("SIA-DCS", sequence=1, account="1", data="#1|NBA01|A" + "x" * 90)
    good = dc09.build_frame("NULL", sequence=2, account="1")
    first, second = framer.receive_data(long + good)
    assert isinstance(first, dc09.Malformed)
    assert first.reason is dc09.Reason.OVERSIZE
    assert second == one(good)


def test_a_flood_of_noise_costs_few_messages_and_no_memory() -> None:
    framer = dc09.Framer()
    messages = []
    for _ in range(100):
        messages += framer.receive_data(b"A" * 1000)
        assert framer.buffered < 16
    assert len(messages) == 100_000 // MAX_NOISE_RUN
    assert all(isinstance(each, dc09.Malformed) and len(each.raw) <= MAX_MALFORMED_KEPT for each in messages)


def test_a_header_that_makes_no_sense_is_bad_format() -> None:
    (message,) = read_all(encode.wrap(b'"ADM-CID"L0#1234[#1234|1130 01 015]'))
    assert isinstance(message, dc09.Malformed)
    assert message.reason is dc09.Reason.BAD_FORMAT


def test_a_frame_cut_short_by_the_next_one_loses_only_itself() -> None:
    good = dc09.build_frame("NULL", sequence=2, account="1")
    messages = read_all(good[:-6] + good)
    assert [type(each) for each in messages] == [dc09.Malformed, dc09.Frame]
    (unfinished,) = read_all(good[:-1])
    assert isinstance(unfinished, dc09.Malformed)
    assert unfinished.reason is dc09.Reason.BAD_LENGTH


@pytest.mark.parametrize("form", [b"", b"\n", b"\x00\x00", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"])
def test_datagrams_that_hold_no_frame(form: bytes) -> None:
    assert isinstance(dc09.read_datagram(form), dc09.Malformed)


def test_text_of_devices_never_holds_what_a_database_refuses() -> None:
    frame = one(encode.wrap(b'"SIA-DCS"0001L0#1[#1|NBA01^a\x00b\x01^][I\x81\x00]'))
    opened = dc09.open_frame(frame, key=None, now=NOW)
    assert isinstance(opened, dc09.Opened)
    assert opened.content.events[0].text == "a\ufffdb\ufffd"
    assert opened.content.extended == {"I": "\ufffd\ufffd"}


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        ("#1|Nri1/BA15/ri2/TA02", [("BA", "1", "15"), ("TA", "2", "02")]),
        ("#1|Nri0A/BA0F", [("BA", "0A", "0F")]),
        ("#1|NriFF/BA1", [("BA", "FF", "1")]),
        ("#1|FA12AB", [("FA", None, "12AB")]),
        ("#1|NBA1|NTA2", [("BA", None, "1"), ("TA", None, "2")]),
        ("#1|NBA1^open", [("BA", None, "1")]),
        ("#1|Nri1^Atelier^/BV1", [("BV", "1", None)]),
        ("NBA1", [("BA", None, "1")]),
        ("#1|NBA15 hall", [("BA", None, "15")]),
        ("#1|BA15^Hall^|TA16^Bureau^", [("BA", None, "15"), ("TA", None, "16")]),
        ("#1|NBA15|AT THE BACK DOOR", [("BA", None, "15")]),
        ("#1|NBA15|BACK DOOR", [("BA", None, "15")]),
    ],
)
def test_sia_blocks(data: str, codes: list[tuple[str, str | None, str | None]]) -> None:
    frame = one(dc09.build_frame("SIA-DCS", sequence=1, account="1", data=data))
    opened = dc09.open_frame(frame, key=None, now=NOW)
    assert isinstance(opened, dc09.Opened)
    assert [(e.code, e.area, e.zone) for e in opened.content.events] == codes


@pytest.mark.parametrize("data", ["", "#1|", "#1|N", "#1|?", "#1|Nri1", "#1|hello", "bonjour"])
def test_sia_data_that_says_nothing_is_unreadable(data: str) -> None:
    frame = one(dc09.build_frame("SIA-DCS", sequence=1, account="1", data=data))
    opened = dc09.open_frame(frame, key=None, now=NOW)
    assert isinstance(opened, dc09.Opened)
    assert opened.content.unreadable


@pytest.mark.parametrize("data", [b"", b"\n1234", dc09.build_frame("NULL", sequence=1, account="1")])
def test_what_is_no_reply_is_refused(data: bytes) -> None:
    with pytest.raises(dc09.BadReplyError):
        dc09.parse_reply(data)


def test_an_encrypted_reply_needs_the_right_key() -> None:
    reply = dc09.ack(sent(), key=KEY, now=NOW)
    assert dc09.parse_reply(reply, KEY).timestamp == NOW
    for wrong in (None, bytes(16)):
        with pytest.raises(dc09.BadReplyError):
            dc09.parse_reply(reply, wrong)


def test_the_encoder_says_what_it_cannot_build() -> None:
    with pytest.raises(ValueError, match="timestamp"):
        dc09.build_frame("NULL", sequence=1, account="1", key=KEY)
    with pytest.raises(ValueError, match="4095"):
        dc09.build_frame("SIA-DCS", sequence=1, account="1", data="x" * 4096)


def test_what_was_said_before_is_told_of_whoever_says_it_now() -> None:
    """The decoder keeps what it read lately: only what the data alone decides."""

    def content(token: str = "ADM-CID", account: str = "1234", **more: object) -> dc09.Content:
        data = CID.replace("1234", account)
        raw = dc09.build_frame(token, sequence=1, account=account, data=data, **more)  # type: ignore[arg-type]
        opened = dc09.open_frame(one(raw), key=None, now=NOW)
        assert isinstance(opened, dc09.Opened)
        return opened.content

    first, other = content(), content(account="77")
    assert first.events == other.events
    assert (first.account, other.account) == ("1234", "77")
    assert [event.extended for event in content(extended=[("I", "Quai")]).events] == [{"I": "Quai"}]
    assert [event.extended for event in content().events] == [{}]
    assert content("SIA-DCS").events != first.events
