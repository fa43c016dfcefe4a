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
from veilleur.features.cameras.model import REGIMES, home_open, kept_days, may_record
from veilleur.features.cameras.queries import lens_of
from veilleur.features.cameras.tables import Authorisation, Camera
from veilleur.features.consents.queries import running_consents
from veilleur.features.incidents.limits import FAULT_PRIORITY
from veilleur.features.incidents.tables import Incident
from veilleur.features.people.model import OTHER_REFERENCES, REASONS, TitleCard
from veilleur.features.people.queries import titles_of, today
from veilleur.features.sites.tables import Area
from veilleur.kernel.ports import Reader

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
    consented_sites: frozenset[int] = frozenset()
    """Homes whose person lets us look now, by a consent of this very dossier."""
    titles: tuple[TitleCard, ...] = ()
    """The reader's: a refusal names the document that falls short (need 11)."""


#: By the database's clock: leases are timed by it, whatever the clock of a demonstration says.
LEASES = "SELECT camera_id, address FROM camera_lease WHERE camera_id = ANY(:ids) AND until > now()"


def facts_of(
    session: ReadSession,
    cameras: Sequence[Camera],
    now: datetime,
    incident: Incident | None = None,
    *,
    reader: Reader | None = None,
) -> Facts:
    """What is known now about these cameras and this reader: six queries, whatever their number."""
    wanted = {camera.authorisation_id for camera in cameras if camera.authorisation_id is not None}
    papers = session.scalars(select(Authorisation).where(Authorisation.id.in_(wanted)))
    sites = {camera.site_id for camera in cameras if camera.regime == "home"}
    armed = session.scalars(select(Area.site_id).where(Area.site_id.in_(sites), Area.armed.is_(True)))
    consents = (
        running_consents(session, now, sites=sites, incident_id=incident.id) if incident and sites else []
    )
    leases = session.execute(text(LEASES), {"ids": [camera.id for camera in cameras]})
    return Facts(
        today=today(session, now),
        now=now,
        authorisations={paper.id: paper for paper in papers},
        armed_sites=frozenset(armed),
        running={row.camera_id: row.address for row in leases},
        incident=incident,
        consented_sites=frozenset(consent.site_id for consent in consents),
        titles=tuple(titles_of(session, reader.user_id)) if reader is not None else (),
    )


def cameras_by_id(session: ReadSession, ids: Iterable[int]) -> dict[int, Camera]:
    """Cameras that are in use, by id, whoever reads."""
    query = select(Camera).where(Camera.id.in_(set(ids)), Camera.removed_at.is_(None))
    return {camera.id: camera for camera in session.scalars(query)}


def retention_of(camera: Camera, facts: Facts) -> timedelta:
    """How long pictures of a camera may be kept: its own setting, capped by the authorisation (L252-5)."""
    paper = facts.authorisations.get(camera.authorisation_id or 0)
    return timedelta(
        days=kept_days(camera.regime, camera.retention_days, paper.retention_days if paper else None)
    )


def visible(camera: Camera, reader: Reader) -> bool:
    """Whether the camera is in the reader's perimeter and titles: otherwise it is absent from every list (need 11)."""
    return lens_of(camera).admits(reader)


def _of_person(camera: Camera, reader: Reader, kind: str, facts: Facts) -> Refusal | None:
    """Need 11: the designation that lacks the commune or system, the title that lacks the activity, the camera's roles."""
    code = lens_of(camera).refused(reader, kind)
    if code is None:
        return None
    if code == "camera_role":
        return Refusal(code, {"rule": "L252-2", "kind": kind})
    more = {"commune": camera.commune} if code == "camera_outside" else {}
    return Refusal(code, {**_document(camera, facts), **more})


def _document(camera: Camera, facts: Facts) -> dict[str, Any]:
    """The title that came nearest to allowing this camera: its kind, its number, and why it falls short."""
    activity = REGIMES[camera.regime].activity or "video"
    judged = [(card.serves(activity, facts.today), card) for card in facts.titles]
    order = [None, *REASONS]
    reason, near = min(judged, key=lambda pair: order.index(pair[0]), default=("missing", None))
    kind = near.kind if near is not None else "designation"
    rule = OTHER_REFERENCES["designation"] if reason is None else REASONS[reason]
    rule = OTHER_REFERENCES.get(kind, rule)
    number = near.number if near is not None else None
    return {"document": kind, "number": number, "reason": reason, "rule": rule, "activity": activity}


def refusal(camera: Camera, reader: Reader, kind: str, facts: Facts) -> Refusal | None:
    """Why this reader may not look at this camera now; None when he may. `kind`: live | recorded | lifted.

    The law comes before the machine: what is forbidden is said even when nothing runs.
    """
    refused = (
        _of_person(camera, reader, kind, facts)
        or paper_refusal(camera, facts)
        or _home_refusal(camera, kind, facts)
        or _suspension(camera, kind)
    )
    if refused is not None:
        return refused
    if kind == "recorded" and not camera.record:
        return Refusal("camera_not_recorded")
    return None if camera.id in facts.running else Refusal("camera_not_running")


def paper_refusal(camera: Camera, facts: Facts) -> Refusal | None:
    """Vidéoprotection without a valid authorisation (L252-1, L252-4)."""
    paper = facts.authorisations.get(camera.authorisation_id or 0)
    if may_record(camera.regime, paper.expires_on if paper else None, facts.today):
        return None
    if paper is None:
        return Refusal("camera_unauthorised", {"document": "authorisation", "rule": "L252-1"})
    params = {"number": paper.number, "expired_on": paper.expires_on.isoformat(), "rule": "L252-4"}
    return Refusal("camera_unauthorised", {"document": "authorisation", **params})


def _home_refusal(camera: Camera, kind: str, facts: Facts) -> Refusal | None:
    """A home: no image unless an alarm of its site is open and an area armed, or the person consents to be looked at now
    (practice, «Regime per camera»)."""
    incident = facts.incident
    alarm = (
        incident is not None
        and incident.site_id == camera.site_id
        and incident.closed_at is None
        and incident.family in ALARM_FAMILIES
        and incident.priority < FAULT_PRIORITY
    )
    armed = camera.site_id in facts.armed_sites
    consent = kind == "live" and camera.site_id in facts.consented_sites
    if home_open(camera.regime, alarm=alarm, armed=armed, consent=consent):
        return None
    return Refusal("camera_home", {"lacks": "armed" if alarm else "alarm", "rule": "RGPD art. 6, CP 226-1"})


def _suspension(camera: Camera, kind: str) -> Refusal | None:
    """Suspended: nothing is shown now (what would be seen is what may not be); what was recorded before stays."""
    if camera.suspended_at is None or kind == "recorded":
        return None
    return Refusal("camera_suspended", {"reason": camera.suspended_reason})
