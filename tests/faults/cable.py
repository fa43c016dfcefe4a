"""The cable between a workstation and the desk's server: it can be pulled out, and what goes through it is counted."""

from __future__ import annotations

import asyncio
import re
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

REQUEST = re.compile(rb"(?:^|\r\n)(GET|POST|PUT) (/\S*) HTTP/1\.1\r\n")


@dataclass
class Cable:
    """Use as a context manager; browsers go to `url`. Pulled out, it is silent: nothing is refused, nothing arrives."""

    host: str
    port: int
    requests: list[str] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> Self:
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(10)

    def pull(self) -> None:
        """Out."""
        self._loop.call_soon_threadsafe(self._plugged.clear)

    def plug(self) -> None:
        """In again."""
        self._loop.call_soon_threadsafe(self._plugged.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended, self._plugged = asyncio.Event(), asyncio.Event()
        self._plugged.set()
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._started.set()
        await self._ended.wait()
        server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            there, back = await asyncio.open_connection(self.host, self.port)
            flows = (self._flow(reader, back, heard=True), self._flow(there, writer, heard=False))
            await asyncio.gather(*flows, return_exceptions=True)

    async def _flow(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, heard: bool) -> None:
        with suppress(OSError):
            try:
                while data := await source.read(65536):
                    await self._plugged.wait()
                    if heard:
                        self.requests += [f"{m[1].decode()} {m[2].decode()}" for m in REQUEST.finditer(data)]
                    target.write(data)
                    await target.drain()
            finally:
                target.close()
