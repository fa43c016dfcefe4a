"""The doors of this package for other features."""

from __future__ import annotations

from veilleur.features.procedures.builtin import all_built_in, built_in, version
from veilleur.features.procedures.form import (
    Problem,
    Step,
    call_outcome,
    dump_step,
    parse_steps,
    problems,
    validate_steps,
)
from veilleur.features.procedures.progress import (
    CALLS,
    MOST_CURRENT,
    Answer,
    Progress,
    progress,
    subscribed,
    without_site_call,
)

__all__ = [
    "CALLS",
    "MOST_CURRENT",
    "Answer",
    "Problem",
    "Progress",
    "Step",
    "all_built_in",
    "built_in",
    "call_outcome",
    "dump_step",
    "parse_steps",
    "problems",
    "progress",
    "subscribed",
    "validate_steps",
    "version",
    "without_site_call",
]
