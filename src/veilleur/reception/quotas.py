"""How many rows strangers may cause per minute: what is beyond is counted, not stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime

from veilleur.kernel.clock import Clock


@dataclass
class Quota:
    """At most `each` per key and `in_all` per minute. Keys are forgotten with their minute: memory is bounded
    by `in_all`."""

    clock: Clock
    each: int
    in_all: int
    _minute: datetime | None = None
    _used: Counter[Hashable] = field(default_factory=Counter)
    _total: int = 0

    def take(self, key: Hashable) -> bool:
        """Uses one; False when the key or everybody has used up this minute's."""
        minute = self.clock.now().replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute, self._total = minute, 0
            self._used.clear()
        if self._total >= self.in_all or self._used[key] >= self.each:
            return False
        self._used[key] += 1
        self._total += 1
        return True

    def seen(self, key: Hashable) -> bool:
        """Whether the key has used any this minute."""
        return key in self._used
