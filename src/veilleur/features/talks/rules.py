"""Whether anybody may speak through a camera now, and the rule that says no (practice P1, «Regime per camera»)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.model import REGIMES
from veilleur.features.cameras.tables import Camera, CameraStatus
from veilleur.features.incidents.tables import Incident
from veilleur.features.people.tables import User
from veilleur.features.talks.tables import Talk
from veilleur.features.viewing.access import Refusal

#: Categories whose open dossier may have a hostage behind it: nothing is heard at the site (P1).
HOSTAGE = ("duress", "hold_up")


def forbidden(session: ReadSession, camera: Camera) -> Refusal | None:
    """What forbids any voice there: vidéoprotection, or somebody under threat. Asked again each second of a talk."""
    if not REGIMES[camera.regime].speech:
        return Refusal("talk_regime", {"rule": "L251-2, R253-1"})
    threat = select(Incident.id).where(
        Incident.site_id == camera.site_id,
        Incident.closed_at.is_(None),
        or_(Incident.duress.is_(True), Incident.category.in_(HOSTAGE)),
    )
    if session.scalars(threat.limit(1)).first() is not None:
        return Refusal("talk_duress")
    return None


def impossible(session: ReadSession, camera: Camera, now: datetime, speaker: int) -> Refusal | None:
    """What keeps this person from speaking now although it is allowed: no loudspeaker, or somebody else speaks."""
    if not has_loudspeaker(session, camera):
        return Refusal("talk_none")
    running = running_talk(session, camera.id, now)
    if running is not None and running.user_id != speaker:
        return Refusal("talk_held", {"holder": name_of(session, running.user_id)})
    return None


def has_loudspeaker(session: ReadSession, camera: Camera) -> bool:
    """Its file says so, or a recorder was told so by the camera."""
    if camera.talk:
        return True
    status = session.get(CameraStatus, camera.id, populate_existing=True)
    return status is not None and status.detail.get("talk") is True


def running_talk(session: ReadSession, camera_id: int, now: datetime) -> Talk | None:
    """Who speaks there now."""
    query = select(Talk).where(Talk.camera_id == camera_id, Talk.ended_at.is_(None), Talk.until_at > now)
    return session.scalars(query.execution_options(populate_existing=True)).first()


def name_of(session: ReadSession, user_id: int) -> str | None:
    """Whose voice it is."""
    return session.scalar(select(User.name).where(User.id == user_id))
