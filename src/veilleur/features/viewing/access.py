"""Whether a person may look at a camera, and the rule that says no (need 11, R253-3, L252-4, practice «Regime per camera»).

Pure but for its reading: facts are read once for all the cameras of an opening, then each is judged alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.tables import Authorisation, Camera, CameraStatus
from veilleur.features.incidents.limits import FAULT_PRIORITY
from veilleur.features.incidents.tables import Incident
from veilleur.features.people.queries import today
from veilleur.features.sites.tables import Area
from veilleur.kernel.ports import Reader, Scope

#: Both vidéoprotection: they need an authorisation, and the title of who watches public places.
PUBLIC = ("public_road", "public_place")

#: Activities of which one must be in the titles, by regime (R253-3, L613-13).
ACTIVITIES: Mapping[str, tuple[str, ...]] = {
    "public_road": ("video",),
    "public_place": ("video",),
    "private": ("video", "remote_monitoring"),
    "home": ("video", "remote_monitoring"),
}

#: Families whose open dossier is an alarm of the site, as a home asks (practice, «Regime per camera»).
ALARM_FAMILIES = ("intrusion", "fire", "person", "technical")


@dataclass(frozen=True)
class Refusal:
    """Why a camera is refused to a person, with the rule and the document that would allow it."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Facts:
    """What the rules look at beside the camera and the person."""

    today: date
    now: datetime
    authorisations: Mapping[int, Authorisation]
    armed_sites: frozenset[int]
    running: Mapping[int, str]
    """Camera → address of the listener of the recorder that holds its lease."""
    incident: Incident | None = None


#: By the database's clock: leases are timed by it, whatever the clock of a demonstration says.
LEASES = "SELECT camera_id, address FROM camera_lease WHERE camera_id = ANY(:ids) AND until > now()"


def facts_of(
    session: ReadSession, cameras: Sequence[Camera], now: datetime, incident: Incident | None = None
) -> Facts:
    """What is known now about these cameras: four queries, whatever their number."""
    wanted = {camera.authorisation_id for camera in cameras if camera.authorisation_id is not None}
    papers = session.scalars(select(Authorisation).where(Authorisation.id.in_(wanted)))
    sites = {camera.site_id for camera in cameras if camera.regime == "home"}
    armed = session.scalars(select(Area.site_id).where(Area.site_id.in_(sites), Area.armed.is_(True)))
    leases = session.execute(text(LEASES), {"ids": [camera.id for camera in cameras]})
    return Facts(
        today=today(session, now),
        now=now,
        authorisations={paper.id: paper for paper in papers},
        armed_sites=frozenset(armed),
        running={row.camera_id: row.address for row in leases},
        incident=incident,
    )


def cameras_by_id(session: ReadSession, ids: Iterable[int]) -> dict[int, Camera]:
    """Cameras that are in use, by id, whoever reads."""
    query = select(Camera).where(Camera.id.in_(set(ids)), Camera.removed_at.is_(None))
    return {camera.id: camera for camera in session.scalars(query)}


def retention_of(camera: Camera, facts: Facts) -> timedelta:
    """How long pictures of a camera may be kept: its own setting, capped by the authorisation (L252-5)."""
    paper = facts.authorisations.get(camera.authorisation_id or 0)
    return timedelta(
        days=min(camera.retention_days, paper.retention_days if paper else camera.retention_days)
    )


def visible(camera: Camera, reader: Reader) -> bool:
    """Whether the camera is in the reader's perimeter and titles: otherwise it is absent from every list (need 11)."""
    return title_refusal(camera, reader) is None


def title_refusal(camera: Camera, reader: Reader) -> Refusal | None:
    """Need 11: the designation that lacks the commune or the system, or the title that lacks the activity."""
    scope = Scope(camera.organisation, camera.customer_id, camera.commune)
    if not reader.perimeter.holds(scope):
        params = {"document": "designation", "rule": "R253-3", "commune": camera.commune}
        return Refusal("camera_not_designated", params)
    kept = ACTIVITIES.get(camera.regime, ("video",))
    if not reader.activities & set(kept):
        document = "designation_or_card" if camera.regime in PUBLIC else "card"
        rule = "R253-3" if camera.regime in PUBLIC else "L612-20"
        return Refusal("camera_title", {"document": document, "rule": rule, "activity": kept[0]})
    return None


def refusal(camera: Camera, reader: Reader, kind: str, facts: Facts) -> Refusal | None:
    """Why this reader may not look at this camera now; None when he may. `kind`: live | recorded | lifted.

    The law comes before the machine: what is forbidden is said even when nothing runs.
    """
    refused = (
        title_refusal(camera, reader)
        or _role_refusal(camera, reader, kind)
        or paper_refusal(camera, facts)
        or _home_refusal(camera, facts)
        or _suspension(camera, kind)
    )
    if refused is not None:
        return refused
    if kind == "recorded" and not camera.record:
        return Refusal("camera_not_recorded")
    return None if camera.id in facts.running else Refusal("camera_not_running")


def _role_refusal(camera: Camera, reader: Reader, kind: str) -> Refusal | None:
    allowed = camera.recorded_roles if kind == "recorded" else camera.live_roles
    if reader.roles & set(allowed):
        return None
    return Refusal("camera_role", {"rule": "L252-2", "roles": list(allowed)})


def paper_refusal(camera: Camera, facts: Facts) -> Refusal | None:
    """Vidéoprotection without a valid authorisation (L252-1, L252-4)."""
    if camera.regime not in PUBLIC:
        return None
    paper = facts.authorisations.get(camera.authorisation_id or 0)
    if paper is None:
        return Refusal("camera_unauthorised", {"document": "authorisation", "rule": "L252-1"})
    if paper.expires_on < facts.today:
        params = {"number": paper.number, "expired_on": paper.expires_on.isoformat(), "rule": "L252-4"}
        return Refusal("camera_unauthorised", {"document": "authorisation", **params})
    return None


def _home_refusal(camera: Camera, facts: Facts) -> Refusal | None:
    """A home: no image unless an alarm of its site is open and an area armed (practice, «Regime per camera»)."""
    if camera.regime != "home":
        return None
    incident = facts.incident
    alarm = (
        incident is not None
        and incident.site_id == camera.site_id
        and incident.closed_at is None
        and incident.family in ALARM_FAMILIES
        and incident.priority < FAULT_PRIORITY
    )
    if not alarm:
        return Refusal("camera_home", {"lacks": "alarm", "rule": "RGPD art. 6"})
    return (
        None
        if camera.site_id in facts.armed_sites
        else Refusal("camera_home", {"lacks": "armed", "rule": "RGPD art. 6"})
    )


def _suspension(camera: Camera, kind: str) -> Refusal | None:
    """Suspended: nothing is shown now (what would be seen is what may not be); what was recorded before stays."""
    if camera.suspended_at is None or kind == "recorded":
        return None
    return Refusal("camera_suspended", {"reason": camera.suspended_reason})


def status_of(session: ReadSession, ids: Iterable[int]) -> dict[int, CameraStatus]:
    """What recorders last saw of cameras."""
    return {
        row.camera_id: row
        for row in session.scalars(select(CameraStatus).where(CameraStatus.camera_id.in_(set(ids))))
    }
