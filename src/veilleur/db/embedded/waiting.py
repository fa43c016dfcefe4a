"""Waiting with a limit."""

from __future__ import annotations

import time
from collections.abc import Callable

from veilleur.kernel.clock import Clock

STEP = 0.02
"""Seconds between two looks."""


def wait_until(reached: Callable[[], bool], seconds: float, clock: Clock) -> bool:
    """Looks until `reached()` or `seconds` have passed; says which. Looks at least once."""
    limit = clock.monotonic() + seconds
    while not reached():
        if clock.monotonic() >= limit:
            return False
        time.sleep(STEP)
    return True
