"""A key sent by message (`K`, DC-09 §5.5.1.8) is shown nowhere, however the panel misplaces it; ordinary words stay."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.protocols.corpus import NOW, one
from veilleur.protocols import dc09
from veilleur.protocols.dc09.crypto import encrypt_hex
from veilleur.protocols.dc09.encode import wrap
from veilleur.protocols.dc09.limits import MAX_MALFORMED_KEPT

KEY = "5EC2E7000011223344556677889900AC"
PIECE = 8  # characters of a key that nothing shown may hold in a row

HOSTILE = {
    "well formed": f"[#7009|Nri1/BA1][K{KEY}]",
    "in the data field": f"[#7009|Nri1/BA1[K{KEY}]]",
    "in the data field, alone": f"[#7009|[K{KEY}]|Nri1/BA1]",
    "in the data field, not closed": f"[#7009|Nri1/BA1[K{KEY}",
    "in a text": f"[#7009|Nri1/BA1^HALL [K{KEY}]^]",
    "in an XSIA text": f'[#7009|Nri1/BA1*"HALL [K{KEY}"NM]',
    "in an ASCII block": f"[#7009|Nri1/BA1|AHALL [K{KEY}]",
    "in the account of the data": f"[#7009[K{KEY}|Nri1/BA1]",
    "as the data field": f"[K{KEY}]",
    "as the data field, a letter first": f"[KEC{KEY}][K{KEY}]",
    "a blank before": f"[#7009|Nri1/BA1][ K{KEY}]",
    "a tab and a NUL before": f"[#7009|Nri1/BA1][\t\x00K{KEY}]",
    "a hard space before": f"[#7009|Nri1/BA1][\xa0K{KEY}]",
    "a blank behind": f"[#7009|Nri1/BA1][K {KEY}]",
    "lower case": f"[#7009|Nri1/BA1][k{KEY.lower()}]",
    "lower case, in the data field": f"[#7009|Nri1/BA1[k{KEY.lower()}]]",
    "not closed": f"[#7009|Nri1/BA1][K{KEY}",
    "its own bracket missing": f"[#7009|Nri1/BA1]K{KEY}]",
    "two brackets": f"[#7009|Nri1/BA1][[K{KEY}]]",
    "inside another block": f"[#7009|Nri1/BA1][Ihall [K{KEY}]",
    "cut by a bracket": f"[#7009|Nri1/BA1][K{KEY[:9]}]{KEY[9:]}]",
    "cut by a bar": f"[#7009|Nri1/BA1[K|{KEY}]",
    "of characters": f"[#7009|Nri1/BA1[K{'motdepassesecret'}]]",
    "in a text, between signs": f"[#7009|NRP1^K{KEY}^]",
    "of Contact ID": f"[#7009|1130 01 001[K{KEY}]]",
    "of Contact ID, a block of its own": f"[#7009|1130 01 001|[K{KEY}]",
}


def shown_of(raw: bytes, key: bytes | None = None) -> str:
    """All that is ever shown of a frame: what it says, and its bytes."""
    frame = one(raw)
    opened = dc09.open_frame(frame, key=key, now=NOW)
    content = opened.content if isinstance(opened, dc09.Opened) else None
    redacted = dc09.shown(frame.raw)
    assert len(redacted) == len(frame.raw)
    texts = (redacted, dc09.shown(frame.raw[:MAX_MALFORMED_KEPT]))
    return repr((content, dc09.other_account(frame.raw))) + repr(texts)


def assert_hidden(key: str, shown: str) -> None:
    for at in range(len(key) - PIECE + 1):
        assert key[at : at + PIECE] not in shown, key[at : at + PIECE]


@pytest.mark.parametrize("token", ["SIA-DCS", "ADM-CID", "XNM", "NULL"])
@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_key_misplaced_is_shown_nowhere(body: str, token: str) -> None:
    shown = shown_of(wrap(f'"{token}"0001L0#7009'.encode() + body.encode("latin-1")))
    assert_hidden(KEY, shown.upper())
    assert "motdepasse" not in shown


@pytest.mark.parametrize(
    "body",
    [
        f"#7009|Nri1/BA1[K{KEY}",
        f"#7009|[K{KEY}|Nri1/BA1",
        f"#7009|Nri1/BA1^HALL [K{KEY}^|Nri1/FA2",
        "#7009|Nri1/BA1^[K^|Nri1/FA2",
    ],
)
def test_no_alarm_is_lost_with_the_key(body: str) -> None:
    opened = dc09.open_frame(one(wrap(f'"SIA-DCS"0001L0#7009[{body}]'.encode())), key=None, now=NOW)
    assert isinstance(opened, dc09.Opened)
    assert [event.code for event in opened.content.events] == ["BA", "FA"][: body.count("Nri1/")]
    assert opened.content.events[0].zone == "1"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("#7009|Nri1/BA1^[KITCHEN^", "[KITCHEN"),
        ("#7009|Nri1/BA1^[Kiosque 12^", "[Kiosque 12"),
        ("#7009|Nri1/BA1^K12^", "K12"),
        ("#7009|Nri1/BA1^KITCHEN K5EC2E7^", "KITCHEN K5EC2E7"),
        ("#7009|Nri1/BA1^[BUREAU K2^", "[BUREAU K2"),
        (
            "#7009|Nri1/BA1^12:34 aaaa bbbb cccc dddd eeee ffff 0000 1111^",
            "12:34 aaaa bbbb cccc dddd eeee ffff 0000 1111",
        ),
    ],
)
def test_ordinary_words_stay(data: str, text: str) -> None:
    raw = wrap(f'"SIA-DCS"0001L0#7009[{data}]'.encode())
    opened = dc09.open_frame(one(raw), key=None, now=NOW)
    assert isinstance(opened, dc09.Opened)
    (event,) = opened.content.events
    assert event.text == text
    assert dc09.redact(raw) == raw


def test_a_heat_alarm_without_its_account_is_no_key() -> None:
    opened = dc09.open_frame(one(wrap(b'"SIA-DCS"0001L0#7009[KA12]')), key=None, now=NOW)
    assert isinstance(opened, dc09.Opened)
    assert [(event.code, event.zone) for event in opened.content.events] == [("KA", "12")]


def test_events_without_slashes_keep_their_first() -> None:
    data = "#7009|N" + "".join(f"BA{zone}" for zone in range(1, 20))
    opened = dc09.open_frame(one(wrap(f'"SIA-DCS"0001L0#7009[{data}]'.encode())), key=None, now=NOW)
    assert isinstance(opened, dc09.Opened)
    assert opened.content.events[0].code == "BA"


BODIES = [
    "#7009|Nri1/BA1/FA2]",
    "#7009|Nri1/BA1^HALL D'ENTREE^|AGARAGE]",
    '#7009|Nti10:01/id3/BA01*"HALL"NM|Nri2/CL]',
    "#7009|1130 01 001]",
    "#7009|1130 01 001|3401 00 002 texte][I1 rue haute][X002E17.5]",
    "]",
]
OPENINGS = ["[K", "[k", "[ K", "[\x00k", "[K ", "[\x85K", "[[K"]


@settings(max_examples=3_000, deadline=None)
@given(
    token=st.sampled_from(["SIA-DCS", "ADM-CID", "XNM", "NULL"]),
    body=st.sampled_from(BODIES),
    at=st.integers(0, 80),
    opening=st.sampled_from(OPENINGS),
    closing=st.sampled_from(["]", "", "]]", "|", "^]", " ]"]),
    planted=st.binary(min_size=16, max_size=16) | st.binary(min_size=32, max_size=32),
    lower=st.booleans(),
    encrypted=st.booleans(),
)
def test_no_key_planted_anywhere_is_shown(
    *,
    token: str,
    body: str,
    at: int,
    opening: str,
    closing: str,
    planted: bytes,
    lower: bool,
    encrypted: bool,
) -> None:
    digits = planted.hex() if lower else planted.hex().upper()
    whole = body[:at] + opening + digits + closing + body[at:]
    if encrypted:
        clear = b"|" + whole.encode("latin-1") + b"_13:59:58,12-31-2026"
        raw = wrap(f'"*{token}"0001L0#7009['.encode() + encrypt_hex(bytes(16), clear))
    else:
        raw = wrap(f'"{token}"0001L0#7009['.encode() + whole.encode("latin-1"))
    shown = shown_of(raw, bytes(16) if encrypted else None)
    if len(set(digits)) > 4:  # «0000…» stands in the time, the sequence…
        assert_hidden(digits, shown)


def test_the_blanks_of_a_stranger_are_read_once() -> None:
    """Read again from each of them, these would take minutes."""
    for noise in (b"]" + b" " * 200_000, b"[" + b" " * 200_000, b"] [" * 50_000):
        assert dc09.redact(noise) == noise


def test_the_bytes_of_a_frame_in_clear_show_no_digits_in_the_form_of_a_key() -> None:
    """Nor does noise; a ciphered body stays: it is nothing but such digits."""
    for inner in (
        f'"SIA-DCS"0001L0#7009[#7009|NBA1][I{KEY}]',
        f'"SIA-DCS"0001L0#7009[#7009|NBA1][Vhttp://x/{KEY}]',
    ):
        assert KEY.encode() not in dc09.shown(wrap(inner.encode()))
    assert KEY.encode() not in dc09.shown(b"\x00\x01" + KEY.encode())
    ciphered = wrap(f'"*SIA-DCS"0001L0#7009[{KEY}'.encode())
    assert dc09.shown(ciphered) == ciphered
