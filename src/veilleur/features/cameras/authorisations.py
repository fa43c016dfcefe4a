"""The end of authorisations: told 12, 6 and 4 months and 20 days before, and what it suspends (L252-4, L253-4, R252-15).

Looked at every hour by the job queue, as titles are (jobs/app.py): it may be repeated, and runs beside others.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from veilleur.features.cameras.dossiers import Entered, is_over, open_dossier, tell
from veilleur.features.cameras.faults import close_fault, open_fault
from veilleur.features.cameras.model import REGIMES, STAGES, may_record, stage_of
from veilleur.features.cameras.queries import centre_day
from veilleur.features.cameras.tables import Authorisation, Camera, CameraFault
from veilleur.features.incidents.model import PointRef
from veilleur.features.sites.queries import lock_site
from veilleur.features.sites.states import ensure_centre_site
from veilleur.kernel.errors import InvalidError, NotFoundError
from veilleur.logbook.act import Act

#: How urgent each stage is for the centre.
PRIORITY = {"12_months": 6, "6_months": 6, "4_months": 5, "20_days": 4, "ended": 3}


def watch_authorisations(act: Act) -> list[int]:
    """Tells the ends that are near, each stage once, as a dossier of the centre; those whose stage changed.

    A renewed one closes its dossier. Cameras without a running authorisation have the fault `unauthorised`, which
    suspends them; it is over when they have one again.
    """
    day = centre_day(act.session, act.now)
    rows = act.session.scalars(
        select(Authorisation).order_by(Authorisation.id).with_for_update(skip_locked=True)
    ).all()
    moved = [row.id for row in rows if _stage(act, row, day)]
    _judge_cameras(act, day)
    return moved


def _stage(act: Act, row: Authorisation, day: date) -> bool:
    stage = stage_of(row.expires_on, day)
    before = row.warned or "running"
    if stage == before:
        return False
    key = f"authorisation:{row.id}"
    site = lock_site(act.session, ensure_centre_site(act))
    params = {
        "authorisation": row.id,
        "reference": row.reference,
        "number": row.number,
        "system": row.system,
        "stage": stage,
        "expires_on": row.expires_on.isoformat(),
    }
    if STAGES.index(stage) < STAGES.index(before):  # its end moved away
        row.entry_id = act.record("authorisation.renewed", params)
        row.warned = None if stage == "running" else stage
        act.session.flush()
        incident_id = open_dossier(act, site.id, key)
        if incident_id is not None and stage == "running":
            is_over(act, incident_id, key)
        return True
    said = f"{row.system} ({row.number}), {row.expires_on:%d/%m/%Y}"
    entry = Entered("authorisation.ends_soon", params, site, {})
    tell(
        act,
        site,
        key,
        code="authorisation_ends",
        point=PointRef(key, said, "technical", None, None),
        priority=PRIORITY[stage],
        said=said,
        entry=entry,
    )
    row.warned, row.entry_id = stage, entry.entry_id
    act.session.flush()
    return True


def _judge_cameras(act: Act, day: date) -> None:
    """Opens and closes the fault `unauthorised` of cameras whose regime asks for an authorisation."""
    public = [code for code, regime in REGIMES.items() if regime.authorised]
    rows = act.session.execute(
        select(Camera.id, Camera.regime, Authorisation.expires_on)
        .outerjoin(Authorisation, Authorisation.id == Camera.authorisation_id)
        .where(Camera.removed_at.is_(None), Camera.regime.in_(public))
        .order_by(Camera.site_id, Camera.id)
    ).all()
    told = set(
        act.session.scalars(
            select(CameraFault.camera_id).where(
                CameraFault.kind == "unauthorised", CameraFault.until.is_(None)
            )
        )
    )
    for row in rows:
        lawful = may_record(row.regime, row.expires_on, day)
        if not lawful and row.id not in told:
            open_fault(act, row.id, "unauthorised", {"expired_on": _said(row.expires_on)})
        elif lawful and row.id in told:
            close_fault(act, row.id, "unauthorised")


def _said(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def renew_authorisation(
    act: Act,
    authorisation_id: int,
    *,
    number: str,
    granted_on: date | None,
    expires_on: date,
    retention_days: int | None = None,
) -> int:
    """The préfet renewed it: a new number and a new end; the entry. Its dossier and its suspensions end at once.

    `retention_days`: the most days of keeping from now on; None: as before.
    """
    row = act.session.get(Authorisation, authorisation_id, with_for_update=True)
    if row is None:
        raise NotFoundError("No such authorisation.", what="authorisation", id=authorisation_id)
    if not number.strip() or (granted_on is not None and granted_on > expires_on):
        raise InvalidError("A renewal has a number, and ends after it begins.", field="expires_on")
    params = {
        "authorisation": row.id,
        "reference": row.reference,
        "number": number.strip(),
        "before": {"number": row.number, "expires_on": row.expires_on.isoformat()},
        "system": row.system,
        "expires_on": expires_on.isoformat(),
    }
    if retention_days is not None and retention_days != row.retention_days:
        params["retention_days"] = retention_days
    cameras = select(Camera.id).where(Camera.authorisation_id == row.id, Camera.removed_at.is_(None))
    shown = sorted(act.session.scalars(cameras))
    entry_id = act.record("authorisation.renewed", params, touched={"camera": shown} if shown else {})
    row.retention_days = retention_days or row.retention_days
    row.number, row.granted_on, row.expires_on, row.entry_id = (
        number.strip(),
        granted_on,
        expires_on,
        entry_id,
    )
    act.session.flush()
    watch_authorisations(act)
    return entry_id
