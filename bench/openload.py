"""An open loop: frames leave at their intended times whatever the answers do, so that a stall is seen by all it delays.

Run in a process of its own (`python -m bench.openload PORT RATE SECONDS CONNECTIONS FIRST`): persistent connections, one
per account, every frame built beforehand, half of them AES. Prints one JSON line: what was acknowledged, latencies from
the *intended* send time, and the generator's own lateness (sent − intended) and share of a core.
"""

from __future__ import annotations

import asyncio
import gc
import json
import re
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import cast

import uvloop

from veilleur.protocols import dc09

KEY = "000102030405060708090A0B0C0D0E0F"
ANSWER = 20.0  # seconds the last acknowledgement may take: the load stops by itself
REPLY = re.compile(rb'"\*?(ACK|NAK|DUH)"(\d{4})')
TICK = 0.001  # seconds between two looks at what is due: the generator must leave the machine to what it measures
AHEAD = 5.0  # seconds that building the frames may take: a panel's clock may be 40 s slow or 20 s fast


def account(number: int) -> str:
    """The account of the nth connection."""
    return f"E{number:04X}"


def key_of(number: int) -> str | None:
    """Every second one speaks encrypted."""
    return KEY if number % 2 else None


def home(number: int) -> str:
    """Some addresses: of one that has not spoken yet, a reception bears 256 connections (reception/limits.py)."""
    return f"127.0.1.{number // 100 + 1}"


class Panel(asyncio.Protocol):
    """One connection: remembers when each unanswered frame should have left."""

    def __init__(self, latencies: list[float]) -> None:
        self.intended: dict[bytes, float] = {}
        self._latencies = latencies
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open."""
        self._transport = cast(asyncio.Transport, transport)

    def send(self, sequence: bytes, frame: bytes, intended: float) -> None:
        """Does not wait for anything."""
        self.intended[sequence] = intended
        self._transport.write(frame)

    def data_received(self, data: bytes) -> None:
        """Replies, whole or in pieces."""
        now = time.perf_counter()
        *whole, self._rest = (self._rest + data).split(b"\r")
        for reply in whole:
            found = REPLY.search(reply)
            if found and found[1] == b"ACK" and (intended := self.intended.pop(found[2], None)) is not None:
                self._latencies.append(now - intended)


def build(
    rate: float, count: int, connections: int, first: int, begin: datetime
) -> list[tuple[bytes, bytes]]:
    """(sequence, frame) in the order of sending, each with about the time at which it leaves."""
    keys = [bytes.fromhex(key) if (key := key_of(n)) else None for n in range(connections)]
    made = []
    for n in range(count):
        at = n % connections
        name, sequence = account(at), f"{first + n // connections + 1:04d}"
        frame = dc09.build_frame(
            "ADM-CID",
            sequence=sequence,
            account=name,
            data=dc09.cid_data(name, "130", area="01", number=f"{n % 1000:03d}"),
            timestamp=begin + timedelta(seconds=n / rate),
            key=keys[at],
        )
        made.append((sequence.encode(), frame))
    return made


async def run(port: int, rate: float, count: int, connections: int, first: int) -> dict[str, float]:
    """Connects, waits for the hour of the first frame, sends at the pace, waits for the last answers."""
    loop, latencies, lateness = asyncio.get_running_loop(), [], []
    work = build(rate, count, connections, first, datetime.now(UTC) + timedelta(seconds=AHEAD))
    panels = [
        (await loop.create_connection(lambda: Panel(latencies), "127.0.0.1", port, local_addr=(home(n), 0)))[
            1
        ]
        for n in range(connections)
    ]
    gc.collect()
    gc.freeze()
    gc.disable()
    start = time.perf_counter() + 0.5
    await asyncio.sleep(start - time.perf_counter())
    cpu, sent = time.process_time(), 0
    while sent < count:
        due = min(count, int((time.perf_counter() - start) * rate) + 1)
        for n in range(sent, due):
            intended = start + n / rate
            sequence, frame = work[n]
            lateness.append(time.perf_counter() - intended)
            panels[n % connections].send(sequence, frame, intended)
        sent = due
        await asyncio.sleep(TICK)
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    end = time.perf_counter() + ANSWER
    while len(latencies) < count and time.perf_counter() < end:
        await asyncio.sleep(0.01)
    return {
        "acknowledged": len(latencies),
        "seconds": seconds,
        "rate": count / seconds,
        "cpu": used / seconds,
        **{f"latency_{name}": value for name, value in quantiles(latencies).items()},
        **{f"lateness_{name}": value for name, value in quantiles(lateness).items()},
    }


def quantiles(values: list[float]) -> dict[str, float]:
    """Milliseconds, by nearest rank."""
    ordered = sorted(values) or [0.0]

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    return {"p50": at(0.5), "p99": at(0.99), "p999": at(0.999), "max": ordered[-1] * 1000}


def main() -> None:
    """PORT RATE SECONDS CONNECTIONS FIRST."""
    port, rate, seconds = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
    connections, first = int(sys.argv[4]), int(sys.argv[5])
    print(json.dumps(uvloop.run(run(port, rate, round(rate * seconds), connections, first))))


if __name__ == "__main__":
    main()
