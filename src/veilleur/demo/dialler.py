"""A panel's side of the line: dials real frames over real sockets, waits for the acknowledgement, retries.

Used by the demonstration town; later by the centre's own end-to-end watch. Never by reception.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from veilleur.kernel.clock import Clock
from veilleur.protocols import dc09

ANSWER = 5.0  # seconds a panel waits for an acknowledgement before it sends again
TRIES = 4
MAX_REPLY = 4096  # bytes; a receiver's reply is under 300


@dataclass(frozen=True)
class Address:
    """Where a reception line listens."""

    host: str
    port: int
    transport: str = "tcp"


@dataclass
class Panel:
    """One panel: who it is, how it speaks. `offset` corrects its clock after a NAK."""

    account: str
    address: Address
    key: bytes | None = None
    prefix: str = "0"
    sequence: int = 0
    offset: timedelta = field(default_factory=timedelta)

    def next_sequence(self) -> str:
        """0001 to 9999, then again."""
        self.sequence = self.sequence % 9999 + 1
        return f"{self.sequence:04d}"


async def dial(panel: Panel, clock: Clock, token: str, data: str = "", *, prefix: str | None = None) -> bool:
    """Sends one message until it is acknowledged; True when it was. Bounded: TRIES attempts of ANSWER seconds.

    What is sent again is the same frame to the byte, so that a receiver that has it already knows it for a copy
    (protocols.md rule 4); only a NAK, which says our clock is wrong, gives it a new time.
    """
    sequence = panel.next_sequence()

    def frame() -> bytes:
        return dc09.build_frame(
            token,
            sequence=sequence,
            account=panel.account,
            prefix=prefix or panel.prefix,
            data=data,
            timestamp=clock.now() + panel.offset,
            key=panel.key,
        )

    said = frame()
    for _ in range(TRIES):
        with suppress(OSError, EOFError, TimeoutError, ValueError, dc09.BadReplyError):
            reply = dc09.parse_reply(await _exchange(panel.address, said), panel.key)
            if reply.token == "NAK" and reply.timestamp:  # noqa: S105  # a word of the protocol
                panel.offset = reply.timestamp - clock.now()
                said = frame()
                continue
            return reply.token in ("ACK", "DUH")
        await asyncio.sleep(0.5)
    return False


async def _exchange(address: Address, frame: bytes) -> bytes:
    async with asyncio.timeout(ANSWER):
        return await (_udp(address, frame) if address.transport == "udp" else _tcp(address, frame))


async def _tcp(address: Address, frame: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        writer.write(frame)
        await writer.drain()
        return await reader.readuntil(b"\r")
    finally:
        writer.close()


class _Datagram(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _address: object) -> None:
        """The first datagram back is the reply."""
        if not self.reply.done():
            self.reply.set_result(data[:MAX_REPLY])

    def error_received(self, exc: Exception) -> None:
        """Nobody listens."""
        if not self.reply.done():
            self.reply.set_exception(exc)


async def _udp(address: Address, frame: bytes) -> bytes:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        _Datagram, remote_addr=(address.host, address.port)
    )
    try:
        transport.sendto(frame)
        return await protocol.reply
    finally:
        transport.close()
