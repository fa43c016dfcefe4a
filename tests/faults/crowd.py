"""Many TCP connections, in a process of their own: a process may hold some 20,000 descriptors, and a reception holds as many.

`python -m tests.faults.crowd PORT idle COUNT` connects from two hundred addresses, prints «ready» and says nothing until its
standard input closes. `… PORT panels COUNT` connects from one address, as a concentrator does, a panel each: two rounds of
valid frames on lines that stay open. Prints one JSON line: how many were acknowledged in each round, how many are still open.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

from veilleur.protocols import dc09

WAVE = 200  # connections that open at once
PATIENCE = 60.0  # seconds for one answer: a machine that does other things
T = TypeVar("T")
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def account(number: int) -> str:
    """The account of the nth panel."""
    return f"C{number:04d}"


async def connect(port: int, source: str) -> Line:
    """One connection."""
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))


async def say(line: Line, number: int, sequence: int) -> bool:
    """A panel says an alarm; whether it was acknowledged."""
    name, (reader, writer) = account(number), line
    data = dc09.cid_data(name, "130")
    writer.write(dc09.build_frame("ADM-CID", sequence=sequence, account=name, data=data))
    try:
        async with asyncio.timeout(PATIENCE):
            return dc09.parse_reply(await reader.readuntil(b"\r")).token == "ACK"
    except (TimeoutError, ConnectionError, asyncio.IncompleteReadError):
        return False


async def waves(count: int, one: Callable[[int], Awaitable[T]]) -> list[T]:
    """All of them, some at once."""
    found: list[T] = []
    for start in range(0, count, WAVE):
        found += await asyncio.gather(*(one(n) for n in range(start, min(count, start + WAVE))))
    return found


async def idle(port: int, count: int) -> None:
    """Silent strangers."""
    lines = await waves(count, lambda n: connect(port, f"127.0.1.{n % 200 + 1}"))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for _, writer in lines:
        writer.close()


async def panels(port: int, count: int) -> None:
    """A concentrator: its address is known by its first panel's frame."""
    first = await connect(port, "127.0.0.2")
    begun = await say(first, 0, 1)

    async def come(number: int) -> tuple[Line, bool]:
        line = await connect(port, "127.0.0.2")
        return line, await say(line, number + 1, 1)

    others = await waves(count - 1, come)
    lines = [first, *(line for line, _ in others)]
    again = await waves(count, lambda n: say(lines[n], n, 2))
    rounds = [begun + sum(said for _, said in others), sum(again)]
    print(json.dumps([*rounds, sum(not reader.at_eof() for reader, _ in lines)]), flush=True)
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run({"idle": idle, "panels": panels}[sys.argv[2]](int(sys.argv[1]), int(sys.argv[3])))
