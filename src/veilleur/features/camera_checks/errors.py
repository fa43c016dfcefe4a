"""Refusals of the test of cameras."""

from __future__ import annotations

from veilleur.kernel.errors import ConflictError


class CheckIncompleteError(ConflictError):
    """A camera of the post was not ticked."""

    code = "camera_check_incomplete"


class CheckBlindError(ConflictError):
    """A camera that gives no picture cannot have been seen: it is told as a defect, with a note."""

    code = "camera_check_blind"
