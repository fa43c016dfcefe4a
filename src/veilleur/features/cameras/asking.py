"""What opens cameras' addresses, where the extra that it needs is installed."""

from __future__ import annotations

from typing import Any

from veilleur.features.cameras.errors import VideoMissingError


def probing() -> Any:
    """The module `probing`. Raises VideoMissingError: the desk runs without the extra, and says so."""
    try:
        from veilleur.features.cameras import probing as found  # noqa: PLC0415  # the extra may be absent
    except ImportError:
        raise VideoMissingError from None
    return found
