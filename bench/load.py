"""The load: prebuilt ADM-CID frames, a connection per frame or persistent ones; counts acknowledgements.

Run in a process of its own (`python -m bench.load PORT MODE CONNECTIONS FRAMES FIRST`), so that the generator never
shares a loop with what it measures; prints one JSON line {acknowledged, seconds, cpu}.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from itertools import islice

from veilleur.protocols import dc09

ACCOUNTS = 200
ANSWER = 20.0  # seconds an acknowledgement may take: the load stops by itself
REPLY = 4096
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


def exchange(port: int, connections: int, work: list[bytes], *, each_its_own: bool) -> int:
    """Sends every frame, at most `connections` unanswered at a time, over as many lines, or over one per frame; how many
    were acknowledged. Bare blocking sockets behind one epoll: a frame of the load costs a few system calls and no more,
    so that what is measured has the machine. Raises TimeoutError when nothing answers any more."""
    source, poller, acknowledged = iter(work), select.epoll(), 0
    lines: dict[int, socket.socket] = {}

    def call(frame: bytes) -> None:
        line = socket.create_connection(("127.0.0.1", port), ANSWER)
        line.setblocking(True)
        lines[line.fileno()] = line
        poller.register(line, select.EPOLLIN)
        line.send(frame)

    for first in islice(source, connections):
        call(first)
    while lines:
        ready = poller.poll(ANSWER)
        if not ready:
            raise TimeoutError(f"{acknowledged} acknowledged, then nothing for {ANSWER:.0f} s")
        for handle, _ in ready:
            line = lines[handle]
            said = line.recv(REPLY)  # one reply per frame: far smaller than a segment
            acknowledged += ACK in said
            frame = next(source, None) if said else None
            if frame is not None and not each_its_own:
                line.send(frame)
                continue
            del lines[handle]
            line.close()
            if frame is not None:
                call(frame)
    return acknowledged


def main() -> None:
    """Builds the frames first; times only the exchange."""
    port, mode, connections, count, first = int(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:6])
    work = frames(count, first)
    cpu, start = time.process_time(), time.perf_counter()
    acknowledged = exchange(port, connections, work, each_its_own=mode == "single")
    seconds = time.perf_counter() - start
    print(json.dumps({"acknowledged": acknowledged, "seconds": seconds, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main()
