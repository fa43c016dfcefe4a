"""What this feature refuses; the sentence is in `locale/*/pushes.json`."""

from __future__ import annotations

from veilleur.kernel.errors import ConflictError


class NotPushedError(ConflictError):
    """This camera does not push: its address is of another kind."""

    code = "camera_not_pushed"
