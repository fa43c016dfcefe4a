"""What this feature refuses; the sentences are in `locale/*/consents.json`."""

from __future__ import annotations

from veilleur.kernel.errors import ConflictError


class ConsentRefusedError(ConflictError):
    """Nobody can consent now: see `reason` (nobody | duress | closed | no_home | over)."""

    code = "consent_refused"
