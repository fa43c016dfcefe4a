"""What this feature refuses, each with its code; the sentences are in `locale/*/viewing.json`."""

from __future__ import annotations

from veilleur.kernel.errors import ConflictError


class NatureNeededError(ConflictError):
    """Say what it was before closing: one key, and it is found again."""

    code = "event_nature_needed"


class NotAnEventError(ConflictError):
    """This dossier is not an événement: it has its own closing."""

    code = "event_not_one"
