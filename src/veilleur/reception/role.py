"""The reception role: panels in memory, the intake, last-seen and the sockets of every line, started and stopped."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from veilleur.kernel.clock import Clock
from veilleur.kernel.doors import Sockets
from veilleur.kernel.errors import SettingsError
from veilleur.kernel.sealing import KeyRing
from veilleur.reception.acknowledging import Acknowledging
from veilleur.reception.connection import pause
from veilleur.reception.doorkeeper import Doorkeeper
from veilleur.reception.drift import ClockWatch
from veilleur.reception.faults import FaultLog
from veilleur.reception.intake import Intake
from veilleur.reception.lastseen import LastSeen
from veilleur.reception.limits import BACKLOG, SWEEP_SECONDS, UDP_BUFFER, raise_descriptors
from veilleur.reception.lines import Line
from veilleur.reception.receiver import Receiver
from veilleur.reception.registry import Registry
from veilleur.reception.tcp import TcpConnection
from veilleur.reception.troubles import Troubles
from veilleur.reception.udp import UdpListener
from veilleur.settings import LineSettings

#: Seconds that frames under way have to be stored and answered when the role stops.
STOP_SECONDS = 5.0
#: Seconds that a panel which has just connected has to say its first frame when the role stops: the slowest modem in
#: the field needs 2 s for a frame.
NEWCOMER_SECONDS = 2.0
NEWCOMER_LOOK = 0.02
RESTART_SECONDS = 0.5

#: Objects that may be made and kept before those that nobody can reach are looked for: a full queue's.
GC_THRESHOLD = 100_000

log = structlog.get_logger()

Report = Callable[[dict[str, Any]], None]


@dataclass
class Reception:
    """One reception process. `holder` names it in watermarks; `keys` opens panel keys; `doors`: sockets it was handed."""

    dsn: str
    lines: Sequence[Line]
    keys: KeyRing
    clock: Clock
    holder: str
    doors: Sockets = field(default_factory=dict)
    addresses: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """(line, transport) → the host and port it listens on, once started."""

    def __post_init__(self) -> None:
        names = [line.name for line in self.lines]
        if len(set(names)) != len(names):
            raise SettingsError(
                "Two reception lines have the same name: panels are known by line and account."
            )
        self.faults = FaultLog(self.clock)
        self.troubles = Troubles(self.clock, self.faults)
        self.registry = Registry(self.dsn, self.keys, self.clock, self.faults)
        self.intake = Intake(self.dsn, self.clock, self.faults)
        self.last_seen = LastSeen(
            self.dsn, self.clock, self.faults, self.troubles, self.holder, names, self.clock.now()
        )
        self.clock_watch = ClockWatch(self.clock)
        self.acknowledging = Acknowledging(self.dsn, self.clock, self.faults)
        self.receiver = Receiver(
            self.clock,
            self.registry,
            self.intake,
            self.last_seen,
            self.troubles,
            self.clock_watch,
            self.acknowledging,
        )
        self.doorkeeper = Doorkeeper(raise_descriptors())
        self._stop = asyncio.Event()
        self._stop_flushing = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._servers: list[asyncio.Server] = []
        self._udp: list[tuple[asyncio.DatagramTransport, UdpListener]] = []
        self._listening = False

    async def start(self) -> None:
        """Reads the panels, finds the store safe, then opens the sockets. Waits for the database.

        Raises SettingsError when an address cannot be had.
        """
        self._spawn("registry", lambda: self.registry.run(self._stop))
        self._spawn("intake", self.intake.run)
        self._spawn("last seen", lambda: self.last_seen.run(self._stop_flushing))
        self._spawn("sweep", self._sweep)
        self._spawn("acknowledging", lambda: self.acknowledging.run(self._stop))
        await self.registry.loaded.wait()
        await self.intake.ready()
        await self.last_seen.first_flush.wait()
        for line in self.lines:
            await self._listen(line)
        self._listening = True

    async def stop(self) -> None:
        """Stops accepting, stores and answers what was received, then closes. What was handed to it stays open for
        whoever shares it."""
        self._listening = False
        for server in self._servers:
            server.close()
        for _, listener in self._udp:
            listener.finish()
        for connection in self._connections():
            connection.finish()
        await self._hear_newcomers()
        try:
            await asyncio.wait_for(self.intake.drained(), STOP_SECONDS)
        except TimeoutError:
            log.warning("reception.stopped_before_everything_was_stored", **self.intake.health())
        # Replies are in the sockets' buffers now; one turn of the loop lets them leave.
        await asyncio.sleep(0)
        for _, listener in self._udp:
            listener.close()
        self.intake.close()
        self._stop.set()
        self._stop_flushing.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        for task in self._tasks:
            task.cancel()
        for connection in self._connections():
            connection.abort()

    async def _hear_newcomers(self) -> None:
        for _ in range(round(NEWCOMER_SECONDS / NEWCOMER_LOOK)):
            if not any(each.awaited for each in self._connections()):
                return
            await asyncio.sleep(NEWCOMER_LOOK)

    def health(self) -> dict[str, Any]:
        """What the role says of itself: `ready` means that alarms are stored and acknowledged now."""
        return {
            "ready": self._listening and self.intake.available and self.last_seen.fresh,
            "intake": self.intake.health(),
            "last_seen_age": self.last_seen.age(),
            "panels": len(self.registry),
            "registry_age": self.registry.age(),
            "acknowledges": not self.acknowledging.withheld,
            "silenced": self.acknowledging.silenced,
            "connections": len(self.doorkeeper),
            "strangers": self.doorkeeper.strangers,
            "clock_suspect": self.clock_watch.suspect,
            "clock_offset": self.clock_watch.offset,
            "troubles": dict(self.troubles.totals),
            "addresses": [
                f"{line}/{transport} {host}:{port}"
                for (line, transport), (host, port) in self.addresses.items()
            ],
        }

    def _spawn(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._tasks.append(asyncio.create_task(self._keep_running(name, work), name=name))

    async def _keep_running(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """A fault of ours ends one turn of a loop, never the reception."""
        while not self._stop.is_set():
            try:
                await work()
            except Exception:
                log.exception("reception.loop_fault", loop=name)
                await pause(self._stop, RESTART_SECONDS)

    def _connections(self) -> list[TcpConnection]:
        return [guest for guest in self.doorkeeper.everybody() if isinstance(guest, TcpConnection)]

    async def _sweep(self) -> None:
        while not self._stop.is_set():
            await pause(self._stop, SWEEP_SECONDS)
            now = self.clock.monotonic()
            for connection in self._connections():
                connection.sweep(now)

    async def _listen(self, line: Line) -> None:
        port = line.port
        try:
            if "tcp" in line.transports:
                port = await self._listen_tcp(line)
            if "udp" in line.transports:
                await self._listen_udp(line, port)
        except OSError as error:
            raise SettingsError(
                f"Line {line.name} cannot listen on {line.host}:{port} ({error.strerror or error}): "
                "free the port or choose another."
            ) from error

    async def _listen_tcp(self, line: Line) -> int:
        loop = asyncio.get_running_loop()

        def guest() -> TcpConnection:
            return TcpConnection(line, self.receiver, self.doorkeeper, self.clock)

        if handed := self.doors.get(f"{line.name}/tcp"):
            servers = [await loop.create_server(guest, sock=door, backlog=BACKLOG) for door in handed]
        else:
            reuse = line.share_port or None
            servers = [
                await loop.create_server(guest, line.host, line.port, backlog=BACKLOG, reuse_port=reuse)
            ]
        self._servers += servers
        for listening in (each for server in servers for each in server.sockets):
            # Accepted sockets inherit it: a dead modem is noticed within the system's keep-alive time.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        host, port = servers[0].sockets[0].getsockname()[:2]
        self.addresses[line.name, "tcp"] = (host, port)
        return int(port)

    async def _listen_udp(self, line: Line, port: int) -> None:
        loop = asyncio.get_running_loop()
        places: list[dict[str, Any]] = [{"sock": door} for door in self.doors.get(f"{line.name}/udp", ())]
        for place in places or [{"local_addr": (line.host, port), "reuse_port": line.share_port or None}]:
            transport, listener = await loop.create_datagram_endpoint(
                lambda: UdpListener(line, self.receiver), **place
            )
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UDP_BUFFER)
            self._udp.append((transport, listener))
        host, bound = self._udp[-1][0].get_extra_info("sockname")[:2]
        self.addresses[line.name, "udp"] = (host, bound)


def _spare_the_collector(_started: asyncio.Task[None]) -> None:
    """Panels stay for ever and frames leave no cycles: looking through them again and again took a fifth of the time.

    What closed connections leave is collected all the same, every so many of them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_THRESHOLD)


async def run_reception(
    *,
    dsn: str,
    lines: Iterable[LineSettings | Line],
    keys: KeyRing,
    clock: Clock,
    holder: str,
    stop: asyncio.Event,
    report: Report,
    doors: Sockets | None = None,
) -> None:
    """Runs the role until `stop`; `report` hears its health when ready and each second. Raises SettingsError.

    `doors`: listening sockets that it was handed, by «line/transport»; the others it opens itself.
    """
    read = [line if isinstance(line, Line) else Line.read(line) for line in lines]
    reception = Reception(dsn, read, keys, clock, holder, doors or {})
    starting = asyncio.create_task(reception.start(), name="start")
    starting.add_done_callback(_spare_the_collector)
    try:
        while not stop.is_set():
            if starting.done():
                starting.result()
            report(reception.health())
            await pause(stop, RESTART_SECONDS if starting.done() else 0.05)
    finally:
        starting.cancel()
        await reception.stop()
        report(reception.health())
