"""The load: prebuilt ADM-CID frames, a connection per frame or persistent ones; counts acknowledgements.

Run in a process of its own (`python -m bench.load PORT MODE CONNECTIONS FRAMES FIRST`), so that the generator never
shares a loop with what it measures; prints one JSON line {acknowledged, seconds, cpu}.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from typing import cast

import uvloop

from veilleur.protocols import dc09

ACCOUNTS = 200
ANSWER = 20.0  # seconds the last acknowledgement may take: the load stops by itself
ACK = b'"ACK"'


def account(number: int) -> str:
    """Accounts of the bench's sites: B000 to …"""
    return f"B{number % ACCOUNTS:03X}"


def frames(count: int, first: int) -> list[bytes]:
    """Distinct frames: account, sequence and zone all move."""
    made = []
    for n in range(first, first + count):
        name = account(n)
        sequence = f"{n // ACCOUNTS % 9999 + 1:04d}"
        data = dc09.cid_data(name, "130", area=f"{n // 1_000_000 % 100:02d}", number=f"{n % 1000:03d}")
        made.append(dc09.build_frame("ADM-CID", sequence=sequence, account=name, data=data))
    return made


class Sender(asyncio.Protocol):
    """Sends a frame, waits for its acknowledgement, sends the next."""

    def __init__(self, source: Iterator[bytes], done: asyncio.Future[int]) -> None:
        self._source, self._done, self._count = source, done, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's transports are not its subclasses
        self._next()

    def _next(self) -> None:
        frame = next(self._source, None)
        if frame is None:
            self._transport.close()
            if not self._done.done():
                self._done.set_result(self._count)
            return
        self._transport.write(frame)

    def data_received(self, data: bytes) -> None:
        """One reply per frame: replies are far smaller than a segment."""
        if ACK in data:
            self._count += 1
            self._next()

    def connection_lost(self, _fault: Exception | None) -> None:
        """What was counted is what was acknowledged."""
        if not self._done.done():
            self._done.set_result(self._count)


async def persistent(port: int, connections: int, work: list[bytes]) -> int:
    """`connections` open connections share the work."""
    loop, source = asyncio.get_running_loop(), iter(work)
    ends = []
    for _ in range(connections):
        end: asyncio.Future[int] = loop.create_future()
        await loop.create_connection(lambda end=end: Sender(source, end), "127.0.0.1", port)  # type: ignore[misc]
        ends.append(end)
    return sum(await asyncio.wait_for(asyncio.gather(*ends), ANSWER + len(work) / 100))


async def single(port: int, workers: int, work: list[bytes]) -> int:
    """A connection per frame, `workers` at a time."""
    loop, source = asyncio.get_running_loop(), iter(work)

    async def worker() -> int:
        count = 0
        for frame in source:
            end: asyncio.Future[int] = loop.create_future()
            await loop.create_connection(lambda f=frame, e=end: Sender(iter([f]), e), "127.0.0.1", port)  # type: ignore[misc]
            count += await asyncio.wait_for(end, ANSWER)
        return count

    return sum(await asyncio.gather(*(worker() for _ in range(workers))))


def main() -> None:
    """Builds the frames first; times only the exchange."""
    port, mode, connections, count, first = int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:6])
    work = frames(count, first)
    cpu, start = time.process_time(), time.perf_counter()
    run = persistent if mode == "persistent" else single
    acknowledged = uvloop.run(run(port, connections, work))
    seconds = time.perf_counter() - start
    print(json.dumps({"acknowledged": acknowledged, "seconds": seconds, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main()
