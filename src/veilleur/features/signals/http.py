"""Routes of the installer on the telephone: frames as they come, and ghosts that become panels."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from veilleur.features.http import ActDep, ClockDep, ReadDep, ReaderDep, allow, feature_router
from veilleur.features.signals import commands, queries
from veilleur.features.signals.policy import POLICY
from veilleur.features.signals.proposing import SiteProposed, proposed_sites
from veilleur.features.signals.views import FramePage, GhostView

router = feature_router()

Filter = Annotated[str | None, Query(max_length=64)]


class Adoption(BaseModel):
    """Which site takes the account."""

    site_id: int


class Adopted(BaseModel):
    """The panel that the account became."""

    panel_id: int
    site_id: int


@router.get("/monitor")
@allow(POLICY, "monitor.read")
def monitor(
    session: ReadDep,
    reader: ReaderDep,
    clock: ClockDep,
    *,
    line: Filter = None,
    account: Filter = None,
    peer: Filter = None,
    after: Annotated[int | None, Query(ge=0)] = None,
) -> FramePage:
    """Frames newest first; ask again with the `after` of the answer."""
    return queries.monitor(session, reader, clock.now(), line=line, account=account, peer=peer, after=after)


@router.get("/ghosts")
@allow(POLICY, "ghost.read")
def ghosts(
    session: ReadDep, reader: ReaderDep, *, line: Filter = None, account: Filter = None, peer: Filter = None
) -> list[GhostView]:
    """Accounts that no panel has."""
    return queries.ghosts(session, reader, line=line, account=account, peer=peer)


@router.get("/ghosts/{ghost_id}/sites")
@allow(POLICY, "ghost.read")
def ghost_sites(ghost_id: int, session: ReadDep, reader: ReaderDep) -> list[SiteProposed]:
    """Sites that the account could be of, the best first."""
    return proposed_sites(session, reader, ghost_id)


@router.post("/ghosts/{ghost_id}/adopt")
@allow(POLICY, "ghost.adopt")
def adopt(ghost_id: int, told: Adoption, act: ActDep) -> Adopted:
    """Makes the account a panel of a site."""
    panel_id = commands.adopt_ghost(act, ghost_id, told.site_id)
    return Adopted(panel_id=panel_id, site_id=told.site_id)
