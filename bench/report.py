"""How a figure is told: medians of several runs, spread, and the ratio to the peer of the same run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from statistics import median

MAX_SPREAD = 0.25  # of the median, between quartiles: beyond, the figure says so


@dataclass(frozen=True)
class Series:
    """Values of one subject over the runs, in one unit."""

    name: str
    unit: str
    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.values)

    @property
    def spread(self) -> float:
        """(max − min) without the extremes when there are five runs or more, as a share of the median."""
        kept = sorted(self.values)[1:-1] if len(self.values) >= 5 else sorted(self.values)
        return (kept[-1] - kept[0]) / self.middle if self.middle else 0.0


def tell(title: str, series: list[Series], *, peer: str | None = None) -> None:
    """Prints the table, then one line of JSON."""
    base = next((s.middle for s in series if s.name == peer), None)
    print(f"\n{title}")
    for one in series:
        ratio = f"  ×{one.middle / base:.2f} of {peer}" if base and one.name != peer else ""
        shaky = "  spread too wide" if one.spread > MAX_SPREAD else ""
        print(f"  {one.name:<34} {one.middle:>12,.1f} {one.unit:<12} spread {one.spread:>4.0%}{ratio}{shaky}")
    record = {
        "figure": title,
        "series": {
            s.name: {"median": s.middle, "unit": s.unit, "spread": round(s.spread, 3), "values": s.values}
            for s in series
        },
        "peer": peer,
    }
    print(json.dumps(record, ensure_ascii=False))
