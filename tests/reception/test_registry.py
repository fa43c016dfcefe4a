"""Panels in memory: every change within two seconds, also those that commit out of order."""

from __future__ import annotations

import sys
import time
import tracemalloc
from decimal import Decimal
from typing import Any

import psycopg

from tests.reception.reception_house import House
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.sealing import KeyRing, panel_key_row
from veilleur.protocols import dc09
from veilleur.reception.faults import FaultLog
from veilleur.reception.registry import Registry, _PanelRow


def entry(connection: psycopg.Connection[Any]) -> int:
    (number,) = connection.execute("SELECT nextval('entry_id_seq')").fetchone()  # type: ignore[misc]
    connection.execute(
        "INSERT INTO entry (id, kind, version, happened_at, entered_at, actor_kind, touched, leaf) "
        "VALUES (%s, 'site.imported', 1, now(), now(), 'import', '{}', '')", (number,)
    )  # fmt: skip
    return int(number)


async def ack(house: House, account: str, line: str = "R1") -> str:
    frame = dc09.build_frame("ADM-CID", sequence=1, account=account, data=dc09.cid_data(account, "130"))
    await house.dial(frame, line)
    return str(house.signals()[-1]["verdict"])


async def test_changes_that_commit_out_of_order_are_all_seen(house: House) -> None:
    """The lower entry id commits last: a cursor over entry ids would lose it."""
    first, second = await house.panel("1111"), await house.panel("2222")
    with psycopg.connect(house.dsn) as slow, psycopg.connect(house.dsn) as quick:
        slow.execute(
            "UPDATE panel SET account = 'AAAA', canonical = 'AAAA', entry_id = %s WHERE id = %s",
            (entry(slow), first),
        )
        quick.execute(
            "UPDATE panel SET account = 'BBBB', canonical = 'BBBB', entry_id = %s WHERE id = %s",
            (entry(quick), second),
        )
        quick.commit()
        await house.until(lambda: house.reception.registry.find("R1", "BBBB") is not None)
        assert house.reception.registry.find("R1", "AAAA") is None
        slow.commit()
    await house.until(lambda: house.reception.registry.find("R1", "AAAA") is not None)
    assert house.reception.registry.find("R1", "1111") is None


async def test_an_import_takes_effect_within_two_seconds_without_a_word(house: House) -> None:
    """No NOTIFY at all here: the comparison alone finds it."""
    started = time.monotonic()
    await house.panel("1234", notify=False)
    assert time.monotonic() - started < 5  # 1 s between two looks; generous, the machine is shared
    assert await ack(house, "1234") == "accepted"


async def test_a_removed_panel_becomes_a_ghost(house: House) -> None:
    panel = await house.panel("1234")
    with psycopg.connect(house.dsn) as connection:
        connection.execute(
            "UPDATE panel SET removed_at = now(), entry_id = %s WHERE id = %s", (entry(connection), panel)
        )
        connection.execute("NOTIFY veilleur_sites")
    await house.until(lambda: len(house.reception.registry) == 0)
    assert await ack(house, "1234") == "ghost"
    # Nobody has the account any more: it is in the ghost queue, and no trouble of another line.
    assert [row["canonical"] for row in house.rows("SELECT canonical FROM ghost")] == ["1234"]


async def test_settings_of_a_panel_and_its_paths_follow(house: House) -> None:
    panel = await house.panel("1234", paths=[{"name": "ip", "match": {"transport": "udp"}}])
    assert (await ack(house, "1234"), house.signals()[-1]["path_id"]) == ("accepted", None)
    with psycopg.connect(house.dsn) as connection:
        connection.execute(
            'UPDATE panel_path SET match = \'{"transport": "tcp"}\', entry_id = %s WHERE panel_id = %s',
            (entry(connection), panel),
        )
    await house.until(lambda: house.panels()[0].paths[0].transport == "tcp")
    frame = dc09.build_frame("ADM-CID", sequence=2, account="1234", data=dc09.cid_data("1234", "130"))
    await house.dial(frame)
    assert house.signals()[-1]["path_id"] is not None


async def test_a_panel_of_any_line_gives_way_to_one_of_the_line(house: House) -> None:
    anywhere = await house.panel("1234")
    named = await house.panel("1234", line="R2")
    assert house.reception.registry.find("R1", "1234").id == anywhere  # type: ignore[union-attr]
    assert house.reception.registry.find("R2", "1234").id == named  # type: ignore[union-attr]


def test_a_panel_in_memory_weighs_less_than_a_kilobyte(clock: ManualClock, keys: KeyRing) -> None:
    """Issue 3 «Figures»: what Python allocates, with its key; `make bench` weighs the whole process."""
    registry = Registry("", keys, clock, FaultLog(clock))
    rows = [
        _PanelRow(
            id=(number := 100_000 + n),
            site_id=200_000 + n,
            canonical=f"5{number}",
            line=None,
            key_sealed=keys.seal(bytes(16), panel_key_row(number)),
            time_policy="standard",
            clear_allowed=False,
            duplicate_seconds=60,
            removed=False,
            timezone="Europe/Paris",
            version=Decimal(3_000_000 + n),
            paths=[(300_000 + n, {})],
        )
        for n in range(5_000)
    ]
    tracemalloc.start()
    try:
        for at in range(len(rows)):
            registry._apply(rows[at])
        rows.clear()
        weight = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    found = registry.find("R1", "5104999")
    assert found is not None
    assert found.key == bytes(16)
    # The rows were made before: what the registry keeps of them (account, sealed key, numbers) is added by their size.
    kept = sys.getsizeof("5104999") + sys.getsizeof(keys.seal(bytes(16), "panel/104999/key")) + 2 * 32
    assert weight / 5_000 + kept < 1_000
