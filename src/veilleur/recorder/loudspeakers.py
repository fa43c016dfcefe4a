"""Which cameras have a loudspeaker: each that one may speak through is asked once, and now and then again."""

from __future__ import annotations

import threading

import structlog

from veilleur.features.cameras.model import REGIMES
from veilleur.recorder.camera import RunningCamera
from veilleur.recorder.house import House
from veilleur.video.loudspeaker import has_loudspeaker
from veilleur.video.model import Address, SourceError

log = structlog.get_logger()

EVERY = 6 * 3600.0
"""Seconds between two questions to one camera that answered: a loudspeaker is screwed on by day."""
AGAIN = 300.0
"""After no answer."""
LOOK = 1.0
SPEAKING = ("rtsp", "onvif")
"""Kinds of source that may carry a voice."""


class Loudspeakers:
    """One thread: a camera that does not answer makes the next ones wait some seconds, and nothing else.

    One of vidéoprotection is not even asked: nobody may speak through it.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._due: dict[RunningCamera, tuple[float, Address]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="loudspeakers", daemon=True)

    def start(self) -> None:
        """Starts asking."""
        self._thread.start()

    def stop(self) -> None:
        """Ends, after the question under way at most."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(LOOK):
            cameras = list(self._house.cameras.values())
            self._due = {each: held for each in cameras if (held := self._due.get(each)) is not None}
            for running in cameras:
                if self._stop.is_set():
                    return
                if self._wanted(running):
                    self._ask(running)

    def _wanted(self, running: RunningCamera) -> bool:
        """Once its pictures come: a camera that is being reached is not asked at the same time."""
        spec, now = running.spec, self._house.clock.monotonic()
        may = REGIMES[spec.standing.regime].speech and running.permission.connect
        if not may or spec.address.kind not in SPEAKING or running.state() != "online":
            return False
        due, address = self._due.get(running, (now, spec.address))
        return now >= due or address != spec.address

    def _ask(self, running: RunningCamera) -> None:
        address = running.spec.address
        after = AGAIN
        try:
            running.loudspeaker = has_loudspeaker(address, self._house.clock)
            after = EVERY
        except SourceError:
            pass  # whether it is reachable is judged by its pictures
        except Exception:
            log.exception("loudspeaker.fault", camera=running.spec.reference)
        self._due[running] = (self._house.clock.monotonic() + after, address)
