"""When a frame was taken, by the recorder's clock: arrival says it roughly, the stream's own timestamps smoothly.

A packet arrives late when the network or this machine was busy; the camera's timestamps do not tremble, but its crystal
drifts and its zero means nothing. So the wall follows the stream's timestamps from an anchor, the anchor is pulled gently
towards the arrivals, and set anew when both differ by more than `REANCHOR_US`: at once when frames come before their time
(none can), after `STALL_US` when they come late, because a line that stood still gives all of it in one go.
"""

from __future__ import annotations

from veilleur.kernel.clock import Clock
from veilleur.video.model import SourceError, to_wall

REANCHOR_US = 500_000
"""Beyond this the stream's timestamps jumped, stopped, or run at another speed: the arrival is believed."""
STALL_US = 5_000_000
"""The longest stall that is waited for: a read without a packet ends before (rtsp.py)."""
PULL = 1 / 64
"""Share of the difference taken back at each frame: follows a crystal that is wrong by 1 in 1000, hides jitter."""
BACKWARDS_US = 2_000_000
"""The recorder's clock was set back by more than this: times that grow would lie, the stream is opened anew."""


class WallTimes:
    """Gives each frame of one stream its wall time, strictly growing. Not safe between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._anchor: int | None = None
        self._last_stamp: int | None = None
        self._last = self._late_since = 0

    def of(self, stamp: int | None, arrival: int | None = None) -> int:
        """The wall time of a frame. `stamp`: microseconds by the stream, None when it says nothing. `arrival`: None: now.

        SourceError `ended` when the recorder's clock was set back."""
        arrival = to_wall(self._clock.now()) if arrival is None else arrival
        if arrival < self._last - BACKWARDS_US:
            raise SourceError("ended", "the recorder's clock was set back")
        wall = arrival if stamp is None or stamp == self._last_stamp else self._follow(stamp, arrival)
        self._last_stamp = stamp
        self._last = max(wall, self._last + 1)
        return self._last

    def anchor(self, stamp: int, arrival: int | None = None) -> None:
        """A frame with this stamp arrives now, or then: what is before it was taken before."""
        self._anchor = (to_wall(self._clock.now()) if arrival is None else arrival) - stamp

    def _follow(self, stamp: int, arrival: int) -> int:
        if self._anchor is None:
            self._anchor = arrival - stamp
        late = arrival - (self._anchor + stamp)
        if late <= REANCHOR_US:
            self._late_since = arrival
        if late < -REANCHOR_US or late > STALL_US or arrival - self._late_since > STALL_US:
            self._anchor, self._late_since = arrival - stamp, arrival
        elif late <= REANCHOR_US:
            self._anchor += round(late * PULL)
        return self._anchor + stamp
