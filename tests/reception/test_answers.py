"""The table of answers (protocols.md, rule 5), over real sockets and in the database (laws 2 and P9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg
import pytest
from fastcrc import crc16

from tests.reception.reception_house import House
from veilleur.protocols import dc09
from veilleur.protocols.dc09.encode import wrap
from veilleur.reception.answers import TABLE, Case, Keep, Reply

KEY = bytes.fromhex("30313233343536373839414243444546")
OTHER_KEY = bytes.fromhex("ffffffffffffffffffffffffffffffff")


def cid(account: str = "1234", sequence: int = 1, code: str = "130", **more: Any) -> bytes:
    data = dc09.cid_data(account, code, area="01", number="015")
    return dc09.build_frame("ADM-CID", sequence=sequence, account=account, data=data, **more)


def token(reply: bytes | None, key: bytes | None = None) -> str | None:
    return None if reply is None else dc09.parse_reply(reply, key).token


async def test_event_of_a_known_account_is_stored_then_acknowledged(house: House) -> None:
    panel = await house.panel("1234")
    assert await house.dial(cid()) == dc09.ack(dc09.read_datagram(cid()), key=None, now=house.clock.now())
    (row,) = house.signals()
    assert (row["verdict"], row["panel_id"], row["line"], row["transport"]) == (
        "accepted",
        panel,
        "R1",
        "tcp",
    )
    assert row["events"] == [
        {"category": "intrusion", "code": "130", "qualifier": "new", "area": "01", "zone": "015", "user": None,
         "text": None, "extended": {}}
    ]  # fmt: skip
    assert row["path_id"] is not None
    assert row["decided_at"] is None


async def test_the_row_is_committed_when_the_ack_arrives(house: House) -> None:
    """Law 2: another connection sees the row at the moment of each ACK, in 40 dials."""
    await house.panel("1234")
    dialler = await house.connect()
    with psycopg.connect(house.dsn, autocommit=True) as witness:
        for sequence in range(1, 41):
            reply = await dialler.ask(cid(sequence=sequence))
            seen = witness.execute(
                "SELECT count(*) FROM signal WHERE sequence = %s", (f"{sequence:04d}",)
            ).fetchone()
            assert token(reply) == "ACK"
            assert seen == (1,)


async def test_an_unknown_account_is_a_ghost_and_acknowledged(house: House) -> None:
    assert token(await house.dial(cid("00FACE"))) == "ACK"
    (row,) = house.signals()
    assert (row["verdict"], row["site_id"], row["account"], row["canonical"]) == (
        "ghost",
        None,
        "00FACE",
        "FACE",
    )
    (ghost,) = house.rows("SELECT * FROM ghost")
    assert (ghost["canonical"], ghost["count"], ghost["last_signal_id"]) == ("FACE", 1, row["id"])


async def test_a_frame_that_names_no_account_is_nobody_s(house: House) -> None:
    """Not the panel's whose account is «000»."""
    await house.panel("000")
    assert token(await house.dial(wrap(b'"ADM-CID"0001L0[|1120 01 001]'))) == "ACK"
    (row,) = house.signals()
    assert (row["verdict"], row["site_id"], row["canonical"]) == ("ghost", None, "")


async def test_a_ghost_beyond_its_cap_is_counted_durably_and_still_acknowledged(house: House) -> None:
    dialler = await house.connect()
    for sequence in range(1, 16):
        assert token(await dialler.ask(cid("BEEF", sequence))) == "ACK"
        assert house.rows("SELECT count FROM ghost") == [{"count": sequence}]
    assert len(house.signals()) == 10
    assert (await house.troubles())["ghost_capped"] == 5


async def test_an_account_of_another_line_is_a_trouble_and_not_a_ghost(house: House) -> None:
    """P9: stations reuse the same digits on several receivers."""
    first = await house.panel("1234", line="R1")
    assert token(await house.dial(cid(), "R2")) == "ACK"
    second = await house.panel("1234", line="R2")
    assert token(await house.dial(cid(sequence=2), "R2")) == "ACK"
    assert token(await house.dial(cid(sequence=3), "R1")) == "ACK"
    assert [(row["verdict"], row["panel_id"]) for row in house.signals()] == [
        ("other_line", None), ("accepted", second), ("accepted", first),
    ]  # fmt: skip
    assert house.rows("SELECT * FROM ghost") == []
    assert (await house.troubles()) == {"other_line": 1}


async def test_encrypted_without_a_known_key_is_kept_and_met_with_silence(house: House) -> None:
    dialler = await house.connect()
    assert await dialler.silence(cid(timestamp=house.clock.now(), key=KEY))
    (row,) = house.signals()
    assert (row["verdict"], row["events"], row["encrypted"]) == ("no_key", [], True)
    assert (await house.troubles()) == {"no_key": 1}


async def test_a_retransmission_is_acknowledged_again_and_counted_on_the_first(house: House) -> None:
    await house.panel("1234")
    first = await house.dial(cid())
    assert first is not None
    assert await house.dial(cid()) == first
    assert await house.datagram(cid()) == first
    assert len(house.signals()) == 1
    copies = house.rows("SELECT signal_id, transport FROM signal_copy ORDER BY id")
    assert copies == [{"signal_id": house.signals()[0]["id"], "transport": each} for each in ("tcp", "udp")]


async def test_after_its_window_a_copy_is_a_new_signal(house: House) -> None:
    await house.panel("1234", duplicate_seconds=20)
    await house.panel("5678")
    for account in ("1234", "5678"):
        assert token(await house.dial(cid(account))) == "ACK"
    house.clock.advance(25)  # type: ignore[attr-defined]
    for account in ("1234", "5678"):
        assert token(await house.dial(cid(account))) == "ACK"
    assert [row["account"] for row in house.signals()] == ["1234", "5678", "1234"]
    house.clock.advance(40)  # type: ignore[attr-defined]
    assert token(await house.dial(cid("5678"))) == "ACK"
    assert [row["account"] for row in house.signals()] == ["1234", "5678", "1234", "5678"]


async def test_what_was_a_ghost_a_moment_ago_is_no_copy_once_it_is_known(house: House) -> None:
    """When in doubt, two signals: an alarm must never be swallowed by its own ghost or refusal."""
    assert token(await house.dial(cid())) == "ACK"
    await house.panel("1234", clear_allowed=False)
    assert token(await house.dial(cid())) == "ACK"
    assert token(await house.dial(cid())) == "ACK"
    assert [row["verdict"] for row in house.signals()] == ["ghost", "accepted"]


async def test_unknown_code_is_stored_and_acknowledged(house: House) -> None:
    await house.panel("1234")
    assert token(await house.dial(cid(code="9F9"))) == "ACK"
    (row,) = house.signals()
    assert (row["verdict"], row["events"][0]["category"]) == ("unknown_code", "unknown")


@pytest.mark.parametrize("known", [True, False])
async def test_an_unreadable_frame_is_stored_and_answered_duh(house: House, known: bool) -> None:
    if known:
        await house.panel("1234")
    frame = dc09.build_frame("ABC-XYZ", sequence=24, account="1234", data="foo")
    assert token(await house.dial(frame)) == "DUH"
    (row,) = house.signals()
    assert (row["verdict"], row["raw"], row["site_id"] is not None) == ("unreadable", frame, known)


async def test_clear_with_a_forged_time_is_accepted_with_its_drift(house: House) -> None:
    await house.panel("1234")
    late = house.clock.now() - timedelta(hours=3)
    assert token(await house.dial(cid(timestamp=late))) == "ACK"
    (row,) = house.signals()
    assert (row["verdict"], row["drift"], row["panel_time"]) == ("accepted", -10800.0, late)


async def test_encrypted_with_a_forged_time_is_stale_and_answered_nak(house: House) -> None:
    await house.panel("1234", key=KEY)
    reply = await house.dial(cid(timestamp=house.clock.now() - timedelta(seconds=50), key=KEY))
    assert reply == dc09.nak(house.clock.now())
    (row,) = house.signals()
    assert (row["verdict"], row["drift"], row["events"]) == ("stale", -50.0, [])
    # The panel corrects its clock and sends again with the same sequence: no duplicate, an alarm.
    assert token(await house.dial(cid(timestamp=house.clock.now(), key=KEY)), KEY) == "ACK"
    assert [row["verdict"] for row in house.signals()] == ["stale", "accepted"]


async def test_a_replayed_frame_is_stale(house: House) -> None:
    await house.panel("1234", key=KEY)
    frame = cid(timestamp=house.clock.now(), key=KEY)
    assert token(await house.dial(frame), KEY) == "ACK"
    house.clock.advance(3600)  # type: ignore[attr-defined]
    assert token(await house.dial(frame)) == "NAK"
    assert [row["verdict"] for row in house.signals()] == ["accepted", "stale"]


async def test_encrypted_is_acknowledged_encrypted(house: House) -> None:
    await house.panel("1234", key=KEY)
    reply = await house.dial(cid(timestamp=house.clock.now(), key=KEY))
    assert reply is not None
    assert b'"*ACK"0001L0#1234[' in reply
    assert dc09.parse_reply(reply, KEY).timestamp == house.clock.now()


@pytest.mark.parametrize("fault", ["wrong key", "inner account"])
async def test_a_frame_that_does_not_prove_its_key_meets_silence(house: House, fault: str) -> None:
    await house.panel("1234", key=KEY)
    now = house.clock.now()
    data = dc09.cid_data("9999" if fault == "inner account" else "1234", "130")
    frame = dc09.build_frame(
        "ADM-CID", sequence=1, account="1234", data=data, timestamp=now,
        key=KEY if fault == "inner account" else OTHER_KEY,
    )  # fmt: skip
    dialler = await house.connect()
    for _ in range(15):
        await dialler.say(frame)
    assert await dialler.reply(0.5) is None
    assert [row["verdict"] for row in house.signals()] == ["bad_key"] * 10
    assert (await house.troubles()) == {"bad_key": 15}
    (trouble,) = house.rows("SELECT * FROM reception_trouble")
    assert trouble["sample"] == frame


async def test_clear_on_a_keyed_account_is_kept_and_met_with_silence(house: House) -> None:
    await house.panel("1234", key=KEY)
    dialler = await house.connect()
    assert await dialler.silence(cid())
    (row,) = house.signals()
    assert (row["verdict"], row["events"][0]["code"], row["path_id"]) == ("clear_refused", "130", None)
    null = dc09.build_frame("NULL", sequence=2, account="1234")
    assert await dialler.silence(null)
    assert len(house.signals()) == 1
    assert (await house.troubles()) == {"clear_refused": 2}
    assert house.rows("SELECT * FROM path_seen") == []


async def test_clear_is_accepted_where_the_panel_allows_it(house: House) -> None:
    await house.panel("1234", key=KEY, clear_allowed=True)
    assert token(await house.dial(cid())) == "ACK"


async def test_a_key_that_cannot_be_opened_never_becomes_clear(house: House) -> None:
    await house.panel("1234", key_sealed=b"altered, or sealed under a key file that is lost")
    dialler = await house.connect()
    assert await dialler.silence(cid())
    assert await dialler.silence(cid(timestamp=house.clock.now(), key=KEY))
    assert [row["verdict"] for row in house.signals()] == ["clear_refused", "no_key"]


@pytest.mark.parametrize("name", ["bad_crc", "bad_length", "noise", "oversize", "reply"])
async def test_bytes_that_make_no_frame_are_counted_and_met_with_silence(house: House, name: str) -> None:
    good = cid()
    bad = {
        "bad_crc": b"\n0000" + good[5:],
        "bad_length": good[:5] + b"0099" + good[9:] + good,
        "noise": b"GET / HTTP/1.1\r\n\r\n" * 300,
        "oversize": b'\n12345FFF"ADM' + b"A" * 5000,
        "reply": dc09.ack(dc09.read_datagram(good), key=None, now=house.clock.now()),
    }[name]
    dialler = await house.connect()
    await dialler.say(bad)
    if name == "bad_length":
        assert token(await dialler.reply()) == "ACK"
    else:
        assert await dialler.reply(0.4) is None
    counted = await house.troubles()
    assert counted.get(name, 0) >= 1
    assert len(house.signals()) == (1 if name == "bad_length" else 0)


async def test_link_tests_are_acknowledged_while_last_seen_is_committed(house: House) -> None:
    """Law 2: no row of its own; silence once the last flush is 5 s old."""
    await house.panel("1234", key=KEY)
    await house.panel("0077")
    now = house.clock.now()
    encrypted = dc09.build_frame("NULL", sequence=1, account="1234", timestamp=now, key=KEY)
    assert token(await house.dial(encrypted), KEY) == "ACK"
    null = dc09.build_frame("NULL", sequence=0, account="77")
    assert token(await house.datagram(null)) == "ACK"
    assert token(await house.dial(dc09.build_frame("XNM", sequence=0, account="77", data="#77|"))) == "ACK"
    assert house.signals() == []
    await house.until(lambda: len(house.rows("SELECT * FROM path_seen")) == 2)
    assert {row["last_seen"] for row in house.rows("SELECT last_seen FROM path_seen")} == {now}
    with psycopg.connect(house.dsn) as other:
        other.execute("LOCK TABLE path_seen IN EXCLUSIVE MODE")
        house.clock.advance(6)  # type: ignore[attr-defined]
        assert not house.reception.last_seen.fresh
        assert await (await house.connect()).silence(null)
        # Alarms do not depend on it.
        assert token(await house.dial(cid("0077"))) == "ACK"
    await house.until(lambda: house.reception.last_seen.fresh)
    assert token(await house.dial(null)) == "ACK"


async def test_every_row_of_the_table_is_reached(house: House) -> None:
    """The rows above are all there are: a new case needs its test."""
    assert set(TABLE) == set(Case)
    for case, answer in TABLE.items():
        assert (answer.keep in (Keep.ROW, Keep.GHOST, Keep.CAPPED)) == bool(answer.verdict), case
        assert answer.reply is not Reply.NAK or case is Case.STALE
        assert not (answer.reply is Reply.ACK and answer.keep is Keep.COUNTER), case


async def test_unopened_cipher_text_is_answered_duh_and_proves_nothing(house: House) -> None:
    await house.panel("1234", key=KEY)
    whole = dc09.build_frame("ADM-CID", sequence=1, account="1234", timestamp=house.clock.now(), key=KEY,
                             data=dc09.cid_data("1234", "130"))  # fmt: skip
    inner = whole[9:-1].replace(b"[", b"[ZZ")
    frame = b"\n%04X0%03X" % (crc16.arc(inner), len(inner)) + inner + b"\r"
    assert token(await house.dial(frame)) == "DUH"
    (row,) = house.signals()
    assert (row["verdict"], row["path_id"]) == ("unreadable", None)
