"""Each night, the legal masks of cameras that turn: each preset is gone to, looked at, its proof kept (practice P11).

Nobody's hand is taken: a camera that somebody steers, or whose site has an open dossier, is left alone and tried again.
One whose mask is lost stays where it is: it is suspended, and there it is seen whether the mask is back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from veilleur.features.cameras.faults import check_mask
from veilleur.features.people.queries import centre_zone
from veilleur.kernel.clock import Clock
from veilleur.kernel.errors import VeilleurError
from veilleur.logbook.act import Act
from veilleur.recorder.camera import RunningCamera
from veilleur.recorder.house import House
from veilleur.recorder.registry import CameraSpec, Mask
from veilleur.recorder.rooting import RECORDER
from veilleur.recorder.steering import ptz_of
from veilleur.video.model import SourceError
from veilleur.video.onvif import PtzPort

log = structlog.get_logger()

NIGHT = range(2, 5)
"""Hours of the centre: few look, and the town moves least."""
LOOK = 5.0
"""Seconds between two looks for a camera that is due."""
ARRIVES = 10.0
"""Seconds a head has to arrive; what is judged sooner is of the way there."""
PATIENCE = 40.0
"""Seconds for a picture to be judged after that: they come every five; a stream that is cut comes back."""

# Somebody steers it, or has a dossier open on its site: another moment.
BUSY = text("""
SELECT EXISTS (SELECT 1 FROM ptz_hold WHERE camera_id = :camera AND until > :now)
    OR EXISTS (SELECT 1 FROM incident WHERE site_id = :site AND closed_at IS NULL AND family <> 'service')""")

Verdict = Literal["there", "lost", "unseen"]


@dataclass(eq=False)
class MaskRounds:
    """One thread for the cameras of a recorder."""

    house: House
    connect: Callable[[CameraSpec, Clock], PtzPort] = ptz_of

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mask rounds", daemon=True)

    def start(self) -> None:
        """Starts looking for cameras that are due."""
        self._thread.start()

    def stop(self) -> None:
        """Ends; a head that turns arrives by itself."""
        self._stop.set()

    def _run(self) -> None:
        while not self._stop.wait(LOOK):
            try:
                self.turn()
            except SQLAlchemyError as fault:
                log.warning("mask_rounds.database_away", fault=type(fault).__name__)
            except Exception:
                log.exception("mask_rounds.fault")

    def turn(self) -> int:
        """The cameras that are due now; how many masks were checked."""
        house = self.house
        now = house.clock.now()
        with house.database.read() as session:
            if now.astimezone(centre_zone(session)).hour not in NIGHT:
                return 0
        due = [each for each in list(house.cameras.values()) if presets_due(each.spec, now)]
        return sum(self._round(running) for running in due if not self._stop.is_set())

    def _round(self, running: RunningCamera) -> int:
        checked = 0
        try:
            for preset in presets_due(running.spec, self.house.clock.now()):
                if self._busy(running) or not running.permission.connect:
                    return checked
                verdict, count = self._look_at(running, preset)
                checked += count
                if verdict == "lost":
                    return checked
        except SourceError as fault:
            log.warning("mask_rounds.not_steered", camera=running.spec.reference, fault=fault.kind)
        except VeilleurError as fault:  # a mask or a camera that was removed meanwhile
            log.warning("mask_rounds.not_entered", camera=running.spec.reference, why=fault.message)
        return checked

    def _busy(self, running: RunningCamera) -> bool:
        asked = {
            "camera": running.spec.id,
            "site": running.spec.site_id,
            "now": self.house.clock.now(),
        }
        with self.house.database.read() as session:
            return bool(session.execute(BUSY, asked).scalar_one())

    def _look_at(self, running: RunningCamera, preset: str) -> tuple[Verdict, int]:
        """Goes there, waits for a picture that is of there, enters what is seen."""
        clock = self.house.clock
        self.connect(running.spec, clock).goto(preset)
        running.turned(preset)
        arrived = clock.monotonic() + ARRIVES
        while clock.monotonic() < arrived + PATIENCE:
            if self._stop.wait(0.5) or self._busy(running) or running.preset != preset:
                return "unseen", 0
            judged = running.writing.looking.judged()
            still = running.writing.looking.newest()
            if judged is None or still is None or judged.at < arrived:
                continue
            masks = masks_at(running.spec, preset)
            lost = judged.measures.masks_lost
            with self.house.database.write() as session:
                act = Act(session, clock.now(), RECORDER)
                for mask in masks:
                    check_mask(act, mask.id, there=mask.id not in lost, proof=still.jpeg)
            return ("lost" if any(mask.id in lost for mask in masks) else "there"), len(masks)
        return "unseen", 0


def masks_at(spec: CameraSpec, preset: str) -> tuple[Mask, ...]:
    """The legal masks of a preset."""
    return tuple(mask for mask in spec.masks if mask.kind == "legal" and mask.preset == preset)


def presets_due(spec: CameraSpec, now: datetime) -> list[str]:
    """Presets whose legal masks were not looked for today (UTC), in order."""
    if not spec.ptz:
        return []
    due = [
        mask.preset
        for mask in spec.masks
        if mask.kind == "legal"
        and mask.preset is not None
        and (mask.checked_at is None or mask.checked_at.date() < now.date())
    ]
    return list(dict.fromkeys(due))
