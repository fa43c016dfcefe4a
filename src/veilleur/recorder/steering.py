"""PTZ over the live socket: only while the reservation is the viewer's; it stops by itself, whoever falls silent."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from sqlalchemy.exc import SQLAlchemyError

from veilleur.db.engine import Database
from veilleur.features.viewing.errors import PtzHeldError
from veilleur.features.viewing.steering import moved
from veilleur.kernel.clock import Clock
from veilleur.logbook.act import Act, Actor
from veilleur.recorder.registry import CameraSpec
from veilleur.video.model import SourceError
from veilleur.video.onvif import Device, PtzPort

log = structlog.get_logger()

SILENCE = 1.0
"""Seconds without a message after which a moving camera stops: a cut line must not leave it turning."""
SURE = 0.5
"""Seconds that a look at the reservation is believed: who lost it steers no longer than this."""
MAX_PRESET = 64
"""Characters of a preset's token (ONVIF: ReferenceToken)."""


class SteeringRefusedError(Exception):
    """The camera is not steered. `code`: ptz_not_held | ptz_none | ptz_failed | ptz_bad."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def ptz_of(spec: CameraSpec, clock: Clock) -> PtzPort:
    """Connects to a camera's PTZ service; blocking. Raises SourceError."""
    options = spec.address.options
    where = str(options.get("onvif") or urlsplit(spec.address.main).hostname or "")
    device = Device.connect(where, spec.address.user, spec.address.password, clock=clock)
    return device.ptz


@dataclass
class Steering:
    """One socket's hand on one camera. On the listener's loop; the orders themselves in a thread."""

    database: Database
    clock: Clock
    spec: CameraSpec
    user: int
    connect: Callable[[CameraSpec, Clock], PtzPort] = ptz_of
    turned: Callable[[str | None], None] = lambda _: None
    """Told at each order, with the preset or None: movement suspends the detection of motion, masks hold at a preset."""
    fault: str | None = None
    """Why the last order failed, until whoever tells it takes it away."""
    _wanted: tuple[float, float, float] | None = None
    _driving: asyncio.Task[None] | None = None
    _port: PtzPort | None = None
    _until: datetime | None = None
    _sure_at: float = -SURE
    _moving: bool = False
    _last: float = 0.0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def move(self, message: dict[str, Any]) -> None:
        """One «ptz» message. Raises SteeringRefusedError."""
        pan, tilt, zoom = (_speed(message.get(axis, 0)) for axis in ("pan", "tilt", "zoom"))
        await self._allowed()
        self._last, self._moving = self.clock.monotonic(), bool(pan or tilt or zoom)
        # A camera slower than the hand is given the newest order only, never a queue of old ones.
        self._wanted = (pan, tilt, zoom)
        if self._driving is None or self._driving.done():
            self._driving = asyncio.create_task(self._drive())

    async def preset(self, message: dict[str, Any]) -> None:
        """One «preset» message. Raises SteeringRefusedError."""
        token = message.get("token")
        if not isinstance(token, str) or not 0 < len(token) <= MAX_PRESET:
            raise SteeringRefusedError("ptz_bad")
        await self._allowed()
        await self._order(lambda port: port.goto(token), token)

    async def silence(self) -> None:
        """To be called a few times a second: stops a camera whose hand fell silent or lost its reservation."""
        if self._moving and self.clock.monotonic() - self._last > SILENCE:
            await self.stop()

    async def stop(self) -> None:
        """Stops what we made move; the socket closes."""
        if not self._moving:
            return
        self._moving, self._wanted = False, None
        try:
            await self._order(lambda port: port.stop())
        except SteeringRefusedError:
            log.warning("ptz.not_stopped", camera=self.spec.reference)

    async def _drive(self) -> None:
        while (speeds := self._wanted) is not None:
            self._wanted = None
            try:
                await self._order(lambda port, speeds=speeds: port.move(*speeds))  # type: ignore[misc]
            except SteeringRefusedError as refusal:
                self.fault, self._moving = refusal.code, False

    async def _order(self, order: Callable[[PtzPort], None], preset: str | None = None) -> None:
        self.turned(preset)
        async with self._turn:
            try:
                if self._port is None:
                    self._port = await asyncio.to_thread(self.connect, self.spec, self.clock)
                await asyncio.to_thread(order, self._port)
            except SourceError as fault:
                self._port = None
                code = "ptz_none" if fault.kind == "unsupported" else "ptz_failed"
                raise SteeringRefusedError(code) from None

    async def _allowed(self) -> None:
        if not self.spec.ptz:
            raise SteeringRefusedError("ptz_none")
        if self.clock.monotonic() - self._sure_at >= SURE:
            try:
                self._until = await asyncio.to_thread(self._look)
            except SQLAlchemyError:
                self._until = None
            self._sure_at = self.clock.monotonic()
        if self._until is None or self._until <= self.clock.now():
            await self.stop()
            raise SteeringRefusedError("ptz_not_held")

    def _look(self) -> datetime | None:
        """Until when the camera is ours, prolonged by this move; None when it is not."""
        try:
            with self.database.write() as session:
                act = Act(session, self.clock.now(), Actor("user", self.user))
                return moved(act, self.spec.id, self.user)
        except PtzHeldError:
            return None


def _speed(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SteeringRefusedError("ptz_bad")
    return max(-1.0, min(1.0, float(value)))
