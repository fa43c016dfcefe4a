"""Refused logins and floods: counted per kind, peer and minute, entered once a minute (house rule 22)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from veilleur.db.engine import WriteSession
from veilleur.features.people.tables import RefusalCount
from veilleur.logbook.act import Act

#: Distinct peers counted apart in one minute; the others share one line: a peer controls how many there are.
PEERS_A_MINUTE = 200

#: How many refused logins are named in an entry.
NAMED = 5

#: The peer that stands for those beyond the bound.
OTHERS = "*"


def count_refusal(session: WriteSession, *, kind: str, peer: str, now: datetime, login: str | None) -> None:
    """Counts one refusal; `kind` is login | csrf | rate | session."""
    minute = now.replace(second=0, microsecond=0)
    known = select(func.count()).select_from(RefusalCount)
    rows = session.scalars(known.where(RefusalCount.minute == minute, RefusalCount.kind == kind)).one()
    key = {"kind": kind, "peer": peer if rows < PEERS_A_MINUTE else OTHERS, "minute": minute}
    statement = insert(RefusalCount).values(**key, count=1, detail={"logins": [login] if login else []})
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "peer", "minute"], set_={"count": RefusalCount.count + 1}
    )
    session.execute(statement)
    row = session.get(RefusalCount, tuple(key.values()), with_for_update=True, populate_existing=True)
    if row is None or login is None or login in row.detail["logins"] or len(row.detail["logins"]) >= NAMED:
        return
    row.detail = {"logins": [*row.detail["logins"], login]}


def enter_refusals(act: Act) -> int:
    """Writes one entry for each kind, peer and minute that has ended; returns how many. Safe to run twice."""
    minute = act.now.replace(second=0, microsecond=0)
    due = (
        select(RefusalCount)
        .where(RefusalCount.minute < minute, RefusalCount.entered.is_(False))
        .order_by(RefusalCount.minute, RefusalCount.kind, RefusalCount.peer)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    rows = list(act.session.scalars(due))
    for row in rows:
        act.record(
            "access.refused",
            {"what": row.kind, "peer": row.peer, "count": row.count, "logins": row.detail["logins"]},
            happened_at=row.minute + timedelta(minutes=1),
        )
        row.entered = True
    return len(rows)
