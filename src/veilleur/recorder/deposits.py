"""The door for cameras that push by FTP: who may come in, how many, and what is said of passwords that are wrong.

A library was weighed (pyftpdlib, MIT, kept): it is written around a real disk, reading, listing and a loop of its own.
Here nothing may be read, nothing lies on a disk before it is whole, and TLS is the standard library's.
"""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from veilleur.features.pushes.commands import tell_refused
from veilleur.kernel.doors import Doors
from veilleur.kernel.errors import SettingsError
from veilleur.logbook.act import Act
from veilleur.protocols.ftp.commands import MAX_LINE, reply
from veilleur.recorder.deposit_session import Session, peer_of
from veilleur.recorder.house import House
from veilleur.recorder.intake import Intake
from veilleur.recorder.rooting import RECORDER

log = structlog.get_logger()

MAX_SESSIONS, MAX_PER_PEER = 64, 16
"""At once: a recorder of 16 channels behind one address may send them all; four such customers."""
MAX_WRONG, WRONG_SECONDS = 10, 600.0
"""Passwords that one address may get wrong before it waits. Nobody guesses one; a wrong setting repeats itself."""
MAX_PEERS = 4_096
"""Addresses remembered for it, the oldest forgotten first."""
TELL_SECONDS = 60.0
"""Between two entries on wrong passwords: whoever floods fills no logbook."""
OPEN_AGAIN = 5.0
"""Seconds until an address that another process still holds is tried again."""


@dataclass
class Wrong:
    """Passwords that were wrong: counted by address, told once a minute."""

    now: Callable[[], float]
    total: int = 0
    _times: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _untold: dict[str, int] = field(default_factory=dict)
    _camera: str | None = None
    waits: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, peer: str, camera: str | None) -> None:
        """One more. `camera`: the name of the camera it was said for; None: none is called so."""
        times = self._times.setdefault(peer, deque(maxlen=MAX_WRONG))
        times.append(self.now())
        self._times.move_to_end(peer)
        if len(self._times) > MAX_PEERS:
            self._times.popitem(last=False)
        self.total += 1
        if peer in self._untold or len(self._untold) < MAX_PEERS:
            self._untold[peer] = self._untold.get(peer, 0) + 1
        self._camera = camera
        self.waits.set()

    def too_many(self, peer: str) -> bool:
        """Whether this address has to wait."""
        times = self._times.get(peer)
        return times is not None and len(times) == MAX_WRONG and self.now() - times[0] < WRONG_SECONDS

    def tell(self) -> tuple[int, int, str, str | None]:
        """How many since the last time, from how many addresses, the last one, the camera it spoke of."""
        count, addresses, last = sum(self._untold.values()), len(self._untold), next(reversed(self._times))
        self._untold = {}
        self.waits.clear()
        return count, addresses, last, self._camera


class Deposits:
    """The server. `listens`: where, once it does."""

    def __init__(self, house: House, intake: Intake) -> None:
        self.house, self.intake = house, intake
        self.wrong = Wrong(house.clock.monotonic)
        self.listens: str | None = None
        self._inside: dict[str, int] = {}

    async def serve(self) -> None:
        """Until it is cancelled. Nothing at all when no FTP is wanted."""
        place = self.house.place.ftp
        if place is None:
            return
        telling = asyncio.create_task(self._tell())
        sockets: list[socket.socket] = []
        servers: list[asyncio.Server] = []
        try:
            while not sockets:
                sockets = self._open(place.listen)
                if not sockets:
                    await asyncio.sleep(OPEN_AGAIN)
            self.listens = "{}:{}".format(*sockets[0].getsockname()[:2])
            servers = [
                await asyncio.start_server(self._visit, sock=door, limit=2 * MAX_LINE) for door in sockets
            ]
            await asyncio.Event().wait()
        finally:
            telling.cancel()
            for server in servers:
                server.close()

    def _open(self, address: tuple[str, int]) -> list[socket.socket]:
        doors = Doors()
        try:
            doors.open("ftp", *address)
        except SettingsError as fault:
            log.warning("deposits.no_address", why=fault.message)
            return []
        return doors.opened["ftp"]

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = peer_of(writer)
        held = self._inside.get(peer, 0)
        try:
            full = sum(self._inside.values()) >= MAX_SESSIONS or held >= MAX_PER_PEER
            if full or self.wrong.too_many(peer):
                writer.write(reply(421, "Not now"))
                return
            self._inside[peer] = held + 1
            try:
                await Session(self.house, self.intake, self.wrong.add, (reader, writer)).run()
            finally:
                self._leave(peer)
        except (OSError, TimeoutError):  # it went away
            pass
        except Exception:
            log.exception("deposits.fault")
        finally:
            with suppress(OSError, RuntimeError):
                writer.close()

    def _leave(self, peer: str) -> None:
        left = self._inside.pop(peer) - 1
        if left:
            self._inside[peer] = left

    async def _tell(self) -> None:
        while True:
            await self.wrong.waits.wait()
            told = self.wrong.tell()
            log.warning("deposits.wrong_passwords", count=told[0], addresses=told[1])
            await asyncio.to_thread(self._enter, *told)
            await asyncio.sleep(TELL_SECONDS)

    def _enter(self, count: int, addresses: int, last: str, camera: str | None) -> None:
        try:
            with self.house.database.write() as session:
                tell_refused(Act(session, self.house.clock.now(), RECORDER), count, addresses, last, camera)
        except SQLAlchemyError as fault:
            log.warning("deposits.not_told", fault=type(fault).__name__)
