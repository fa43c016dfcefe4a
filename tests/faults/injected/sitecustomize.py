"""Faults that only code can make, put into a centre's processes from outside: this folder goes on their PYTHONPATH.

The product holds no such door. Python imports this file at its start; the folder named by FAULTS_DIR says what is wrong:
`step-ROLE`: seconds that the role's machine is ahead; `poison`: the zone at whose mention decide() raises.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["FAULTS_DIR"])


def said(name: str) -> str:
    """What a file of the folder holds now."""
    try:
        return (FOLDER / name).read_text().strip()
    except FileNotFoundError:
        return ""


def step_the_clock(role: str) -> None:
    """The machine's wall clock is as far ahead as the file says; its monotonic clock goes on."""
    from veilleur.kernel.clock import SystemClock

    right = SystemClock.now

    def now(self: SystemClock) -> datetime:
        return right(self) + timedelta(seconds=float(said(f"step-{role}") or 0))

    SystemClock.now = now  # type: ignore[method-assign]


def poison_decide() -> None:
    """decide() has a bug that one zone brings out."""
    from veilleur.watch import decide as module

    sound = module.decide

    def decide(site: Any, incidents: Any, heard: Any, *rest: Any) -> Any:
        if heard.event is not None and heard.event.zone is not None and heard.event.zone == said("poison"):
            raise RuntimeError("poisoned")
        return sound(site, incidents, heard, *rest)

    module.decide = decide


if "run" in sys.orig_argv:
    ROLE = sys.orig_argv[sys.orig_argv.index("run") + 1]
    step_the_clock(ROLE)
    if ROLE == "watch":
        poison_decide()
