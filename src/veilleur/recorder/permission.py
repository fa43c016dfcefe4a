"""Whether a camera may be connected, shown and recorded now: its regime, its authorisation, its suspension. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from veilleur.features.cameras.model import home_open, may_record


@dataclass(frozen=True)
class Standing:
    """What the law and the centre say of a camera. `expires_on`: last day of its authorisation; None: it has none."""

    regime: str
    expires_on: date | None = None
    suspended: str | None = None
    """mask_lost | unauthorised | by_hand; None: it is not."""
    record: bool = True


@dataclass(frozen=True)
class Permission:
    """What may be done with a camera now. `reason`: why it is not recorded, as a gap says it; None: it is.

    `connect` without `show`: only looked at by ourselves, to see whether a lost mask is back.
    """

    connect: bool
    show: bool
    record: bool
    reason: str | None = None


def permission(standing: Standing, *, today: date, alarm: bool, consent: bool = False) -> Permission:
    """`alarm`: an incident of its site is open and one of its areas is armed (regime «home»: practice, regimes).
    `consent`: the person at home lets us look now; nothing is kept of it."""
    if (
        standing.suspended == "mask_lost"
    ):  # P11: homes behind the mask; nobody sees them, the picture is checked
        return Permission(connect=True, show=False, record=False, reason="suspended")
    if standing.suspended is not None:
        return Permission(connect=False, show=False, record=False, reason="suspended")
    if not may_record(standing.regime, standing.expires_on, today):
        return Permission(connect=False, show=False, record=False, reason="forbidden")
    if not home_open(standing.regime, alarm=alarm, armed=alarm):
        if home_open(standing.regime, alarm=alarm, armed=alarm, consent=consent):
            return Permission(connect=True, show=True, record=False, reason="forbidden")
        return Permission(connect=False, show=False, record=False, reason="forbidden")
    return Permission(connect=True, show=True, record=standing.record)
