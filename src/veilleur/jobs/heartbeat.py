"""The outgoing heartbeat: something outside hears each minute that the whole chain was verified, and misses us else."""

from __future__ import annotations

import urllib.request
from datetime import timedelta

import structlog

from veilleur.db.engine import Database
from veilleur.features.continuity.queries import chain_state
from veilleur.jobs.channels import ChannelError, fetch
from veilleur.kernel.clock import Clock
from veilleur.settings import Outside

log = structlog.get_logger()

VERIFIED_WITHIN = timedelta(seconds=90)
"""A round each 60 s: one that did not come through is a heartbeat less."""

PATIENCE = 20.0


def beat(database: Database, clock: Clock, outside: Outside) -> bool:
    """Sends one heartbeat if the chain was verified lately; whether one was taken outside."""
    if outside.heartbeat_url is None:
        return False
    with database.read() as session:
        state = chain_state(session)
        verified = state.verified_at if state else None
    if verified is None or clock.now() - verified > VERIFIED_WITHIN:
        log.warning("heartbeat_withheld", verified_at=verified.isoformat() if verified else None)
        return False
    request = urllib.request.Request(  # noqa: S310  # the scheme is checked by the settings
        outside.heartbeat_url,
        data=b"" if outside.heartbeat_method == "POST" else None,
        method=outside.heartbeat_method,
        headers={"User-Agent": "Veilleur"},
    )
    try:
        fetch(request, PATIENCE)
    except ChannelError as fault:
        log.warning("heartbeat_refused", error=str(fault))
        return False
    return True
