"""Turning a camera. It stops by itself a second after the last order, where its firmware can."""

from __future__ import annotations

import contextlib
import math
import threading

from onveef import envelopes, parsers

from veilleur.video.model import SourceError
from veilleur.video.onvif.limits import MAX_PRESET_TOKEN, MAX_PRESETS, MOVE_SECONDS
from veilleur.video.onvif.soap import Soap
from veilleur.video.onvif.values import Position, Preset, clean


class Ptz:
    """The PTZ service of one profile (`PtzPort`). Orders are sent one after the other, whoever gives them."""

    def __init__(self, soap: Soap, url: str, profile: str) -> None:
        self._soap, self._url, self._profile = soap, url, profile
        self._lock = threading.Lock()
        self._timeout = f"PT{MOVE_SECONDS}S"
        self._turning: set[str] = set()

    @property
    def moving(self) -> bool:
        """Whether we made it turn and did not stop it."""
        return bool(self._turning)

    def move(self, pan: float, tilt: float, zoom: float) -> None:
        """Speeds −1..1 (beyond: clamped; not a number: InvalidError of Python's own, ValueError). All zero: `stop`.

        An axis that neither turns nor turned is not named: cameras without zoom refuse an order that names it.
        """
        speeds = {"pan": _speed(pan), "tilt": _speed(tilt), "zoom": _speed(zoom)}
        if not any(speeds.values()):
            return self.stop()
        with self._lock:
            named = {axis for axis, speed in speeds.items() if speed} | self._turning
            # Before the order, not after: a camera whose answer is lost may turn all the same.
            self._turning |= {axis for axis, speed in speeds.items() if speed}
            given = {axis: speeds[axis] if axis in named else None for axis in speeds}
            try:
                self._order(given)
            except SourceError as fault:
                if fault.kind != "unsupported" or not self._timeout:
                    raise
                self._timeout = ""  # some firmware refuses any Timeout; the desk's own second remains
                self._order(given)
            self._turning = {axis for axis, speed in speeds.items() if speed}
        return None

    def stop(self) -> None:
        """Stops every axis. Firmware that refuses Stop is sent zero speeds."""
        with self._lock:
            body = envelopes.ptz_stop(profile_token=self._profile, pan_tilt=True, zoom=True)
            try:
                self._soap.call(self._url, body, _nothing)
            except SourceError as fault:
                if fault.kind != "unsupported":
                    raise
                axes = self._turning or {"pan", "tilt"}
                self._order({axis: 0.0 if axis in axes else None for axis in ("pan", "tilt", "zoom")})
            self._turning = set()

    def presets(self) -> list[Preset]:
        """Positions that the device keeps, at most 300."""
        body = envelopes.ptz_get_presets(profile_token=self._profile)
        told = self._soap.call(self._url, body, parsers.parse_ptz_presets)
        found = [(str(each.get("token", "")), each.get("name", "")) for each in told[:MAX_PRESETS]]
        return [
            Preset(token, clean(name) or clean(token)) for token, name in found if token == clean(token) != ""
        ]

    def goto(self, token: str) -> None:
        """Goes to a preset."""
        body = envelopes.ptz_goto_preset(profile_token=self._profile, preset_token=token)
        with self._lock:
            self._soap.call(self._url, body, _nothing)
            self._turning = set()

    def keep(self, name: str, token: str | None = None) -> str:
        """Keeps where it looks as a preset of this name, in the place of `token` when given; the preset's token."""
        body = envelopes.ptz_set_preset(
            profile_token=self._profile, preset_name=name, preset_token=token or ""
        )
        made = clean(self._soap.call(self._url, body, parsers.parse_set_preset_token)) or token
        if not made or len(made) > MAX_PRESET_TOKEN:
            raise SourceError("unsupported", "the device kept a preset and does not say which")
        return made

    def remove(self, token: str) -> None:
        """The device forgets a preset; one that it does not have is forgotten already."""
        body = envelopes.ptz_remove_preset(profile_token=self._profile, preset_token=token)
        try:
            self._soap.call(self._url, body, _nothing)
        except SourceError as fault:
            # ONVIF PTZ §5.4.3: NoToken. Firmware says it in as many ways as there is firmware: its own list is believed.
            if fault.kind != "unsupported" or any(each.token == token for each in self.presets()):
                raise

    def position(self) -> Position:
        """Where it looks."""
        body = envelopes.ptz_get_status(profile_token=self._profile)
        told = self._soap.call(self._url, body, parsers.parse_ptz_status)
        states = {str(each).upper() for each in (told.get("move_status") or {}).values() if each}
        moving = True if "MOVING" in states else False if states <= {"IDLE"} and states else None
        return Position(_place(told.get("pan")), _place(told.get("tilt")), _place(told.get("zoom")), moving)

    def close(self) -> None:
        """Stops the camera if we made it turn."""
        if self._turning:
            self.stop()

    def _order(self, given: dict[str, float | None]) -> None:
        body = envelopes.ptz_continuous_move(profile_token=self._profile, timeout=self._timeout, **given)
        self._soap.call(self._url, body, _nothing)


def _nothing(_: str) -> None:
    """An answer that says nothing more than yes."""


def _speed(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("a speed is a number")
    return max(-1.0, min(1.0, float(value)))


def _place(value: object) -> float | None:
    """A coordinate of the device, None when it is no number."""
    with contextlib.suppress(TypeError, ValueError):
        number = float(value)  # type: ignore[arg-type]
        return number if math.isfinite(number) else None
    return None
