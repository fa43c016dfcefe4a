"""What is wrong with a camera of the demonstration, changed while it runs: by its plan, by a PTZ, by a file, by a test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

CONTROL_FILE = "demo-cameras.json"
"""In the data directory: {camera: {key of Condition: value, "for": seconds, "number": n}}; read twice a second."""

MAX_CONTROL = 65_536  # bytes; sixteen cameras take 2 kB
MAX_SECONDS = 86_400.0  # a change for longer is for good

#: Who changes a camera; a later one covers an earlier one.
ORIGINS = ("plan", "ptz", "file", "voice", "test")


@dataclass(frozen=True)
class Condition:
    """How a camera is. Each key may be changed while it runs.

    `clip`: what is played (calm, person, vehicle, rixe, moved, mask_lost: those its scene has). `position`: a PTZ's preset.
    `frozen`: `silent` (the connection stays, no packet comes) or `picture` (the same picture again and again).
    `gone`: connections are cut and refused. `password`: None, nobody is asked. `audio`: a sound track is offered.
    `speaker`: it has a loudspeaker.
    `clock_offset`: seconds that its own clock is ahead. `small`: the main stream shrinks to the sub-stream's size.
    """

    clip: str = "calm"
    position: str = ""
    frozen: Literal["", "silent", "picture"] = ""
    gone: bool = False
    password: str | None = None
    audio: bool = False
    speaker: bool = False
    clock_offset: float = 0.0
    small: bool = False


_KINDS: dict[str, tuple[type, ...]] = {
    "clip": (str,),
    "position": (str,),
    "frozen": (str,),
    "gone": (bool,),
    "password": (str, type(None)),
    "audio": (bool,),
    "speaker": (bool,),
    "clock_offset": (int, float),
    "small": (bool,),
}
assert _KINDS.keys() == {each.name for each in fields(Condition)}


class BadControlError(ValueError):
    """A change that no camera understands; its message says which."""


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """These changes, if a camera understands them all. Raises BadControlError."""
    for key, value in values.items():
        if key not in _KINDS:
            raise BadControlError(f"«{key}»: a camera has {', '.join(_KINDS)}")
        if not isinstance(value, _KINDS[key]) or (isinstance(value, bool) and bool not in _KINDS[key]):
            raise BadControlError(f"«{key}»: {value!r} is no value of it")
        if key == "frozen" and value not in ("", "silent", "picture"):
            raise BadControlError(f"«frozen»: {value!r} is neither «silent» nor «picture»")
    return dict(values)


class Controls:
    """The changes in force of one camera. Times are the loop's, in seconds."""

    def __init__(self, usual: Condition) -> None:
        self._usual = usual
        self._changes: dict[str, tuple[dict[str, Any], float | None]] = {}

    def change(self, origin: str, values: Mapping[str, Any], until: float | None = None) -> None:
        """Replaces what this origin changed; nothing: as usual again. Raises BadControlError."""
        if origin not in ORIGINS:
            raise ValueError(origin)
        self._changes[origin] = (checked(values), until)

    def changed_by(self, origin: str, now: float) -> Mapping[str, Any]:
        """What this origin changed and is still in force."""
        values, until = self._changes.get(origin, ({}, None))
        return values if until is None or now < until else {}

    def now(self, now: float) -> Condition:
        """The condition at a time."""
        condition = self._usual
        for origin in ORIGINS:
            if values := self.changed_by(origin, now):
                condition = replace(condition, **values)
        return condition


@dataclass(frozen=True)
class Order:
    """A camera's lines of the control file. `seconds`: None, until changed. `number` tells an order repeated from one kept."""

    values: Mapping[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    number: int = 0


def read_orders(path: Path) -> dict[str, Order]:
    """The control file, by camera. Raises BadControlError, OSError."""
    with path.open("rb") as file:
        raw = file.read(MAX_CONTROL + 1)
    if len(raw) > MAX_CONTROL:
        raise BadControlError(f"longer than {MAX_CONTROL} bytes")
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError) as fault:
        raise BadControlError(f"no JSON: {fault}") from fault
    if not isinstance(told, dict):
        raise BadControlError("it should be {camera: {key: value}}")
    return {name: _order(name, written) for name, written in told.items()}


def _order(name: str, written: object) -> Order:
    if not isinstance(written, dict):
        raise BadControlError(f"{name}: it should be {{key: value}}")
    values = dict(written)
    seconds, number = values.pop("for", None), values.pop("number", 0)
    if seconds is not None and not (type(seconds) in (int, float) and 0 <= seconds <= MAX_SECONDS):
        raise BadControlError(f"{name}: «for» is a number of seconds, {MAX_SECONDS:.0f} at most")
    if type(number) is not int:
        raise BadControlError(f"{name}: «number» counts the orders")
    return Order(checked(values), seconds, number)


def write_control(data_dir: Path, camera: str, *, seconds: float | None = None, **values: Any) -> None:
    """Changes one camera of a running demonstration through its file; without values: as usual again. Atomic.

    Raises BadControlError. Two writers at once: the last one wins.
    """
    path = data_dir / CONTROL_FILE
    try:
        orders = read_orders(path)
    except (OSError, BadControlError):
        orders = {}
    number = 1 + max((order.number for order in orders.values()), default=0)
    orders[camera] = Order(checked(values), seconds, number)
    told = {name: _written(order) for name, order in orders.items()}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    fresh.replace(path)


def _written(order: Order) -> dict[str, Any]:
    limit = {} if order.seconds is None else {"for": order.seconds}
    return {**order.values, **limit, "number": order.number}
