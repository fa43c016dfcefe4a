"""The whole street: a real frame on a real socket, stored, acknowledged, decided: a dossier within a second."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from veilleur.kernel.clock import SystemClock
from veilleur.kernel.sealing import open_key_ring
from veilleur.protocols import dc09
from veilleur.reception.role import run_reception
from veilleur.settings import LineSettings
from veilleur.watch.lease import release
from veilleur.watch.loop import Watch


@pytest.fixture
def street(station: Any, tmp_path: Path) -> Iterator[tuple[Any, int]]:
    """A reception and a watch on the station's database; (station, port)."""
    release(station.database, station.held)
    health: dict[str, Any] = {}
    watch, end = Watch(station.database, SystemClock(), "street"), threading.Event()

    async def serve() -> None:
        stop = asyncio.Event()

        async def until_told() -> None:
            while not end.is_set():
                await asyncio.sleep(0.05)
            stop.set()

        told = asyncio.create_task(until_told())
        await run_reception(
            dsn=station.database.dsn,
            lines=[LineSettings(name="R1", listen="127.0.0.1:0", transports=("tcp",))],
            keys=open_key_ring(tmp_path / "panel.key"),
            clock=SystemClock(),
            holder="street",
            stop=stop,
            report=health.update,
        )
        await told

    threads = [
        threading.Thread(target=lambda: asyncio.run(serve())),
        threading.Thread(target=watch.run, args=(end,)),
    ]
    for thread in threads:
        thread.start()
    try:
        deadline = time.monotonic() + 15
        while not (health.get("ready") and watch.leading) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert health.get("ready"), health
        yield station, int(health["addresses"][0].rpartition(":")[2])
    finally:
        end.set()
        for thread in threads:
            thread.join(timeout=15)
            assert not thread.is_alive()


def dial(port: int, token: str, data: str, sequence: int) -> str:
    """Sends one frame as a panel does; what came back: ACK, NAK, DUH."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
        wire.sendall(dc09.build_frame(token, sequence=sequence, account="1234", data=data))
        return dc09.parse_reply(wire.recv(4096)).token


def waited(station: Any, condition: Any, seconds: float = 3) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_de_la_trame_au_dossier(street: tuple[Any, int]) -> None:
    station, port = street
    begun = time.monotonic()
    assert dial(port, "ADM-CID", dc09.cid_data("1234", "130", area="01", number="002"), 1) == "ACK"
    assert waited(station, station.incidents)
    assert time.monotonic() - begun < 2
    (dossier,) = station.incidents()
    assert (dossier.family, dossier.priority, dossier.headline["zone_name"]) == ("intrusion", 3, "Point 2")
    assert dial(port, "SIA-DCS", dc09.sia_data("1234", "BA3", "TA1", area="1"), 2) == "ACK"
    assert waited(station, lambda: station.incidents()[0].signal_count == 2)
    (dossier,) = station.incidents()
    assert (dossier.priority, dossier.headline["marks"]) == (2, ["confirmed"])
    keys = {f"zone:{station.panel_id}:{key}" for key in ("2", "3", "1/tamper")}
    assert set(station.points(dossier.id)) == keys
    assert (
        dial(port, "ADM-CID", dc09.cid_data("1234", "130", qualifier="3", area="01", number="002"), 3)
        == "ACK"
    )
    point = f"zone:{station.panel_id}:2"
    assert waited(station, lambda: station.points(dossier.id)[point].normal_at is not None)


def test_une_trame_illisible_fait_un_dossier(street: tuple[Any, int]) -> None:
    station, port = street
    assert dial(port, "ADM-CID", "#1234|???", 4) == "DUH"
    assert waited(station, station.incidents)
    assert station.incidents()[0].headline["marks"] == ["unreadable"]


def test_un_fantome_est_acquitte_sans_dossier(street: tuple[Any, int]) -> None:
    station, port = street
    with socket.create_connection(("127.0.0.1", port), timeout=5) as wire:
        data = dc09.cid_data("9999", "130", area="01", number="002")
        wire.sendall(dc09.build_frame("ADM-CID", sequence=5, account="9999", data=data))
        assert dc09.parse_reply(wire.recv(4096)).token == "ACK"
    undecided = text("SELECT count(*) FROM signal WHERE decided_at IS NULL OR verdict <> 'ghost'")

    def settled() -> bool:
        with station.database.read() as session:
            return session.scalar(undecided) == 0

    assert waited(station, settled)
    assert station.value("SELECT count(*) FROM signal") == 1
    assert station.value("SELECT count(*) FROM incident") == 0


def test_p9_le_meme_numero_sur_une_autre_ligne_n_est_pas_ce_site(street: tuple[Any, int]) -> None:
    """Villa Mimosas is 1234 on R1, the garage is 1234 on R3: what dials R1 is the villa, nobody else."""
    station, port = street
    garage, _ = station.add_site(2)
    with station.act() as act:
        entry = act.record("site.imported", {})
        act.session.execute(
            text(
                "UPDATE panel SET account = '1234', canonical = '1234', line = 'R3', entry_id = :e WHERE site_id = :s"
            ),
            {"e": entry, "s": garage},
        )
    assert dial(port, "ADM-CID", dc09.cid_data("1234", "130", area="01", number="002"), 6) == "ACK"
    assert waited(station, station.incidents)
    assert station.incidents(garage) == []
