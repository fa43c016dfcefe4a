"""How a figure is told: medians of several runs, spread, the ratio to the peer of the same run; all of them in two files.

A figure whose runs differ too much is refused: it is printed as such, and `make bench` ends with an error that names it.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

MAX_SPREAD = 0.25  # of the median: beyond, the figure is refused
PRIORITY = 5  # of real time: the lowest would do, nothing else of a machine works there
MIN_RUNS = 5  # fewer are a trial, never a figure
FOLDER = Path(__file__).parents[1] / "var" / "bench"


@dataclass(frozen=True)
class Series:
    """Values of one subject over the runs, in one unit. `steady` False: a fact beside the figure (the largest lateness of
    the generator, a size), whose spread says nothing of the figure's worth."""

    name: str
    unit: str
    values: tuple[float, ...]
    steady: bool = True

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.values)

    @property
    def spread(self) -> float:
        """(max − min) without the extremes when there are five runs or more, as a share of the median."""
        kept = sorted(self.values)[1:-1] if len(self.values) >= MIN_RUNS else sorted(self.values)
        return (kept[-1] - kept[0]) / self.middle if self.middle else 0.0

    @property
    def refused(self) -> str | None:
        """Why this is no figure, None when it is one."""
        if not self.steady:
            return None
        if len(self.values) < MIN_RUNS:
            return f"{len(self.values)} runs"
        return f"spread {self.spread:.0%}" if self.spread > MAX_SPREAD else None


#: What was told so far in this process, in order.
_TOLD: list[dict[str, Any]] = []


def tell(title: str, series: Sequence[Series], *, peer: str | None = None, notes: Sequence[str] = ()) -> None:
    """Prints the table, then one line of JSON; keeps it for the two files. `notes`: what was counted at the end."""
    base = next((s.middle for s in series if s.name == peer), None)
    print(f"\n{title}")
    rows = {}
    for one in series:
        ratio = one.middle / base if base and one.name != peer else None
        beside = f"  ×{ratio:.2f} of {peer}" if ratio is not None else ""
        shaky = f"  REFUSED: {one.refused}" if one.refused else ""
        print(
            f"  {one.name:<44} {one.middle:>12,.1f} {one.unit:<12} spread {one.spread:>4.0%}{beside}{shaky}"
        )
        rows[one.name] = {
            "median": one.middle,
            "unit": one.unit,
            "spread": round(one.spread, 3),
            "values": one.values,
            "ratio": ratio,
            "refused": one.refused,
        }
    for note in notes:
        print(f"  · {note}")
    record = {"figure": title, "series": rows, "peer": peer, "notes": list(notes)}
    print(json.dumps(record, ensure_ascii=False), flush=True)
    _TOLD.append(record)


def claim() -> str:
    """Takes real-time priority where it may (root), for us and all that we start: other work of a shared machine then takes
    no turn between two of ours. A subject and its peer have it alike. What it got, in words."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
    except OSError:
        return "ordinary"
    return "real time"


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": platform.system() + " " + platform.release(),
        "python": platform.python_version(),
        "load_average": [round(each, 2) for each in os.getloadavg()],
    }


def write(before: dict[str, Any], seconds: float, folder: Path = FOLDER) -> list[str]:
    """Writes figures.json and figures.md; returns the names of the refused figures. `before`: the machine at the start."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"machine": before, "seconds": round(seconds), "figures": _TOLD}
    (folder / "figures.json").write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (folder / "figures.md").write_text(markdown(before, seconds), "utf-8")
    print(f"\n{folder / 'figures.json'} and figures.md written ({seconds / 60:.0f} min)")
    return [
        f"{record['figure']}: {name} ({row['refused']})"
        for record in _TOLD
        for name, row in record["series"].items()
        if row["refused"]
    ]


def markdown(before: dict[str, Any], seconds: float) -> str:
    """The table of docs/design/figures.md."""
    load = ", ".join(f"{each:g}" for each in before["load_average"])
    about = (
        f"{before['cores']} cores, {before['memory_gib']} GiB, {before['system']}, Python {before['python']}; "
        f"load average before: {load}; priority: {before['priority']}; {seconds / 60:.0f} minutes in all."
    )
    lines = [
        about,
        "",
        "| Figure | Subject | Median | Spread | Beside the peer |",
        "|---|---|---:|---:|---|",
    ]
    notes = []
    for record in _TOLD:
        title = record["figure"]
        for name, row in record["series"].items():
            spread = f"**refused**: {row['refused']}" if row["refused"] else f"{row['spread']:.0%}"
            beside = f"×{row['ratio']:.2f} of {record['peer']}" if row["ratio"] is not None else ""
            lines.append(f"| {title} | {name} | {row['median']:,.1f} {row['unit']} | {spread} | {beside} |")
            title = ""
        notes += [f"- {record['figure']}: {note}." for note in record["notes"]]
    return "\n".join([*lines, "", *notes, ""])
