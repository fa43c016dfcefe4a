"""Bad input: counted, visible, never an event, never a crash, and other panels notice nothing."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest

from tests.reception.reception_house import House, open_house
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import KeyRing
from veilleur.locale.render import render_entry
from veilleur.protocols import dc09
from veilleur.reception.limits import Limits
from veilleur.reception.lines import Origin
from veilleur.reception.troubles import EVERYBODY

TIGHT = Limits(connections=60, strangers_per_peer=20, bad_frames=20)


@pytest.fixture
async def tight(database: Any, clock: ManualClock, keys: KeyRing) -> AsyncIterator[House]:
    async with open_house(database.app_dsn, clock, keys, TIGHT) as opened:
        yield opened


def cid(sequence: int, account: str = "1234") -> bytes:
    return dc09.build_frame("ADM-CID", sequence=sequence, account=account, data=dc09.cid_data(account, "130"))


def is_ack(reply: bytes | None) -> bool:
    return reply is not None and dc09.parse_reply(reply).token == "ACK"


async def test_noise_and_good_frames_side_by_side(house: House) -> None:
    """While hostile peers send noise, oversize and broken frames, every frame of a good panel is acknowledged."""
    await house.panel("1234")
    chance = random.Random(9)
    stop = asyncio.Event()

    async def hostile() -> None:
        while not stop.is_set():
            dialler = await house.connect(source="127.0.0.3")
            try:
                for _ in range(5):
                    kind = chance.randrange(3)
                    if kind == 0:
                        await dialler.say(os.urandom(2000))
                    elif kind == 1:
                        await dialler.say(b'\n1234 0FFF"ADM-CID"' + b"9" * 6000)
                    else:
                        await dialler.say(b"\n0000" + cid(1)[5:])
            except ConnectionError:
                pass
            finally:
                dialler.writer.close()
            await asyncio.sleep(0.001)

    enemies = [asyncio.create_task(hostile()) for _ in range(4)]
    try:
        dialler = await house.connect()
        for sequence in range(1, 101):
            assert is_ack(await dialler.ask(cid(sequence)))
        for sequence in range(101, 121):
            assert is_ack(await house.dial(cid(sequence)))
            assert is_ack(await house.datagram(cid(sequence + 100)))
    finally:
        stop.set()
        await asyncio.gather(*enemies)
    assert {row["verdict"] for row in house.signals()} == {"accepted"}
    assert len(house.signals()) == 140
    counted = await house.troubles()
    assert counted["noise"] > 0
    assert counted["bad_crc"] > 0


async def test_a_stranger_that_sends_only_bad_frames_is_shown_out(tight: House) -> None:
    dialler = await tight.connect()
    await dialler.say((b"\n0000" + cid(1)[5:]) * 25)
    assert await dialler.closed()
    assert (await tight.troubles(too_many_bad=1))["too_many_bad"] == 1


async def test_a_known_panel_is_never_shown_out_for_bad_frames(tight: House) -> None:
    await tight.panel("1234")
    dialler = await tight.connect()
    assert is_ack(await dialler.ask(cid(1)))
    await dialler.say((b"\n0000" + cid(1)[5:]) * 100)
    assert is_ack(await dialler.ask(cid(2)))


async def test_slowloris_is_closed_and_a_slow_panel_is_heard(house: House) -> None:
    await house.panel("1234")
    slow, loris, mute = await house.connect(), await house.connect(), await house.connect()
    frame = cid(1)
    await slow.say(frame[:20])
    await loris.say(frame[:20])
    await house.until(
        lambda: sum(one._partial_since is not None for one in house.reception._connections()) == 2
    )
    house.clock.advance(20)  # type: ignore[attr-defined]
    await slow.say(frame[20:])
    assert is_ack(await slow.reply())
    house.clock.advance(15)  # type: ignore[attr-defined]
    assert await loris.closed()
    house.clock.advance(30)  # type: ignore[attr-defined]
    assert await mute.closed()
    # A known panel keeps its line open for a day.
    house.clock.advance(20 * 3600)  # type: ignore[attr-defined]
    await asyncio.sleep(1.5)
    assert is_ack(await slow.ask(cid(2)))
    counted = await house.troubles()
    assert (counted["slow"], counted["silent"]) == (1, 1)


async def test_two_thousand_idle_connections_hurt_nobody(house: House) -> None:
    await house.panel("1234")
    crowd = await asyncio.gather(*(house.connect(source=f"127.0.1.{n % 200 + 1}") for n in range(2000)))
    await house.until(lambda: len(house.reception.doorkeeper) == 2000)
    dialler = await house.connect()
    for sequence in range(1, 51):
        assert is_ack(await dialler.ask(cid(sequence)))
    assert is_ack(await house.datagram(cid(99)))
    house.clock.advance(61)  # type: ignore[attr-defined]
    await house.until(lambda: len(house.reception.doorkeeper) == 1)
    assert is_ack(await dialler.ask(cid(100)))
    for one in crowd:
        one.writer.close()


async def test_a_full_house_shows_out_the_oldest_stranger(tight: House) -> None:
    """The limit on all connections never refuses a panel while a stranger can leave."""
    await tight.panel("1234")
    known = await tight.connect()
    assert is_ack(await known.ask(cid(1)))
    crowd = [await tight.connect(source=f"127.0.2.{n + 1}") for n in range(80)]
    assert await crowd[0].closed()
    assert len(tight.reception.doorkeeper) <= 60
    assert is_ack(await known.ask(cid(2)))
    assert is_ack(await tight.dial(cid(3)))


async def test_one_address_shows_out_its_own_strangers(tight: House) -> None:
    await tight.panel("1234")
    crowd = [await tight.connect(source="127.0.0.2") for _ in range(40)]
    assert await crowd[0].closed()
    await tight.until(lambda: tight.reception.doorkeeper.strangers == 20)
    newcomer = await tight.connect(source="127.0.0.2")
    assert is_ack(await newcomer.ask(cid(1)))
    assert (await tight.troubles())["too_many_of_peer"] >= 20


async def test_a_concentrator_may_carry_many_panels(database: Any, clock: ManualClock, keys: KeyRing) -> None:
    """Once one of its panels is known, an address is not limited (issue 2 §2)."""
    limits = Limits(strangers_per_peer=20)
    async with open_house(database.app_dsn, clock, keys, limits) as house:
        await plant_many(house, 400)
        diallers = []
        for number in range(400):
            dialler = await house.connect()
            assert is_ack(await dialler.ask(cid(1, f"C{number:04d}")))
            diallers.append(dialler)
        assert len(house.reception.doorkeeper) == 400
        # Idle newcomers of the same address are let in too; nobody is shown out.
        idle = [await house.connect() for _ in range(50)]
        for number, dialler in enumerate(diallers):
            assert is_ack(await dialler.ask(cid(2, f"C{number:04d}")))
        assert len(house.reception.doorkeeper) == 400 + len(idle)
        assert "too_many_of_peer" not in await house.troubles()


async def plant_many(house: House, count: int) -> None:
    """Panels C0000, C0001… of one site, in one transaction."""
    await house.panel("1234")
    with psycopg.connect(house.dsn) as connection:
        (number,) = connection.execute("SELECT nextval('entry_id_seq')").fetchone()  # type: ignore[misc]
        connection.execute(
            "INSERT INTO entry (id, kind, version, happened_at, entered_at, actor_kind, touched, leaf) "
            "VALUES (%s, 'site.imported', 1, now(), now(), 'import', '{}', '')", (number,)
        )  # fmt: skip
        copied = "site_id, time_policy, clear_allowed, duplicate_seconds, sends_restores, adopted"
        connection.execute(
            f"INSERT INTO panel ({copied}, account, canonical, entry_id) SELECT {copied}, 'C' || n, 'C' || n, %s "
            "FROM panel, (SELECT lpad(i::text, 4, '0') AS n FROM generate_series(0, %s) AS i) AS numbers",
            (number, count - 1),
        )
        connection.execute("NOTIFY veilleur_sites")
    await house.until(lambda: len(house.reception.registry) == count + 1)


async def test_made_up_accounts_do_not_fill_the_table(house: House) -> None:
    """A flood of ghosts: bounded rows, silence beyond, and known accounts go on."""
    await house.panel("1234")
    dialler = await house.connect()
    for start in range(0, 400, 40):
        await dialler.say(b"".join(cid(1, f"AA{n:04d}") for n in range(start, start + 40)))
    assert is_ack(await house.dial(cid(1)))
    await house.until(lambda: house.reception.troubles.totals["ghost_flood"] == 100)
    await asyncio.wait_for(house.reception.intake.drained(), 10)
    assert len(house.rows("SELECT 1 FROM ghost")) == 300


async def test_keys_in_frames_are_never_shown(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """A `K` block is blanked in samples, events and logs, and changes no key."""
    secret = "00112233445566778899AABBCCDDEEFF"
    await house.panel("1234", key=b"0123456789ABCDEF")
    frame = dc09.build_frame(
        "ADM-CID", sequence=1, account="1234", data=dc09.cid_data("1234", "130"), extended=[("K", secret)]
    )
    dialler = await house.connect()
    assert await dialler.silence(frame)
    assert await dialler.silence(b"\n0000" + frame[5:])
    await house.troubles(clear_refused=1, bad_crc=1)
    (row,) = house.signals()
    assert secret not in str(row["events"])
    samples = [bytes(one["sample"]) for one in house.rows("SELECT sample FROM reception_trouble")]
    assert len(samples) == 2
    assert not any(secret.encode() in sample for sample in samples)
    written = capsys.readouterr()
    assert secret not in written.out + written.err
    assert "0123456789ABCDEF" not in written.out + written.err + repr(house.panels())


async def test_troubles_of_a_minute_become_one_entry_with_their_count(house: House) -> None:
    """Law 1: refusals and floods are entries per peer and minute, with a count."""
    dialler = await house.connect()
    await dialler.say((b"\n0000" + cid(1)[5:]) * 7)
    assert (await house.troubles(bad_crc=7))["bad_crc"] == 7
    assert house.rows("SELECT 1 FROM entry WHERE kind = 'reception.trouble'") == []
    house.clock.advance(60)  # type: ignore[attr-defined]
    entry = (
        "SELECT body FROM entry JOIN entry_payload ON payload_of = entry.id WHERE kind = 'reception.trouble'"
    )
    await house.until(lambda: len(house.rows(entry)) == 1)
    body = json.loads(house.rows(entry)[0]["body"])
    assert body["params"]["count"] == 7
    assert "7 fois" in render_entry("fr", "reception.trouble", 1, body)
    assert "somme de contrôle fausse" in render_entry("fr", "reception.trouble", 1, body)


async def test_a_flood_of_peers_is_one_line(house: House) -> None:
    for n in range(1000):
        house.reception.troubles.count(Origin("R1", "udp", f"198.51.100.{n}"), "noise")
    await house.troubles()
    found = house.rows("SELECT peer, count FROM reception_trouble ORDER BY count DESC")
    assert len(found) == 201
    assert found[0] == {"peer": EVERYBODY, "count": 800}


async def test_a_minute_of_made_up_peers_is_one_line_whatever_the_flushes(house: House) -> None:
    """The bound is per minute, not per flush: the table is kept for a month."""
    for n in range(1000):
        house.reception.troubles.count(Origin("R1", "udp", f"198.51.100.{n}"), "noise")
        if n % 250 == 249:
            await house.troubles()
    found = house.rows("SELECT peer, count FROM reception_trouble ORDER BY count DESC")
    assert len(found) == 201
    assert found[0] == {"peer": EVERYBODY, "count": 800}


async def test_a_fault_of_ours_is_silence_and_the_next_frame_is_heard(house: House, monkeypatch: Any) -> None:
    await house.panel("1234")
    dialler = await house.connect()
    with monkeypatch.context() as patch:
        patch.setattr(house.reception.registry, "find", lambda *_: 1 / 0)
        assert await dialler.silence(cid(1))
    assert is_ack(await dialler.ask(cid(1)))
    assert (await house.troubles(fault=1))["fault"] == 1
