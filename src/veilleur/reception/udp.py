"""UDP shell of a reception line: one frame per datagram (DC-09 §5.3), one reply per frame.

No limit per peer here: a datagram's address is easily forged, and a limit would let anyone silence a panel. What a
flood can cost is bounded by the intake's queue, where known accounts go first, and by the quotas of strangers.
"""

from __future__ import annotations

import asyncio
from typing import Any

from veilleur.protocols import dc09
from veilleur.reception.lines import Line, Origin, peer_address
from veilleur.reception.receiver import Receiver


class UdpListener(asyncio.DatagramProtocol):
    """Receives datagrams of one line."""

    def __init__(self, line: Line, receiver: Receiver) -> None:
        self._line = line
        self._receiver = receiver
        self._transport: asyncio.DatagramTransport | None = None
        self._closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is bound."""
        self._transport = transport  # type: ignore[assignment]  # uvloop's transport is not a subclass

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Feed, collect, send."""
        if self._closing:
            return
        transport = self._transport

        def answered(reply: bytes | None) -> None:
            if reply is not None and transport is not None and not transport.is_closing():
                transport.sendto(reply, addr)

        origin = Origin(self._line.name, "udp", peer_address(addr))
        self._receiver.receive(dc09.read_datagram(data), origin, answered)

    def error_received(self, exc: Exception) -> None:
        """A reply could not be delivered (the peer's port is closed): it will send again if it needs to."""

    def finish(self) -> None:
        """Takes no more datagrams; replies under way still leave."""
        self._closing = True
