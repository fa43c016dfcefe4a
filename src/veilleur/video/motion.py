"""Motion by cells: each pixel against what is usually there, its own noise, and the light of the whole picture.

Pictures are 160 × 90 grey, cells 10 × 10 pixels, 16 × 9 of them. Pure: the same pictures give the same grids.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from veilleur.video.strips import COLUMNS, ROWS

WIDTH, HEIGHT = 160, 90
STILL_SECONDS, MOVING_SECONDS = 8.0, 60.0
"""How long the background takes to follow: light and shade in 8 s; a parked car becomes background in a minute."""
LEAST, TIMES_NOISE = 12.0, 4.5
"""Grey levels: a difference must exceed both this and so many times the pixel's own noise."""
CELL_SHARE = 0.08
"""Of a cell's pixels: a person at 30 m is 8 pixels of a cell of 100."""
LIGHT_SHARE, LIGHT_LIKENESS = 0.5, 0.75
"""More than half of the cells at once, in a picture whose structure is the same: a lamp, a cloud, the camera's own iris."""
GAINS = (0.4, 2.5)
"""Of the light, from one look to the usual: beyond, it is another picture."""
BLACK, WHITE, AGREEING = 3, 252, 0.05
"""Pixels at the ends of the scale say nothing of the light; fewer than 5 % that agree, neither."""
SAMPLE = 3
"""Every third pixel of every third row."""
WARM_UP = 3
"""Pictures before anything is said."""

Small = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Moved:
    """`cells`: 9 × 16 booleans. `amount`: 0–254, the share of the picture's pixels that moved."""

    cells: npt.NDArray[np.bool_]
    amount: int

    @property
    def grid(self) -> bytes:
        """18 bytes, a bit per cell, row by row."""
        return np.packbits(self.cells).tobytes()


#: Means over the rows, then over the columns, of each cell.
_UP: Small = np.repeat(np.eye(ROWS, dtype=np.float32), HEIGHT // ROWS, 1) / np.float32(HEIGHT // ROWS)
_ACROSS: Small = np.repeat(np.eye(COLUMNS, dtype=np.float32), WIDTH // COLUMNS, 0) / np.float32(
    WIDTH // COLUMNS
)

NOTHING = Moved(np.zeros((ROWS, COLUMNS), np.bool_), 0)


class Background:
    """What is usually there. One per camera and view; `forget()` when the view changes (PTZ)."""

    def __init__(self) -> None:
        self._usual: Small | None = None
        self._noise: Small = np.full((HEIGHT, WIDTH), 3.0, np.float32)
        self._seen = 0

    def forget(self) -> None:
        """The camera looks elsewhere now."""
        self._usual, self._seen = None, 0

    def look(self, picture: npt.NDArray[np.uint8], elapsed: float) -> Moved:
        """Compares and learns. `picture`: 90 × 160. `elapsed`: seconds since the last one."""
        now = picture.astype(np.float32)
        if self._usual is None:
            self._usual = now
            self._noise.fill(3.0)
        self._seen += 1
        self._usual = _relit(self._usual, now)
        raw = now - np.clip(self._usual, 0, 255)  # what the sensor cannot tell above its white is not learned
        size = np.abs(raw)
        moving = size > np.maximum(LEAST, TIMES_NOISE * self._noise)
        shares = _shares(moving)
        cells = shares >= CELL_SHARE
        if float(cells.mean()) > LIGHT_SHARE and _alike(now, self._usual) > LIGHT_LIKENESS:
            self._usual = now
            return NOTHING
        still, slow = 1 - math.exp(-elapsed / STILL_SECONDS), 1 - math.exp(-elapsed / MOVING_SECONDS)
        if self._seen <= WARM_UP:
            still = slow = 0.5
        self._usual += np.where(moving, np.float32(slow), np.float32(still)) * raw
        size -= self._noise
        size *= np.float32(still / 2)
        np.add(self._noise, size, out=self._noise, where=~moving)
        np.maximum(self._noise, 1.0, out=self._noise)
        if self._seen <= WARM_UP:
            return NOTHING
        return Moved(cells, min(254, math.ceil(float(shares[cells].sum()) / cells.size * 254)))


def _shares(moving: npt.NDArray[np.bool_]) -> Small:
    """The share of each cell's pixels that moves."""
    shares: Small = _UP @ moving.astype(np.float32) @ _ACROSS
    return shares


def _relit(usual: Small, now: Small) -> Small:
    """The usual picture in the light of now: a gain and an offset for the whole of it, by the pixels that agree.

    A ninth of the pixels says them as well as all."""
    before, after = usual[::SAMPLE, ::SAMPLE].ravel(), now[::SAMPLE, ::SAMPLE].ravel()
    telling = (after > BLACK) & (after < WHITE)
    middle = before.size // 2
    x, y = before, after
    for _ in range(3):
        mean, now_mean = float(x.mean()), float(y.mean())
        x, y = x - np.float32(mean), y - np.float32(now_mean)
        spread = float(x @ x) / x.size
        gain = float(x @ y) / x.size / spread if spread > 1 else 1.0
        gain = min(GAINS[1], max(GAINS[0], gain))
        offset = now_mean - gain * mean
        expected = before * np.float32(gain)
        expected += np.float32(offset)
        np.minimum(expected, 255, out=expected)
        np.maximum(expected, 0, out=expected)
        away = np.abs(np.subtract(after, expected, out=expected), out=expected)
        kept = (away <= max(4.0, 2.0 * float(np.partition(away, middle)[middle]))) & telling
        if np.count_nonzero(kept) < AGREEING * kept.size:
            break
        x, y = before[kept], after[kept]
    relit: Small = np.float32(gain) * usual + np.float32(offset)
    return relit


def _alike(one: Small, other: Small) -> float:
    """Correlation of the structure, −1 to 1: where the edges are, whatever the light."""
    a, b = np.diff(one, axis=1), np.diff(other, axis=1)
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 0.0
