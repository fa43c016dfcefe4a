"""«Non mise en service» seen by the station itself (P8, priority 4): an area still open after its hour.

An opening sets a deadline at the next beginning of the site's closed hours, plus a tolerance. When it is due and
the area is still disarmed in closed hours, a signal of ours says so; decide() treats it as the panel's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import text

from veilleur.features.deadlines.commands import schedule
from veilleur.features.deadlines.tables import Deadline
from veilleur.features.sites.hours import Period
from veilleur.features.sites.model import SiteView
from veilleur.features.sites.queries import read_site_view
from veilleur.logbook.act import Act
from veilleur.watch.connection import TREATED
from veilleur.watch.decisions import AreaState, Decision
from veilleur.watch.internal import OwnSignal, store_own
from veilleur.watch.view import Rules

KIND = "late_close"
NOT_ARMED = "not_armed"
DAYS_AHEAD = 8
"""A weekly period begins within a week; one day more for the time that has passed today."""


# An area opened twice is expected once.
PENDING = text("""
SELECT id FROM deadline
WHERE site_id = :site_id AND kind = :kind AND due_at = :due_at AND data->>'area' = :area AND done_at IS NULL LIMIT 1""")


def next_closing(schedule: Iterable[Period], after: datetime, zone: str) -> datetime | None:
    """When closed hours next begin after an instant (UTC); None without a schedule.

    A beginning that the change to summer time skips is taken at the same reading an hour later.
    """
    local = after.astimezone(ZoneInfo(zone))
    found: list[datetime] = []
    for ahead in range(DAYS_AHEAD + 1):
        day = local.date() + timedelta(days=ahead)
        for period in schedule:
            begins = datetime.combine(day, period.start, ZoneInfo(zone)).astimezone(after.tzinfo)
            if day.isoweekday() in period.days and begins > after:
                found.append(begins)
    return min(found, default=None)


def expect_closing(act: Act, site: SiteView, decisions: Iterable[Decision], rules: Rules) -> None:
    """Sets the deadline of each area that a signal has just opened."""
    if not site.schedule or site.connection not in TREATED:
        return
    for decision in decisions:
        if isinstance(decision, AreaState) and not decision.armed:
            _expect(act, site, decision.number, act.now, rules.late_close)


def _expect(act: Act, site: SiteView, area: str, after: datetime, tolerance: int) -> None:
    begins = next_closing(site.schedule, after, site.timezone)
    if begins is not None:
        due_at = begins + timedelta(seconds=tolerance)
        data = {"area": area, "tolerance": tolerance}
        known = {"site_id": site.id, "kind": KIND, "due_at": due_at, "area": area}
        if act.session.scalar(PENDING, known) is not None:
            return
        schedule(act, KIND, due_at, site_id=site.id, data=data)


def late_to_close(act: Act, row: Deadline) -> bool:
    """The hour has come: True when the area is still open in closed hours, and a signal says so."""
    if row.site_id is None:
        return False
    site = read_site_view(act.session, row.site_id)
    area = site.area(row.data["area"])
    still_open = area is not None and area.armed is False
    if not still_open or site.connection not in TREATED or not site.closed_hours(act.now):
        return False
    panel = site.panels[0] if len(site.panels) == 1 else None
    store_own(
        act,
        [
            OwnSignal(
                site_id=site.id,
                category="open_close",
                code=NOT_ARMED,
                qualifier="new",
                panel_id=panel.id if panel else None,
                account=panel.account if panel else None,
                area=row.data["area"],
            )
        ],
    )
    _expect(act, site, row.data["area"], act.now, int(row.data["tolerance"]))
    return True
