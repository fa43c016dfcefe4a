"""What users of today's open receivers complain about: each quirk has its own frame in tests/frames."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest

from tests.protocols.corpus import answer, key_of, load, one, read_all
from veilleur.protocols import dc09

QUIRKS = {case["name"]: case for case in load("quirks.json")}


def frame_of(name: str) -> dc09.Frame:
    return one(bytes.fromhex(QUIRKS[name]["hex"]))


@pytest.mark.parametrize("case", QUIRKS.values(), ids=lambda case: str(case["name"]))
def test_quirk(case: dict[str, Any]) -> None:
    raw, key = bytes.fromhex(case["hex"]), key_of(case)
    frame = one(raw)
    assert read_all(raw, step=1) == [frame]
    assert read_all(raw + raw) == [frame, frame]
    result = answer(frame, key)
    if case["expect_reply_hex"]:
        assert result.reply == bytes.fromhex(case["expect_reply_hex"])
    elif case["expect"] == "ACK":
        assert result.reply is not None
        assert dc09.parse_reply(result.reply, key).token == "ACK"
    else:
        assert result.reply is None
    assert frame.crc_form == case.get("form", "hex")
    if isinstance(result.opened, dc09.Refused):
        assert result.opened.verdict == case.get("verdict", "stale")
        return
    assert_content(case, result.opened)


def assert_content(case: dict[str, Any], opened: dc09.Opened) -> None:
    content = opened.content
    seen = [(e.category, e.code, e.qualifier, e.area, e.zone, e.user, e.text) for e in content.events]
    assert seen == [tuple(event) for event in case["events"]]
    assert list(content.unknown_codes) == case.get("unknown", [])
    told = {**content.extended, **(dict(content.events[0].extended) if content.events else {})}
    assert told == case.get("extended", {})
    assert content.unreadable == (case["expect"] == "DUH")
    if "drift" in case:
        assert opened.drift_seconds == case["drift"]
        assert opened.late


def test_every_policy_of_time_takes_its_panels() -> None:
    late, local = frame_of("ajax_late_encrypted"), frame_of("local_time")
    key = key_of(QUIRKS["local_time"])
    accepted = answer(late, key, policy=dc09.TimePolicy.IGNORE).opened
    assert isinstance(accepted, dc09.Opened)
    assert accepted.drift_seconds == -198
    paris_winter = timezone(timedelta(hours=1))
    accepted = answer(local, key, policy=dc09.TimePolicy.LOCAL, timezone=paris_winter).opened
    assert isinstance(accepted, dc09.Opened)
    assert accepted.drift_seconds == 0


def test_both_forms_of_nak_are_read_and_the_form_of_2013_is_sent() -> None:
    from tests.protocols.corpus import NOW
    from veilleur.protocols.dc09.encode import wrap

    field, later = dc09.nak(NOW), wrap(b'"NAK"0000R0L0#0[]_13:59:58,12-31-2026')
    assert b'"NAK"0000R0L0A0[]_13:59:58,12-31-2026' in field
    assert dc09.parse_reply(field).timestamp == dc09.parse_reply(later).timestamp == NOW


def test_no_reply_ever_says_none() -> None:
    for case in QUIRKS.values():
        frame = one(bytes.fromhex(case["hex"]))
        assert b"None" not in dc09.duh(frame)
        if not frame.encrypted:
            assert b"None" not in dc09.ack(frame, key=None, now=None)  # type: ignore[arg-type]  # clear: no clock


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("30313233343536373839414243444546", b"0123456789ABCDEF"),
        ("0123456789ABCDEG", b"0123456789ABCDEG"),
        ("motdepasse-24-caracteres", b"motdepasse-24-caracteres"),
        ("A" * 64, b"\xaa" * 32),
        ("a" * 48, b"\xaa" * 24),
        ("aabb ccdd " * 4, b"\xaa\xbb\xcc\xdd" * 4),
        ("text:" + "A" * 32, b"A" * 32),
        ("0123456789ABCDEF", b"0123456789ABCDEF"),
    ],
)
def test_a_key_is_hexadecimal_or_characters(typed: str, key: bytes) -> None:
    assert dc09.parse_key(typed) == key


@pytest.mark.parametrize("typed", ["", "court", "A" * 33, "text:" + "A" * 30, "é" * 16 + "x"])
def test_what_is_no_key_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(dc09.BadKeyTextError) as caught:
        dc09.parse_key(typed)
    assert not typed or typed not in str(caught.value)


def test_a_key_sent_by_message_is_shown_nowhere() -> None:
    frame = frame_of("key_block")
    secret = b"00112233445566778899AABBCCDDEEFF"
    assert secret in frame.raw
    shown = dc09.redact(frame.raw)
    assert len(shown) == len(frame.raw)
    assert secret not in shown
    opened = answer(frame, None)
    assert secret.decode() not in repr((opened.opened.content, opened.reply))  # type: ignore[union-attr]
    assert dc09.redact(b"[K0011 never closed") == b"[K" + b"*" * 17


@pytest.mark.parametrize(
    ("written", "canonical"),
    [("001111", "1111"), ("000", "0"), ("", ""), (" ", ""), ("ab12", "AB12"), ("foc7688", "FOC7688")],
)
def test_accounts_are_compared_without_case_and_zeros(written: str, canonical: str) -> None:
    assert dc09.canonical_account(written) == canonical


def test_a_reply_that_reaches_a_receiver_is_known_as_one() -> None:
    assert one(dc09.duh(frame_of("xnm"))).is_reply
    assert not frame_of("xnm").is_reply
