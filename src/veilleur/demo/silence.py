"""Paths of the town's panels that a scenario cuts: a file of the data directory, which expires by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from veilleur.demo.scenarios import Silent

SILENCE_FILE = "demo-silence"
"""[{"site", "path", "from", "until"}], the town's times: whoever wrote it may be killed, no path stays cut for it."""

MAX_SILENCE = 65_536
"""Bytes; a scenario cuts a few paths, 120 bytes each."""


def write_silence(data_dir: Path, silent: Sequence[Silent], now: datetime) -> None:
    """Cuts these paths, each at its time. Atomic; two scenarios at once: the last one wins."""
    rows = [
        {
            "site": each.site,
            "path": each.prefix,
            "from": (now + timedelta(seconds=each.after)).isoformat(),
            "until": (now + timedelta(seconds=each.after + each.seconds)).isoformat(),
        }
        for each in silent
    ]
    file = data_dir / SILENCE_FILE
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(rows, indent=1), "utf-8")
    fresh.replace(file)


def lift_silence(data_dir: Path) -> None:
    """Every path speaks again."""
    (data_dir / SILENCE_FILE).unlink(missing_ok=True)


def cut_paths(data_dir: Path, now: datetime) -> frozenset[tuple[str, str]]:
    """(site, prefix) of the paths cut now; none when the file is absent or says nothing that can be read."""
    try:
        with (data_dir / SILENCE_FILE).open("rb") as file:
            rows = json.loads(file.read(MAX_SILENCE))
        return frozenset(
            (str(row["site"]), str(row["path"]))
            for row in rows
            if datetime.fromisoformat(row["from"]) <= now < datetime.fromisoformat(row["until"])
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return frozenset()
