"""Who would notice a gap: panels that dial without a pause, panels that keep their line, and a screen.

Unlike the panels of a storm they forgive nothing: each counts what it was refused.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Coroutine
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from types import TracebackType
from typing import Any, Self

from tests.acceptance.centre import PASSWORD, Centre
from veilleur.demo.dialler import ANSWER, TRIES, Panel
from veilleur.kernel.clock import SystemClock
from veilleur.protocols import dc09

CALLERS, HOLDERS = 6, 3
FIRST = 6000
"""The account of the first; the others follow."""
BREATH = 0.02  # seconds between two calls
EVENTS = 25  # of so many frames of a caller one is an event, the others are link tests


def witness_sites() -> str:
    """A site for each, to add to those of a storm."""
    return "".join(
        f"  - reference: W-{number}\n    name: Témoin {number}\n    panels: [{{account: '{FIRST + number}'}}]\n"
        for number in range(CALLERS + HOLDERS)
    )


@dataclass
class Panels:
    """Diallers and holders of lines, until told to stop. Use as a context manager."""

    centre: Centre
    sequence: int = 0
    """The last number used; a later storm of the same accounts begins behind it."""
    acknowledged: list[tuple[str, str]] = field(default_factory=list)
    """The events."""
    calls: int = 0
    """Connections that ended with the acknowledgement of their frame."""
    faults: list[str] = field(default_factory=list)
    """Every call that did not end with its acknowledgement, and why."""
    unanswered: list[str] = field(default_factory=list)
    """Frames of held lines that no try had acknowledged."""
    closed: int = 0
    """Held lines that the centre ended; each was dialled again."""

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Each ends its call."""
        self._stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    async def _all(self) -> None:
        work: list[Coroutine[Any, Any, None]] = [self._dial(self._panel(n)) for n in range(CALLERS)]
        work += [self._hold(self._panel(CALLERS + n)) for n in range(HOLDERS)]
        await asyncio.gather(*work)

    def _panel(self, number: int) -> Panel:
        return self.centre.panel(str(FIRST + number), sequence=self.sequence)

    async def _dial(self, panel: Panel) -> None:
        """One connection per frame, one try per frame. Most are link tests, which leave no row to count."""
        while not self._stop.is_set():
            says = panel.sequence % EVENTS == 0
            frame, key = _frame(panel, "ADM-CID" if says else "NULL")
            try:
                reader, writer = await self._connect()
                try:
                    await _exchange(reader, writer, frame)
                finally:
                    writer.close()
            except (OSError, EOFError, TimeoutError, ValueError) as fault:
                self.faults.append(f"{key}: {fault!r}")
            else:
                self.calls += 1
                if says:
                    self.acknowledged.append(key)
            await asyncio.sleep(BREATH)

    async def _hold(self, panel: Panel) -> None:
        """One connection for all frames; when it ends the same frame goes over a new one."""
        line = None
        while not self._stop.is_set():
            frame, key = _frame(panel, "ADM-CID")
            for _ in range(TRIES):
                try:
                    line = line or await self._connect()
                    await _exchange(*line, frame)
                except ConnectionRefusedError as fault:
                    self.faults.append(f"{key}: {fault!r}")
                    await asyncio.sleep(BREATH)
                except (OSError, EOFError, TimeoutError, ValueError):
                    assert line is not None
                    line[1].close()
                    line, self.closed = None, self.closed + 1
                else:
                    self.acknowledged.append(key)
                    break
            else:
                self.unanswered.append(str(key))
            await asyncio.sleep(BREATH * EVENTS * 2)
        if line is not None:
            line[1].close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with asyncio.timeout(ANSWER):
            return await asyncio.open_connection("127.0.0.1", self.centre.dc09_port)


def _frame(panel: Panel, token: str) -> tuple[bytes, tuple[str, str]]:
    sequence = panel.next_sequence()
    data = dc09.cid_data(panel.account, "602", qualifier="1", area="01", number="000")
    frame = dc09.build_frame(
        token,
        sequence=sequence,
        account=panel.account,
        prefix=panel.prefix,
        data=data if token == "ADM-CID" else "",
        timestamp=SystemClock().now(),
        key=None,
    )
    return frame, (panel.account, sequence)


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, frame: bytes) -> None:
    async with asyncio.timeout(ANSWER):
        writer.write(frame)
        reply = dc09.parse_reply(await reader.readuntil(b"\r"), None)
    if reply.token != "ACK":
        raise ValueError(reply.token)


@dataclass
class Screen:
    """A desk: logs in, takes the snapshot, follows the stream from there, and resumes it when it ends."""

    centre: Centre
    login: str
    begun: int = 0
    positions: set[int] = field(default_factory=set)
    resumed: int = 0
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Self:
        with closing(self._line()) as line:
            body = json.dumps({"login": self.login, "password": PASSWORD})
            line.request("POST", "/api/login", body, {"Content-Type": "application/json"})
            said = line.getresponse()
            assert said.status == 200, said.read()
            self._cookie = str(said.headers["Set-Cookie"]).partition(";")[0]
            said.read()
            line.request("GET", "/api/snapshot", headers={"Cookie": self._cookie})
            self.begun = int(json.load(line.getresponse())["position"])
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def reached(self, position: int) -> bool:
        """Whether everything up to a position was heard."""
        return set(range(self.begun + 1, position + 1)) <= self.positions

    def _line(self) -> HTTPConnection:
        return HTTPConnection(self.centre.http, timeout=10)

    def _follow(self) -> None:
        while not self._stop.is_set():
            after = max(self.positions, default=self.begun)
            try:
                with closing(self._line()) as line:
                    line.request("GET", f"/api/stream?after={after}", headers={"Cookie": self._cookie})
                    self._read(line.getresponse())
            except ConnectionRefusedError as fault:
                self.faults.append(repr(fault))
                self._stop.wait(0.1)
            except (OSError, HTTPException):
                pass  # the desk that was replaced ended its streams, perhaps in the middle of a word
            self.resumed += not self._stop.is_set()

    def _read(self, answer: HTTPResponse) -> None:
        event = ""
        if answer.status != 200:
            self.faults.append(f"status {answer.status}")
            self._stop.wait(0.5)
            return
        for said in answer:
            if self._stop.is_set():
                return
            name, _, value = said.decode().rstrip().partition(": ")
            if name == "event":
                event = value
                if event in ("reset", "refused"):
                    self.faults.append(event)
            elif name == "data" and event == "item":
                self.positions.add(int(json.loads(value)["position"]))
