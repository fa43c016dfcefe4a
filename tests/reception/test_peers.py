"""Peers we did not write: `my-dc09-spt` dials us as a black box, `siadc09` reads our replies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from siadc09 import message as peer

from tests.reception.reception_house import House, open_house
from tests.simulators.my_dc09_panel import run_panel
from veilleur.kernel.clock import SystemClock
from veilleur.kernel.sealing import KeyRing
from veilleur.protocols import dc09

KEY = b"0123456789ABCDEF"


@pytest.fixture
async def real_time(database: Any, keys: KeyRing) -> AsyncIterator[House]:
    """The dialler looks at the machine's clock; so does this reception."""
    async with open_house(database.app_dsn, SystemClock(), keys) as opened:
        yield opened


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("key", [None, KEY, KEY * 2])
async def test_the_dialler_is_acknowledged(real_time: House, transport: str, key: bytes | None) -> None:
    await real_time.panel("1234", key=key)
    host, port = real_time.address("R1", transport)
    order = {
        "host": host, "port": port, "account": "1234", "type": transport, "key": key.hex() if key else None,
        "events": [
            ["ADM-CID", {"code": 130, "q": 1, "area": 1, "zone": 15}],
            ["SIA-DCS", {"code": "BA", "area": 1, "zone": 15, "text": "Entrepot"}],
            ["ADM-CID", {"code": 401, "q": 3, "area": 1, "user": 2}],
        ],
    }  # fmt: skip
    said = await asyncio.to_thread(run_panel, order)
    assert said["acknowledged"] == [True, True, True]
    rows = real_time.signals()
    assert [row["verdict"] for row in rows] == ["accepted"] * 3
    assert [(row["events"][0]["code"], row["events"][0]["category"]) for row in rows] == [
        ("130", "intrusion"), ("BA", "intrusion"), ("401", "open_close"),
    ]  # fmt: skip
    assert all(row["encrypted"] == bool(key) for row in rows)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("key", [None, KEY])
async def test_our_replies_are_read_by_another_codec(house: House, key: bytes | None) -> None:
    await house.panel("1234", key=key)
    frame = dc09.build_frame(
        "ADM-CID", sequence=12, account="1234", receiver="1", prefix="A", timestamp=house.clock.now(), key=key,
        data=dc09.cid_data("1234", "130"),
    )  # fmt: skip
    reply = await house.dial(frame)
    read = peer.parse_frame(reply, keys=key)
    assert type(read).__name__ == "AckMessage"
    unknown = dc09.build_frame("ABC-XYZ", sequence=3, account="77", data="foo")
    assert type(peer.parse_frame(await house.dial(unknown))).__name__ == "DuhMessage"
