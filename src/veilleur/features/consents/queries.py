"""Which homes may be looked into by consent, now."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from veilleur.db.engine import ReadSession
from veilleur.features.cameras.tables import Camera
from veilleur.features.consents.tables import HomeConsent
from veilleur.features.handling.tables import Call
from veilleur.features.incidents.tables import Incident


def running_consents(
    session: ReadSession,
    now: datetime,
    *,
    sites: Collection[int] | None = None,
    incident_id: int | None = None,
) -> Sequence[HomeConsent]:
    """Consents that hold: not over, not withdrawn, their dossier open and without duress; of these sites, of this dossier."""
    query = (
        select(HomeConsent)
        .join(Incident, Incident.id == HomeConsent.incident_id)
        .where(
            HomeConsent.until > now,
            HomeConsent.withdrawn_at.is_(None),
            Incident.closed_at.is_(None),
            Incident.duress.is_(False),
        )
        .order_by(HomeConsent.id)
    )
    if sites is not None:
        query = query.where(HomeConsent.site_id.in_(sites))
    if incident_id is not None:
        query = query.where(HomeConsent.incident_id == incident_id)
    return session.scalars(query.execution_options(populate_existing=True)).all()


def call_of_consent(session: ReadSession, incident_id: int) -> Call | None:
    """The call under way on which somebody may consent: an identified contact, whose word was right."""
    return session.scalars(
        select(Call)
        .where(
            Call.incident_id == incident_id,
            Call.ended_at.is_(None),
            Call.undone_at.is_(None),
            Call.identified,
            Call.word == "right",
            Call.person_id.is_not(None),
        )
        .order_by(Call.id.desc())
    ).first()


def has_home_cameras(session: ReadSession, site_id: int) -> bool:
    """Whether a site has cameras of the regime «home»."""
    query = select(Camera.id).where(
        Camera.site_id == site_id, Camera.regime == "home", Camera.removed_at.is_(None)
    )
    return session.scalars(query.limit(1)).first() is not None
