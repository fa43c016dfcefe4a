"""`veilleur up`: starts the roles as processes, restarts the ones that die, stops all in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from veilleur.kernel.clock import Clock, SystemClock

log = structlog.get_logger()

FIRST_DELAY = 0.5  # seconds before a role that died starts again; doubled each time…
LONGEST_DELAY = 15.0  # …up to this, and back to the first after a calm minute
CALM = 60.0
PATIENCE = 10.0  # seconds a role has to stop by itself before it is killed


@dataclass
class Child:
    """One role's process and its luck so far."""

    role: str
    argv: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    delay: float = FIRST_DELAY
    restart_at: float | None = None


@dataclass
class Supervisor:
    """Keeps children alive. `order`: started first to last, stopped last to first."""

    order: Sequence[Child]
    tick: Callable[[], None] = lambda: None
    environment: dict[str, str] = field(default_factory=dict)
    clock: Clock = field(default_factory=SystemClock)
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Runs until SIGTERM, SIGINT or `stopping`; then stops every child and returns."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            for child in self.order:
                self._start(child)
            while not self.stopping.wait(0.2):
                for child in self.order:
                    self._look_after(child)
                self.tick()
        finally:
            self.stop()

    def stop(self) -> None:
        """Stops the children in reverse order; kills those that do not listen."""
        for child in reversed(self.order):
            process = child.process
            if process is None or process.poll() is not None:
                continue
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                log.warning("role_killed", role=child.role)
                process.kill()
                process.wait()

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            [sys.executable, "-m", "veilleur", *child.argv],
            env=os.environ | self.environment | {"VEILLEUR_PARENT_PID": str(os.getpid())},
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor alone: the order of stops is ours
        )
        child.started, child.restart_at = self.clock.monotonic(), None

    def _look_after(self, child: Child) -> None:
        now = self.clock.monotonic()
        if child.restart_at is not None:
            if now >= child.restart_at:
                self._start(child)
            return
        if child.process is None or child.process.poll() is None:
            return
        if now - child.started > CALM:
            child.delay = FIRST_DELAY
        log.error("role_died", role=child.role, code=child.process.returncode, again_in=child.delay)
        child.restart_at = now + child.delay
        child.delay = min(child.delay * 2, LONGEST_DELAY)
