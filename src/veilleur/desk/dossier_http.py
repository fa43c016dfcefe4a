"""The route of the whole dossier."""

from __future__ import annotations

from veilleur.desk.dossier import compose
from veilleur.desk.dossier_views import Dossier
from veilleur.features.http import ClockDep, ReadDep, ReaderDep, allow, feature_router
from veilleur.features.incidents.policy import POLICY

router = feature_router()


@router.get("/incidents/{incident_id}")
@allow(POLICY, "incident.read")
def read_dossier(incident_id: int, session: ReadDep, reader: ReaderDep, clock: ClockDep) -> Dossier:
    """Everything of a dossier. 404 outside the reader's perimeter."""
    return compose(session, incident_id, reader, clock.now())
