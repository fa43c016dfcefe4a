"""UDP shell of a reception line: a datagram holds one frame (DC-09 §5.3), or what came; one reply per frame.

No limit per peer here: a datagram's address is easily forged, and a limit would let anyone silence a panel. What a
flood can cost is bounded by the intake's queue, where known accounts go first, and by the quotas of strangers.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
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
        self._answering: socket.socket | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is bound."""
        self._transport = transport  # type: ignore[assignment]  # uvloop's transport is not a subclass

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Feed, collect, send."""

        def answered(reply: bytes | None) -> None:
            if reply is not None:
                self._send(reply, addr)

        origin = Origin(self._line.name, "udp", peer_address(addr))
        for message in dc09.datagram_frames(data):
            self._receiver.receive(message, origin, answered)

    def error_received(self, exc: Exception) -> None:
        """A reply could not be delivered (the peer's port is closed): it will send again if it needs to."""

    def finish(self) -> None:
        """Takes no more datagrams; replies under way still leave.

        The socket is no longer read here, and not shut: another process that shares it takes what comes next.
        """
        if self._transport is None or self._transport.is_closing():
            return
        number = os.dup(self._transport.get_extra_info("socket").fileno())
        self._answering = socket.socket(fileno=number)
        self._answering.setblocking(False)
        self._transport.close()

    def close(self) -> None:
        """Nothing more is to be answered."""
        if self._answering is not None:
            self._answering.close()

    def _send(self, reply: bytes, address: tuple[Any, ...]) -> None:
        if self._answering is not None:
            with suppress(OSError):  # as on any line: the peer sends again
                self._answering.sendto(reply, address)
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(reply, address)
