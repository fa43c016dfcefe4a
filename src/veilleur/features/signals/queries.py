"""Reads of what was received: signals by position, the installer's monitor, ghosts, troubles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from veilleur.db.engine import ReadSession
from veilleur.db.perimeter import within
from veilleur.features.signals.signs import signs_of_life
from veilleur.features.signals.tables import Ghost, Signal, Trouble
from veilleur.features.signals.views import (
    FramePage,
    FrameView,
    GhostView,
    TroubleView,
    frame_view,
    trouble_views,
)
from veilleur.features.sites.adoption import is_account
from veilleur.features.sites.tables import Panel, Site
from veilleur.kernel.ports import Reader
from veilleur.protocols.dc09 import canonical_account

PAGE = 1_000  # signals read at once by `signals --json`: a centre keeps years of them
MONITOR_FRAMES = 200
MONITOR_TROUBLES = 50
TROUBLES_SHOWN = timedelta(minutes=10)
GHOSTS_SHOWN = 200
#: Last signals of an account whose addresses are its own: a bad CRC from there names no account, and is its all the same.
PEERS_OF = 20


def signals_after(session: ReadSession, position: int, account: str | None = None) -> Iterator[Signal]:
    """Signals behind a position, in the order of positions; those not yet placed come last.

    `account` as a panel would write it: compared without leading zeros, in upper case.
    """
    chosen = select(Signal)
    if account is not None:
        chosen = chosen.where(Signal.canonical == canonical_account(account))
    while True:
        placed = chosen.where(Signal.position > position).order_by(Signal.position).limit(PAGE)
        page = session.scalars(placed).all()
        if not page:
            break
        yield from page
        position = page[-1].position or position
        session.expunge_all()
    yield from session.scalars(chosen.where(Signal.position.is_(None)).order_by(Signal.id).limit(PAGE))


def monitor(
    session: ReadSession,
    reader: Reader,
    now: datetime,
    *,
    line: str | None = None,
    account: str | None = None,
    peer: str | None = None,
    after: int | None = None,
) -> FramePage:
    """The last frames, newest first, or those behind the position `after`; with what was refused meanwhile.

    Inside the reader's perimeter; frames of no site are for readers of the whole room.
    """
    chosen = (
        select(Signal, Site.id, Site.name)
        .outerjoin(Site, Site.id == Signal.site_id)
        .where(_visible(reader), *_filters(Signal, line, account, peer))
    )
    waiting = _frames(session, chosen.where(Signal.position.is_(None)).order_by(Signal.id.desc()))
    if after is None:
        placed = _frames(session, chosen.where(Signal.position.is_not(None)).order_by(Signal.position.desc()))
    else:
        # The oldest first, so that a reader who was away misses none; shown newest first all the same.
        placed = _frames(session, chosen.where(Signal.position > after).order_by(Signal.position))[::-1]
    positions = [frame.position for frame in placed if frame.position is not None]
    troubles = _troubles(session, now, line, account, peer) if reader.perimeter.whole else []
    # A peer is known of frames only: who asks for one asks for no path.
    signs = [] if peer else signs_of_life(session, reader, line=line, account=account)
    after = max(positions, default=after or 0)
    return FramePage(frames=waiting + placed, after=after, troubles=troubles, signs=signs)


def _frames(session: ReadSession, chosen: Select[Signal, int, str]) -> list[FrameView]:
    rows: Sequence[Any] = session.execute(chosen.limit(MONITOR_FRAMES)).all()
    return [
        frame_view(signal, None if site_id is None else (site_id, name)) for signal, site_id, name in rows
    ]


def _visible(reader: Reader) -> Any:
    if reader.perimeter.whole:
        return or_(Signal.site_id.is_(None), Site.id.is_not(None))
    return and_(Site.id.is_not(None), within(reader.perimeter, Site))


def _filters(
    table: type[Signal | Ghost], line: str | None, account: str | None, peer: str | None
) -> list[Any]:
    found: list[Any] = []
    if line:
        found.append(func.lower(table.line) == line.lower())
    if account:
        found.append(table.canonical == canonical_account(account))
    if peer:
        found.append(table.peer.startswith(peer, autoescape=True))
    return found


def _troubles(
    session: ReadSession, now: datetime, line: str | None, account: str | None, peer: str | None
) -> list[TroubleView]:
    query = select(Trouble).where(Trouble.minute > now - TROUBLES_SHOWN)
    if line:
        query = query.where(func.lower(Trouble.line) == line.lower())
    if account:
        query = query.where(_troubles_of(canonical_account(account)))
    if peer:
        query = query.where(Trouble.peer.startswith(peer, autoescape=True))
    rows = session.scalars(
        query.order_by(Trouble.minute.desc(), Trouble.count.desc()).limit(MONITOR_TROUBLES)
    )
    return [
        each for row in rows for each in trouble_views(row, canonical_account(account) if account else None)
    ]


def _troubles_of(canonical: str) -> ColumnElement[bool]:
    """What was refused to an account; and what names none, from an address whence the account spoke lately."""
    name = func.jsonb_object_keys(Trouble.detail["accounts"]).table_valued("name")
    named = exists(select(1).select_from(name).where(_canonical(name.c.name) == canonical))
    spoke = (
        select(Signal.peer).where(Signal.canonical == canonical).order_by(Signal.id.desc()).limit(PEERS_OF)
    )
    unnamed = and_(Trouble.account.is_(None), Trouble.peer.in_(spoke))
    return or_(_canonical(Trouble.account) == canonical, named, unnamed)


def _canonical(account: Any) -> ColumnElement[str]:
    """As `canonical_account`, in SQL."""
    bare = func.upper(func.trim(account))
    short = func.ltrim(bare, "0")
    return case((short == "", func.left(bare, 1)), else_=short)


def ghosts(
    session: ReadSession,
    reader: Reader,
    *,
    line: str | None = None,
    account: str | None = None,
    peer: str | None = None,
) -> list[GhostView]:
    """Accounts that no panel has, the last heard first; none for a reader of a part of the room."""
    if not reader.perimeter.whole:
        return []
    known = exists().where(
        Panel.canonical == Ghost.canonical,
        or_(Panel.line.is_(None), Panel.line == Ghost.line),
        Panel.removed_at.is_(None),
    )
    asked = _filters(Ghost, line, account, peer)
    rows = session.scalars(
        select(Ghost).where(~known, *asked).order_by(Ghost.last_seen.desc()).limit(GHOSTS_SHOWN)
    )
    return [
        GhostView(
            id=row.id,
            line=row.line,
            account=row.account,
            peer=row.peer,
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            count=row.count,
            adoptable=is_account(row.account),
        )
        for row in rows
    ]
