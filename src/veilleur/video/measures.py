"""What a picture says of its camera: pure functions over grey pictures (arrays of `HEIGHT` × `WIDTH` bytes).

Thresholds were set on pictures of 320 × 180, to which every stream is brought first, whatever its shape.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 320, 180
Grey = npt.NDArray[np.uint8]
Real = npt.NDArray[np.float32]
Polygon = Sequence[tuple[float, float]]
"""Corners as shares of the width and of the height, 0 to 1."""

DARK_MEAN, DARK_SPREAD = 24.0, 10.0
"""Of 255: below both, nothing can be told apart. Video black is 16; a lit street at night has a mean near 35."""
BLURRED_SHARE, BLURRED_FLOOR = 0.2, 1.5
"""Sharpness below this share of the reference's; or, without one, below this: no lens in focus is so soft, even in fog."""
MOVED_SHIFT, MOVED_PEAK = 0.04, 0.06
"""A shift of 4 % of the width shows other things; the peak says that it is a shift and not another picture."""
MOVED_LIKENESS = 0.7
"""A picture that is still so like its reference was not shifted, whatever part of it runs."""
STILL_SHIFT, STILL_UNLIKE = 0.02, 0.35
"""Between these and the ones above nothing is told: a camera at a threshold would be moved and put back all night."""
UNLIKE = 0.2
"""Correlation with the reference below which the camera looks elsewhere; night and day of one scene keep 0.4 and more."""
UNIFORM_SPREAD, MASKED_SHARE, MASKED_REFERENCE, MASKED_ALONE = 4.0, 0.65, 0.45, 0.97
"""A block of 20 × 20 is uniform under this spread. A hand, paint or a bag make most blocks so; a white wall in the
reference must not count as a mask; without a reference, asphalt seen from above has 0.88."""
MASK_SPREAD = 6.0
"""Inside a legal mask: JPEG and codecs leave a spread of 1 to 3 on a flat colour."""
FROZEN_SECONDS = 10.0
"""Sensors tremble at each picture: none stays the very same so long. Ours and the law's «figée»."""
ALIVE_SECONDS = 5.0
"""A picture that is another one so long after the looking began: the sensor is alive. Before, a frozen one behind its live
encoder gives some in turn that were not seen yet."""
FLOORS = {True: (704, 576, 12.0), False: (352, 288, 6.0)}
"""By «narrow view»: width, height, frames a second (arrêté du 3 août 2007, annexe)."""
FPS_TOLERANCE = 0.9
"""A camera set to 12 says 11.9 at times."""


@dataclass(frozen=True)
class Measures:
    """`brightness`, `contrast`: mean and spread, 0–255. `sharpness`: mean edge strength. `uniform`: share of flat blocks.
    `same`: seconds for which no new picture has been shown; `alive`: whether new ones came since the looking began, and
    not only with it. The rest against the reference, None without one: `likeness` −1 to 1; `shift`: share of the width;
    `peak`: how sure the shift is, 0 to 1."""

    brightness: float
    contrast: float
    sharpness: float
    uniform: float
    same: float = 0.0
    alive: bool = True
    likeness: float | None = None
    shift: float | None = None
    peak: float | None = None
    reference_sharpness: float | None = None
    reference_uniform: float | None = None
    masks_lost: tuple[int, ...] = ()


def measure(grey: Grey, reference: Grey | None = None, masks: Iterable[tuple[int, Polygon]] = ()) -> Measures:
    """All measures of one picture. `masks`: ids and polygons of the legal masks that the camera must apply."""
    lost = tuple(key for key, polygon in masks if not mask_present(grey, polygon))
    own = Measures(
        float(grey.mean()), float(grey.std()), sharpness(grey), uniform_share(grey), masks_lost=lost
    )
    if reference is None:
        return own
    moved, peak = shift_of(reference, grey)
    return replace(
        own,
        likeness=likeness(reference, grey),
        shift=moved,
        peak=peak,
        reference_sharpness=sharpness(reference),
        reference_uniform=uniform_share(reference),
    )


def faults_of(measures: Measures) -> frozenset[str]:
    """Fault kinds that the measures show: `dark frozen blurred moved masked mask_lost`. Only the first cause is told:
    a dark picture is neither blurred nor moved."""
    found = {"frozen"} if measures.same >= FROZEN_SECONDS else set()
    if measures.brightness < DARK_MEAN and measures.contrast < DARK_SPREAD:
        return frozenset(found | {"dark"})
    if measures.masks_lost:
        found.add("mask_lost")
    if _masked(measures):
        return frozenset(found | {"masked"})
    floor = BLURRED_FLOOR
    if measures.reference_sharpness is not None:
        floor = BLURRED_SHARE * measures.reference_sharpness
    if measures.sharpness < floor:
        return frozenset(found | {"blurred"})
    if measures.likeness is not None and measures.shift is not None and measures.peak is not None:
        shifted = measures.shift > MOVED_SHIFT and measures.peak > MOVED_PEAK
        if measures.likeness < UNLIKE or (shifted and measures.likeness < MOVED_LIKENESS):
            found.add("moved")
    return frozenset(found)


def unsure_of(measures: Measures) -> frozenset[str]:
    """Kinds of which the measures say neither that they are there nor that they are not: what is known stays as it is."""
    found = faults_of(measures)
    unsure = set() if measures.alive else {"frozen"}
    if "dark" in found:
        unsure |= {"masked", "mask_lost", "blurred", "moved"}
    if "masked" in found:
        unsure |= {"blurred", "moved"}
    if "blurred" in found or _nearly_moved(measures):
        unsure.add("moved")
    return frozenset(unsure - found)


def _nearly_moved(measures: Measures) -> bool:
    if measures.likeness is None or measures.shift is None or measures.peak is None:
        return False
    shifted = measures.shift > STILL_SHIFT and measures.peak > MOVED_PEAK
    return measures.likeness < STILL_UNLIKE or (shifted and measures.likeness < 1 - UNLIKE)


def _masked(measures: Measures) -> bool:
    if measures.reference_uniform is None:
        return measures.uniform > MASKED_ALONE
    return measures.uniform > MASKED_SHARE and measures.reference_uniform < MASKED_REFERENCE


def below_floor(width: int, height: int, fps: float, *, narrow: bool) -> bool:
    """Whether a stream is under what the arrêté of 3 August 2007 wants. `fps` 0: not known, not judged."""
    wide, high, often = FLOORS[narrow]
    return width < wide or height < high or 0 < fps < often * FPS_TOLERANCE


def sharpness(grey: Grey) -> float:
    """Mean absolute Laplacian: what is in focus has edges."""
    g = grey.astype(np.int16)
    laplacian = 4 * g[1:-1, 1:-1] - g[:-2, 1:-1] - g[2:, 1:-1] - g[1:-1, :-2] - g[1:-1, 2:]
    return float(np.abs(laplacian).mean())


def uniform_share(grey: Grey) -> float:
    """Share of the 16 × 9 blocks that are flat."""
    blocks = grey.reshape(9, HEIGHT // 9, 16, WIDTH // 16).astype(np.float32)
    return float((blocks.std(axis=(1, 3)) < UNIFORM_SPREAD).mean())


def likeness(one: Grey, other: Grey) -> float:
    """Correlation of two pictures' edges, so that day and night or a lamp count little."""
    a, b = _edges(one), _edges(other)
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale > 0 else 0.0


def shift_of(one: Grey, other: Grey) -> tuple[float, float]:
    """By which share of the width the whole picture moved, and the height of the peak (phase correlation)."""
    spectrum = np.fft.rfft2(_window() * one) * np.conj(np.fft.rfft2(_window() * other))
    size = np.abs(spectrum)
    plane = np.fft.irfft2(np.where(size > 1e-6, spectrum / np.maximum(size, 1e-6), 0), s=one.shape)
    y, x = (int(each) for each in np.unravel_index(int(plane.argmax()), plane.shape))
    dx, dy = (x + WIDTH // 2) % WIDTH - WIDTH // 2, (y + HEIGHT // 2) % HEIGHT - HEIGHT // 2
    return float(np.hypot(dx, dy)) / WIDTH, float(plane.max())


def mask_present(grey: Grey, polygon: Polygon) -> bool:
    """Whether the inside of a legal mask is flat. A polygon too small to be judged (under 30 pixels) is taken for present."""
    inside = grey[_raster(tuple((float(x), float(y)) for x, y in polygon))]
    return inside.size < 30 or float(inside.std()) < MASK_SPREAD


@lru_cache(maxsize=256)
def _raster(polygon: tuple[tuple[float, float], ...]) -> npt.NDArray[np.bool_]:
    """The pixels inside, without the two along its edge, where the codec mixes."""
    image = Image.new("L", (WIDTH, HEIGHT))
    if len(polygon) > 2:
        points = [(min(max(x, 0), 1) * WIDTH, min(max(y, 0), 1) * HEIGHT) for x, y in polygon]
        ImageDraw.Draw(image).polygon(points, fill=1)
    inside = np.asarray(image).astype(np.bool_)
    for _ in range(2):
        kept = inside.copy()
        kept[1:] &= inside[:-1]
        kept[:-1] &= inside[1:]
        kept[:, 1:] &= inside[:, :-1]
        kept[:, :-1] &= inside[:, 1:]
        inside = kept
    return inside


def _edges(grey: Grey) -> Real:
    """Strength of the edges, blurred a little, without its mean."""
    small = grey.reshape(HEIGHT // 2, 2, WIDTH // 2, 2).mean(axis=(1, 3), dtype=np.float32)
    strength = np.abs(small[1:, 1:] - small[:-1, 1:]) + np.abs(small[1:, 1:] - small[1:, :-1])
    strength = np.minimum(strength, 40)
    edges: Real = (strength - strength.mean()).astype(np.float32)
    return edges


@lru_cache(maxsize=1)
def _window() -> Real:
    """Hann's: the borders, which do not wrap around, count little."""
    window: Real = (np.hanning(HEIGHT)[:, None] * np.hanning(WIDTH)[None, :]).astype(np.float32)
    return window


class Pace:
    """Frames a second of a stream over the last seconds, by their wall times."""

    def __init__(self, seconds: float = 10.0) -> None:
        self._span = round(seconds * 1_000_000)
        self._walls: deque[int] = deque(maxlen=2000)

    def frame(self, wall: int) -> None:
        """A frame came."""
        self._walls.append(wall)
        while self._walls[-1] - self._walls[0] > self._span:
            self._walls.popleft()

    @property
    def fps(self) -> float:
        """0 as long as less than half the span is known."""
        if len(self._walls) < 2 or self._walls[-1] - self._walls[0] < self._span / 2:
            return 0.0
        return (len(self._walls) - 1) * 1e6 / (self._walls[-1] - self._walls[0])
