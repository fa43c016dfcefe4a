"""Availability read for one person: the cameras that exist for him, the paths of his perimeter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, text

from veilleur.db.engine import ReadSession
from veilleur.features.availability.days import rows_between
from veilleur.features.availability.model import Measured, bounds_of, day_of, share, together, within
from veilleur.features.availability.paths import path_rows
from veilleur.features.availability.tables import CameraDay
from veilleur.features.availability.views import (
    Availability,
    CameraAvailability,
    DayView,
    FaultCount,
    GapView,
    MaskChecks,
    Named,
)
from veilleur.features.cameras.queries import lens_of
from veilleur.features.cameras.reading import NOT_OPENED
from veilleur.features.cameras.tables import Camera, CameraFault
from veilleur.features.people.queries import centre_zone
from veilleur.features.sites.tables import Site
from veilleur.kernel.errors import InvalidError
from veilleur.kernel.ports import Reader
from veilleur.video.model import Gap, from_wall, to_wall

#: A longer period is asked in parts: a quarter of many cameras is a page of some megabytes already.
MOST_DAYS = 92

#: Gaps that are told one by one, per camera: a camera that dies each minute has its figures and its longest gaps.
MOST_GAPS = 500

#: A recorder adds to a day every five minutes, three minutes late: nobody can have measured what is newer.
MEASURED_LATE = timedelta(minutes=15)

SECOND = 1_000_000

# The checks of legal masks in a period, and the masks there are now, per camera.
CHECKS = text("""
SELECT c.camera, count(*) AS checks, count(*) FILTER (WHERE c.state = 'lost') AS lost, max(c.happened_at) AS last_at
FROM (SELECT (convert_from(b.body, 'UTF8')::jsonb #>> '{params,camera}')::bigint AS camera,
             convert_from(b.body, 'UTF8')::jsonb #>> '{params,state}' AS state, e.happened_at
      FROM entry e JOIN entry_payload b ON b.payload_of = e.id
      WHERE e.kind = 'camera.mask_checked' AND e.happened_at >= :since AND e.happened_at < :until
        AND length(b.body) > 0) c GROUP BY 1""")
MASKS = text(
    "SELECT camera_id, count(*) AS masks FROM camera_mask WHERE kind = 'legal' AND removed_at IS NULL GROUP BY camera_id"
)


@dataclass
class Known:
    """What is known of all cameras in a period."""

    start: int
    end: int
    zone: ZoneInfo
    rows: dict[int, list[CameraDay]] = field(default_factory=dict)
    faults: dict[int, list[CameraFault]] = field(default_factory=dict)
    checks: Mapping[int, Any] = field(default_factory=dict)
    masks: Mapping[int, int] = field(default_factory=dict)


def availability(
    session: ReadSession, reader: Reader, days: tuple[date, date], now: datetime, *, camera: int | None = None
) -> Availability:
    """The period from the first of `days` to the last, both whole; `camera`: of this one only, without paths.

    Raises InvalidError.
    """
    first, last = days
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise InvalidError(
            "A period has at most 92 days, and ends after it began.", field="to", most=MOST_DAYS
        )
    zone = centre_zone(session)
    start, end = bounds_of(first, last, zone)
    end = max(start, min(end, to_wall(now - MEASURED_LATE)))
    known = _known(session, first, last, Known(start, end, zone))
    query = select(Camera, Site).join(Site, Site.id == Camera.site_id)
    query = query.where(or_(Camera.removed_at.is_(None), Camera.removed_at > from_wall(start)))
    if camera is not None:
        query = query.where(Camera.id == camera)
    shown = [
        _camera(row, site, known)
        for row, site in session.execute(query.order_by(Camera.sort_key, Camera.id))
        if lens_of(row).admits(reader) and row.source.get("kind") not in NOT_OPENED
    ]
    paths = path_rows(session, reader, start, end) if camera is None else []
    return Availability(first=first, last=last, until=from_wall(end), cameras=shown, paths=paths)


def _known(session: ReadSession, first: date, last: date, known: Known) -> Known:
    for row in rows_between(session, first, last):
        known.rows.setdefault(row.camera_id, []).append(row)
    since, until = from_wall(known.start), from_wall(known.end)
    faults = select(CameraFault).where(
        CameraFault.since < until, or_(CameraFault.until.is_(None), CameraFault.until > since)
    )
    for fault in session.scalars(faults.order_by(CameraFault.since)):
        known.faults.setdefault(fault.camera_id, []).append(fault)
    checks = session.execute(CHECKS, {"since": since, "until": until})
    known.checks = {row.camera: row for row in checks if row.camera is not None}
    known.masks = {row.camera_id: row.masks for row in session.execute(MASKS)}
    return known


def _camera(camera: Camera, site: Site, known: Known) -> CameraAvailability:
    rows = known.rows.get(camera.id, [])
    measured = [
        Measured(to_wall(row.since), to_wall(row.until), tuple(Gap(*each) for each in row.missing))
        for row in rows
    ]
    end = known.end
    if camera.removed_at is not None:
        end = min(end, to_wall(camera.removed_at))
    start = min((each.start for each in measured), default=end)
    start, end = max(start, known.start), max(end, start)
    gaps = together(measured, start, end)
    whole = share(gaps, start, end)
    told = sorted(sorted(gaps, key=lambda gap: gap.start - gap.end)[:MOST_GAPS], key=lambda gap: gap.start)
    offsets = [row.clock_offset_ms for row in rows if row.clock_offset_ms is not None]
    return CameraAvailability(
        camera=Named(id=camera.id, reference=camera.reference, name=camera.name),
        site=Named(id=site.id, reference=site.reference, name=site.name),
        regime=camera.regime,
        since=from_wall(start) if measured else None,
        due=whole.due // SECOND,
        recorded=whole.recorded // SECOND,
        excused=whole.excused // SECOND,
        rate=whole.rate,
        days=_days(gaps, start, end, known.zone),
        gaps=[_gap(gap) for gap in told],
        gaps_left=len(gaps) - len(told),
        faults=_faults(known.faults.get(camera.id, []), known),
        masks=_masks(camera.id, known),
        clock_offset_ms=max(offsets, key=abs, default=None),
    )


def _gap(gap: Gap) -> GapView:
    return GapView(
        since=from_wall(gap.start),
        until=from_wall(gap.end),
        seconds=(gap.end - gap.start) // SECOND,
        reason=gap.reason,
    )


def _days(gaps: Sequence[Gap], start: int, end: int, zone: ZoneInfo) -> list[DayView]:
    found = []
    while start < end:
        day = day_of(start, zone)
        until = min(bounds_of(day, day, zone)[1], end)
        one, inside = share(gaps, start, until), within(gaps, start, until)
        longest = max((gap.end - gap.start for gap in inside), default=0)
        found.append(
            DayView(
                day=day,
                due=one.due // SECOND,
                recorded=one.recorded // SECOND,
                rate=one.rate,
                gaps=len(inside),
                longest=longest // SECOND,
            )
        )
        start = until
    return found


def _faults(faults: Sequence[CameraFault], known: Known) -> list[FaultCount]:
    counts: dict[str, list[int]] = {}
    for fault in faults:
        until = known.end if fault.until is None else min(to_wall(fault.until), known.end)
        counts.setdefault(fault.kind, []).append(until - max(to_wall(fault.since), known.start))
    return [
        FaultCount(kind=kind, count=len(lengths), seconds=sum(lengths) // SECOND)
        for kind, lengths in sorted(counts.items())
    ]


def _masks(camera: int, known: Known) -> MaskChecks | None:
    said = known.checks.get(camera)
    masks = known.masks.get(camera, 0)
    if said is None and not masks:
        return None
    if said is None:
        return MaskChecks(masks=masks, checks=0, lost=0, last_at=None)
    return MaskChecks(masks=masks, checks=said.checks, lost=said.lost, last_at=said.last_at)
