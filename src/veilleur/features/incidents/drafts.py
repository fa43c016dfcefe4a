"""Drafts of the capture bar: one per person and dossier, kept within a second (operator.md U6). Untraced."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from veilleur.db.engine import ReadSession
from veilleur.features.incidents.tables import Draft
from veilleur.kernel.errors import InvalidError
from veilleur.logbook.act import Act

#: A person keeps at most this many drafts; the oldest are forgotten (jobs sweep those of 30 days).
MOST = 200


def keep_draft(act: Act, user_id: int, key: str, words: str, *, age_ms: int) -> None:
    """Keeps a draft; the time of its first key stands as long as the draft lives. Raises InvalidError over MOST."""
    held = act.session.scalars(select(Draft.key).where(Draft.user_id == user_id)).all()
    if key not in held and len(held) >= MOST:
        raise InvalidError("Too many drafts: send or empty one.", field="key", most=MOST)
    first_key_at = act.now - timedelta(milliseconds=max(0, age_ms))
    fresh = insert(Draft).values(
        user_id=user_id, key=key, text=words, first_key_at=first_key_at, saved_at=act.now
    )
    act.session.execute(
        fresh.on_conflict_do_update(
            index_elements=[Draft.user_id, Draft.key], set_={"text": words, "saved_at": act.now}
        )
    )


def drop_draft(act: Act, user_id: int, key: str) -> None:
    """Forgets a draft, sent or emptied."""
    act.session.execute(delete(Draft).where(Draft.user_id == user_id, Draft.key == key))


def drafts_of(session: ReadSession, user_id: int) -> dict[str, tuple[str, datetime]]:
    """A person's drafts: key → words, time of the first key (UTC)."""
    rows = session.scalars(select(Draft).where(Draft.user_id == user_id).order_by(Draft.key))
    return {row.key: (row.text, row.first_key_at) for row in rows}
