"""What is wrong with a camera, judged from what was seen of it: a table of rules, each with its patience. Pure.

A fault opens after so many looks that agree, one a second, and closes after as many that do not: one dark frame, one
packet late, wake nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from veilleur.features.cameras.model import below_floor, floor_of

UNREACHABLE_SECONDS = 5.0
"""Without a packet for this long a camera is unreachable, whatever its TCP says."""

FIRST_PICTURE_SECONDS = 30.0
"""The same for a camera that we have not seen yet: it may start with us, and must not look lost before an alarm."""

CLOCK_OFF_MS = 3_000
"""Its clock is off by more: it writes a wrong hour into its pictures. An ONVIF clock is told to the second."""

FPS_TOLERANCE = 0.9
"""A camera set to 12 fps sends 11.9 in a window of ten seconds."""


MOVED_LOOKS, MOVED_ENDS = 15, 60
"""Three pictures that were measured, one each five seconds; and a minute before it is said to be back: a camera that swings in
the wind is one fault."""


@dataclass(frozen=True)
class Facts:
    """One look at a camera. None: it could not be seen, and its fault stays as it is.

    `source`: why it gives no picture (unreachable | refused), "" while it does. `seen`: kinds that the looking found
    in the picture (frozen, dark, blurred, moved, masked, mask_lost); `unsure`: those of them of which it cannot tell.
    `lost`: pictures come that should be kept, and are not. `low`: room on the disk is short.
    """

    source: str | None = None
    seen: frozenset[str] | None = None
    unsure: frozenset[str] = frozenset()
    clock_offset_ms: int | None = None
    size: tuple[int, int] | None = None
    fps: float | None = None
    narrow: bool = False
    regime: str = "private"
    lost: bool | None = None
    low: bool | None = None


@dataclass(frozen=True)
class Rule:
    """`judge` says whether the fault is there; None when it cannot tell: a fault never ends by what is not known. `looks`: how
    many must agree that it begins; `ends`: that it is over, 0: as many."""

    judge: Callable[[Facts], bool | None]
    looks: int = 2
    ends: int = 0


def _seen(kind: str) -> Callable[[Facts], bool | None]:
    return lambda facts: None if facts.seen is None or kind in facts.unsure else kind in facts.seen


def _source(kind: str) -> Callable[[Facts], bool | None]:
    return lambda facts: None if facts.source is None else facts.source == kind


def clock_off(offset_ms: int | None) -> bool | None:
    """Whether a camera's clock is wrong; None: it does not say."""
    return None if offset_ms is None else abs(offset_ms) > CLOCK_OFF_MS


def _clock(facts: Facts) -> bool | None:
    return clock_off(facts.clock_offset_ms)


def _below_floor(facts: Facts) -> bool | None:
    """The floors of the arrêté of 3 August 2007 (features/cameras/model.py)."""
    if floor_of(facts.regime, narrow=facts.narrow) is None:
        return False
    if facts.size is None or facts.fps is None:
        return None
    return below_floor(floor_of(facts.regime, narrow=facts.narrow), *facts.size, facts.fps / FPS_TOLERANCE)


RULES: Mapping[str, Rule] = {
    "unreachable": Rule(_source("unreachable")),
    "refused": Rule(_source("refused")),
    "frozen": Rule(_seen("frozen")),
    "dark": Rule(_seen("dark"), 5),
    "blurred": Rule(_seen("blurred"), 5),
    "moved": Rule(_seen("moved"), MOVED_LOOKS, MOVED_ENDS),
    "masked": Rule(_seen("masked"), 5),
    "mask_lost": Rule(_seen("mask_lost")),
    "clock": Rule(_clock),
    "gap": Rule(lambda facts: facts.lost, 3),
    "below_floor": Rule(_below_floor, 30),
    "disk": Rule(lambda facts: facts.low),
}
"""Every kind of video/model.py but `unauthorised`, which is judged each day from the authorisations themselves."""


@dataclass
class Ailments:
    """What is wrong with one camera, look after look. `open`: kinds whose fault is open."""

    open: set[str] = field(default_factory=set)
    _against: dict[str, int] = field(default_factory=dict)
    """Kind → how many looks in a row said the contrary of what holds."""

    def look(self, facts: Facts) -> tuple[list[str], list[str]]:
        """What has just begun and what has just ended, after this look."""
        begun: list[str] = []
        ended: list[str] = []
        for kind, rule in RULES.items():
            said = rule.judge(facts)
            if said is None:
                continue
            if said == (kind in self.open):
                self._against.pop(kind, None)
                continue
            self._against[kind] = self._against.get(kind, 0) + 1
            if self._against[kind] < (rule.looks if said else rule.ends or rule.looks):
                continue
            del self._against[kind]
            if said:
                self.open.add(kind)
                begun.append(kind)
            else:
                self.open.discard(kind)
                ended.append(kind)
        return begun, ended
