"""The port of deadlines by its name in docs/design/spine.md; `sites` uses `features.deadlines` itself."""

from __future__ import annotations

from veilleur.features.deadlines.commands import cancel, schedule
from veilleur.features.deadlines.queries import due, pending

__all__ = ["cancel", "due", "pending", "schedule"]
