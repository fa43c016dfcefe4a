"""What hour the cameras think it is: asked of those that speak ONVIF, now and then; a wrong one is a fault."""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

import structlog

from veilleur.recorder.camera import RunningCamera
from veilleur.recorder.health import clock_off
from veilleur.recorder.house import House
from veilleur.video.model import SourceError
from veilleur.video.onvif import Device

log = structlog.get_logger()

EVERY = 300.0
"""Seconds between two questions to one camera: a clock that drifts 3 s has done so over hours."""
AGAIN = 20.0
"""While it is wrong: whoever sets it right sees so at once."""
FIRST = 10.0
"""Seconds after its start: what its health says depends on it."""
LOOK = 1.0


def speaks_onvif(running: RunningCamera) -> str | None:
    """Where its ONVIF device is; None: it is not known to be one."""
    address = running.spec.address
    where = address.options.get("onvif")
    if where:
        return str(where)
    return urlsplit(address.main).hostname if address.kind == "onvif" else None


class CameraClocks:
    """One thread: a camera that does not answer makes the next ones wait some seconds, and nothing else."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._due: dict[RunningCamera, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="camera clocks", daemon=True)

    def start(self) -> None:
        """Starts asking."""
        self._thread.start()

    def stop(self) -> None:
        """Ends, after the question under way at most."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(LOOK):
            now = self._house.clock.monotonic()
            cameras = list(self._house.cameras.values())
            self._due = {each: self._due.get(each, now + FIRST) for each in cameras}
            for running, due in self._due.items():
                where = speaks_onvif(running)
                if where is None or now < due or not running.permission.connect or self._stop.is_set():
                    continue
                self._ask(running, where)
                self._due[running] = now + (AGAIN if clock_off(running.writing.clock_offset_ms) else EVERY)

    def _ask(self, running: RunningCamera, where: str) -> None:
        address = running.spec.address
        try:
            device = Device.connect(where, address.user, address.password, clock=self._house.clock)
        except SourceError:
            return  # whether it is reachable is judged by its pictures
        except Exception:
            log.exception("camera_clock.fault", camera=running.spec.reference)
            return
        running.writing.clock_offset_ms = device.clock_offset_ms
