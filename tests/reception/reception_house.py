"""A reception with its sockets, its database and its panels, as the tests of this folder need them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import dict_row

from veilleur.db.engine import open_database
from veilleur.features.sites.tables import Panel, Site
from veilleur.features.sites.tables import Path as PathRow
from veilleur.kernel.clock import Clock
from veilleur.kernel.sealing import KeyRing, panel_key_row
from veilleur.logbook.act import Act, Actor
from veilleur.protocols import dc09
from veilleur.reception.limits import Limits
from veilleur.reception.lines import Line
from veilleur.reception.role import Reception

ANSWER = 5.0  # seconds: generous, an answer takes milliseconds
SILENCE = 0.4  # seconds: long enough for any answer that was coming


def plant_panel(
    dsn: str,
    clock: Clock,
    account: str,
    *,
    keys: KeyRing | None = None,
    key: bytes | None = None,
    line: str | None = None,
    paths: Sequence[dict[str, Any]] = ({"name": "ip", "match": {}},),
    **columns: Any,
) -> int:
    """A site with one panel, under an entry, as an import makes them; the panel's id."""
    database = open_database(dsn, pool_size=1)
    try:
        with database.write() as session:
            act = Act(session, clock.now(), Actor("import"))
            entry = act.record("site.imported", {"name": account})
            reference = f"S-{account}-{line or 'any'}"
            site = Site(
                reference=reference, name=reference, sort_key=reference, services=[], codes=[], schedule=[],
                area_groups={}, search=reference, entry_id=entry,
            )  # fmt: skip
            session.add(site)
            session.flush()
            panel = Panel(
                site_id=site.id, account=account, canonical=dc09.canonical_account(account), line=line,
                entry_id=entry, **columns,
            )  # fmt: skip
            session.add(panel)
            session.flush()
            if key is not None:
                assert keys is not None
                panel.key_sealed = keys.seal(key, panel_key_row(panel.id))
            for path in paths:
                session.add(
                    PathRow(
                        panel_id=panel.id, name=path["name"], match=path["match"], interval=90, entry_id=entry
                    )
                )
            return panel.id
    finally:
        database.close()


@dataclass
class House:
    """The reception and how to talk to it."""

    reception: Reception
    dsn: str
    clock: Clock
    keys: KeyRing
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def panel(self, account: str, *, notify: bool = True, **given: Any) -> int:
        """Plants a panel and waits until the reception knows it."""
        panel_id = await asyncio.to_thread(
            plant_panel, self.dsn, self.clock, account, keys=self.keys, **given
        )
        if notify:
            with psycopg.connect(self.dsn) as connection:
                connection.execute("NOTIFY veilleur_sites")
        await self.until(lambda: any(one.id == panel_id for one in self.panels()))
        return panel_id

    def panels(self) -> list[Any]:
        return [panel for panels in self.reception.registry._lines.values() for panel in panels.values()]

    async def until(self, condition: Any, seconds: float = 10.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.01)

    def rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """What another connection sees now: only what is committed."""
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def signals(self) -> list[dict[str, Any]]:
        return self.rows("SELECT * FROM signal ORDER BY id")

    async def troubles(self, **expected: int) -> dict[str, int]:
        """Kind → count as written in the database, once those expected are there and the rest is flushed."""
        totals = self.reception.troubles.totals
        await self.until(lambda: all(totals[kind] >= count for kind, count in expected.items()))
        query = "SELECT kind, sum(count)::int AS n FROM reception_trouble GROUP BY kind"
        counted: dict[str, int] = {}

        def written() -> bool:
            counted.update({row["kind"]: row["n"] for row in self.rows(query)})
            return counted == dict(totals)

        await self.until(written)
        return counted

    def address(self, line: str = "R1", transport: str = "tcp") -> tuple[str, int]:
        return self.reception.addresses[line, transport]

    async def connect(self, line: str = "R1", source: str | None = None) -> Dialler:
        host, port = self.address(line)
        reader, writer = await asyncio.open_connection(host, port, local_addr=(source, 0) if source else None)
        self.writers.append(writer)
        return Dialler(reader, writer)

    async def dial(self, frame: bytes, line: str = "R1") -> bytes | None:
        """One short connection: sends a frame, returns the reply, None for silence."""
        dialler = await self.connect(line)
        try:
            return await dialler.ask(frame)
        finally:
            dialler.writer.close()

    async def datagram(self, frame: bytes, line: str = "R1") -> bytes | None:
        """One datagram and its reply."""
        heard: asyncio.Queue[bytes] = asyncio.Queue()

        class Ear(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: Any) -> None:
                heard.put_nowait(data)

        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            Ear, remote_addr=self.address(line, "udp")
        )
        try:
            transport.sendto(frame)
            async with asyncio.timeout(ANSWER if self.reception.intake.available else SILENCE):
                return await heard.get()
        except TimeoutError:
            return None
        finally:
            transport.close()


@dataclass
class Dialler:
    """One TCP connection of a panel."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def reply(self, seconds: float = ANSWER) -> bytes | None:
        """The next reply (replies end with CR), None for silence or a closed connection."""
        try:
            async with asyncio.timeout(seconds):
                return await self.reader.readuntil(b"\r")
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            return None

    async def ask(self, frame: bytes) -> bytes | None:
        await self.say(frame)
        return await self.reply()

    async def silence(self, frame: bytes) -> bool:
        """Whether nothing is replied."""
        await self.say(frame)
        return await self.reply(SILENCE) is None

    async def closed(self, seconds: float = ANSWER) -> bool:
        """Whether the other side ends the connection."""
        with suppress(ConnectionError):
            async with asyncio.timeout(seconds):
                return await self.reader.read(1) == b""
        return True


LINES = ("R1", "R2")


@asynccontextmanager
async def open_house(
    dsn: str, clock: Clock, keys: KeyRing, limits: Limits | None = None, holder: str = "test/1"
) -> AsyncIterator[House]:
    lines = [Line(name, "127.0.0.1", 0, limits=limits or Limits()) for name in LINES]
    reception = Reception(dsn, lines, keys, clock, holder)
    house = House(reception, dsn, clock, keys)
    try:
        async with asyncio.timeout(30):
            await reception.start()
        yield house
    finally:
        for writer in house.writers:
            writer.close()
        await reception.stop()
