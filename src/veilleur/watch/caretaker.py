"""The watch's second loop: it looks after the room and the chain, so that deciding alarms never waits for it (law 3).

A thread of the leading watch, fenced by the same lease: when the lease is lost, it stops with its next transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError

from veilleur.kernel.clock import Clock
from veilleur.watch.lease import LeaseLostError

log = structlog.get_logger()

TICK = 0.5
"""Seconds between looks at what is due."""


@dataclass
class Care:
    """One thing that is looked after every `period` seconds."""

    name: str
    period: float
    look: Callable[[], object]
    due: float = 0.0
    apart: bool = False
    """It may hang (a dead disk, a dead network): it has a thread of its own."""


@dataclass
class Caretaker:
    """Runs each care when it is due, one after the other; a fault of one is told and holds no other back."""

    clock: Clock
    cares: Sequence[Care]

    def run(self, stop: threading.Event) -> None:
        """Until told to stop, or the lease is lost."""
        while not stop.is_set():
            try:
                self.turn()
            except LeaseLostError:
                return
            stop.wait(TICK)

    def turn(self) -> None:
        """Looks at everything that is due. Raises LeaseLostError."""
        for care in self.cares:
            now = self.clock.monotonic()
            if now < care.due:
                continue
            care.due = now + care.period
            try:
                care.look()
            except LeaseLostError:
                raise
            except DBAPIError as error:
                log.warning("care_interrupted", care=care.name, error=str(error).splitlines()[0])
            except Exception:  # a fault of ours in one care must not end the others
                log.exception("care_fault", care=care.name)
