"""The data connection of one file by FTP: a port of ours, for one peer, once, bounded in bytes and in time."""

from __future__ import annotations

import asyncio
import socket
import ssl
from random import SystemRandom
from typing import Any, Self

from veilleur.recorder.intake import BODY_SECONDS, TOO_LARGE, RefusedError
from veilleur.video.remote_limits import MAX_PUSHED

CONNECT_SECONDS = 15.0
"""From our reply to the camera's connection, its TLS included."""
SILENCE_SECONDS = 15.0
"""Nothing for so long in the middle of a picture: it is cut."""
CHUNK = 64 * 1024


class NoLaneError(OSError):
    """Every port of the range is taken."""


class Lane:
    """Listens for one connection of one peer. Others who find the port are sent away: they could only bring a picture."""

    def __init__(self, peer: str) -> None:
        self._peer = peer
        self._server: asyncio.Server | None = None
        self._came: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        self._came = asyncio.get_running_loop().create_future()
        self.port = 0

    @classmethod
    async def open(
        cls, local: tuple[Any, ...], ports: tuple[int, int], peer: str, tls: ssl.SSLContext | None
    ) -> Self:
        """On the address that the camera already speaks to, at any free port of the range. Raises NoLaneError."""
        door = _bind(local, ports)
        lane = cls(peer)
        lane.port = int(door.getsockname()[1])
        wait = CONNECT_SECONDS if tls is not None else None
        lane._server = await asyncio.start_server(
            lane._visit, sock=door, ssl=tls, ssl_handshake_timeout=wait, limit=CHUNK, backlog=1
        )
        return lane

    def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._came.done() or writer.get_extra_info("peername", ("",))[0] != self._peer:
            writer.transport.abort()
            return
        self._came.set_result((reader, writer))

    async def receive(self) -> bytes:
        """All that comes until its end. Raises RefusedError when it is too large, OSError, TimeoutError."""
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, _ = await self._came
        body = bytearray()
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                async with asyncio.timeout(SILENCE_SECONDS):
                    chunk = await reader.read(CHUNK)
                if not chunk:
                    return bytes(body)
                body += chunk
                if len(body) > MAX_PUSHED:
                    raise RefusedError(TOO_LARGE)

    def close(self) -> None:
        """Ends it, whatever it was at. Once is enough."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if not self._came.done():
            self._came.cancel()
        elif not self._came.cancelled():
            self._came.result()[1].close()


def _bind(local: tuple[Any, ...], ports: tuple[int, int]) -> socket.socket:
    family = socket.AF_INET6 if ":" in str(local[0]) else socket.AF_INET
    span = range(ports[0], ports[1] + 1)
    for port in SystemRandom().sample(span, len(span)):  # whoever watches does not know the next one
        door = socket.socket(family, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((local[0], port, *local[2:]))
            door.listen(1)
        except OSError:
            door.close()
            continue
        door.setblocking(False)
        return door
    raise NoLaneError("no port")
