"""What is seen of one camera while it is recorded: its strip, its motion, what is wrong with its picture, proofs."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import structlog

from veilleur.recorder.registry import CameraSpec
from veilleur.video.looking import Looker, Seen, View
from veilleur.video.measures import HEIGHT, WIDTH, Measures, faults_of, unsure_of
from veilleur.video.model import Frame, Still, StreamInfo, from_wall
from veilleur.video.store import LocalStore
from veilleur.video.strips import Motion, StripWriter

if TYPE_CHECKING:
    from veilleur.recorder.house import House

log = structlog.get_logger()

REMEMBERED = 16
"""JPEGs of the strip in memory: half a minute, the picture of before a fault is the oldest."""
FRESH = 20.0
"""Seconds: measures older than this say nothing any more. They come every five; a main stream's keyframes may be ten apart."""
SETTLES = 4.0
"""Seconds after the last order during which a head still turns."""


@dataclass(frozen=True)
class Judged:
    """The last measures, and the picture they are of. `unsure`: kinds of which they say nothing. `still`: wall µs of the last
    picture that was another one."""

    measures: Measures
    kinds: frozenset[str]
    unsure: frozenset[str]
    at: float
    still: int


class Looking:
    """One camera's eyes. `begin`, `feed` from the stream's thread; what is seen comes in the looker's own."""

    def __init__(self, house: House, spec: CameraSpec) -> None:
        self._house, self._spec = house, spec
        self._strip = StripWriter(LocalStore(house.place.folder), str(spec.id))
        self._folder = LocalStore(house.place.folder).camera(str(spec.id))
        self._looker: Looker | None = None
        self._info: StreamInfo | None = None
        self._keeps = False
        self._judged: Judged | None = None
        self._stills: deque[Still] = deque(maxlen=REMEMBERED)
        self._preset: str | None = None
        self._steered_at = -SETTLES
        self._reference: Any = self._read_reference()

    def change(self, spec: CameraSpec) -> None:
        """The camera's row changed: other masks, another reference."""
        self._spec = spec
        self._reference = self._read_reference()
        if self._looker is not None:
            self._looker.expect(self._view())

    def begin(self, info: StreamInfo, *, keyframes: bool) -> None:
        """The stream that is looked at begins; the same as before goes on with what it knows."""
        if self._looker is not None and self._info == info:
            return
        self.close()
        self._info = info
        self._looker = Looker(info, self._seen, keyframes=keyframes, view=self._view())

    def feed(self, frame: Frame, *, keeps: bool) -> None:
        """A picture. `keeps`: what is seen may be kept; else it is only judged."""
        self._keeps = keeps
        if self._looker is not None:
            self._looker.moving(self._turns())
            self._looker.feed(frame)

    def close(self) -> None:
        """Nothing more is looked at."""
        if self._looker is not None:
            self._looker.close(1.0)
            self._looker = None

    def steered(self, preset: str | None) -> None:
        """Somebody turns it: to a preset, or by hand."""
        self._preset, self._steered_at = preset, self._house.clock.monotonic()
        if self._looker is not None:
            self._looker.expect(self._view())

    def judged(self) -> Judged | None:
        """The last judgement while it is fresh; None: the picture could not be looked at."""
        judged = self._judged
        if judged is None or self._house.clock.monotonic() - judged.at > FRESH or self._turns():
            return None
        return judged

    def frozen_since(self) -> datetime | None:
        """When the last picture came that was another one; None: it is not frozen, or could not be looked at."""
        judged = self.judged()
        return from_wall(judged.still) if judged is not None and "frozen" in judged.kinds else None

    def newest(self) -> Still | None:
        """The newest JPEG."""
        return self._stills[-1] if self._stills else None

    def oldest(self) -> Still | None:
        """That of half a minute ago."""
        return self._stills[0] if self._stills else None

    def _turns(self) -> bool:
        return self._house.clock.monotonic() - self._steered_at < SETTLES

    def _view(self) -> View:
        """What should be seen: a camera that turns has no reference, and the masks of where it stands."""
        masks = tuple(
            (mask.id, mask.polygon)
            for mask in self._spec.masks
            if mask.kind == "legal" and mask.preset in (None, self._preset)
        )
        return View(None if self._spec.ptz else self._reference, masks)

    def _seen(self, seen: Seen) -> None:
        """In the looker's thread, once a second."""
        if seen.jpeg is not None:
            still = Still(seen.wall, seen.jpeg)
            self._stills.append(still)
            if self._keeps:
                self._strip.add(still)
        if self._keeps and seen.amount != 255:
            self._strip.moved(Motion(seen.second, seen.grid, seen.amount))
        if seen.measures is not None:
            kinds = faults_of(seen.measures)
            moved = seen.wall - int(seen.measures.same * 1e6)
            unsure = unsure_of(seen.measures)
            if "mask_lost" not in kinds and self._lost_elsewhere():
                unsure |= {"mask_lost"}
            self._judged = Judged(seen.measures, kinds, unsure, self._house.clock.monotonic(), moved)
            if self._reference is None and not kinds and self._keeps and not self._spec.ptz:
                self._learn(seen)

    def _lost_elsewhere(self) -> bool:
        """Whether a mask is lost at a preset where the camera does not stand now: it is not seen from here."""
        return any(
            mask.kind == "legal" and mask.state == "lost" and mask.preset not in (None, self._preset)
            for mask in self._spec.masks
        )

    def _learn(self, seen: Seen) -> None:
        """The first sound picture is what the camera should show from now on."""
        if seen.grey is None:
            return
        path = self._reference_path()
        draft = path.with_suffix(".new")
        try:
            draft.write_bytes(seen.grey.tobytes())
            draft.replace(path)
        except OSError as fault:
            log.warning("looking.reference_not_kept", camera=self._spec.reference, fault=fault.strerror)
        self._reference = seen.grey.copy()
        if self._looker is not None:
            self._looker.expect(self._view())

    def _reference_path(self) -> Path:
        """`expected.reference`: raised when the camera was turned on purpose; the picture is then learnt again."""
        number = self._spec.expected.get("reference", 0)
        return self._folder / f"reference-{number if isinstance(number, int) else 0}"

    def _read_reference(self) -> Any:
        with suppress(OSError):
            path = self._reference_path()
            if path.stat().st_size == WIDTH * HEIGHT:
                return np.frombuffer(path.read_bytes(), np.uint8).reshape(HEIGHT, WIDTH)
        return None
