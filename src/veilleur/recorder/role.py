"""The recorder role: leases taken, cameras kept running, their state written each second, a listener for browsers."""

from __future__ import annotations

import errno
import os
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from veilleur.db.engine import Database
from veilleur.features.consents.queries import running_consents
from veilleur.features.people.queries import today
from veilleur.kernel.clock import Clock
from veilleur.kernel.doors import AddressBusyError, Doors
from veilleur.kernel.errors import SettingsError
from veilleur.kernel.sealing import KeyRing
from veilleur.recorder.camera import RunningCamera
from veilleur.recorder.clocks import CameraClocks
from veilleur.recorder.faults import Faults
from veilleur.recorder.house import FtpPlace, House, Place
from veilleur.recorder.leases import Leases
from veilleur.recorder.listener import Listener
from veilleur.recorder.loudspeakers import Loudspeakers
from veilleur.recorder.mask_rounds import MaskRounds
from veilleur.recorder.permission import permission
from veilleur.recorder.registry import Registry, sites_in_alarm
from veilleur.recorder.rounds import Rounds
from veilleur.recorder.statuses import write

__all__ = ["FtpPlace", "Place", "run_recorder"]

log = structlog.get_logger()

TURN = 1.0
"""Seconds between two turns of the keeper: leases, changes, states."""
STOP_SECONDS = 5.0
"""For all cameras to close their files when the role stops; a file cut short is repaired at the next start."""
LATE = 4.0
"""Seconds without a turn that succeeded: the leases may be another's soon, and the role is not ready."""

MOST_ASKED, ASKED_TTL = 100_000, 60.0
"""Cameras behind customers' recorders that one recorder answers for, and seconds of their leases."""

Report = Callable[[dict[str, Any]], None]


class Keeper:
    """What happens each second, in one thread. Raises nothing: a database that is away stops no recording.

    Without it nobody else can take a camera, so ours go on; homes alone are closed, for nobody can say that their
    alarm is still open.
    """

    def __init__(self, house: House, listener: Listener) -> None:
        place = house.place
        self._house, self._listener = house, listener
        self._leases = Leases(house.database, house.clock, house.holder, place.url, place.cameras)
        self._asked = Leases(house.database, house.clock, house.holder, place.url, MOST_ASKED, ttl=ASKED_TTL)
        self._asked_at = -ASKED_TTL
        self._faults = Faults(house)
        self._rounds = Rounds(house, listener.guests, self._faults)
        listener.intake.kept = self._rounds.keep
        self._clocks = CameraClocks(house)
        self._masks = MaskRounds(house)
        self._loudspeakers = Loudspeakers(house)
        self._day: date | None = None
        self._alarms: set[int] = set()
        self._consents: set[int] = set()
        self._leaving: list[RunningCamera] = []
        self.turned_at: float | None = None

    def start(self) -> None:
        """Starts the slow rounds."""
        self._rounds.start()
        self._clocks.start()
        self._masks.start()
        self._loudspeakers.start()

    def turn(self) -> None:
        """One turn."""
        house = self._house
        try:
            self._read()
            mine = self._leases.turn(
                house.registry.leasable(), watched=self._listener.guests.cameras().keys()
            )
            self._settle(mine)
            self._permit()
            self._write()
            self._take_asked()
            self.turned_at = house.clock.monotonic()
        except SQLAlchemyError as fault:
            log.warning("recorder.database_away", fault=type(fault).__name__)
            if self.turned_at is not None and house.clock.monotonic() - self.turned_at > LATE:
                self._alarms, self._consents = set(), set()
                self._permit()
        for running in house.cameras.values():
            running.watch()
        self._faults.look()

    def stop(self) -> None:
        """Closes every file, then lets go of the cameras."""
        self._settle(set())
        deadline = self._house.clock.monotonic() + STOP_SECONDS
        for running in self._leaving:
            running.join(max(0.0, deadline - self._house.clock.monotonic()))
            self._rounds.keep(running.spec.id, running.writing.closed())
        self._rounds.stop()
        self._clocks.stop()
        self._masks.stop()
        self._loudspeakers.stop()
        try:
            self._rounds.chains()
            self._leases.release()
            self._asked.release()
        except SQLAlchemyError as fault:
            log.warning("recorder.leases_not_released", fault=type(fault).__name__)

    def _read(self) -> None:
        house = self._house
        house.registry.refresh()
        homes = {s.site_id for s in house.registry.cameras.values() if s.standing.regime == "home"}
        with house.database.read() as session:
            self._day = today(session, house.clock.now())
            self._alarms = sites_in_alarm(session, homes)
            held = running_consents(session, house.clock.now(), sites=homes) if homes else []
            self._consents = {consent.site_id for consent in held}

    def _take_asked(self) -> None:
        """Customers' recorders: nothing runs for them, so their leases are long and renewed seldom."""
        house, now = self._house, self._house.clock.monotonic()
        wanted = house.registry.on_demand()
        if now - self._asked_at < ASKED_TTL / 4 and house.asked <= wanted:
            return
        house.asked = self._asked.turn(wanted) if wanted or house.asked else set()
        self._asked_at = now

    def _settle(self, mine: set[int]) -> None:
        """Starts cameras that became ours, stops those that are not any more, tells the others of their changes."""
        house, known = self._house, self._house.registry.cameras
        for camera in [camera for camera in house.cameras if camera not in mine or camera not in known]:
            running = house.cameras.pop(camera)
            running.stop()
            self._leaving.append(running)
        for running in [running for running in self._leaving if running.join(0)]:
            self._leaving.remove(running)
            self._rounds.keep(running.spec.id, running.writing.closed())
        leaving = {running.spec.id for running in self._leaving}
        for camera in sorted(mine & known.keys() - leaving):
            running_now = house.cameras.get(camera)
            if running_now is None:
                started = RunningCamera(house, known[camera])
                house.cameras[camera] = started
                self._permit_one(started)
                started.start()
            elif running_now.spec is not known[camera]:
                running_now.change(known[camera])

    def _permit(self) -> None:
        for running in self._house.cameras.values():
            self._permit_one(running)

    def _permit_one(self, running: RunningCamera) -> None:
        if self._day is None:
            return
        spec = running.spec
        alarm, consent = spec.site_id in self._alarms, spec.site_id in self._consents
        running.permit(permission(spec.standing, today=self._day, alarm=alarm, consent=consent))

    def _write(self) -> None:
        house = self._house
        now = house.clock.now()
        statuses = [running.status(now) for running in house.cameras.values()]
        with house.database.write() as session:
            write(session, now, statuses)


def run_recorder(
    database: Database,
    clock: Clock,
    keys: KeyRing,
    place: Place,
    *,
    holder: str,
    stop: threading.Event,
    report: Report,
    doors: Sequence[socket.socket] | None = None,
    predecessor: int | None = None,
) -> None:
    """Runs the role until `stop`; `report` hears its health each second.

    `doors`: listening sockets it was handed; else it opens its own, again and again while somebody has the address.
    `predecessor`: the process it replaces; it accepts once that one is gone, who holds the cameras until then.
    """
    place.folder.mkdir(parents=True, exist_ok=True)
    house = House(database, clock, place, holder, Registry(database, keys))
    listener = Listener(house)
    keeper = Keeper(house, listener)
    keeper.start()
    sockets = list(doors or ())
    began = waits = False
    try:
        while not stop.is_set():
            keeper.turn()
            if not began and not _alive(predecessor):
                sockets = sockets or _open(place, told=waits)
                waits = not sockets
                if sockets:
                    listener.start(sockets)
                    began = True
            report(_health(house, keeper, listener, waiting=_alive(predecessor)))
            stop.wait(TURN)
    finally:
        report({"ready": False})
        listener.stop()
        keeper.stop()


def _health(house: House, keeper: Keeper, listener: Listener, *, waiting: bool) -> dict[str, Any]:
    running = list(house.cameras.values())
    fresh = keeper.turned_at is not None and house.clock.monotonic() - keeper.turned_at < LATE
    return {
        "ready": fresh and (listener.ready or waiting),
        "cameras": len(running),
        "recording": sum(each.recording for each in running),
        "sockets": len(listener.guests.inside),
        "viewings": sorted(listener.guests.viewings()),
        "listens": house.place.url,
        "ftp": listener.deposits.listens,
        "wrong_passwords": listener.deposits.wrong.total,
    }


def _open(place: Place, *, told: bool) -> list[socket.socket]:
    """Our own door when none was handed; none yet while somebody has it. `told`: that was said already."""
    doors = Doors()
    try:
        doors.open("video", *place.listen)
    except AddressBusyError as fault:
        if not told:
            log.warning("recorder.address_busy", why=fault.message)
        return []
    except SettingsError as fault:
        if not told:
            log.error("recorder.no_address", why=fault.message)  # noqa: TRY400  # a plain sentence
        return []
    return doors.opened["video"]


def _alive(process: int | None) -> bool:
    if process is None:
        return False
    try:
        os.kill(process, 0)
    except OSError as error:
        return error.errno == errno.EPERM
    return True
