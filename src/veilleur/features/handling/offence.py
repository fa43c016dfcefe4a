"""A person says on the telephone that an offence is in progress, outside any dossier: one is there at once (need 4, P4).

What he says is a clue, once it can no longer be undone: never a proof alone, whoever he is. The police door stays «à
justifier».
"""

from __future__ import annotations

from sqlalchemy import select

from veilleur.features.handling.clues import start_verification
from veilleur.features.handling.duress import TURNED, hold
from veilleur.features.handling.place import Place
from veilleur.features.handling.tables import Call
from veilleur.features.incidents.case import Case, lock_incident
from veilleur.features.incidents.commands import open_incident
from veilleur.features.incidents.model import Opening
from veilleur.features.incidents.tables import Incident

#: Put in `headline.marks`: no signal opened it, and no sentence may say that one did.
TOLD_MARK = "by_phone"


def place_of_offence(place: Place, call: Call, understood: str | None) -> Place:
    """Where a call goes on once its person is understood: unchanged, unless he tells an offence outside any dossier.

    Then the call joins the site's most urgent open dossier about an intrusion or a person; without one, a dossier opens.
    Whoever is on the telephone holds it, unless somebody already does. It does not wait for the delay to undo: undone,
    the dossier stays, to be closed with its cause.
    """
    if understood != "offence" or place.dossier is not None:
        return place
    act = place.act
    case = _standing(place)
    if case is None:
        incident_id = open_incident(act, _opening(place, call.label), None, None)
        hold(act, incident_id)
    else:
        incident_id = case.incident.id
        if case.incident.owner_id is None:
            hold(act, incident_id)
    told = Place(act, place.site, lock_incident(act, incident_id))
    call.entry_id = told.record("call.offence_told", {"label": call.label}, acted=True)
    call.incident_id = incident_id
    start_verification(told)
    return told


def _standing(place: Place) -> Case | None:
    found = place.act.session.scalar(
        select(Incident.id)
        .where(Incident.site_id == place.site.id, Incident.closed_at.is_(None), Incident.family.in_(TURNED))
        .order_by(Incident.priority, Incident.opened_at)
        .limit(1)
    )
    return None if found is None else lock_incident(place.act, found)


def _opening(place: Place, label: str) -> Opening:
    """An intrusion confirmed by a person (P8: priority 2), with the procedure and the doors of an intrusion."""
    return Opening(
        site_id=place.site.id,
        group="main",
        family="intrusion",
        category="intrusion",
        priority=2,
        needs_operator=True,
        procedure_event="intrusion",
        limits={},
        headline={
            "code": None, "dialect": "internal", "category": "intrusion", "qualifier": "new", "zone": None,
            "zone_name": None, "area": None, "user": None, "text": label, "marks": [TOLD_MARK],
        },
    )  # fmt: skip
