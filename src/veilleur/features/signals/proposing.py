"""Which site a transmitter nobody knows is probably of: proposed to whoever adopts it, never decided."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import Select, exists, func, or_, select

from veilleur.db.engine import ReadSession
from veilleur.db.perimeter import within
from veilleur.features.signals.tables import Ghost, Signal
from veilleur.features.sites.tables import Panel, Site
from veilleur.kernel.errors import NotFoundError
from veilleur.kernel.ports import Reader

PROPOSED = 4
#: Last signals among which those of the same address are looked for: a look must cost the same after years.
RECENT = 2_000

Why = Literal["account", "reference", "peer", "without_panel"]


class SiteProposed(BaseModel):
    """A site, and what speaks for it. `sure`: no other has as good a reason, and to lack a panel is none by itself."""

    id: int
    reference: str
    name: str
    town: str | None
    why: Why
    sure: bool


def proposed_sites(session: ReadSession, reader: Reader, ghost_id: int) -> list[SiteProposed]:
    """The best reason first: it had this account once; its reference is this number; its other panels speak from this
    address; it has no panel yet. Raises NotFoundError; nothing for a reader of a part of the room, as the ghosts."""
    ghost = session.get(Ghost, ghost_id)
    if ghost is None or not reader.perimeter.whole:
        raise NotFoundError("No such unknown account.", what="ghost", id=ghost_id)
    found: list[SiteProposed] = []
    seen: set[int] = set()
    for why, chosen in _reasons(ghost):
        inside = chosen.where(within(reader.perimeter, Site)).order_by(Site.id.desc()).limit(PROPOSED)
        sites = [site for site in session.scalars(inside) if site.id not in seen]
        sure = not found and len(sites) == 1 and why != "without_panel"
        seen |= {site.id for site in sites}
        found += [
            SiteProposed(
                id=site.id, reference=site.reference, name=site.name, town=site.town, why=why, sure=sure
            )
            for site in sites
        ]
    return found[:PROPOSED]


def _reasons(ghost: Ghost) -> list[tuple[Why, Select[Any]]]:
    had = exists().where(Panel.site_id == Site.id, Panel.canonical == ghost.canonical)
    digits = func.ltrim(func.regexp_replace(Site.reference, "[^0-9]", "", "g"), "0")
    named = or_(func.upper(Site.reference) == ghost.account.upper(), digits == ghost.canonical)
    last = select(Signal.site_id, Signal.peer).order_by(Signal.id.desc()).limit(RECENT).subquery()
    beside = Site.id.in_(select(last.c.site_id).where(last.c.peer == ghost.peer))
    empty = ~exists().where(Panel.site_id == Site.id, Panel.removed_at.is_(None))
    return [
        ("account", select(Site).where(had)),
        ("reference", select(Site).where(named)),
        ("peer", select(Site).where(beside)),
        ("without_panel", select(Site).where(empty, Site.connection != "terminated")),
    ]
