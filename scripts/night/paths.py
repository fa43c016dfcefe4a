"""Where a figure is at a time, in seconds."""

# ruff: noqa: PLR0917  # coordinates come by position in drawing
from __future__ import annotations

import itertools
import math
from collections.abc import Callable

Path = Callable[[float], tuple[float, float, float] | None]
"""Where a figure is at a time: x, y of its feet, and its direction (−1, 1); None: not in the scene."""


def walk(x0: float, y0: float, x1: float, y1: float, begin: float, end: float) -> Path:
    """From one place to another between two times; nowhere before and after."""

    def path(t: float) -> tuple[float, float, float] | None:
        if not begin <= t <= end:
            return None
        share = (t - begin) / (end - begin)
        return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, 1.0 if x1 >= x0 else -1.0

    return path


def stroll(*stops: tuple[float, float, float]) -> Path:
    """Through places at times (t, x, y), in order; stands where two follow at the same place."""

    def path(t: float) -> tuple[float, float, float] | None:
        for (t0, x0, y0), (t1, x1, y1) in itertools.pairwise(stops):
            if t0 <= t <= t1:
                share = (t - t0) / (t1 - t0)
                return x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, 1.0 if x1 >= x0 else -1.0
        return None

    return path


def scuffle(x: float, y: float, turn: float, reach: float) -> Path:
    """Around a place, close to others, to and fro: what a fight looks like from afar."""

    def path(t: float) -> tuple[float, float, float]:
        angle = turn + 0.9 * math.sin(2 * math.pi * t / 4 + turn)
        push = reach * (1 + 0.35 * math.sin(2 * math.pi * t / 1.0 + turn * 2))
        px = x + math.cos(angle) * push + 10 * math.sin(2 * math.pi * t / 8)
        return px, y + math.sin(angle) * push * 0.3, 1.0 if px < x else -1.0

    return path
