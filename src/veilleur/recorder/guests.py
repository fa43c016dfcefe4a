"""Who looks now: every socket that a ticket opened, counted, and sent away when it is no longer allowed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from veilleur.db.engine import Database
from veilleur.features.talks.commands import TALK
from veilleur.features.viewing.admitting import Admitted, admit, still_allowed
from veilleur.kernel.clock import Clock
from veilleur.recorder.limits import (
    ELSEWHERE,
    LOOK_SECONDS,
    MAX_PER_VIEWING,
    MAX_SOCKETS,
    REVOKED,
    TICKET,
    TRY_LATER,
    UNSURE_SECONDS,
)

log = structlog.get_logger()

MAX_TOKEN = 256
"""Characters of a ticket at most: ours have 43."""


class NotAdmittedError(Exception):
    """No socket for this ticket. `code`: what it is closed with."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


@dataclass(eq=False)
class Guest:
    """A socket (or a WebRTC session) and what its ticket allows. `code`: set when it is sent away."""

    held: Admitted = field(repr=False)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    code: int | None = None

    def send_away(self, code: int) -> None:
        """On the listener's loop: its socket closes now with this code; the first said wins."""
        if self.code is None:
            self.code = code
            self.gone.set()


@dataclass(eq=False)
class Guests:
    """Everybody who looks, on the listener's loop. `left`: viewings whose last socket closed here, until they are ended."""

    database: Database
    clock: Clock
    inside: set[Guest] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    _sure_at: float = 0.0

    def __iter__(self) -> Iterator[Guest]:
        return iter(tuple(self.inside))

    def cameras(self) -> Counter[int]:
        """How many look at each camera. Safe from any thread."""
        return Counter(guest.held.camera_id for guest in tuple(self.inside))

    def viewings(self) -> set[int]:
        """Whose sockets are here. Safe from any thread."""
        return {guest.held.viewing_id for guest in tuple(self.inside)}

    async def enter(self, token: str, here: set[int], door: str) -> Guest:
        """Uses a ticket. Raises NotAdmittedError. `here`: the cameras of this recorder. `door`: live | play | talk."""
        if len(self.inside) >= MAX_SOCKETS:
            raise NotAdmittedError(TRY_LATER)
        if not 0 < len(token) <= MAX_TOKEN:
            raise NotAdmittedError(TICKET)
        held = await asyncio.to_thread(self._admit, token, here, door)
        if sum(guest.held.viewing_id == held.viewing_id for guest in self.inside) >= MAX_PER_VIEWING:
            raise NotAdmittedError(TRY_LATER)
        guest = Guest(held)
        self.inside.add(guest)
        self.left.discard(held.viewing_id)
        return guest

    def leave(self, guest: Guest) -> None:
        """The socket is closed."""
        self.inside.discard(guest)
        if guest.held.viewing_id not in self.viewings():
            self.left.add(guest.held.viewing_id)

    def _admit(self, token: str, here: set[int], door: str) -> Admitted:
        try:
            with self.database.write() as session:
                held = admit(session, token, self.clock.now())
                if held is None or _door_of(held) != door:
                    raise NotAdmittedError(TICKET)
                if held.camera_id not in here:
                    raise NotAdmittedError(ELSEWHERE)  # and the ticket is not used
        except SQLAlchemyError as fault:
            log.warning("tickets.database_away", fault=type(fault).__name__)
            raise NotAdmittedError(TRY_LATER) from None
        return held

    async def watch(self) -> None:
        """Asks the database each second who may stay. Runs until cancelled."""
        self._sure_at = self.clock.monotonic()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """One look."""
        guests = list(self)
        if not guests:
            self._sure_at = self.clock.monotonic()
            return
        try:
            allowed = await asyncio.to_thread(self._allowed, {guest.held.viewing_id for guest in guests})
        except SQLAlchemyError as fault:
            log.warning("revocation.database_away", fault=type(fault).__name__)
            if self.clock.monotonic() - self._sure_at > UNSURE_SECONDS:
                for guest in guests:
                    guest.send_away(TRY_LATER)
            return
        self._sure_at = self.clock.monotonic()
        for guest in guests:
            if guest.held.camera_id not in allowed.get(guest.held.viewing_id, frozenset()):
                guest.send_away(REVOKED)

    def _allowed(self, viewings: set[int]) -> dict[int, frozenset[int]]:
        with self.database.read() as session:
            return still_allowed(session, sorted(viewings), self.clock.now())


def _door_of(held: Admitted) -> str:
    """What a ticket opens, and nothing else."""
    if held.kind == TALK:
        return "talk"
    return "live" if held.from_at is None else "play"
