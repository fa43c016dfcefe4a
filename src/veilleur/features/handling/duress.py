"""Practice P1: duress of the customer. The dossier turns at once and in silence; what the customer's side could
see or hear is locked until the chef de salle or the outcome of the police call releases it.

The lock itself is a column of the dossier (`duress_locked`), so that incidents' closing and verification obey it too.
"""

from __future__ import annotations

from veilleur.features.handling.place import Place
from veilleur.features.handling.tables import Call
from veilleur.features.incidents.case import Case
from veilleur.features.incidents.commands import open_incident, release_duress, take, turn_to_duress
from veilleur.features.incidents.errors import DuressLockedError
from veilleur.features.incidents.model import Opening
from veilleur.kernel.errors import InvalidError

#: What may allow, under duress, an act that the customer's side notices: the site's consigne says so, or the
#: police agree. Each is written in the entry of the act.
BASES = ("consigne", "police")

#: Outcomes told by the police after which nobody is under threat any more.
RELEASING_OUTCOMES = frozenset({"arrest", "nothing_found"})

#: Put in `headline.marks`: the room sees it, nothing rings.
SILENT_MARK = "silent"


def refuse_under_duress(case: Case, what: str, basis: str | None = None) -> None:
    """Raises DuressLockedError while a duress is locked and no basis allows the act.

    `what`: call | send_agent | recall_agent | message | unjustified | cancel. Recalling an agent, automatic messages and
    «alarme injustifiée» have no basis: only the release opens them. Raises InvalidError on an unknown basis.
    """
    if basis is not None and basis not in BASES:
        raise InvalidError(f"«{basis}» is no basis.", field="basis", value=basis, known=list(BASES))
    if case.incident.duress_locked and (basis is None or what not in ("call", "send_agent")):
        raise DuressLockedError(what=what)


def turn_duress(place: Place, call: Call) -> None:
    """A duress word was heard on this call. Without a dossier one opens, held by who heard it, without a ring."""
    act = place.act
    entry = act.entries[-1]
    if place.dossier is None:
        incident_id = open_incident(act, _opening(place, call), None, None)
        if act.actor.kind == "user" and act.actor.id is not None:
            take(act, incident_id)
        call.incident_id, call.entry_id = incident_id, act.entries[-1]
    else:
        incident_id = place.dossier.incident.id
        turn_to_duress(act, incident_id, entry)
    incident = place.dossier.incident if place.dossier else None
    if incident is not None:
        marks = list(incident.headline.get("marks", []))
        if SILENT_MARK not in marks:
            incident.headline = {**incident.headline, "marks": [*marks, SILENT_MARK]}


def _opening(place: Place, call: Call) -> Opening:
    return Opening(
        site_id=place.site.id,
        group="main",
        family="person",
        category="duress",
        priority=1,
        needs_operator=True,
        procedure_event="duress",
        limits={},
        headline={
            "code": None, "dialect": "internal", "category": "duress", "qualifier": "new", "zone": None,
            "zone_name": None, "area": None, "user": None, "text": call.label, "marks": [SILENT_MARK],
        },
        duress=True,
    )  # fmt: skip


def release_by_outcome(case: Case, door: str, outcome: str, entry_id: int) -> None:
    """The police told the outcome of the persons' door: it releases the lock when nobody is threatened any more."""
    if case.incident.duress_locked and door == "persons" and outcome in RELEASING_OUTCOMES:
        release_duress(case.act, case.incident.id, "police_outcome", entry_id=entry_id)
