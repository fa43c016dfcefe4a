"""Stream clients without a screen: each has a session and a stream of its own, as another workstation of the room.

Run in a process of its own (`python -m bench.watchers PORT POSITION COOKIE…`); prints «ready», reads until its standard input
closes, then prints one JSON line: for each client, when it was first told of each of the sites «Site Pnnn», in ms since 1970.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time

NAME = re.compile(rb"Site P\d{3}")


async def watch(port: int, position: str, cookie: str, found: dict[str, int], ready: asyncio.Event) -> None:
    """Reads one stream for ever."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET /api/stream?after={position} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n"
    writer.write(head.encode())
    answer = await reader.readline()
    if b" 200 " not in answer:
        raise SystemExit(f"the stream was refused: {answer!r}")
    ready.set()
    rest = b""
    while data := await reader.read(65536):
        now = time.time_ns() // 1_000_000
        # A name may stand across two reads.
        for name in NAME.findall(rest + data):
            found.setdefault(name.decode(), now)
        rest = data[-16:]


async def main(port: int, position: str, cookies: list[str]) -> None:
    """All of them."""
    found: list[dict[str, int]] = [{} for _ in cookies]
    ready = [asyncio.Event() for _ in cookies]
    tasks = [
        asyncio.create_task(watch(port, position, *each)) for each in zip(cookies, found, ready, strict=True)
    ]
    await asyncio.gather(*(each.wait() for each in ready))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3:]))
