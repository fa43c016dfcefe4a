"""`veilleur up`: starts the roles as processes, restarts the ones that die, replaces them by another version, stops all."""

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
from veilleur.kernel.doors import Doors, handed

log = structlog.get_logger()

FIRST_DELAY = 0.5  # seconds before a role that died starts again; doubled each time…
LONGEST_DELAY = 15.0  # …up to this, and back to the first after a calm minute
CALM = 60.0
PATIENCE = 10.0  # seconds a role has to stop by itself before it is killed
READY = 60.0  # seconds a role of another version has to say that it is ready


@dataclass
class Child:
    """One role's process and its luck so far. `doors`: the listening sockets it is handed (kernel/doors.py)."""

    role: str
    argv: Sequence[str]
    doors: Sequence[str] = ()
    overlaps: bool = True
    """Whether two may run at once: then one takes over from the other without a gap."""
    python: str = sys.executable
    """The interpreter, and with it the version, that this role runs."""
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
    doors: Doors = field(default_factory=Doors)
    clock: Clock = field(default_factory=SystemClock)
    stopping: threading.Event = field(default_factory=threading.Event)
    replacement: Replacement | None = None

    def run(self) -> None:
        """Runs until SIGTERM, SIGINT or `stopping`; then stops every child and returns."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        try:
            for child in self.order:
                self.start(child)
            while not self.stopping.wait(0.2):
                for child in self.order:
                    self._look_after(child)
                if self.replacement is not None and self.replacement.step():
                    self.replacement = None
                self.tick()
        finally:
            self.stop()

    def stop(self) -> None:
        """Stops the children in reverse order; kills those that do not listen."""
        self.doors.close()
        for child in reversed(self.order):
            if child.process is not None:
                self._end(child.role, child.process)
            under_way = self.replacement
            if under_way is not None and under_way.child is child and under_way.extra is not None:
                self._end(child.role, under_way.extra)

    def start(self, child: Child) -> None:
        """Starts a child's process."""
        child.process = self.spawn(child, child.python)
        child.started, child.restart_at = self.clock.monotonic(), None

    def spawn(self, child: Child, python: str, more: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        """A process for this child's role, by this interpreter, with its doors."""
        numbers = self.doors.numbers(child.doors)
        ours = {"VEILLEUR_PARENT_PID": str(os.getpid()), **handed(numbers), **(more or {})}
        return subprocess.Popen(
            [python, "-m", "veilleur", *child.argv],
            env=os.environ | self.environment | ours,
            stdin=subprocess.DEVNULL,
            pass_fds=[number for each in numbers.values() for number in each],
            start_new_session=True,  # Ctrl-C in the terminal reaches the supervisor alone: the order of stops is ours
        )

    def _end(self, role: str, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            log.warning("role_killed", role=role)
            process.kill()
            process.wait()

    def _look_after(self, child: Child) -> None:
        now = self.clock.monotonic()
        if child.restart_at is not None:
            if now >= child.restart_at:
                self.start(child)
            return
        if child.process is None or child.process.poll() is None:
            return
        if now - child.started > CALM:
            child.delay = FIRST_DELAY
        log.error("role_died", role=child.role, code=child.process.returncode, again_in=child.delay)
        child.restart_at = now + child.delay
        child.delay = min(child.delay * 2, LONGEST_DELAY)


@dataclass
class Replacement:
    """Gives every child another version, one after the other, each ready before its predecessor is told to stop.

    One that does not become ready ends it: that role, and those after it, stay as they were. `ready(role, pid)` says
    whether a process works; `told(state, role, why)` hears «replaced» of each role, then «done» or «failed» once.
    Driven by `step`, which never waits.
    """

    supervisor: Supervisor
    python: str
    ready: Callable[[str, int], bool]
    told: Callable[[str, str, str], None]
    place: int = 0
    extra: subprocess.Popen[bytes] | None = None
    """The newcomer until it is ready; from then on its predecessor until it is gone."""
    leaving: bool = False
    until: float = 0.0

    @property
    def child(self) -> Child:
        """Whose turn it is."""
        return self.supervisor.order[self.place]

    def step(self) -> bool:
        """Goes on as far as it can now; True when it is over."""
        now = self.supervisor.clock.monotonic()
        if self.extra is None:
            self._begin(now)
            return False
        return self._leave(now) if self.leaving else self._arrive(now)

    def _begin(self, now: float) -> None:
        child = self.child
        old = child.process
        if child.overlaps:
            more = {"VEILLEUR_PREDECESSOR_PID": str(old.pid)} if old is not None else {}
            self.extra, self.until = self.supervisor.spawn(child, self.python, more), now + READY
            return
        # Two may not run at once. Taken from the child first, so that its death is not mended.
        child.process, child.restart_at = None, None
        self.extra, self.leaving, self.until = old, True, now + PATIENCE
        if old is None:
            self._next(now)
        elif old.poll() is None:
            old.terminate()

    def _arrive(self, now: float) -> bool:
        child, newcomer = self.child, self.extra
        assert newcomer is not None
        if newcomer.poll() is not None:
            return self._fail(f"it ended with code {newcomer.returncode}; see its log")
        if not self.ready(child.role, newcomer.pid):
            if now < self.until:
                return False
            newcomer.kill()
            newcomer.wait()
            return self._fail(f"it was not ready within {READY:.0f} s; see its log")
        old = child.process
        child.process, child.python, child.started = newcomer, self.python, now
        child.delay, child.restart_at = FIRST_DELAY, None
        self.extra, self.leaving, self.until = old, True, now + PATIENCE
        if old is None:
            return self._next(now)
        if old.poll() is None:
            old.terminate()
        return False

    def _leave(self, now: float) -> bool:
        assert self.extra is not None
        if self.extra.poll() is None:
            if now < self.until:
                return False
            log.warning("role_killed", role=self.child.role)
            self.extra.kill()
            self.extra.wait()
        return self._next(now)

    def _next(self, now: float) -> bool:
        child = self.child
        if child.process is None:  # one that could not overlap
            child.python = self.python
            self.supervisor.start(child)
        log.info("role_replaced", role=child.role, python=self.python)
        self.told("replaced", child.role, "")
        self.place, self.extra, self.leaving = self.place + 1, None, False
        if self.place < len(self.supervisor.order):
            return False
        self.place -= 1
        self.told("done", "", "")
        return True

    def _fail(self, why: str) -> bool:
        log.error("role_not_replaced", role=self.child.role, why=why)
        self.extra = None
        self.told("failed", self.child.role, why)
        return True
