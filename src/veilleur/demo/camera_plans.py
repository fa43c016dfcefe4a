"""The cameras that the demonstration has: `cameras.yaml`, read for those who play them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from veilleur.demo.camera_controls import Condition, checked

CAMERAS = Path(__file__).parent / "cameras.yaml"


@dataclass(frozen=True)
class CameraPlan:
    """What a camera plays and how it is. `story`: what changes by itself, `(seconds after the start, changes)`.

    `positions`: the presets of a PTZ, from left to right; the first of them is its whole view, named «».
    `recorder`: what it shows is kept at the customer's, and replayed as `KEY/replay`.
    """

    key: str
    scene: str
    user: str = "veilleur"
    usual: Condition = field(default_factory=Condition)
    story: Sequence[tuple[float, Mapping[str, Any]]] = ()
    ptz: bool = False
    presets: Sequence[tuple[str, str]] = ()
    title: str = ""
    recorder: bool = False


def read_plans(path: Path = CAMERAS) -> list[CameraPlan]:
    """The plans of the file. Raises ValueError, KeyError or yaml.YAMLError: the file is ours."""
    return [_plan(written) for written in yaml.safe_load(path.read_text("utf-8"))["cameras"]]


def _plan(written: Mapping[str, Any]) -> CameraPlan:
    usual = Condition(**checked({"password": written.get("password"), **written.get("usually", {})}))
    story = []
    for step in written.get("then", ()):
        values = dict(step)
        after = float(values.pop("after"))
        story.append((after, checked(values)))
    presets = [(str(preset["token"]), str(preset["name"])) for preset in written.get("presets", ())]
    return CameraPlan(
        key=written["key"],
        scene=written["scene"],
        user=written.get("user", "veilleur"),
        usual=usual,
        story=story,
        ptz=bool(written.get("ptz", False)),
        presets=presets,
        title=written["name"],
        recorder=written["kind"] == "recorder",
    )
