"""Last signs of life, for the installer on the telephone: a link test (NULL) makes no signal, and must be seen all the same.

Nothing is written for this page: the receptions already flush when each path was last heard, once a second for all of
them (reception/lastseen.py). What was heard last is a link test when no signal, nor a copy of one, came by that path then.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import func, or_, select

from veilleur.db.engine import ReadSession
from veilleur.db.perimeter import within
from veilleur.features.signals.tables import Signal, SignalCopy
from veilleur.features.sites.tables import Panel, Path, PathSeen, Site
from veilleur.kernel.ports import Reader
from veilleur.protocols.dc09 import canonical_account

SIGNS_SHOWN = 20
#: Signals of a site among which the one that a path brought last is looked for: a look must cost the same after years.
RECENT = 50


class SignOfLife(BaseModel):
    """When a panel was last heard on a path. `interval`: seconds expected between signs; null: not supervised."""

    path_id: int
    account: str
    line: str | None
    path: str
    site_id: int
    site_name: str
    at: datetime
    kind: Literal["link_test", "signal"]
    interval: int | None


def signs_of_life(
    session: ReadSession, reader: Reader, *, line: str | None, account: str | None
) -> list[SignOfLife]:
    """The paths heard last, newest first, of an account or a line or of all; inside the reader's perimeter."""
    chosen = (
        select(Path, Panel, Site, PathSeen.last_seen, _brought())
        .join(Path, Path.id == PathSeen.path_id)
        .join(Panel, Panel.id == Path.panel_id)
        .join(Site, Site.id == Panel.site_id)
        .where(Path.removed_at.is_(None), Panel.removed_at.is_(None), within(reader.perimeter, Site))
        .order_by(PathSeen.last_seen.desc())
        .limit(SIGNS_SHOWN)
    )
    if account:
        chosen = chosen.where(Panel.canonical == canonical_account(account))
    if line:
        chosen = chosen.where(or_(Panel.line.is_(None), func.lower(Panel.line) == line.lower()))
    return [
        SignOfLife(
            path_id=path.id,
            account=panel.account,
            line=panel.line,
            path=path.name,
            site_id=site.id,
            site_name=site.name,
            at=seen,
            kind="signal" if brought is not None and brought >= seen else "link_test",
            interval=path.interval,
        )
        for path, panel, site, seen, brought in session.execute(chosen)
    ]


def _brought() -> Any:
    """When the path last brought a signal or a copy of one; null: not among the last of its site."""
    recent = (
        select(Signal.id, Signal.path_id, Signal.received_at)
        .where(Signal.site_id == Panel.site_id)
        .order_by(Signal.id.desc())
        .limit(RECENT)
        .correlate(Panel)
        .subquery()
    )
    copied = (
        select(func.max(SignalCopy.received_at)).where(SignalCopy.signal_id == recent.c.id).scalar_subquery()
    )
    latest = func.max(func.greatest(recent.c.received_at, copied))
    return select(latest).where(recent.c.path_id == Path.id).correlate(Path, Panel).scalar_subquery()
