"""Golden frames and quirks over real TCP and UDP sockets: whole, byte by byte, several in one segment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.reception.reception_house import SILENCE, House, open_house
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import KeyRing
from veilleur.protocols import dc09
from veilleur.reception.limits import Limits

FRAMES = Path(__file__).parents[1] / "frames"


def corpus(name: str) -> list[dict[str, Any]]:
    frames = json.loads((FRAMES / name).read_text("utf-8"))
    return [frame for frame in frames if not frame["name"].startswith(("surgard", "published_nak"))]


#: The published vector was captured long ago: encrypted and stale, whatever the hour of these tests.
STALE = {"published_enc_sia"}


def expected(frame: dict[str, Any]) -> str | None:
    if frame["name"] in STALE:
        return "NAK"
    word = frame["expect"].split()[0]
    return None if word == "SILENCE" else str(word)


async def plant(house: House, frames: list[dict[str, Any]]) -> None:
    """A panel for each account: those that speak in clear on R1, those with a key on R2."""
    done = set()
    for frame in frames:
        message = dc09.read_datagram(bytes.fromhex(frame["hex"]))
        if isinstance(message, dc09.Malformed):
            continue
        account = message.account or ""
        line = "R2" if frame["key"] else "R1"
        place = (line, dc09.canonical_account(account), frame["key"])
        if place not in done and (line, place[1]) not in {(one[0], one[1]) for one in done}:
            done.add(place)
            key = bytes.fromhex(frame["key"]) if frame["key"] else None
            await house.panel(account, line=line, key=key)


def check(frame: dict[str, Any], reply: bytes | None) -> None:
    key = bytes.fromhex(frame["key"]) if frame["key"] else None
    if expected(frame) is None:
        assert reply is None, frame["name"]
        return
    assert reply is not None, frame["name"]
    told = dc09.parse_reply(reply, key)
    assert told.token == expected(frame), frame["name"]
    assert told.encrypted == (bool(key) and told.token == "ACK"), frame["name"]
    if frame.get("reply_exact"):
        assert reply.hex() == frame["expect_reply_hex"], frame["name"]


@pytest.mark.parametrize("name", ["golden.json", "quirks.json"])
@pytest.mark.parametrize("manner", ["whole", "bytes", "udp"])
async def test_every_frame_has_its_answer(house: House, frames_now: Any, name: str, manner: str) -> None:
    frames_now()
    frames = corpus(name)
    await plant(house, frames)
    for frame in frames:
        data, line = bytes.fromhex(frame["hex"]), "R2" if frame["key"] else "R1"
        if expected(frame) is None:
            dialler = await house.connect(line)
            assert await dialler.silence(data), frame["name"]
        elif manner == "udp":
            check(frame, await house.datagram(data, line))
        elif manner == "whole":
            check(frame, await house.dial(data, line))
        else:
            dialler = await house.connect(line)
            for at in range(len(data)):
                await dialler.say(data[at : at + 1])
            check(frame, await dialler.reply())
    assert {row["verdict"] for row in house.signals()} <= {
        "accepted", "unknown_code", "unreadable", "stale", "bad_key",
    }  # fmt: skip


async def test_several_frames_in_one_segment_are_answered_in_order(house: House, frames_now: Any) -> None:
    frames_now()
    frames = [one for one in corpus("golden.json") if not one["key"]]
    await plant(house, frames)
    dialler = await house.connect()
    # Bad ones in between, and what devices put between frames.
    await dialler.say(b"\x00\r\n".join(bytes.fromhex(frame["hex"]) for frame in frames))
    for frame in frames:
        if expected(frame) is not None:
            check(frame, await dialler.reply())
    assert await dialler.reply(SILENCE) is None


async def test_two_frames_in_one_datagram_are_both_stored_and_answered(house: House) -> None:
    """Against the standard, and two alarms all the same."""
    await house.panel("1234")
    frames = [
        dc09.build_frame("ADM-CID", sequence=n, account="1234", data=dc09.cid_data("1234", code))
        for n, code in ((1, "130"), (2, "131"))
    ]
    reply = await house.datagram(b"noise" + frames[0] + b"\x00" + frames[1])
    assert reply is not None
    assert dc09.parse_reply(reply).token == "ACK"
    await house.until(lambda: len(house.signals()) == 2)
    assert [row["raw"] for row in house.signals()] == frames
    assert await house.troubles() == {}


async def test_many_frames_at_once_are_all_stored_and_answered_in_order(house: House) -> None:
    """More in one segment than may wait for an answer: the rest waits unread, none is lost."""
    await house.panel("1234")
    frames = [
        dc09.build_frame("ADM-CID", sequence=n, account="1234", data=dc09.cid_data("1234", "130", number=f"{n % 1000:03d}"))
        for n in range(1, 1001)
    ]  # fmt: skip
    dialler = await house.connect()
    dialler.writer.write(b"".join(frames))
    for n in range(1, 1001):
        reply = await dialler.reply()
        assert reply is not None, n
        assert dc09.parse_reply(reply).sequence == f"{n:04d}"
    rows = house.signals()
    assert [row["sequence"] for row in rows] == [f"{n:04d}" for n in range(1, 1001)]
    batches = house.rows("SELECT count FROM intake_batch")
    assert sum(batch["count"] for batch in batches) == 1000
    assert len(batches) < 500  # grouped: many frames, few commits


async def test_a_panel_that_closes_after_sending_is_stored_all_the_same(house: House) -> None:
    await house.panel("1234")
    dialler = await house.connect()
    await dialler.say(
        dc09.build_frame("ADM-CID", sequence=7, account="1234", data=dc09.cid_data("1234", "130"))
    )
    dialler.writer.transport.abort()
    await house.until(lambda: len(house.signals()) == 1)


async def test_frames_that_wait_their_turn_are_stored_though_the_panel_is_gone(
    database: Any, clock: ManualClock, keys: KeyRing
) -> None:
    async with open_house(database.app_dsn, clock, keys, Limits(pending=4)) as house:
        await house.panel("1234")
        with psycopg.connect(database.owner_dsn) as owner:
            owner.execute("LOCK TABLE signal IN ACCESS EXCLUSIVE MODE")
            dialler = await house.connect()
            await dialler.say(
                b"".join(
                    dc09.build_frame("ADM-CID", sequence=n, account="1234", data=dc09.cid_data("1234", "130"))
                    for n in range(1, 41)
                )
            )
            (connection,) = house.reception._connections()
            await house.until(lambda: len(connection._inbox) == 36)
            dialler.writer.transport.abort()
        await house.until(lambda: len(house.reception.doorkeeper) == 0)
        await house.until(lambda: len(house.signals()) == 40)


async def test_a_panel_that_closes_its_side_still_reads_its_ack(house: House) -> None:
    await house.panel("1234")
    dialler = await house.connect()
    await dialler.say(
        dc09.build_frame("ADM-CID", sequence=7, account="1234", data=dc09.cid_data("1234", "130"))
    )
    dialler.writer.write_eof()
    reply = await dialler.reply()
    assert reply is not None
    assert dc09.parse_reply(reply).token == "ACK"
    assert await dialler.closed()
