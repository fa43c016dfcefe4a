"""How many requests are in flight, and how many a session may send: bounds that a working desk never meets."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from veilleur.kernel.errors import UnavailableError
from veilleur.web.errors import TooManyError

#: Requests that run at once: each holds at most one connection, and the pool has more than both together.
READERS_AT_ONCE = 8
STRANGERS_AT_ONCE = 3

#: Requests that wait their turn; beyond, «try again».
WAITING = 200
STRANGERS_WAITING = 30

#: Requests a second of one session, and how many may come in one burst (a desk that loads sends some thirty).
RATE = 30.0
BURST = 150.0

#: Sessions remembered by the rate bound.
REMEMBERED = 2_000


class Turns:
    """A bounded queue for a bounded number of turns."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._turn, self._room, self._waiting = asyncio.Semaphore(at_once), waiting, 0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """One turn. Raises UnavailableError when too many wait already."""
        if self._waiting >= self._room:
            raise UnavailableError
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()


class Rate:
    """A bucket per session: `BURST` requests at once, `RATE` a second afterwards."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def count(self, who: bytes, at: float) -> None:
        """Counts a request at a monotonic time, in seconds. Raises TooManyError when the bucket is empty."""
        left, since = self._buckets.pop(who, (BURST, at))
        left = min(BURST, left + (at - since) * RATE)
        self._buckets[who] = (max(left - 1, 0.0), at)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        if left < 1:
            raise TooManyError
