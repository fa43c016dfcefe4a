"""The intake: group commit, its entry, the duplicate window, and a store that refuses (law 2)."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from tests.reception.reception_house import House, open_house
from veilleur.db.embedded import SUPERUSER
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import KeyRing
from veilleur.locale.render import render_entry
from veilleur.logbook.merkle import leaf_hash, root_of
from veilleur.protocols import dc09
from veilleur.reception.faults import FaultLog
from veilleur.reception.intake import Intake, StoreRefusedError
from veilleur.reception.limits import MAX_BATCH
from veilleur.reception.records import Record, Row


def cid(sequence: int, account: str = "1234") -> bytes:
    return dc09.build_frame("ADM-CID", sequence=sequence, account=account, data=dc09.cid_data(account, "130"))


def record(clock: ManualClock, sequence: int = 1, **changes: Any) -> Record:
    raw = cid(sequence)
    row = Row(
        received_at=clock.now(), line="R1", transport="tcp", peer="203.0.113.7", protocol="dc09", token="ADM-CID",
        sequence=f"{sequence:04d}", receiver=None, prefix="0", account="1234", canonical="1234", raw=raw,
        verdict="accepted", panel_id=1, path_id=1, site_id=1, events="[]", encrypted=False, panel_time=None, drift=None,
    )  # fmt: skip
    return Record(row._replace(**changes), key=hashlib.sha256(raw).digest(), seconds=60)


@asynccontextmanager
async def running(dsn: str, clock: ManualClock, **options: Any) -> AsyncIterator[Intake]:
    intake = Intake(dsn, clock, FaultLog(clock), **options)
    task = asyncio.create_task(intake.run())
    try:
        yield intake
    finally:
        intake.close()
        await asyncio.wait_for(task, 20)


def fetch(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


async def test_many_waiting_records_are_one_commit_one_entry_and_one_hint(
    database: Any, clock: ManualClock
) -> None:
    listener = await psycopg.AsyncConnection.connect(database.app_dsn, autocommit=True)
    async with listener, running(database.app_dsn, clock) as intake:
        await listener.execute("LISTEN veilleur_signal")
        await asyncio.wait_for(intake.ready(), 20)
        stored = await asyncio.gather(*(intake.store(record(clock, n)) for n in range(1, MAX_BATCH + 1)))
        assert len({one.signal_id for one in stored}) == MAX_BATCH
        assert intake.batches == 1
        hints = [hint async for hint in listener.notifies(timeout=1)]
        assert len(hints) == 1
    ((entry_id, kind, leaf, salt, body),) = fetch(
        database.app_dsn,
        "SELECT e.id, kind, leaf, salt, body FROM entry e JOIN entry_payload ON payload_of = e.id",
    )
    told = json.loads(body)["params"]
    raws = [bytes(row[0]) for row in fetch(database.app_dsn, "SELECT raw FROM signal ORDER BY id")]
    assert kind == "signals.received"
    assert told["count"] == MAX_BATCH
    assert (told["first"], told["last"]) == (stored[0].signal_id, stored[-1].signal_id)
    assert told["root"] == root_of([leaf_hash(raw) for raw in raws]).hex()
    assert json.loads(leaf)["commitment"] == hashlib.sha256(bytes(salt) + bytes(body)).hexdigest()
    assert fetch(database.app_dsn, "SELECT entry_id, count, root FROM intake_batch") == [
        (entry_id, MAX_BATCH, bytes.fromhex(told["root"]))
    ]
    assert fetch(database.app_dsn, "SELECT entry_id FROM entry_unsealed") == [(entry_id,)]
    assert f"{MAX_BATCH} signaux" in render_entry("fr", kind, 1, json.loads(body))


async def test_copies_in_one_batch_and_later_are_counted_on_the_first(
    database: Any, clock: ManualClock
) -> None:
    async with running(database.app_dsn, clock) as intake:
        await asyncio.wait_for(intake.ready(), 20)
        one, two, three = await asyncio.gather(*(intake.store(record(clock)) for _ in range(3)))
        assert [each.duplicate for each in (one, two, three)] == [False, True, True]
        again = await intake.store(record(clock))
        assert again.duplicate
        assert {each.signal_id for each in (one, two, three, again)} == {one.signal_id}
    assert fetch(database.app_dsn, "SELECT count(*) FROM signal_copy") == [(3,)]
    # A batch of copies alone stores no frame and writes no entry.
    assert fetch(database.app_dsn, "SELECT count(*) FROM intake_batch") == [(1,)]


async def test_batches_that_overlap_keep_their_order_and_know_each_others_frames(
    database: Any, clock: ManualClock
) -> None:
    """More than a batch holds: the next is stored while the one before, whose first frame it repeats, is committed."""
    last = 2 * MAX_BATCH + 40
    async with running(database.app_dsn, clock) as intake:
        await asyncio.wait_for(intake.ready(), 20)
        told: list[tuple[int, Any]] = []
        for n in [*range(1, last + 1), 1]:
            assert intake.submit(record(clock, n), lambda kept, n=n: told.append((n, kept)))  # type: ignore[misc]
        await asyncio.wait_for(intake.drained(), 20)
        assert intake.batches == 3
    assert [n for n, _ in told] == [*range(1, last + 1), 1]
    assert [kept.duplicate for _, kept in told] == [False] * last + [True]
    assert told[-1][1].signal_id == told[0][1].signal_id
    rows = fetch(
        database.app_dsn,
        "SELECT sequence, xmin::text FROM signal ORDER BY id",
    )
    assert [int(sequence) for sequence, _ in rows] == [*range(1, last + 1)]
    assert len({transaction for _, transaction in rows}) == 3


async def test_two_writers_decide_copies_alike(database: Any, clock: ManualClock) -> None:
    """Rule 4 across processes: the same frames through two intakes at once are stored once."""
    async with running(database.app_dsn, clock) as left, running(database.app_dsn, clock) as right:
        await asyncio.wait_for(asyncio.gather(left.ready(), right.ready()), 20)
        for start in range(1, 2000, 400):
            some = range(start, start + 400)
            await asyncio.gather(
                *(left.store(record(clock, n)) for n in some), *(right.store(record(clock, n)) for n in reversed(some))
            )  # fmt: skip
    assert fetch(database.app_dsn, "SELECT count(*), count(DISTINCT sequence) FROM signal") == [(2000, 2000)]
    assert fetch(database.app_dsn, "SELECT count(*) FROM signal_copy") == [(2000,)]


async def test_a_clock_set_back_makes_two_signals_rather_than_a_swallowed_one(
    database: Any, clock: ManualClock
) -> None:
    async with running(database.app_dsn, clock) as intake:
        await asyncio.wait_for(intake.ready(), 20)
        await intake.store(record(clock))
        clock.advance(-3600)
        assert not (await intake.store(record(clock))).duplicate


async def test_one_bad_record_does_not_spoil_its_batch(database: Any, clock: ManualClock) -> None:
    async with running(database.app_dsn, clock) as intake:
        await asyncio.wait_for(intake.ready(), 20)
        many = [record(clock, n) for n in range(1, 21)]
        many[7] = record(clock, 8, account="NUL\x00inside")
        many[9] = record(clock, 10, token="\ud800")
        outcomes = await asyncio.gather(*(intake.store(one) for one in many), return_exceptions=True)
        refused = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, StoreRefusedError)]
        assert refused == [7, 9]
        assert intake.available
    assert fetch(database.app_dsn, "SELECT count(*) FROM signal") == [(18,)]


async def test_a_full_queue_refuses_at_once_and_strangers_first(database: Any, clock: ManualClock) -> None:
    async with running(database.app_dsn, clock, max_waiting=20) as intake:
        await asyncio.wait_for(intake.ready(), 20)
        told: list[Any] = []
        stranger = record(clock)._replace(known=False, key=None)
        taken = [intake.submit(stranger, told.append) for _ in range(15)]
        assert taken == [True] * 10 + [False] * 5
        taken = [intake.submit(record(clock, n), told.append) for n in range(1, 16)]
        assert taken == [True] * 10 + [False] * 5
        await asyncio.wait_for(intake.drained(), 10)
        assert len(told) == 20
        assert None not in told


async def test_a_database_that_forgets_is_refused(postgres: Any, database: Any, clock: ManualClock) -> None:
    """Law 2: no acknowledgement on a database with synchronous_commit off."""
    superuser = postgres.dsn(SUPERUSER, "postgres")
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {database.name} SET synchronous_commit = off")
    async with running(database.app_dsn, clock) as intake:
        async with asyncio.timeout(10):
            while intake.last_error is None:
                await asyncio.sleep(0.01)
        assert "synchronous_commit" in intake.last_error
        assert not intake.available
        with pytest.raises(StoreRefusedError):
            await intake.store(record(clock))
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {database.name} RESET synchronous_commit")
        await asyncio.wait_for(intake.ready(), 20)
        await intake.store(record(clock))


async def test_without_the_database_there_is_silence_then_recovery(
    postgres: Any, database: Any, house: House
) -> None:
    """Law 3: silence, said so by the role's health; afterwards every panel is answered again."""
    await house.panel("1234")
    assert await house.dial(cid(1)) is not None
    with psycopg.connect(postgres.dsn(SUPERUSER, "postgres"), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS false")
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database.name,)
        )
        persistent = await house.connect()
        assert await persistent.silence(cid(2))
        await house.until(lambda: not house.reception.health()["ready"])
        assert await persistent.silence(cid(2))
        assert await house.datagram(cid(2)) is None
        admin.execute(f"ALTER DATABASE {database.name} ALLOW_CONNECTIONS true")
    await house.until(lambda: house.reception.health()["ready"])
    # The connection was never closed, and the panel's next attempt on it is answered.
    reply = await persistent.ask(cid(2))
    assert reply is not None
    assert dc09.parse_reply(reply).sequence == "0002"
    assert [row["sequence"] for row in house.signals()] == ["0001", "0002"]


async def test_a_store_that_refuses_the_moment_is_silence(database: Any, house: House) -> None:
    await house.panel("1234")
    with psycopg.connect(database.owner_dsn) as owner:
        owner.execute("LOCK TABLE signal IN ACCESS EXCLUSIVE MODE")
        dialler = await house.connect()
        await dialler.say(cid(1))
        assert await dialler.reply(3.5) is None
    assert house.signals() == []
    assert await dialler.ask(cid(1)) is not None
    assert len(house.signals()) == 1


async def test_a_server_that_hangs_is_left_for_another_connection(
    database: Any, clock: ManualClock, keys: KeyRing
) -> None:
    async with open_house(database.app_dsn, clock, keys) as house:
        await house.panel("1234")
        pids = [wire.connection.info.backend_pid for wire in house.reception.intake._wires]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            dialler = await house.connect()
            await dialler.say(cid(1))
            await house.until(lambda: house.reception.intake.refused > 0)
            await house.until(lambda: house.reception.intake.available)
            assert await dialler.ask(cid(2)) is not None
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
        # What the hung server finishes later is a signal all the same, and its copy is told as one.
        assert {row["sequence"] for row in house.signals()} >= {"0002"}
