"""The role: told in sentences what is wrong, and named queries that each say what they do."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from tests.reception.reception_house import House, open_house
from veilleur.kernel.clock import ManualClock
from veilleur.kernel.errors import SettingsError
from veilleur.kernel.sealing import KeyRing
from veilleur.protocols import dc09
from veilleur.reception.lines import Line
from veilleur.reception.queries import QUERIES
from veilleur.reception.role import Reception, run_reception
from veilleur.settings import LineSettings


async def test_a_port_in_use_is_one_clear_sentence(database: Any, clock: ManualClock, keys: KeyRing) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = LineSettings(name="R1", listen=f"127.0.0.1:{port}")
        with pytest.raises(SettingsError, match=f"Line R1 cannot listen on 127.0.0.1:{port}"):
            await asyncio.wait_for(
                run_reception(
                    dsn=database.app_dsn, lines=[line], keys=keys, clock=clock, holder="test/1",
                    stop=asyncio.Event(), report=lambda _: None,
                ),
                30,
            )  # fmt: skip


def test_two_lines_of_one_name_are_refused(clock: ManualClock, keys: KeyRing) -> None:
    with pytest.raises(SettingsError, match="same name"):
        Reception("", [Line("R1", "127.0.0.1", 0), Line("R1", "127.0.0.1", 0)], keys, clock, "test/1")


async def test_health_says_what_is_held(house: House) -> None:
    await house.panel("1234")
    dialler = await house.connect()
    await dialler.ask(
        dc09.build_frame("ADM-CID", sequence=1, account="1234", data=dc09.cid_data("1234", "130"))
    )
    health = house.reception.health()
    assert health["ready"]
    assert (health["panels"], health["connections"], health["strangers"]) == (1, 1, 0)
    assert (health["intake"]["stored"], health["intake"]["waiting"]) == (1, 0)
    assert {each.split()[0] for each in health["addresses"]} == {"R1/tcp", "R1/udp", "R2/tcp", "R2/udp"}


async def test_a_stop_ends_the_watermark(database: Any, clock: ManualClock, keys: KeyRing) -> None:
    async with open_house(database.app_dsn, clock, keys) as house:
        assert house.rows("SELECT stopped_at FROM reception_watermark") == [{"stopped_at": None}]
    assert house.rows("SELECT stopped_at FROM reception_watermark") == [{"stopped_at": clock.now()}]


def test_every_query_has_a_sentence() -> None:
    """House rule 16."""
    assert len(QUERIES) >= 10
    for name, (sentence, sql) in QUERIES.items():
        assert sentence.endswith("."), name
        assert sql.strip(), name
