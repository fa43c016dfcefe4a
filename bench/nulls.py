"""Link tests over UDP, AES, from many panels: the load of supervision. A closed loop with a bounded number under way.

Run in a process of its own (`python -m bench.nulls PORT FIRST PANELS ROUNDS SEQUENCE`): frames built beforehand, plain
sockets and epoll, some 64 source ports so that receptions sharing the port (SO_REUSEPORT) share the work. Prints one JSON
line: distinct panels acknowledged, frames acknowledged, sent again, seconds, share of a core.
"""

from __future__ import annotations

import gc
import json
import select
import socket
import sys
import time
from datetime import UTC, datetime

from veilleur.protocols import dc09

KEY = bytes(range(16))
SOCKETS = 64
WINDOW = 4  # datagrams under way per source port
AGAIN = 1.0  # seconds without any reply after which what is under way is sent again
PATIENCE = 30.0  # seconds without any reply after which the run fails


def account(number: int) -> str:
    """The account of the nth supervised panel."""
    return f"5{number:06d}"


def build(first: int, panels: int, rounds: int, sequence: int) -> list[tuple[bytes, bytes]]:
    """(what a reply repeats, frame), round after round."""
    now = datetime.now(UTC)
    made = []
    for turn in range(rounds):
        number = f"{sequence + turn:04d}"
        for n in range(first, first + panels):
            name = account(n)
            frame = dc09.build_frame("NULL", sequence=number, account=name, timestamp=now, key=KEY)
            made.append((f"{number}L0#{name}".encode(), frame))
    return made


def repeated(reply: bytes) -> bytes | None:
    """Sequence, prefix and account of an acknowledgement; None for anything else."""
    head, _, _ = reply.partition(b"[")
    return head[15:] if head[9:15] == b'"*ACK"' else None


class Doors:
    """The source ports, and what is under way on each."""

    def __init__(self, port: int, work: list[tuple[bytes, bytes]]) -> None:
        self._epoll, self._source = select.epoll(), iter(work)
        self._sockets: dict[int, socket.socket] = {}
        self._away: dict[int, dict[bytes, bytes]] = {}
        self.again = 0
        for _ in range(SOCKETS):
            door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            door.connect(("127.0.0.1", port))
            door.setblocking(False)
            self._epoll.register(door.fileno(), select.EPOLLIN)
            self._sockets[door.fileno()], self._away[door.fileno()] = door, {}

    @property
    def waiting(self) -> bool:
        """Whether anything is under way."""
        return any(self._away.values())

    def begin(self) -> None:
        """Fills every window."""
        for _ in range(WINDOW):
            for number in self._sockets:
                self._send(number)

    def _send(self, number: int) -> None:
        if (found := next(self._source, None)) is not None:
            name, frame = found
            self._away[number][name] = frame
            self._sockets[number].send(frame)

    def hear(self) -> list[bytes]:
        """What was acknowledged since; after a silence, sends again and returns nothing."""
        ready = self._epoll.poll(AGAIN)
        if not ready:
            for number, door in self._sockets.items():
                for frame in self._away[number].values():
                    door.send(frame)
                    self.again += 1
        heard = []
        for number, _ in ready:
            name = repeated(self._sockets[number].recv(4096))
            if name is not None and self._away[number].pop(name, None) is not None:
                heard.append(name)
                self._send(number)
        return heard


def run(port: int, work: list[tuple[bytes, bytes]]) -> dict[str, float]:
    """Sends everything; each source port sends its next frame when one of its own is acknowledged."""
    doors, acknowledged, panels = Doors(port, work), 0, set()
    cpu, start = time.process_time(), time.perf_counter()
    last = start
    doors.begin()
    while doors.waiting and time.perf_counter() - last < PATIENCE:
        for name in doors.hear():
            acknowledged, last = acknowledged + 1, time.perf_counter()
            panels.add(name.partition(b"#")[2])
    seconds = last - start
    return {
        "panels": len(panels),
        "acknowledged": acknowledged,
        "again": doors.again,
        "seconds": seconds,
        "cpu": (time.process_time() - cpu) / seconds,
    }


def main() -> None:
    """PORT FIRST PANELS ROUNDS SEQUENCE."""
    port, first, panels, rounds, sequence = map(int, sys.argv[1:6])
    work = build(first, panels, rounds, sequence)
    gc.freeze()
    gc.disable()
    print(json.dumps(run(port, work)))


if __name__ == "__main__":
    main()
