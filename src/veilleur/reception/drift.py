"""Whose clock is wrong: when most panels «drift» alike it is ours, and a NAK would spread our error.

A NAK tells a panel our time, and the panel believes it. If the machine's clock jumps, every encrypted frame looks
stale; answering NAK to each would put every panel on the wrong hour, and their alarms late by one round trip. The
rule, kept simple:

- for each panel whose frames are authentic (right key) we keep the drift of its last frame of the last ten minutes,
  save within two minutes after our own NAK: what a panel says then is our own time coming back;
- when at least five panels were heard and more than half of them are out of the window by the same amount (within
  20 s of their median), our clock is suspect;
- while it is, the window moves by that median (such frames are accepted, their drift kept and shown), nobody is
  answered NAK, and health and a trouble say so.

An attacker who replays an old recording of one panel, or of a few, cannot move the window: he would need more than
half of the panels heard, at once and with the same age.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from statistics import median

from veilleur.kernel.clock import Clock
from veilleur.protocols.dc09 import STANDARD_WINDOW

MEMORY_SECONDS = 600.0
AFTER_NAK_SECONDS = 120.0
ENOUGH_PANELS = 5
ALIKE_SECONDS = 20.0
MAX_PANELS = 10_000  # heard in ten minutes; the oldest leave first
JUDGE_SECONDS = 1.0


@dataclass
class ClockWatch:
    """Judges our own clock by the panels'."""

    clock: Clock
    offset: float = 0.0
    _heard: OrderedDict[int, tuple[float, float]] = field(default_factory=OrderedDict)
    _told: OrderedDict[int, float] = field(default_factory=OrderedDict)
    _judged: float = float("-inf")

    @property
    def suspect(self) -> bool:
        """Whether our clock, and not the panels', seems wrong."""
        return self.offset != 0.0

    def window(self) -> tuple[float, float]:
        """The accepted difference, panel minus us, in seconds: moved by what we seem to be wrong by."""
        return STANDARD_WINDOW[0] + self.offset, STANDARD_WINDOW[1] + self.offset

    def heard(self, panel_id: int, drift: float) -> None:
        """An authentic frame of this panel showed this drift (panel minus us, in seconds)."""
        now = self.clock.monotonic()
        if now - self._told.get(panel_id, float("-inf")) < AFTER_NAK_SECONDS:
            return
        self._heard[panel_id] = (now, drift)
        self._heard.move_to_end(panel_id)
        if len(self._heard) > MAX_PANELS:
            self._heard.popitem(last=False)
        if self.suspect or drift < STANDARD_WINDOW[0] or drift > STANDARD_WINDOW[1]:
            self._judge(now)

    def told(self, panel_id: int) -> None:
        """We answered NAK to this panel: it will soon repeat our own time."""
        self._told[panel_id] = self.clock.monotonic()
        self._told.move_to_end(panel_id)
        if len(self._told) > MAX_PANELS:
            self._told.popitem(last=False)

    def _judge(self, now: float) -> None:
        # Sorting thousands of drifts for every frame of a storm would be its own storm.
        if len(self._heard) > 100 and now - self._judged < JUDGE_SECONDS:
            return
        self._judged = now
        while self._heard and now - next(iter(self._heard.values()))[0] > MEMORY_SECONDS:
            self._heard.popitem(last=False)
        drifts = [drift for _, drift in self._heard.values()]
        middle = median(drifts)
        outside = middle < STANDARD_WINDOW[0] or middle > STANDARD_WINDOW[1]
        alike = sum(abs(drift - middle) <= ALIKE_SECONDS for drift in drifts)
        wrong = outside and len(drifts) >= ENOUGH_PANELS and alike * 2 > len(drifts)
        self.offset = middle if wrong else 0.0
