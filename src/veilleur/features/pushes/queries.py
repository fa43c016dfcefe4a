"""Whose token it is."""

from __future__ import annotations

import hmac

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.pushes.commands import hash_push_token
from veilleur.features.pushes.tables import CameraPush


def camera_of_token(session: ReadSession, value: str) -> int | None:
    """The camera that this token is for; None: none. Only hashes are compared, in constant time."""
    wanted = hash_push_token(value)
    row = session.execute(
        select(CameraPush.camera_id, CameraPush.token_hash).where(CameraPush.token_hash == wanted)
    ).one_or_none()
    return row.camera_id if row is not None and hmac.compare_digest(bytes(row.token_hash), wanted) else None
